/* GET /console/v1/session: who is logged in, and what the pages show it. */
#include <stdio.h>
#include <string.h>

#include "console/page.h"
#include "console/whose.h"
#include "http/admin.h"
#include "http/cookie.h"
#include "http/route.h"
#include "http/session.h"
#include "http/worker.h"
#include "wire/reply.h"

static void may_write(struct request *request, struct buffer *text)
{
    static const char admin[] = "/admin/v1/";
    char path[160];
    admin_open_member(text, "may", '[');
    for (size_t i = 0; i < route_count(request->http); i++) {
        const struct route *route = route_at(request->http, i);
        if ((route->roles & 1u << request->user->role) == 0)
            continue;
        const char *rest = route->path;
        if (strncmp(rest, admin, sizeof admin - 1) == 0)
            rest += sizeof admin - 1;
        else
            rest += strlen(REQUEST_CONSOLE_PATH);
        (void)snprintf(path, sizeof path, "%s " REQUEST_CONSOLE_PATH "%s",
                       (route->methods & METHOD_GET) != 0 ? "GET" : "POST", rest);
        admin_comma(text);
        reply_text(text, path);
    }
    buffer_char(text, ']');
}

enum turn console_session(struct request *request)
{
    char proof[COOKIE_PROOF_BYTES];
    struct merchant *merchant = NULL;
    struct fault fault;
    struct merchant_id id = request->user->merchant;
    if (id.value != 0 &&
        worker_merchant(request->http, request->arena, id, &merchant, &fault) != FAULT_NONE)
        return route_fault(request, &fault);
    cookie_proof(request, request->session, proof);
    struct buffer *text = admin_begin(request);
    reply_text_member(text, "csrf", proof);
    reply_int_member(text, "renew_seconds", CONSOLE_RENEW_SECONDS);
    session_user_write(request, text, request->user);
    reply_text_member(text, "mail", request->user->mail);
    reply_text_member(text, "merchant_name", merchant == NULL ? NULL : merchant->name);
    reply_text_member(text, "currency",
                      merchant == NULL ? NULL : currency_text(merchant->currency));
    reply_bool_member(text, "sandbox", whose_sandbox(request));
    may_write(request, text);
    return admin_end(request);
}

/* GET /console/v1/developer: what a merchant's program needs to know. */
#include <stdio.h>

#include "console/page.h"
#include "console/whose.h"
#include "http/access.h"
#include "http/admin.h"
#include "http/route.h"
#include "wire/reply.h"

enum { LINE_BYTES_MAX = 1024, URL_BYTES_MAX = 300 };

static const struct {
    const char *ending, *what;
} endings[] = {
#define ROW(ending, behaviour, reason, delay_ms, what) {#ending, what},
#include "payout/sandbox.def"
#undef ROW
};

/* As the browser calls us. */
static void url_make(const struct request *request, char url[URL_BYTES_MAX])
{
    const char *host = request_header(request, "Host");
    (void)snprintf(url, URL_BYTES_MAX, "%s://%.200s", access_secure(request) ? "https" : "http",
                   host == NULL ? "127.0.0.1" : host);
}

static void sandbox_write(struct buffer *text, const char *url)
{
    char phone[32], line[LINE_BYTES_MAX];
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        (void)snprintf(phone, sizeof phone, "070000%s", endings[i].ending);
        (void)snprintf(line, sizeof line,
                       "curl \"%s/v1/transfer/money/send/contact?lang=en&token=$TOKEN\" "
                       "--data-urlencode 'data=[{\"prefix\":\"225\",\"phone\":\"%s\","
                       "\"amount\":500,\"client_transaction_id\":\"sandbox-%s\"}]'",
                       url, phone, endings[i].ending);
        admin_comma(text);
        buffer_char(text, '{');
        reply_text_member(text, "ending", endings[i].ending);
        reply_text_member(text, "what", endings[i].what);
        reply_text_member(text, "phone", phone);
        reply_text_member(text, "curl", line);
        buffer_char(text, '}');
    }
}

static void documents_write(struct buffer *text)
{
    static const char *const names[] = {"openapi.json", "postman.json"};
    char path[32];
    admin_open_member(text, "documents", '[');
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        (void)snprintf(path, sizeof path, "/%s", names[i]);
        admin_comma(text);
        buffer_char(text, '{');
        reply_text_member(text, "name", names[i]);
        reply_text_member(text, "path", path);
        buffer_char(text, '}');
    }
    buffer_char(text, ']');
}

enum turn console_developer(struct request *request)
{
    char url[URL_BYTES_MAX], line[LINE_BYTES_MAX];
    if (!whose_merchant(request))
        return TURN_REPLY;
    const struct merchant *merchant = request->merchant;
    bool owner = (ROLE_OWNERS & 1u << request->user->role) != 0, sandbox = whose_sandbox(request);
    url_make(request, url);
    (void)snprintf(line, sizeof line,
                   "TOKEN=$(curl -s %s/v1/auth/login -d apikey=%s -d password=\"$PASSWORD\" | sed "
                   "'s/.*\"token\":\"\\([^\"]*\\).*/\\1/')",
                   url, owner ? merchant->apikey : "$APIKEY");
    struct buffer *text = admin_begin(request);
    reply_int_member(text, "merchant", merchant->id.value);
    reply_text_member(text, "apikey", owner ? merchant->apikey : NULL);
    reply_text_member(text, "url", url);
    reply_bool_member(text, "sandbox", sandbox);
    reply_text_member(text, "ip_list", merchant->ip_list);
    reply_text_member(text, "api_ip_list", merchant->api_ip_list);
    reply_text_member(text, "notify_url", merchant->notify_url);
    admin_time_member(text, "secret_before_until", merchant->secret_before_until_ms);
    admin_time_member(text, "password_before_until", merchant->password_before_until_ms);
    reply_text_member(text, "login_curl", line);
    admin_open_member(text, "sandbox_numbers", '[');
    if (sandbox)
        sandbox_write(text, url);
    buffer_char(text, ']');
    documents_write(text);
    return admin_end(request);
}

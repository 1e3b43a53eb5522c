#include "http/cookie.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "http/access.h"
#include "http/session.h"

/* Over TLS the name itself says that it never was sent without, so that nobody on the way can have
 * planted it. */
#define NAME        "payout_session"
#define NAME_SECURE "__Secure-" NAME

enum { COOKIE_BYTES = 256, TOKEN_LENGTH_MAX = 128 };

static const char *cookie_name(const struct request *request)
{
    return access_secure(request) ? NAME_SECURE : NAME;
}

/* The value of the cookie called name in one header; its first, as browsers send the one with the
 * longest path first. NULL: it has none. */
static const char *value_find(struct arena *arena, const char *header, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = header; *at != '\0';) {
        at += strspn(at, " \t;");
        size_t size = strcspn(at, ";");
        if (size > length && strncmp(at, name, length) == 0 && at[length] == '=') {
            char *value = arena_alloc(arena, size - length, 1);
            memcpy(value, at + length + 1, size - length - 1);
            value[strcspn(value, " \t")] = '\0';
            return value;
        }
        at += size;
    }
    return NULL;
}

const char *cookie_token(const struct request *request)
{
    const char *header = request_header(request, "Cookie");
    const char *token =
        header == NULL ? NULL : value_find(request->arena, header, cookie_name(request));
    bool right = token != NULL && session_is(token) && strlen(token) <= TOKEN_LENGTH_MAX;
    return right ? token : NULL;
}

static bool refused(struct request *request, const char *fr, const char *en)
{
    (void)request_refuse_as(request, PAYOUT_NOT_ALLOWED, 403, fr, en);
    return false;
}

/* Whether origin ("https://console.example.org") is of the host that the request is for. */
static bool origin_ours(const struct request *request, const char *origin)
{
    const char *host = request_header(request, "Host"), *mark = strstr(origin, "://");
    return host != NULL && mark != NULL && strcasecmp(mark + 3, host) == 0;
}

bool cookie_same_origin(struct request *request)
{
    const char *site = request_header(request, "Sec-Fetch-Site");
    const char *origin = request_header(request, "Origin");
    bool ours = (site == NULL || strcmp(site, "same-origin") == 0 || strcmp(site, "none") == 0) &&
                (origin == NULL || origin_ours(request, origin));
    if (!ours)
        return refused(request, "Cette requête vient d'un autre site",
                       "This request comes from another site");
    /* No form of another site can send JSON. */
    bool json = request->content_type != NULL &&
                strncasecmp(request->content_type, "application/json", 16) == 0;
    if (request->method == METHOD_POST && !json)
        return refused(request, "Le corps doit être du JSON", "The body must be JSON");
    return true;
}

void cookie_proof(const struct request *request, const char *token, char proof[COOKIE_PROOF_BYTES])
{
    link_proof(&request->http->link_key, token, proof);
}

bool cookie_granted(struct request *request)
{
    bool changes = request->method != METHOD_GET && request->method != METHOD_HEAD;
    const char *token = cookie_token(request);
    if (changes && !cookie_same_origin(request))
        return false;
    if (token == NULL) {
        (void)request_refuse(request, PAYOUT_INVALID_TOKEN);
        return false;
    }
    if (changes && !link_proof_matches(&request->http->link_key, token,
                                       request_header(request, "X-CSRF-Token")))
        return refused(request, "Le jeton X-CSRF-Token manque ou n'est pas celui de la session",
                       "X-CSRF-Token is missing, or is not the session's");
    return session_granted(request, token);
}

void cookie_set(struct request *request, const char *token)
{
    char *cookie = arena_alloc(request->arena, COOKIE_BYTES, 1);
    int length =
        snprintf(cookie, COOKIE_BYTES, "%s=%s; Path=/console; HttpOnly; SameSite=Strict%s%s",
                 cookie_name(request), token == NULL ? "" : token,
                 access_secure(request) ? "; Secure" : "", token == NULL ? "; Max-Age=0" : "");
    invariant(length > 0 && length < COOKIE_BYTES);
    request->answer.cookie = cookie;
}

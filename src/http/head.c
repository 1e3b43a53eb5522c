#include "http/head.h"

#include <string.h>
#include <strings.h>

/* Several lines of X-Forwarded-For are one list: a proxy may add a line instead of a word, and what
 * stands first then is whatever the client claims. */
static void forwarded_add(struct request *request, const char *value)
{
    size_t had = request->forwarded_for == NULL ? 0 : strlen(request->forwarded_for);
    size_t more = strlen(value);
    if (had + more + 2 > REQUEST_FORWARDED_BYTES_MAX) { /* Only the end of it counts. */
        had = 0;
        if (more > REQUEST_FORWARDED_BYTES_MAX) {
            value += more - REQUEST_FORWARDED_BYTES_MAX;
            more = REQUEST_FORWARDED_BYTES_MAX;
        }
    }
    char *joined = arena_alloc(request->arena, had + more + 2, 1);
    if (had > 0) {
        memcpy(joined, request->forwarded_for, had);
        joined[had++] = ',';
    }
    memcpy(joined + had, value, more);
    request->forwarded_for = joined;
}

/* What two programs may understand differently hides a request in another one's body from the proxy
 * in front of us: a length and chunks, two lengths, an encoding that is more than chunks, a name
 * with a blank at its end. */
static bool header_ambiguous(struct request *request, const char *name, const char *value)
{
    if (name[strcspn(name, " \t")] != '\0')
        return true;
    bool length = strcasecmp(name, "Content-Length") == 0;
    bool encoding = strcasecmp(name, "Transfer-Encoding") == 0;
    if (!length && !encoding)
        return false;
    bool second = request->length_said;
    request->length_said = true;
    return second || (encoding && strcasecmp(value, "chunked") != 0);
}

void head_header(struct request *request, const char *name, const char *value)
{
    request->malformed = request->malformed || header_ambiguous(request, name, value);
    if (strcasecmp(name, "Content-Type") == 0 && request->content_type == NULL)
        request->content_type = value;
    else if (strcasecmp(name, "Authorization") == 0 && request->authorization == NULL)
        request->authorization = value;
    else if (strcasecmp(name, "X-Forwarded-Proto") == 0)
        request->forwarded_proto = value; /* The last one is the nearest proxy's. */
    else if (strcasecmp(name, "X-Forwarded-For") == 0)
        forwarded_add(request, value);
    if (request->headers != NULL && request->header_count < REQUEST_HEADERS_MAX)
        request->headers[request->header_count++] = (struct request_header){name, value};
    static const char *const proxies[] = {"X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"};
    for (size_t i = 0; i < sizeof proxies / sizeof *proxies; i++)
        request->forwarded = request->forwarded || strcasecmp(name, proxies[i]) == 0;
}

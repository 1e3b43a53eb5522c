#include "http/request.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "http/page.h"
#include "http/route.h"
#include "wire/reply.h"

/* --- The request line --- */

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

/* Decodes %xx in place. What would hide a NUL or is no number stays as it is. */
static void path_decode(char *path)
{
    char *to = path;
    for (const char *from = path; *from != '\0'; from++) {
        int high = from[0] == '%' ? hex_value(from[1]) : -1;
        int low = high >= 0 ? hex_value(from[2]) : -1;
        if (low >= 0 && high * 16 + low != 0) {
            *to++ = (char)(high * 16 + low);
            from += 2;
        } else {
            *to++ = *from;
        }
    }
    *to = '\0';
}

/* One slash where several stand, and neither slashes nor blanks at the end: clients join a base
 * URL and a path carelessly, and the original collection itself sends both. */
static void path_trim(char *path)
{
    char *to = path;
    for (const char *from = path; *from != '\0'; from++)
        if (*from != '/' || to == path || to[-1] != '/')
            *to++ = *from;
    while (to > path + 1 && (to[-1] == '/' || to[-1] == ' ' || to[-1] == '\t'))
        to--;
    *to = '\0';
}

void request_uri_read(char *uri, const char **path, const char **query, size_t *query_length)
{
    char *mark = strchr(uri, '?');
    *query = NULL;
    *query_length = 0;
    if (mark != NULL) {
        *mark = '\0';
        *query = mark + 1;
        *query_length = strlen(*query);
    }
    /* A proxy's form: "http://host/path". */
    char *host = uri[0] == '/' ? NULL : strstr(uri, "://");
    if (host != NULL) {
        uri = strchr(host + 3, '/');
        if (uri == NULL) {
            *path = "/";
            return;
        }
    }
    path_decode(uri);
    path_trim(uri);
    *path = uri;
}

bool request_calls_back(const struct request *request)
{
    return strncmp(request->path, REQUEST_CALLBACK_PATH, strlen(REQUEST_CALLBACK_PATH)) == 0;
}

const char *request_header(const struct request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++)
        if (strcasecmp(request->headers[i].name, name) == 0)
            return request->headers[i].value;
    return NULL;
}

struct request *request_open(struct http *http, const char *uri)
{
    struct arena *arena = arena_open(REQUEST_ARENA_BYTES_MAX);
    struct request *request = arena_alloc(arena, 1, sizeof *request);
    request->http = http;
    request->settings = atomic_load(&http->settings);
    request->arena = arena;
    request->began_at_us = clock_monotonic_us();
    uint64_t number = atomic_fetch_add(&http->request_count, 1) + 1;
    (void)snprintf(request->id, sizeof request->id, "%s-%06" PRIx64, http->run_id, number);
    size_t size = strlen(uri) + 1;
    char *copy = arena_alloc(arena, size, 1);
    memcpy(copy, uri, size);
    request_uri_read(copy, &request->path, &request->query, &request->query_length);
    bool callback = request_calls_back(request);
    size_t most = http->body_bytes_max;
    if (callback && most > REQUEST_CALLBACK_BODY_BYTES_MAX)
        most = REQUEST_CALLBACK_BODY_BYTES_MAX;
    buffer_init(&request->body, most);
    request->by_cookie =
        strncmp(request->path, REQUEST_CONSOLE_PATH, strlen(REQUEST_CONSOLE_PATH)) == 0;
    request->voice = request->by_cookie ? VOICE_CONSOLE : VOICE_API;
    if (callback || strncmp(request->path, "/console", 8) == 0)
        request->headers = arena_alloc(arena, REQUEST_HEADERS_MAX, sizeof *request->headers);
    buffer_init(&request->answer.text, REQUEST_ANSWER_BYTES_MAX);
    request->answer.rate_limit = HTTP_RATE_LIMIT_SHOWN;
    request->answer.rate_remaining = HTTP_RATE_LIMIT_SHOWN - 1;
    request->route = route_unknown();
    return request;
}

void request_close(struct request *request)
{
    if (request->callback_waits)
        (void)atomic_fetch_sub(&request->http->callbacks_waiting, 1);
    items_close(request->items);
    form_close(request->form);
    buffer_free(&request->body);
    buffer_free(&request->answer.text);
    arena_close(request->arena);
}

/* --- What came in --- */

const char *request_text(const struct request *request, const char *name)
{
    const char *text = form_body(request->form, name);
    if (text == NULL || text[0] == '\0')
        text = form_query(request->form, name);
    return text != NULL && text[0] != '\0' ? text : NULL;
}

bool request_items(struct request *request)
{
    enum payout_code code = PAYOUT_OK;
    switch (form_items(request->form, &request->items)) {
    case FORM_DATA_READ:
        break;
    case FORM_DATA_ABSENT:
        code = PAYOUT_INVALID_PARAM;
        break;
    case FORM_DATA_UNREADABLE:
        code = PAYOUT_JSON_PARSE_ERROR;
        break;
    case FORM_DATA_NOT_ITEMS:
        code = PAYOUT_DATA_NOT_VALID;
        break;
    case FORM_DATA_NO_MEMORY:
        invariant(false && "memory for a request's items");
    }
    if (code != PAYOUT_OK) {
        (void)request_refuse(request, code);
        return false;
    }
    size_t count = items_count(request->items), most = request->settings->items_max;
    invariant(count > 0);
    if (count <= most)
        return true;
    char fr[160], en[160];
    (void)snprintf(fr, sizeof fr, "%zu éléments dans une requête : le maximum est de %zu", count,
                   most);
    (void)snprintf(en, sizeof en, "%zu items in one request: the most is %zu", count, most);
    (void)request_refuse_as(request, PAYOUT_DATA_NOT_VALID, 0, fr, en);
    return false;
}

/* --- The answer --- */

int request_status(const struct request *request, enum payout_code code, int status)
{
    const struct settings *settings = request->settings;
    if (request->voice != VOICE_API)
        return status != 0 ? status : payout_code_http(code);
    if (settings->status_always_200)
        return 200;
    if (status != 0)
        return status;
    for (size_t i = 0; i < settings->override_count; i++)
        if (settings->overrides[i].code == code)
            return settings->overrides[i].status;
    return payout_code_http(code);
}

static void answer_begin(struct request *request, enum payout_code code, int status)
{
    buffer_clear(&request->answer.text);
    request->answer.code = code;
    request->answer.status = request_status(request, code, status);
    request->answer.content_type = "application/json";
}

/* A refusal as people see it. */
static enum turn refuse_page(struct request *request, enum payout_code code, int status,
                             const char *text)
{
    request->answer.code = code;
    return page_say(request, status != 0 ? status : payout_code_http(code),
                    request->lang == PAYOUT_EN ? "That did not work" : "Cela n'a pas marché", text);
}

enum turn request_refuse(struct request *request, enum payout_code code)
{
    invariant(code != PAYOUT_OK);
    if (request->voice == VOICE_PAGE)
        return refuse_page(request, code, 0, payout_code_text(code, request->lang));
    if (request->voice != VOICE_API)
        return request_refuse_as(request, code, 0, payout_code_text(code, PAYOUT_FR),
                                 payout_code_text(code, PAYOUT_EN));
    answer_begin(request, code, 0);
    reply_error(&request->answer.text, code, request->lang);
    return TURN_REPLY;
}

enum turn request_refuse_as(struct request *request, enum payout_code code, int status,
                            const char *fr, const char *en)
{
    invariant(code != PAYOUT_OK);
    if (request->voice == VOICE_PAGE)
        return refuse_page(request, code, status,
                           request->lang == PAYOUT_EN || fr == NULL ? en : fr);
    answer_begin(request, code, status);
    struct buffer *text = &request->answer.text;
    buffer_char(text, '{');
    if (request->voice != VOICE_API) {
        reply_text_member(text, "error", en);
        if (request->voice == VOICE_CONSOLE) {
            const char *told = fr == NULL ? payout_code_text(code, PAYOUT_FR) : fr;
            reply_text_member(text, "message", request->lang == PAYOUT_EN ? en : told);
            reply_text_member(text, "word", payout_code_word(code));
        }
        reply_int_member(text, "code", code);
        buffer_char(text, '}');
        return TURN_REPLY;
    }
    char number[16];
    (void)snprintf(number, sizeof number, "%d", (int)code);
    reply_text_member(text, "code", number);
    reply_text_member(text, "message", payout_code_word(code));
    reply_text_member(text, "description", request->lang == PAYOUT_EN ? en : fr);
    buffer_text_append(text, ",\"data\":[]}");
    return TURN_REPLY;
}

struct buffer *request_data_begin(struct request *request)
{
    answer_begin(request, PAYOUT_OK, 0);
    reply_begin(&request->answer.text);
    return &request->answer.text;
}

enum turn request_data_end(struct request *request)
{
    reply_end(&request->answer.text);
    return TURN_REPLY;
}

enum turn request_plain(struct request *request, int status, const char *content_type)
{
    request->answer.status = status;
    request->answer.content_type = content_type;
    return TURN_REPLY;
}

void request_results_begin(const struct request *request, struct buffer *text)
{
    buffer_text_append(text, request->merchant->flat_reply ? "[" : "[[");
}

void request_results_end(const struct request *request, struct buffer *text)
{
    buffer_text_append(text, request->merchant->flat_reply ? "]" : "]]");
}

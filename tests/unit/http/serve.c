#include "serve.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"

enum { REPLY_BYTES_MAX = 64 * 1024 * 1024, URL_BYTES = 32 * 1024 };
#define OR_STOP(condition) assert_true(condition)

void serve_options(struct http_options *options)
{
    *options = (struct http_options){
        .listen = "127.0.0.1:0",
        .threads = 2,
        .admin_token = SERVE_ADMIN_TOKEN,
        .access_log_off = true,
        .logins_per_minute = -1,
        .address_logins_per_minute = -1,
        .key = {.length = 32, .issuer = "payoutd"},
    };
    memset(options->key.bytes, 'k', options->key.length);
}

void serve_command(struct serve *serve, const struct command *command)
{
    struct lane_job job = {.command = *command};
    OR_STOP(lane_call(serve->lane, &job) == FAULT_NONE);
    OR_STOP(job.command.code == PAYOUT_OK);
}

void serve_change(struct serve *serve, const struct merchant *merchant, unsigned fields)
{
    struct command command = {.kind = COMMAND_MERCHANT_CHANGE,
                              .merchant_change = {.fields = fields, .merchant = *merchant}};
    command.merchant_change.merchant.id = serve->merchant;
    serve_command(serve, &command);
    /* An admin's change is what makes the threads look again: one that changes nothing. */
    char path[64];
    (void)snprintf(path, sizeof path, "/admin/v1/merchants/%lld", (long long)serve->merchant.value);
    struct serve_reply reply = serve_as_admin(serve, NULL, path, "lot_expiry_seconds=3600");
    assert_int_equal(reply.status, 200);
    serve_free(&reply);
}

static void merchant_make(struct serve *serve)
{
    struct command create = {.kind = COMMAND_MERCHANT_CREATE};
    struct merchant *merchant = &create.merchant_create.merchant;
    *merchant = (struct merchant){.id = serve->merchant,
                                  .name = "Boutique",
                                  .apikey = SERVE_APIKEY,
                                  .secret_key = "secret",
                                  .currency = CURRENCY_XOF,
                                  .ip_list = "127.0.0.1",
                                  .lot_expiry_ms = MERCHANT_LOT_EXPIRY_MS_DEFAULT};
    secret_password_hash(SERVE_PASSWORD, strlen(SERVE_PASSWORD), merchant->password_hash);
    serve_command(serve, &create);
    serve_command(serve, &(struct command){.kind = COMMAND_FUND,
                                           .fund = {.merchant = serve->merchant,
                                                    .kind = MOVEMENT_TOP_UP,
                                                    .amount = {SERVE_MONEY, CURRENCY_XOF},
                                                    .reference = "first"}});
}

void serve_open(struct serve *serve, struct store *store, struct http_options *options)
{
    struct fault fault;
    secret_init();
    log_configure(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT, false);
    *serve = (struct serve){.store = store, .merchant = {MERCHANT_ID_MIN + 42}};
    OR_STOP(lane_open(store, &(struct lane_options){0}, &serve->lane, &fault) == FAULT_NONE);
    lane_start(serve->lane);
    options->store = store;
    options->lane = serve->lane;
    if (http_open(options, &serve->http, &fault) != FAULT_NONE)
        fail_msg("%s", fault.text);
    merchant_make(serve);
    token_write(&options->key, serve->merchant, clock_now_ms(), 60000, serve->token);
    serve->curl = curl_easy_init();
    OR_STOP(serve->curl != NULL);
}

void serve_close(struct serve *serve)
{
    curl_easy_cleanup(serve->curl);
    http_quiesce(serve->http);
    lane_stop(serve->lane);
    http_close(serve->http);
    lane_close(serve->lane);
}

/* --- Calling --- */

static size_t bytes_take(char *bytes, size_t size, size_t count, void *context)
{
    buffer_append(context, bytes, size * count);
    return size * count;
}

struct serve_reply serve_send(struct serve *serve, const struct serve_call *call)
{
    struct serve_reply reply = {0};
    CURL *curl = serve->curl;
    char url[URL_BYTES];
    buffer_init(&reply.head, REPLY_BYTES_MAX);
    buffer_init(&reply.body, REPLY_BYTES_MAX);
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%d%s", http_port(serve->http), call->path);
    curl_easy_reset(curl);
    (void)curl_easy_setopt(curl, CURLOPT_URL, url);
    (void)curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_TIMEOUT, 30L);
    (void)curl_easy_setopt(curl, CURLOPT_PROXY, "");
    (void)curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, bytes_take);
    (void)curl_easy_setopt(curl, CURLOPT_HEADERDATA, &reply.head);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, bytes_take);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, &reply.body);
    if (call->body != NULL) {
        (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)strlen(call->body));
        (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, call->body);
    }
    if (call->method != NULL)
        (void)curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, call->method);
    if (call->method != NULL && strcmp(call->method, "HEAD") == 0)
        (void)curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    struct curl_slist *headers = NULL;
    for (size_t i = 0; i < SERVE_HEADERS_MAX && call->headers[i] != NULL; i++)
        headers = curl_slist_append(headers, call->headers[i]);
    (void)curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    CURLcode done = curl_easy_perform(curl);
    if (done != CURLE_OK)
        fail_msg("%s: %s", call->path, curl_easy_strerror(done));
    long status = 0;
    (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    reply.status = (int)status;
    curl_slist_free_all(headers);
    reply.json = json_loads(buffer_text(&reply.body), JSON_DECODE_ANY, NULL);
    return reply;
}

struct serve_reply serve_as_merchant(struct serve *serve, const char *path, const char *body)
{
    char whole[URL_BYTES];
    (void)snprintf(whole, sizeof whole, "%s%stoken=%s", path, strchr(path, '?') ? "&" : "?",
                   serve->token);
    return serve_send(serve, &(struct serve_call){.path = whole, .body = body});
}

struct serve_reply serve_as_admin(struct serve *serve, const char *method, const char *path,
                                  const char *body)
{
    return serve_send(serve,
                      &(struct serve_call){.method = method,
                                           .path = path,
                                           .body = body,
                                           .headers = {"Authorization: Bearer " SERVE_ADMIN_TOKEN,
                                                       "Content-Type:"}});
}

void serve_raw(struct serve *serve, const char *bytes, struct buffer *answer)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)http_port(serve->http)),
                             .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int connection = socket(AF_INET, SOCK_STREAM, 0);
    OR_STOP(connection >= 0);
    OR_STOP(connect(connection, (struct sockaddr *)&at, sizeof at) == 0);
    for (size_t sent = 0, length = strlen(bytes); sent < length;) {
        ssize_t more = send(connection, bytes + sent, length - sent, MSG_NOSIGNAL);
        OR_STOP(more > 0);
        sent += (size_t)more;
    }
    char piece[4096];
    buffer_init(answer, REPLY_BYTES_MAX);
    for (;;) {
        ssize_t got = recv(connection, piece, sizeof piece, 0);
        if (got <= 0)
            break;
        buffer_append(answer, piece, (size_t)got);
    }
    (void)close(connection);
}

void serve_free(struct serve_reply *reply)
{
    buffer_free(&reply->head);
    buffer_free(&reply->body);
    json_decref(reply->json);
}

/* --- Looking --- */

json_t *serve_at(const struct serve_reply *reply, const char *path)
{
    json_t *at = reply->json;
    for (const char *word = path; at != NULL && *word != '\0';) {
        size_t length = strcspn(word, "/");
        char name[64];
        (void)snprintf(name, sizeof name, "%.*s", (int)length, word);
        at = json_is_array(at) ? json_array_get(at, (size_t)strtoul(name, NULL, 10))
                               : json_object_get(at, name);
        word += length + (word[length] == '/');
    }
    if (at == NULL)
        fail_msg("no %s in %s", path, buffer_text(&reply->body));
    return at;
}

const char *serve_text(const struct serve_reply *reply, const char *path)
{
    const char *text = json_string_value(serve_at(reply, path));
    if (text == NULL)
        fail_msg("%s is no text in %s", path, buffer_text(&reply->body));
    return text;
}

int64_t serve_number(const struct serve_reply *reply, const char *path)
{
    const json_t *value = serve_at(reply, path);
    if (!json_is_integer(value))
        fail_msg("%s is no number in %s", path, buffer_text(&reply->body));
    return json_integer_value(value);
}

const char *serve_header(const struct serve_reply *reply, const char *name)
{
    static char value[512];
    const char *line = buffer_text(&reply->head);
    size_t length = strlen(name);
    while (*line != '\0') {
        size_t end = strcspn(line, "\r\n");
        if (strncasecmp(line, name, length) == 0 && line[length] == ':') {
            const char *from = line + length + 1 + strspn(line + length + 1, " ");
            (void)snprintf(value, sizeof value, "%.*s", (int)(line + end - from), from);
            return value;
        }
        line += end + strspn(line + end, "\r\n");
    }
    return NULL;
}

void serve_expect_error(const struct serve_reply *reply, int status, enum payout_code code)
{
    char number[16];
    (void)snprintf(number, sizeof number, "%d", (int)code);
    if (reply->json == NULL || reply->status != status)
        fail_msg("status %d: %s", reply->status, buffer_text(&reply->body));
    assert_string_equal(serve_text(reply, "code"), number);
    assert_string_equal(serve_text(reply, "message"), payout_code_word(code));
    assert_true(serve_text(reply, "description")[0] != '\0');
    assert_true(json_is_array(serve_at(reply, "data")));
}

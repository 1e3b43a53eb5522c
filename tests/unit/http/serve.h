/* serve: a whole server for a test: a lane with its thread, a listener on a free port of loopback,
 * a merchant with money, and a client that shows everything of a reply. The store is given: in
 * memory for what is asked one by one, the real one for what comes all at once. */
#ifndef PAYOUT_TESTS_SERVE_H
#define PAYOUT_TESTS_SERVE_H
#include <curl/curl.h>
#include <jansson.h>

#include "http/server.h"

#define SERVE_ADMIN_TOKEN "an-admin-token-of-32-characters!"
#define SERVE_APIKEY      "apikey1234567890"
#define SERVE_PASSWORD    "p4ss word&+%é"
enum { SERVE_MONEY = 1000000, SERVE_HEADERS_MAX = 8 };

struct serve {
    struct store *store;
    struct lane *lane;
    struct http *http;
    CURL *curl;
    struct merchant_id merchant;
    char token[TOKEN_TEXT_BYTES]; /* Of that merchant, valid. */
};
struct serve_reply {
    int status;
    struct buffer head, body;
    json_t *json; /* NULL: the body is no JSON. */
};

/* Fills *options with what fits a test; the test may change it before serve_open. */
void serve_options(struct http_options *options);
/* Starts it all; the store stays the caller's, and outlives it. */
void serve_open(struct serve *serve, struct store *store, struct http_options *options);
void serve_close(struct serve *serve);
/* A command through the lane; stops the test unless its code is PAYOUT_OK. */
void serve_command(struct serve *serve, const struct command *command);
/* Changes the merchant by a command, and has every thread see it. */
void serve_change(struct serve *serve, const struct merchant *merchant, unsigned fields);

struct serve_call {
    const char *method; /* NULL: GET, or POST with a body. */
    const char *path;   /* With its query, as it is to stand in the request line. */
    const char *body;
    const char *headers[SERVE_HEADERS_MAX]; /* "name: value"; NULL-terminated. */
};
/* The reply is the caller's: serve_free. */
struct serve_reply serve_send(struct serve *serve, const struct serve_call *call);
/* The same, with the merchant's token in the query. */
struct serve_reply serve_as_merchant(struct serve *serve, const char *path, const char *body);
/* The same, with the admin token. */
struct serve_reply serve_as_admin(struct serve *serve, const char *method, const char *path,
                                  const char *body);
/* Bytes as they are, over a connection that is closed after them; what comes back, as a text. */
void serve_raw(struct serve *serve, const char *bytes, struct buffer *answer);
void serve_free(struct serve_reply *reply);

/* The value at "data/0/0/lot"; fails the test when there is none. */
json_t *serve_at(const struct serve_reply *reply, const char *path);
const char *serve_text(const struct serve_reply *reply, const char *path);
int64_t serve_number(const struct serve_reply *reply, const char *path);
/* The header's value, without regard to case; NULL when it is not there. Valid until the next. */
const char *serve_header(const struct serve_reply *reply, const char *name);
/* Fails the test unless the reply is the envelope of this error, with this status. */
void serve_expect_error(const struct serve_reply *reply, int status, enum payout_code code);
#endif

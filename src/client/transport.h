/* transport: HTTP requests and their whole answers, by libcurl or by a function of the user's. It
 * must never decide what an answer means, nor try anything twice; and it tells whether some of a
 * request may have left, since money depends on that. Shared by libpayout and `payout` (the admin
 * API). One thread at a time. */
#ifndef PAYOUT_CLIENT_TRANSPORT_H
#define PAYOUT_CLIENT_TRANSPORT_H
#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "payout/payout.h"

enum {
    TRANSPORT_ERROR_BYTES = 256,
    TRANSPORT_REPLY_BYTES_MAX = 64 * 1024 * 1024,
    TRANSPORT_HEADERS_MAX = 16,
};

struct transport;
/* As in struct payout_client_options; zero and NULL take the defaults. Copied. */
struct transport_options {
    const char *base_url;
    int64_t connect_timeout_ms, timeout_ms;
    const char *user_agent, *ca_file, *proxy;
    payout_exchange_function *exchange;
    void *exchange_context;
    bool exact_url;    /* base_url as it is, whatever it ends with. */
    bool certificates; /* Tell when the server's ends. */
};
/* DONE, NO_MEMORY or BAD_ARGUMENT. The caller owns *transport: transport_close. */
MUST_USE enum payout_client_fault transport_open(const struct transport_options *options,
                                                 struct transport **transport);
void transport_close(struct transport *transport); /* NULL is fine. */

struct transport_request {
    const char *path; /* After the base URL, with its query, encoded: "/v1/auth/login?lang=fr" */
    const char *body; /* NULL: a GET. Else a POST of content_type. */
    size_t body_length;
    const char *content_type;
    const char *authorization; /* A bearer token; NULL: none. */
    /* More headers, "Name: value" each, TRANSPORT_HEADERS_MAX at most; ended by NULL. NULL: none.
     */
    const char *const *headers;
    /* Takes a fresh connection. On a used one that turns out dead libcurl sends the request again
     * by itself: not to be had where twice would be wrong. */
    bool fresh;
};
struct transport_reply {
    int status;                        /* 0: there was no whole answer. */
    bool left;                         /* Some of the request may have reached the server. */
    struct buffer body;                /* The caller's: buffer_free. */
    int64_t retry_after_s;             /* -1: not told. */
    int64_t date_s;                    /* Of the header Date, since 1970; -1: not told. */
    int64_t certificate_end_s;         /* Only when asked for; -1: not told. */
    char error[TRANSPORT_ERROR_BYTES]; /* "" with a status. */
};
/* DONE: a whole answer came, whatever its status. UNREACHABLE: none came. NO_MEMORY: none was
 * kept. With the last two, left tells whether the request went out. Fills all of *reply, which need
 * not be initialised; buffer_free its body in any case. */
MUST_USE enum payout_client_fault transport_call(struct transport *transport,
                                                 const struct transport_request *request,
                                                 struct transport_reply *reply);

/* The same in two halves, for a curl multi handle of the caller's: the easy handle in between is
 * passage_handle's. Not for a transport with an exchange function (transport_hooked). */
struct passage;
/* NULL: no memory. The request is not needed afterwards but for its body. passage_close. */
struct passage *passage_open(struct transport *transport, const struct transport_request *request);
CURL *passage_handle(struct passage *passage);
/* As transport_call, when libcurl is done with code. */
MUST_USE enum payout_client_fault passage_end(struct passage *passage, CURLcode code,
                                              struct transport_reply *reply);
void passage_close(struct passage *passage);
bool transport_hooked(const struct transport *transport);

/* Appends text percent-encoded, as a value of a form or a query. */
void transport_encode(struct buffer *text, const char *value);
/* Appends name=value, encoded, with a '&' in front unless the text is empty or ends with '?'. */
void transport_field(struct buffer *text, const char *name, const char *value);
#endif

/* exchange: HTTP requests out, answers back, many at once, on one thread (libcurl multi). It must
 * never decide what an answer means, nor try anything twice. */
#ifndef PAYOUT_NET_EXCHANGE_H
#define PAYOUT_NET_EXCHANGE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/fault.h"
#include "net/address.h"

struct exchange;
enum {
    EXCHANGE_HEADERS_MAX = 12,
    EXCHANGE_ANSWER_BYTES_MAX = 256 * 1024,
    EXCHANGE_ERROR_BYTES = 160,
    EXCHANGE_RETRY_AFTER_MS_MAX = 24 * 3600 * 1000
};

struct exchange_options {
    size_t connections_max;          /* In all; 0: 256. */
    size_t connections_per_host_max; /* 0: 8. */
    const char *user_agent;          /* Copied. */
    /* Addresses that may be called though they are private; NULL: none. Borrowed, must outlive it.
     */
    const struct address_list *private_allowed;
};

/* One request. The caller owns it and all its texts, and must leave it alone until done is called.
 */
struct exchange_call {
    const char *method;                        /* "GET", "POST" */
    const char *url;                           /* http or https; a redirection is not followed. */
    const char *headers[EXCHANGE_HEADERS_MAX]; /* "name: value"; NULL-terminated unless full. */
    const char *body;
    size_t body_length;
    int64_t timeout_ms;         /* Of all of it. > 0 */
    int64_t connect_timeout_ms; /* > 0 */
    bool public_only; /* The address, after its name was resolved, may not be private (but see
                         private_allowed). */
    /* Called once from exchange_step or exchange_close (then with status 0). May start other calls.
     */
    void (*done)(struct exchange_call *call);
    void *context; /* The caller's own. */
    /* Out */
    int status; /* 0: there was no whole answer. */
    bool left;  /* Some of the request may have reached the other side. */
    bool timed_out;
    int64_t retry_after_ms; /* Of the answer's header Retry-After, from now; 0: it has none. */
    struct buffer answer; /* Cut at EXCHANGE_ANSWER_BYTES_MAX. Freed by the exchange after done. */
    char error[EXCHANGE_ERROR_BYTES]; /* "" with a status. */
    int64_t duration_ms;
    void *own; /* The exchange's. */
};

MUST_USE enum fault_kind exchange_open(const struct exchange_options *options,
                                       struct exchange **exchange, struct fault *fault);
/* Starts call; it may wait for a free connection (that time counts to its timeout). */
void exchange_start(struct exchange *exchange, struct exchange_call *call);
/* Moves everything on, waits up to wait_ms for something to happen, calls done for what ended. */
void exchange_step(struct exchange *exchange, int64_t wait_ms);
/* Ends a waiting exchange_step, or the next one at once. The only function for any thread. */
void exchange_wake(struct exchange *exchange);
size_t exchange_under_way(const struct exchange *exchange);
/* Cuts what is under way off (done is called, status 0) and frees it. NULL is fine. */
void exchange_close(struct exchange *exchange);
#endif

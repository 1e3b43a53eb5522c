/* http.h: what the files of this room, and of the console's, share of one running server. Nothing
 * else includes it. */
#ifndef PAYOUT_HTTP_HTTP_H
#define PAYOUT_HTTP_HTTP_H
#include <pthread.h>
#include <stdatomic.h>

#include "http/hasher.h"
#include "http/held.h"
#include "http/limit.h"
#include "http/metrics.h"
#include "http/server.h"
#include "http/tls.h"
#include "net/address.h"
#include "wire/link.h"

enum { HTTP_RATE_LIMIT_SHOWN = 60, HTTP_WORKERS_MAX = HTTP_THREADS_MAX };

/* What http_reload can change: made whole, never changed, kept until http_close, since a request
 * under way may still look at an old one. */
struct settings {
    struct settings *next; /* Older. */
    size_t items_max;
    uint64_t operators_off;
    bool status_always_200, access_log;
    int logins_per_minute, address_logins_per_minute, calls_per_minute;
    int64_t hsts_seconds;
    struct http_status_override overrides[HTTP_STATUS_OVERRIDES_MAX];
    size_t override_count;
    bool admin_token_off;      /* Only who is logged in may call the admin API. */
    bool totp_required;        /* By whoever may do much. */
    size_t admin_token_length; /* 0: there is no admin API. */
    char admin_token[HTTP_ADMIN_TOKEN_BYTES_MAX + 1];
    struct address_list *trusted_proxies, *admin_from, *metrics_from;
};

struct worker;
struct pool;
struct guests;
struct streams;

struct http {
    struct store *store;
    struct lane *lane;
    const struct vault *vault;
    struct hasher *hasher;
    struct crew *crew; /* For what is no small request. */
    struct limit *limit;
    struct metrics metrics;
    struct held held;
    struct token_key key;
    struct link_key link_key; /* Made of key. */
    int64_t token_lifetime_ms, drain_ms;
    size_t body_bytes_max;
    bool work_only; /* Only health, metrics and operators' callbacks are answered. */
    void (*metrics_more)(void *context, struct buffer *text);
    void *metrics_context;
    bool (*screening_ask)(void *context, const char *name, struct http_screening *answer);
    void *screening_context;
    struct http_channels channels; /* Its functions are NULL where there are none. */
    const struct route *routes;    /* Besides the room's own. */
    size_t route_count;
    atomic_int callbacks_waiting;        /* For the lane. */
    _Atomic(struct settings *) settings; /* Main writes, any thread reads. */
    atomic_uint_fast64_t request_count;
    char run_id[9]; /* Random: tells the request ids of one run from those of another. */
    atomic_bool quiesced;
    atomic_uint_fast32_t merchants_changed; /* Rises when a merchant may look otherwise now. */
    /* server.c's own. */
    struct pool *pool;
    struct guests *guests;
    struct streams *streams;
    int listener, port;
    struct tls *tls;      /* NULL: it speaks plain HTTP. */
    pthread_mutex_t lock; /* Guards all below. */
    pthread_cond_t emptied;
    size_t requests_open;    /* Requests between their first byte and their reply's last. */
    size_t requests_waiting; /* Suspended ones among them. */
    bool closing;            /* Nothing may begin to wait any more. */
    struct worker *workers;  /* worker.c's own. */
};
#endif

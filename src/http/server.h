/* http: the HTTP server: listener, routes, tokens, limits, the five endpoints of the Payout API,
 * the platform's own admin API, health and metrics. It reads requests, has the lane decide, and
 * writes replies. It must never decide on money itself, write to the store, or let libmicrohttpd be
 * seen outside server.c. */
#ifndef PAYOUT_HTTP_SERVER_H
#define PAYOUT_HTTP_SERVER_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/fault.h"
#include "base/vault.h"
#include "http/channels.h"
#include "http/token.h"
#include "lane/lane.h"
#include "store/store.h"

struct http;
struct route;

enum {
    HTTP_THREADS_MAX = 256,
    HTTP_STATUS_OVERRIDES_MAX = 64,
    HTTP_ADMIN_TOKEN_BYTES_MIN = 16,
    HTTP_ADMIN_TOKEN_BYTES_MAX = 255,
    HTTP_ROUTES_MORE_MAX = 64,
};
#define HTTP_LISTEN_DEFAULT                    "127.0.0.1:8086"
#define HTTP_CONNECTIONS_MAX_DEFAULT           4096
#define HTTP_IDLE_SECONDS_DEFAULT              60
#define HTTP_REQUEST_MS_DEFAULT                60000
#define HTTP_BODY_BYTES_MAX_DEFAULT            ((size_t)8 * 1024 * 1024)
#define HTTP_HELD_BYTES_MAX_DEFAULT            ((size_t)256 * 1024 * 1024)
#define HTTP_TOKEN_LIFETIME_MS_DEFAULT         (INT64_C(5) * 60 * 1000)
#define HTTP_LOGINS_PER_MINUTE_DEFAULT         60
#define HTTP_ADDRESS_LOGINS_PER_MINUTE_DEFAULT 60
#define HTTP_DRAIN_MS_DEFAULT                  10000

/* Another HTTP status for a code of the API. */
struct http_status_override {
    enum payout_code code;
    int status; /* 200 to 599 */
};

/* What a list of names says of somebody. */
struct http_screening {
    int score;
    bool match;       /* It would wait for a person. */
    char version[64]; /* Of the list. */
    char entry[512];  /* "": the name is like none. */
};

/* Zero (NULL, "", 0) takes the default everywhere. Lists are addresses and CIDRs, blank-separated.
 * Texts are copied. */
struct http_options {
    /* Fixed while it runs. */
    struct store *store; /* Both must outlive the server; never NULL. */
    struct lane *lane;
    const struct vault *vault; /* Seals merchants' secrets; NULL: they lie open. Outlives it. */
    const char *listen; /* "127.0.0.1:8086", "[::]:80", ":8086" (every address); port 0: any. */
    int listener; /* A socket that listens there already (listener_open), and is the server's from
                     http_open on, whatever becomes of that. */
    int threads;  /* Of the listener; 0: one a core. */
    int hasher_threads; /* For passwords; 0: 1. */
    unsigned connections_max;
    unsigned connections_per_ip_max; /* Trusted proxies have as many as they like. 0: no limit. */
    unsigned idle_seconds;           /* A connection may be silent so long. */
    int64_t request_ms;              /* A request may take so long to send, its answer to read. */
    size_t body_bytes_max;
    size_t held_bytes_max; /* Of all requests together; small ones always have room. */
    struct token_key key;  /* Signs tokens: every payoutd of an installation has the same. */
    int64_t token_lifetime_ms;
    int64_t drain_ms; /* How long http_close waits for replies on their way. */
    /* Appends lines of Prometheus text for /metrics: what other rooms count. Any thread. May be
     * NULL. */
    void (*metrics)(void *context, struct buffer *text);
    void *metrics_context;

    /* What the list of names says of somebody; false: there is no list. Any thread. NULL: there is
     * none. */
    bool (*screening_ask)(void *context, const char *name, struct http_screening *answer);
    void *screening_context;
    const struct http_channels *channels; /* NULL: nobody calls back, everything goes. Copied. */
    const struct route *routes; /* More of them (http/route.h), HTTP_ROUTES_MORE_MAX at most, for
                                   ever: with any, persons may log in with a cookie. */
    size_t route_count;

    /* http_reload takes these over. */
    size_t items_max;            /* Of one request; 0: COMMAND_ITEMS_MAX, which bounds it. */
    uint64_t operators_off;      /* Bit n: operator number n is switched off. */
    const char *trusted_proxies; /* Whose X-Forwarded-For is believed. Default: nobody's. */
    const char *tls_certificate_file, *tls_key_file; /* PEM; "": it speaks plain HTTP, and can't
                                                        change its mind. */
    int64_t hsts_seconds;     /* What Strict-Transport-Security says over TLS; 0: nothing. */
    const char *admin_token;  /* NULL: there is no admin API. */
    bool work_only;           /* Only health, metrics and operators' callbacks are answered. */
    bool admin_token_off;     /* It is refused: only persons who log in may call it. */
    bool totp_required;       /* Owners and the platform's users need a second factor. */
    const char *admin_from;   /* Who may call it. Default: loopback. */
    const char *metrics_from; /* Who may read /metrics. Default: loopback. */
    const struct http_status_override *status_overrides;
    size_t status_override_count;
    bool status_always_200; /* Of the five endpoints. */
    int logins_per_minute;  /* Of one apikey from one address; < 0: no limit, nor waits after wrong
                               ones. */
    int address_logins_per_minute; /* Of one address, whatever the apikey; < 0: no limit. */
    int calls_per_minute; /* Of one merchant that has none of its own, all endpoints together;
                             0: no limit. */
    bool access_log_off;  /* No line a request. */
};

/* Binds, listens and serves. The caller owns *http: http_close. FAULT_FINAL with a sentence about
 * the option that is wrong, or the address that can't be had. secret_init must have been called. */
MUST_USE enum fault_kind http_open(const struct http_options *options, struct http **http,
                                   struct fault *fault);
/* Takes over what can be changed while it runs; nothing of it when it is wrong. One thread
 * (main's).
 */
MUST_USE enum fault_kind http_reload(struct http *http, const struct http_options *options,
                                     struct fault *fault);
/* Takes over a certificate or key whose file was replaced, when there is one, and says so in the
 * log. That thread. */
void http_certificate_look(struct http *http);
/* The port it listens on. */
int http_port(const struct http *http);
/* What a batch of the lane wrote: whoever follows it hears of it. Any thread; costs next to nothing
 * when nobody listens. */
void http_changed(struct http *http, const struct book *book);
/* Takes no new connection; /readyz says 503; replies close their connections. Idempotent. Then stop
 * the lane, so that nothing stays unanswered, then http_close. */
void http_quiesce(struct http *http);
/* Waits (drain_ms at most) for the replies on their way, ends its threads, closes its readers,
 * frees it. The lane must have been stopped, or still answer: it waits without limit for what is
 * with the lane. NULL is fine. */
void http_close(struct http *http);
#endif

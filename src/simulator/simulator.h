/* simulator: the operators' side of the protocols that the connectors speak, for trying payoutd,
 * and proving it, without an operator: MTN MoMo, Wave, GSMA Mobile Money, Orange Money and
 * CinetPay's two APIs, each as strict as its public documents say, with faults by a script and from
 * a seed. It keeps books of its own: who was paid, and whether anybody was paid twice.
 *
 * It must never know a rule of payoutd's: it was written from the operators' documents and shares
 * with the server base, wire's words for JSON and (its main part) net. Its core is pure: time comes
 * with each request, chance from the seed, and there is no socket in it. One thread at a time. */
#ifndef PAYOUT_SIMULATOR_SIMULATOR_H
#define PAYOUT_SIMULATOR_SIMULATOR_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/fault.h"

enum {
    SIM_REPLY_HEADERS_MAX = 6,
    SIM_HEADER_BYTES = 512,
    SIM_URL_BYTES = 512,
    SIM_BODY_BYTES_MAX = 4 * 1024 * 1024, /* Of a request, a reply, a callback. */
    SIM_ERROR_BYTES = 160,
    SIM_TEXT_BYTES = 96, /* A reference, an id, with its NUL. */
};

/* The protocols; a request's path begins with the name of its own: "/mtn/disbursement/token/".
 * PROTOCOL(name, word, what it is) */
#define SIM_PROTOCOLS(PROTOCOL)                                                                    \
    PROTOCOL(MTN, "mtn", "MTN MoMo, Disbursement")                                                 \
    PROTOCOL(WAVE, "wave", "Wave Business, Payout API")                                            \
    PROTOCOL(GSMA, "gsma", "GSMA Mobile Money API 1.2")                                            \
    PROTOCOL(ORANGE, "orange", "Orange Money, cash-in")                                            \
    PROTOCOL(CINETPAY, "cinetpay", "CinetPay Payout API v1.1.0")                                   \
    PROTOCOL(CINETPAY_V2, "cinetpay_v2", "CinetPay's newer API")
enum sim_protocol {
#define PROTOCOL(name, word, what) SIM_##name,
    SIM_PROTOCOLS(PROTOCOL)
#undef PROTOCOL
        SIM_PROTOCOL_COUNT
};
/* "mtn" */
const char *sim_protocol_word(enum sim_protocol protocol);

/* What lets a caller in, by protocol; there is one caller. docs/operators.md shows them. */
struct sim_credentials {
    const char *account, *secret, *second, *callback_secret; /* "": it has none. */
};
const struct sim_credentials *sim_credentials(enum sim_protocol protocol);

struct sim_header {
    const char *name, *value;
};
/* A request as it came in. All texts are the caller's and need be nothing in particular. */
struct sim_request {
    const char *method;
    const char *path;  /* Without the query, not decoded. */
    const char *query; /* Behind the '?', not decoded; "": none. */
    const struct sim_header *headers;
    size_t header_count;
    const char *body;
    size_t length;
    int64_t now_ms;
};
struct sim_reply {
    int status; /* 0: none ever comes: the connection is cut at once when cut is set, else it hangs.
                 */
    bool cut;
    int64_t after_ms; /* The reply is sent so long after the request came. */
    char headers[SIM_REPLY_HEADERS_MAX][SIM_HEADER_BYTES]; /* "name: value" */
    size_t header_count;
    struct buffer body;
};
void sim_reply_init(struct sim_reply *reply);
void sim_reply_free(struct sim_reply *reply);

/* A call back to whoever sent a transfer. */
struct sim_callback {
    const char *method; /* A literal. */
    char url[SIM_URL_BYTES];
    char headers[SIM_REPLY_HEADERS_MAX][SIM_HEADER_BYTES];
    size_t header_count;
    struct buffer body;
};
void sim_callback_init(struct sim_callback *callback);
void sim_callback_free(struct sim_callback *callback);

/* What became of everything. */
struct sim_totals {
    int64_t orders, paid, rejected, open, reversed; /* paid: without what was reversed. */
    int64_t paid_minor;                             /* Of what is paid, and was not reversed. */
    int64_t doubles;     /* Transfers that were paid more than once: none, or payoutd is wrong. */
    int64_t overlaps;    /* Calls about an order while another about it was not answered yet. */
    int64_t two_workers; /* Of those, such from another worker than that one: none, or payoutd's
                            processes hold the same work. They say who they are in User-Agent:
                            "payoutd (worker NAME)". */
    int64_t calls, callbacks;
};

struct sim_world;
struct sim_world *sim_open(uint64_t seed);
void sim_close(struct sim_world *world); /* NULL is fine. */
/* Changes faults, delays and floats by a script (docs/man/payout-operator-sim.1). False, and
 * nothing changed, with a sentence in error, when it is none. */
MUST_USE bool sim_script(struct sim_world *world, const char *json, size_t length,
                         char error[SIM_ERROR_BYTES]);

/* Answers one request. reply is initialised, or was used before. */
void sim_answer(struct sim_world *world, const struct sim_request *request,
                struct sim_reply *reply);
/* When something happens by itself next: a transfer is decided, a callback goes out; INT64_MAX:
 * nothing will. */
int64_t sim_next_ms(const struct sim_world *world);
/* Decides what is due by now_ms and takes one callback that is due; false: there is none. */
MUST_USE bool sim_callback_take(struct sim_world *world, int64_t now_ms,
                                struct sim_callback *callback);
/* Of one protocol, or SIM_PROTOCOL_COUNT for all. */
void sim_totals(const struct sim_world *world, enum sim_protocol protocol,
                struct sim_totals *totals);
#endif

/* world: what the operators know: orders by every id they have, tokens, floats, and the books that
 * tell whether anybody was paid twice. The room's own. Grows with what comes in: it is a tool for
 * tests. One thread. */
#ifndef PAYOUT_SIMULATOR_WORLD_H
#define PAYOUT_SIMULATOR_WORLD_H
#include "simulator/marks.h"
#include "simulator/script.h"

/* Why an order is rejected; the names are the sandbox's (include/payout/sandbox.def). */
enum sim_reason {
    SIM_REASON_NONE,
    SIM_REASON_RECEIVER_UNKNOWN,
    SIM_REASON_RECEIVER_LIMIT,
    SIM_REASON_RECEIVER_BLOCKED,
    SIM_REASON_RECEIVER_NAME,
    SIM_REASON_OPERATOR_REFUSED,
    SIM_REASON_OPERATOR_FLOAT,
    SIM_REASON_COUNT,
};
const char *sim_reason_word(enum sim_reason reason); /* "RECEIVER_UNKNOWN" */

enum sim_state { SIM_OPEN, SIM_PAID, SIM_REJECTED, SIM_REVERSED };
const char *sim_state_word(enum sim_state state); /* "paid" */

enum { SIM_NOTES = 6, SIM_NOTE_BYTES = 192 };
struct sim_order {
    enum sim_protocol protocol;
    char reference[SIM_TEXT_BYTES]; /* What the operator takes once. */
    char transfer[SIM_TEXT_BYTES]; /* The caller's own name for it: paid once, or it is a double. */
    char own[SIM_TEXT_BYTES];      /* The operator's id. "" until accepted: made then. */
    char receiver[SIM_TEXT_BYTES]; /* Digits. */
    int64_t amount_minor;
    char currency[8];
    char callback_url[SIM_URL_BYTES];      /* "": none. */
    char notes[SIM_NOTES][SIM_NOTE_BYTES]; /* The protocol's own. */
    uint64_t body_hash;                    /* What was asked for, for protocols that compare. */
    /* The world's: */
    int64_t number;      /* From 1. */
    int64_t same_before; /* Of those with the same transfer, the one before; 0: none. */
    enum sim_state state;
    enum sim_reason reason; /* Rejected: why; open: why it will be. */
    int64_t accepted_at_ms, decides_at_ms, decided_at_ms, skew_ms;
    int row;                     /* Of the sandbox's table; 0: none. */
    int64_t busy_until_ms;       /* A call about it is not answered before. */
    char worker[SIM_TEXT_BYTES]; /* Whose call; "": it did not say. */
    struct sim_order *touched_next;
    bool touched;
};

struct sim_event {
    int64_t at_ms, sequence;
    struct sim_order *order;
};
/* A heap: the first is due first. */
struct sim_events {
    struct sim_event *events;
    int64_t count, size, sequence;
};

enum world_mark {
    MARK_REFERENCE,
    MARK_OWN = MARK_REFERENCE + SIM_PROTOCOL_COUNT,
    MARK_TRANSFER = MARK_OWN + SIM_PROTOCOL_COUNT, /* How often it was paid. */
    MARK_TOKEN = MARK_TRANSFER + SIM_PROTOCOL_COUNT,
    MARK_OTHER = MARK_TOKEN + SIM_PROTOCOL_COUNT,   /* A transfer's last order; a protocol's own. */
    MARK_CONTACT = MARK_OTHER + SIM_PROTOCOL_COUNT, /* CinetPay's contacts, by number. */
    MARK_CHANCE,                                    /* How often each fault was drawn for a call. */
};

/* Who may call MTN's: made by the sandbox's provisioning. */
struct sim_user {
    char id[SIM_TEXT_BYTES], key[SIM_TEXT_BYTES], host[SIM_TEXT_BYTES]; /* host "*": any. */
};
enum { SIM_USERS_MAX = 32 };

struct sim_world {
    uint64_t seed;
    struct sim_script script;
    int64_t floats[SIM_PROTOCOL_COUNT];
    struct sim_order **orders;
    int64_t order_count, order_size;
    struct marks marks;
    struct sim_events decisions, callbacks;
    struct sim_totals totals[SIM_PROTOCOL_COUNT];
    int64_t happened[SIM_FAULT_COUNT];
    int64_t serial; /* Of ids and tokens. */
    struct sim_user users[SIM_USERS_MAX];
    int user_count;
};

/* NULL: there is none. */
struct sim_order *world_reference(const struct sim_world *world, enum sim_protocol protocol,
                                  const char *reference);
struct sim_order *world_own(const struct sim_world *world, enum sim_protocol protocol,
                            const char *own);
/* Takes an order as the draft says; its reference must be new. It is decided at once, or later, as
 * its receiver's number, its amount or chance want. */
struct sim_order *world_accept(struct sim_world *world, const struct sim_order *draft,
                               int64_t now_ms);
/* Takes a paid order back. */
void world_reverse(struct sim_world *world, struct sim_order *order, int64_t now_ms);
/* Decides all that is due by now_ms. */
void world_advance(struct sim_world *world, int64_t now_ms);
/* Takes the order of a callback that is due; NULL: there is none. */
struct sim_order *world_callback(struct sim_world *world, int64_t now_ms);

/* Why this receiver can't be paid whatever the amount, as far as anybody knows beforehand. */
enum sim_reason world_receiver(const char *receiver);
/* True when there is too little for an order, or its ending says so. */
bool world_short(const struct sim_world *world, const struct sim_order *draft);
/* True by the share of fault among calls about text, anew at each call; always for those it names.
 */
bool world_chance(struct sim_world *world, enum sim_fault fault, const char *text);
/* From 0 to most, by chance. */
int64_t world_span(struct sim_world *world, const char *text, int64_t most);
/* A token that lives token_ms. */
void world_token(struct sim_world *world, enum sim_protocol protocol, int64_t now_ms,
                 char token[SIM_TEXT_BYTES]);
bool world_token_good(const struct sim_world *world, enum sim_protocol protocol, const char *token,
                      int64_t now_ms);
/* A UUID, version 4 by its form. */
void world_uuid(struct sim_world *world, char uuid[SIM_TEXT_BYTES]);
#endif

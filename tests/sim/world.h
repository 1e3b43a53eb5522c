/* world: one simulated platform: merchants that make mistakes, operators that misbehave, workers
 * that die, a store that fails, and a clock, all driven by one seed. Single-threaded. */
#ifndef PAYOUT_TESTS_SIM_WORLD_H
#define PAYOUT_TESTS_SIM_WORLD_H
#include "lane/lane.h"
#include "sim/operator_fake.h"
#include "support/store_memory.h"

enum {
    WORLD_MERCHANTS = 3,
    WORLD_PEOPLE = 12,
    WORLD_ORDERS_MAX = 400, /* What merchants want to be paid: one item each. */
    WORLD_WORKERS = 2,
    WORLD_HISTORY_MAX = 200000,
};

/* Which kinds of trouble there are: a mask, so that a failing seed can be shrunk. */
#define WORLD_TROUBLES(TROUBLE)                                                                    \
    TROUBLE(STORE_AGAIN)                                                                           \
    TROUBLE(STORE_UNKNOWN)                                                                         \
    TROUBLE(STORE_FINAL)                                                                           \
    TROUBLE(CRASH)                                                                                 \
    TROUBLE(OPERATOR_LOST)                                                                         \
    TROUBLE(OPERATOR_LATE)                                                                         \
    TROUBLE(OPERATOR_TWICE)                                                                        \
    TROUBLE(OPERATOR_CONTRADICTS)                                                                  \
    TROUBLE(OPERATOR_DOWN)                                                                         \
    TROUBLE(CLIENT_DUPLICATES)                                                                     \
    TROUBLE(WORKER_PAUSES)                                                                         \
    TROUBLE(CLOCK_BACK)
enum trouble {
#define TROUBLE(name) TROUBLE_##name,
    WORLD_TROUBLES(TROUBLE)
#undef TROUBLE
        TROUBLE_COUNT,
};
#define TROUBLES_ALL ((1u << TROUBLE_COUNT) - 1)

/* What a merchant wants: to pay amount to a person once, under client_id. */
struct order {
    int merchant, person;
    int64_t amount_minor;
    char client_id[24];
    bool answered;            /* It has heard that the transfer was accepted. */
    struct transfer_id known; /* As it was told. */
};

struct world {
    uint64_t seed, random;
    unsigned troubles;
    int64_t now_ms;
    int step;
    struct store *store;
    struct store_reader *reader;
    struct lane *lane;
    struct arena *arena; /* Of the world: what must outlive commands. */
    struct operator_fake operator_fake;
    struct merchant_id merchants[WORLD_MERCHANTS];
    struct order orders[WORLD_ORDERS_MAX];
    int order_count;
    int64_t topped_up_minor[WORLD_MERCHANTS]; /* As answered: the auditor's own books. */
    int funding_count;
    int64_t worker_paused_until_ms[WORLD_WORKERS];
    bool operator_down, calm; /* calm: no new trouble; everything must end. */
    int crashes;
    /* What merchants received: the number last delivered of each transfer. */
    struct heard {
        struct transfer_id transfer;
        int32_t number;
        enum transfer_state state;
    } * heard;
    size_t heard_count, heard_room;
    char *history;
    size_t history_length;
};

struct world *world_open(uint64_t seed, unsigned troubles);
void world_close(struct world *world);
/* One step: somebody does something. */
void world_step(struct world *world);
/* No more trouble; runs until everything has ended or can't. */
void world_drain(struct world *world);
/* A number from 0 to limit - 1. */
uint32_t world_random(struct world *world, uint32_t limit);
/* True once in `of` times when the trouble is on and the world is not calm. */
bool world_trouble(struct world *world, enum trouble trouble, uint32_t of);
void world_say(struct world *world, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* auditor.c: checks every invariant with books of its own; stops with a sentence when one is
 * broken. */
void auditor_check(struct world *world);
/* An outcome was answered as applied: before is the state that the transfer had then. */
void auditor_check_answer(struct world *world, enum transfer_state before,
                          const struct outcome_item *item);
/* After world_drain: everything has ended well. */
void auditor_check_end(struct world *world);
_Noreturn void auditor_fail(struct world *world, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
#define audit(world, condition, ...)                                                               \
    ((condition) ? (void)0 : auditor_fail((world), #condition ": " __VA_ARGS__))
#endif

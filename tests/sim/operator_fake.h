/* operator_fake: operators as they are, one behind each channel, who know nothing of each other:
 * they may be silent, late, down, out of reach, answer twice or contradict themselves; but each
 * pays one reference once, and their books are the truth that ours are held against. */
#ifndef PAYOUT_TESTS_SIM_OPERATOR_FAKE_H
#define PAYOUT_TESTS_SIM_OPERATOR_FAKE_H
#include <stdbool.h>
#include <stdint.h>

#include "money/command.h"

struct world;

enum { OPERATOR_CHANNELS = 2, OPERATOR_ORDERS_MAX = 1000, OPERATOR_MESSAGES_MAX = 4000 };

/* Its own record of a reference. */
struct operator_order {
    int64_t reference; /* Our transfer's id. */
    int channel;       /* Whose it is: no other may have the same. */
    int64_t amount_minor, msisdn;
    enum { ORDER_OPEN, ORDER_PAID, ORDER_REJECTED } state;
    int64_t decides_at_ms;
    bool will_pay;
    bool lied; /* It has contradicted itself about this one. */
};

/* Something on its way between us and it. */
struct operator_message {
    int64_t arrives_at_ms;
    bool to_us;      /* An answer; else a submit that has not reached it yet. */
    int boot;        /* Of which life of ours: an answer to a dead process reaches nobody. */
    bool calls_back; /* Not an answer to a call of ours: it reaches every life ... */
    bool calls;      /* ... as a callback, whose verdict nobody reads. */
    int channel;
    int64_t reference, amount_minor, msisdn;
    int32_t attempt; /* Of ours, to which it answers; 0: to none. */
    enum verdict verdict;
};

struct operator_fake {
    struct operator_order orders[OPERATOR_ORDERS_MAX];
    int order_count;
    struct operator_message messages[OPERATOR_MESSAGES_MAX];
    int message_count;
    struct operator_real *real; /* Of operator_real.c, which has its own. */
};

/* Which operator it is to be. False: this program has none of that name. */
bool operator_fake_choose(const char *name);
/* Lets go of what it holds besides; the world is at its end. */
void operator_fake_close(struct world *world);
/* Claimed, through its channel. */
void operator_fake_submit(struct world *world, const struct transfer *transfer, int32_t attempt);
void operator_fake_ask(struct world *world, const struct transfer *transfer, int32_t attempt);
/* Callbacks that arrive by now, true ones and now and then one that is none. */
void operator_fake_call_back(struct world *world);
/* Whatever else arrives by now: submits reach it, answers are collected into items (limit at most).
 */
size_t operator_fake_deliver(struct world *world, struct outcome_item *items, size_t limit);
const struct operator_order *operator_fake_order(const struct world *world, int64_t reference);
#endif

/* shares: which part of the work is this process's own now. Work is done by duties; each is divided
 * into shards, and a shard is one process's at a time. Whoever works asks here before it looks for
 * work and before it begins any that is not claimed: what was held runs out by itself when nobody
 * renews it, so that a process that was stopped for a while finds that it has nothing any more. It
 * must never talk to anybody: the steward (daemon/steward.h) does. Any thread. */
#ifndef PAYOUT_STORE_SHARES_H
#define PAYOUT_STORE_SHARES_H
#include <stdbool.h>
#include <stdint.h>

#include "store/shard.h"

/* The numbers are the database's. */
enum duty {
    DUTY_OPERATORS = 1, /* By merchants. */
    DUTY_NOTIFICATIONS, /* By queues. */
    DUTY_MAILS,         /* This one and the following are not divided: shard 0 is all. */
    DUTY_SCREENING,
    DUTY_JANITOR,
    DUTY_END,
};
const char *duty_word(enum duty duty);
/* All shards that there are of it. */
uint32_t duty_shards(enum duty duty);

struct shares;
/* Of a process that is alone, everything is its own, always. */
struct shares *shares_open(bool alone);
void shares_close(struct shares *shares); /* NULL is fine. */

/* --- Whoever works; shares NULL: it is alone --- */

/* The shards that may be worked on now. busy: those of which the caller has work in hand, whether
 * they are still its own or not: they are given to nobody else before a call without them. */
uint32_t shares_use(struct shares *shares, enum duty duty, uint32_t busy);
/* The same, for a word on what is in hand. */
uint32_t shares_held(struct shares *shares, enum duty duty);

/* --- The steward --- */

/* What it holds of a duty from now on, until that moment by clock_monotonic_us. */
void shares_set(struct shares *shares, enum duty duty, uint32_t held, int64_t until_us);
/* Those of shards that may not be used any more, and that nobody has work of in hand. */
uint32_t shares_idle(struct shares *shares, enum duty duty, uint32_t shards);
#endif

/* works: the worker's commands on their way to the lane and back: two of a kind, so that one is
 * made while the other is committed, and their memory serves one after the other. What the lane has
 * no place for waits here. The worker's thread, but for what the lane's does. */
#ifndef PAYOUT_OPERATORS_WORKS_H
#define PAYOUT_OPERATORS_WORKS_H
#include "lane/lane.h"
#include "operators/attempts.h"

enum {
    WORK_ITEMS_MAX = 2000, /* Of one command. More would make all others wait longer for their turn
                              in the lane than the commit that it saves. */
    WORKS_OF_A_KIND = 2,
    WORKS_AGAIN_MS = 1000, /* After a fault, before the same is tried once more. */
};

struct works;

struct work {
    struct lane_job job;
    struct works *works;
    struct work *next; /* Free, ended or refused. */
    size_t count;
    struct attempt_held *held[WORK_ITEMS_MAX];  /* Of each item. */
    struct transfer *transfers[WORK_ITEMS_MAX]; /* Of each claim, in arena. */
    struct arena *arena;                        /* NULL, or freed with the work. */
    union {
        struct claim_item claims[WORK_ITEMS_MAX];
        struct outcome_item outcomes[WORK_ITEMS_MAX];
    };
};

/* wake: called on the lane's thread when a work has ended. */
struct works *works_open(struct lane *lane, void (*wake)(void *context), void *context);
void works_close(struct works *works); /* When none is in the lane. NULL is fine. */

/* An empty one for COMMAND_TRANSFER_CLAIM or COMMAND_TRANSFER_OUTCOME; NULL: both are away. */
struct work *works_take(struct works *works, enum command_kind kind);
void works_submit(struct works *works, struct work *work);
/* Nothing was recorded: the same once more, in a while. */
void works_again(struct works *works, struct work *work);
/* One that has ended; NULL: none has. It is the caller's again: works_free, or works_again. */
struct work *works_ended(struct works *works);
void works_free(struct works *works, struct work *work);
/* Tries again what was refused. stopping: claims end with a fault instead, and so does all else
 * when last is set. */
void works_retry(struct works *works, bool stopping, bool last);
/* When there is something to try again, by clock_monotonic_us; INT64_MAX: nothing. */
int64_t works_retry_at_us(const struct works *works);
/* A claim may be made: one is free, and the lane takes what comes. */
bool works_claimable(const struct works *works);
size_t works_away(const struct works *works);      /* That are not free. */
uint64_t works_refused(const struct works *works); /* By a full lane, till now. Any thread. */
#endif

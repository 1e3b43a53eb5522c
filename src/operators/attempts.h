/* attempts: what the worker has in hand: transfers that it is claiming, whose answer it waits for,
 * or whose answer it is writing down; each once, found by its id, with the answers that are to come
 * in order of time. Bounded from birth; nothing is allocated after. One thread. */
#ifndef PAYOUT_OPERATORS_ATTEMPTS_H
#define PAYOUT_OPERATORS_ATTEMPTS_H
#include <stddef.h>

#include "operators/operator.h"

struct attempts;
struct line;

struct attempt_held {
    struct transfer_id transfer;
    struct merchant_id merchant; /* Its owner. */
    int32_t number;              /* Of the attempt; when it was not claimed, of the one before. */
    struct line *line;           /* Through which it goes; NULL: none. */
    bool put_off;                /* Not claimed, and on its way to be put off. */
    bool reversal;               /* It is one of operators/reversals.h. */
    bool place, probe; /* Reserved for it while it is being claimed: operators/health.h. */
    struct verdict_answer answer;
    int open;                    /* Items of outcomes that are on their way with it. */
    int64_t answers_at_ms;       /* attempts' own, as are the rest. */
    struct attempt_held *next;   /* Free, or answered. */
    struct attempt_held *bucket; /* The next of its bucket. */
};

struct attempts *attempts_open(size_t max);
void attempts_close(struct attempts *attempts); /* NULL is fine. */
/* How many more can be held. */
size_t attempts_room(const struct attempts *attempts);
size_t attempts_count(const struct attempts *attempts);

/* Takes one in hand; it must not be there, and there must be room. */
struct attempt_held *attempts_hold(struct attempts *attempts, const struct transfer *transfer);
/* NULL: it is not in hand. */
struct attempt_held *attempts_find(struct attempts *attempts, struct transfer_id transfer);
/* Lets go of one whose answer is not to come any more. */
void attempts_release(struct attempts *attempts, struct attempt_held *held);

/* Its answer comes at at_ms; then attempts_answered gives it. Once. */
void attempts_wait(struct attempts *attempts, struct attempt_held *held, int64_t at_ms);
/* The next whose answer has come by now_ms, in order of time; NULL: none. */
struct attempt_held *attempts_answered(struct attempts *attempts, int64_t now_ms);
/* When the next answer comes; INT64_MAX: none is awaited. */
int64_t attempts_next_ms(const struct attempts *attempts);
#endif

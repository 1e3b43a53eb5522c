/* worker_own: what the worker's files share. Nobody else's. */
#ifndef PAYOUT_OPERATORS_WORKER_OWN_H
#define PAYOUT_OPERATORS_WORKER_OWN_H
#include <pthread.h>
#include <stdatomic.h>

#include "operators/caller.h"
#include "operators/line.h"
#include "operators/reversals.h"
#include "operators/routing.h"
#include "operators/worker.h"
#include "operators/works.h"

/* What was left for its channel's next place is looked at again so often at most. */
enum { WORKER_LEFT_MS = 5 };

struct worker_figures {
    atomic_uint_fast64_t claimed, lost, submits, asks, not_sent, under_way, faults, homeless,
        unasked;
    atomic_uint_fast64_t verdicts[VERDICT_NOT_SENT + 1];
};

struct operator_worker {
    struct operator_worker_options options;
    struct worker_figures figures;
    pthread_t thread;
    bool joined;
    pthread_mutex_t mutex;
    /* Under the mutex: */
    bool woken, stopping, roused; /* roused: the thread was woken and has not looked yet. */
    /* The thread's own: */
    struct store_reader *reader;
    struct attempts *attempts;
    struct works *works;
    struct line *lines; /* options.channel_count of them. */
    struct line *by_number[CHANNEL_NUMBER_MAX + 1];
    struct routing *routing;
    struct caller *caller;
    struct reversals *reversals;
    struct attempt_held *answered, *answered_last; /* To be written down, in order. */
    size_t claiming;                               /* Items of claims in the lane. */
    size_t put_off;      /* In hand without a claim, until it is written down. */
    size_t left;         /* Due, and left for their channel's next place. */
    bool look;           /* Something may be due. */
    int64_t look_at_ms;  /* When something will be. */
    int64_t look_at_us;  /* When there is a place for what was left; INT64_MAX: nothing was. */
    int64_t looked_us;   /* When it looked last. */
    int64_t unasked_us;  /* When transfers that can't be asked about were logged; 0: never. */
    int64_t homeless_us; /* When transfers without a channel were logged; 0: never. */
    int64_t stop_by_us;  /* 0: it is not stopping. */
};

/* --- worker.c --- */

void worker_count(atomic_uint_fast64_t *figure, uint64_t more);
/* After a fault: not at once, or a store that is down would keep a processor busy. */
void worker_look_soon(struct operator_worker *worker);

/* --- outcomes.c: what operators say, written down --- */

/* held->answer is all that will be said. */
void outcomes_add(struct operator_worker *worker, struct attempt_held *held);
/* Writes down what was answered, as many as there is room for. */
void outcomes_send(struct operator_worker *worker);
void outcomes_ended(struct operator_worker *worker, struct work *work);

/* --- claims.c: what is due, taken in hand --- */

/* Looks at what is due, and claims what can leave now. */
void claims_send(struct operator_worker *worker);
void claims_ended(struct operator_worker *worker, struct work *work);
/* What was reserved for it is free again; if it was not claimed, a breaker waits for another. */
void claims_reserve_end(struct attempt_held *held, enum transfer_step step, bool claimed);
/* When an attempt that was claimed at at_ms must have ended, by clock_monotonic_us: what it says by
 * then is written down before its lease is over. */
int64_t claims_until_us(int64_t at_ms, int64_t lease_ms);
#endif

/* worker: the thread that gives transfers to their operators. It chooses a channel for what is due
 * and claims it through the lane (so that a transfer is REC, durably, before anything leaves),
 * submits or asks through the channel's connector, and sends what was said through the lane. What
 * its channel can't take now is not claimed: it stays as it is, and is put off. A claim that ends
 * without a word (a crash) is asked about when its lease is over, never submitted again. */
#ifndef PAYOUT_OPERATORS_WORKER_H
#define PAYOUT_OPERATORS_WORKER_H
#include "base/buffer.h"
#include "lane/lane.h"
#include "operators/health.h"
#include "operators/operator.h"
#include "store/shares.h"
#include "store/store.h"

struct operator_worker;
struct operator_worker_options {
    struct store *store; /* Both must outlive it. */
    struct lane *lane;
    struct shares *shares;          /* Whose transfers it takes; NULL: all. Outlives it. */
    const struct channel *channels; /* Borrowed; they never change. */
    size_t channel_count;
    /* Whether a person has switched a channel off; NULL: none is. On the worker's thread, often. */
    bool (*off)(void *context, const struct channel *channel);
    void *off_context;
    const char *name;     /* Told to operators, in User-Agent; NULL: nothing is. Copied. */
    int64_t lease_ms;     /* How long a claim holds; 0: 60 s. */
    size_t under_way_max; /* Attempts at once; 0: 20000. */
};
/* Starts the thread. The caller owns it: operator_worker_close. */
MUST_USE enum fault_kind operator_worker_open(const struct operator_worker_options *options,
                                              struct operator_worker **worker, struct fault *fault);
/* There is work: look at once. Any thread; context is the worker (lane_options.work_made). */
void operator_worker_wake(void *worker);
/* Claims nothing more, waits some seconds for calls that are under way, sends what was answered by
 * then, ends the thread. Before lane_stop. What is not answered is asked about after the next
 * start. Idempotent. */
void operator_worker_stop(struct operator_worker *worker);
/* After stop, and after lane_stop when the lane wakes it. NULL is fine. */
void operator_worker_close(struct operator_worker *worker);
/* How a channel is. */
struct operator_picture {
    bool off; /* A person's word: nothing is submitted. */
    enum breaker_state submits, asks;
    int64_t since_ms;              /* Its submits are closed, or not, since; 0: the start. */
    int64_t closed_ms;             /* Nothing is submitted for so long, about; 0: it is open. */
    int64_t under_way, waiting;    /* Calls; claimed transfers that wait for one. */
    bool float_known, float_alarm; /* Its float was told; it is below its alarm. */
    int64_t float_minor;           /* As it was told last … */
    int64_t float_at_ms;           /* … then. */
    int64_t put_off;               /* How often a transfer was, since the start … */
    int64_t answered, failed;      /* … and calls to submit were. */
};
/* Fills in the picture of the channel with this number; false: there is none. Any thread. */
bool operator_worker_picture(const struct operator_worker *worker, int number,
                             struct operator_picture *picture);
/* Appends its counters as Prometheus text. Any thread. */
void operator_worker_metrics(const struct operator_worker *worker, struct buffer *text);
#endif

/* worker: the thread that gives transfers to their operators. It chooses a channel for what is due
 * and claims it through the lane (so that a transfer is REC, durably, before anything leaves),
 * submits or asks through the channel's connector, and sends what was said through the lane. What
 * its channel can't take now is not claimed: it stays as it is, and is put off. A claim that ends
 * without a word (a crash) is asked about when its lease is over, never submitted again. */
#ifndef PAYOUT_OPERATORS_WORKER_H
#define PAYOUT_OPERATORS_WORKER_H
#include "base/buffer.h"
#include "lane/lane.h"
#include "operators/operator.h"
#include "store/store.h"

struct operator_worker;
struct operator_worker_options {
    struct store *store; /* Both must outlive it. */
    struct lane *lane;
    const struct channel *channels; /* Borrowed; they never change. */
    size_t channel_count;
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
/* Appends its counters as Prometheus text. Any thread. */
void operator_worker_metrics(const struct operator_worker *worker, struct buffer *text);
#endif

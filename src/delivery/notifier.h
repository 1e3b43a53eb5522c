/* notifier: the thread that tells merchants what became of their transfers. It delivers what the
 * ledger's commits wrote down (notification rows): a GET as a ping, then the signed POST, with
 * retries by exponential backoff and jitter for three days. It must never decide what is told. */
#ifndef PAYOUT_DELIVERY_NOTIFIER_H
#define PAYOUT_DELIVERY_NOTIFIER_H
#include "base/buffer.h"
#include "lane/lane.h"
#include "net/address.h"
#include "store/shares.h"
#include "store/store.h"

struct notifier;
struct notifier_options {
    struct store *store; /* Both must outlive it. */
    struct lane *lane;
    struct shares *shares;     /* Whose queues it reads; NULL: all. Outlives it. */
    const struct vault *vault; /* Opens merchants' secrets; NULL: none is sealed. Outlives it. */
    size_t under_way_max;      /* At once; 0: 512. */
    size_t per_host_max;       /* At once to one host; 0: 16. */
    int64_t timeout_ms;        /* Of one request; 0: 15000. */
    int64_t retry_first_ms;    /* The first wait; 0: 10 s. It doubles, up to an hour. */
    /* Private addresses that may be called all the same (the sandbox: loopback). NULL: none.
     * Borrowed; must outlive it. */
    const struct address_list *private_allowed;
};
/* Starts the thread. The caller owns it: notifier_close. */
MUST_USE enum fault_kind notifier_open(const struct notifier_options *options,
                                       struct notifier **notifier, struct fault *fault);
/* There is something to tell, due at from_ms or later: look at once. Any thread; context is the
 * notifier (lane_options.notifications_made). */
void notifier_wake(void *notifier, int64_t from_ms);
/* Takes nothing more, cuts what is under way off, writes down what ended, ends the thread. Before
 * lane_stop. Idempotent. */
void notifier_stop(struct notifier *notifier);
void notifier_close(struct notifier *notifier); /* After stop. NULL is fine. */
/* Appends its counters as Prometheus text. Any thread. */
void notifier_metrics(const struct notifier *notifier, struct buffer *text);
#endif

/* sender: what is in hand goes out: a target is pinged first, then gets its POSTs, as many at once
 * as it may; targets take turns. What became of each is a result. It must never read or write the
 * store. One thread; its counters may be read by any. */
#ifndef PAYOUT_DELIVERY_SENDER_H
#define PAYOUT_DELIVERY_SENDER_H
#include <stdatomic.h>

#include "delivery/notifier.h"
#include "delivery/target.h"

struct sender {
    const struct notifier_options *options; /* With its defaults filled in; must outlive it. */
    struct exchange *exchange;
    size_t in_flight;
    struct target *ready, *ready_last;   /* That may send, in turn. */
    struct note *results, *results_last; /* That ended, in order. */
    bool ending;                         /* What ends now was cut off. */
    atomic_uint_fast64_t delivered, failed, given_up, pings, pings_failed;
};

MUST_USE enum fault_kind sender_open(struct sender *sender, const struct notifier_options *options,
                                     struct fault *fault);
/* Cuts off what is under way: that was no try, and gives no result. Idempotent. */
void sender_close(struct sender *sender);
/* Takes a note, whose letter is written, for its target. A letter without a secret is a try that
 * failed: it waits as such. */
void sender_take(struct sender *sender, struct target *target, struct note *note);
/* Sends what may be sent. What ends does so in exchange_step. */
void sender_send(struct sender *sender);
/* The next note that has ended, its result filled in; NULL: none. */
struct note *sender_result(struct sender *sender);
#endif

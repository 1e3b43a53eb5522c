/* sender: what is in hand goes out: a target is pinged first, then gets its POSTs, as many at once
 * as it bears; targets take turns. What became of each is a result. It must never read or write the
 * store. One thread; its counters may be read by any.
 *
 * Nobody can use up what others need: a target has at most a quarter of the POSTs that are free,
 * and one more; one that is slow or fails gets fewer, and rests when it goes on failing; one that
 * is down is asked once in a while; pings have a limit of their own, and half of it for those that
 * were down. */
#ifndef PAYOUT_DELIVERY_SENDER_H
#define PAYOUT_DELIVERY_SENDER_H
#include <stdatomic.h>

#include "delivery/notifier.h"
#include "delivery/target.h"

enum { SENDER_DELAY_BUCKETS = 16 };

/* Targets that wait for the same, in turn. */
struct target_list {
    struct target *first, *last;
};

struct sender {
    const struct notifier_options *options; /* With its defaults filled in; must outlive it. */
    struct exchange *exchange;
    size_t in_flight, pinging;
    struct target_list ready;            /* That may send ... */
    struct target_list strange;          /* ... that are to be pinged ... */
    struct target_list down;             /* ... and that were down, behind all others. */
    struct note *results, *results_last; /* That ended, in order. */
    struct note *dropped;                /* Those that are to be read again later. */
    bool ending;                         /* What ends now was cut off. */
    atomic_uint_fast64_t delivered, failed, given_up, pings, pings_failed, rests;
    /* From made, or redelivered, to delivered: how many up to each of the limits. */
    atomic_uint_fast64_t delays[SENDER_DELAY_BUCKETS], delay_ms_sum;
};

MUST_USE enum fault_kind sender_open(struct sender *sender, const struct notifier_options *options,
                                     struct fault *fault);
/* Cuts off what is under way: that was no try, and gives no result. Idempotent. */
void sender_close(struct sender *sender);
/* Takes a note, whose letter is written, for its target. A letter without a secret is a try that
 * failed: it waits as such. */
void sender_take(struct sender *sender, struct target *target, struct note *note);
/* Takes one that is not to be sent at all, since its endpoint is off: a result at once. */
void sender_skip(struct sender *sender, struct note *note);
/* Sends what may be sent. What ends does so in exchange_step. */
void sender_send(struct sender *sender);
/* The next note that has ended, its result filled in; NULL: none. */
struct note *sender_result(struct sender *sender);
/* The next note that was given back unsent, its queue at rest; NULL: none. */
struct note *sender_dropped(struct sender *sender);
/* How many of a target may be in hand while `room` more have place. */
size_t sender_hold_max(const struct target *target, size_t room);
/* Appends its counters as Prometheus text. Any thread. */
void sender_metrics(const struct sender *sender, struct buffer *text);
#endif

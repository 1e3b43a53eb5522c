/* reading: which notifications are taken in hand, and when. What falls due is read in the order of
 * time; what is passed over, since enough of its queue is in hand or its server rests, is read
 * later from that queue alone, a page for each queue in turn. So the cost of a queue is its own,
 * however much waits in it, and none waits for another. Now and then all queues are looked through,
 * one look-up each, so that nothing is missed. It must never send. One thread. */
#ifndef PAYOUT_DELIVERY_READING_H
#define PAYOUT_DELIVERY_READING_H
#include "delivery/merchant_cache.h"
#include "delivery/notebook.h"
#include "delivery/sender.h"

struct reading {
    struct store_reader *reader;
    struct shares *shares; /* NULL: all queues are its own. */
    uint32_t held;         /* Of those, what it may read. */
    size_t in_hand[SHARDS];
    const struct vault *vault;
    struct sender *sender;
    struct notebook *notebook;
    struct queues *queues;
    struct targets *targets;
    struct merchant_cache merchants;
    bool look;                       /* Something may have fallen due after `seen`. */
    int64_t look_at_ms;              /* When that is so next. */
    struct notification_cursor seen; /* All that was due up to here is in hand, or its queue is
                                        behind. */
    size_t turn;                     /* The queue whose turn it is. */
    int64_t behind_at_ms;            /* When one that is behind and rests may be read again. */
    bool sweeping;                   /* The queues after sweep_after are still to be looked at. */
    int64_t sweep_after, swept_at_us;
};

/* room: how many may be in hand. sender and shares live as long. */
MUST_USE enum fault_kind reading_open(struct reading *reading, struct store *store,
                                      struct shares *shares, const struct vault *vault,
                                      struct sender *sender, size_t room, struct fault *fault);
void reading_close(struct reading *reading); /* Zeros are fine. */
/* Takes in hand what is due and has place. Sets *more when there is more to read at once. */
MUST_USE enum fault_kind reading_turn(struct reading *reading, bool *more, struct fault *fault);
/* Something is due at due_at_ms or later that may have been passed. */
void reading_rewind(struct reading *reading, int64_t due_at_ms);
/* The same, to be seen at that time. */
void reading_expect(struct reading *reading, int64_t at_ms);
/* A note is in hand no more; again: it is to be read once more. */
void reading_release(struct reading *reading, struct note *note, bool again);
/* When there is something to read next, if nobody says so before. */
int64_t reading_next_ms(const struct reading *reading);
#endif

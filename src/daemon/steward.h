/* steward: the thread that gets this process its share of the work, where many have one store: it
 * holds leases on shards of each duty, renews them, gives back what is more than its share, and
 * stops using them well before they end. It tells the other processes of work that is theirs, and
 * hears of its own. When it hears nothing, whoever works is woken to look by itself. It must never
 * do any of the work. */
#ifndef PAYOUT_DAEMON_STEWARD_H
#define PAYOUT_DAEMON_STEWARD_H
#include "base/buffer.h"
#include "store/sharing.h"

struct steward;
struct steward_options {
    struct store *store;   /* Both must outlive it. */
    struct shares *shares; /* What it holds is said there. */
    struct sharing_self self;
    uint32_t duties; /* What this process does: 1 << duty. */
    /* There may be work, due at from_ms or later. On the steward's thread; must only wake. */
    void (*wake)(void *context, enum duty duty, int64_t from_ms);
    /* Persons may have said something about channels. On the steward's thread. */
    void (*channels)(void *context);
    void *context;
};
enum { STEWARD_LEASE_MS_LEAST = 1000 };

/* Starts the thread. A store of one process has none: *steward is NULL. FAULT_FINAL: there are
 * processes with other keys. The caller owns it: steward_close. */
MUST_USE enum fault_kind steward_open(const struct steward_options *options,
                                      struct steward **steward, struct fault *fault);
/* There is work in these shards, due at from_ms or later; whoever else has any of them is told.
 * Any thread; steward NULL is fine. */
void steward_tell(struct steward *steward, enum duty duty, uint32_t shards, int64_t from_ms);
/* A person said something about a channel: everybody is told. The same. */
void steward_tell_channels(struct steward *steward);
/* Gives all back and ends the thread: after whoever works was stopped. NULL is fine. Idempotent. */
void steward_stop(struct steward *steward);
void steward_close(struct steward *steward); /* After stop. NULL is fine. */
/* Appends its counters as Prometheus text. Any thread; NULL is fine. */
void steward_metrics(struct steward *steward, struct buffer *text);
#endif

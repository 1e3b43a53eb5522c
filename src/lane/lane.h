/* lane: the commit lanes, as many as the store has: one, or several, among which merchants are
 * shared (money/share.h), so that none waits for those of the others. Commands come from every
 * thread; each goes to its lane, which takes all that has queued, decides them on one book, commits
 * once, durably, and only then answers. The batch grows by itself with the load. The room is the
 * only caller of store_book_save, and must never do anything else: no parsing, no network, no rule
 * of money. */
#ifndef PAYOUT_LANE_LANE_H
#define PAYOUT_LANE_LANE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "money/command.h"
#include "store/store.h"

struct lane;

/* A command on its way. The submitter owns it, and must leave it alone from lane_submit until done
 * was called. */
struct lane_job {
    struct command command;
    /* Called once, on a lane's thread, after the commit or after it failed. Must be short, and
     * must not submit. It may free the job. */
    void (*done)(struct lane_job *job);
    void *context;         /* The submitter's own. */
    enum fault_kind fault; /* Set before done: NONE, command holds what became of it; AGAIN or
                              FINAL, nothing was recorded; UNKNOWN, nobody knows. */
    struct lane_job *next; /* The lane's own. */
    int64_t queued_at_us;  /* The lane's own. */
};

struct lane_options {
    size_t queue_weight_max; /* Commands (by weight) that may wait in each; 0:
                                LANE_QUEUE_WEIGHT_MAX. */
    bool screening;          /* Receivers' names are screened before money goes to them. */
    /* Called on a lane's thread, on several at a time, after a commit that made work; must only
     * wake. shards: whose it is (store/shard.h). May be NULL. */
    void (*work_made)(void *context, uint32_t shards);
    /* Those that it made are due at from_ms or later: an earlier commit may have shown some that
     * are due in the very same millisecond. */
    void (*notifications_made)(void *context, uint32_t shards, int64_t from_ms);
    /* The same for mails. */
    void (*mails_made)(void *context, int64_t from_ms);
    /* Called on the lane's thread after each commit, with what it wrote; must only look, and wake.
     * Not after a commit of which it took a second question to know that it happened. May be NULL.
     */
    void (*saved)(void *context, const struct book *book);
    void *context;
    bool starts_later; /* lane_start will be called: what is submitted before waits for it. Without
                          it a lane_call before drives the lane itself. */
};
enum {
    LANE_QUEUE_WEIGHT_MAX = 400000,
    LANE_BATCH_WEIGHT_MAX = 20000,
    LANE_TRIES_MAX = 5,
};

/* Opens the lanes of store, which must outlive them. The caller owns them: lane_close. */
MUST_USE enum fault_kind lane_open(struct store *store, const struct lane_options *options,
                                   struct lane **lane, struct fault *fault);
/* Starts their threads. Lanes without are driven by lane_step (the simulator, tools). */
void lane_start(struct lane *lane);
/* Queues the job; one whose items are of several lanes is committed by each of them, and its fault
 * is UNKNOWN when not all came to the same. False when its lane's queue is full, or they are
 * stopping: nothing happened, done will not be called. Any thread. */
MUST_USE bool lane_submit(struct lane *lane, struct lane_job *job);
/* Submits and waits for the answer: for a thread that may wait, never an HTTP one or the lane's
 * own. fault AGAIN when the queue is full. */
enum fault_kind lane_call(struct lane *lane, struct lane_job *job);
/* Commits one batch of what has queued in each. False when there was nothing. Without threads only.
 */
bool lane_step(struct lane *lane);
/* Answers everything that has queued, takes nothing more, ends the threads. Idempotent. */
void lane_stop(struct lane *lane);
/* Frees it. After lane_stop when it was started. NULL is fine. */
void lane_close(struct lane *lane);

/* Counters since the start, of all lanes together, for /metrics. Any thread. */
enum { LANE_HISTOGRAM_BUCKETS = 24 }; /* Bucket n counts waits below 2^n microseconds. */
struct lane_figures {
    uint64_t batches, commands, faults, refused_full;
    uint64_t commands_by_kind[COMMAND_KIND_COUNT];
    uint64_t wait_us_buckets[LANE_HISTOGRAM_BUCKETS]; /* From queued to answered. */
    uint64_t wait_us_sum;
    uint64_t queue_weight; /* Now. */
    uint64_t contradictions;
};
void lane_read_figures(const struct lane *lane, struct lane_figures *figures);
#endif

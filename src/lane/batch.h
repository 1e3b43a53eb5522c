/* batch: what a lane does with the jobs that it took: load, decide, check, save; again when the
 * store says so; one by one when together they can't. The room's own; one thread each. */
#ifndef PAYOUT_LANE_BATCH_H
#define PAYOUT_LANE_BATCH_H
#include "lane/lane.h"

struct batch;

/* options: whether names are screened, and who is told of what is saved; outlives it. */
MUST_USE enum fault_kind batch_open(struct store *store, struct share share,
                                    const struct lane_options *options, struct batch **batch,
                                    struct fault *fault);
void batch_close(struct batch *batch);

struct batch_effect {
    uint32_t work, notifications; /* Shards in which there is some now (lane_options). */
    bool mails_made;
    int64_t at_ms; /* The time that the batch was given, or the first of its parts. */
    uint64_t contradictions;
};
/* Commits the jobs (linked by next; at least one) in one transaction, or, when that fails for good
 * and they are several, each in its own, so that one that can't be saved takes no other with it.
 * Sets each job's fault; its command holds its result when that is FAULT_NONE. */
struct batch_effect batch_commit(struct batch *batch, struct lane_job *jobs);
#endif

/* strand: one lane of a store: its queue, its thread and its batches. The room's own; contracts are
 * those of lane.h. */
#ifndef PAYOUT_LANE_STRAND_H
#define PAYOUT_LANE_STRAND_H
#include "lane/lane.h"

struct strand;

MUST_USE enum fault_kind strand_open(struct store *store, struct share share,
                                     const struct lane_options *options, struct strand **strand,
                                     struct fault *fault);
void strand_start(struct strand *strand);
/* Each of the jobs to the strand of its place, which are in the order of lanes, none twice: all, or
 * none of them. */
MUST_USE bool strands_submit(struct strand *const *strands, struct lane_job *const *jobs,
                             size_t count);
bool strand_step(struct strand *strand);
/* Takes nothing more from now on; then answers all that has queued, and ends the thread. Once. */
void strand_stop_begin(struct strand *strand);
void strand_stop_end(struct strand *strand);
void strand_close(struct strand *strand);
/* Adds its figures to sum. Any thread. */
void strand_add_figures(struct strand *strand, struct lane_figures *sum);
#endif

/* split: a job whose items are of several lanes, as one job for each of them. The room's own. */
#ifndef PAYOUT_LANE_SPLIT_H
#define PAYOUT_LANE_SPLIT_H
#include "lane/strand.h"

bool split_needed(const struct command *command, int lanes);
/* As lane_submit. */
MUST_USE bool split_submit(struct strand *const *strands, int lanes, struct lane_job *whole);
#endif

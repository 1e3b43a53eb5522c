/* endpoints: what only time asks for of merchants' endpoints: those that have failed for long are
 * switched off, with one mail to whom it concerns; secrets that held on beside new ones are wiped.
 * The janitor's. */
#ifndef PAYOUT_DAEMON_ENDPOINTS_H
#define PAYOUT_DAEMON_ENDPOINTS_H
#include "lane/lane.h"
#include "store/store.h"

/* Each looks through all that it may concern. A lane that is full is no fault: the next look finds
 * the same. */
MUST_USE enum fault_kind endpoints_fail(struct store_reader *reader, struct lane *lane,
                                        struct fault *fault);
MUST_USE enum fault_kind endpoints_wipe(struct store_reader *reader, struct lane *lane,
                                        struct fault *fault);
#endif

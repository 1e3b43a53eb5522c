/* reversals: paid transfers that persons want back, given to the operator of their channel and
 * asked about until it is known. They are few, and nobody waits for one in the same second: so they
 * go in a slow round of their own beside the worker's, through the same caller and health. The
 * worker's thread. */
#ifndef PAYOUT_OPERATORS_REVERSALS_H
#define PAYOUT_OPERATORS_REVERSALS_H
#include "operators/attempts.h"

struct operator_worker;
struct reversals;

struct reversals *reversals_open(struct operator_worker *worker);
void reversals_close(struct reversals *reversals); /* With nothing in the lane. NULL is fine. */
/* Something may be due. */
void reversals_wake(struct reversals *reversals);
/* Does what can be done now. */
void reversals_turn(struct reversals *reversals);
/* When it has to be called again at the latest, by clock_monotonic_us. */
int64_t reversals_next_us(const struct reversals *reversals);
/* What the operator said of one (held->reversal): held->answer. */
void reversals_answered(struct reversals *reversals, struct attempt_held *held);
/* True while something of it is in the lane. */
bool reversals_away(const struct reversals *reversals);
/* True while something of it is in the lane, or is to be. */
bool reversals_busy(const struct reversals *reversals);
#endif

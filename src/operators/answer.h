/* answer: what the worker may make of what a connector said. Nothing that passes here can lead to a
 * second payment. Pure but for chance; any thread. */
#ifndef PAYOUT_OPERATORS_ANSWER_H
#define PAYOUT_OPERATORS_ANSWER_H
#include "operators/operator.h"

enum {
    ANSWER_TIMES_MAX = 4,        /* However often an operator says the same. */
    ANSWER_ASK_FIRST_MS = 1000,  /* The first question after an attempt; then 2 s, 4 s … */
    ANSWER_ASK_MOST_MS = 600000, /* … to ten minutes. */
    /* Of an operator that can't be asked: a callback or a person has to say it. */
    ANSWER_UNASKED_MS = 24 * 3600 * 1000,
};

/* Changes what connector said at step (of a transfer that is claimed for lease_ms) to what may be
 * believed and written down: a verdict that can't be becomes UNKNOWN, and so does an answer that
 * comes too late. What only asking could find out, of an operator that can't be asked, is far away.
 */
void answer_settle(struct verdict_answer *answer, const struct operator_connector *connector,
                   enum transfer_step step, int64_t lease_ms);
/* How long from now until the transfer is asked about, or submitted, again, after attempt number:
 * as was said, or between 3/4 and 5/4 of a span that doubles, so that what failed together does not
 * come back together. */
int64_t answer_again_ms(const struct verdict_answer *answer, int32_t number);
#endif

/* wave: Wave's Business API, payouts: its sources, what a channel's settings mean to it and what is
 * sure are told at the head of wave.c. */
#ifndef PAYOUT_OPERATORS_WAVE_H
#define PAYOUT_OPERATORS_WAVE_H
#include "operators/operator.h"

const struct operator_connector *wave_connector(void);

/* --- The connector's own: wave.c writes and looks after callbacks, wave_answer.c reads --- */

/* True when the transfer's operator_reference is the id of its payout, or of the batch it went in.
 */
bool wave_payout_known(const struct transfer *transfer);
bool wave_batch_known(const struct transfer *transfer);
void wave_answer_read(const struct operator_call *call, const struct operator_reply *reply,
                      struct operator_result *result);
#endif

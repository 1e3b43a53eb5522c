/* cinetpay: CinetPay's Payout API v1.1.0, the one that payoutd itself serves, as an operator: its
 * sources, what a channel's settings mean to it and what is sure are told at the head of
 * cinetpay.c. */
#ifndef PAYOUT_OPERATORS_CINETPAY_H
#define PAYOUT_OPERATORS_CINETPAY_H
#include "operators/operator.h"

const struct operator_connector *cinetpay_connector(void);

/* --- The connector's own: cinetpay.c writes and looks after callbacks, cinetpay_answer.c reads ---
 */

void cinetpay_answer_read(const struct operator_call *call, const struct operator_reply *reply,
                          struct operator_result *result);
#endif

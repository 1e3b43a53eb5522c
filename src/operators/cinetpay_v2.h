/* cinetpay_v2: CinetPay's JSON API of 2026: its sources, what a channel's settings mean to it and
 * what is sure are told at the head of cinetpay_v2.c. */
#ifndef PAYOUT_OPERATORS_CINETPAY_V2_H
#define PAYOUT_OPERATORS_CINETPAY_V2_H
#include "operators/operator.h"

const struct operator_connector *cinetpay_v2_connector(void);
#endif

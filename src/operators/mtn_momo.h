/* mtn_momo: MTN's Mobile Money, product Disbursement, of any country. */
#ifndef PAYOUT_OPERATORS_MTN_MOMO_H
#define PAYOUT_OPERATORS_MTN_MOMO_H
#include "operators/operator.h"

const struct operator_connector *mtn_momo_connector(void);
#endif

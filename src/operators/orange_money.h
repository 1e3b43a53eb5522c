/* orange_money: Orange Money in Senegal, by Sonatel's API. */
#ifndef PAYOUT_OPERATORS_ORANGE_MONEY_H
#define PAYOUT_OPERATORS_ORANGE_MONEY_H
#include "operators/operator.h"

/* "orange" */
const struct operator_connector *orange_money_connector(void);
#endif

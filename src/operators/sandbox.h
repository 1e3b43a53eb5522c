/* sandbox: the operator that is always there and pays nobody: what becomes of a transfer is chosen
 * by the last digits of the receiver's number (docs and `payout sandbox` show the table). It keeps
 * nothing: what it says follows from the transfer alone (its number, its times), so it says the
 * same after a restart. */
#ifndef PAYOUT_OPERATORS_SANDBOX_H
#define PAYOUT_OPERATORS_SANDBOX_H
#include "operators/operator.h"

const struct operator_connector *sandbox_connector(void);
/* Every delay of the table is multiplied by percent / 100 (0 to 1000000; tests make it fast).
 * Before any thread runs. */
void sandbox_scale_set(int percent);
#endif

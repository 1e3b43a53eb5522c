/* connectors: every connector that there is, by the name that a channel's file says. */
#ifndef PAYOUT_OPERATORS_CONNECTORS_H
#define PAYOUT_OPERATORS_CONNECTORS_H
#include "operators/operator.h"

/* index from 0; NULL beyond the last. */
const struct operator_connector *connector_at(size_t index);
/* NULL: there is none of this name. */
const struct operator_connector *connector_named(const char *name);
#endif

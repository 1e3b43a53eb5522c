/* sandbox: the operator that is always there and pays nobody: what becomes of a transfer is chosen
 * by the last digits of the receiver's number, or by the amount (payout/sandbox.def is the table).
 * It keeps nothing: what it says follows from the transfer alone (its number, its times, how often
 * it was tried), so it says the same after a restart. */
#ifndef PAYOUT_OPERATORS_SANDBOX_H
#define PAYOUT_OPERATORS_SANDBOX_H
#include <stddef.h>

#include "base/buffer.h"
#include "operators/operator.h"

const struct operator_connector *sandbox_connector(void);
/* Every delay of the table is multiplied by percent / 100 (0 to 1000000; tests make it fast).
 * Before any thread runs. */
void sandbox_scale_set(int percent);

enum sandbox_behaviour {
    SANDBOX_PENDING_PAID,
    SANDBOX_PENDING_REJECTED,
    SANDBOX_SLOW,
    SANDBOX_REJECTED,
    SANDBOX_UNKNOWN_PAID,
    SANDBOX_UNKNOWN_REJECTED,
    SANDBOX_NEVER_SEEN,
    SANDBOX_DOWN,
    SANDBOX_TWICE,
    SANDBOX_CONTRADICTS,
};
struct sandbox_row {
    int64_t ending; /* 9930: of the number, or the whole amount. */
    enum sandbox_behaviour behaviour;
    enum transfer_reason reason; /* Of a rejection. */
    int64_t delay_ms;            /* Not scaled. */
    const char *happens;         /* In English. */
};
/* The table, in order of endings; *count is set. Constant. */
const struct sandbox_row *sandbox_rows(size_t *count);
/* The row that an order to pay amount_minor to msisdn follows; NULL: it is paid at once. */
const struct sandbox_row *sandbox_row_of(int64_t msisdn, int64_t amount_minor);
/* Appends the table as Markdown. */
void sandbox_table_write(struct buffer *text);
#endif

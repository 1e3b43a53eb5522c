/* fee: what a transfer costs, and who pays it: the merchant, on top of its amount (held with it,
 * given back with it), or the receiver, who is given that much less. It is earned when the transfer
 * is paid. A merchant's fees are a text of rules with blanks between:
 *     METHOD:FROM:FIXED:PER_MILLE:MIN:MAX[:PAYER]
 * METHOD is a payment method ("MTNCM") or * for all; FROM the least amount that it is for; MAX 0 is
 * none; PAYER "merchant", as without one, or "receiver". A rule of the method goes before one of *,
 * then the one with the greatest FROM. Where no rule fits there is no fee. Pure; any thread. */
#ifndef PAYOUT_MONEY_FEE_H
#define PAYOUT_MONEY_FEE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

enum { FEE_RULES_MAX = 64 };

/* The numbers are stored: never reused. */
enum fee_payer {
    FEE_PAYER_MERCHANT = 0, /* On top of the amount. Also of what costs nothing. */
    FEE_PAYER_RECEIVER = 1, /* Out of the amount. */
    FEE_PAYER_END
};
const char *fee_payer_text(enum fee_payer payer); /* "MERCHANT" */

struct fee_rule {
    int operator_number; /* 0: all. */
    int64_t from_minor, fixed_minor, per_mille, min_minor, max_minor;
    enum fee_payer payer;
};
struct fee {
    int64_t minor; /* >= 0, in the currency of what is sent. */
    enum fee_payer payer;
};
struct fee_table {
    size_t count; /* 0: nothing costs anything. */
    struct fee_rule rules[FEE_RULES_MAX];
};

/* False, *table untouched, when text is not such rules, or two of them are for the same. "" is a
 * table without rules. text need not be valid in any way. */
MUST_USE bool fee_table_read(const char *text, struct fee_table *table);
/* What a transfer of amount_minor (> 0) with this operator costs; a part of the smallest unit
 * counts as one. It may be more than the amount, whoever pays it. */
struct fee fee_of(const struct fee_table *table, int operator_number, int64_t amount_minor);
#endif

/* fee: what a merchant pays for a transfer, on top of its amount: held with it, earned when it is
 * paid, given back with it otherwise. A merchant's fees are a text of rules with blanks between:
 *     METHOD:FROM:FIXED:PER_MILLE:MIN:MAX
 * METHOD is a payment method ("MTNCM") or * for all; FROM the least amount that it is for; MAX 0 is
 * none. A rule of the method goes before one of *, then the one with the greatest FROM. Where no
 * rule fits there is no fee. Pure; any thread. */
#ifndef PAYOUT_MONEY_FEE_H
#define PAYOUT_MONEY_FEE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

enum { FEE_RULES_MAX = 64 };

struct fee_rule {
    int operator_number; /* 0: all. */
    int64_t from_minor, fixed_minor, per_mille, min_minor, max_minor;
};
struct fee_table {
    size_t count; /* 0: nothing costs anything. */
    struct fee_rule rules[FEE_RULES_MAX];
};

/* False, *table untouched, when text is not such rules, or two of them are for the same. "" is a
 * table without rules. text need not be valid in any way. */
MUST_USE bool fee_table_read(const char *text, struct fee_table *table);
/* What a transfer of amount_minor (> 0) with this operator costs, in its currency; a part of the
 * smallest unit counts as one. >= 0. */
int64_t fee_of(const struct fee_table *table, int operator_number, int64_t amount_minor);
#endif

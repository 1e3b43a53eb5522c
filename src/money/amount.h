/* amount: a sum of money. A struct of its own, so that the compiler refuses a count, an id or a fee
 * rate in its place. */
#ifndef PAYOUT_MONEY_AMOUNT_H
#define PAYOUT_MONEY_AMOUNT_H
#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"

/* None of them has a smaller unit in use: 1 is one franc. The numbers are stored: never reused. */
enum currency {
    CURRENCY_XOF = 1,
    CURRENCY_XAF = 2,
    CURRENCY_GNF = 3,
    CURRENCY_CDF = 4,
    CURRENCY_END
};

struct amount {
    int64_t minor; /* In the currency's smallest unit in use. May be negative in a movement's
                      difference, never in a merchant's balance. */
    enum currency currency;
};

/* *sum = a + b. False, *sum untouched, when it does not fit. Both must be of one currency: a mix is
 * our mistake, it stops. */
MUST_USE bool amount_add(struct amount a, struct amount b, struct amount *sum);

/* "XOF". currency must be one of the enum. */
const char *currency_text(enum currency currency);
/* False, *currency untouched, when text names none. */
MUST_USE bool currency_read(const char *text, enum currency *currency);
#endif

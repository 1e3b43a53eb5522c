#include "money/amount.h"

#include <string.h>

static const char *const texts[CURRENCY_END] = {
    [CURRENCY_XOF] = "XOF",
    [CURRENCY_XAF] = "XAF",
    [CURRENCY_GNF] = "GNF",
    [CURRENCY_CDF] = "CDF",
};

bool amount_add(struct amount a, struct amount b, struct amount *sum)
{
    invariant(a.currency == b.currency);
    int64_t minor;
    if (__builtin_add_overflow(a.minor, b.minor, &minor))
        return false;
    *sum = (struct amount){.minor = minor, .currency = a.currency};
    return true;
}

const char *currency_text(enum currency currency)
{
    invariant(currency >= CURRENCY_XOF && currency < CURRENCY_END);
    return texts[currency];
}

bool currency_read(const char *text, enum currency *currency)
{
    for (enum currency each = CURRENCY_XOF; each < CURRENCY_END; each++) {
        if (strcmp(text, texts[each]) == 0) {
            *currency = each;
            return true;
        }
    }
    return false;
}

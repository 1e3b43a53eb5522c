#include "../dies.h"
#include "money/amount.h"

#include <string.h>

static void sums_are_checked(void **state)
{
    (void)state;
    struct amount sum = {-1, CURRENCY_GNF};
    assert_true(
        amount_add((struct amount){500, CURRENCY_XOF}, (struct amount){-200, CURRENCY_XOF}, &sum));
    assert_int_equal(sum.minor, 300);
    assert_int_equal(sum.currency, CURRENCY_XOF);
    assert_true(amount_add((struct amount){INT64_MAX, CURRENCY_XOF},
                           (struct amount){0, CURRENCY_XOF}, &sum));
    assert_int_equal(sum.minor, INT64_MAX);
    assert_false(amount_add((struct amount){INT64_MAX, CURRENCY_XOF},
                            (struct amount){1, CURRENCY_XOF}, &sum));
    assert_false(amount_add((struct amount){INT64_MIN, CURRENCY_XOF},
                            (struct amount){-1, CURRENCY_XOF}, &sum));
    assert_int_equal(sum.minor, INT64_MAX); /* Untouched. */
}

static void mix(void *context)
{
    struct amount sum;
    struct amount other = {1, *(const enum currency *)context};
    if (!amount_add((struct amount){1, CURRENCY_XOF}, other, &sum))
        _exit(1);
}

static void currencies_are_never_mixed(void **state)
{
    (void)state;
    enum currency currency = CURRENCY_XAF;
    assert_dies(mix, &currency);
}

static void every_currency_has_its_word(void **state)
{
    (void)state;
    for (enum currency each = CURRENCY_XOF; each < CURRENCY_END; each++) {
        enum currency read = CURRENCY_END;
        assert_int_equal(strlen(currency_text(each)), 3);
        assert_true(currency_read(currency_text(each), &read));
        assert_int_equal(read, each);
    }
    static const char *const none[] = {"", "xof", "XO", "XOFX", "EUR", " XOF"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        enum currency read = CURRENCY_END;
        assert_false(currency_read(none[i], &read));
        assert_int_equal(read, CURRENCY_END);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_are_checked),
        cmocka_unit_test(currencies_are_never_mixed),
        cmocka_unit_test(every_currency_has_its_word),
    };
    return cmocka_run_group_tests_name("money/amount", tests, NULL, NULL);
}

/* What is true of every connector that there is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "operators/connectors.h"

static void each_is_found_by_its_name_and_no_other(void **state)
{
    static const char *const names[] = {"sandbox",  "mtn_momo",    "wave",
                                        "cinetpay", "cinetpay_v2", "gsma"};
    (void)state;
    size_t count = 0;
    for (const struct operator_connector *each; (each = connector_at(count)) != NULL; count++) {
        assert_ptr_equal(connector_named(each->name), each);
        for (size_t i = 0; i < count; i++)
            assert_string_not_equal(connector_at(i)->name, each->name);
    }
    assert_true(count >= sizeof names / sizeof *names);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_non_null(connector_named(names[i]));
    assert_null(connector_named(""));
    assert_null(connector_named("Wave"));
    assert_null(connector_named("wave "));
}

static void each_has_what_its_abilities_promise(void **state)
{
    (void)state;
    const struct operator_connector *each;
    for (size_t i = 0; (each = connector_at(i)) != NULL; i++) {
        unsigned can = each->abilities;
        bool alone = each->submit != NULL; /* The sandbox: it has no network. */
        assert_int_equal(alone, each->call_write == NULL);
        assert_int_equal(alone, each->answer_read == NULL);
        assert_int_equal(alone, each->channel_check == NULL);
        assert_int_equal((can & OPERATOR_CALLS_BACK) != 0, each->callback_read != NULL);
        if ((can & (OPERATOR_NAMES | OPERATOR_INTRODUCES)) != 0)
            assert_true((can & OPERATOR_VALIDATES) != 0);
        /* What may be sent again because it was never seen was asked about. */
        if ((can & OPERATOR_REFERENCE_ONCE) != 0)
            assert_true((can & OPERATOR_ASKED) != 0);
        if (each->batch_max > 1)
            assert_false((can & OPERATOR_INTRODUCES) != 0);
    }
}

static void none_takes_a_channel_without_settings(void **state)
{
    static const struct channel empty = {.number = 2, .name = "empty", .currency = CURRENCY_XOF};
    (void)state;
    const struct operator_connector *each;
    for (size_t i = 0; (each = connector_at(i)) != NULL; i++)
        if (each->channel_check != NULL)
            assert_non_null(each->channel_check(&empty));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_found_by_its_name_and_no_other),
        cmocka_unit_test(each_has_what_its_abilities_promise),
        cmocka_unit_test(none_takes_a_channel_without_settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

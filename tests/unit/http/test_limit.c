#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/secret.h"
#include "http/limit.h"

enum { SECOND_US = 1000000 };
static const int64_t start_us = INT64_C(1000) * SECOND_US;

static void so_many_calls_pass_and_no_more(void **state)
{
    (void)state;
    struct limit *limit = limit_open();
    for (int i = 0; i < 60; i++) {
        struct limit_result result = limit_take(limit, 'm', "a", 1, 60, start_us);
        assert_true(result.allowed);
        assert_int_equal(result.remaining, 59 - i);
        assert_int_equal(result.retry_after_seconds, 0);
    }
    struct limit_result result = limit_take(limit, 'm', "a", 1, 60, start_us);
    assert_false(result.allowed);
    assert_int_equal(result.remaining, 0);
    assert_int_equal(result.retry_after_seconds, 1);
    limit_close(limit);
}

static void calls_come_back_one_by_one(void **state)
{
    (void)state;
    struct limit *limit = limit_open();
    for (int i = 0; i < 6; i++)
        assert_true(limit_take(limit, 'm', "a", 1, 6, start_us).allowed);
    struct limit_result result = limit_take(limit, 'm', "a", 1, 6, start_us);
    assert_int_equal(result.retry_after_seconds, 10);
    assert_false(limit_take(limit, 'm', "a", 1, 6, start_us + 9 * SECOND_US).allowed);
    assert_true(limit_take(limit, 'm', "a", 1, 6, start_us + 10 * SECOND_US).allowed);
    assert_false(limit_take(limit, 'm', "a", 1, 6, start_us + 10 * SECOND_US).allowed);
    /* Having been refused costs nothing; a rest gives all of them back, and not more. */
    for (int i = 0; i < 6; i++)
        assert_true(
            limit_take(limit, 'm', "a", 1, 6, start_us + 1000 * (int64_t)SECOND_US).allowed);
    assert_false(limit_take(limit, 'm', "a", 1, 6, start_us + 1000 * (int64_t)SECOND_US).allowed);
    limit_close(limit);
}

static void keys_and_kinds_don_t_share(void **state)
{
    (void)state;
    struct limit *limit = limit_open();
    assert_true(limit_take(limit, 'm', "a", 1, 1, start_us).allowed);
    assert_false(limit_take(limit, 'm', "a", 1, 1, start_us).allowed);
    assert_true(limit_take(limit, 'm', "b", 1, 1, start_us).allowed);
    assert_true(limit_take(limit, 'l', "a", 1, 1, start_us).allowed);
    limit_close(limit);
}

static void many_keys_never_refuse_a_newcomer(void **state)
{
    (void)state;
    struct limit *limit = limit_open();
    for (int32_t i = 0; i < 4 * LIMIT_BUCKETS; i++)
        assert_true(limit_take(limit, 'm', &i, sizeof i, 1, start_us + i).allowed);
    limit_close(limit);
}

int main(void)
{
    secret_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(so_many_calls_pass_and_no_more),
        cmocka_unit_test(calls_come_back_one_by_one),
        cmocka_unit_test(keys_and_kinds_don_t_share),
        cmocka_unit_test(many_keys_never_refuse_a_newcomer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

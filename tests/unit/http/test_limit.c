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

/* A newcomer a microsecond, each of whom calls once: whoever has used up all stays refused. */
static void a_flood_of_keys_frees_nobody(void **state)
{
    (void)state;
    struct limit *limit = limit_open();
    for (int i = 0; i < 60; i++)
        assert_true(limit_take(limit, 'm', "guesser", 7, 60, start_us).allowed);
    for (int32_t i = 0; i < 100 * LIMIT_BUCKETS / 8; i++)
        assert_true(limit_take(limit, 'm', &i, sizeof i, 60, start_us + i).allowed);
    assert_false(limit_take(limit, 'm', "guesser", 7, 60, start_us + SECOND_US / 2).allowed);
    limit_close(limit);
}

/* The wait that begins with a wrong guess at now_us, and is told to who comes then. */
static int64_t wait_after_wrong(struct limit *limit, int64_t now_us)
{
    assert_int_equal(limit_guess_begin(limit, 'l', "a", 1, now_us), 0);
    limit_guess_end(limit, 'l', "a", 1, false, now_us);
    return limit_guess_begin(limit, 'l', "a", 1, now_us);
}

static void wrong_guesses_cost_a_growing_wait(void **state)
{
    (void)state;
    struct limit *limit = limit_open();
    int64_t now_us = start_us;
    for (int i = 0; i < LIMIT_GUESSES_FREE - 1; i++)
        assert_int_equal(wait_after_wrong(limit, now_us), 0);
    static const int waits[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300};
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
        assert_int_equal(wait_after_wrong(limit, now_us), waits[i]);
        assert_int_equal(limit_guess_begin(limit, 'l', "b", 1, now_us), 0);
        assert_int_equal(limit_guess_begin(limit, 'm', "a", 1, now_us), 0);
        now_us += waits[i] * (int64_t)SECOND_US;
        assert_int_equal(limit_guess_begin(limit, 'l', "a", 1, now_us - 1), 1);
    }
    limit_close(limit);
}

static void a_right_guess_forgets_the_wrong_ones_and_so_does_time(void **state)
{
    (void)state;
    struct limit *limit = limit_open();
    for (int i = 0; i < LIMIT_GUESSES_FREE; i++)
        limit_guess_end(limit, 'l', "a", 1, false, start_us);
    assert_int_equal(limit_guess_begin(limit, 'l', "a", 1, start_us), 1);
    limit_guess_end(limit, 'l', "a", 1, true, start_us);
    assert_int_equal(limit_guess_begin(limit, 'l', "a", 1, start_us), 0);
    for (int i = 0; i < LIMIT_GUESSES_FREE + 4; i++)
        limit_guess_end(limit, 'l', "a", 1, false, start_us);
    int64_t later_us = start_us + 7200 * (int64_t)SECOND_US;
    assert_int_equal(limit_guess_begin(limit, 'l', "a", 1, later_us), 0);
    assert_int_equal(limit_guess_begin(limit, 'l', "a", 1, later_us), 0);
    limit_guess_end(limit, 'l', "a", 1, false, later_us);
    assert_int_equal(limit_guess_begin(limit, 'l', "a", 1, later_us), 0);
    limit_close(limit);
}

/* When a wait is over, one may try: what comes at the same moment waits for how that ends. */
static void many_at_once_get_one_guess(void **state)
{
    (void)state;
    struct limit *limit = limit_open();
    for (int i = 0; i < LIMIT_GUESSES_FREE; i++)
        limit_guess_end(limit, 'l', "a", 1, false, start_us);
    int64_t over_us = start_us + SECOND_US;
    assert_int_equal(limit_guess_begin(limit, 'l', "a", 1, over_us), 0);
    for (int i = 0; i < 10; i++)
        assert_int_equal(limit_guess_begin(limit, 'l', "a", 1, over_us), 1);
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
        cmocka_unit_test(a_flood_of_keys_frees_nobody),
        cmocka_unit_test(wrong_guesses_cost_a_growing_wait),
        cmocka_unit_test(a_right_guess_forgets_the_wrong_ones_and_so_does_time),
        cmocka_unit_test(many_at_once_get_one_guess),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

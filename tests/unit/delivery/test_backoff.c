#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/secret.h"
#include "delivery/backoff.h"

enum { TRIES = 400 };

static void waits_double_up_to_an_hour_with_jitter(void **state)
{
    (void)state;
    int64_t span_ms = 10000;
    for (int32_t failures = 1; failures < 40; failures++) {
        int64_t least = INT64_MAX, most = 0;
        for (int i = 0; i < TRIES; i++) {
            int64_t wait_ms = backoff_next_ms(10000, failures, 5000000, 5000000) - 5000000;
            least = wait_ms < least ? wait_ms : least;
            most = wait_ms > most ? wait_ms : most;
        }
        assert_true(least >= span_ms / 2 && most <= span_ms / 2 * 3);
        assert_true(most - least > span_ms / 2); /* What failed together is spread. */
        span_ms = span_ms * 2 < BACKOFF_WAIT_MS_MAX ? span_ms * 2 : BACKOFF_WAIT_MS_MAX;
    }
    assert_true(backoff_next_ms(10000, INT32_MAX, 1, 1) <= 1 + BACKOFF_WAIT_MS_MAX / 2 * 3);
    assert_true(backoff_next_ms(INT64_C(1) << 40, 1, 1, 1) <= 1 + BACKOFF_WAIT_MS_MAX / 2 * 3);
}

static void it_is_tried_until_three_days_are_over_and_once_then(void **state)
{
    (void)state;
    for (int round = 0; round < TRIES; round++) {
        int64_t created_ms = 1000000, now_ms = created_ms, last_ms = 0;
        int32_t failures = 0;
        while (now_ms != 0) {
            last_ms = now_ms;
            now_ms = backoff_next_ms(10000, ++failures, created_ms, now_ms);
            assert_true(now_ms == 0 || now_ms > last_ms);
        }
        assert_true(last_ms == created_ms + BACKOFF_GIVE_UP_MS);
        assert_true(failures > 60 && failures < 200);
    }
}

static void what_is_too_old_is_given_up(void **state)
{
    (void)state;
    assert_true(backoff_next_ms(10000, 1, 1000, 1000 + BACKOFF_GIVE_UP_MS) == 0);
    assert_true(backoff_next_ms(10000, 1, 1000, 1000 + 2 * BACKOFF_GIVE_UP_MS) == 0);
    assert_true(backoff_next_ms(10000, 1, 1000, 999 + BACKOFF_GIVE_UP_MS) ==
                1000 + BACKOFF_GIVE_UP_MS);
}

static int begin(void **state)
{
    (void)state;
    secret_init();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_double_up_to_an_hour_with_jitter),
        cmocka_unit_test(it_is_tried_until_three_days_are_over_and_once_then),
        cmocka_unit_test(what_is_too_old_is_given_up),
    };
    return cmocka_run_group_tests(tests, begin, NULL);
}

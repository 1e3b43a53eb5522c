#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "operators/attempts.h"

enum { MAX = 500 };

/* A sequence that is the same each time. */
static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static void answers_come_in_order_of_time(void **state)
{
    (void)state;
    struct attempts *attempts = attempts_open(MAX);
    uint32_t random = 7;
    for (int round = 0; round < 20; round++) {
        for (int64_t i = 0; i < MAX; i++) {
            struct attempt_held *held = attempts_hold(attempts, &(struct transfer){.id = {i + 1}});
            attempts_wait(attempts, held, next_random(&random) % 1000);
        }
        assert_int_equal(attempts_room(attempts), 0);
        int64_t last_ms = 0;
        for (int i = 0; i < MAX; i++) {
            int64_t next_ms = attempts_next_ms(attempts);
            assert_true(next_ms >= last_ms);
            assert_null(attempts_answered(attempts, next_ms - 1));
            struct attempt_held *held = attempts_answered(attempts, next_ms);
            assert_non_null(held);
            last_ms = next_ms;
            attempts_release(attempts, held);
        }
        assert_true(attempts_next_ms(attempts) == INT64_MAX);
        assert_null(attempts_answered(attempts, INT64_MAX));
        assert_int_equal(attempts_count(attempts), 0);
    }
    attempts_close(attempts);
}

static void each_is_found_while_it_is_held(void **state)
{
    (void)state;
    struct attempts *attempts = attempts_open(MAX);
    bool held_now[MAX] = {false};
    uint32_t random = 3;
    for (int i = 0; i < 20000; i++) {
        int64_t which = next_random(&random) % MAX;
        struct transfer_id id = {which * TRANSFER_IDS_PER_SECOND + 1};
        struct attempt_held *held = attempts_find(attempts, id);
        assert_int_equal(held != NULL, held_now[which]);
        if (held != NULL) {
            assert_true(held->transfer.value == id.value);
            attempts_release(attempts, held);
        } else {
            (void)attempts_hold(attempts, &(struct transfer){.id = id});
        }
        held_now[which] = !held_now[which];
    }
    attempts_close(attempts);
    attempts_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_come_in_order_of_time),
        cmocka_unit_test(each_is_found_while_it_is_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "../dies.h"
#include "http/held.h"

static void what_fits_is_taken_and_given_back(void **state)
{
    (void)state;
    struct held held = {.bytes_max = 100000};
    size_t one = 0, other = 0;
    assert_true(held_take(&held, &one, 60000));
    assert_true(held_take(&held, &one, 40000));
    assert_int_equal(one, 100000);
    assert_false(held_take(&held, &one, 1));
    assert_false(held_take(&held, &other, HELD_SMALL_BYTES + 1));
    assert_int_equal(other, 0);
    assert_int_equal(atomic_load(&held.bytes), 100000);
    assert_int_equal(atomic_load(&held.refused), 2);
    held_release(&held, &one);
    assert_int_equal(one, 0);
    assert_int_equal(atomic_load(&held.bytes), 0);
    assert_true(held_take(&held, &other, HELD_SMALL_BYTES + 1));
}

static void small_ones_always_have_room(void **state)
{
    (void)state;
    struct held held = {.bytes_max = 10};
    size_t small[3] = {0};
    for (size_t i = 0; i < 3; i++) {
        assert_true(held_take(&held, &small[i], HELD_SMALL_BYTES / 2));
        assert_true(held_take(&held, &small[i], HELD_SMALL_BYTES / 2));
        assert_false(held_take(&held, &small[i], 1)); /* It is not small any more. */
    }
    assert_int_equal(atomic_load(&held.bytes), 3 * HELD_SMALL_BYTES);
}

static void an_answer_counts_whatever_there_is(void **state)
{
    (void)state;
    struct held held = {.bytes_max = 10};
    size_t mine = 0, other = 0;
    held_add(&held, &mine, 1000000);
    assert_int_equal(mine, 1000000);
    assert_false(held_take(&held, &other, HELD_SMALL_BYTES + 1));
    held_release(&held, &mine);
    assert_int_equal(atomic_load(&held.bytes), 0);
}

static void release_twice(void *context)
{
    struct held held = {.bytes_max = 10};
    size_t mine = *(const size_t *)context;
    held_release(&held, &mine);
}

static void nobody_gives_back_what_was_not_taken(void **state)
{
    (void)state;
    size_t mine = 5;
    assert_dies(release_twice, &mine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fits_is_taken_and_given_back),
        cmocka_unit_test(small_ones_always_have_room),
        cmocka_unit_test(an_answer_counts_whatever_there_is),
        cmocka_unit_test(nobody_gives_back_what_was_not_taken),
    };
    return cmocka_run_group_tests_name("http/held", tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/secret.h"
#include "daemon/tally.h"

enum { KEYS = 20000 };

static struct tally_key key_of(int64_t number)
{
    return (struct tally_key){{number, -number}};
}

static uint64_t print_of(int64_t number)
{
    return (uint64_t)number * UINT64_C(0x9e3779b97f4a7c15) + 1;
}

static void key_count(void *context, struct tally_key key)
{
    int64_t *told = context;
    told[0]++;
    told[1] = key.parts[0];
}

/* Both streams, the second backwards; the key `wrong` is said differently in it. */
static void streams_add(struct tally *tally, int64_t wrong)
{
    for (int64_t i = 1; i <= KEYS; i++)
        tally_add(tally, key_of(i), print_of(i));
    for (int64_t i = KEYS; i >= 1; i--)
        tally_add(tally, key_of(i), 0 - print_of(i) + (i == wrong ? 3 : 0));
}

static void two_streams_that_agree_come_to_nothing(void **state)
{
    (void)state;
    int64_t told[2] = {0};
    struct tally *tally = tally_open();
    assert_false(tally_again(tally));
    streams_add(tally, 0);
    assert_false(tally_begin_again(tally));
    assert_true(tally_again(tally));
    streams_add(tally, 0);
    tally_tell(tally, key_count, told);
    assert_int_equal(told[0], 0);
    tally_close(tally);
}

static void the_one_key_that_differs_is_told(void **state)
{
    (void)state;
    int64_t told[2] = {0};
    struct tally *tally = tally_open();
    streams_add(tally, 4711);
    assert_true(tally_begin_again(tally));
    streams_add(tally, 4711);
    tally_tell(tally, key_count, told);
    assert_int_equal(told[0], 1);
    assert_int_equal(told[1], 4711);
    tally_close(tally);
}

/* When nearly everything is wrong its memory stays what it was, and it tells of many all the same.
 */
static void a_flood_of_wrong_keys_is_told_in_part(void **state)
{
    (void)state;
    enum { FLOOD = 400000 };
    int64_t told[2] = {0};
    struct tally *tally = tally_open();
    for (int64_t i = 1; i <= FLOOD; i++)
        tally_add(tally, key_of(i), print_of(i));
    assert_true(tally_begin_again(tally));
    for (int64_t i = 1; i <= FLOOD; i++)
        tally_add(tally, key_of(i), print_of(i));
    tally_tell(tally, key_count, told);
    assert_true(told[0] > 1000 && told[0] < FLOOD);
    tally_close(tally);
}

int main(void)
{
    secret_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_streams_that_agree_come_to_nothing),
        cmocka_unit_test(the_one_key_that_differs_is_told),
        cmocka_unit_test(a_flood_of_wrong_keys_is_told_in_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "operators/pace.h"

static void in_earnest_every_span_is_what_it_is(void **state)
{
    (void)state;
    assert_int_equal(pace_span(0), 0);
    assert_int_equal(pace_span(1), 1);
    assert_int_equal(pace_span(600000), 600000);
}

static void hurried_a_span_is_shorter_and_never_gone(void **state)
{
    (void)state;
    pace_set(1);
    assert_int_equal(pace_span(600000), 6000);
    assert_int_equal(pace_span(1000), 10);
    assert_int_equal(pace_span(1), 1);
    assert_int_equal(pace_span(0), 0);
    pace_set(100);
    assert_int_equal(pace_span(1000), 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_earnest_every_span_is_what_it_is),
        cmocka_unit_test(hurried_a_span_is_shorter_and_never_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

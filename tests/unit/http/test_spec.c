#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "http/route.h"
#include "http/spec.h"

static void every_call_of_the_payout_api_says_what_it_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < route_count(NULL); i++) {
        const struct route *route = route_at(NULL, i);
        bool told = route->voice == VOICE_API && route != route_unknown();
        assert_int_equal(route->spec != NULL, told);
    }
}

static void the_document_is_the_same_each_time_and_ends(void **state)
{
    (void)state;
    struct buffer first, second;
    buffer_init(&first, SPEC_BYTES_MAX);
    buffer_init(&second, SPEC_BYTES_MAX);
    spec_write(&first);
    spec_write(&second);
    assert_true(buffer_ok(&first));
    assert_string_equal(buffer_text(&first), buffer_text(&second));
    assert_string_equal(buffer_text(&first) + first.length - 4, "}\n}\n");
    buffer_free(&first);
    buffer_free(&second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_call_of_the_payout_api_says_what_it_is),
        cmocka_unit_test(the_document_is_the_same_each_time_and_ends),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

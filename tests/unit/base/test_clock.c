/* clock and random: the two doors. */
#include "../dies.h"

#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/random.h"

static int64_t at_given(void *context)
{
    return *(const int64_t *)context;
}

static void time_comes_in_through_one_door(void **state)
{
    (void)state;
    int64_t at_ms = 42;
    clock_source_set(at_given, &at_ms);
    assert_int_equal(clock_now_ms(), 42);
    at_ms = 41; /* It may step back. */
    assert_int_equal(clock_now_ms(), 41);
    clock_source_set(NULL, NULL);
    assert_true(clock_now_ms() > INT64_C(1600000000000));
    int64_t before = clock_monotonic_us();
    assert_true(clock_monotonic_us() >= before);
}

static void times_are_written_in_utc(void **state)
{
    (void)state;
    char text[CLOCK_TEXT_BYTES];
    clock_text(INT64_C(1540466707999), text);
    assert_string_equal(text, "2018-10-25 11:25:07");
    clock_iso_text(INT64_C(1540466707123), text);
    assert_string_equal(text, "2018-10-25T11:25:07.123Z");
    clock_text(0, text);
    assert_string_equal(text, "1970-01-01 00:00:00");
    clock_iso_text(INT64_C(1709210096005), text); /* A leap day. */
    assert_string_equal(text, "2024-02-29T12:34:56.005Z");
}

static void a_date_splits_and_joins(void **state)
{
    (void)state;
    for (int64_t at = 0; at < INT64_C(4102444800); at += 86399 * 7) {
        struct clock_parts parts = clock_split(at);
        assert_true(parts.month >= 1 && parts.month <= 12 && parts.day >= 1 && parts.day <= 31);
        assert_int_equal(clock_join(parts), at);
    }
    struct clock_parts folded = {.year = 2024, .month = 2, .day = 30};
    assert_int_equal(clock_join(folded), 1709251200); /* 1 March. */
}

/* --- random --- */

static void bytes_given(void *context, void *bytes, size_t length)
{
    uint32_t *next = context;
    for (size_t i = 0; i < length; i++) {
        *next = *next * 1664525 + 1013904223;
        ((uint8_t *)bytes)[i] = (uint8_t)(*next >> 24);
    }
}

static void a_time_is_read_as_it_is_written(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t at_ms;
    } good[] = {
        {"1970-01-01", 0},
        {"2026-11-24", INT64_C(1795478400000)},
        {"2024-02-29", INT64_C(1709164800000)},
        {"2018-10-25 11:25:07", INT64_C(1540466707000)},
        {"2018-10-25T11:25:07", INT64_C(1540466707000)},
        {"2018-10-25T11:25:07Z", INT64_C(1540466707000)},
        {"2018-10-25T11:25:07.123Z", INT64_C(1540466707123)},
    };
    static const char *const bad[] = {
        "",           "2026",        "2026-11-24T",          "2026-11-24 ",
        "2026-1-24",  "2026-02-29",  "2026-13-01",           "2026-00-10",
        "2026-11-31", "1969-12-31",  "2026-11-24T24:00:00",  "2026-11-24T12:60:00",
        "24/11/2026", "2026-11-24x", "2026-11-24T12:00",     "2026-11-24T12:00:00.12Z",
        "2026/11/24", " 2026-11-24", "2026-11-24T12:00:00+", "2026-11-24T12:00:00.123",
    };
    int64_t at_ms = -1;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(clock_text_read(good[i].text, &at_ms));
        assert_int_equal(at_ms, good[i].at_ms);
    }
    at_ms = -1;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(clock_text_read(bad[i], &at_ms));
    assert_int_equal(at_ms, -1);
    for (int64_t wanted = 1; wanted < INT64_C(4000000000000); wanted = wanted * 3 + 7) {
        char text[CLOCK_TEXT_BYTES];
        clock_iso_text(wanted, text);
        assert_true(clock_text_read(text, &at_ms));
        assert_int_equal(at_ms, wanted);
    }
}

static void chance_comes_in_through_one_door(void **state)
{
    (void)state;
    uint32_t seed = 1;
    char first[33], second[33];
    random_source_set(bytes_given, &seed);
    random_text(first, sizeof first);
    seed = 1;
    random_text(second, sizeof second);
    assert_string_equal(first, second);
    random_source_set(NULL, NULL);
    random_text(second, sizeof second);
    assert_string_not_equal(first, second);
    assert_int_equal(strlen(second), 32);
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    assert_int_equal(strspn(second, letters), 32);
    random_text(second, 1);
    assert_string_equal(second, "");
}

/* What a draw is refused for must not shift the others. */
static void bytes_highest_then_zero(void *context, void *bytes, size_t length)
{
    memset(bytes, *(int *)context == 0 ? 0 : 0xff, length);
    *(int *)context = 1;
}

static void every_number_is_equally_likely(void **state)
{
    (void)state;
    enum { LIMIT = 7, DRAWS = 70000 };
    uint32_t seed = 99, counts[LIMIT] = {0};
    random_source_set(bytes_given, &seed);
    for (int i = 0; i < DRAWS; i++) {
        uint32_t drawn = random_below(LIMIT);
        assert_true(drawn < LIMIT);
        counts[drawn]++;
    }
    for (size_t i = 0; i < LIMIT; i++)
        assert_in_range(counts[i], DRAWS / LIMIT - 500, DRAWS / LIMIT + 500);
    /* 0 is below 2^32 mod 7: drawn again, or 0 to 3 would be likelier than 4 to 6. */
    int calls = 0;
    random_source_set(bytes_highest_then_zero, &calls);
    assert_int_equal(random_below(LIMIT), UINT32_MAX % LIMIT);
    assert_int_equal(random_below(1), 0);
    random_source_set(NULL, NULL);
}

/* --- fault --- */

static void a_fault_says_what_and_in_what_context(void **state)
{
    (void)state;
    struct fault fault;
    assert_int_equal(fault_set(&fault, FAULT_FINAL, "open %s: %s", "/x", "disk is full"),
                     FAULT_FINAL);
    assert_int_equal(fault_wrap(&fault, "send lot %d", 12), FAULT_FINAL);
    assert_string_equal(fault.text, "send lot 12: open /x: disk is full");
    char text[600];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_int_equal(fault_wrap(&fault, "%s", text), FAULT_FINAL);
    assert_int_equal(strlen(fault.text), sizeof fault.text - 1); /* Cut, not spilt. */
    assert_int_equal(fault_set(&fault, FAULT_AGAIN, "%s", text), FAULT_AGAIN);
    assert_int_equal(strlen(fault.text), sizeof fault.text - 1);
    assert_true(FAULT_AGAIN < FAULT_UNKNOWN && FAULT_UNKNOWN < FAULT_FINAL);
}

static void set_none(void *context)
{
    (void)fault_set(context, FAULT_NONE, "no fault");
}

static void wrap_none(void *context)
{
    (void)fault_wrap(context, "no fault");
}

static void no_fault_is_none(void **state)
{
    (void)state;
    struct fault fault = {.kind = FAULT_NONE};
    assert_dies(set_none, &fault);
    assert_dies(wrap_none, &fault);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_comes_in_through_one_door),
        cmocka_unit_test(times_are_written_in_utc),
        cmocka_unit_test(a_date_splits_and_joins),
        cmocka_unit_test(a_time_is_read_as_it_is_written),
        cmocka_unit_test(chance_comes_in_through_one_door),
        cmocka_unit_test(every_number_is_equally_likely),
        cmocka_unit_test(a_fault_says_what_and_in_what_context),
        cmocka_unit_test(no_fault_is_none),
    };
    return cmocka_run_group_tests_name("base/clock", tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/alarm.h"

#define NOW_MS   INT64_C(1700000000000)
#define AFTER_MS INT64_C(86400000)

static int file; /* Where the log goes. */

/* How many lines there are by now. */
static int lines(void)
{
    char text[8192];
    ssize_t length = pread(file, text, sizeof text, 0);
    int count = 0;
    for (ssize_t i = 0; i < length; i++)
        count += text[i] == '\n';
    return count;
}

static int begin(void **state)
{
    char name[] = "/tmp/alarm.XXXXXX";
    (void)state;
    file = mkstemp(name);
    assert_true(file >= 0 && unlink(name) == 0);
    log_file_descriptor_set(file);
    return 0;
}

static int end(void **state)
{
    (void)state;
    log_file_descriptor_set(STDERR_FILENO);
    return close(file);
}

static void look(struct alarm *alarm, int64_t oldest_ms, int64_t now_ms)
{
    const struct store_figures figures = {.oldest_unfinished_at_ms = oldest_ms, .transfers_due = 7};
    alarm_look(alarm, &figures, now_ms);
}

static void it_begins_on_time_and_says_so_once_an_hour(void **state)
{
    (void)state;
    struct alarm alarm = {.after_ms = AFTER_MS};
    look(&alarm, NOW_MS, NOW_MS + AFTER_MS - 1);
    assert_false(alarm.on);
    assert_int_equal(lines(), 0);
    for (int minute = 0; minute < 60; minute++)
        look(&alarm, NOW_MS, NOW_MS + AFTER_MS + minute * INT64_C(60000));
    assert_true(alarm.on);
    assert_int_equal(lines(), 1);
    look(&alarm, NOW_MS, NOW_MS + AFTER_MS + ALARM_AGAIN_MS);
    assert_int_equal(lines(), 2);
    assert_int_equal(alarm.begun, 1);
}

static void it_ends_with_what_it_was_about_and_may_begin_again(void **state)
{
    (void)state;
    struct alarm alarm = {.after_ms = AFTER_MS};
    look(&alarm, NOW_MS, NOW_MS + AFTER_MS);
    look(&alarm, 0, NOW_MS + AFTER_MS + 1);
    assert_false(alarm.on);
    assert_int_equal(lines(), 2);
    look(&alarm, 0, NOW_MS + AFTER_MS + 2);
    assert_int_equal(lines(), 2);
    look(&alarm, NOW_MS, NOW_MS + AFTER_MS + 3); /* At once: it is a new one. */
    assert_true(alarm.on);
    assert_int_equal(lines(), 3);
    assert_int_equal(alarm.begun, 2);
}

static void nothing_unfinished_is_no_alarm(void **state)
{
    (void)state;
    struct alarm alarm = {.after_ms = AFTER_MS};
    look(&alarm, 0, NOW_MS);
    assert_false(alarm.on);
    assert_int_equal(lines(), 0);
}

static void its_metrics_are_prometheus_text(void **state)
{
    (void)state;
    struct alarm alarm = {.after_ms = AFTER_MS};
    struct buffer text;
    buffer_init(&text, 4096);
    look(&alarm, NOW_MS, NOW_MS + AFTER_MS);
    alarm_metrics(&alarm, &text);
    assert_non_null(strstr(buffer_text(&text), "\npayoutd_unfinished_alarm 1\n"));
    assert_non_null(strstr(buffer_text(&text), "\npayoutd_unfinished_alarms_total 1\n"));
    buffer_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)
        CASE(it_begins_on_time_and_says_so_once_an_hour),
        CASE(it_ends_with_what_it_was_about_and_may_begin_again),
        CASE(nothing_unfinished_is_no_alarm),
        CASE(its_metrics_are_prometheus_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

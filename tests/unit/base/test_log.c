#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

static int file = -1;
static char text[20000];

static int64_t at_fixed(void *context)
{
    (void)context;
    return INT64_C(1540466707123);
}

static int log_begin(void **state)
{
    (void)state;
    file = memfd_create("log", 0);
    clock_source_set(at_fixed, NULL);
    log_file_descriptor_set(file);
    log_configure(LOG_LEVEL_INFO, LOG_FORMAT_TEXT, false);
    return file < 0;
}

static int log_end(void **state)
{
    (void)state;
    log_file_descriptor_set(STDERR_FILENO);
    log_configure(LOG_LEVEL_INFO, LOG_FORMAT_TEXT, false);
    clock_source_set(NULL, NULL);
    return close(file);
}

/* What was logged since. */
static const char *logged(void)
{
    ssize_t length = pread(file, text, sizeof text - 1, 0);
    assert_true(length >= 0);
    text[length] = '\0';
    assert_int_equal(ftruncate(file, 0), 0);
    assert_int_equal(lseek(file, 0, SEEK_SET), 0);
    return text;
}

static void an_event_is_one_line(void **state)
{
    (void)state;
    log_event(LOG_LEVEL_INFO, "listening", LOG_TEXT("address", "::1"), LOG_NUMBER("port", 80));
    assert_string_equal(logged(),
                        "2018-10-25T11:25:07.123Z info listening address=\"::1\" port=80\n");
    log_event(LOG_LEVEL_ERROR, "alone");
    assert_string_equal(logged(), "2018-10-25T11:25:07.123Z error alone\n");
    log_event(LOG_LEVEL_INFO, "low", LOG_NUMBER("n", INT64_MIN));
    assert_string_equal(logged(), "2018-10-25T11:25:07.123Z info low n=-9223372036854775808\n");
    log_breach("OM", "said PAID twice");
    assert_string_equal(
        logged(), "2018-10-25T11:25:07.123Z warning breach by=\"OM\" what=\"said PAID twice\"\n");
}

static void the_journal_gets_a_priority(void **state)
{
    (void)state;
    log_configure(LOG_LEVEL_DEBUG, LOG_FORMAT_TEXT, true);
    for (int level = LOG_LEVEL_ERROR; level <= LOG_LEVEL_DEBUG; level++)
        log_event((enum log_level)level, "e");
    assert_string_equal(logged(), "<3>error e\n<4>warning e\n<6>info e\n<7>debug e\n");
}

static void what_is_below_the_level_is_not_written(void **state)
{
    (void)state;
    log_configure(LOG_LEVEL_WARNING, LOG_FORMAT_TEXT, true);
    for (int level = LOG_LEVEL_ERROR; level <= LOG_LEVEL_DEBUG; level++)
        log_event((enum log_level)level, "e");
    assert_string_equal(logged(), "<3>error e\n<4>warning e\n");
}

/* Whatever a client sends, it can't look like a line of ours. */
static void no_value_forges_a_line(void **state)
{
    (void)state;
    char value[256];
    for (int i = 1; i < 256; i++)
        value[i - 1] = (char)i;
    value[255] = '\0';
    for (int format = LOG_FORMAT_TEXT; format <= LOG_FORMAT_JSON; format++) {
        log_configure(LOG_LEVEL_INFO, (enum log_format)format, false);
        log_event(LOG_LEVEL_INFO, "e", LOG_TEXT("v", value), LOG_TEXT("w", "\n<3>error e\r\n\""),
                  LOG_NUMBER("n", 1));
        const char *line = logged();
        size_t length = strlen(line);
        assert_ptr_equal(strchr(line, '\n'), line + length - 1);
        for (size_t i = 0; i + 1 < length; i++)
            assert_true((unsigned char)line[i] >= 0x20 && line[i] != 0x7f);
        assert_non_null(strstr(line, "\\u000a<3>error e\\u000d\\u000a\\\""));
        assert_non_null(strstr(line, format == LOG_FORMAT_JSON ? ",\"n\":1}" : " n=1"));
    }
}

static void json_lines_are_json(void **state)
{
    (void)state;
    log_configure(LOG_LEVEL_INFO, LOG_FORMAT_JSON, true);
    log_event(LOG_LEVEL_WARNING, "e", LOG_TEXT("t", "\"\\\n\x01été"), LOG_NUMBER("n", -5));
    const char *at, *level, *event, *value;
    int number;
    json_t *line = json_loads(logged(), JSON_REJECT_DUPLICATES, NULL);
    assert_int_equal(json_unpack(line, "{s:s,s:s,s:s,s:s,s:i!}", "at", &at, "level", &level,
                                 "event", &event, "t", &value, "n", &number),
                     0);
    assert_string_equal(at, "2018-10-25T11:25:07.123Z");
    assert_string_equal(level, "warning");
    assert_string_equal(event, "e");
    assert_string_equal(value, "\"\\\n\x01été");
    assert_int_equal(number, -5);
    json_decref(line);
}

static void long_values_are_cut(void **state)
{
    (void)state;
    char value[2000];
    memset(value, 'v', sizeof value - 1);
    value[sizeof value - 1] = '\0';
    log_configure(LOG_LEVEL_INFO, LOG_FORMAT_TEXT, true);
    log_event(LOG_LEVEL_INFO, "e", LOG_TEXT("v", value), LOG_NUMBER("n", 1));
    const char *line = logged();
    assert_int_equal(strlen(line), strlen("<6>info e v=\"\" n=1\n") + 512);
    /* More than a line holds is still one line. */
    log_event(LOG_LEVEL_INFO, "e", LOG_TEXT("a", value), LOG_TEXT("b", value), LOG_TEXT("c", value),
              LOG_TEXT("d", value), LOG_TEXT("e", value), LOG_TEXT("f", value),
              LOG_TEXT("g", value), LOG_TEXT("h", value), LOG_TEXT("i", value));
    line = logged();
    assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
    assert_true(strlen(line) <= 4001);
}

#define ON_LOG(test) cmocka_unit_test_setup_teardown(test, log_begin, log_end)
int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_LOG(an_event_is_one_line),
        ON_LOG(the_journal_gets_a_priority),
        ON_LOG(what_is_below_the_level_is_not_written),
        ON_LOG(no_value_forges_a_line),
        ON_LOG(json_lines_are_json),
        ON_LOG(long_values_are_cut),
    };
    return cmocka_run_group_tests_name("base/log", tests, NULL, NULL);
}

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/configuration.h"

static char path[] = "/tmp/payoutd-configuration-XXXXXX";
static struct configuration settings;
static struct buffer errors;

static void file_put(const char *content)
{
    int file = open(path, O_WRONLY | O_TRUNC | O_CREAT, 0600);
    assert_true(file >= 0);
    assert_int_equal(write(file, content, strlen(content)), strlen(content));
    assert_int_equal(close(file), 0);
}

/* Reads with these flags (NULL-terminated) and, when content is not NULL, a file with it. */
static bool read_with(const char *content, char *first, char *second)
{
    static char name[] = "payoutd", option[] = "-c";
    char *words[] = {name, first, second, NULL, NULL, NULL};
    int count = 1 + (first != NULL) + (second != NULL);
    if (content != NULL) {
        file_put(content);
        words[count++] = option;
        words[count++] = path;
    }
    struct configuration_line line;
    configuration_line(count, words, &line);
    buffer_clear(&errors);
    return configuration_read(&line, &settings, &errors);
}

static void the_defaults_are_right_by_themselves(void **state)
{
    (void)state;
    assert_true(read_with(NULL, NULL, NULL));
    assert_string_equal(settings.http_listen, HTTP_LISTEN_DEFAULT);
    assert_int_equal(settings.http_body_bytes_max, 8 * 1024 * 1024);
    assert_int_equal(settings.token_lifetime_ms, 300000);
    assert_true(settings.http_access_log);
}

static void a_flag_beats_the_environment_and_that_the_file(void **state)
{
    (void)state;
    static char flag[] = "--http-items-max=3";
    static const char file[] =
        "[http]\nitems_max = 1\nlogins_per_minute = 1\ncalls_per_minute = 1\n";
    assert_int_equal(setenv("PAYOUTD_HTTP_ITEMS_MAX", "2", 1), 0);
    assert_int_equal(setenv("PAYOUTD_HTTP_LOGINS_PER_MINUTE", "2", 1), 0);
    assert_true(read_with(file, flag, NULL));
    assert_int_equal(settings.http_items_max, 3);
    assert_int_equal(settings.http_logins_per_minute, 2);
    assert_int_equal(settings.http_calls_per_minute, 1);
    assert_int_equal(unsetenv("PAYOUTD_HTTP_ITEMS_MAX"), 0);
    assert_int_equal(unsetenv("PAYOUTD_HTTP_LOGINS_PER_MINUTE"), 0);
}

static void every_mistake_is_told_at_once(void **state)
{
    (void)state;
    static const char file[] = "[http]\nitems_max = many\nbody_max = 1T\nidle = 5 parsecs\n"
                               "access_log = perhaps\nno_such = 1\n[log]\nlevel = loud\n"
                               "[operator]\noff = NOBODY\n[http]\nstatus = 602:99 nonsense\n";
    assert_false(read_with(file, NULL, NULL));
    static const char *const told[] = {
        "\"many\"", "\"1T\"", "\"5 parsecs\"", "perhaps",    "[http] no_such",          "loud",
        "NOBODY",   "602:99", "nonsense",      "1 to 10000", "error warning info debug"};
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        if (strstr(buffer_text(&errors), told[i]) == NULL)
            fail_msg("%s is not in: %s", told[i], buffer_text(&errors));
}

static void units_are_understood(void **state)
{
    (void)state;
    static const char file[] = "[http]\nbody_max = 2M\nidle = 2m\n[token]\nlifetime = 1h\n"
                               "[notify]\ntimeout = 500ms\n";
    assert_true(read_with(file, NULL, NULL));
    assert_int_equal(settings.http_body_bytes_max, 2 << 20);
    assert_int_equal(settings.http_idle_ms, 120000);
    assert_int_equal(settings.token_lifetime_ms, 3600000);
    assert_int_equal(settings.notify_timeout_ms, 500);
}

static void operators_and_statuses_are_read_from_their_texts(void **state)
{
    (void)state;
    static const char file[] = "[operator]\noff = OM, WAVESN\n[http]\nstatus = 602:402 -1:500\n";
    assert_true(read_with(file, NULL, NULL));
    uint64_t off = 0;
    assert_true(configuration_operators_off(&settings, &off, &errors));
    assert_int_equal(off, (UINT64_C(1) << 1) | (UINT64_C(1) << 7));
    struct http_status_override overrides[HTTP_STATUS_OVERRIDES_MAX];
    size_t count = 0;
    assert_true(configuration_status_overrides(&settings, overrides, &count, &errors));
    assert_int_equal(count, 2);
    assert_int_equal(overrides[0].code, PAYOUT_INSUFFICIENT_BALANCE);
    assert_int_equal(overrides[0].status, 402);
    assert_int_equal(overrides[1].code, PAYOUT_OPERATION_ERROR);
}

static void the_sandbox_keeps_everything_in_one_folder(void **state)
{
    (void)state;
    static char flag[] = "--sandbox";
    assert_true(read_with(NULL, flag, NULL));
    assert_string_equal(settings.store_url, "sqlite:payoutd-sandbox/payoutd.db");
    assert_string_equal(settings.token_key_file, "payoutd-sandbox/token.key");
    assert_string_equal(settings.secrets_key_file, "payoutd-sandbox/secrets.key");
    assert_string_equal(settings.admin_token_file, "payoutd-sandbox/admin.token");
}

static void what_is_shown_can_be_read_again(void **state)
{
    (void)state;
    static char flag[] = "--http-listen=127.0.0.1:7777", other[] = "--log-format=json";
    assert_true(read_with(NULL, flag, other));
    AUTO(buffer_free) struct buffer text;
    buffer_init(&text, 1 << 16);
    config_write(&configuration_table, &settings, &text);
    struct configuration before = settings;
    assert_true(read_with(buffer_text(&text), NULL, NULL));
    assert_memory_equal(&before, &settings, sizeof settings);
}

static void what_needs_a_restart_is_named(void **state)
{
    (void)state;
    static char flag[] = "--http-listen=127.0.0.1:7777", other[] = "--http-items-max=7";
    assert_true(read_with(NULL, NULL, NULL));
    struct configuration before = settings;
    assert_true(read_with(NULL, flag, other));
    buffer_clear(&errors);
    assert_true(config_differs(&configuration_table, &before, &settings, &errors));
    assert_string_equal(buffer_text(&errors), "http-listen");
    assert_false(config_differs(&configuration_table, &before, &before, &errors));
}

static struct configuration_line line_of(char *first, char *second, char *third)
{
    static char name[] = "payoutd";
    static char *words[] = {name, NULL, NULL, NULL, NULL};
    struct configuration_line line;
    words[1] = first;
    words[2] = second;
    words[3] = third;
    configuration_line(1 + (first != NULL) + (second != NULL) + (third != NULL), words, &line);
    return line;
}

static void a_task_takes_its_argument_and_flags(void **state)
{
    static char audit[] = "audit", backup[] = "backup", restore[] = "restore", force[] = "--force";
    (void)state;
    assert_int_equal(line_of(NULL, NULL, NULL).task, TASK_SERVE);
    assert_int_equal(line_of(audit, NULL, NULL).task, TASK_AUDIT);
    struct configuration_line line = line_of(backup, backup, NULL); /* A file of that name. */
    assert_int_equal(line.task, TASK_BACKUP);
    assert_string_equal(line.arguments[0], "backup");
    assert_null(line.flags[FLAG_FORCE]);
    line = line_of(force, restore, audit);
    assert_int_equal(line.task, TASK_RESTORE);
    assert_string_equal(line.arguments[0], "audit");
    assert_non_null(line.flags[FLAG_FORCE]);
    assert_true(
        configuration_read(&line, &settings, &errors)); /* Flags of tasks are no settings. */
}

static int set_up(void **state)
{
    (void)state;
    buffer_init(&errors, 1 << 16);
    int file = mkstemp(path);
    return file < 0 ? -1 : close(file);
}

static int tear_down(void **state)
{
    (void)state;
    buffer_free(&errors);
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_defaults_are_right_by_themselves),
        cmocka_unit_test(a_flag_beats_the_environment_and_that_the_file),
        cmocka_unit_test(every_mistake_is_told_at_once),
        cmocka_unit_test(units_are_understood),
        cmocka_unit_test(operators_and_statuses_are_read_from_their_texts),
        cmocka_unit_test(the_sandbox_keeps_everything_in_one_folder),
        cmocka_unit_test(what_is_shown_can_be_read_again),
        cmocka_unit_test(what_needs_a_restart_is_named),
        cmocka_unit_test(a_task_takes_its_argument_and_flags),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

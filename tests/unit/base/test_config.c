#include "../dies.h"

#include <stdlib.h>
#include <string.h>

#include "base/config.h"

struct settings {
    char listen[32];
    char list[600];
    int64_t threads, body, wait_ms, format;
    bool secure;
};
#define AT(member) offsetof(struct settings, member)
static const struct config_entry entries[] = {
    {"http", "listen", CONFIG_TEXT, AT(listen), 0, 32, "127.0.0.1:8080", NULL, false, "Where."},
    {"http", "threads", CONFIG_NUMBER, AT(threads), 1, 64, "2", NULL, false, "How many."},
    {"http", "body_max", CONFIG_BYTES, AT(body), 1024, 1 << 30, "8M", NULL, true, "How much."},
    {"http", "wait", CONFIG_DURATION_MS, AT(wait_ms), 1, 86400000, "15s", NULL, true, "How long."},
    {"http", "secure", CONFIG_SWITCH, AT(secure), 0, 0, "no", NULL, false, "Whether."},
    {"log", "format", CONFIG_CHOICE, AT(format), 0, 0, "text", "text json journal", true, "How."},
    {"log", "list", CONFIG_LIST, AT(list), 0, 600, "", NULL, true, "What."},
};
static const struct config config = {entries, sizeof entries / sizeof *entries, "TESTD_"};

static struct settings settings;
static struct buffer errors;

static int config_begin(void **state)
{
    (void)state;
    memset(&settings, 0, sizeof settings);
    buffer_init(&errors, 100000);
    return config_defaults(&config, &settings, &errors) ? 0 : 1;
}

static int config_end(void **state)
{
    (void)state;
    buffer_free(&errors);
    return 0;
}

static bool set(const char *name, const char *value)
{
    for (size_t i = 0; i < config.count; i++)
        if (strcmp(entries[i].name, name) == 0)
            return config_set(&config, &entries[i], value, "--flag", &settings, &errors);
    fail_msg("no entry %s", name);
    return false;
}

/* A file with this text; its path is valid until the next one. */
static const char *file_given(const char *text)
{
    static char path[] = "/tmp/payout-config-XXXXXX";
    memcpy(path + sizeof path - 7, "XXXXXX", 6);
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), strlen(text));
    assert_int_equal(close(file), 0);
    return path;
}

static bool file_read(const char *text)
{
    const char *path = file_given(text);
    bool good = config_file(&config, path, &settings, &errors);
    assert_int_equal(unlink(path), 0);
    return good;
}

static void defaults_are_what_the_table_says(void **state)
{
    (void)state;
    assert_string_equal(settings.listen, "127.0.0.1:8080");
    assert_int_equal(settings.threads, 2);
    assert_int_equal(settings.body, 8 << 20);
    assert_int_equal(settings.wait_ms, 15000);
    assert_int_equal(settings.format, 0);
    assert_false(settings.secure);
    assert_string_equal(buffer_text(&errors), "");
}

static void units_are_understood(void **state)
{
    (void)state;
    static const struct {
        const char *name, *value;
        int64_t number;
    } cases[] = {
        {"threads", "64", 64},       {"body_max", "1024", 1024},  {"body_max", "16K", 16384},
        {"body_max", "3m", 3 << 20}, {"body_max", "1G", 1 << 30}, {"wait", "500ms", 500},
        {"wait", "5m", 300000},      {"wait", "2h", 7200000},     {"wait", "1d", 86400000},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_true(set(cases[i].name, cases[i].value));
        int64_t number = strcmp(cases[i].name, "threads") == 0    ? settings.threads
                         : strcmp(cases[i].name, "body_max") == 0 ? settings.body
                                                                  : settings.wait_ms;
        assert_int_equal(number, cases[i].number);
    }
    static const char *const on[] = {"yes", "TRUE", "On", "1"}, *const off[] = {"no", "false",
                                                                                "OFF", "0"};
    for (size_t i = 0; i < 4; i++) {
        assert_true(set("secure", on[i]) && settings.secure);
        assert_true(set("secure", off[i]) && !settings.secure);
    }
    assert_true(set("format", "JSON"));
    assert_int_equal(settings.format, 1);
    assert_true(set("format", "journal"));
    assert_int_equal(settings.format, 2);
}

static void what_does_not_fit_changes_nothing_and_is_told(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"threads", "0"},
        {"threads", "65"},
        {"threads", ""},
        {"threads", "2x"},
        {"threads", " 2"},
        {"threads", "two"},
        {"threads", "2K"},
        {"body_max", "1023"},
        {"body_max", "2G"},
        {"body_max", "8MB"},
        {"body_max", "9223372036854775807G"},
        {"body_max", "99999999999999999999"},
        {"wait", "15"},
        {"wait", "0s"},
        {"wait", "2d"},
        {"wait", "-5s"},
        {"secure", "maybe"},
        {"secure", ""},
        {"format", "xml"},
        {"format", ""},
        {"format", "text json"},
        {"format", "tex"},
        {"listen", "01234567890123456789012345678901"},
    };
    struct settings before = settings;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        buffer_clear(&errors);
        if (set(cases[i][0], cases[i][1]))
            fail_msg("%s = %s was taken", cases[i][0], cases[i][1]);
        assert_memory_equal(&settings, &before, sizeof before);
        assert_non_null(strstr(buffer_text(&errors), cases[i][0]));
        assert_non_null(strstr(buffer_text(&errors), "--flag"));
        assert_ptr_equal(strchr(buffer_text(&errors), '\n') + 1, errors.bytes + errors.length);
    }
    buffer_clear(&errors);
    assert_false(set("wait", "x"));
    assert_string_equal(buffer_text(&errors),
                        "--flag: \"x\" is not what [http] wait takes: 1ms to 1d\n");
}

static void a_file_is_read_and_every_mistake_told(void **state)
{
    (void)state;
    assert_true(file_read("# a comment\n[http]\nlisten = [::1]:80\nthreads=4 ; inline\n\n"
                          "[log]\nformat = json\n"));
    assert_string_equal(settings.listen, "[::1]:80");
    assert_int_equal(settings.threads, 4);
    assert_int_equal(settings.format, 1);
    assert_false(
        file_read("[http]\nthreads = 100\nthread = 3\nwait = 1s\n[nowhere]\nlisten = x\n"));
    assert_int_equal(settings.wait_ms, 1000); /* What is right is taken all the same. */
    assert_int_equal(settings.threads, 4);
    const char *text = buffer_text(&errors);
    assert_non_null(strstr(text, ":2: \"100\" is not what [http] threads takes: 1 to 64"));
    assert_non_null(strstr(text, ":3: there is no setting [http] thread\n"));
    assert_non_null(strstr(text, ":6: there is no setting [nowhere] listen\n"));
    buffer_clear(&errors);
    assert_false(file_read("[http]\nwhat is this\n"));
    assert_non_null(strstr(buffer_text(&errors), ":2: it is neither"));
    buffer_clear(&errors);
    assert_false(config_file(&config, "/nonexistent/x", &settings, &errors));
    assert_non_null(strstr(buffer_text(&errors), "/nonexistent/x: can't be read: No such file"));
}

static void the_environment_comes_by_upper_case_names(void **state)
{
    (void)state;
    assert_int_equal(setenv("TESTD_HTTP_BODY_MAX", "2M", 1), 0);
    assert_int_equal(setenv("TESTD_HTTP_THREADS", "many", 1), 0);
    assert_false(config_environment(&config, &settings, &errors));
    assert_int_equal(settings.body, 2 << 20);
    assert_int_equal(settings.threads, 2);
    assert_non_null(strstr(buffer_text(&errors), "TESTD_HTTP_THREADS: \"many\""));
    assert_int_equal(unsetenv("TESTD_HTTP_BODY_MAX"), 0);
    assert_int_equal(unsetenv("TESTD_HTTP_THREADS"), 0);
    assert_true(config_environment(&config, &settings, &errors));
}

static void flags_are_named_after_section_and_name(void **state)
{
    (void)state;
    char name[64];
    assert_true(config_flag_name(&entries[2], name, sizeof name));
    assert_string_equal(name, "http-body-max");
    assert_false(config_flag_name(&entries[2], name, 5));
}

static void a_list_goes_on_over_lines_and_nothing_else_does(void **state)
{
    (void)state;
    assert_true(set("list", "from elsewhere"));
    assert_true(file_read("[log]\nlist = a, b ; inline\n  c\n\td d\n  ; a comment\n"
                          "[http]\nthreads = 4\n[log]\nlist = e\n"));
    assert_string_equal(settings.list, "a, b c d d e");
    assert_false(file_read("[http]\nlisten = a\n  b\nthreads = 3\nthreads = 4\n"));
    assert_non_null(strstr(buffer_text(&errors), "[http] listen is set twice, or goes on\n"));
    assert_non_null(strstr(buffer_text(&errors), ":5: [http] threads is set twice, or goes on\n"));
    assert_int_equal(settings.threads, 3);
    buffer_clear(&errors);
    struct buffer file;
    buffer_init(&file, 10000);
    buffer_text_append(&file, "[log]\n");
    for (int i = 0; i < 60; i++)
        buffer_text_append(&file, "list = 2001:db8::/32\n");
    assert_false(file_read(buffer_text(&file)));
    assert_non_null(strstr(buffer_text(&errors), "[log] list is too long\n"));
    buffer_clear(&errors);
    buffer_free(&file);
}

/* inih would take what is beyond its 199 bytes for a line of its own. */
static void a_line_that_is_too_long_is_told_once(void **state)
{
    (void)state;
    char text[1000];
    (void)snprintf(text, sizeof text, "[http]\n; %0200d\nwait = 1s\n", 0);
    assert_false(file_read(text));
    assert_non_null(strstr(buffer_text(&errors), ":2: a line has at most 199 bytes\n"));
    assert_int_equal(settings.wait_ms, 1000);
    buffer_clear(&errors);
    (void)snprintf(text, sizeof text, "[log]\nlist = %0600d\n[http]\nwait = 0s\n", 0);
    assert_false(file_read(text));
    char *told = strstr(buffer_text(&errors), ":2: a line has");
    assert_non_null(told);
    assert_null(strstr(told + 1, ":2: a line has"));
    assert_non_null(strstr(told, ":4: \"0s\""));
    buffer_clear(&errors);
    (void)snprintf(text, sizeof text, "[log]\nlist = %0191d\n", 0); /* The longest that fits. */
    assert_true(file_read(text));
    (void)snprintf(text, sizeof text, "[log]\nlist = %0192d", 0); /* Without its end. */
    assert_true(file_read(text));
}

/* No line of it is longer than inih reads. */
static void a_long_list_is_written_on_several_lines(void **state)
{
    (void)state;
    struct buffer text;
    buffer_init(&text, 100000);
    char many[600];
    size_t length = 0;
    for (int i = 0; i < 30; i++)
        length += (size_t)snprintf(many + length, sizeof many - length, "%s2001:db8:ffff::/48",
                                   i == 0 ? "" : " ");
    assert_true(set("list", many));
    config_write(&config, &settings, &text);
    assert_true(set("list", ""));
    assert_true(file_read(buffer_text(&text)));
    assert_string_equal(settings.list, many);
    buffer_free(&text);
}

static void what_is_written_reads_back(void **state)
{
    (void)state;
    assert_true(set("wait", "90s") && set("body_max", "1536K") && set("secure", "yes"));
    assert_true(set("format", "journal") && set("list", "192.0.2.0/24 2001:db8::/32"));
    struct buffer text;
    buffer_init(&text, 100000);
    config_write(&config, &settings, &text);
    assert_non_null(strstr(buffer_text(&text), "\nwait = 90s\n"));
    assert_non_null(strstr(buffer_text(&text), "\nbody_max = 1536K\n"));
    assert_non_null(strstr(buffer_text(&text), "\n[log]\n; How. (one of: text json journal"));
    struct settings written = settings;
    assert_true(config_defaults(&config, &settings, &errors));
    assert_true(file_read(buffer_text(&text)));
    assert_string_equal(buffer_text(&errors), "");
    assert_string_equal(settings.list, written.list);
    assert_string_equal(settings.listen, written.listen);
    assert_int_equal(settings.wait_ms, 90000);
    assert_int_equal(settings.body, 1536 << 10);
    assert_int_equal(settings.format, 2);
    assert_true(settings.secure);
    buffer_free(&text);
}

static void only_what_does_not_reload_differs(void **state)
{
    (void)state;
    struct settings before = settings;
    struct buffer names;
    buffer_init(&names, 1000);
    assert_true(set("wait", "1s") && set("list", "x") && set("format", "json"));
    assert_false(config_differs(&config, &before, &settings, &names));
    assert_true(set("threads", "3") && set("listen", "::") && set("secure", "yes"));
    assert_true(config_differs(&config, &before, &settings, &names));
    assert_string_equal(buffer_text(&names), "http-listen http-threads http-secure");
    buffer_free(&names);
}

#define ON_CONFIG(test) cmocka_unit_test_setup_teardown(test, config_begin, config_end)
int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_CONFIG(defaults_are_what_the_table_says),
        ON_CONFIG(units_are_understood),
        ON_CONFIG(what_does_not_fit_changes_nothing_and_is_told),
        ON_CONFIG(a_file_is_read_and_every_mistake_told),
        ON_CONFIG(the_environment_comes_by_upper_case_names),
        ON_CONFIG(flags_are_named_after_section_and_name),
        ON_CONFIG(a_list_goes_on_over_lines_and_nothing_else_does),
        ON_CONFIG(a_line_that_is_too_long_is_told_once),
        ON_CONFIG(a_long_list_is_written_on_several_lines),
        ON_CONFIG(what_is_written_reads_back),
        ON_CONFIG(only_what_does_not_reload_differs),
    };
    return cmocka_run_group_tests_name("base/config", tests, NULL, NULL);
}

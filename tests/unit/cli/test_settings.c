#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/settings.h"

static struct arena *arena;
static char path[64];

static int setup(void **state)
{
    (void)state;
    arena = arena_open((size_t)1024 * 1024);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_close(arena);
    return 0;
}

static void file_make(const char *text, mode_t mode)
{
    (void)snprintf(path, sizeof path, "/tmp/payout-settings-XXXXXX");
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(fchmod(file, mode), 0);
    (void)close(file);
}

static const char profiles[] = "url = https://default.example\n"
                               "apikey = d\n"
                               "[live]\n"
                               "url = https://live.example\n"
                               "apikey = l\n"
                               "password = p ; x\n"
                               "lang = en\n";

static void a_profile_gives_what_the_flags_left_open(void **state)
{
    (void)state;
    struct settings settings = {.arena = arena, .profile = "live", .apikey = "flag"};
    file_make(profiles, 0600);
    assert_true(settings_file_read(&settings, path, true));
    assert_string_equal(settings.url, "https://live.example");
    assert_string_equal(settings.apikey, "flag");
    assert_string_equal(settings.lang, "en");
    assert_null(settings.admin_token);
    struct settings other = {.arena = arena};
    assert_true(settings_file_read(&other, path, true));
    assert_string_equal(other.url, "https://default.example");
    assert_string_equal(other.apikey, "d");
    assert_null(other.password);
    (void)unlink(path);
}

static void a_file_that_others_may_read_is_refused(void **state)
{
    (void)state;
    static const mode_t modes[] = {0644, 0640, 0604, 0610, 0602};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        struct settings settings = {.arena = arena};
        file_make(profiles, modes[i]);
        assert_false(settings_file_read(&settings, path, true));
        assert_null(settings.apikey);
        (void)unlink(path);
    }
}

static void a_mistake_in_the_file_is_told(void **state)
{
    (void)state;
    static const char *const texts[] = {"[live]\nuri = x\n", "no sense\n", "[a]\npasword = x\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct settings settings = {.arena = arena};
        file_make(texts[i], 0600);
        assert_false(settings_file_read(&settings, path, true));
        (void)unlink(path);
    }
    struct settings settings = {.arena = arena, .profile = "none"};
    file_make(profiles, 0600);
    assert_false(settings_file_read(&settings, path, true));
    (void)unlink(path);
}

static void only_a_file_that_was_asked_for_must_be_there(void **state)
{
    (void)state;
    struct settings settings = {.arena = arena};
    assert_true(settings_file_read(&settings, "/nonexistent/payout.conf", false));
    assert_false(settings_file_read(&settings, "/nonexistent/payout.conf", true));
}

static void the_environment_comes_before_the_file(void **state)
{
    (void)state;
    struct settings settings = {.arena = arena, .profile = "live"};
    file_make(profiles, 0600);
    settings.config_path = path;
    assert_int_equal(setenv("PAYOUT_APIKEY", "environment", 1), 0);
    assert_int_equal(setenv("PAYOUT_LANG", "", 1), 0);
    assert_true(settings_complete(&settings));
    assert_string_equal(settings.apikey, "environment");
    assert_string_equal(settings.url, "https://live.example");
    assert_string_equal(settings.lang, "en");
    assert_int_equal(setenv("PAYOUT_LANG", "de", 1), 0);
    struct settings german = {.arena = arena, .config_path = path};
    assert_false(settings_complete(&german));
    (void)unsetenv("PAYOUT_APIKEY");
    (void)unsetenv("PAYOUT_LANG");
    (void)unlink(path);
}

static void a_secret_is_the_first_line_of_its_file(void **state)
{
    (void)state;
    char secret_path[sizeof path];
    file_make("s3cret pass\r\nmore\n", 0600);
    memcpy(secret_path, path, sizeof path);
    struct settings settings = {.arena = arena, .password_file = secret_path};
    file_make("url = http://x\n", 0600);
    settings.config_path = path;
    assert_true(settings_complete(&settings));
    assert_string_equal(settings.password, "s3cret pass");
    (void)unlink(secret_path);
    settings.password = NULL;
    assert_false(settings_complete(&settings));
    (void)unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_profile_gives_what_the_flags_left_open),
        cmocka_unit_test(a_file_that_others_may_read_is_refused),
        cmocka_unit_test(a_mistake_in_the_file_is_told),
        cmocka_unit_test(only_a_file_that_was_asked_for_must_be_there),
        cmocka_unit_test(the_environment_comes_before_the_file),
        cmocka_unit_test(a_secret_is_the_first_line_of_its_file),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}

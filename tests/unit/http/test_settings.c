/* What the options may be: a server doesn't start with one that is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/secret.h"
#include "http/listener.h"
#include "http/settings.h"

static void defaults_stand_where_nothing_is_said(void **state)
{
    (void)state;
    struct settings *settings = NULL;
    struct fault fault;
    struct address address;
    assert_int_equal(settings_make(&(struct http_options){0}, &settings, &fault), FAULT_NONE);
    assert_int_equal(settings->items_max, COMMAND_ITEMS_MAX);
    assert_int_equal(settings->logins_per_minute, HTTP_LOGINS_PER_MINUTE_DEFAULT);
    assert_int_equal(settings->admin_token_length, 0);
    assert_true(settings->access_log);
    assert_null(settings->trusted_proxies);
    assert_true(address_read("127.0.0.1", 9, &address));
    assert_true(address_list_has(settings->admin_from, &address));
    assert_true(address_list_has(settings->metrics_from, &address));
    assert_true(address_read("192.0.2.1", 9, &address));
    assert_false(address_list_has(settings->admin_from, &address));
    settings_free(settings);
}

static void what_is_wrong_is_named(void **state)
{
    (void)state;
    static const struct http_status_override odd = {PAYOUT_NOT_FOUND, 199};
    const struct {
        struct http_options options;
        const char *word;
    } cases[] = {
        {{.items_max = COMMAND_ITEMS_MAX + 1}, "items"},
        {{.admin_token = "short"}, "admin token"},
        {{.trusted_proxies = "proxy"}, "trusted proxies"},
        {{.admin_from = "10.0.0.0/33"}, "admins"},
        {{.metrics_from = "x"}, "metrics"},
        {{.status_overrides = &odd, .status_override_count = 1}, "199"},
        {{.status_overrides = &odd, .status_override_count = 1000}, "64"},
        {{.calls_per_minute = 2000000000}, "limit"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct settings *settings = NULL;
        struct fault fault;
        assert_int_equal(settings_make(&cases[i].options, &settings, &fault), FAULT_FINAL);
        assert_null(settings);
        if (strstr(fault.text, cases[i].word) == NULL)
            fail_msg("%s is not in: %s", cases[i].word, fault.text);
    }
}

static void a_listener_takes_a_free_port_and_says_which(void **state)
{
    (void)state;
    int one, two, port, other;
    struct fault fault;
    assert_int_equal(listener_open("127.0.0.1:0", &one, &port, &fault), FAULT_NONE);
    assert_in_range(port, 1, 65535);
    char text[32];
    (void)snprintf(text, sizeof text, "127.0.0.1:%d", port);
    assert_int_equal(listener_open(text, &two, &other, &fault), FAULT_FINAL);
    assert_non_null(strstr(fault.text, "in use"));
    (void)close(one);
    assert_int_equal(listener_open(":0", &one, &port, &fault), FAULT_NONE);
    (void)close(one);
}

static void an_address_to_listen_at_that_is_none_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"127.0.0.1", "",         "127.0.0.1:",   "127.0.0.1:x",
                                        ":123456",   "::1:80",   "127.0.0.1:-1", "203.0.113.1:1",
                                        "[::1:80",   "a b c.:80"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        int listener, port;
        struct fault fault;
        assert_int_equal(listener_open(texts[i], &listener, &port, &fault), FAULT_FINAL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_stand_where_nothing_is_said),
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(a_listener_takes_a_free_port_and_says_which),
        cmocka_unit_test(an_address_to_listen_at_that_is_none_is_refused),
    };
    secret_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}

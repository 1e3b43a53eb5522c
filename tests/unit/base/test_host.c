#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/host.h"

static void a_key_is_scheme_host_and_port(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"http://example.com/notify?a=b", "http://example.com"},
        {"HTTPS://Example.COM:8443", "https://example.com:8443"},
        {"https://user:pass@example.com/", "https://example.com"},
        {"https://a@b@example.com/x@y", "https://example.com"},
        {"http://example.com?x@y", "http://example.com"},
        {"http://[::1]:80/", "http://[::1]:80"},
        {"http://h#f", "http://h"},
        {"example.com/notify", ""},
        {"://example.com", ""},
        {"http:///path", ""},
        {"http://user@/path", ""},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char key[HOST_KEY_BYTES];
        host_key(rows[i][0], key);
        assert_string_equal(key, rows[i][1]);
    }
}

static void a_key_that_does_not_fit_is_none(void **state)
{
    (void)state;
    char url[HOST_KEY_BYTES + 2], key[HOST_KEY_BYTES];
    memset(url, 'a', sizeof url);
    memcpy(url, "http://", 7);
    url[HOST_KEY_BYTES - 1] = '\0';
    host_key(url, key);
    assert_string_equal(key, url);
    url[HOST_KEY_BYTES - 1] = 'a';
    url[HOST_KEY_BYTES] = '\0';
    host_key(url, key);
    assert_string_equal(key, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_scheme_host_and_port),
        cmocka_unit_test(a_key_that_does_not_fit_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

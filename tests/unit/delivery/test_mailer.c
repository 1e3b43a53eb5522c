#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/secret.h"
#include "delivery/mailer.h"

#define HOUR_MS (INT64_C(3600) * 1000)

static const struct mail mail = {.created_at_ms = 100 * HOUR_MS};
static const struct lot lot = {.state = LOT_WAITING, .expires_at_ms = 172 * HOUR_MS};

static void what_failed_is_tried_again_later(void **state)
{
    (void)state;
    for (int32_t failures = 1; failures <= 3; failures++) {
        int64_t now_ms = mail.created_at_ms + 1000;
        int64_t next_ms = mailer_next_ms(30000, failures, &mail, &lot, now_ms);
        int64_t span_ms = INT64_C(30000) << (failures - 1);
        assert_in_range(next_ms - now_ms, span_ms / 2, span_ms * 3 / 2);
    }
}

static void a_day_is_enough(void **state)
{
    (void)state;
    assert_int_not_equal(mailer_next_ms(1000, 1, &mail, &lot, 123 * HOUR_MS), 0);
    assert_int_equal(mailer_next_ms(1000, 1, &mail, &lot, 124 * HOUR_MS), 0);
    assert_int_equal(mailer_next_ms(1000, 1, &mail, &lot, 200 * HOUR_MS), 0);
}

static void nothing_is_sent_of_a_lot_that_has_ended(void **state)
{
    (void)state;
    struct lot ended = lot;
    ended.state = LOT_CONFIRMED;
    assert_int_equal(mailer_next_ms(1000, 1, &mail, &ended, 101 * HOUR_MS), 0);
    struct lot soon = lot;
    soon.expires_at_ms = 101 * HOUR_MS;
    assert_int_equal(mailer_next_ms(1000, 1, &mail, &soon, 101 * HOUR_MS - 100), 0);
    assert_int_not_equal(mailer_next_ms(1000, 1, &mail, &soon, 100 * HOUR_MS), 0);
}

static void refused(const char *public_url, const char *from, const char *url, const char *named)
{
    struct mailer *mailer = NULL;
    struct fault fault = {0};
    struct mailer_options options = {
        .public_url = public_url,
        .postman = {.url = url, .from = from, .timeout_ms = 1, .connect_timeout_ms = 1}};
    assert_int_equal(mailer_open(&options, &mailer, &fault), FAULT_FINAL);
    assert_null(mailer);
    if (strstr(fault.text, named) == NULL)
        fail_msg("%s does not name %s", fault.text, named);
}

static void options_that_are_wrong_are_named(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "pay.example.com",
                                      "ftp://pay.example.com",
                                      "https://",
                                      "https:///confirm",
                                      "https://pay.example.com/?x=",
                                      "https://user@pay.example.com",
                                      "https://pay.example.com\r\nBcc: x",
                                      "https://pay.example.com/\"onclick=",
                                      "javascript://pay.example.com"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        refused(bad[i], "p@example.com", "smtp://mail.example", "public_url");
    refused("https://pay.example.com", "payoutd", "smtp://mail.example", "from");
    refused("https://pay.example.com", "p@example.com\r\nX: y", "smtp://mail.example", "from");
    refused("https://pay.example.com", "p@example.com", "http://mail.example", "url");
}

int main(void)
{
    secret_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_failed_is_tried_again_later),
        cmocka_unit_test(a_day_is_enough),
        cmocka_unit_test(nothing_is_sent_of_a_lot_that_has_ended),
        cmocka_unit_test(options_that_are_wrong_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

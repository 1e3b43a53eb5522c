#include "../dies.h"
#include "money/mail_address.h"

#include <stdio.h>
#include <string.h>

static bool valid(const char *text)
{
    return mail_address_valid(text, strlen(text));
}

static void what_people_have_is_valid(void **state)
{
    (void)state;
    static const char *const good[] = {"awa@example.org", "a@b", "awa.kone+lots@pay.example.ci",
                                       "o'neil@x-y.example", "A_b-c=1@192.example"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(valid(good[i]));
}

static void what_could_mean_more_is_not(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",        "awa",        "@b",         "a@",     ".a@b",  "a.@b",    "a..b@c",
        "a b@c",   "a@b c",      "a@b\r\nX:",  "a\n@b",  "<a@b>", "\"a\"@b", "a@b,c@d",
        "a@[::1]", "a@-b",       "a@b-",       "a@b..c", "a@b.",  "a@.b",    "a@b-.c",
        "a@b@c",   "\xc3\xa9@b", "a@\xc3\xa9", "a(x)@b", "a@b;",  "a\\@b",   "a@b_c",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (valid(bad[i]))
            fail_msg("taken: %s", bad[i]);
    assert_false(mail_address_valid("a\0b@c", 5));
    assert_false(mail_address_valid("a@b\0c", 5));
}

static void lengths_have_an_end(void **state)
{
    (void)state;
    char text[400];
    (void)snprintf(text, sizeof text, "%064d@b", 0);
    assert_true(valid(text));
    (void)snprintf(text, sizeof text, "%065d@b", 0);
    assert_false(valid(text));
    (void)snprintf(text, sizeof text, "a@%063d.b", 0);
    assert_true(valid(text));
    (void)snprintf(text, sizeof text, "a@%064d.b", 0);
    assert_false(valid(text));
    (void)snprintf(text, sizeof text, "a@%063d.%063d.%063d.%060d", 0, 0, 0, 0);
    assert_int_equal(strlen(text), MAIL_ADDRESS_BYTES_MAX);
    assert_true(valid(text));
    (void)snprintf(text, sizeof text, "a@%063d.%063d.%063d.%061d", 0, 0, 0, 0);
    assert_false(valid(text));
}

static void a_list_is_walked(void **state)
{
    (void)state;
    size_t length;
    const char *at = mail_list_next("  a@b   c@d ", &length);
    assert_int_equal(length, 3);
    assert_memory_equal(at, "a@b", 3);
    at = mail_list_next(at + length, &length);
    assert_memory_equal(at, "c@d", 3);
    (void)mail_list_next(at + length, &length);
    assert_int_equal(length, 0);
    assert_true(mail_list_valid(""));
    assert_true(mail_list_valid("  "));
    assert_true(mail_list_valid("a@b c@d"));
    assert_false(mail_list_valid("a@b x"));
    assert_false(mail_list_valid("a@b c@d A@B"));
    assert_false(mail_list_valid("a@b\tc@d"));
    assert_true(mail_list_valid("1@b 2@b 3@b 4@b 5@b 6@b 7@b 8@b"));
    assert_false(mail_list_valid("1@b 2@b 3@b 4@b 5@b 6@b 7@b 8@b 9@b"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_people_have_is_valid),
        cmocka_unit_test(what_could_mean_more_is_not),
        cmocka_unit_test(lengths_have_an_end),
        cmocka_unit_test(a_list_is_walked),
    };
    return cmocka_run_group_tests_name("money/mail_address", tests, NULL, NULL);
}

#include "given.h"

#include <stdio.h>

#include "wire/prose.h"

static void name_is(const char *name, const char *expected)
{
    struct buffer text;
    buffer_init(&text, 4096);
    prose_name(&text, name);
    assert_true(buffer_ok(&text));
    assert_string_equal(buffer_text(&text), expected);
    buffer_free(&text);
}

static void names_stay_as_they_are(void **state)
{
    (void)state;
    name_is("Awa Koné", "Awa Koné");
    name_is("N'Guessan-Ahoutou", "N'Guessan-Ahoutou");
    name_is("Ɓalde Ɲaŋ ⵣ محمد", "Ɓalde Ɲaŋ ⵣ محمد");
    name_is("", "");
}

static void names_are_one_line(void **state)
{
    (void)state;
    name_is("A\r\nBcc: a@b\r\n\r\nhello", "A Bcc: a@b hello");
    name_is("  A\t\t B \n", "A B");
    name_is("A\xe2\x80\xa8"
            "B\xc2\x85"
            "C\x7f"
            "D",
            "A B C D");
}

static void names_show_as_what_they_are(void **state)
{
    (void)state;
    name_is("A\u202egnp.exe\u202c", "Agnp. exe");
    name_is("\u2066A\u2069\u200f\u061c\ufeff\u00ad", "A");
    name_is("A\u200d\u200bB\U000e0041", "AB");
    name_is("\xff"
            "A\xc3",
            "\ufffdA\ufffd");
    name_is("\xed\xa0\x80", "\ufffd\ufffd\ufffd");
}

static void names_are_no_links(void **state)
{
    (void)state;
    name_is("http://evil.example/confirm", "http: //evil. example/confirm");
    name_is("www.evil.example", "www. evil. example");
    name_is("A. B. Koné Jr.", "A. B. Koné Jr.");
    name_is("A...", "A...");
}

static void names_have_an_end(void **state)
{
    (void)state;
    char name[600] = "";
    for (size_t i = 0; i < PROSE_NAME_CHARACTERS_MAX; i++)
        memcpy(name + 2 * i, "é", 3);
    name_is(name, name);
    char longer[700], cut[700];
    (void)snprintf(longer, sizeof longer, "%sxyz", name);
    (void)snprintf(cut, sizeof cut, "%s…", name);
    name_is(longer, cut);
}

static void html_shows_what_was_given(void **state)
{
    (void)state;
    struct buffer html;
    buffer_init(&html, 4096);
    prose_html(&html, "<b onclick=\"x('y')\">Koné & fils</b>");
    assert_string_equal(buffer_text(&html),
                        "&lt;b onclick=&quot;x(&#39;y&#39;)&quot;&gt;Koné &amp; "
                        "fils&lt;/b&gt;");
    buffer_free(&html);
}

static void number_is(int64_t number, enum payout_lang lang, const char *expected)
{
    struct buffer text;
    buffer_init(&text, 64);
    prose_number(&text, number, lang);
    assert_string_equal(buffer_text(&text), expected);
    buffer_free(&text);
}

static void numbers_are_written_in_threes(void **state)
{
    (void)state;
    number_is(0, PAYOUT_FR, "0");
    number_is(999, PAYOUT_FR, "999");
    number_is(1000, PAYOUT_FR, "1\u202f000");
    number_is(1250000, PAYOUT_FR, "1\u202f250\u202f000");
    number_is(1250000, PAYOUT_EN, "1,250,000");
    number_is(-123456, PAYOUT_EN, "-123,456");
    number_is(INT64_MAX, PAYOUT_EN, "9,223,372,036,854,775,807");
}

static void time_is(int64_t at_ms, enum payout_lang lang, const char *expected)
{
    struct buffer text;
    buffer_init(&text, 64);
    prose_time(&text, at_ms, lang);
    assert_string_equal(buffer_text(&text), expected);
    buffer_free(&text);
}

static void times_are_written_out(void **state)
{
    (void)state;
    time_is(INT64_C(1795637280999), PAYOUT_FR, "25 novembre 2026 à 20:08 UTC");
    time_is(INT64_C(1795637280999), PAYOUT_EN, "25 November 2026, 20:08 UTC");
    time_is(INT64_C(1785542400000), PAYOUT_FR, "1er août 2026 à 00:00 UTC");
    time_is(INT64_C(1785542400000), PAYOUT_EN, "1 August 2026, 00:00 UTC");
    time_is(-1, PAYOUT_EN, "1 January 1970, 00:00 UTC");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_stay_as_they_are),
        cmocka_unit_test(names_are_one_line),
        cmocka_unit_test(names_show_as_what_they_are),
        cmocka_unit_test(names_are_no_links),
        cmocka_unit_test(names_have_an_end),
        cmocka_unit_test(html_shows_what_was_given),
        cmocka_unit_test(numbers_are_written_in_threes),
        cmocka_unit_test(times_are_written_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <string.h>

#include "wire/reply.h"
#include "wire/utf8.h"

static struct buffer text;

static int text_clear(void **state)
{
    (void)state;
    buffer_init(&text, 100000);
    return 0;
}

static int text_free(void **state)
{
    (void)state;
    buffer_free(&text);
    return 0;
}

static void success_has_the_number_0_and_one_s(void **state)
{
    (void)state;
    reply_begin(&text);
    buffer_char(&text, '{');
    reply_text_member(&text, "token", "t");
    reply_int_member(&text, "amount", -663);
    reply_bool_member(&text, "yes", true);
    reply_bool_member(&text, "no", false);
    reply_text_member(&text, "none", NULL);
    buffer_char(&text, '}');
    reply_end(&text);
    assert_string_equal(buffer_text(&text),
                        "{\"code\":0,\"message\":\"OPERATION_SUCCES\",\"data\":{\"token\":\"t\","
                        "\"amount\":-663,\"yes\":true,\"no\":false,\"none\":null}}");
}

static void an_error_has_its_code_as_a_string(void **state)
{
    (void)state;
    reply_error(&text, PAYOUT_INVALID_CREDENTIALS, PAYOUT_FR);
    assert_string_equal(buffer_text(&text),
                        "{\"code\":\"701\",\"message\":\"INVALID_CREDENTIALS\",\"description\":"
                        "\"Identifiant de connexion incorrect\",\"data\":[]}");
}

/* Each code, in both languages, is valid JSON of one shape. */
static void every_code_has_its_envelope(void **state)
{
    (void)state;
    static const struct {
        int number;
        const char *word;
    } codes[] = {
#define CODE(name, number, word, http, fr, en) {(number), (word)},
#include "payout/code.def"
#undef CODE
    };
    assert_int_equal(sizeof codes / sizeof *codes, 29); /* 710 shares 709's word. */
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        enum payout_code code = (enum payout_code)codes[i].number;
        int http = payout_code_http(code);
        assert_true(code == PAYOUT_OK ? http == 200 : http >= 400 && http < 600);
        for (int lang = PAYOUT_FR; code != PAYOUT_OK && lang <= PAYOUT_EN; lang++) {
            buffer_clear(&text);
            reply_error(&text, code, (enum payout_lang)lang);
            int number;
            const char *number_text, *word, *description;
            json_t *data, *reply = json_loads(buffer_text(&text), JSON_REJECT_DUPLICATES, NULL);
            assert_int_equal(json_unpack(reply, "{s:s,s:s,s:s,s:o!}", "code", &number_text,
                                         "message", &word, "description", &description, "data",
                                         &data),
                             0);
            assert_int_equal(sscanf(number_text, "%d", &number), 1);
            assert_int_equal(number, codes[i].number);
            assert_string_equal(word, codes[i].word);
            assert_true(strlen(description) > 5);
            assert_true(json_is_array(data) && json_array_size(data) == 0);
            json_decref(reply);
        }
    }
    assert_string_equal(payout_code_text(PAYOUT_INVALID_TOKEN, PAYOUT_FR),
                        "Votre token est invalide");
}

static void a_text_is_escaped(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", "\"\""},
        {"plain", "\"plain\""},
        {"\"\\/", "\"\\\"\\\\/\""},
        {"\b\f\n\r\t\x01\x1f\x7f", "\"\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\""},
        {"é€😀", "\"é€😀\""},
        {"a\xff"
         "b",
         "\"a\xef\xbf\xbd"
         "b\""},
        {"\xc3", "\"\xef\xbf\xbd\""},
        {"\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""}, /* A surrogate. */
        {"</script>", "\"</script>\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        buffer_clear(&text);
        reply_text(&text, cases[i][0]);
        assert_string_equal(buffer_text(&text), cases[i][1]);
    }
    buffer_clear(&text);
    reply_text(&text, NULL);
    assert_string_equal(buffer_text(&text), "null");
}

/* Any two bytes, between any: what is written is always JSON. */
static void any_bytes_become_json(void **state)
{
    (void)state;
    for (int a = 1; a < 256; a++) {
        for (int b = 1; b < 256; b += 3) {
            const char value[] = {'x', (char)a, (char)b, 'y', '\0'};
            buffer_clear(&text);
            reply_text(&text, value);
            json_t *read = json_loads(buffer_text(&text), JSON_DECODE_ANY, NULL);
            assert_true(json_is_string(read));
            if (utf8_valid(value, 4))
                assert_string_equal(json_string_value(read), value);
            json_decref(read);
        }
    }
}

static void utf8_is_told_from_what_only_looks_like_it(void **state)
{
    (void)state;
    static const char *const good[] = {"",
                                       "a",
                                       "\xc2\x80",
                                       "\xdf\xbf",
                                       "\xe0\xa0\x80",
                                       "\xed\x9f\xbf",
                                       "\xee\x80\x80",
                                       "\xf0\x90\x80\x80",
                                       "\xf4\x8f\xbf\xbf"};
    static const char *const bad[] = {"\x80",
                                      "\xc0\xaf",
                                      "\xc1\xbf",
                                      "\xc2",
                                      "\xc2x",
                                      "\xe0\x9f\xbf",
                                      "\xed\xa0\x80",
                                      "\xe2\x82",
                                      "\xf0\x8f\xbf\xbf",
                                      "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xff"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(utf8_valid(good[i], strlen(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(utf8_valid(bad[i], strlen(bad[i])));
}

#define ON_TEXT(test) cmocka_unit_test_setup_teardown(test, text_clear, text_free)
int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_TEXT(success_has_the_number_0_and_one_s),
        ON_TEXT(an_error_has_its_code_as_a_string),
        ON_TEXT(every_code_has_its_envelope),
        ON_TEXT(a_text_is_escaped),
        ON_TEXT(any_bytes_become_json),
        cmocka_unit_test(utf8_is_told_from_what_only_looks_like_it),
    };
    return cmocka_run_group_tests_name("wire/reply", tests, NULL, NULL);
}

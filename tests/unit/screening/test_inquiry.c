#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "screening/inquiry.h"

static void a_question_says_who_is_to_get_what(void **state)
{
    (void)state;
    struct due_screening due = {.transfer = {.id = {INT64_C(44928156791580845)},
                                             .merchant = {INT64_C(4455764120)},
                                             .msisdn = INT64_C(2250707895086),
                                             .operator_number = 1,
                                             .amount = {500, CURRENCY_XOF}},
                                .name = "Koné \"le\" \xFF",
                                .surname = "Awa"};
    struct buffer body;
    buffer_init(&body, INQUIRY_BYTES_MAX);
    inquiry_write(&due, &body);
    assert_true(buffer_ok(&body));
    assert_non_null(strstr(buffer_text(&body), "\"merchant\":4455764120"));
    assert_non_null(strstr(buffer_text(&body), "\"name\":\"\"")); /* That was no text. */
    assert_non_null(strstr(buffer_text(&body), "\"surname\":\"Awa\""));
    assert_non_null(strstr(buffer_text(&body), "\"phone\":\"+2250707895086\""));
    assert_non_null(strstr(buffer_text(&body), "\"amount\":500,\"currency\":\"XOF\""));
    buffer_clear(&body);
    due.name = "Koné \"le\"";
    inquiry_write(&due, &body);
    assert_non_null(strstr(buffer_text(&body), "\"name\":\"Koné \\\"le\\\"\""));
    buffer_free(&body);
}

static struct inquiry_answer answer_of(const char *text)
{
    struct inquiry_answer answer;
    struct fault fault = {0};
    if (inquiry_read(text, strlen(text), &answer, &fault) != FAULT_NONE)
        fail_msg("%s: %s", text, fault.text);
    return answer;
}

static void answers_are_read(void **state)
{
    (void)state;
    struct inquiry_answer answer = answer_of("{\"result\":\"clear\"}");
    assert_int_equal(answer.verdict, SCREENING_CLEAR);
    assert_int_equal(answer.score, 0);
    answer = answer_of("{\"result\":\"match\",\"entries\":[\"Foo\",{\"id\":\"X\",\"name\":\"Bar\"},"
                       "{\"id\":\"Y\"},3],\"reference\":\"R1\",\"more\":[]}");
    assert_int_equal(answer.verdict, SCREENING_MATCH);
    assert_int_equal(answer.score, 100);
    assert_string_equal(answer.entry, "Foo; X Bar; Y");
    assert_string_equal(answer.reference, "R1");
    answer = answer_of("{\"result\":\"clear\",\"score\":12,\"reference\":null}");
    assert_int_equal(answer.score, 12);
}

static void what_is_too_long_is_cut_between_characters(void **state)
{
    (void)state;
    char text[2048] = "{\"result\":\"match\",\"entries\":[\"x";
    for (int i = 0; i < 400; i++)
        strncat(text, "é", sizeof text - strlen(text) - 1);
    strncat(text, "\"]}", sizeof text - strlen(text) - 1);
    struct inquiry_answer answer = answer_of(text);
    assert_int_equal(strlen(answer.entry), SCREENING_ENTRY_BYTES_MAX - 1);
}

static void what_says_neither_is_no_answer(void **state)
{
    (void)state;
    static const char *const cases[] = {"",
                                        "clear",
                                        "[]",
                                        "{}",
                                        "{\"result\":\"CLEAR\"}",
                                        "{\"result\":true}",
                                        "{\"result\":\"clear\",\"result\":\"match\"}",
                                        "{\"result\":\"clear\",\"score\":-1}",
                                        "{\"result\":\"clear\",\"score\":101}",
                                        "{\"result\":\"clear\",\"score\":\"1\"}",
                                        "{\"result\":\"clear\"} x",
                                        "{\"result\":\"clear\""};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct inquiry_answer answer;
        struct fault fault = {0};
        assert_int_equal(inquiry_read(cases[i], strlen(cases[i]), &answer, &fault), FAULT_FINAL);
        assert_int_not_equal(fault.text[0], '\0');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_says_who_is_to_get_what),
        cmocka_unit_test(answers_are_read),
        cmocka_unit_test(what_is_too_long_is_cut_between_characters),
        cmocka_unit_test(what_says_neither_is_no_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

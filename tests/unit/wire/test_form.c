#include <stdio.h>
#include <stdlib.h>

#include "given.h"

/* --- Fields, whatever they come in --- */

static void the_bodys_field_comes_before_the_querys(void **state)
{
    (void)state;
    struct form *form = given("token=q&lang=en", TYPE_FORM, "token=b&apikey=k");
    assert_string_equal(form_query(form, "token"), "q");
    assert_string_equal(form_body(form, "token"), "b");
    assert_string_equal(form_field(form, "token"), "b");
    assert_string_equal(form_field(form, "lang"), "en");
    assert_null(form_body(form, "lang"));
    assert_null(form_query(form, "apikey"));
    assert_null(form_field(form, "password"));
    form_close(form);
}

static void urlencoded_values_are_decoded(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"v=a+b%20c", "a b c"},
        {"v=%C3%A9t%c3%a9", "été"},
        {"v=1=2", "1=2"},
        {"v=", ""},
        {"v", ""},
        {"a=1&&v=2", "2"},
        {"&&v=%26%3D%2B", "&=+"},
        {"v=first&v=second", "first"},
        {"v=100%", "100%"},
        {"v=%zz%1", "%zz%1"},
        {"v=%%41", "%A"},
        {"v=x\r\n", "x"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct form *form = given(cases[i][0], TYPE_FORM, cases[i][0]);
        assert_string_equal(form_query(form, "v"), cases[i][1]);
        assert_string_equal(form_body(form, "v"), cases[i][1]);
        form_close(form);
    }
}

static void blanks_around_a_name_are_cut_off(void **state)
{
    (void)state;
    struct form *form = given("%20token+=q", TYPE_FORM, " apikey =k&password%0A=p");
    assert_string_equal(form_field(form, "token"), "q");
    assert_string_equal(form_field(form, "apikey"), "k");
    assert_string_equal(form_field(form, "password"), "p");
    form_close(form);
    form = given(NULL, TYPE_JSON, "{\" apikey \":\"k\"}");
    assert_string_equal(form_field(form, "apikey"), "k");
    form_close(form);
}

static void a_nul_byte_makes_a_field_absent(void **state)
{
    (void)state;
    struct form *form = given("token=a%00b&a%00b=1", TYPE_FORM, "apikey=%00");
    assert_null(form_field(form, "token"));
    assert_null(form_field(form, "a"));
    assert_null(form_field(form, "apikey"));
    form_close(form);
    given_refuses(NULL, TYPE_FORM, "data=[{\"a\":1}]%00", FORM_DATA_UNREADABLE);
    given_refuses(NULL, TYPE_JSON, "[{\"a\":\"x\\u0000y\"}]", FORM_DATA_UNREADABLE);
}

static void json_members_are_fields(void **state)
{
    (void)state;
    struct form *form = given("lang=fr", TYPE_JSON "; charset=utf-8",
                              "{\"apikey\":\"k\",\"password\":12345,\"lang\":\"en\",\"rate\":1.5,"
                              "\"deep\":{\"a\":1},\"none\":null,\"yes\":true}");
    assert_string_equal(form_field(form, "apikey"), "k");
    assert_string_equal(form_field(form, "password"), "12345");
    assert_string_equal(form_field(form, "rate"), "1.5");
    assert_string_equal(form_field(form, "lang"), "en");
    assert_null(form_field(form, "deep"));
    assert_null(form_field(form, "none"));
    assert_null(form_field(form, "yes"));
    form_close(form);
}

static void json_under_a_forms_type_is_json(void **state)
{
    (void)state;
    static const char *const types[] = {TYPE_FORM, "text/plain", "multipart/form-data", NULL, ""};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct form *form = given(NULL, types[i], "\xef\xbb\xbf \r\n{\"apikey\":\"k\"}\n");
        assert_string_equal(form_body(form, "apikey"), "k");
        form_close(form);
    }
}

static void a_form_under_jsons_type_is_a_form(void **state)
{
    (void)state;
    struct form *form = given(NULL, TYPE_JSON, "apikey=k&password=p");
    assert_string_equal(form_body(form, "password"), "p");
    form_close(form);
}

static void multipart_parts_are_fields(void **state)
{
    (void)state;
    static const char body[] = "preamble, to be ignored\r\n"
                               "--XyZ\r\n"
                               "Content-Disposition: form-data; name=\"apikey\"\r\n"
                               "\r\n"
                               "k+%41 é\r\n"
                               "--XyZ\r\n"
                               "Content-Type: text/plain\r\n"
                               "content-disposition: form-data; filename=\"name=no\"; name=data\r\n"
                               "\r\n"
                               "[{\"phone\":\"07\"},\r\n{}]\r\n"
                               "--XyZ\r\n"
                               "Content-Disposition: form-data; name=\"empty\"\r\n"
                               "\r\n"
                               "\r\n"
                               "--XyZ--\r\nepilogue";
    static const char *const types[] = {"multipart/form-data; boundary=XyZ",
                                        "multipart/form-data; charset=utf-8; boundary=\"XyZ\"",
                                        "Multipart/Form-Data;BOUNDARY=XyZ ; x=y"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct form *form = given(NULL, types[i], body);
        assert_string_equal(form_body(form, "apikey"), "k+%41 é");
        assert_string_equal(form_body(form, "empty"), "");
        assert_null(form_body(form, "no"));
        form_close(form);
        given_reads(NULL, types[i], body, 2, "phone", "07");
    }
}

static void multipart_lines_may_end_bare_and_the_boundary_be_unsaid(void **state)
{
    (void)state;
    struct form *form = given(NULL, "multipart/form-data",
                              "--b\nContent-Disposition: form-data; name=\"a\"\n\n1\n"
                              "--b\nContent-Disposition: form-data; name=\"c\"\n\n2\n--b--\n");
    assert_string_equal(form_body(form, "a"), "1");
    assert_string_equal(form_body(form, "c"), "2");
    form_close(form);
}

static void broken_multipart_is_taken_as_far_as_it_goes(void **state)
{
    (void)state;
    static const char *const type = "multipart/form-data; boundary=b";
    static const char *const bodies[] = {
        "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1",
        "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--b",
        "--b\r\nContent-Disposition: form-data; name=\"a\r\n\r\n1\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=\r\n\r\n1\r\n--b--",
        "--b\r\nContent-Disposition\r\n\r\n1\r\n--b--",
        "--b--",
        "--b",
        "--",
        "-",
        "no boundary here",
        "\r\n--b\r\n\r\n\r\n--b\r\n",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct form *form = given(NULL, type, bodies[i]);
        const char *value = form_body(form, "a");
        assert_true(i < 3 ? strcmp(value, "1") == 0 : value == NULL);
        form_close(form);
    }
}

/* --- Limits --- */

static void too_many_fields_are_refused(void **state)
{
    (void)state;
    char text[8 * (FORM_FIELDS_MAX + 2)] = "", json[16 * (FORM_FIELDS_MAX + 2)] = "{\"x\":0";
    char parts[64 * (FORM_FIELDS_MAX + 2)] = "";
    for (int i = 1; i <= FORM_FIELDS_MAX; i++) {
        (void)snprintf(text + strlen(text), sizeof text - strlen(text), "a%d=1&", i);
        (void)snprintf(json + strlen(json), sizeof json - strlen(json), ",\"a%d\":1", i);
        (void)snprintf(parts + strlen(parts), sizeof parts - strlen(parts),
                       "--b\nContent-Disposition: form-data; name=a%d\n\n1\n", i);
    }
    form_close(given(text, NULL, NULL)); /* As many as may be. */
    (void)snprintf(text + strlen(text), sizeof text - strlen(text), "z");
    (void)snprintf(json + strlen(json), sizeof json - strlen(json), "}");
    (void)snprintf(parts + strlen(parts), sizeof parts - strlen(parts),
                   "--b\nContent-Disposition: form-data; name=z\n\n1\n--b--");
    const char *const bodies[][2] = {
        {TYPE_FORM, text}, {TYPE_JSON, json}, {"multipart/form-data; boundary=b", parts}};
    for (size_t i = 0; i < 3; i++) {
        struct form *form = (struct form *)(void *)text;
        struct form_input input = {.content_type = bodies[i][0],
                                   .body = bodies[i][1],
                                   .body_length = strlen(bodies[i][1])};
        assert_int_equal(form_open(&input, &form), FORM_TOO_MANY);
        assert_null(form);
    }
}

static void a_very_long_name_is_nobodys(void **state)
{
    (void)state;
    char body[FORM_NAME_BYTES_MAX + 8], name[FORM_NAME_BYTES_MAX + 2];
    memset(name, 'n', sizeof name);
    name[FORM_NAME_BYTES_MAX] = '\0';
    (void)snprintf(body, sizeof body, "%s=1", name);
    struct form *form = given(NULL, TYPE_FORM, body);
    assert_string_equal(form_body(form, name), "1");
    form_close(form);
    name[FORM_NAME_BYTES_MAX] = 'n';
    name[FORM_NAME_BYTES_MAX + 1] = '\0';
    (void)snprintf(body, sizeof body, "%s=1", name);
    form = given(NULL, TYPE_FORM, body);
    assert_null(form_body(form, name));
    form_close(form);
}

static void nothing_at_all_is_a_form_without_fields(void **state)
{
    (void)state;
    struct form *form = given(NULL, NULL, NULL);
    assert_null(form_field(form, "token"));
    form_close(form);
    given_refuses("", TYPE_FORM, "", FORM_DATA_ABSENT);
    given_refuses("", TYPE_JSON, " \r\n", FORM_DATA_ABSENT);
    form_close(NULL);
    struct form *none = NULL;
    form_closep(&none);
    items_close(NULL);
}

/* Every prefix, and every single byte changed, of requests of all kinds: each in memory of just its
 * length, so that the sanitizers see a read past it. */
static void no_bytes_crash_it(void **state)
{
    (void)state;
    static const char *const bodies[][2] = {
        {TYPE_FORM, "data=[{\"phone\":\"0&7\",\"n\":\"%C3+\"}]&token=%41"},
        {TYPE_JSON, "{\"data\":\"[{\\\"phone\\\":\\\"07\\\"}]\",\"lang\":\"fr\"}"},
        {"multipart/form-data; boundary=b",
         "--b\r\nContent-Disposition: form-data; name=\"data\"\r\n\r\n[{\"a\":1}]\r\n--b--\r\n"},
        {"multipart/form-data", "--b\nContent-Disposition: form-data; name=data\n\n[{}]\n--b--"},
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        size_t whole = strlen(bodies[i][1]);
        for (size_t length = 0; length <= whole; length++) {
            for (int change = 0; change < 12 && change <= (int)(length * 12); change++) {
                char *body = malloc(length + (length == 0));
                assert_non_null(body);
                memcpy(body, bodies[i][1], length);
                if (length > 0 && change > 0)
                    body[length - 1] = "\0\"\\&%+[]{}\xff"[change - 1];
                struct form_input input = {.query = body,
                                           .query_length = length,
                                           .content_type = bodies[i][0],
                                           .body = body,
                                           .body_length = length};
                struct form *form;
                assert_int_equal(form_open(&input, &form), FORM_READ);
                struct items *items;
                if (form_items(form, &items) == FORM_DATA_READ)
                    assert_true(items_count(items) > 0);
                items_close(items);
                form_close(form);
                free(body);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bodys_field_comes_before_the_querys),
        cmocka_unit_test(urlencoded_values_are_decoded),
        cmocka_unit_test(blanks_around_a_name_are_cut_off),
        cmocka_unit_test(a_nul_byte_makes_a_field_absent),
        cmocka_unit_test(json_members_are_fields),
        cmocka_unit_test(json_under_a_forms_type_is_json),
        cmocka_unit_test(a_form_under_jsons_type_is_a_form),
        cmocka_unit_test(multipart_parts_are_fields),
        cmocka_unit_test(multipart_lines_may_end_bare_and_the_boundary_be_unsaid),
        cmocka_unit_test(broken_multipart_is_taken_as_far_as_it_goes),
        cmocka_unit_test(too_many_fields_are_refused),
        cmocka_unit_test(a_very_long_name_is_nobodys),
        cmocka_unit_test(nothing_at_all_is_a_form_without_fields),
        cmocka_unit_test(no_bytes_crash_it),
    };
    return cmocka_run_group_tests_name("wire/form", tests, NULL, NULL);
}

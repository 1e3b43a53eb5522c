/* What is to be done, as WIRE.md's clients write it. */
#include <stdio.h>
#include <stdlib.h>

#include "given.h"

#define ITEM  "{\"prefix\":\"225\",\"phone\":\"07895086\"}"
#define ITEMS "[" ITEM "," ITEM "]"

/* The original collection's own body, as its runner encodes it. */
static void encoded_data_is_read(void **state)
{
    (void)state;
    given_reads("token=t&lang=fr", TYPE_FORM,
                "data=%5B%7B%0A%20%20%22prefix%22%3A%20%22225%22%2C%0A%20%20%22phone%22%3A%20%22"
                "07895086%22%2C%0A%20%20%22amount%22%20%3A%20%22500%22%0A%7D%5D",
                1, "amount", "500");
}

static void data_is_read_in_every_encoding(void **state)
{
    (void)state;
    given_reads(NULL, TYPE_FORM, "data=" ITEMS, 2, "phone", "07895086");
    given_reads("data=" ITEMS, NULL, NULL, 2, "phone", "07895086");
    given_reads(NULL, "multipart/form-data; boundary=b",
                "--b\r\nContent-Disposition: form-data; name=\"data\"\r\n\r\n" ITEMS "\r\n--b--", 2,
                "phone", "07895086");
    given_reads(NULL, TYPE_JSON, "{\"data\":" ITEMS "}", 2, "phone", "07895086");
    given_reads(NULL, TYPE_JSON, "{\"data\":\"[{\\\"phone\\\":\\\"07\\\"}]\"}", 1, "phone", "07");
    given_reads("token=t", TYPE_JSON, "{\"lang\":\"fr\",\"data\":" ITEM "}", 1, "prefix", "225");
}

static void one_bare_object_is_one_item(void **state)
{
    (void)state;
    given_reads(NULL, TYPE_FORM, "data=" ITEM, 1, "phone", "07895086");
    given_reads(NULL, TYPE_JSON, "{\"data\":" ITEM "}", 1, "phone", "07895086");
}

static void bare_json_without_data_is_data(void **state)
{
    (void)state;
    static const char *const types[] = {TYPE_JSON, TYPE_FORM, "application/vnd.x+json", "text/json",
                                        NULL};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        given_reads("token=t", types[i], ITEMS, 2, "phone", "07895086");
        given_reads("token=t", types[i], " " ITEM "\r\n", 1, "phone", "07895086");
    }
    /* An item's own members that a request can have too don't make it less of an item. */
    given_reads(NULL, TYPE_JSON, "{\"phone\":\"07\",\"client_transaction_id\":\"A\",\"lot\":\"1\"}",
                1, "client_transaction_id", "A");
    /* Nothing in it is known: still an item, and refused as one. */
    given_reads(NULL, TYPE_JSON, "{\"telephone\":\"07\"}", 1, "telephone", "07");
}

static void bare_fields_are_one_item(void **state)
{
    (void)state;
    given_reads("token=t", TYPE_FORM, "prefix=225&phone=%2B225+07&amount=500", 1, "phone",
                "+225 07");
    given_reads("token=t&lang=fr&prefix=225&phone=07", NULL, NULL, 1, "phone", "07");
    given_reads(NULL, "multipart/form-data; boundary=b",
                "--b\r\nContent-Disposition: form-data; name=\"phone\"\r\n\r\n07\r\n--b--", 1,
                "phone", "07");
    given_refuses(NULL, TYPE_FORM, "phone=%ff", FORM_DATA_UNREADABLE); /* Not UTF-8. */
    given_refuses(NULL, TYPE_FORM, "apikey=a&password=b", FORM_DATA_ABSENT);
}

static void what_stands_beside_a_bare_item_is_no_part_of_it(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "token=secret&apikey=a&password=b&lang=fr&phone=07&data=",
        "{\"token\":\"secret\",\"apikey\":\"a\",\"password\":\"b\",\"lang\":\"fr\",\"phone\":"
        "\"07\"}",
    };
    for (size_t i = 0; i < 2; i++) {
        struct items *items;
        assert_int_equal(given_items(NULL, NULL, bodies[i], &items), FORM_DATA_READ);
        struct buffer text;
        buffer_init(&text, 1000);
        item_write(items, 0, NULL, 0, &text);
        assert_string_equal(buffer_text(&text), "{\"phone\":\"07\"}");
        buffer_free(&text);
        items_close(items);
    }
}

static void a_string_that_holds_json_is_decoded_once_more(void **state)
{
    (void)state;
    given_reads(NULL, TYPE_FORM, "data=\"[{\\\"phone\\\":\\\"07\\\"}]\"", 1, "phone", "07");
    given_reads(NULL, TYPE_FORM, "data=%22%7B%5C%22phone%5C%22%3A%5C%2207%5C%22%7D%22", 1, "phone",
                "07");
    given_reads(NULL, TYPE_JSON, "\"[{\\\"phone\\\":\\\"07\\\"}]\"", 1, "phone", "07");
    given_reads(NULL, TYPE_JSON, "{\"data\":\"\\\"[{\\\\\\\"phone\\\\\\\":7}]\\\"\"}", 1, "phone",
                "7");
    /* Once, not for ever. */
    given_refuses(NULL, TYPE_FORM, "data=\"\\\"{}\\\"\"", FORM_DATA_NOT_ITEMS);
}

/* Clients that write 'data=' + json, and nothing else. */
static void an_unencoded_ampersand_in_a_string_survives(void **state)
{
    (void)state;
    static const char url[] = "https://x.example/n?a=1&b=2&token=evil";
    static const char item[] =
        "[{\"phone\":\"07\",\"notify_url\":\"https://x.example/n?a=1&b=2&token=evil\"}]";
    char body[400];
    (void)snprintf(body, sizeof body, "data=%s", item);
    given_reads(NULL, TYPE_FORM, body, 1, "notify_url", url);
    given_reads(body, NULL, NULL, 1, "notify_url", url);
    (void)snprintf(body, sizeof body, "lang=en&data= %s \n&token=good", item);
    given_reads(NULL, TYPE_FORM, body, 1, "notify_url", url);
    struct form *form = given(NULL, TYPE_FORM, body);
    assert_string_equal(form_body(form, "token"), "good"); /* Not the one inside the string. */
    assert_string_equal(form_body(form, "lang"), "en");
    assert_null(form_body(form, "b"));
    form_close(form);
    /* What no field can follow was no JSON text after all. */
    given_refuses(NULL, TYPE_FORM, "data=[{\"u\":\"a&b\"}]x&lang=fr", FORM_DATA_UNREADABLE);
}

static void an_unencoded_plus_or_percent_in_a_string_survives(void **state)
{
    (void)state;
    given_reads(NULL, TYPE_FORM, "data=[{\"name\":\"A+B\"}]", 1, "name", "A+B");
    given_reads(NULL, TYPE_FORM, "data=[{\"name\":\"100% B+\"}]", 1, "name", "100% B+");
    given_reads(NULL, TYPE_FORM, "data=[{\"name\":\"a&b%20+c\"}]", 1, "name", "a&b%20+c");
    /* Decoded, it is no JSON any more: a quote comes out of the escape. */
    given_reads(NULL, TYPE_FORM, "data=[{\"name\":\"say %22hi%22+\"}]", 1, "name", "say %22hi%22+");
    /* Half encoded: it was encoded by somebody, so escapes are escapes. */
    given_reads(NULL, TYPE_FORM, "data=[{\"name\":\"Jean%20Paul+K\"}]", 1, "name", "Jean Paul K");
    given_reads(NULL, TYPE_FORM, "data=[{\"name\":\"%C3%89mile\"}]&lang=fr", 1, "name", "Émile");
}

/* Whole by itself up to the &, so the & divides fields. */
static void an_encoded_text_ends_at_its_ampersand(void **state)
{
    (void)state;
    struct form *form = given(NULL, TYPE_FORM, "data=[{\"a\":\"b%22%7D]&token=\"}]");
    assert_string_equal(form_body(form, "token"), "\"}]");
    struct items *items;
    assert_int_equal(form_items(form, &items), FORM_DATA_READ);
    assert_string_equal(item_text(items, 0, "a"), "b");
    items_close(items);
    form_close(form);
}

static void many_unencoded_ampersands_are_no_fields(void **state)
{
    (void)state;
    enum { COUNT = 500 };
    struct buffer body;
    buffer_init(&body, 100000);
    buffer_text_append(&body, "data=[");
    for (int i = 0; i < COUNT; i++)
        buffer_format(&body, "%s{\"phone\":\"%d\",\"u\":\"?a=1&b=2\"}", i == 0 ? "" : ",", i);
    buffer_text_append(&body, "]&token=t");
    given_reads(NULL, TYPE_FORM, buffer_text(&body), COUNT, "u", "?a=1&b=2");
    buffer_free(&body);
}

static void the_body_comes_before_the_query(void **state)
{
    (void)state;
    given_reads("data=[{\"a\":\"q\"}]", TYPE_FORM, "data=[{\"a\":\"b\"}]", 1, "a", "b");
    given_reads("data=[{\"a\":\"q\"}]", TYPE_FORM, "token=b", 1, "a", "q");
    given_reads("data=[{\"a\":\"q\"}]", TYPE_FORM, "data=&token=b", 1, "a", "q");
    given_reads("data=[{\"a\":\"q\"}]", TYPE_JSON, "{\"data\":null,\"token\":\"b\"}", 1, "a", "q");
}

static void what_is_not_there_is_absent(void **state)
{
    (void)state;
    static const char *const bodies[] = {"",
                                         "token=t",
                                         "data=",
                                         "data",
                                         "data=+%0A",
                                         "{\"data\":null}",
                                         "{\"token\":\"t\"}",
                                         "{\"client_transaction_id\":\"A\"}"};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        given_refuses("lang=fr", TYPE_FORM, bodies[i], FORM_DATA_ABSENT);
}

static void what_is_no_json_is_unreadable(void **state)
{
    (void)state;
    static const char *const bodies[] = {"data=[{\"a\":1]",
                                         "data=hello",
                                         "data=[{a:1}]",
                                         "data=[{\"a\":1}]x",
                                         "[{\"a\":1}",
                                         "{\"a\":1}{}",
                                         "{'a':1}",
                                         "data=\"hello\"",
                                         "{\"data\":\"hello\"}",
                                         "[1,]",
                                         "data=[{\"a\":\"\xff\"}]",
                                         "data=[{\"a\":1e999}]",
                                         "data={\"a\":\"\\ud800\"}"};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        given_refuses(NULL, TYPE_FORM, bodies[i], FORM_DATA_UNREADABLE);
    given_refuses(NULL, TYPE_JSON, "hello", FORM_DATA_UNREADABLE);
    given_refuses(NULL, TYPE_JSON, "\"hello\"", FORM_DATA_UNREADABLE);
}

static void json_that_lists_no_objects_is_no_items(void **state)
{
    (void)state;
    static const char *const bodies[] = {"data=[]",
                                         "data={}",
                                         "data=7",
                                         "data=true",
                                         "data=[1]",
                                         "data=[{\"a\":1},[]]",
                                         "data=[[{\"a\":1}]]",
                                         "[]",
                                         "{}",
                                         "{\"data\":7}",
                                         "{\"data\":[]}",
                                         "{\"data\":false}"};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        given_refuses(NULL, TYPE_FORM, bodies[i], FORM_DATA_NOT_ITEMS);
    given_reads(NULL, TYPE_FORM, "data=[{\"a\":\"1\"},{}]", 2, "a", "1"); /* Refused one by one. */
}

static void what_is_nested_too_deep_is_unreadable(void **state)
{
    (void)state;
    enum { DEPTH = 100000 };
    char *body = malloc(DEPTH * 6 + 1);
    assert_non_null(body);
    memset(body, '[', DEPTH);
    body[DEPTH] = '\0';
    given_refuses(NULL, TYPE_JSON, body, FORM_DATA_UNREADABLE);
    for (size_t i = 0; i < DEPTH; i++)
        memcpy(body + i * 5, "{\"a\":", 6);
    given_refuses(NULL, TYPE_FORM, body, FORM_DATA_UNREADABLE);
    memcpy(body, "data=", 5);
    given_refuses(NULL, TYPE_FORM, body, FORM_DATA_UNREADABLE);
    free(body);
    given_reads(NULL, TYPE_JSON, "[{\"a\":[[[[[[[[[[]]]]]]]]]],\"b\":\"c\"}]", 1, "b", "c");
}

/* A text that would take a hundred times its size is refused before it takes it. */
static void what_would_swell_is_unreadable(void **state)
{
    (void)state;
    enum { BYTES = 3000000 };
    char *body = malloc(BYTES + 1);
    assert_non_null(body);
    for (size_t i = 0; i < BYTES; i += 3)
        memcpy(body + i, "{},", 3);
    body[0] = '[';
    body[1] = '1';
    body[BYTES - 1] = ']';
    body[BYTES] = '\0';
    given_refuses(NULL, TYPE_JSON, body, FORM_DATA_UNREADABLE);
    free(body);
}

static void ten_thousand_items_are_read(void **state)
{
    (void)state;
    enum { COUNT = 10000 };
    struct buffer body;
    buffer_init(&body, 4000000);
    buffer_text_append(&body, "data=[");
    for (int i = 0; i < COUNT; i++)
        buffer_format(&body, "%s{\"prefix\":\"225\",\"phone\":\"07%08d\",\"amount\":%d}",
                      i == 0 ? "" : ",", i, 5 * i);
    buffer_text_append(&body, "]");
    struct items *items;
    assert_int_equal(given_items(NULL, TYPE_FORM, buffer_text(&body), &items), FORM_DATA_READ);
    assert_int_equal(items_count(items), COUNT);
    assert_string_equal(item_text(items, COUNT - 1, "phone"), "0700009999");
    assert_string_equal(item_text(items, COUNT - 1, "amount"), "49995");
    items_close(items);
    buffer_free(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encoded_data_is_read),
        cmocka_unit_test(data_is_read_in_every_encoding),
        cmocka_unit_test(one_bare_object_is_one_item),
        cmocka_unit_test(bare_json_without_data_is_data),
        cmocka_unit_test(bare_fields_are_one_item),
        cmocka_unit_test(what_stands_beside_a_bare_item_is_no_part_of_it),
        cmocka_unit_test(a_string_that_holds_json_is_decoded_once_more),
        cmocka_unit_test(an_unencoded_ampersand_in_a_string_survives),
        cmocka_unit_test(an_unencoded_plus_or_percent_in_a_string_survives),
        cmocka_unit_test(an_encoded_text_ends_at_its_ampersand),
        cmocka_unit_test(many_unencoded_ampersands_are_no_fields),
        cmocka_unit_test(the_body_comes_before_the_query),
        cmocka_unit_test(what_is_not_there_is_absent),
        cmocka_unit_test(what_is_no_json_is_unreadable),
        cmocka_unit_test(json_that_lists_no_objects_is_no_items),
        cmocka_unit_test(what_is_nested_too_deep_is_unreadable),
        cmocka_unit_test(what_would_swell_is_unreadable),
        cmocka_unit_test(ten_thousand_items_are_read),
    };
    return cmocka_run_group_tests_name("wire/data", tests, NULL, NULL);
}

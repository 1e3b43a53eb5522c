#include "given.h"

static struct items *items_given(const char *json)
{
    struct items *items;
    assert_int_equal(given_items(NULL, TYPE_JSON, json, &items), FORM_DATA_READ);
    return items;
}

static void members_are_texts(void **state)
{
    (void)state;
    struct items *items = items_given(
        "[{\"s\":\"été\",\"i\":500,\"n\":-9223372036854775808,\"r\":12.5,\"e\":1e2,\"t\":true,"
        "\"z\":null,\"o\":{},\"a\":[],\"x\":\"\",\"m\":20180606111287}]");
    assert_string_equal(item_text(items, 0, "s"), "été");
    assert_string_equal(item_text(items, 0, "i"), "500");
    assert_string_equal(item_text(items, 0, "n"), "-9223372036854775808");
    assert_string_equal(item_text(items, 0, "r"), "12.5");
    assert_string_equal(item_text(items, 0, "e"), "100.0");
    assert_string_equal(item_text(items, 0, "m"), "20180606111287");
    assert_string_equal(item_text(items, 0, "x"), "");
    static const char *const none[] = {"t", "z", "o", "a", "absent"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_null(item_text(items, 0, none[i]));
    assert_true(item_has(items, 0, "t"));
    assert_true(item_has(items, 0, "o"));
    assert_true(item_has(items, 0, "x"));
    assert_false(item_has(items, 0, "z"));
    assert_false(item_has(items, 0, "absent"));
    assert_false(items_failed(items));
    items_close(items);
}

static void blanks_around_a_text_are_cut_off(void **state)
{
    (void)state;
    struct items *items = items_given(
        "[{\"a\":\"  07 \",\"b\":\"\\t07\",\"c\":\"07\\r\\n\",\"d\":\" \",\"e\":\" 0 7\"}]");
    const char *first = item_text(items, 0, "a");
    assert_string_equal(item_text(items, 0, "b"), "07");
    assert_string_equal(item_text(items, 0, "c"), "07");
    assert_string_equal(item_text(items, 0, "d"), "");
    assert_string_equal(item_text(items, 0, "e"), "0 7");
    assert_string_equal(first, "07"); /* Still what it was. */
    items_close(items);
}

static void echoes(const char *json, const struct item_member *members, size_t count,
                   const char *expected)
{
    struct items *items = items_given(json);
    struct buffer text;
    buffer_init(&text, 10000);
    item_write(items, 0, members, count, &text);
    assert_true(buffer_ok(&text));
    assert_string_equal(buffer_text(&text), expected);
    buffer_free(&text);
    items_close(items);
}

static void an_item_is_echoed_as_it_was_sent(void **state)
{
    (void)state;
    const struct item_member members[] = {{"code", NULL, 0}, {"status", "success", 0}};
    echoes("[{\"phone\": \"07 89\", \"amount\": 500, \"b\": [1, {\"c\": null}, 1.5], \"t\": true, "
           "\"f\": false, \"n\": null, \"r\": 0.1, \"q\": \"a\\\"b\\\\c\\n\\u0001\\u00e9/\"}]",
           members, 2,
           "{\"phone\":\"07 89\",\"amount\":500,\"b\":[1,{\"c\":null},1.5],\"t\":true,\"f\":false,"
           "\"n\":null,\"r\":0.1,\"q\":\"a\\\"b\\\\c\\n\\u0001é/\",\"code\":0,"
           "\"status\":\"success\"}");
}

/* A client can't put a code of its own beside ours. */
static void members_of_the_reply_stand_in_place_of_those_sent(void **state)
{
    (void)state;
    const struct item_member members[] = {{"code", NULL, 805}, {"lot", "0044", 0}};
    echoes("[{\"lot\":\"mine\",\"phone\":\"07\",\"code\":0}]", members, 2,
           "{\"phone\":\"07\",\"code\":805,\"lot\":\"0044\"}");
    echoes("[{\"code\":0}]", members, 1, "{\"code\":805}");
    echoes("[{\"a\":1},{}]", NULL, 0, "{\"a\":1}");
}

static void a_full_buffer_is_marked(void **state)
{
    (void)state;
    static const char item[] = "{\"a\":[[1,2,3]],\"b\":\"0123456789\"}";
    struct items *items = items_given(item);
    for (size_t limit = 0; limit < sizeof item - 1; limit++) {
        struct buffer text;
        buffer_init(&text, limit);
        item_write(items, 0, NULL, 0, &text);
        assert_false(buffer_ok(&text));
        buffer_free(&text);
    }
    items_close(items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_texts),
        cmocka_unit_test(blanks_around_a_text_are_cut_off),
        cmocka_unit_test(an_item_is_echoed_as_it_was_sent),
        cmocka_unit_test(members_of_the_reply_stand_in_place_of_those_sent),
        cmocka_unit_test(a_full_buffer_is_marked),
    };
    return cmocka_run_group_tests_name("wire/item", tests, NULL, NULL);
}

#include "saying.h"

#include "operators/json.h"

static json_t *member(const char *value)
{
    char text[256];
    (void)snprintf(text, sizeof text, "{\"m\":%s}", value);
    json_t *object = operator_json_object(text, strlen(text));
    assert_non_null(object);
    return object;
}

static void only_whole_objects_are_read(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      " ",
                                      "{",
                                      "null",
                                      "[]",
                                      "\"a\"",
                                      "{\"a\":1,\"a\":2}",
                                      "{\"a\":1} x",
                                      "{\"a\":\"\\u0000\"}",
                                      "{\"a\":\"\xc3\"}",
                                      "{\"a\":99999999999999999999}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_null(operator_json_object(bad[i], strlen(bad[i])));
    json_t *object = operator_json_object("{\"a\":1} \n", 9);
    assert_non_null(object);
    assert_null(operator_json_array("{\"a\":1}", 7));
    json_t *array = operator_json_array("[1]", 3);
    assert_non_null(array);
    operator_json_free(&object);
    operator_json_free(&array);
    /* Depth has an end: thousands of brackets are refused, and cost no stack. */
    char deep[8192];
    memset(deep, '[', sizeof deep);
    assert_null(operator_json_array(deep, sizeof deep));
}

static void amounts_are_whole_units(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        int64_t minor; /* -1: it is none. */
    } rows[] = {
        {"500", 500},
        {"\"500\"", 500},
        {"\"500.00\"", 500},
        {"\"500.0\"", 500},
        {"500.00", 500},
        {"500.0", 500},
        {"0", 0},
        {"\"007\"", 7},
        {"9007199254740991.0", INT64_C(9007199254740991)},
        {"9223372036854775807", INT64_MAX},
        {"\"9223372036854775807.000\"", INT64_MAX},
        {"\"9223372036854775808\"", -1},
        {"\"500.50\"", -1},
        {"500.5", -1},
        {"500.000001", -1},
        {"0.1", -1},
        {"5e2", 500}, /* JSON's way to write a number; as a text it is none. */
        {"\"5e2\"", -1},
        {"1e300", -1},
        {"\"500.\"", -1},
        {"\".5\"", -1},
        {"\"\"", -1},
        {"\" 500\"", -1},
        {"\"500 \"", -1},
        {"\"500,00\"", -1},
        {"\"5 000\"", -1},
        {"\"+500\"", -1},
        {"\"-500\"", -1},
        {"-500", -1},
        {"-0.0", -1},
        {"\"0x1F4\"", -1},
        {"\"500.0.0\"", -1},
        {"\"\xd9\xa5\"", -1}, /* A digit, but not one of ours. */
        {"null", -1},
        {"true", -1},
        {"[500]", -1},
        {"{\"m\":500}", -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_t *object = member(rows[i].value);
        int64_t minor = -7;
        bool is = operator_json_amount(object, "m", &minor);
        if (is != (rows[i].minor >= 0) || minor != (is ? rows[i].minor : -7))
            fail_msg("%s: %d %lld", rows[i].value, is, (long long)minor);
        operator_json_free(&object);
    }
    int64_t minor = -7;
    assert_false(operator_json_amount(NULL, "m", &minor));
}

static void balances_may_be_negative_and_lose_their_fraction(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        bool is;
        int64_t minor;
    } rows[] = {{"\"200\"", true, 200},    {"\"200.75\"", true, 200}, {"200.75", true, 200},
                {"\"-15.50\"", true, -15}, {"-15", true, -15},        {"\"\"", false, 0},
                {"\"--5\"", false, 0},     {"\"-\"", false, 0},       {"\"1.x\"", false, 0},
                {"\"1e9\"", false, 0},     {"false", false, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_t *object = member(rows[i].value);
        int64_t minor = 0;
        assert_int_equal(operator_json_balance(object, "m", &minor), rows[i].is);
        assert_int_equal(minor, rows[i].minor);
        operator_json_free(&object);
    }
}

static void words_can_go_into_headers(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        const char *word;
    } rows[] = {{"\"abc-1\"", "abc-1"},
                {"981569077", "981569077"},
                {"\"1234567\"", "1234567"},
                {"\"12345678\"", ""},
                {"\"a b\"", ""},
                {"\"a\\r\\nX: y\"", ""},
                {"\"\xc3\xa9\"", ""},
                {"1.5", ""},
                {"null", ""},
                {"true", ""},
                {"\"\"", ""},
                {"[\"a\"]", ""}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_t *object = member(rows[i].value);
        char word[10];
        size_t size = i < 2 ? sizeof word : 8;
        bool is = operator_json_word(object, "m", word, size);
        assert_int_equal(is, rows[i].word[0] != '\0');
        assert_string_equal(word, rows[i].word);
        operator_json_free(&object);
    }
}

static void members_are_compared_as_they_are_written(void **state)
{
    (void)state;
    json_t *object = member("83453");
    assert_true(operator_json_is(object, "m", "83453"));
    assert_false(operator_json_is(object, "m", "083453"));
    assert_false(operator_json_is(object, "n", ""));
    assert_int_equal(operator_json_integer(object, "m", -1), 83453);
    assert_int_equal(operator_json_integer(object, "n", -1), -1);
    operator_json_free(&object);
    object = member("\"3600\"");
    assert_int_equal(operator_json_integer(object, "m", -1), 3600);
    assert_string_equal(operator_json_text(object, "m"), "3600");
    operator_json_free(&object);
    object = member("\"36x\"");
    assert_int_equal(operator_json_integer(object, "m", -1), -1);
    operator_json_free(&object);
    object = member("-5");
    assert_int_equal(operator_json_integer(object, "m", 0), -5);
    assert_string_equal(operator_json_text(object, "m"), "");
    operator_json_free(&object);
}

static void what_is_said_is_printable_and_fits(void **state)
{
    (void)state;
    struct operator_result result = {0};
    char words[400];
    operator_say(&result, 500, "PAYEE_NOT_FOUND",
                 "no\nsuch\x1b[0m pay\xc3\xa9"
                 "e");
    assert_string_equal(result.said, "500 PAYEE_NOT_FOUND: nosuch[0m paye");
    operator_say(&result, 502, "", "");
    assert_string_equal(result.said, "502");
    memset(words, 'a', sizeof words - 1);
    words[sizeof words - 1] = '\0';
    operator_say(&result, 500, "X", words);
    assert_int_equal(strlen(result.said), sizeof result.said - 1);
}

static void names_are_cut_between_characters(void **state)
{
    (void)state;
    struct operator_result result = {0};
    char given[OPERATOR_NAME_BYTES + 1] = "";
    operator_name_set(&result, "Awa", "Koné");
    assert_string_equal(result.receiver_name, "Awa Koné");
    operator_name_set(&result, "", "Koné");
    assert_string_equal(result.receiver_name, "Koné");
    for (size_t i = 0; i + 2 < sizeof given; i += 2)
        memcpy(given + i, "é", 3);
    operator_name_set(&result, given, "x");
    assert_int_equal(strlen(result.receiver_name), OPERATOR_NAME_BYTES - 2);
}

static void callbacks_are_proved_by_the_end_of_their_url(void **state)
{
    (void)state;
    struct channel channel = {.callback_url = "https://pay.example/callbacks/mtn-ci",
                              .callback_secret = "0123456789abcdef"};
    struct operator_callback callback = {.channel = &channel, .rest = "0123456789abcdef"};
    assert_null(operator_callback_check(&channel));
    assert_true(operator_callback_proved(&callback));
    static const char *const wrong[] = {"", "0123456789abcde", "0123456789abcdef?",
                                        "0123456789abcdeF", "0123456789abcdef0"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        callback.rest = wrong[i];
        assert_false(operator_callback_proved(&callback));
    }
    callback.rest = "0123456789abcdef/EA181025.112233.X123456";
    assert_true(operator_callback_proved(&callback));
    assert_string_equal(operator_callback_after(&callback), "EA181025.112233.X123456");
    callback.rest = "0123456789abcdef";
    assert_string_equal(operator_callback_after(&callback), "");
    /* Without a secret nothing proves anything, not even nothing. */
    channel.callback_secret[0] = '\0';
    callback.rest = "";
    assert_false(operator_callback_proved(&callback));
    assert_non_null(operator_callback_check(&channel));
    (void)snprintf(channel.callback_secret, sizeof channel.callback_secret, "0123456789abcde?");
    assert_non_null(operator_callback_check(&channel));
    channel.callback_url[0] = '\0';
    assert_null(operator_callback_check(&channel));
}

static void basic_and_urls_are_encoded(void **state)
{
    (void)state;
    struct operator_request request;
    operator_request_init(&request);
    /* RFC 7617's own example. */
    operator_request_basic(&request, "Aladdin", "open sesame");
    assert_string_equal(request.headers[0], "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    operator_url_append(&request.url, "a/b c?é&1-._~");
    assert_string_equal(buffer_text(&request.url), "a%2Fb%20c%3F%C3%A9%261-._~");
    operator_request_free(&request);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_whole_objects_are_read),
        cmocka_unit_test(amounts_are_whole_units),
        cmocka_unit_test(balances_may_be_negative_and_lose_their_fraction),
        cmocka_unit_test(words_can_go_into_headers),
        cmocka_unit_test(members_are_compared_as_they_are_written),
        cmocka_unit_test(what_is_said_is_printable_and_fits),
        cmocka_unit_test(names_are_cut_between_characters),
        cmocka_unit_test(callbacks_are_proved_by_the_end_of_their_url),
        cmocka_unit_test(basic_and_urls_are_encoded),
    };
    secret_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "saying.h"

#include "operators/json.h"
#include "operators/orange_money.h"

static const char *folder; /* tests/data/operators/orange_money */

static const struct channel dakar = {
    .number = 11,
    .name = "orange-sn",
    .url = "https://api.orange-sonatel.com",
    .account = "b7e1c2d4-client",
    .environment = "781234567",
    .callback_url = "https://pay.example/callbacks/orange-sn",
    .secret = "s3cr3t&more",
    .secret_second = "Bs39XVxP0s+A/w==",
    .callback_secret = "endpoint secret",
    .currency = CURRENCY_XOF,
    .operators = UINT64_C(1) << 5, /* OMSN */
};

static struct saying *opened(void)
{
    struct saying *saying = saying_open(orange_money_connector(), &dakar);
    saying->transfer.operator_number = 5;
    saying->transfer.msisdn = INT64_C(221771234567);
    return saying;
}

static void a_cash_in_is_asked_for_as_sonatel_prints_it(void **state)
{
    (void)state;
    struct saying *saying = opened();
    char *document = saying_compact(folder, "cashin.request.json");
    saying->transfer.amount.minor = 50000;
    (void)snprintf(saying->attempt.reference, TRANSFER_ID_TEXT_BYTES, "FUNDS-REQ-12345");
    (void)snprintf(saying->channel.secret_second, CHANNEL_SECRET_BYTES, "Bs39XVxP0s[..]A==");
    saying_write(saying, OPERATOR_TASK_SUBMIT);
    assert_string_equal(buffer_text(&saying->request.body), document);
    free(document);
    saying_close(saying);
}

static void each_call_is_written(void **state)
{
    (void)state;
    struct saying *saying = opened();
    saying_write(saying, OPERATOR_TASK_SUBMIT);
    assert_string_equal(saying->request.method, "POST");
    assert_string_equal(buffer_text(&saying->request.url),
                        "https://api.orange-sonatel.com/api/eWallet/v1/cashins");
    assert_string_equal(saying_header(saying, "Authorization"), "Bearer t0k3n");
    assert_string_equal(saying_header(saying, "Content-Type"), "application/json");

    saying_write(saying, OPERATOR_TASK_ASK);
    assert_string_equal(saying->request.method, "GET");
    assert_string_equal(buffer_text(&saying->request.url),
                        "https://api.orange-sonatel.com/api/eWallet/v1/transactions"
                        "?reference=EA181025.112233.X123456");
    assert_string_equal(saying_header(saying, "Content-Type"), "application/json");
    saying->transfer.operator_reference = "CI1234.5678/9";
    saying_write(saying, OPERATOR_TASK_ASK);
    assert_string_equal(buffer_text(&saying->request.url),
                        "https://api.orange-sonatel.com/api/eWallet/v1/transactions/"
                        "CI1234.5678%2F9/status");

    saying_write(saying, OPERATOR_TASK_TOKEN);
    assert_string_equal(saying->request.method, "POST");
    assert_string_equal(buffer_text(&saying->request.url),
                        "https://api.orange-sonatel.com/oauth/v1/token");
    assert_string_equal(buffer_text(&saying->request.body),
                        "grant_type=client_credentials&client_id=b7e1c2d4-client"
                        "&client_secret=s3cr3t%26more");
    assert_null(saying_header(saying, "Authorization"));

    saying_write(saying, OPERATOR_TASK_FLOAT);
    assert_string_equal(saying->request.method, "POST");
    assert_string_equal(buffer_text(&saying->request.url),
                        "https://api.orange-sonatel.com/api/eWallet/v1/account/retailer/balance");
    assert_string_equal(buffer_text(&saying->request.body),
                        "{\"idType\":\"MSISDN\",\"id\":\"781234567\",\"encryptedPinCode\":"
                        "\"Bs39XVxP0s+A/w==\",\"wallet\":\"PRINCIPAL\"}");
    saying_close(saying);
}

static void every_status_has_a_meaning(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        enum verdict verdict;
    } rows[] = {
        {"SUCCESS", VERDICT_PAID},      {"FAILED", VERDICT_REJECTED},
        {"REJECTED", VERDICT_REJECTED}, {"CANCELLED", VERDICT_REJECTED},
        {"ACCEPTED", VERDICT_PENDING},  {"INITIATED", VERDICT_PENDING},
        {"PENDING", VERDICT_PENDING},   {"PRE_INITIATED", VERDICT_PENDING},
        {"success", VERDICT_UNKNOWN},   {"", VERDICT_UNKNOWN},
        {"TS", VERDICT_UNKNOWN},        {"SUCCESSFUL", VERDICT_UNKNOWN},
    };
    struct saying *saying = opened();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char body[512];
        (void)snprintf(body, sizeof body,
                       "{\"transactionId\":\"CI1\",\"status\":\"%s\",\"reference\":\"%s\"}",
                       rows[i].word, SAYING_REFERENCE);
        saying->transfer.operator_reference = "";
        struct verdict_answer *answer = saying_read(saying, OPERATOR_TASK_SUBMIT, 200, body);
        assert_int_equal(answer->verdict, rows[i].verdict);
        assert_string_equal(answer->operator_reference,
                            rows[i].verdict != VERDICT_UNKNOWN ? "CI1" : "");
        (void)snprintf(body, sizeof body,
                       "[{\"reference\":\"%s\",\"status\":\"%s\",\"transactionId\":\"CI2\","
                       "\"amount\":{\"unit\":\"XOF\",\"value\":500},\"type\":\"CASHIN\"}]",
                       SAYING_REFERENCE, rows[i].word);
        answer = saying_read(saying, OPERATOR_TASK_ASK, 200, body);
        assert_int_equal(answer->verdict, rows[i].verdict);
        assert_string_equal(answer->operator_reference,
                            rows[i].verdict != VERDICT_UNKNOWN ? "CI2" : "");
        (void)snprintf(body, sizeof body, "{\"status\":\"%s\"}", rows[i].word);
        saying->transfer.operator_reference = "CI1";
        assert_int_equal(saying_read(saying, OPERATOR_TASK_ASK, 200, body)->verdict,
                         rows[i].verdict);
    }
    saying_close(saying);
}

static void every_error_has_a_meaning(void **state)
{
    (void)state;
    static const struct {
        const char *code;
        enum verdict verdict;
        enum transfer_reason reason;
        bool hold;
    } rows[] = {
        {"2000", VERDICT_REJECTED, TRANSFER_REASON_RECEIVER_UNKNOWN, false},
        {"2001", VERDICT_REJECTED, TRANSFER_REASON_RECEIVER_UNKNOWN, false},
        {"2010", VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN, true},
        {"2011", VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN, true},
        {"2012", VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN, true},
        {"2013", VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN, true},
        {"2020", VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_FLOAT, false},
        {"2021", VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_FLOAT, false},
        {"2022", VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_REFUSED, false},
        {"2023", VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_REFUSED, false},
        {"2024", VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_REFUSED, false},
        {"2025", VERDICT_REJECTED, TRANSFER_REASON_RECEIVER_LIMIT, false},
        {"2041", VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_REFUSED, false},
        {"2042", VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_REFUSED, false},
        {"2043", VERDICT_REJECTED, TRANSFER_REASON_RECEIVER_BLOCKED, false},
        {"4003", VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN, true},
        {"4099", VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN, false},
        {"50", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN, false},
        {"9999", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN, false},
        {"", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN, false},
    };
    static const int other[] = {200, 404, 409, 422, 500, 502};
    struct saying *saying = opened();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char body[256];
        (void)snprintf(body, sizeof body,
                       "{\"type\":\"bad-request\",\"status\":\"400\",\"code\":\"%s\"}",
                       rows[i].code);
        struct verdict_answer *answer = saying_read(saying, OPERATOR_TASK_SUBMIT, 400, body);
        if (answer->verdict != rows[i].verdict || answer->reason != rows[i].reason)
            fail_msg("%s: %d %d", rows[i].code, answer->verdict, answer->reason);
        /* A third wrong PIN blocks the account: whoever asks for the float must not try it either.
         */
        assert_int_equal(saying->result.throttled_ms, rows[i].hold ? 3600000 : 0);
        assert_int_equal(saying->result.down, rows[i].hold);
        (void)saying_read(saying, OPERATOR_TASK_FLOAT, 400, body);
        assert_int_equal(saying->result.throttled_ms, rows[i].hold ? 3600000 : 0);
        /* Under another status the code says nothing. */
        for (size_t k = 0; k < sizeof other / sizeof *other; k++)
            assert_int_equal(saying_read(saying, OPERATOR_TASK_SUBMIT, other[k], body)->verdict,
                             VERDICT_UNKNOWN);
    }
    saying_close(saying);
}

static void sonatel_s_own_answers_are_read(void **state)
{
    (void)state;
    struct saying *saying = opened();
    char *error = saying_file(folder, "error.json"), *paid = saying_file(folder, "cashin.json");
    char *list = saying_file(folder, "transactions.json"),
         *ended = saying_file(folder, "status.json");
    assert_int_equal(saying_read(saying, OPERATOR_TASK_SUBMIT, 400, error)->reason,
                     TRANSFER_REASON_RECEIVER_UNKNOWN);
    assert_string_equal(saying->result.said, "400 2000: Customer account does not exist");
    /* Of another reference than ours: nothing. */
    assert_int_equal(saying_read(saying, OPERATOR_TASK_SUBMIT, 200, paid)->verdict,
                     VERDICT_UNKNOWN);
    (void)snprintf(saying->attempt.reference, TRANSFER_ID_TEXT_BYTES, "FUNDS-REQ-12345");
    struct verdict_answer *answer = saying_read(saying, OPERATOR_TASK_SUBMIT, 200, paid);
    assert_int_equal(answer->verdict, VERDICT_PAID);
    assert_string_equal(answer->operator_reference, "CI1234.5678.91023");
    saying->transfer.operator_reference = "CI1234.5678.91023";
    assert_int_equal(saying_read(saying, OPERATOR_TASK_ASK, 200, ended)->verdict, VERDICT_PAID);
    saying->transfer.operator_reference = "";
    /* The example's reference is longer than any of ours, and so another's. */
    assert_int_equal(saying_read(saying, OPERATOR_TASK_ASK, 200, list)->verdict, VERDICT_UNKNOWN);
    free(error);
    free(paid);
    free(list);
    free(ended);
    saying_close(saying);
}

#define FOUND(reference, status, value, unit, more)                                                \
    "{\"reference\":\"" reference "\",\"status\":\"" status "\",\"transactionId\":\"CI-" status    \
    "\",\"amount\":{\"unit\":\"" unit "\",\"value\":" value "}" more "}"
#define OURS(status) FOUND(SAYING_REFERENCE, status, "500", "XOF", ",\"type\":\"CASHIN\"")

static void what_the_search_finds_is_weighed(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        enum verdict verdict;
        const char *reference;
    } rows[] = {
        /* Nothing found is no word on anything: no document says that a reference is taken once. */
        {"[]", VERDICT_UNKNOWN, ""},
        {"{\"transactions\":[]}", VERDICT_UNKNOWN, ""},
        {"{}", VERDICT_UNKNOWN, ""},
        {"{\"transactions\":[" OURS("SUCCESS") "]}", VERDICT_PAID, "CI-SUCCESS"},
        {"[" OURS("FAILED") "," OURS("SUCCESS") "]", VERDICT_PAID, "CI-SUCCESS"},
        {"[" OURS("SUCCESS") "," OURS("FAILED") "]", VERDICT_PAID, "CI-SUCCESS"},
        {"[" OURS("PENDING") "," OURS("SUCCESS") "]", VERDICT_PAID, "CI-SUCCESS"},
        {"[" OURS("FAILED") "," OURS("PENDING") "]", VERDICT_PENDING, "CI-PENDING"},
        {"[" OURS("PENDING") "," OURS("FAILED") "]", VERDICT_PENDING, "CI-PENDING"},
        {"[" OURS("FAILED") "," OURS("REJECTED") "]", VERDICT_REJECTED, "CI-FAILED"},
        /* Others' transactions are passed over. */
        {"[" FOUND("EA181025.112233.X123457", "SUCCESS", "500", "XOF", "") "," OURS("FAILED") "]",
         VERDICT_REJECTED, "CI-FAILED"},
        {"[" FOUND("EA181025.112233.X123457", "SUCCESS", "500", "XOF", "") "]", VERDICT_UNKNOWN,
         ""},
        /* Ours by reference, but not by anything else: nothing is believed. */
        {"[" FOUND(SAYING_REFERENCE, "SUCCESS", "501", "XOF", "") "]", VERDICT_UNKNOWN, ""},
        {"[" FOUND(SAYING_REFERENCE, "SUCCESS", "500.5", "XOF", "") "]", VERDICT_UNKNOWN, ""},
        {"[" FOUND(SAYING_REFERENCE, "SUCCESS", "500", "XAF", "") "]", VERDICT_UNKNOWN, ""},
        {"[" FOUND(SAYING_REFERENCE, "SUCCESS", "500", "XOF", ",\"type\":\"MERCHANT_PAYMENT\"") "]",
         VERDICT_UNKNOWN, ""},
        {"[" FOUND(SAYING_REFERENCE, "SUCCESS", "500", "XOF",
                   ",\"customer\":{\"id\":\"771234568\"}") "]",
         VERDICT_UNKNOWN, ""},
        {"[" FOUND(SAYING_REFERENCE, "SUCCESS", "500.0", "XOF",
                   ",\"customer\":{\"id\":\"771234567\"}") "]",
         VERDICT_PAID, "CI-SUCCESS"},
        {"[" FOUND(SAYING_REFERENCE, "SUCCESS", "\"500\"", "XOF",
                   ",\"customer\":{\"id\":\"221771234567\"}") "]",
         VERDICT_PAID, "CI-SUCCESS"},
        {"[" OURS("FAILED") "," FOUND(SAYING_REFERENCE, "SUCCESS", "501", "XOF", "") "]",
         VERDICT_UNKNOWN, ""},
        {"[" OURS("FAILED") "," OURS("A_WORD_OF_TOMORROW") "]", VERDICT_UNKNOWN, ""},
        {"[[" OURS("SUCCESS") "]]", VERDICT_UNKNOWN, ""},
        {"[\"" SAYING_REFERENCE "\",null,1]", VERDICT_UNKNOWN, ""},
    };
    struct saying *saying = opened();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct verdict_answer *answer = saying_read(saying, OPERATOR_TASK_ASK, 200, rows[i].body);
        if (answer->verdict != rows[i].verdict)
            fail_msg("%s: %d", rows[i].body, answer->verdict);
        assert_string_equal(answer->operator_reference, rows[i].reference);
        if (saying_ends(answer) || answer->verdict == VERDICT_PENDING)
            assert_int_equal(saying_read(saying, OPERATOR_TASK_ASK, 404, rows[i].body)->verdict,
                             VERDICT_UNKNOWN);
    }
    assert_int_equal(orange_money_connector()->abilities & OPERATOR_REFERENCE_ONCE, 0);
    saying_close(saying);
}

static void what_turns_a_call_away_is_not_sent(void **state)
{
    (void)state;
    static const int statuses[] = {401, 403, 429};
    struct saying *saying = opened();
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        assert_int_equal(saying_read(saying, OPERATOR_TASK_SUBMIT, statuses[i], "")->verdict,
                         VERDICT_NOT_SENT);
        assert_int_equal(saying->result.token_refused, statuses[i] == 401);
        assert_int_equal(saying->result.throttled_ms, statuses[i] == 429 ? 1000 : 0);
        assert_int_equal(saying_read(saying, OPERATOR_TASK_ASK, statuses[i], "")->verdict,
                         VERDICT_UNKNOWN);
    }
    (void)saying_read(saying, OPERATOR_TASK_SUBMIT, 503, "");
    assert_true(saying->result.down);
    saying_close(saying);
}

static void tokens_and_floats_are_read(void **state)
{
    (void)state;
    struct saying *saying = opened();
    char *token = saying_file(folder, "token.json"), *balance = saying_file(folder, "balance.json");
    (void)saying_read(saying, OPERATOR_TASK_TOKEN, 200, token);
    assert_string_equal(saying->result.token, "eyJhbGciOiJSUzI1NiJ9.e30.c2ln");
    assert_int_equal(saying->result.token_lifetime_ms, 299000);
    (void)saying_read(saying, OPERATOR_TASK_TOKEN, 401, token);
    assert_string_equal(saying->result.token, "");
    (void)saying_read(saying, OPERATOR_TASK_FLOAT, 200, balance);
    assert_true(saying->result.float_known);
    assert_int_equal(saying->result.float_left.minor, 125000);
    (void)saying_read(saying, OPERATOR_TASK_FLOAT, 200, "{\"unit\":\"EUR\",\"value\":1}");
    assert_false(saying->result.float_known);
    free(token);
    free(balance);
    saying_close(saying);
}

static const char *one_header(void *context, const char *name)
{
    return strcmp(name, "X-Sonatel-Signature") == 0 ? context : NULL;
}

static void callbacks_are_signed(void **state)
{
    (void)state;
    /* printf %s '1760786553,{"reference":"R-1","status":"SUCCESS"}' |
     * openssl dgst -sha256 -hmac 'endpoint secret' */
    static const char body[] = "{\"reference\":\"R-1\",\"status\":\"SUCCESS\"}";
#define RIGHT "e95a73ba41adc2a7a3baaca508c94dd63a87da9d9d294ee9e79d45dc3673a606"
#define WRONG "0000000000000000000000000000000000000000000000000000000000000000"
    static const struct {
        const char *header;
        int64_t later_ms;
        enum operator_callback_word word;
    } rows[] = {
        {"t=1760786553,v1=" RIGHT, 0, OPERATOR_CALLBACK_ABOUT},
        {"t=1760786553,v1=" WRONG ",v1=" RIGHT, 0, OPERATOR_CALLBACK_ABOUT},
        {"t=1760786553,v1=" RIGHT ",v1=" WRONG, 0, OPERATOR_CALLBACK_ABOUT},
        {"t=1760786553,v1=" RIGHT, 300000, OPERATOR_CALLBACK_ABOUT},
        {"t=1760786553,v1=" RIGHT, -300000, OPERATOR_CALLBACK_ABOUT},
        {"t=1760786553,v1=" RIGHT, 300001, OPERATOR_CALLBACK_FORGED},
        {"t=1760786553,v1=" RIGHT, -300001, OPERATOR_CALLBACK_FORGED},
        {"t=1760786554,v1=" RIGHT, 0, OPERATOR_CALLBACK_FORGED},
        {"t=1760786553,v1=" WRONG, 0, OPERATOR_CALLBACK_FORGED},
        {"t=1760786553,v0=" RIGHT, 0, OPERATOR_CALLBACK_FORGED},
        {"t=1760786553,v1=" RIGHT "0", 0, OPERATOR_CALLBACK_FORGED},
        {"v1=" RIGHT ",t=1760786553", 0, OPERATOR_CALLBACK_FORGED},
        {"t=,v1=" RIGHT, 0, OPERATOR_CALLBACK_FORGED},
        {"t=-1,v1=" RIGHT, 0, OPERATOR_CALLBACK_FORGED},
        {"t=99999999999999999999,v1=" RIGHT, 0, OPERATOR_CALLBACK_FORGED},
        {"t=1760786553", 0, OPERATOR_CALLBACK_FORGED},
        {"t=1760786553,", 0, OPERATOR_CALLBACK_FORGED},
        {"t=1760786553,,,v1=", 0, OPERATOR_CALLBACK_FORGED},
        {"t", 0, OPERATOR_CALLBACK_FORGED},
        {"", 0, OPERATOR_CALLBACK_FORGED},
        {NULL, 0, OPERATOR_CALLBACK_FORGED},
    };
    struct channel *channel = calloc(1, sizeof *channel);
    assert_non_null(channel);
    *channel = dakar;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char reference[TRANSFER_ID_TEXT_BYTES] = "";
        struct operator_callback callback = {.channel = channel,
                                             .method = "POST",
                                             .rest = "",
                                             .body = body,
                                             .length = strlen(body),
                                             .now_ms = INT64_C(1760786553000) + rows[i].later_ms,
                                             .header = one_header,
                                             .context = (void *)(uintptr_t)rows[i].header};
        if (orange_money_connector()->callback_read(&callback, reference) != rows[i].word)
            fail_msg("%zu %s", i, rows[i].header == NULL ? "none" : rows[i].header);
        assert_string_equal(reference, rows[i].word == OPERATOR_CALLBACK_ABOUT ? "R-1" : "");
        /* Without a secret nothing is proved. */
        channel->callback_secret[0] = '\0';
        assert_int_equal(orange_money_connector()->callback_read(&callback, reference),
                         OPERATOR_CALLBACK_FORGED);
        *channel = dakar;
    }
    free(channel);
}

static void settings_are_checked(void **state)
{
    (void)state;
    static const struct {
        size_t at;
        const char *text;
    } rows[] = {
        {offsetof(struct channel, account), ""},
        {offsetof(struct channel, account), "a b"},
        {offsetof(struct channel, secret), ""},
        {offsetof(struct channel, environment), ""},
        {offsetof(struct channel, environment), "78123456"},
        {offsetof(struct channel, environment), "221781234567"},
        {offsetof(struct channel, environment), "78123456x"},
        {offsetof(struct channel, secret_second), ""},
        {offsetof(struct channel, secret_second), "12 34"},
    };
    struct channel *channel = calloc(1, sizeof *channel);
    assert_non_null(channel);
    assert_null(orange_money_connector()->channel_check(&dakar));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        *channel = dakar;
        memcpy((char *)channel + rows[i].at, rows[i].text, strlen(rows[i].text) + 1);
        if (orange_money_connector()->channel_check(channel) == NULL)
            fail_msg("%zu %s", i, rows[i].text);
    }
    *channel = dakar;
    channel->operators |= UINT64_C(1) << 1; /* Orange's of Abidjan. */
    assert_non_null(orange_money_connector()->channel_check(channel));
    free(channel);
}

static void bytes_that_say_nothing_end_nothing(void **state)
{
    (void)state;
    struct saying *saying = opened();
    saying_nothing_ends_anything(saying);
    saying->transfer.operator_reference = "CI1";
    saying_nothing_ends_anything(saying);
    saying_close(saying);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cash_in_is_asked_for_as_sonatel_prints_it),
        cmocka_unit_test(each_call_is_written),
        cmocka_unit_test(every_status_has_a_meaning),
        cmocka_unit_test(every_error_has_a_meaning),
        cmocka_unit_test(sonatel_s_own_answers_are_read),
        cmocka_unit_test(what_the_search_finds_is_weighed),
        cmocka_unit_test(what_turns_a_call_away_is_not_sent),
        cmocka_unit_test(tokens_and_floats_are_read),
        cmocka_unit_test(callbacks_are_signed),
        cmocka_unit_test(settings_are_checked),
        cmocka_unit_test(bytes_that_say_nothing_end_nothing),
    };
    if (argc != 2)
        return 2;
    folder = argv[1];
    secret_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}

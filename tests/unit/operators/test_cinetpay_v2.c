/* CinetPay's JSON API: what is written, byte by byte, and what is made of what its clients recorded
 * and of what nobody tells. */
#include "saying.h"

#include "money/tariff.h"
#include "operators/cinetpay_v2.h"

static const char *folder; /* tests/data/operators/cinetpay_v2 */

/* The transfer that the recorded scenario sends: 100 XOF to Orange in Côte d'Ivoire. */
static struct saying *v2_open(void)
{
    struct channel channel = {.number = 11,
                              .name = "cinetpay-ci",
                              .url = "https://api.cinetpay.net",
                              .secret = "sk_test_abc",
                              .secret_second = "pa\"ss",
                              .callback_url = "https://merchant.test/transfer/notify",
                              .callback_secret = "0123456789abcdef",
                              .currency = CURRENCY_XOF,
                              .operators = 1 << 1 | 1 << 2};
    struct saying *saying = saying_open(cinetpay_v2_connector(), &channel);
    saying->transfer.msisdn = INT64_C(2250707000001);
    saying->transfer.operator_number = 1;
    saying->transfer.amount.minor = 100;
    (void)snprintf(saying->attempt.reference, sizeof saying->attempt.reference, "transfer.1001");
    return saying;
}

static void assert_request(const struct saying *saying, const char *method, const char *url,
                           const char *body)
{
    assert_string_equal(saying->request.method, method);
    assert_string_equal(buffer_text(&saying->request.url), url);
    assert_string_equal(buffer_text(&saying->request.body), body);
    assert_string_equal(saying_header(saying, "Accept"), "application/json");
    if (body[0] != '\0')
        assert_string_equal(saying_header(saying, "Content-Type"), "application/json");
    else
        assert_null(saying_header(saying, "Content-Type"));
}

/* --- What is written --- */

static void each_call_is_written(void **state)
{
    (void)state;
    struct saying *saying = v2_open();
    char *body = saying_compact(folder, "transfer.request.json");
    saying_write(saying, OPERATOR_TASK_TOKEN);
    assert_request(saying, "POST", "https://api.cinetpay.net/v1/oauth/login",
                   "{\"api_key\":\"sk_test_abc\",\"api_password\":\"pa\\\"ss\"}");
    assert_null(saying_header(saying, "Authorization"));
    saying_write(saying, OPERATOR_TASK_SUBMIT);
    assert_request(saying, "POST", "https://api.cinetpay.net/v1/transfer", body);
    assert_string_equal(saying_header(saying, "Authorization"), "Bearer t0k3n");
    saying_write(saying, OPERATOR_TASK_ASK);
    assert_request(saying, "GET", "https://api.cinetpay.net/v1/transfer/transfer-1001", "");
    saying->transfer.operator_reference = "transfer-transaction/123?";
    saying_write(saying, OPERATOR_TASK_ASK);
    assert_request(saying, "GET",
                   "https://api.cinetpay.net/v1/transfer/transfer-transaction%2F123%3F", "");
    saying_write(saying, OPERATOR_TASK_FLOAT);
    assert_request(saying, "GET", "https://api.cinetpay.net/v1/balances", "");
    free(body);
    saying_close(saying);
}

static void our_references_have_no_dot_there_and_fit(void **state)
{
    (void)state;
    struct saying *saying = v2_open();
    (void)snprintf(saying->attempt.reference, sizeof saying->attempt.reference, "%s",
                   SAYING_REFERENCE);
    saying_write(saying, OPERATOR_TASK_SUBMIT);
    assert_non_null(strstr(buffer_text(&saying->request.body),
                           "\"merchant_transaction_id\":\"EA181025-112233-X123456\""));
    assert_true(strlen(SAYING_REFERENCE) <= 30);
    saying_close(saying);
}

static void what_is_sent_is_what_is_delivered(void **state)
{
    (void)state;
    struct saying *saying = v2_open();
    char *body = saying_compact(folder, "transfer.request.json");
    saying->transfer.amount.minor = 120;
    saying->transfer.fee_minor = 20;
    saying->transfer.payer = FEE_PAYER_RECEIVER;
    saying_write(saying, OPERATOR_TASK_SUBMIT);
    assert_string_equal(buffer_text(&saying->request.body), body);
    free(body);
    saying_close(saying);
}

/* --- What is answered --- */

static void a_token_is_taken_with_its_lifetime(void **state)
{
    static const struct {
        const char *body;
        int64_t lifetime_ms;
    } rows[] = {
        {"{\"code\":200,\"status\":\"OK\",\"access_token\":\"t\",\"expires_in\":3600}", 3300000},
        {"{\"code\":200,\"status\":\"OK\",\"access_token\":\"t\",\"expires_in\":\"3600\"}",
         3300000},
        {"{\"code\":200,\"status\":\"OK\",\"access_token\":\"t\"}", 60000},
        {"{\"code\":200,\"status\":\"OK\",\"access_token\":\"t\",\"expires_in\":-1}", 60000},
        {"{\"code\":200,\"status\":\"OK\",\"access_token\":\"t\",\"expires_in\":999999999}",
         86400000},
        {"{\"code\":200,\"status\":\"OK\",\"access_token\":\"a b\"}", 0},
        {"{\"code\":200,\"status\":\"OK\",\"access_token\":\"\"}", 0},
        {"{\"code\":200,\"status\":\"OK\"}", 0},
        {"{\"code\":1005,\"status\":\"OK\",\"access_token\":\"t\"}", 0},
        {"{\"access_token\":\"t\"}", 0},
        {"", 0},
    };
    (void)state;
    struct saying *saying = v2_open();
    char *body = saying_file(folder, "login.json");
    (void)saying_read(saying, OPERATOR_TASK_TOKEN, 200, body);
    assert_string_equal(saying->result.token, "token-123");
    assert_int_equal(saying->result.token_lifetime_ms, 86100000);
    (void)saying_read(saying, OPERATOR_TASK_TOKEN, 500, body);
    assert_string_equal(saying->result.token, "");
    free(body);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        (void)saying_read(saying, OPERATOR_TASK_TOKEN, 200, rows[i].body);
        assert_string_equal(saying->result.token, rows[i].lifetime_ms > 0 ? "t" : "");
        assert_int_equal(saying->result.token_lifetime_ms, rows[i].lifetime_ms);
    }
    (void)saying_read(saying, OPERATOR_TASK_TOKEN, 401,
                      "{\"code\":1005,\"status\":\"INVALID_CREDENTIALS\",\"description\":\"no\"}");
    assert_true(saying->result.down);
    assert_string_equal(saying->result.said, "401 INVALID_CREDENTIALS: no");
    saying_close(saying);
}

static void the_recorded_transfer_is_paid(void **state)
{
    (void)state;
    struct saying *saying = v2_open();
    char *body = saying_file(folder, "transfer.json");
    const struct verdict_answer *answer = saying_read(saying, OPERATOR_TASK_SUBMIT, 200, body);
    assert_int_equal(answer->verdict, VERDICT_PAID);
    assert_string_equal(answer->operator_reference, "transfer-transaction-123");
    saying->transfer.operator_reference = "transfer-transaction-123";
    assert_int_equal(saying_read(saying, OPERATOR_TASK_ASK, 200, body)->verdict, VERDICT_PAID);
    saying->transfer.operator_reference = "transfer-transaction-124";
    assert_int_equal(saying_read(saying, OPERATOR_TASK_ASK, 200, body)->verdict, VERDICT_UNKNOWN);
    free(body);
    saying_close(saying);
}

/* Every word, told of a transfer, as the state that it is in. */
static void a_state_is_its_verdict(void **state)
{
    static const struct {
        int code;
        const char *status;
        enum verdict verdict;
        enum transfer_reason reason;
    } rows[] = {
        {100, "SUCCESS", VERDICT_PAID, TRANSFER_REASON_NONE},
        {200, "SUCCESS", VERDICT_PAID, TRANSFER_REASON_NONE},
        {200, "OK", VERDICT_PENDING, TRANSFER_REASON_NONE},
        {2001, "INITIATED", VERDICT_PENDING, TRANSFER_REASON_NONE},
        {2002, "PENDING", VERDICT_PENDING, TRANSFER_REASON_NONE},
        {2010, "FAILED", VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_REFUSED},
        {2005, "INSUFFICIENT_BALANCE", VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_FLOAT},
        {2006, "USER_NOT_FOUND", VERDICT_REJECTED, TRANSFER_REASON_RECEIVER_UNKNOWN},
        {2007, "USER_IS_BLOCKED", VERDICT_REJECTED, TRANSFER_REASON_RECEIVER_BLOCKED},
        {1200, "TRANSACTION_EXIST", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN},
        {1004, "INVALID_PARAMS", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN},
        {1005, "INVALID_CREDENTIALS", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN},
        {2011, "NOT_ALLOWED", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN},
        {2003, "EXPIRED", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN},
        {2004, "OTP_ERROR", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN},
        {404, "NOT_FOUND", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN},
        {-1, "OPERATION_ERROR", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN},
        {100, "FAILED", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN},
        {2010, "SUCCESS", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN},
        {100, "success", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN},
        {100, "", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN},
    };
    static const enum operator_task tasks[] = {OPERATOR_TASK_SUBMIT, OPERATOR_TASK_ASK};
    (void)state;
    struct saying *saying = v2_open();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t task = 0; task < 2; task++) {
            char body[256];
            (void)snprintf(body, sizeof body,
                           "{\"code\":%d,\"status\":\"%s\",\"transaction_id\":\"t1\","
                           "\"merchant_transaction_id\":\"transfer-1001\"}",
                           rows[i].code, rows[i].status);
            const struct verdict_answer *answer = saying_read(saying, tasks[task], 200, body);
            assert_int_equal(answer->verdict, rows[i].verdict);
            assert_int_equal(answer->reason, rows[i].reason);
            assert_int_equal(saying_read(saying, tasks[task], 500, body)->verdict, VERDICT_UNKNOWN);
            /* A state that comes with a status that is no good is no state. */
            assert_int_equal(saying_read(saying, tasks[task], 422, body)->verdict, VERDICT_UNKNOWN);
        }
    saying_close(saying);
}

static void a_code_without_a_status_and_a_state_in_details_are_read(void **state)
{
    static const struct {
        const char *body;
        enum verdict verdict;
    } rows[] = {
        {"{\"code\":100,\"transaction_id\":\"t\",\"merchant_transaction_id\":\"transfer-1001\"}",
         VERDICT_PAID},
        {"{\"code\":\"2010\",\"transaction_id\":\"t\","
         "\"merchant_transaction_id\":\"transfer-1001\"}",
         VERDICT_REJECTED},
        {"{\"status\":\"SUCCESS\",\"transaction_id\":\"t\","
         "\"merchant_transaction_id\":\"transfer-1001\"}",
         VERDICT_PAID},
        {"{\"code\":200,\"status\":\"OK\",\"transaction_id\":\"t\","
         "\"merchant_transaction_id\":\"transfer-1001\","
         "\"details\":{\"code\":100,\"status\":\"SUCCESS\"}}",
         VERDICT_PAID},
        {"{\"code\":200,\"status\":\"OK\",\"transaction_id\":\"t\","
         "\"merchant_transaction_id\":\"transfer-1001\","
         "\"details\":{\"code\":2002,\"status\":\"PENDING\"}}",
         VERDICT_PENDING},
        {"{\"code\":200,\"status\":\"OK\",\"transaction_id\":\"t\","
         "\"merchant_transaction_id\":\"transfer-1001\","
         "\"details\":{\"status\":\"who knows\"}}",
         VERDICT_UNKNOWN},
        {"{\"code\":100,\"status\":null,\"transaction_id\":\"t\","
         "\"merchant_transaction_id\":\"transfer-1001\"}",
         VERDICT_UNKNOWN},
    };
    (void)state;
    struct saying *saying = v2_open();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(saying_read(saying, OPERATOR_TASK_ASK, 200, rows[i].body)->verdict,
                         rows[i].verdict);
    saying_close(saying);
}

static void a_transfer_that_is_not_ours_is_no_answer(void **state)
{
    static const char *const bodies[] = {
        "{\"code\":100,\"status\":\"SUCCESS\",\"transaction_id\":\"t\"}",
        "{\"code\":100,\"status\":\"SUCCESS\",\"merchant_transaction_id\":null,"
        "\"transaction_id\":\"t\"}",
        "{\"code\":100,\"status\":\"SUCCESS\",\"merchant_transaction_id\":\"transfer-1002\","
        "\"transaction_id\":\"t\"}",
        "{\"code\":100,\"status\":\"SUCCESS\",\"merchant_transaction_id\":\"transfer.1001\","
        "\"transaction_id\":\"t\"}",
        "{\"code\":100,\"status\":\"SUCCESS\",\"merchant_transaction_id\":\"transfer-1001\","
        "\"transaction_id\":\"t\",\"amount\":101}",
        "{\"code\":100,\"status\":\"SUCCESS\",\"merchant_transaction_id\":\"transfer-1001\","
        "\"transaction_id\":\"t\",\"amount\":\"100.5\"}",
        "{\"code\":2010,\"status\":\"FAILED\",\"merchant_transaction_id\":\"transfer-1001\","
        "\"transaction_id\":\"t\",\"currency\":\"XAF\"}",
        /* Paid, but nothing there is said to be: asked about. */
        "{\"code\":100,\"status\":\"SUCCESS\",\"merchant_transaction_id\":\"transfer-1002\"}",
    };
    (void)state;
    struct saying *saying = v2_open();
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        assert_int_equal(saying_read(saying, OPERATOR_TASK_SUBMIT, 200, bodies[i])->verdict,
                         VERDICT_UNKNOWN);
        assert_int_equal(saying_read(saying, OPERATOR_TASK_ASK, 200, bodies[i])->verdict,
                         VERDICT_UNKNOWN);
    }
    saying_close(saying);
}

/* What is said to the sending, and tells of no transfer. */
static void a_refusal_is_what_its_word_says_and_no_more(void **state)
{
    static const struct {
        int status, code;
        const char *word;
        enum verdict verdict;
        enum transfer_reason reason;
        bool down;
    } rows[] = {
        {200, 2005, "INSUFFICIENT_BALANCE", VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_FLOAT,
         false},
        {422, 2005, "INSUFFICIENT_BALANCE", VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_FLOAT,
         false},
        {422, 2006, "USER_NOT_FOUND", VERDICT_REJECTED, TRANSFER_REASON_RECEIVER_UNKNOWN, false},
        {200, 2007, "USER_IS_BLOCKED", VERDICT_REJECTED, TRANSFER_REASON_RECEIVER_BLOCKED, false},
        {422, 1004, "INVALID_PARAMS", VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_REFUSED, false},
        {400, 1005, "INVALID_CREDENTIALS", VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN, true},
        {422, 2011, "NOT_ALLOWED", VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN, true},
        {422, 1200, "TRANSACTION_EXIST", VERDICT_PENDING, TRANSFER_REASON_NONE, false},
        {200, 1200, "TRANSACTION_EXIST", VERDICT_PENDING, TRANSFER_REASON_NONE, false},
        {200, 2010, "FAILED", VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_REFUSED, false},
        {422, 2010, "FAILED", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN, false},
        {200, 100, "SUCCESS", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN, false},
        {200, 200, "OK", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN, false},
        {200, 2002, "PENDING", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN, false},
        {422, 404, "NOT_FOUND", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN, false},
        {200, -1, "OPERATION_ERROR", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN, false},
        {422, 9999, "A_NEW_WORD", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN, false},
        {500, 1004, "INVALID_PARAMS", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN, false},
        {503, 2005, "INSUFFICIENT_BALANCE", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN, true},
        {403, 0, "", VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN, true},
    };
    (void)state;
    struct saying *saying = v2_open();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char body[256];
        (void)snprintf(body, sizeof body, "{\"code\":%d,\"status\":\"%s\",\"description\":\"x\"}",
                       rows[i].code, rows[i].word);
        const struct verdict_answer *answer =
            saying_read(saying, OPERATOR_TASK_SUBMIT, rows[i].status, body);
        assert_int_equal(answer->verdict, rows[i].verdict);
        assert_int_equal(answer->reason, rows[i].reason);
        assert_int_equal(saying->result.down, rows[i].down);
        answer = saying_read(saying, OPERATOR_TASK_ASK, rows[i].status, body);
        assert_int_equal(answer->verdict, VERDICT_UNKNOWN);
        /* Of another's id nothing is believed; of a transfer that is there, what asking tells. */
        if (rows[i].status == 403)
            continue;
        (void)snprintf(body, sizeof body,
                       "{\"code\":%d,\"status\":\"%s\",\"merchant_transaction_id\":\"other\"}",
                       rows[i].code, rows[i].word);
        assert_int_equal(saying_read(saying, OPERATOR_TASK_SUBMIT, rows[i].status, body)->verdict,
                         VERDICT_UNKNOWN);
        (void)snprintf(body, sizeof body,
                       "{\"code\":%d,\"status\":\"%s\",\"transaction_id\":\"t\"}", rows[i].code,
                       rows[i].word);
        assert_int_equal(saying_read(saying, OPERATOR_TASK_SUBMIT, rows[i].status, body)->verdict,
                         VERDICT_UNKNOWN);
    }
    saying_close(saying);
}

static void nothing_is_ever_never_seen(void **state)
{
    static const char *const bodies[] = {
        "{\"code\":404,\"status\":\"NOT_FOUND\"}",
        "{\"code\":404}",
        "",
        "{}",
    };
    (void)state;
    struct saying *saying = v2_open();
    assert_int_equal(cinetpay_v2_connector()->abilities & OPERATOR_REFERENCE_ONCE, 0);
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        for (int status = 100; status < 600; status++)
            assert_int_equal(saying_read(saying, OPERATOR_TASK_ASK, status, bodies[i])->verdict,
                             VERDICT_UNKNOWN);
    saying_close(saying);
}

static void a_token_that_is_refused_and_too_many_calls_did_nothing(void **state)
{
    static const struct {
        int status;
        const char *body;
    } refused[] = {{401, ""},
                   {200, "{\"code\":1003,\"status\":\"EXPIRED_TOKEN\"}"},
                   {422, "{\"code\":1002,\"status\":\"INVALID_TOKEN\"}"},
                   {422, "{\"code\":1003}"}};
    static const enum operator_task tasks[] = {OPERATOR_TASK_SUBMIT, OPERATOR_TASK_ASK,
                                               OPERATOR_TASK_FLOAT};
    (void)state;
    struct saying *saying = v2_open();
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        for (size_t task = 0; task < 3; task++) {
            const struct verdict_answer *answer =
                saying_read(saying, tasks[task], refused[i].status, refused[i].body);
            assert_true(saying->result.token_refused);
            if (tasks[task] != OPERATOR_TASK_FLOAT)
                assert_int_equal(answer->verdict, tasks[task] == OPERATOR_TASK_SUBMIT
                                                      ? VERDICT_NOT_SENT
                                                      : VERDICT_UNKNOWN);
        }
    assert_int_equal(saying_read(saying, OPERATOR_TASK_SUBMIT, 429, "")->verdict, VERDICT_NOT_SENT);
    assert_int_equal(saying->result.throttled_ms, 5000);
    assert_int_equal(saying_read(saying, OPERATOR_TASK_ASK, 429, "")->verdict, VERDICT_UNKNOWN);
    (void)saying_read(saying, OPERATOR_TASK_TOKEN, 401, "");
    assert_false(saying->result.token_refused);
    saying_close(saying);
}

static void the_float_is_known_in_the_channels_currency_only(void **state)
{
    static const struct {
        const char *body;
        bool known;
    } rows[] = {
        {"{\"code\":200,\"status\":\"OK\",\"available_balance\":\"12345.00\",\"currency\":\"XOF\"}",
         true},
        {"{\"code\":200,\"status\":\"OK\",\"available_balance\":12345,\"currency\":\"XAF\"}",
         false},
        {"{\"code\":200,\"status\":\"OK\",\"available_balance\":12345}", false},
        {"{\"code\":200,\"status\":\"OK\",\"currency\":\"XOF\"}", false},
        {"{\"available_balance\":[],\"currency\":\"XOF\"}", false},
        {"", false},
    };
    (void)state;
    struct saying *saying = v2_open();
    char *body = saying_file(folder, "balances.json");
    (void)saying_read(saying, OPERATOR_TASK_FLOAT, 200, body);
    assert_true(saying->result.float_known);
    assert_int_equal(saying->result.float_left.minor, 12345);
    assert_int_equal(saying->result.float_left.currency, CURRENCY_XOF);
    (void)saying_read(saying, OPERATOR_TASK_FLOAT, 422, body);
    assert_false(saying->result.float_known);
    free(body);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        (void)saying_read(saying, OPERATOR_TASK_FLOAT, 200, rows[i].body);
        assert_int_equal(saying->result.float_known, rows[i].known);
    }
    saying_close(saying);
}

/* --- Callbacks and settings --- */

static const char *no_header(void *context, const char *name)
{
    (void)context;
    (void)name;
    return NULL;
}

static enum operator_callback_word callback_read(const struct saying *saying, const char *rest,
                                                 const char *body,
                                                 char reference[TRANSFER_ID_TEXT_BYTES])
{
    struct operator_callback callback = {.channel = &saying->channel,
                                         .method = "POST",
                                         .rest = rest,
                                         .body = body,
                                         .length = strlen(body),
                                         .header = no_header};
    return cinetpay_v2_connector()->callback_read(&callback, reference);
}

static void a_notification_is_believed_by_the_secret_in_its_url(void **state)
{
    static const char *const unclear[] = {
        "",
        "{}",
        "[]",
        "{\"merchant_transaction_id\":null}",
        "{\"merchant_transaction_id\":[]}",
        "{\"merchant_transaction_id\":\"a b\"}",
        "{\"merchant_transaction_id\":\"EA181025-112233-X1234567\"}",
        "transaction_id=1",
        "{",
    };
    (void)state;
    struct saying *saying = v2_open();
    char reference[TRANSFER_ID_TEXT_BYTES];
    char *body = saying_file(folder, "notification.json");
    assert_int_equal(callback_read(saying, "0123456789abcdef", body, reference),
                     OPERATOR_CALLBACK_ABOUT);
    assert_string_equal(reference, "63e0fe766f390");
    assert_int_equal(callback_read(saying, "0123456789abcdeg", body, reference),
                     OPERATOR_CALLBACK_FORGED);
    assert_int_equal(callback_read(saying, "", body, reference), OPERATOR_CALLBACK_FORGED);
    free(body);
    assert_int_equal(callback_read(saying, "0123456789abcdef",
                                   "{\"merchant_transaction_id\":\"EA181025-112233-X123456\"}",
                                   reference),
                     OPERATOR_CALLBACK_ABOUT);
    assert_string_equal(reference, SAYING_REFERENCE);
    assert_int_equal(callback_read(saying, "0123456789abcdef",
                                   "merchant_transaction_id=EA181025-112233-X123456&x=1",
                                   reference),
                     OPERATOR_CALLBACK_ABOUT);
    assert_string_equal(reference, SAYING_REFERENCE);
    for (size_t i = 0; i < sizeof unclear / sizeof *unclear; i++)
        assert_int_equal(callback_read(saying, "0123456789abcdef", unclear[i], reference),
                         OPERATOR_CALLBACK_UNCLEAR);
    saying_close(saying);
}

static void settings_that_lack_something_are_told(void **state)
{
    (void)state;
    struct saying *saying = v2_open();
    const struct channel *good = &saying->channel;
    const char *(*check)(const struct channel *) = cinetpay_v2_connector()->channel_check;
    assert_null(check(good));
    struct channel channel;
#define WITHOUT(member)                                                                            \
    channel = *good;                                                                               \
    channel.member[0] = '\0';                                                                      \
    assert_non_null(check(&channel));
    WITHOUT(url)
    WITHOUT(secret)
    WITHOUT(secret_second)
    WITHOUT(callback_url)
    WITHOUT(callback_secret)
#undef WITHOUT
    channel = *good;
    (void)snprintf(channel.url, sizeof channel.url, "https://api.cinetpay.co");
    assert_non_null(check(&channel)); /* A key for tests does not go there. */
    (void)snprintf(channel.secret, sizeof channel.secret, "sk_live_abc");
    assert_null(check(&channel));
    (void)snprintf(channel.url, sizeof channel.url, "https://api.cinetpay.net");
    assert_non_null(check(&channel));
    channel = *good;
    (void)snprintf(channel.url, sizeof channel.url, "http://127.0.0.1:8090/cinetpay2");
    assert_null(check(&channel));
    channel.operators = UINT64_C(1) << 1 | UINT64_C(1) << 5; /* Two countries. */
    assert_non_null(check(&channel));
    channel = *good;
    memset(channel.callback_url, 'a', 103);
    channel.callback_url[103] = '\0';
    assert_null(check(&channel)); /* 103 + 1 + 16. */
    channel.callback_url[103] = 'a';
    channel.callback_url[104] = '\0';
    assert_non_null(check(&channel));
    saying_close(saying);
}

static void every_operator_has_a_name_there(void **state)
{
    (void)state;
    struct saying *saying = v2_open();
    size_t count = 0, named = 0;
    const struct country *countries = tariff_countries(&count);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < countries[i].operator_count; j++) {
            saying->channel.operators = UINT64_C(1) << countries[i].operators[j].number;
            assert_null(cinetpay_v2_connector()->channel_check(&saying->channel));
            saying->transfer.operator_number = countries[i].operators[j].number;
            saying_write(saying, OPERATOR_TASK_SUBMIT);
            char suffix[8];
            (void)snprintf(suffix, sizeof suffix, "_%s\"", countries[i].code);
            assert_non_null(strstr(buffer_text(&saying->request.body), suffix));
            named++;
        }
    assert_true(named > 20);
    saying_close(saying);
}

static void bodies_that_say_nothing_end_nothing(void **state)
{
    static const enum operator_task tasks[] = {OPERATOR_TASK_SUBMIT, OPERATOR_TASK_ASK};
    (void)state;
    struct saying *saying = v2_open();
    for (size_t task = 0; task < sizeof tasks / sizeof *tasks; task++)
        for (size_t i = 0; i < sizeof saying_nothing / sizeof *saying_nothing; i++)
            for (int status = 100; status < 600; status++)
                if (saying_ends(saying_read(saying, tasks[task], status, saying_nothing[i])))
                    fail_msg("task %zu, %d %s", task, status, saying_nothing[i]);
    saying_close(saying);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_call_is_written),
        cmocka_unit_test(our_references_have_no_dot_there_and_fit),
        cmocka_unit_test(what_is_sent_is_what_is_delivered),
        cmocka_unit_test(a_token_is_taken_with_its_lifetime),
        cmocka_unit_test(the_recorded_transfer_is_paid),
        cmocka_unit_test(a_state_is_its_verdict),
        cmocka_unit_test(a_code_without_a_status_and_a_state_in_details_are_read),
        cmocka_unit_test(a_transfer_that_is_not_ours_is_no_answer),
        cmocka_unit_test(a_refusal_is_what_its_word_says_and_no_more),
        cmocka_unit_test(nothing_is_ever_never_seen),
        cmocka_unit_test(a_token_that_is_refused_and_too_many_calls_did_nothing),
        cmocka_unit_test(the_float_is_known_in_the_channels_currency_only),
        cmocka_unit_test(a_notification_is_believed_by_the_secret_in_its_url),
        cmocka_unit_test(settings_that_lack_something_are_told),
        cmocka_unit_test(every_operator_has_a_name_there),
        cmocka_unit_test(bodies_that_say_nothing_end_nothing),
    };
    if (argc != 2)
        return 2;
    folder = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}

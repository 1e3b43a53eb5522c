#include "saying.h"

#include "operators/json.h"
#include "operators/mtn_momo.h"

static const char *folder; /* tests/data/operators/mtn_momo */

static const struct channel abidjan = {
    .number = 7,
    .name = "mtn-ci",
    .url = "https://proxy.momoapi.mtn.com",
    .account = "d83eadba-a6b8-4301-b78e-454f73b5725c",
    .environment = "mtnivorycoast",
    .callback_url = "https://pay.example/callbacks/mtn-ci",
    .secret = "f1db798c98df4bcf83b538175893bbf0",
    .secret_second = "5ub5cr1pt10n",
    .callback_secret = "0123456789abcdef",
    .currency = CURRENCY_XOF,
};

/* The sandbox with the transfer of MTN's own examples. */
static struct saying *example_open(void)
{
    struct saying *saying = saying_open(mtn_momo_connector(), &abidjan);
    (void)snprintf(saying->channel.environment, CHANNEL_TEXT_BYTES, "sandbox");
    saying->channel.callback_url[0] = '\0';
    saying->transfer.amount.minor = 5;
    saying->transfer.msisdn = INT64_C(248888736);
    (void)snprintf(saying->attempt.reference, TRANSFER_ID_TEXT_BYTES, "6353636");
    return saying;
}

static void a_transfer_is_asked_for_as_mtn_prints_it(void **state)
{
    (void)state;
    struct saying *saying = example_open();
    char *text = saying_file(folder, "transfer.request.json");
    json_t *document = json_loads(text, 0, NULL);
    assert_non_null(document);
    /* What we say otherwise: whole units, an international number, our reference as both notes. */
    assert_int_equal(json_object_set_new(document, "amount", json_string("5")), 0);
    assert_int_equal(json_object_set_new(json_object_get(document, "payee"), "partyId",
                                         json_string("248888736")),
                     0);
    assert_int_equal(json_object_set_new(document, "payerMessage", json_string("6353636")), 0);
    assert_int_equal(json_object_set_new(document, "payeeNote", json_string("6353636")), 0);
    char *compact = json_dumps(document, JSON_COMPACT);
    saying_write(saying, OPERATOR_TASK_SUBMIT);
    assert_string_equal(buffer_text(&saying->request.body), compact);
    free(compact);
    json_decref(document);
    free(text);
    saying_close(saying);
}

static void each_call_is_written(void **state)
{
    (void)state;
    struct saying *saying = saying_open(mtn_momo_connector(), &abidjan);
    char uuid[OPERATOR_UUID_BYTES];
    operator_uuid(&saying->channel, SAYING_REFERENCE, "", uuid);
    saying_write(saying, OPERATOR_TASK_SUBMIT);
    assert_string_equal(saying->request.method, "POST");
    assert_string_equal(buffer_text(&saying->request.url),
                        "https://proxy.momoapi.mtn.com/disbursement/v1_0/transfer");
    assert_string_equal(buffer_text(&saying->request.body),
                        "{\"amount\":\"500\",\"currency\":\"XOF\","
                        "\"externalId\":\"EA181025.112233.X123456\","
                        "\"payee\":{\"partyIdType\":\"MSISDN\",\"partyId\":\"2250707895086\"},"
                        "\"payerMessage\":\"EA181025.112233.X123456\","
                        "\"payeeNote\":\"EA181025.112233.X123456\"}");
    assert_string_equal(saying_header(saying, "X-Reference-Id"), uuid);
    assert_string_equal(saying_header(saying, "X-Target-Environment"), "mtnivorycoast");
    assert_string_equal(saying_header(saying, "X-Callback-Url"),
                        "https://pay.example/callbacks/mtn-ci/0123456789abcdef");
    assert_string_equal(saying_header(saying, "Ocp-Apim-Subscription-Key"), "5ub5cr1pt10n");
    assert_string_equal(saying_header(saying, "Authorization"), "Bearer t0k3n");
    assert_string_equal(saying_header(saying, "Content-Type"), "application/json");

    saying_write(saying, OPERATOR_TASK_ASK);
    assert_string_equal(saying->request.method, "GET");
    assert_int_equal(strncmp(buffer_text(&saying->request.url),
                             "https://proxy.momoapi.mtn.com/disbursement/v1_0/transfer/", 57),
                     0);
    assert_string_equal(buffer_text(&saying->request.url) + 57, uuid);
    assert_int_equal(saying->request.body.length, 0);

    saying_write(saying, OPERATOR_TASK_TOKEN);
    assert_string_equal(saying->request.method, "POST");
    assert_string_equal(buffer_text(&saying->request.url),
                        "https://proxy.momoapi.mtn.com/disbursement/token/");
    assert_string_equal(saying_header(saying, "Authorization"),
                        "Basic ZDgzZWFkYmEtYTZiOC00MzAxLWI3OGUtNDU0ZjczYjU3MjVjOmYxZGI3OThjOThkZjR"
                        "iY2Y4M2I1MzgxNzU4OTNiYmYw");
    assert_int_equal(saying->request.body.length, 0);

    saying_write(saying, OPERATOR_TASK_FLOAT);
    assert_string_equal(buffer_text(&saying->request.url),
                        "https://proxy.momoapi.mtn.com/disbursement/v1_0/account/balance");
    saying_write(saying, OPERATOR_TASK_VALIDATE);
    assert_string_equal(buffer_text(&saying->request.url),
                        "https://proxy.momoapi.mtn.com/disbursement/v1_0/accountholder/msisdn/"
                        "2250707895086/active");
    saying->channel.name_least = 60;
    saying_write(saying, OPERATOR_TASK_VALIDATE);
    assert_string_equal(buffer_text(&saying->request.url),
                        "https://proxy.momoapi.mtn.com/disbursement/v1_0/accountholder/msisdn/"
                        "2250707895086/basicuserinfo");
    saying_close(saying);
}

/* What the receiver pays is not delivered, so it is not asked for. */
static void what_is_delivered_is_asked_for(void **state)
{
    (void)state;
    struct saying *saying = saying_open(mtn_momo_connector(), &abidjan);
    saying->transfer.fee_minor = 25;
    saying->transfer.payer = FEE_PAYER_RECEIVER;
    saying_write(saying, OPERATOR_TASK_SUBMIT);
    assert_non_null(strstr(buffer_text(&saying->request.body), "{\"amount\":\"475\","));
    saying_close(saying);
}

static void a_submit_is_answered(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *body;
        enum verdict verdict;
        enum transfer_reason reason;
    } rows[] = {
        {202, "", VERDICT_PENDING, TRANSFER_REASON_PENDING_AT_OPERATOR},
        {409,
         "{\"message\":\"Duplicated reference id. Creation of resource failed.\",\"code\":"
         "\"RESOURCE_ALREADY_EXIST\"}",
         VERDICT_PENDING, TRANSFER_REASON_PENDING_AT_OPERATOR},
        {409, "", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN},
        {200, "", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN},
        {200, "{\"status\":\"SUCCESSFUL\"}", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN},
        {302, "", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN},
        {400, "", VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN},
        {400, "{\"code\":\"REQUEST_REJECTED\",\"message\":\"\"}", VERDICT_UNKNOWN,
         TRANSFER_REASON_OUTCOME_UNKNOWN},
        {400, "{\"code\":\"PAYEE_NOT_FOUND\",\"message\":\"Payee does not exist\"}",
         VERDICT_REJECTED, TRANSFER_REASON_RECEIVER_UNKNOWN},
        {500, "{\"code\":\"PAYEE_NOT_FOUND\",\"message\":\"Payee does not exist\"}",
         VERDICT_REJECTED, TRANSFER_REASON_RECEIVER_UNKNOWN},
        {500, "{\"code\":\"PAYEE_NOT_ALLOWED_TO_RECEIVE\"}", VERDICT_REJECTED,
         TRANSFER_REASON_RECEIVER_BLOCKED},
        {502, "{\"code\":\"PAYEE_NOT_FOUND\"}", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN},
        {500, "{\"code\":\"NOT_ALLOWED\",\"message\":\"Authorization failed.\"}", VERDICT_UNKNOWN,
         TRANSFER_REASON_OUTCOME_UNKNOWN},
        {400, "{\"code\":\"NOT_ALLOWED_TARGET_ENVIRONMENT\"}", VERDICT_NOT_SENT,
         TRANSFER_REASON_OPERATOR_DOWN},
        {500, "{\"code\":\"NOT_ALLOWED_TARGET_ENVIRONMENT\"}", VERDICT_UNKNOWN,
         TRANSFER_REASON_OUTCOME_UNKNOWN},
        {500, "{\"code\":\"INVALID_CALLBACK_URL_HOST\"}", VERDICT_UNKNOWN,
         TRANSFER_REASON_OUTCOME_UNKNOWN},
        {500, "{\"code\":\"INVALID_CURRENCY\",\"message\":\"Currency not supported.\"}",
         VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN},
        {500, "{\"code\":\"INTERNAL_PROCESSING_ERROR\"}", VERDICT_UNKNOWN,
         TRANSFER_REASON_OUTCOME_UNKNOWN},
        {500, "{\"code\":\"SERVICE_UNAVAILABLE\"}", VERDICT_UNKNOWN,
         TRANSFER_REASON_OUTCOME_UNKNOWN},
        {500, "{\"code\":\"COULD_NOT_PERFORM_TRANSACTION\"}", VERDICT_UNKNOWN,
         TRANSFER_REASON_OUTCOME_UNKNOWN},
        {500, "{\"code\":\"NOT_ENOUGH_FUNDS\"}", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN},
        {500, "", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN},
        {502, "<html>", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN},
        {503, "", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN},
        {404, "{\"statusCode\":404,\"message\":\"Resource not found\"}", VERDICT_UNKNOWN,
         TRANSFER_REASON_OUTCOME_UNKNOWN},
        {404, "{\"code\":\"RESOURCE_NOT_FOUND\"}", VERDICT_UNKNOWN,
         TRANSFER_REASON_OUTCOME_UNKNOWN},
        {401, "", VERDICT_NOT_SENT, TRANSFER_REASON_NONE},
        {403, "", VERDICT_NOT_SENT, TRANSFER_REASON_NONE},
        {429, "{\"statusCode\":429,\"message\":\"Rate limit is exceeded.\"}", VERDICT_NOT_SENT,
         TRANSFER_REASON_NONE},
    };
    struct saying *saying = saying_open(mtn_momo_connector(), &abidjan);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct verdict_answer *answer =
            saying_read(saying, OPERATOR_TASK_SUBMIT, rows[i].status, rows[i].body);
        if (answer->verdict != rows[i].verdict || answer->reason != rows[i].reason)
            fail_msg("%d %s: %d %d", rows[i].status, rows[i].body, answer->verdict, answer->reason);
        assert_int_equal(saying->result.token_refused, rows[i].status == 401);
        assert_int_equal(saying->result.throttled_ms, rows[i].status == 429 ? 1000 : 0);
        assert_int_equal(saying->result.down,
                         rows[i].status == 503 ||
                             strstr(rows[i].body, "SERVICE_UNAVAILABLE") != NULL);
        assert_int_equal(saying->result.said[0] != '\0', rows[i].status >= 300);
    }
    saying_close(saying);
}

static void mtn_s_own_answers_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        int status;
        enum verdict verdict;
        enum transfer_reason reason;
        const char *reference;
    } rows[] = {
        {"transfer_successful.json", 200, VERDICT_PAID, TRANSFER_REASON_NONE, "981569077"},
        {"failed.json", 200, VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_FLOAT, ""},
        {"failed_reason_object.json", 200, VERDICT_REJECTED, TRANSFER_REASON_RECEIVER_UNKNOWN, ""},
        {"resource_not_found.json", 404, VERDICT_NEVER_SEEN, TRANSFER_REASON_OUTCOME_UNKNOWN, ""},
        {"resource_not_found.json", 200, VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN, ""},
        {"resource_already_exist.json", 409, VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN, ""},
        {"transfer_successful.json", 202, VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN, ""},
        {"transfer_successful.json", 500, VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN, ""},
        {"balance.json", 200, VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN, ""},
    };
    struct saying *saying = example_open();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *body = saying_file(folder, rows[i].file);
        struct verdict_answer *answer =
            saying_read(saying, OPERATOR_TASK_ASK, rows[i].status, body);
        if (answer->verdict != rows[i].verdict || answer->reason != rows[i].reason)
            fail_msg("%s: %d %d", rows[i].file, answer->verdict, answer->reason);
        assert_string_equal(answer->operator_reference, rows[i].reference);
        free(body);
    }
    saying_close(saying);
}

/* Nobody says how long a reference is known: what is not found later may have been paid. */
static void only_what_was_never_taken_was_never_seen_on_the_first_day(void **state)
{
    (void)state;
    struct saying *saying = example_open();
    char *missing = saying_file(folder, "resource_not_found.json");
    static const struct {
        int64_t age_ms;
        enum verdict verdict;
    } rows[] = {{0, VERDICT_NEVER_SEEN},
                {24 * 3600 * 1000 - 1, VERDICT_NEVER_SEEN},
                {24 * 3600 * 1000, VERDICT_UNKNOWN},
                {INT64_C(365) * 24 * 3600 * 1000, VERDICT_UNKNOWN}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        saying->transfer.submitted_at_ms = saying->call.now_ms - rows[i].age_ms;
        assert_int_equal(saying_read(saying, OPERATOR_TASK_ASK, 404, missing)->verdict,
                         rows[i].verdict);
    }
    /* What it took once it has not never seen. */
    char uuid[OPERATOR_UUID_BYTES];
    operator_uuid(&saying->channel, saying->attempt.reference, "", uuid);
    assert_string_equal(saying_read(saying, OPERATOR_TASK_SUBMIT, 202, "")->operator_reference,
                        uuid);
    saying->transfer.submitted_at_ms = saying->call.now_ms;
    saying->transfer.operator_reference = uuid;
    assert_int_equal(saying_read(saying, OPERATOR_TASK_ASK, 404, missing)->verdict,
                     VERDICT_UNKNOWN);
    free(missing);
    saying_close(saying);
}

static void every_reason_of_failed_has_a_meaning(void **state)
{
    (void)state;
    static const struct {
        const char *code;
        enum transfer_reason reason;
    } rows[] = {
        {"PAYEE_NOT_FOUND", TRANSFER_REASON_RECEIVER_UNKNOWN},
        {"PAYEE_NOT_ALLOWED_TO_RECEIVE", TRANSFER_REASON_RECEIVER_BLOCKED},
        {"PAYEE_LIMIT_REACHED", TRANSFER_REASON_RECEIVER_LIMIT},
        {"NOT_ENOUGH_FUNDS", TRANSFER_REASON_OPERATOR_FLOAT},
        {"PAYER_LIMIT_REACHED", TRANSFER_REASON_OPERATOR_FLOAT},
        {"PAYER_NOT_FOUND", TRANSFER_REASON_OPERATOR_REFUSED},
        {"SENDER_ACCOUNT_NOT_ACTIVE", TRANSFER_REASON_OPERATOR_REFUSED},
        {"NOT_ALLOWED", TRANSFER_REASON_OPERATOR_REFUSED},
        {"NOT_ALLOWED_TARGET_ENVIRONMENT", TRANSFER_REASON_OPERATOR_REFUSED},
        {"INVALID_CALLBACK_URL_HOST", TRANSFER_REASON_OPERATOR_REFUSED},
        {"INVALID_CURRENCY", TRANSFER_REASON_OPERATOR_REFUSED},
        {"INTERNAL_PROCESSING_ERROR", TRANSFER_REASON_OPERATOR_REFUSED},
        {"SERVICE_UNAVAILABLE", TRANSFER_REASON_OPERATOR_REFUSED},
        {"COULD_NOT_PERFORM_TRANSACTION", TRANSFER_REASON_OPERATOR_REFUSED},
        {"PAYMENT_NOT_APPROVED", TRANSFER_REASON_OPERATOR_REFUSED},
        {"APPROVAL_REJECTED", TRANSFER_REASON_OPERATOR_REFUSED},
        {"EXPIRED", TRANSFER_REASON_OPERATOR_REFUSED},
        {"TRANSACTION_CANCELED", TRANSFER_REASON_OPERATOR_REFUSED},
        {"LOW_BALANCE_OR_PAYEE_LIMIT_REACHED_OR_NOT_ALLOWED", TRANSFER_REASON_OPERATOR_REFUSED},
        {"A_WORD_OF_TOMORROW", TRANSFER_REASON_OPERATOR_REFUSED},
        {"", TRANSFER_REASON_OPERATOR_REFUSED},
    };
    struct saying *saying = saying_open(mtn_momo_connector(), &abidjan);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int form = 0; form < 2; form++) {
            char body[512];
            (void)snprintf(body, sizeof body,
                           form == 0 ? "{\"amount\":\"500\",\"currency\":\"XOF\","
                                       "\"status\":\"FAILED\",\"reason\":\"%s\"}"
                                     : "{\"amount\":500,\"currency\":\"XOF\",\"status\":\"FAILED\","
                                       "\"reason\":{\"code\":\"%s\",\"message\":\"\"}}",
                           rows[i].code);
            struct verdict_answer *answer = saying_read(saying, OPERATOR_TASK_ASK, 200, body);
            assert_int_equal(answer->verdict, VERDICT_REJECTED);
            assert_int_equal(answer->reason, rows[i].reason);
            assert_false(saying->result.down);
        }
    saying_close(saying);
}

/* The same answer, about another amount, currency or reference, ends nothing. */
static void an_answer_about_another_transfer_is_not_believed(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        enum verdict verdict;
    } rows[] = {
#define SAID(amount, currency, id, status)                                                         \
    "{\"amount\":" amount ",\"currency\":" currency ",\"externalId\":" id ",\"status\":" status "}"
#define OURS "\"EA181025.112233.X123456\""
        {SAID("\"500\"", "\"XOF\"", OURS, "\"SUCCESSFUL\""), VERDICT_PAID},
        {SAID("\"500.00\"", "\"XOF\"", OURS, "\"SUCCESSFUL\""), VERDICT_PAID},
        {SAID("500", "\"XOF\"", OURS, "\"SUCCESSFUL\""), VERDICT_PAID},
        {SAID("\"500\"", "\"XOF\"", OURS, "\"PENDING\""), VERDICT_PENDING},
        {SAID("\"500.50\"", "\"XOF\"", OURS, "\"SUCCESSFUL\""), VERDICT_UNKNOWN},
        {SAID("\"501\"", "\"XOF\"", OURS, "\"SUCCESSFUL\""), VERDICT_UNKNOWN},
        {SAID("\"500\"", "\"XAF\"", OURS, "\"SUCCESSFUL\""), VERDICT_UNKNOWN},
        {SAID("\"500\"", "\"EUR\"", OURS, "\"SUCCESSFUL\""), VERDICT_UNKNOWN},
        {SAID("\"500\"", "\"XOF\"", "\"EA181025.112233.X123457\"", "\"SUCCESSFUL\""),
         VERDICT_UNKNOWN},
        {SAID("\"500\"", "\"XOF\"", "null", "\"SUCCESSFUL\""), VERDICT_UNKNOWN},
        {SAID("\"501\"", "\"XOF\"", OURS, "\"FAILED\""), VERDICT_UNKNOWN},
        {SAID("\"500\"", "\"XOF\"", OURS, "\"successful\""), VERDICT_UNKNOWN},
        {SAID("\"500\"", "\"XOF\"", OURS, "\"CREATED\""), VERDICT_UNKNOWN},
        {SAID("\"500\"", "\"XOF\"", OURS, "\"\""), VERDICT_UNKNOWN},
        {SAID("null", "\"XOF\"", OURS, "\"SUCCESSFUL\""), VERDICT_UNKNOWN},
        {"{\"status\":\"SUCCESSFUL\"}", VERDICT_UNKNOWN},
        {"{\"status\":\"FAILED\",\"reason\":\"PAYEE_NOT_FOUND\"}", VERDICT_UNKNOWN},
    };
    struct saying *saying = saying_open(mtn_momo_connector(), &abidjan);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct verdict_answer *answer = saying_read(saying, OPERATOR_TASK_ASK, 200, rows[i].body);
        if (answer->verdict != rows[i].verdict)
            fail_msg("%s: %d", rows[i].body, answer->verdict);
    }
    saying_close(saying);
}

static void a_receiver_is_found_or_not(void **state)
{
    (void)state;
    struct saying *saying = saying_open(mtn_momo_connector(), &abidjan);
    char *active = saying_file(folder, "active.json");
    char *named = saying_file(folder, "basicuserinfo.json");
    char *missing = saying_file(folder, "resource_not_found.json");
    (void)saying_read(saying, OPERATOR_TASK_VALIDATE, 200, active);
    assert_int_equal(saying->result.receiver, OPERATOR_RECEIVER_FOUND);
    (void)saying_read(saying, OPERATOR_TASK_VALIDATE, 200, "{\"result\":false}");
    assert_int_equal(saying->result.receiver, OPERATOR_RECEIVER_NONE);
    (void)saying_read(saying, OPERATOR_TASK_VALIDATE, 404, missing);
    assert_int_equal(saying->result.receiver, OPERATOR_RECEIVER_NONE);
    (void)saying_read(saying, OPERATOR_TASK_VALIDATE, 404, "");
    assert_int_equal(saying->result.receiver, OPERATOR_RECEIVER_UNCLEAR);
    (void)saying_read(saying, OPERATOR_TASK_VALIDATE, 200, "{\"result\":\"true\"}");
    assert_int_equal(saying->result.receiver, OPERATOR_RECEIVER_UNCLEAR);
    (void)saying_read(saying, OPERATOR_TASK_VALIDATE, 500, active);
    assert_int_equal(saying->result.receiver, OPERATOR_RECEIVER_UNCLEAR);
    saying->channel.name_least = 50;
    (void)saying_read(saying, OPERATOR_TASK_VALIDATE, 200, named);
    assert_int_equal(saying->result.receiver, OPERATOR_RECEIVER_FOUND);
    assert_string_equal(saying->result.receiver_name, "Sand Box");
    (void)saying_read(saying, OPERATOR_TASK_VALIDATE, 200, "{\"name\":\"Awa Koné\"}");
    assert_string_equal(saying->result.receiver_name, "Awa Koné");
    (void)saying_read(saying, OPERATOR_TASK_VALIDATE, 200, "{\"family_name\":\"Koné\"}");
    assert_string_equal(saying->result.receiver_name, "Koné");
    (void)saying_read(saying, OPERATOR_TASK_VALIDATE, 200, "{}");
    assert_int_equal(saying->result.receiver, OPERATOR_RECEIVER_UNCLEAR);
    free(active);
    free(named);
    free(missing);
    saying_close(saying);
}

static void the_float_is_told_in_the_channel_s_currency(void **state)
{
    (void)state;
    struct saying *saying = example_open();
    char *balance = saying_file(folder, "balance.json");
    (void)saying_read(saying, OPERATOR_TASK_FLOAT, 200, balance);
    assert_true(saying->result.float_known);
    assert_int_equal(saying->result.float_left.minor, 200);
    assert_int_equal(saying->result.float_left.currency, CURRENCY_XOF);
    (void)snprintf(saying->channel.environment, CHANNEL_TEXT_BYTES, "mtnivorycoast");
    (void)saying_read(saying, OPERATOR_TASK_FLOAT, 200, balance);
    assert_false(saying->result.float_known);
    (void)saying_read(saying, OPERATOR_TASK_FLOAT, 200,
                      "{\"availableBalance\":\"200\",\"currency\":\"XOF\"}");
    assert_true(saying->result.float_known);
    (void)saying_read(saying, OPERATOR_TASK_FLOAT, 500, balance);
    assert_false(saying->result.float_known);
    free(balance);
    saying_close(saying);
}

static void a_token_is_taken_only_whole(void **state)
{
    (void)state;
    struct saying *saying = saying_open(mtn_momo_connector(), &abidjan);
    char *token = saying_file(folder, "token.json");
    (void)saying_read(saying, OPERATOR_TASK_TOKEN, 200, token);
    assert_string_equal(saying->result.token,
                        "eyJ0eXAiOiJKV1QiLCJhbGciOiJSMjU2In0.eyJjbGllbnRJZCI6ImQ0");
    assert_int_equal(saying->result.token_lifetime_ms, 3600000);
    static const char *const bad[] = {"{}",
                                      "{\"access_token\":\"abc\"}",
                                      "{\"access_token\":\"abc\",\"expires_in\":0}",
                                      "{\"access_token\":\"abc\",\"expires_in\":-5}",
                                      "{\"access_token\":\"\",\"expires_in\":3600}",
                                      "{\"access_token\":\"a\\r\\nb\",\"expires_in\":3600}",
                                      "{\"access_token\":7.5,\"expires_in\":3600}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        (void)saying_read(saying, OPERATOR_TASK_TOKEN, 200, bad[i]);
        assert_string_equal(saying->result.token, "");
        assert_int_equal(saying->result.token_lifetime_ms, 0);
    }
    (void)saying_read(saying, OPERATOR_TASK_TOKEN, 401, token);
    assert_string_equal(saying->result.token, "");
    assert_false(saying->result.token_refused);
    free(token);
    saying_close(saying);
}

static void a_callback_tells_our_reference(void **state)
{
    (void)state;
    static const struct {
        const char *rest, *body;
        enum operator_callback_word word;
        const char *reference;
    } rows[] = {
        {"0123456789abcdef", "{\"externalId\":\"6353636\",\"status\":\"SUCCESSFUL\"}",
         OPERATOR_CALLBACK_ABOUT, "6353636"},
        {"0123456789abcdef", "{\"externalId\":83453}", OPERATOR_CALLBACK_ABOUT, "83453"},
        {"0123456789abcdef", "{\"status\":\"SUCCESSFUL\"}", OPERATOR_CALLBACK_UNCLEAR, ""},
        {"0123456789abcdef", "{\"externalId\":\"far too long to be a reference of ours\"}",
         OPERATOR_CALLBACK_UNCLEAR, ""},
        {"0123456789abcdef", "", OPERATOR_CALLBACK_UNCLEAR, ""},
        {"0123456789abcdeg", "{\"externalId\":\"6353636\"}", OPERATOR_CALLBACK_FORGED, ""},
        {"0123456789abcdef/x", "{\"externalId\":\"6353636\"}", OPERATOR_CALLBACK_FORGED, ""},
        {"", "{\"externalId\":\"6353636\"}", OPERATOR_CALLBACK_FORGED, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char reference[TRANSFER_ID_TEXT_BYTES] = "";
        struct operator_callback callback = {.channel = &abidjan,
                                             .method = i % 2 == 0 ? "PUT" : "POST",
                                             .rest = rows[i].rest,
                                             .body = rows[i].body,
                                             .length = strlen(rows[i].body)};
        assert_int_equal(mtn_momo_connector()->callback_read(&callback, reference), rows[i].word);
        assert_string_equal(reference, rows[i].reference);
    }
}

static void settings_are_checked(void **state)
{
    (void)state;
    const struct operator_connector *connector = mtn_momo_connector();
    struct channel *channel = calloc(1, sizeof *channel);
    assert_non_null(channel);
    *channel = abidjan;
    assert_null(connector->channel_check(channel));
    static const size_t needed[] = {
        offsetof(struct channel, account), offsetof(struct channel, secret),
        offsetof(struct channel, secret_second), offsetof(struct channel, environment),
        offsetof(struct channel, callback_secret)};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        *channel = abidjan;
        ((char *)channel)[needed[i]] = '\0';
        assert_non_null(connector->channel_check(channel));
    }
    *channel = abidjan;
    memset(channel->secret, 'a', OPERATOR_BASIC_BYTES_MAX);
    assert_non_null(connector->channel_check(channel));
    *channel = abidjan;
    (void)snprintf(channel->environment, CHANNEL_TEXT_BYTES, "a\r\nX-Forged: b");
    assert_non_null(connector->channel_check(channel));
    free(channel);
}

static void bytes_that_say_nothing_end_nothing(void **state)
{
    (void)state;
    struct saying *saying = example_open();
    saying_nothing_ends_anything(saying);
    saying_close(saying);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_transfer_is_asked_for_as_mtn_prints_it),
        cmocka_unit_test(each_call_is_written),
        cmocka_unit_test(what_is_delivered_is_asked_for),
        cmocka_unit_test(a_submit_is_answered),
        cmocka_unit_test(mtn_s_own_answers_are_read),
        cmocka_unit_test(only_what_was_never_taken_was_never_seen_on_the_first_day),
        cmocka_unit_test(every_reason_of_failed_has_a_meaning),
        cmocka_unit_test(an_answer_about_another_transfer_is_not_believed),
        cmocka_unit_test(a_receiver_is_found_or_not),
        cmocka_unit_test(the_float_is_told_in_the_channel_s_currency),
        cmocka_unit_test(a_token_is_taken_only_whole),
        cmocka_unit_test(a_callback_tells_our_reference),
        cmocka_unit_test(settings_are_checked),
        cmocka_unit_test(bytes_that_say_nothing_end_nothing),
    };
    if (argc != 2)
        return 2;
    folder = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}

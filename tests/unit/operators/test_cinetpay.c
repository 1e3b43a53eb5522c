/* CinetPay's Payout API v1.1.0 as an operator: what is written, byte by byte, and what is made of
 * what its documents print and of what they don't. */
#include "saying.h"

#include "operators/cinetpay.h"
#include "payout/code.h"
#include "wire/signature.h"

static const char *folder; /* tests/data/operators/cinetpay */

static struct saying *cinetpay_open(void)
{
    struct channel channel = {.number = 9,
                              .name = "cinetpay",
                              .url = "https://client.cinetpay.com",
                              .account = "5b2c&key",
                              .secret = "p ss+word",
                              .environment = "payouts@example.org",
                              .callback_url = "https://pay.example/callback/cinetpay",
                              .callback_secret = "0123456789abcdef",
                              .currency = CURRENCY_XOF};
    struct saying *saying = saying_open(cinetpay_connector(), &channel);
    saying->transfer.operator_number = 1; /* Orange in Côte d'Ivoire. */
    return saying;
}

static void assert_request(const struct saying *saying, const char *method, const char *url,
                           const char *body)
{
    assert_string_equal(saying->request.method, method);
    assert_string_equal(buffer_text(&saying->request.url), url);
    assert_string_equal(buffer_text(&saying->request.body), body);
    if (body[0] != '\0')
        assert_string_equal(saying_header(saying, "Content-Type"),
                            "application/x-www-form-urlencoded");
    else
        assert_int_equal(saying->request.header_count, 0);
}

/* --- What is written --- */

static void each_call_is_written_as_a_client_of_the_api_writes_it(void **state)
{
    (void)state;
    struct saying *saying = cinetpay_open();
    saying_write(saying, OPERATOR_TASK_TOKEN);
    assert_request(saying, "POST", "https://client.cinetpay.com/v1/auth/login?lang=fr",
                   "apikey=5b2c%26key&password=p%20ss%2Bword");
    saying_write(saying, OPERATOR_TASK_VALIDATE);
    assert_request(saying, "POST",
                   "https://client.cinetpay.com/v1/transfer/contact?token=t0k3n&lang=fr",
                   "data=%5B%7B%22prefix%22%3A%22225%22%2C%22phone%22%3A%220707895086%22%2C"
                   "%22name%22%3A%22Kon%C3%A9%22%2C%22surname%22%3A%22Awa%22%2C"
                   "%22email%22%3A%22payouts%40example.org%22%7D%5D");
    saying_write(saying, OPERATOR_TASK_SUBMIT);
    assert_request(
        saying, "POST",
        "https://client.cinetpay.com/v1/transfer/money/send/contact?token=t0k3n&lang=fr",
        "data=%5B%7B%22prefix%22%3A%22225%22%2C%22phone%22%3A%220707895086%22%2C"
        "%22amount%22%3A%22500%22%2C%22notify_url%22%3A%22https%3A%2F%2Fpay.example%2Fcallback"
        "%2Fcinetpay%2F0123456789abcdef%22%2C"
        "%22client_transaction_id%22%3A%22EA181025.112233.X123456%22%7D%5D");
    saying_write(saying, OPERATOR_TASK_ASK);
    assert_request(saying, "GET",
                   "https://client.cinetpay.com/v1/transfer/check/money?token=t0k3n&lang=fr&"
                   "client_transaction_id=EA181025.112233.X123456",
                   "");
    saying_write(saying, OPERATOR_TASK_FLOAT);
    assert_request(saying, "GET",
                   "https://client.cinetpay.com/v1/transfer/check/balance?token=t0k3n&lang=fr", "");
    saying_close(saying);
}

static void what_is_sent_is_what_is_delivered(void **state)
{
    (void)state;
    struct saying *saying = cinetpay_open();
    saying->transfer.amount.minor = 510;
    saying->transfer.fee_minor = 10;
    saying->transfer.payer = FEE_PAYER_RECEIVER;
    saying_write(saying, OPERATOR_TASK_SUBMIT);
    assert_non_null(strstr(buffer_text(&saying->request.body), "%22amount%22%3A%22500%22"));
    saying_close(saying);
}

static void a_method_is_named_only_where_the_number_leads_elsewhere(void **state)
{
    (void)state;
    struct saying *saying = cinetpay_open();
    saying_write(saying, OPERATOR_TASK_SUBMIT);
    assert_null(strstr(buffer_text(&saying->request.body), "payment_method"));
    saying->transfer.operator_number = 4; /* Wave, which has no numbers of its own. */
    saying_write(saying, OPERATOR_TASK_SUBMIT);
    assert_non_null(
        strstr(buffer_text(&saying->request.body), "%22payment_method%22%3A%22WAVECI%22"));
    saying_close(saying);
}

static void names_and_addresses_are_given_as_far_as_they_are_known(void **state)
{
    static const struct {
        const char *whole, *name, *surname;
    } rows[] = {
        {"Awa Marie Koné", "%22name%22%3A%22Marie%20Kon%C3%A9%22", "%22surname%22%3A%22Awa%22"},
        {"Awa", "%22name%22%3A%22Awa%22", "%22surname%22%3A%22Awa%22"},
        {"Awa ", "%22name%22%3A%22Awa%22", "%22surname%22%3A%22Awa%22"},
        {"", "%22name%22%3A%220707895086%22", "%22surname%22%3A%220707895086%22"},
    };
    (void)state;
    struct saying *saying = cinetpay_open();
    saying->channel.environment[0] = '\0';
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        saying->attempt.receiver_name = rows[i].whole;
        saying_write(saying, OPERATOR_TASK_VALIDATE);
        const char *body = buffer_text(&saying->request.body);
        assert_non_null(strstr(body, rows[i].name));
        assert_non_null(strstr(body, rows[i].surname));
        assert_null(strstr(body, "email"));
    }
    saying_close(saying);
}

static void the_notify_url_is_what_can_be_proved(void **state)
{
    (void)state;
    struct saying *saying = cinetpay_open();
    saying->channel.callback_secret[0] = '\0';
    (void)snprintf(saying->channel.secret_second, CHANNEL_SECRET_BYTES, "whsec_abc");
    saying_write(saying, OPERATOR_TASK_SUBMIT);
    assert_non_null(strstr(buffer_text(&saying->request.body), "%2Fcallback%2Fcinetpay%22%2C"));
    saying->channel.callback_url[0] = '\0';
    saying_write(saying, OPERATOR_TASK_SUBMIT);
    assert_null(strstr(buffer_text(&saying->request.body), "notify_url"));
    saying_close(saying);
}

/* --- What is answered --- */

static void a_token_is_taken_when_it_is_one(void **state)
{
    static const char *const none[] = {
        "{\"code\":0,\"message\":\"OPERATION_SUCCES\",\"data\":{}}",
        "{\"code\":0,\"data\":{\"token\":\"\"}}",
        "{\"code\":0,\"data\":{\"token\":\"a b\"}}",
        "{\"code\":0,\"data\":{\"token\":17}}",
        "{\"data\":{\"token\":\"abc\"}}",
        "{\"code\":\"709\",\"data\":{\"token\":\"abc\"}}",
        "",
    };
    (void)state;
    struct saying *saying = cinetpay_open();
    char *body = saying_file(folder, "login.json");
    (void)saying_read(saying, OPERATOR_TASK_TOKEN, 200, body);
    assert_string_equal(saying->result.token, "XXX_TOKEN_XXX");
    assert_int_equal(saying->result.token_lifetime_ms, 270000); /* Of five minutes. */
    (void)saying_read(saying, OPERATOR_TASK_TOKEN, 500, body);
    assert_string_equal(saying->result.token, "");
    free(body);
    body = saying_file(folder, "login_refused.json");
    (void)saying_read(saying, OPERATOR_TASK_TOKEN, 401, body);
    assert_string_equal(saying->result.token, "");
    assert_true(saying->result.down);
    assert_string_equal(saying->result.said, "401 701: INVALID_CREDENTIALS");
    free(body);
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        (void)saying_read(saying, OPERATOR_TASK_TOKEN, 200, none[i]);
        assert_string_equal(saying->result.token, "");
    }
    /* It must fit into a URL, where some characters take three. */
    static const struct {
        int byte;
        size_t most;
    } fits[] = {{'a', 1500}, {'+', 500}};
    for (size_t i = 0; i < 2; i++) {
        char most[1600] = "{\"code\":0,\"data\":{\"token\":\"";
        size_t head = strlen(most);
        memset(most + head, fits[i].byte, fits[i].most + 1);
        memcpy(most + head + fits[i].most + 1, "\"}}", 4);
        (void)saying_read(saying, OPERATOR_TASK_TOKEN, 200, most);
        assert_string_equal(saying->result.token, "");
        memcpy(most + head + fits[i].most, "\"}}", 4);
        (void)saying_read(saying, OPERATOR_TASK_TOKEN, 200, most);
        assert_int_equal(strlen(saying->result.token), fits[i].most);
    }
    saying_close(saying);
}

static void a_contact_is_there_or_can_t_be(void **state)
{
    static const struct {
        const char *body;
        enum operator_receiver receiver;
    } rows[] = {
        {"{\"code\":0,\"data\":[[{\"code\":0,\"status\":\"success\"}]]}", OPERATOR_RECEIVER_FOUND},
        {"{\"code\":0,\"data\":[{\"code\":0}]}", OPERATOR_RECEIVER_FOUND},
        {"{\"code\":\"726\",\"data\":[]}", OPERATOR_RECEIVER_FOUND},
        {"{\"code\":0,\"data\":[[{\"code\":802,\"status\":\"INVALID_PHONE\"}]]}",
         OPERATOR_RECEIVER_NONE},
        {"{\"code\":\"802\",\"message\":\"INVALID_PHONE\",\"data\":[]}", OPERATOR_RECEIVER_NONE},
        {"{\"code\":\"717\",\"data\":[]}", OPERATOR_RECEIVER_NONE},
        {"{\"code\":\"721\",\"data\":[]}", OPERATOR_RECEIVER_NONE},
        {"{\"code\":\"716\",\"data\":[]}", OPERATOR_RECEIVER_UNCLEAR},
        {"{\"code\":\"715\",\"data\":[]}", OPERATOR_RECEIVER_UNCLEAR},
        {"{\"code\":0,\"data\":[]}", OPERATOR_RECEIVER_UNCLEAR},
        {"{\"code\":0}", OPERATOR_RECEIVER_UNCLEAR},
        {"", OPERATOR_RECEIVER_UNCLEAR},
    };
    (void)state;
    struct saying *saying = cinetpay_open();
    char *known = saying_file(folder, "contact_known.json");
    (void)saying_read(saying, OPERATOR_TASK_VALIDATE, 200, known);
    assert_int_equal(saying->result.receiver, OPERATOR_RECEIVER_FOUND);
    free(known);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        (void)saying_read(saying, OPERATOR_TASK_VALIDATE, 417, rows[i].body);
        assert_int_equal(saying->result.receiver, rows[i].receiver);
        (void)saying_read(saying, OPERATOR_TASK_VALIDATE, 502, rows[i].body);
        assert_int_equal(saying->result.receiver, OPERATOR_RECEIVER_UNCLEAR);
    }
    saying_close(saying);
}

static void what_was_sent_is_pending_until_it_is_asked_about(void **state)
{
    (void)state;
    struct saying *saying = cinetpay_open();
    char *body = saying_file(folder, "send.json");
    (void)snprintf(saying->attempt.reference, sizeof saying->attempt.reference, "Test_20230301_01");
    const struct verdict_answer *answer = saying_read(saying, OPERATOR_TASK_SUBMIT, 200, body);
    assert_int_equal(answer->verdict, VERDICT_PENDING);
    assert_string_equal(answer->operator_reference, "EA230301.165358.X622533");
    /* Calls are few: where it will be told, it is not asked at once. */
    assert_int_equal(answer->ask_after_ms, 10000);
    saying->channel.callback_url[0] = '\0';
    assert_int_equal(saying_read(saying, OPERATOR_TASK_SUBMIT, 200, body)->ask_after_ms, 0);
    /* The one item of a request is its answer, but not when it names another. */
    (void)snprintf(saying->attempt.reference, sizeof saying->attempt.reference, "Test_2");
    answer = saying_read(saying, OPERATOR_TASK_SUBMIT, 200, body);
    assert_int_equal(answer->verdict, VERDICT_UNKNOWN);
    free(body);
    saying_close(saying);
}

static const struct refusal {
    enum payout_code code;
    enum verdict verdict;
    enum transfer_reason reason;
    bool down;
} refusals[] = {
    {PAYOUT_OPERATION_ERROR, VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN, false},
    {PAYOUT_INSUFFICIENT_BALANCE, VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_FLOAT, false},
    {PAYOUT_INVALID_CREDENTIALS, VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN, true},
    {PAYOUT_TOKEN_NOT_CREATED, VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN, true},
    {PAYOUT_INVALID_USER, VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN, true},
    {PAYOUT_INVALID_PARAM, VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN, true},
    {PAYOUT_TOKEN_NOT_REFRESHED, VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN, true},
    {PAYOUT_NOT_ALLOWED, VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN, true},
    {PAYOUT_EXECUTION_ERROR, VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN, false},
    {PAYOUT_EXECUTION_UNKNOWN, VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN, false},
    {PAYOUT_UNEXPECTED_ERROR, VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN, false},
    {PAYOUT_DATA_NOT_VALID, VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_REFUSED, false},
    {PAYOUT_PHONE_NOT_PARTICULAR, VERDICT_REJECTED, TRANSFER_REASON_RECEIVER_UNKNOWN, false},
    {PAYOUT_JSON_PARSE_ERROR, VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN, true},
    {PAYOUT_AMOUNT_TOO_SMALL, VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_REFUSED, false},
    {PAYOUT_AMOUNT_TOO_LARGE, VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_REFUSED, false},
    {PAYOUT_OPERATOR_NOT_AVAILABLE, VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_REFUSED, false},
    {PAYOUT_NOT_FOUND, VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN, false},
    {PAYOUT_NOT_MY_CONTACT, VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN, false},
    {PAYOUT_MISSING_NOTIFY_URL, VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN, true},
    {PAYOUT_ALREADY_MY_CONTACT, VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN, false},
    {PAYOUT_INVALID_AMOUNT, VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_REFUSED, false},
    {PAYOUT_INVALID_PHONE, VERDICT_REJECTED, TRANSFER_REASON_RECEIVER_UNKNOWN, false},
    {PAYOUT_OPERATOR_UNAVAILABLE, VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN, false},
    {PAYOUT_CLIENT_ID_EXISTS, VERDICT_PENDING, TRANSFER_REASON_NONE, false},
    {PAYOUT_INVALID_PAYMENT_METHOD, VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_REFUSED, false},
    {(enum payout_code)999, VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN, false},
};

/* As the whole request's, as the item's, as text and as number, under any status that a server
 * may give it; and no word at all from a server that fails. */
static void every_code_of_a_sending_has_its_verdict(void **state)
{
    static const struct {
        const char *before, *after;
    } forms[] = {
        {"{\"code\":\"", "\",\"message\":\"x\",\"description\":\"x\",\"data\":[]}"},
        {"{\"code\":", ",\"message\":\"x\",\"data\":[]}"},
        {"{\"code\":0,\"message\":\"OPERATION_SUCCES\",\"data\":[[{\"code\":",
         ",\"status\":\"x\"}]]}"},
        {"{\"code\":0,\"message\":\"OPERATION_SUCCES\",\"data\":[{\"code\":\"", "\"}]}"},
    };
    static const int statuses[] = {200, 400, 401, 403, 404, 409, 417};
    (void)state;
    struct saying *saying = cinetpay_open();
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
        for (size_t form = 0; form < sizeof forms / sizeof *forms; form++)
            for (size_t at = 0; at < sizeof statuses / sizeof *statuses; at++) {
                char body[256];
                (void)snprintf(body, sizeof body, "%s%d%s", forms[form].before, refusals[i].code,
                               forms[form].after);
                const struct verdict_answer *answer =
                    saying_read(saying, OPERATOR_TASK_SUBMIT, statuses[at], body);
                assert_int_equal(answer->verdict, refusals[i].verdict);
                assert_int_equal(answer->reason, refusals[i].reason);
                assert_int_equal(saying->result.down, refusals[i].down);
                answer = saying_read(saying, OPERATOR_TASK_SUBMIT, 500, body);
                assert_int_equal(answer->verdict, VERDICT_UNKNOWN);
            }
    saying_close(saying);
}

static void every_code_of_the_api_is_in_that_table(void **state)
{
    static const int codes[] = {
#define CODE(name, number, word, status, fr, en) number,
#include "payout/code.def"
#undef CODE
    };
    (void)state;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        size_t found = 0;
        for (size_t j = 0; j < sizeof refusals / sizeof *refusals; j++)
            found += (int)refusals[j].code == codes[i];
        bool elsewhere = codes[i] == PAYOUT_OK || codes[i] == PAYOUT_EXPIRED_TOKEN ||
                         codes[i] == PAYOUT_INVALID_TOKEN;
        assert_int_equal(found, elsewhere ? 0 : 1);
    }
}

static void a_token_that_is_refused_did_nothing(void **state)
{
    static const enum operator_task tasks[] = {OPERATOR_TASK_SUBMIT, OPERATOR_TASK_ASK,
                                               OPERATOR_TASK_VALIDATE, OPERATOR_TASK_FLOAT};
    (void)state;
    struct saying *saying = cinetpay_open();
    char *body = saying_file(folder, "token_refused.json");
    for (size_t i = 0; i < sizeof tasks / sizeof *tasks; i++) {
        const struct verdict_answer *answer = saying_read(saying, tasks[i], 401, body);
        assert_true(saying->result.token_refused);
        if (tasks[i] == OPERATOR_TASK_SUBMIT)
            assert_int_equal(answer->verdict, VERDICT_NOT_SENT);
        if (tasks[i] == OPERATOR_TASK_ASK)
            assert_int_equal(answer->verdict, VERDICT_UNKNOWN);
        (void)saying_read(saying, tasks[i], 401, "{\"code\":\"705\",\"data\":[]}");
        assert_true(saying->result.token_refused);
    }
    free(body);
    saying_close(saying);
}

static void too_many_calls_did_nothing(void **state)
{
    static const char body[] = "{\"message\":\"Too Many Attempts.\"}";
    (void)state;
    struct saying *saying = cinetpay_open();
    assert_int_equal(saying_read(saying, OPERATOR_TASK_SUBMIT, 429, body)->verdict,
                     VERDICT_NOT_SENT);
    assert_int_equal(saying->result.throttled_ms, 5000);
    assert_int_equal(saying_read(saying, OPERATOR_TASK_ASK, 429, body)->verdict, VERDICT_UNKNOWN);
    struct operator_reply reply = {.status = 429, .body = "", .length = 0, .retry_after_ms = 60000};
    saying_task(saying, OPERATOR_TASK_TOKEN);
    saying->result = (struct operator_result){.answers = &saying->answer};
    cinetpay_connector()->answer_read(&saying->call, &reply, &saying->result);
    assert_int_equal(saying->result.throttled_ms, 60000);
    assert_string_equal(saying->result.token, "");
    saying_close(saying);
}

/* --- Asking --- */

/* A reply of check/money about our transfer, with members of it in place of others. */
static const char *check_make(const char *treatment, const char *sending, const char *comment)
{
    static char text[1024];
    (void)snprintf(text, sizeof text,
                   "{\"code\":0,\"message\":\"OPERATION_SUCCES\",\"data\":[{"
                   "\"transaction_id\":\"EA181025.112233.A000001\","
                   "\"client_transaction_id\":\"" SAYING_REFERENCE "\",\"lot\":\"001\","
                   "\"amount\":\"500\",\"receiver\":\"2250707895086\",\"operator\":\"OM\","
                   "\"sending_status\":\"%s\",\"transfer_valid\":\"Y\","
                   "\"treatment_status\":\"%s\",\"comment\":\"%s\",\"validated_at\":null,"
                   "\"operator_transaction_id\":null}]}",
                   sending, treatment, comment);
    return text;
}

static void a_treatment_is_its_verdict(void **state)
{
    static const struct {
        const char *treatment, *sending, *comment;
        enum verdict verdict;
        enum transfer_reason reason;
    } rows[] = {
        {"VAL", "CONFIRM", "", VERDICT_PAID, TRANSFER_REASON_NONE},
        {"REJ", "CONFIRM", "", VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_REFUSED},
        {"REJ", "CONFIRM", "anything", VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_REFUSED},
        {"REJ", "CONFIRM", "Le destinataire n'a pas de compte chez l'opérateur", VERDICT_REJECTED,
         TRANSFER_REASON_RECEIVER_UNKNOWN},
        {"REJ", "CONFIRM", "The receiver's account has reached its limit", VERDICT_REJECTED,
         TRANSFER_REASON_RECEIVER_LIMIT},
        {"REJ", "CONFIRM", "Le compte du destinataire est bloqué", VERDICT_REJECTED,
         TRANSFER_REASON_RECEIVER_BLOCKED},
        {"REJ", "CONFIRM", "The receiver's name does not match", VERDICT_REJECTED,
         TRANSFER_REASON_RECEIVER_NAME},
        {"REJ", "CONFIRM", "Le solde de la plateforme chez l'opérateur est insuffisant",
         VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_FLOAT},
        {"REJ", "PENDING", "Le lot n'a pas été confirmé à temps", VERDICT_REJECTED,
         TRANSFER_REASON_OPERATOR_REFUSED},
        {"NEW", "CONFIRM", "", VERDICT_PENDING, TRANSFER_REASON_NONE},
        {"NEW", "PENDING", "", VERDICT_PENDING, TRANSFER_REASON_NONE},
        {"REC", "CONFIRM", "", VERDICT_PENDING, TRANSFER_REASON_NONE},
        {"NOS", "CONFIRM", "", VERDICT_PENDING, TRANSFER_REASON_NONE},
        {"VALIDATED", "CONFIRM", "", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN},
        {"val", "CONFIRM", "", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN},
        {"", "CONFIRM", "", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN},
    };
    (void)state;
    struct saying *saying = cinetpay_open();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *body = check_make(rows[i].treatment, rows[i].sending, rows[i].comment);
        const struct verdict_answer *answer = saying_read(saying, OPERATOR_TASK_ASK, 200, body);
        assert_int_equal(answer->verdict, rows[i].verdict);
        assert_int_equal(answer->reason, rows[i].reason);
        assert_string_equal(answer->operator_reference, "EA181025.112233.A000001");
        assert_int_equal(saying_read(saying, OPERATOR_TASK_ASK, 500, body)->verdict,
                         VERDICT_UNKNOWN);
    }
    saying_close(saying);
}

static void the_documents_transfer_is_paid(void **state)
{
    (void)state;
    struct saying *saying = cinetpay_open();
    char *body = saying_file(folder, "check.json");
    (void)snprintf(saying->attempt.reference, sizeof saying->attempt.reference, "MYMERCHANTID1");
    const struct verdict_answer *answer = saying_read(saying, OPERATOR_TASK_ASK, 200, body);
    assert_int_equal(answer->verdict, VERDICT_PAID);
    assert_string_equal(answer->operator_reference, "EA181025.112233.X123456");
    free(body);
    saying_close(saying);
}

static void only_not_found_is_never_seen(void **state)
{
    static const struct {
        int status;
        const char *body;
        enum verdict verdict;
    } rows[] = {
        {404, "{\"code\":\"723\",\"message\":\"NOT_FOUND\",\"data\":[]}", VERDICT_NEVER_SEEN},
        {200, "{\"code\":723,\"message\":\"NOT_FOUND\",\"data\":[]}", VERDICT_NEVER_SEEN},
        {417, "{\"code\":\"723\"}", VERDICT_NEVER_SEEN},
        {500, "{\"code\":\"723\",\"data\":[]}", VERDICT_UNKNOWN},
        {404, "", VERDICT_UNKNOWN},
        {404, "{\"message\":\"NOT_FOUND\"}", VERDICT_UNKNOWN},
        {200, "{\"code\":0,\"message\":\"OPERATION_SUCCES\",\"data\":[]}", VERDICT_UNKNOWN},
        {200, "{\"code\":0}", VERDICT_UNKNOWN},
        {200, "{\"code\":\"704\",\"data\":[]}", VERDICT_UNKNOWN},
        {200, "{\"code\":\"708\",\"data\":[]}", VERDICT_UNKNOWN},
        {200, "{\"code\":\"715\",\"data\":[]}", VERDICT_UNKNOWN},
        {200, "{\"code\":\"802\",\"data\":[]}", VERDICT_UNKNOWN},
    };
    (void)state;
    struct saying *saying = cinetpay_open();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(
            saying_read(saying, OPERATOR_TASK_ASK, rows[i].status, rows[i].body)->verdict,
            rows[i].verdict);
    /* How long it knows an id nobody tells: later it may have forgotten what it paid. */
    int64_t submitted_at_ms = saying->transfer.submitted_at_ms;
    saying->transfer.submitted_at_ms = saying->call.now_ms - 24 * 3600 * 1000;
    assert_int_equal(saying_read(saying, OPERATOR_TASK_ASK, 404, rows[0].body)->verdict,
                     VERDICT_UNKNOWN);
    saying->transfer.submitted_at_ms = submitted_at_ms;
    /* Not of what it once gave an id: it has lost it, and may have paid it. */
    saying->transfer.operator_reference = "EA181025.112233.A000001";
    assert_int_equal(saying_read(saying, OPERATOR_TASK_ASK, 404, rows[0].body)->verdict,
                     VERDICT_UNKNOWN);
    saying_close(saying);
}

static void a_transfer_that_is_not_ours_is_no_answer(void **state)
{
    static const struct {
        const char *from, *to;
    } rows[] = {
        {"EA181025.112233.X123456", "EA181025.112233.X123457"},
        {"\"client_transaction_id\":\"EA181025.112233.X123456\"", "\"client_transaction_id\":null"},
        {"\"amount\":\"500\"", "\"amount\":\"505\""},
        {"\"amount\":\"500\"", "\"amount\":null"},
        {"\"amount\":\"500\"", "\"amount\":500.5"},
        {"2250707895086", "2250707895087"},
        {"\"receiver\":\"2250707895086\"", "\"receiver\":\"86\""},
        {"\"receiver\":\"2250707895086\"", "\"receiver\":null"},
        {"\"operator_transaction_id\":null}]", "\"operator_transaction_id\":null},{}]"},
    };
    (void)state;
    struct saying *saying = cinetpay_open();
    const char *whole = check_make("VAL", "CONFIRM", "");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char body[1024];
        const char *at = strstr(whole, rows[i].from);
        assert_non_null(at);
        (void)snprintf(body, sizeof body, "%.*s%s%s", (int)(at - whole), whole, rows[i].to,
                       at + strlen(rows[i].from));
        assert_int_equal(saying_read(saying, OPERATOR_TASK_ASK, 200, body)->verdict,
                         VERDICT_UNKNOWN);
    }
    /* An old number, of eight digits, is the same receiver. */
    char body[1024];
    const char *at = strstr(whole, "2250707895086");
    (void)snprintf(body, sizeof body, "%.*s22507895086%s", (int)(at - whole), whole, at + 13);
    assert_int_equal(saying_read(saying, OPERATOR_TASK_ASK, 200, body)->verdict, VERDICT_PAID);
    saying_close(saying);
}

static void the_float_is_what_is_available(void **state)
{
    static const struct {
        const char *body;
        bool known;
        int64_t minor;
    } rows[] = {
        {"{\"code\":0,\"data\":{\"amount\":900,\"inUsing\":200,\"available\":700}}", true, 700},
        {"{\"code\":0,\"data\":{\"amount\":900,\"inUsing\":200,\"available\":700,\"balances\":["
         "{\"currency\":\"XAF\",\"amount\":900,\"inUsing\":200,\"available\":700},"
         "{\"currency\":\"XOF\",\"amount\":50,\"inUsing\":0,\"available\":50}]}}",
         true, 50},
        {"{\"code\":0,\"data\":{\"amount\":900,\"inUsing\":200,\"available\":700,\"balances\":["
         "{\"currency\":\"XAF\",\"amount\":900,\"inUsing\":200,\"available\":700}]}}",
         false, 0},
        {"{\"code\":0,\"data\":{\"amount\":900}}", false, 0},
        {"{\"code\":\"706\",\"data\":[]}", false, 0},
        {"", false, 0},
    };
    (void)state;
    struct saying *saying = cinetpay_open();
    char *body = saying_file(folder, "balance.json");
    (void)saying_read(saying, OPERATOR_TASK_FLOAT, 200, body);
    assert_true(saying->result.float_known);
    assert_int_equal(saying->result.float_left.minor, 663);
    assert_int_equal(saying->result.float_left.currency, CURRENCY_XOF);
    free(body);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        (void)saying_read(saying, OPERATOR_TASK_FLOAT, 200, rows[i].body);
        assert_int_equal(saying->result.float_known, rows[i].known);
        assert_int_equal(saying->result.float_left.minor, rows[i].minor);
    }
    saying_close(saying);
}

/* --- Callbacks --- */

static const char *header_find(void *context, const char *name)
{
    return strcmp(name, "x-token") == 0 ? context : NULL;
}

static enum operator_callback_word callback_read(const struct saying *saying, const char *rest,
                                                 char *token, const char *body,
                                                 char reference[TRANSFER_ID_TEXT_BYTES])
{
    struct operator_callback callback = {.channel = &saying->channel,
                                         .method = "POST",
                                         .rest = rest,
                                         .body = body,
                                         .length = strlen(body),
                                         .now_ms = saying->call.now_ms,
                                         .header = header_find,
                                         .context = token};
    return cinetpay_connector()->callback_read(&callback, reference);
}

static void a_notification_is_believed_by_the_secret_in_its_url(void **state)
{
    static const char body[] =
        "transaction_id=EA1&client_transaction_id=" SAYING_REFERENCE "&treatment_status=VAL";
    static const char *const unclear[] = {
        "",
        "client_transaction_id=",
        "transaction_id=EA1",
        "client_transaction_id=a%20b",
        "client_transaction_id=" SAYING_REFERENCE "0",
        "%00=%",
        "client_transaction_id=%00",
    };
    (void)state;
    struct saying *saying = cinetpay_open();
    char reference[TRANSFER_ID_TEXT_BYTES];
    assert_int_equal(callback_read(saying, "0123456789abcdef", NULL, body, reference),
                     OPERATOR_CALLBACK_ABOUT);
    assert_string_equal(reference, SAYING_REFERENCE);
    static const char *const wrong[] = {"", "0123456789abcde", "0123456789abcdef0",
                                        "0123456789abcdeF"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(callback_read(saying, wrong[i], NULL, body, reference),
                         OPERATOR_CALLBACK_FORGED);
    for (size_t i = 0; i < sizeof unclear / sizeof *unclear; i++)
        assert_int_equal(callback_read(saying, "0123456789abcdef", NULL, unclear[i], reference),
                         OPERATOR_CALLBACK_UNCLEAR);
    saying->channel.callback_secret[0] = '\0';
    assert_int_equal(callback_read(saying, "", NULL, body, reference), OPERATOR_CALLBACK_FORGED);
    saying_close(saying);
}

static void payoutd_s_own_notification_is_believed_by_its_signature(void **state)
{
    static const char key[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    (void)state;
    struct saying *saying = cinetpay_open();
    struct notice notice = {.transaction_id = "EA1",
                            .client_transaction_id = SAYING_REFERENCE,
                            .amount = "500",
                            .comment = "é & co",
                            .treatment_status = "VAL"};
    char reference[TRANSFER_ID_TEXT_BYTES], token[SIGNATURE_HEX_BYTES];
    struct buffer body;
    buffer_init(&body, 4096);
    notice_write(&notice, &body);
    signature_token(&notice, key, token);
    (void)snprintf(saying->channel.secret_second, CHANNEL_SECRET_BYTES, "%s", key);
    /* Both, when both are set. */
    assert_int_equal(
        callback_read(saying, "0123456789abcdef", token, buffer_text(&body), reference),
        OPERATOR_CALLBACK_ABOUT);
    assert_int_equal(callback_read(saying, "", token, buffer_text(&body), reference),
                     OPERATOR_CALLBACK_FORGED);
    assert_int_equal(callback_read(saying, "0123456789abcdef", NULL, buffer_text(&body), reference),
                     OPERATOR_CALLBACK_FORGED);
    saying->channel.callback_secret[0] = '\0';
    assert_int_equal(callback_read(saying, "", token, buffer_text(&body), reference),
                     OPERATOR_CALLBACK_ABOUT);
    assert_string_equal(reference, SAYING_REFERENCE);
    token[0] = token[0] == '0' ? '1' : '0';
    assert_int_equal(callback_read(saying, "", token, buffer_text(&body), reference),
                     OPERATOR_CALLBACK_FORGED);
    buffer_free(&body);
    saying_close(saying);
}

static void settings_that_lack_something_are_told(void **state)
{
    (void)state;
    struct saying *saying = cinetpay_open();
    const struct operator_connector *connector = cinetpay_connector();
    struct channel channel = saying->channel;
    assert_null(connector->channel_check(&channel));
    channel.url[0] = '\0';
    assert_non_null(connector->channel_check(&channel));
    channel = saying->channel;
    channel.account[0] = '\0';
    assert_non_null(connector->channel_check(&channel));
    channel = saying->channel;
    channel.secret[0] = '\0';
    assert_non_null(connector->channel_check(&channel));
    channel = saying->channel;
    channel.callback_secret[15] = '\0'; /* Too short to be one. */
    assert_non_null(connector->channel_check(&channel));
    channel.callback_secret[0] = '\0';
    assert_non_null(connector->channel_check(&channel));
    channel.secret_second[0] = 'k';
    assert_null(connector->channel_check(&channel));
    channel.secret_second[0] = channel.callback_url[0] = '\0';
    assert_null(connector->channel_check(&channel));
    saying_close(saying);
}

static void bodies_that_say_nothing_end_nothing(void **state)
{
    static const enum operator_task tasks[] = {OPERATOR_TASK_SUBMIT, OPERATOR_TASK_ASK};
    (void)state;
    struct saying *saying = cinetpay_open();
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
        cmocka_unit_test(each_call_is_written_as_a_client_of_the_api_writes_it),
        cmocka_unit_test(what_is_sent_is_what_is_delivered),
        cmocka_unit_test(a_method_is_named_only_where_the_number_leads_elsewhere),
        cmocka_unit_test(names_and_addresses_are_given_as_far_as_they_are_known),
        cmocka_unit_test(the_notify_url_is_what_can_be_proved),
        cmocka_unit_test(a_token_is_taken_when_it_is_one),
        cmocka_unit_test(a_contact_is_there_or_can_t_be),
        cmocka_unit_test(what_was_sent_is_pending_until_it_is_asked_about),
        cmocka_unit_test(every_code_of_a_sending_has_its_verdict),
        cmocka_unit_test(every_code_of_the_api_is_in_that_table),
        cmocka_unit_test(a_token_that_is_refused_did_nothing),
        cmocka_unit_test(too_many_calls_did_nothing),
        cmocka_unit_test(a_treatment_is_its_verdict),
        cmocka_unit_test(the_documents_transfer_is_paid),
        cmocka_unit_test(only_not_found_is_never_seen),
        cmocka_unit_test(a_transfer_that_is_not_ours_is_no_answer),
        cmocka_unit_test(the_float_is_what_is_available),
        cmocka_unit_test(a_notification_is_believed_by_the_secret_in_its_url),
        cmocka_unit_test(payoutd_s_own_notification_is_believed_by_its_signature),
        cmocka_unit_test(settings_that_lack_something_are_told),
        cmocka_unit_test(bodies_that_say_nothing_end_nothing),
    };
    if (argc != 2)
        return 2;
    folder = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}

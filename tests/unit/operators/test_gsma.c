#include "saying.h"

#include "operators/gsma.h"
#include "operators/json.h"

static const char *folder; /* tests/data/operators/gsma */

#define ROOT "https://sandbox.mobilemoneyapi.io/2/oauth/simulator/v1.2/mm"

static const struct channel simulator = {
    .number = 9,
    .name = "gsma-ci",
    .url = ROOT,
    .account = "accountid:2999",
    .environment = "https://sandbox.mobilemoneyapi.io/v1/oauth/accesstoken",
    .callback_url = "https://pay.example/callbacks/gsma-ci",
    .secret = "consumer:s3cret:with colon",
    .secret_second = "a4db08b7-5729-4ba9-8c08-f2df493465a1",
    .callback_secret = "0123456789abcdef",
    .currency = CURRENCY_XOF,
};

static struct saying *opened(void)
{
    return saying_open(gsma_connector(), &simulator);
}

static void uuid_of(const struct saying *saying, const char *what, char uuid[OPERATOR_UUID_BYTES])
{
    operator_uuid(&saying->channel, SAYING_REFERENCE, what, uuid);
}

static void a_disbursement_is_asked_for_as_the_portal_prints_it(void **state)
{
    (void)state;
    struct saying *saying = opened();
    char *text = saying_file(folder, "disbursement.request.json");
    json_t *document = json_loads(text, 0, NULL);
    json_t *party = json_pack("[{s:s,s:s}]", "key", "msisdn", "value", "+2250707895086");
    assert_non_null(document);
    /* What we say otherwise: an amount as the schema wants it, whom, in what; and our reference. */
    assert_int_equal(json_object_set_new(document, "amount", json_string("500")), 0);
    assert_int_equal(json_object_set_new(document, "creditParty", party), 0);
    assert_int_equal(json_object_set_new(document, "currency", json_string("XOF")), 0);
    assert_int_equal(json_object_set_new(document, "requestingOrganisationTransactionReference",
                                         json_string(SAYING_REFERENCE)),
                     0);
    char *compact = json_dumps(document, JSON_COMPACT);
    saying_write(saying, OPERATOR_TASK_SUBMIT);
    assert_string_equal(buffer_text(&saying->request.body), compact);
    free(compact);
    json_decref(document);
    free(text);
    /* Where the operator knows it by who calls, nothing is said of what is debited. */
    saying->channel.account[0] = '\0';
    saying_write(saying, OPERATOR_TASK_SUBMIT);
    assert_null(strstr(buffer_text(&saying->request.body), "debitParty"));
    saying_close(saying);
}

static void each_call_is_written(void **state)
{
    (void)state;
    struct saying *saying = opened();
    char uuid[OPERATOR_UUID_BYTES], url[256];
    uuid_of(saying, "", uuid);
    saying_write(saying, OPERATOR_TASK_SUBMIT);
    assert_string_equal(saying->request.method, "POST");
    assert_string_equal(buffer_text(&saying->request.url), ROOT "/transactions/type/disbursement");
    assert_string_equal(saying_header(saying, "Authorization"), "Bearer t0k3n");
    assert_string_equal(saying_header(saying, "Accept"), "application/json");
    assert_string_equal(saying_header(saying, "Accept-Charset"), "utf-8");
    assert_string_equal(saying_header(saying, "Content-Type"), "application/json");
    assert_string_equal(saying_header(saying, "X-Date"), "2025-10-18T11:22:33.000Z");
    assert_string_equal(saying_header(saying, "X-CorrelationID"), uuid);
    assert_string_equal(saying_header(saying, "X-API-Key"), "a4db08b7-5729-4ba9-8c08-f2df493465a1");
    assert_string_equal(saying_header(saying, "X-Callback-URL"),
                        "https://pay.example/callbacks/gsma-ci/0123456789abcdef/" SAYING_REFERENCE);

    saying_write(saying, OPERATOR_TASK_TOKEN);
    assert_string_equal(saying->request.method, "POST");
    assert_string_equal(buffer_text(&saying->request.url),
                        "https://sandbox.mobilemoneyapi.io/v1/oauth/accesstoken");
    assert_string_equal(buffer_text(&saying->request.body), "grant_type=client_credentials");
    assert_string_equal(saying_header(saying, "Authorization"),
                        "Basic Y29uc3VtZXI6czNjcmV0OndpdGggY29sb24=");
    (void)snprintf(saying->channel.environment, CHANNEL_TEXT_BYTES, "/oauth/token");
    saying_write(saying, OPERATOR_TASK_TOKEN);
    assert_string_equal(buffer_text(&saying->request.url), ROOT "/oauth/token");

    saying_write(saying, OPERATOR_TASK_FLOAT);
    assert_string_equal(saying->request.method, "GET");
    assert_string_equal(buffer_text(&saying->request.url), ROOT "/accounts/accountid/2999/balance");
    saying->channel.account[0] = '\0';
    saying_write(saying, OPERATOR_TASK_FLOAT);
    assert_string_equal(buffer_text(&saying->request.url), ROOT "/accounts/balance");
    saying_write(saying, OPERATOR_TASK_VALIDATE);
    assert_string_equal(buffer_text(&saying->request.url),
                        ROOT "/accounts/msisdn/%2B2250707895086/status");
    saying->channel.name_least = 60;
    saying_write(saying, OPERATOR_TASK_VALIDATE);
    assert_string_equal(buffer_text(&saying->request.url),
                        ROOT "/accounts/msisdn/%2B2250707895086/accountname");

    /* A question goes to what the operator told last. */
    static const char *const told[] = {"requeststates/208108a9-18f7", "transactions/REF-1?",
                                       "responses/abc"};
    static const char *const paths[] = {"requeststates/208108a9-18f7", "transactions/REF-1%3F"};
    for (size_t i = 0; i < 2; i++) {
        saying->transfer.operator_reference = told[i];
        saying_write(saying, OPERATOR_TASK_ASK);
        (void)snprintf(url, sizeof url, ROOT "/%s", paths[i]);
        assert_string_equal(buffer_text(&saying->request.url), url);
    }
    (void)snprintf(url, sizeof url, ROOT "/responses/%s", uuid);
    static const char *const nothing[] = {"", "responses/abc", "requeststates/", "REF-7"};
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++) {
        saying->transfer.operator_reference = nothing[i];
        saying_write(saying, OPERATOR_TASK_ASK);
        assert_string_equal(buffer_text(&saying->request.url), url);
    }
    saying_close(saying);
}

static void a_reversal_names_what_was_paid(void **state)
{
    (void)state;
    struct saying *saying = opened();
    char uuid[OPERATOR_UUID_BYTES], url[256];
    char *document = saying_compact(folder, "reversal.request.json");
    uuid_of(saying, "reversal", uuid);
    saying->transfer.operator_reference = "REF-1635488317033";
    saying_write(saying, OPERATOR_TASK_REVERSE);
    assert_string_equal(saying->request.method, "POST");
    assert_string_equal(buffer_text(&saying->request.url),
                        ROOT "/transactions/REF-1635488317033/reversals");
    assert_string_equal(buffer_text(&saying->request.body), document);
    assert_string_equal(saying_header(saying, "X-CorrelationID"), uuid);
    free(document);

    saying_write(saying, OPERATOR_TASK_ASK_REVERSAL);
    (void)snprintf(url, sizeof url, ROOT "/responses/%s", uuid);
    assert_string_equal(buffer_text(&saying->request.url), url);
    saying->attempt.reversal_reference = "transactions/REF-2";
    saying_write(saying, OPERATOR_TASK_ASK_REVERSAL);
    assert_string_equal(buffer_text(&saying->request.url), ROOT "/transactions/REF-2");

    /* Paid, but under what the operator never told: nothing is asked to be taken back. */
    static const char *const unknown[] = {"", "requeststates/208108a9", "responses/208108a9"};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        saying->transfer.operator_reference = unknown[i];
        saying_write(saying, OPERATOR_TASK_REVERSE);
        assert_string_equal(saying->request.method, "GET");
        assert_string_equal(buffer_text(&saying->request.url), ROOT "/heartbeat");
        assert_int_equal(
            saying_read(saying, OPERATOR_TASK_REVERSE, 202, "{\"status\":\"completed\"}")->verdict,
            VERDICT_NOT_SENT);
    }
    saying_close(saying);
}

static void the_documents_answers_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        enum operator_task task;
        const char *told; /* What is asked about. */
        int status;
        enum verdict verdict;
        const char *reference;
    } rows[] = {
        {"state_pending.json", OPERATOR_TASK_SUBMIT, "", 202, VERDICT_PENDING,
         "requeststates/208108a9-18f7-4b11-8c50-cbb13e25c39d"},
        {"state_completed.json", OPERATOR_TASK_SUBMIT, "", 202, VERDICT_PAID, "REF-1635488317033"},
        {"state_full.json", OPERATOR_TASK_SUBMIT, "", 202, VERDICT_PENDING,
         "requeststates/878be43d-9fde-467b-a26b-889c80bf8830"},
        {"state_completed.json", OPERATOR_TASK_SUBMIT, "", 200, VERDICT_UNKNOWN, ""},
        {"state_completed.json", OPERATOR_TASK_SUBMIT, "", 500, VERDICT_UNKNOWN, ""},
        {"transaction_pending.json", OPERATOR_TASK_SUBMIT, "", 201, VERDICT_PENDING,
         "transactions/REF-1635490512846"},
        {"state_completed.json", OPERATOR_TASK_ASK, "requeststates/8626661d", 200, VERDICT_PAID,
         "REF-1635488317033"},
        {"state_pending.json", OPERATOR_TASK_ASK, "requeststates/208108a9", 200, VERDICT_PENDING,
         "requeststates/208108a9-18f7-4b11-8c50-cbb13e25c39d"},
        {"state_completed.json", OPERATOR_TASK_ASK, "", 200, VERDICT_UNKNOWN, ""},
        {"transaction_pending.json", OPERATOR_TASK_ASK, "transactions/REF-1635490512846", 200,
         VERDICT_PENDING, "transactions/REF-1635490512846"},
        {"response_link.json", OPERATOR_TASK_ASK, "", 200, VERDICT_PENDING,
         "transactions/REF-1635433380991"},
        {"response_link_elsewhere.json", OPERATOR_TASK_ASK, "", 200, VERDICT_UNKNOWN, ""},
        {"response_link.json", OPERATOR_TASK_ASK, "", 202, VERDICT_UNKNOWN, ""},
        {"error.json", OPERATOR_TASK_SUBMIT, "", 400, VERDICT_REJECTED, ""},
        {"error.json", OPERATOR_TASK_SUBMIT, "", 500, VERDICT_UNKNOWN, ""},
        {"error.json", OPERATOR_TASK_ASK, "", 400, VERDICT_UNKNOWN, ""},
    };
    struct saying *saying = opened();
    saying->transfer.amount = (struct amount){200, CURRENCY_XOF};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *body = saying_file(folder, rows[i].file);
        /* The simulator pays in Rwanda, which is no country of ours. */
        char *money = strstr(body, "\"RWF\"");
        if (money != NULL)
            memcpy(money, "\"XOF\"", 5);
        saying->transfer.operator_reference = rows[i].told;
        struct verdict_answer *answer = saying_read(saying, rows[i].task, rows[i].status, body);
        if (answer->verdict != rows[i].verdict)
            fail_msg("%zu %s: %d", i, rows[i].file, answer->verdict);
        assert_string_equal(answer->operator_reference, rows[i].reference);
        free(body);
    }
    saying_close(saying);
}

/* It says that it took the request, and nothing that it could be asked by: what it took must not be
 * believed later never to have been seen. */
static void what_was_taken_without_a_name_was_taken(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *body;
        enum verdict verdict;
    } rows[] = {
        {202, "{\"status\":\"pending\"}", VERDICT_PENDING},
        {202,
         "{\"status\":\"pending\",\"serverCorrelationId\":"
         "\"0123456789012345678901234567890123456789012345678901234567890123\"}",
         VERDICT_PENDING},
        {202, "{\"status\":\"queued\"}", VERDICT_UNKNOWN},
        {202, "", VERDICT_UNKNOWN},
        {201, "{\"transactionStatus\":\"pending\",\"amount\":\"500\",\"currency\":\"XOF\"}",
         VERDICT_PENDING},
        {201, "{\"transactionStatus\":\"pending\",\"amount\":\"7\",\"currency\":\"XOF\"}",
         VERDICT_UNKNOWN},
        {201, "", VERDICT_UNKNOWN},
    };
    static const char missing[] =
        "{\"errorCategory\":\"Identification\",\"errorCode\":\"IdentifierError\"}";
    struct saying *saying = opened();
    char uuid[OPERATOR_UUID_BYTES], path[64];
    uuid_of(saying, "", uuid);
    (void)snprintf(path, sizeof path, "responses/%s", uuid);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        saying->transfer.operator_reference = "";
        struct verdict_answer *answer =
            saying_read(saying, OPERATOR_TASK_SUBMIT, rows[i].status, rows[i].body);
        if (answer->verdict != rows[i].verdict)
            fail_msg("%zu: %d", i, answer->verdict);
        assert_string_equal(answer->operator_reference, path);
        saying->transfer.operator_reference = path;
        assert_int_equal(saying_read(saying, OPERATOR_TASK_ASK, 404, missing)->verdict,
                         VERDICT_UNKNOWN);
    }
    saying_close(saying);
}

static void every_error_has_a_meaning(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *category, *code;
        enum verdict verdict;
        enum transfer_reason reason, failed; /* failed: of a request that was taken first. */
    } rows[] = {
#define LIMIT   VERDICT_REJECTED, TRANSFER_REASON_RECEIVER_LIMIT, TRANSFER_REASON_RECEIVER_LIMIT
#define REFUSED VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_REFUSED, TRANSFER_REASON_OPERATOR_REFUSED
#define MEND    VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN, TRANSFER_REASON_OPERATOR_REFUSED
#define TURNED  VERDICT_NOT_SENT, TRANSFER_REASON_NONE, TRANSFER_REASON_OPERATOR_REFUSED
#define SILENT  VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN, TRANSFER_REASON_OPERATOR_REFUSED
        {400, "BusinessRule", "GenericError", REFUSED},
        {400, "BusinessRule", "DailyVolumeLimitExceeded", LIMIT},
        {400, "BusinessRule", "DailyValueLimitExceeded", LIMIT},
        {400, "BusinessRule", "WeeklyVolumeLimitExceeded", LIMIT},
        {400, "BusinessRule", "WeeklyValueLimitExceeded", LIMIT},
        {400, "BusinessRule", "MonthlyVolumeLimitExceeded", LIMIT},
        {400, "BusinessRule", "MonthlyValueLimitExceeded", LIMIT},
        {400, "BusinessRule", "AccountMaxTotalValueExceeded", LIMIT},
        {400, "BusinessRule", "AccountMaxTotalVolumeExceeded", LIMIT},
        {400, "BusinessRule", "LessThanTransactionMinValue", REFUSED},
        {400, "BusinessRule", "GreaterThanTransactionMaxValue", REFUSED},
        {400, "BusinessRule", "MaxBalanceExceeded", LIMIT},
        {400, "BusinessRule", "SamePartiesError", REFUSED},
        {400, "BusinessRule", "InsufficientFunds", VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_FLOAT,
         TRANSFER_REASON_OPERATOR_FLOAT},
        {400, "BusinessRule", "IncorrectState", VERDICT_REJECTED, TRANSFER_REASON_RECEIVER_BLOCKED,
         TRANSFER_REASON_RECEIVER_BLOCKED},
        {400, "BusinessRule", "UnderPaymentNotAllowed", REFUSED},
        {400, "BusinessRule", "OverPaymentNotAllowed", REFUSED},
        {400, "BusinessRule", "RateLimitError", TURNED},
        {404, "Identification", "IdentifierError", VERDICT_REJECTED,
         TRANSFER_REASON_RECEIVER_UNKNOWN, TRANSFER_REASON_RECEIVER_UNKNOWN},
        {400, "Validation", "GenericError", REFUSED},
        {400, "Validation", "LengthError", REFUSED},
        {400, "Validation", "FormatError", REFUSED},
        {400, "Validation", "NegativeValue", REFUSED},
        {400, "Validation", "CurrencyNotSupported", MEND},
        {400, "Validation", "MandatoryValueNotSupplied", MEND},
        {401, "Authorisation", "ClientAuthorisationError", TURNED},
        {401, "Authorisation", "RequestingPartyAuthorisationError", TURNED},
        {401, "Authorisation", "RequestDeclined", REFUSED},
        {500, "Internal", "GenericError", SILENT},
        {503, "ServiceUnavailable", "GenericError", SILENT},
        /* A category under a status that is not its own says nothing. */
        {500, "BusinessRule", "InsufficientFunds", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN,
         TRANSFER_REASON_OPERATOR_FLOAT},
        {404, "BusinessRule", "MaxBalanceExceeded", VERDICT_UNKNOWN,
         TRANSFER_REASON_OUTCOME_UNKNOWN, TRANSFER_REASON_RECEIVER_LIMIT},
        {400, "Identification", "IdentifierError", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN,
         TRANSFER_REASON_RECEIVER_UNKNOWN},
        {400, "BusinessRule", "WordOfTomorrow", SILENT},
        {400, "", "", SILENT},
    };
    struct saying *saying = opened();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char error[256], failed[512];
        (void)snprintf(error, sizeof error, "{\"errorCategory\":\"%s\",\"errorCode\":\"%s\"}",
                       rows[i].category, rows[i].code);
        struct verdict_answer *answer =
            saying_read(saying, OPERATOR_TASK_SUBMIT, rows[i].status, error);
        if (answer->verdict != rows[i].verdict || answer->reason != rows[i].reason)
            fail_msg("%d %s: %d %d", rows[i].status, error, answer->verdict, answer->reason);
        assert_int_equal(saying->result.token_refused,
                         rows[i].status == 401 && rows[i].verdict == VERDICT_NOT_SENT);
        assert_int_equal(saying->result.throttled_ms > 0,
                         strcmp(rows[i].code, "RateLimitError") == 0);
        assert_int_equal(saying->result.down, rows[i].status == 503);
        (void)snprintf(failed, sizeof failed, "{\"status\":\"failed\",\"errorReference\":%s}",
                       error);
        saying->transfer.operator_reference = "requeststates/208108a9";
        answer = saying_read(saying, OPERATOR_TASK_ASK, 200, failed);
        if (answer->verdict != VERDICT_REJECTED || answer->reason != rows[i].failed)
            fail_msg("%s: %d %d", failed, answer->verdict, answer->reason);
        saying->transfer.operator_reference = "";
    }
    saying_close(saying);
}

/* Sent twice, the second one is refused: the first may have been paid. */
static void a_duplicate_is_no_refusal(void **state)
{
    (void)state;
    struct saying *saying = opened();
    char uuid[OPERATOR_UUID_BYTES], path[64];
    uuid_of(saying, "", uuid);
    (void)snprintf(path, sizeof path, "responses/%s", uuid);
    static const char error[] =
        "{\"errorCategory\":\"BusinessRule\",\"errorCode\":\"DuplicateRequest\"}";
    assert_int_equal(saying_read(saying, OPERATOR_TASK_SUBMIT, 400, error)->verdict,
                     VERDICT_UNKNOWN);
    char failed[256];
    (void)snprintf(failed, sizeof failed, "{\"status\":\"failed\",\"errorReference\":%s}", error);
    struct verdict_answer *answer = saying_read(saying, OPERATOR_TASK_SUBMIT, 202, failed);
    assert_int_equal(answer->verdict, VERDICT_UNKNOWN);
    assert_string_equal(answer->operator_reference, path);
    saying->transfer.operator_reference = "requeststates/208108a9";
    answer = saying_read(saying, OPERATOR_TASK_ASK, 200, failed);
    assert_int_equal(answer->verdict, VERDICT_UNKNOWN);
    assert_string_equal(answer->operator_reference, path);
    saying_close(saying);
}

static void never_seen_is_said_only_of_what_no_answer_ever_knew(void **state)
{
    (void)state;
    static const char missing[] =
        "{\"errorCategory\":\"Identification\",\"errorCode\":\"IdentifierError\"}";
    static const struct {
        const char *told;
        int status;
        const char *body;
        int64_t age_ms;
        enum verdict verdict;
    } rows[] = {
        {"", 404, missing, 3000, VERDICT_NEVER_SEEN},
        {"", 404, missing, 24 * 3600 * 1000 - 1, VERDICT_NEVER_SEEN},
        {"", 404, missing, 24 * 3600 * 1000, VERDICT_UNKNOWN},
        {"", 404, "", 3000, VERDICT_UNKNOWN},
        {"", 404, "{\"message\":\"no such route\"}", 3000, VERDICT_UNKNOWN},
        {"", 400, missing, 3000, VERDICT_UNKNOWN},
        {"", 200, missing, 3000, VERDICT_UNKNOWN},
        {"requeststates/208108a9", 404, missing, 3000, VERDICT_UNKNOWN},
        {"transactions/REF-1", 404, missing, 3000, VERDICT_UNKNOWN},
        {"responses/208108a9", 404, missing, 3000, VERDICT_UNKNOWN},
    };
    struct saying *saying = opened();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        saying->transfer.operator_reference = rows[i].told;
        saying->transfer.submitted_at_ms = saying->call.now_ms - rows[i].age_ms;
        struct verdict_answer *answer =
            saying_read(saying, OPERATOR_TASK_ASK, rows[i].status, rows[i].body);
        if (answer->verdict != rows[i].verdict)
            fail_msg("%zu: %d", i, answer->verdict);
        /* Its state is gone: what came of it is asked by our own id from now on. */
        if (strncmp(rows[i].told, "requeststates/", 14) == 0)
            assert_int_equal(strncmp(answer->operator_reference, "responses/", 10), 0);
        else
            assert_string_equal(answer->operator_reference, "");
    }
    saying_close(saying);
}

static void only_this_transaction_ends_the_transfer(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        enum verdict verdict;
    } rows[] = {
#define SAID(reference, status, amount, currency, more)                                            \
    "{\"transactionReference\":" reference ",\"transactionStatus\":" status ",\"amount\":" amount  \
    ",\"currency\":" currency more "}"
#define OURS ",\"requestingOrganisationTransactionReference\":\"" SAYING_REFERENCE "\""
        {SAID("\"R1\"", "\"completed\"", "\"500\"", "\"XOF\"", OURS), VERDICT_PAID},
        {SAID("\"R1\"", "\"completed\"", "\"500.00\"", "\"XOF\"", ""), VERDICT_PAID},
        {SAID("17", "\"completed\"", "500", "\"XOF\"", OURS), VERDICT_PAID},
        {SAID("\"R1\"", "\"pending\"", "\"500\"", "\"XOF\"", OURS), VERDICT_PENDING},
        {SAID("\"R1\"", "\"failed\"", "\"500\"", "\"XOF\"", OURS), VERDICT_UNKNOWN},
        {SAID("\"R1\"", "\"Completed\"", "\"500\"", "\"XOF\"", OURS), VERDICT_UNKNOWN},
        {SAID("\"R1\"", "\"reversed\"", "\"500\"", "\"XOF\"", OURS), VERDICT_UNKNOWN},
        {SAID("\"R1\"", "true", "\"500\"", "\"XOF\"", OURS), VERDICT_UNKNOWN},
        {SAID("\"R1\"", "\"completed\"", "\"500.50\"", "\"XOF\"", OURS), VERDICT_UNKNOWN},
        {SAID("\"R1\"", "\"completed\"", "\"5000\"", "\"XOF\"", OURS), VERDICT_UNKNOWN},
        {SAID("\"R1\"", "\"completed\"", "\"500\"", "\"XAF\"", OURS), VERDICT_UNKNOWN},
        {SAID("\"R1\"", "\"completed\"", "\"500\"", "\"XOF\"",
              ",\"requestingOrganisationTransactionReference\":\"EA181025.112233.X123457\""),
         VERDICT_UNKNOWN},
        {"{\"transactionStatus\":\"completed\"}", VERDICT_UNKNOWN},
    };
    struct saying *saying = opened();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        saying->transfer.operator_reference = "";
        struct verdict_answer *answer =
            saying_read(saying, OPERATOR_TASK_SUBMIT, 201, rows[i].body);
        if (answer->verdict != rows[i].verdict)
            fail_msg("%s: %d", rows[i].body, answer->verdict);
        saying->transfer.operator_reference = "transactions/R1";
        answer = saying_read(saying, OPERATOR_TASK_ASK, 200, rows[i].body);
        if (answer->verdict != rows[i].verdict)
            fail_msg("asked, %s: %d", rows[i].body, answer->verdict);
    }
    saying_close(saying);
}

static void links_lead_nowhere_but_to_the_operator(void **state)
{
    (void)state;
    static const struct {
        const char *link, *reference;
    } rows[] = {
        {"/transactions/REF-1", "transactions/REF-1"},
        {"transactions/REF-1", "transactions/REF-1"},
        {"https://elsewhere.example/mm/transactions/REF-1", "transactions/REF-1"},
        {ROOT "/requeststates/208108a9", "requeststates/208108a9"},
        {"/mytransactions/REF-1", ""},
        {"/transactions/REF-1/", ""},
        {"/transactions/", ""},
        {"/transactions", ""},
        {"/transactions/a b", ""},
        {"/transactions/a?b=c", ""},
        {"/transactions/a%2Fb", ""},
        {"/accounts/msisdn", ""},
        {"", ""},
        {"/", ""},
        /* A reference that can't be kept is not followed: it would be asked for again at once. */
        {"/transactions/0123456789012345678901234567890123456789012345678901234567890123", ""},
    };
    struct saying *saying = opened();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char body[512];
        (void)snprintf(body, sizeof body, "{\"link\":\"%s\"}", rows[i].link);
        struct verdict_answer *answer = saying_read(saying, OPERATOR_TASK_ASK, 200, body);
        assert_string_equal(answer->operator_reference, rows[i].reference);
        assert_int_equal(answer->verdict,
                         rows[i].reference[0] != '\0' ? VERDICT_PENDING : VERDICT_UNKNOWN);
        assert_int_equal(answer->ask_after_ms, rows[i].reference[0] != '\0');
    }
    saying_close(saying);
}

static void a_reversal_is_answered(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *body;
        enum verdict verdict;
    } rows[] = {
        {201,
         "{\"type\":\"reversal\",\"originalTransactionReference\":\"REF-1\","
         "\"transactionReference\":\"REF-2\",\"transactionStatus\":\"completed\"}",
         VERDICT_PAID},
        {201,
         "{\"type\":\"reversal\",\"originalTransactionReference\":\"REF-9\","
         "\"transactionReference\":\"REF-2\",\"transactionStatus\":\"completed\"}",
         VERDICT_UNKNOWN},
        {201,
         "{\"originalTransactionReference\":\"REF-1\",\"amount\":\"499\","
         "\"transactionReference\":\"REF-2\",\"transactionStatus\":\"completed\"}",
         VERDICT_UNKNOWN},
        {201, "{\"transactionReference\":\"REF-2\",\"transactionStatus\":\"completed\"}",
         VERDICT_UNKNOWN},
        {202, "{\"serverCorrelationId\":\"66b3e91a\",\"status\":\"pending\"}", VERDICT_PENDING},
        {202, "{\"serverCorrelationId\":\"66b3e91a\",\"status\":\"completed\"}", VERDICT_PAID},
        {202,
         "{\"status\":\"failed\",\"errorReference\":{\"errorCategory\":\"BusinessRule\","
         "\"errorCode\":\"InsufficientFunds\"}}",
         VERDICT_REJECTED},
        {400, "{\"errorCategory\":\"BusinessRule\",\"errorCode\":\"InsufficientFunds\"}",
         VERDICT_REJECTED},
        {400, "{\"errorCategory\":\"BusinessRule\",\"errorCode\":\"DuplicateRequest\"}",
         VERDICT_UNKNOWN},
        {404, "{\"errorCategory\":\"Identification\",\"errorCode\":\"IdentifierError\"}",
         VERDICT_REJECTED},
        {401, "", VERDICT_NOT_SENT},
        {500, "", VERDICT_UNKNOWN},
        {204, "", VERDICT_UNKNOWN},
    };
    struct saying *saying = opened();
    saying->transfer.operator_reference = "REF-1";
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct verdict_answer *answer =
            saying_read(saying, OPERATOR_TASK_REVERSE, rows[i].status, rows[i].body);
        if (answer->verdict != rows[i].verdict)
            fail_msg("%d %s: %d", rows[i].status, rows[i].body, answer->verdict);
        /* Whose funds lack is not our float's matter here. */
        if (answer->verdict == VERDICT_REJECTED)
            assert_int_equal(answer->reason, TRANSFER_REASON_OPERATOR_REFUSED);
    }
    struct verdict_answer *answer =
        saying_read(saying, OPERATOR_TASK_ASK_REVERSAL, 200, "{\"link\":\"/transactions/REF-2\"}");
    assert_int_equal(answer->verdict, VERDICT_PENDING);
    assert_string_equal(answer->operator_reference, "transactions/REF-2");
    saying->attempt.reversal_reference = "transactions/REF-2";
    answer = saying_read(saying, OPERATOR_TASK_ASK_REVERSAL, 200, rows[0].body);
    assert_int_equal(answer->verdict, VERDICT_PAID);
    assert_string_equal(answer->operator_reference, "REF-2");
    saying_close(saying);
}

static void accounts_are_read(void **state)
{
    (void)state;
    struct saying *saying = opened();
    char *status = saying_file(folder, "status.json"),
         *name = saying_file(folder, "accountname.json");
    char *balance = saying_file(folder, "balance.json");
    char *empty = saying_file(folder, "balance_simulator.json");
    (void)saying_read(saying, OPERATOR_TASK_VALIDATE, 200, status);
    assert_int_equal(saying->result.receiver, OPERATOR_RECEIVER_FOUND);
    (void)saying_read(saying, OPERATOR_TASK_VALIDATE, 200, "{\"accountStatus\":\"unregistered\"}");
    assert_int_equal(saying->result.receiver, OPERATOR_RECEIVER_NONE);
    (void)saying_read(saying, OPERATOR_TASK_VALIDATE, 200, "{\"accountStatus\":\"unavailable\"}");
    assert_int_equal(saying->result.receiver, OPERATOR_RECEIVER_UNCLEAR);
    (void)saying_read(saying, OPERATOR_TASK_VALIDATE, 404, "");
    assert_int_equal(saying->result.receiver, OPERATOR_RECEIVER_UNCLEAR);
    (void)saying_read(saying, OPERATOR_TASK_VALIDATE, 404,
                      "{\"errorCategory\":\"Identification\",\"errorCode\":\"IdentifierError\"}");
    assert_int_equal(saying->result.receiver, OPERATOR_RECEIVER_NONE);
    saying->channel.name_least = 60;
    (void)saying_read(saying, OPERATOR_TASK_VALIDATE, 200, name);
    assert_int_equal(saying->result.receiver, OPERATOR_RECEIVER_FOUND);
    assert_string_equal(saying->result.receiver_name, "John Alan Doe");
    (void)saying_read(saying, OPERATOR_TASK_VALIDATE, 200,
                      "{\"name\":{\"firstName\":\"Awa\",\"lastName\":\"Koné\"}}");
    assert_string_equal(saying->result.receiver_name, "Awa Koné");
    (void)saying_read(saying, OPERATOR_TASK_VALIDATE, 200, "{\"name\":{}}");
    assert_int_equal(saying->result.receiver, OPERATOR_RECEIVER_UNCLEAR);

    (void)saying_read(saying, OPERATOR_TASK_FLOAT, 200, balance); /* Pounds. */
    assert_false(saying->result.float_known);
    (void)saying_read(saying, OPERATOR_TASK_FLOAT, 200, empty);
    assert_true(saying->result.float_known);
    assert_int_equal(saying->result.float_left.minor, 0);
    (void)saying_read(saying, OPERATOR_TASK_FLOAT, 200,
                      "{\"currentBalance\":\"123.45\",\"currency\":\"XOF\"}");
    assert_true(saying->result.float_known);
    assert_int_equal(saying->result.float_left.minor, 123);
    (void)saying_read(saying, OPERATOR_TASK_FLOAT, 404, empty);
    assert_false(saying->result.float_known);
    free(status);
    free(name);
    free(balance);
    free(empty);
    saying_close(saying);
}

static void a_token_is_taken_and_basic_has_none(void **state)
{
    (void)state;
    struct saying *saying = opened();
    char *token = saying_file(folder, "token.json");
    (void)saying_read(saying, OPERATOR_TASK_TOKEN, 200, token);
    assert_string_equal(saying->result.token, "RsT5OjbzRn430zqMLgV3Ia");
    assert_int_equal(saying->result.token_lifetime_ms, 3599000);
    free(token);
    saying_close(saying);
    saying = saying_open(gsma_basic_connector(), &simulator);
    saying->channel.environment[0] = '\0';
    assert_null(gsma_basic_connector()->channel_check(&saying->channel));
    saying_write(saying, OPERATOR_TASK_ASK);
    assert_string_equal(saying_header(saying, "Authorization"),
                        "Basic Y29uc3VtZXI6czNjcmV0OndpdGggY29sb24=");
    assert_int_equal(gsma_basic_connector()->abilities & OPERATOR_TOKENS, 0);
    assert_int_equal(saying_read(saying, OPERATOR_TASK_SUBMIT, 401, "")->verdict, VERDICT_NOT_SENT);
    assert_false(saying->result.token_refused);
    saying_close(saying);
}

static void a_callback_is_about_what_its_url_says(void **state)
{
    (void)state;
    static const struct {
        const char *rest;
        enum operator_callback_word word;
        const char *reference;
    } rows[] = {
        {"0123456789abcdef/" SAYING_REFERENCE, OPERATOR_CALLBACK_ABOUT, SAYING_REFERENCE},
        {"0123456789abcdef", OPERATOR_CALLBACK_UNCLEAR, ""},
        {"0123456789abcdef/", OPERATOR_CALLBACK_UNCLEAR, ""},
        {"0123456789abcdef/" SAYING_REFERENCE "x", OPERATOR_CALLBACK_UNCLEAR, ""},
        {"0123456789abcdeF/" SAYING_REFERENCE, OPERATOR_CALLBACK_FORGED, ""},
        {"/" SAYING_REFERENCE, OPERATOR_CALLBACK_FORGED, ""},
        {SAYING_REFERENCE, OPERATOR_CALLBACK_FORGED, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char reference[TRANSFER_ID_TEXT_BYTES] = "";
        struct operator_callback callback = {.channel = &simulator,
                                             .method = "PUT",
                                             .rest = rows[i].rest,
                                             .body = "{\"result\":\"success\"}",
                                             .length = 20};
        assert_int_equal(gsma_connector()->callback_read(&callback, reference), rows[i].word);
        assert_string_equal(reference, rows[i].reference);
    }
}

static void settings_are_checked(void **state)
{
    (void)state;
    static const struct {
        size_t at;
        const char *text;
        bool right;
    } rows[] = {
        {offsetof(struct channel, account), "", true},
        {offsetof(struct channel, account), "msisdn:+2250707895086", true},
        {offsetof(struct channel, account), "2999", false},
        {offsetof(struct channel, account), "accountid:", false},
        {offsetof(struct channel, account), ":2999", false},
        {offsetof(struct channel, account), "Account:2999", false},
        {offsetof(struct channel, account), "walletid:1 2", false},
        {offsetof(struct channel, secret), "name:word", true},
        {offsetof(struct channel, secret), "name", false},
        {offsetof(struct channel, secret), "name:", false},
        {offsetof(struct channel, secret), ":word", false},
        {offsetof(struct channel, secret_second), "", true},
        {offsetof(struct channel, secret_second), "a b", false},
        {offsetof(struct channel, environment), "", false},
        {offsetof(struct channel, environment), "/oauth", true},
        {offsetof(struct channel, environment), "http://sandbox.mobilemoneyapi.io", false},
        {offsetof(struct channel, callback_secret), "short", false},
    };
    struct channel *channel = calloc(1, sizeof *channel);
    assert_non_null(channel);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        *channel = simulator;
        assert_null(gsma_connector()->channel_check(channel));
        memcpy((char *)channel + rows[i].at, rows[i].text, strlen(rows[i].text) + 1);
        if ((gsma_connector()->channel_check(channel) == NULL) != rows[i].right)
            fail_msg("%zu %s", i, rows[i].text);
    }
    assert_non_null(gsma_basic_connector()->channel_check(&simulator));
    free(channel);
}

static void bytes_that_say_nothing_end_nothing(void **state)
{
    (void)state;
    static const char *const told[] = {"", "requeststates/208108a9", "transactions/REF-1",
                                       "responses/208108a9", "REF-1"};
    struct saying *saying = opened();
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        saying->transfer.operator_reference = told[i];
        saying_nothing_ends_anything(saying);
    }
    saying_close(saying);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_disbursement_is_asked_for_as_the_portal_prints_it),
        cmocka_unit_test(each_call_is_written),
        cmocka_unit_test(a_reversal_names_what_was_paid),
        cmocka_unit_test(the_documents_answers_are_read),
        cmocka_unit_test(what_was_taken_without_a_name_was_taken),
        cmocka_unit_test(every_error_has_a_meaning),
        cmocka_unit_test(a_duplicate_is_no_refusal),
        cmocka_unit_test(never_seen_is_said_only_of_what_no_answer_ever_knew),
        cmocka_unit_test(only_this_transaction_ends_the_transfer),
        cmocka_unit_test(links_lead_nowhere_but_to_the_operator),
        cmocka_unit_test(a_reversal_is_answered),
        cmocka_unit_test(accounts_are_read),
        cmocka_unit_test(a_token_is_taken_and_basic_has_none),
        cmocka_unit_test(a_callback_is_about_what_its_url_says),
        cmocka_unit_test(settings_are_checked),
        cmocka_unit_test(bytes_that_say_nothing_end_nothing),
    };
    if (argc != 2)
        return 2;
    folder = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}

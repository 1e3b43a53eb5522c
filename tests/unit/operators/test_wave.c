/* Wave: what is written, byte by byte, and what is made of what Wave's documents print and of what
 * they don't. */
#include "saying.h"

#include "operators/wave.h"

static const char *folder; /* tests/data/operators/wave */

/* The documents' own payout: 5,000 XOF to Fatou Ndiaye in Senegal. */
static struct saying *wave_open(void)
{
    struct channel channel = {.number = 7,
                              .name = "wave-sn",
                              .url = "https://api.wave.com",
                              .secret = "wave_sn_prod_YhUNb9d",
                              .callback_url = "https://pay.example/callback/wave-sn",
                              .callback_secret = "wave_ci_WHS_secret",
                              .currency = CURRENCY_XOF};
    struct saying *saying = saying_open(wave_connector(), &channel);
    saying->transfer.msisdn = INT64_C(221761110000);
    saying->transfer.amount.minor = 5000;
    saying->transfer.submitted_at_ms = saying->call.now_ms - 60000;
    (void)snprintf(saying->attempt.reference, sizeof saying->attempt.reference, "SAL-2024-001");
    saying->attempt.receiver_name = "Fatou Ndiaye";
    return saying;
}

static void assert_request(const struct saying *saying, const char *method, const char *url,
                           const char *file)
{
    char *body = file != NULL ? saying_compact(folder, file) : calloc(1, 1);
    assert_string_equal(saying->request.method, method);
    assert_string_equal(buffer_text(&saying->request.url), url);
    assert_string_equal(buffer_text(&saying->request.body), body);
    free(body);
}

/* --- What is written --- */

static void a_payout_is_written_as_the_documents_print_it(void **state)
{
    (void)state;
    struct saying *saying = wave_open();
    saying_write(saying, OPERATOR_TASK_SUBMIT);
    assert_request(saying, "POST", "https://api.wave.com/v1/payout", "payout.request.json");
    assert_int_equal(saying->request.header_count, 3);
    assert_string_equal(saying_header(saying, "Authorization"), "Bearer wave_sn_prod_YhUNb9d");
    assert_string_equal(saying_header(saying, "Content-Type"), "application/json");
    assert_string_equal(saying_header(saying, "Idempotency-Key"),
                        "66ea337b-272d-49bf-9c15-f0218970f78e");
    /* Another attempt, later: the same key and the same body, or Wave would refuse it. */
    saying->attempt.number = 9;
    saying->attempt.now_ms += 3600000;
    saying->call.now_ms += 3600000;
    saying_write(saying, OPERATOR_TASK_SUBMIT);
    assert_request(saying, "POST", "https://api.wave.com/v1/payout", "payout.request.json");
    assert_string_equal(saying_header(saying, "Idempotency-Key"),
                        "66ea337b-272d-49bf-9c15-f0218970f78e");
    saying_close(saying);
}

static void what_is_paid_out_is_what_is_delivered(void **state)
{
    (void)state;
    struct saying *saying = wave_open();
    saying->transfer.amount.minor = 5125;
    saying->transfer.fee_minor = 125;
    saying->transfer.payer = FEE_PAYER_RECEIVER;
    saying_write(saying, OPERATOR_TASK_SUBMIT);
    assert_request(saying, "POST", "https://api.wave.com/v1/payout", "payout.request.json");
    saying_close(saying);
}

static void a_name_that_is_no_text_is_left_out(void **state)
{
    (void)state;
    struct saying *saying = wave_open();
    saying->attempt.receiver_name = "Fatou Ndiay\xc3";
    saying_write(saying, OPERATOR_TASK_SUBMIT);
    assert_string_equal(buffer_text(&saying->request.body),
                        "{\"currency\":\"XOF\",\"receive_amount\":\"5000\","
                        "\"mobile\":\"+221761110000\",\"client_reference\":\"SAL-2024-001\","
                        "\"payment_reason\":\"SAL-2024-001\"}");
    saying_close(saying);
}

static void a_signing_secret_signs_time_and_body(void **state)
{
    (void)state;
    struct saying *saying = wave_open();
    (void)snprintf(saying->channel.secret_second, CHANNEL_SECRET_BYTES, "wave_ci_AKS_secret");
    saying_write(saying, OPERATOR_TASK_SUBMIT);
    assert_string_equal(saying_header(saying, "Wave-Signature"),
                        "t=1760786553,v1="
                        "ff559d3f43bc66fa422f82fd03c91334d88deeb120efd1cb9322b0433437b604");
    saying_write(saying, OPERATOR_TASK_FLOAT); /* No body: the time alone. */
    assert_string_equal(saying_header(saying, "Wave-Signature"),
                        "t=1760786553,v1="
                        "c3c6aae66579505e29db424c269901352c2eda84e7418182344676b3d77df3fe");
    saying_close(saying);
}

static void questions_go_by_the_best_that_is_known(void **state)
{
    (void)state;
    struct saying *saying = wave_open();
    saying_write(saying, OPERATOR_TASK_ASK);
    assert_request(saying, "GET",
                   "https://api.wave.com/v1/payouts/search?client_reference=SAL-2024-001", NULL);
    assert_null(saying_header(saying, "Content-Type"));
    assert_null(saying_header(saying, "Idempotency-Key"));
    saying->transfer.operator_reference = "pt-185b5e4b8100c";
    saying_write(saying, OPERATOR_TASK_ASK);
    assert_request(saying, "GET", "https://api.wave.com/v1/payout/pt-185b5e4b8100c", NULL);
    saying_write(saying, OPERATOR_TASK_ASK_REVERSAL);
    assert_request(saying, "GET", "https://api.wave.com/v1/payout/pt-185b5e4b8100c", NULL);
    saying->transfer.operator_reference = "pb-185skxq8g1006";
    saying_write(saying, OPERATOR_TASK_ASK);
    assert_request(saying, "GET", "https://api.wave.com/v1/payout-batch/pb-185skxq8g1006", NULL);
    /* An id from an operator goes nowhere but where an id goes. */
    saying->transfer.operator_reference = "pt-../balance?x=\xc3\xa9#";
    saying_write(saying, OPERATOR_TASK_ASK);
    assert_request(saying, "GET", "https://api.wave.com/v1/payout/pt-..%2Fbalance%3Fx%3D%C3%A9%23",
                   NULL);
    saying->transfer.operator_reference = "something-else";
    saying_write(saying, OPERATOR_TASK_ASK);
    assert_request(saying, "GET",
                   "https://api.wave.com/v1/payouts/search?client_reference=SAL-2024-001", NULL);
    saying_close(saying);
}

static void the_other_calls_are_as_the_documents_print_them(void **state)
{
    (void)state;
    struct saying *saying = wave_open();
    saying_write(saying, OPERATOR_TASK_VALIDATE);
    assert_request(saying, "POST", "https://api.wave.com/v1/verify_recipient/",
                   "verify.request.json");
    assert_null(saying_header(saying, "Idempotency-Key"));
    saying_write(saying, OPERATOR_TASK_FLOAT);
    assert_request(saying, "GET", "https://api.wave.com/v1/balance", NULL);
    saying->transfer.operator_reference = "pt-185b5e4b8100c";
    saying_write(saying, OPERATOR_TASK_REVERSE);
    assert_request(saying, "POST", "https://api.wave.com/v1/payout/pt-185b5e4b8100c/reverse", NULL);
    assert_string_equal(saying_header(saying, "Idempotency-Key"),
                        "7f273840-2f1a-4bd2-8d56-99146e1befaa");
    /* Without Wave's id there is nothing to reverse: it is looked for. */
    saying->transfer.operator_reference = "";
    saying_write(saying, OPERATOR_TASK_REVERSE);
    assert_request(saying, "GET",
                   "https://api.wave.com/v1/payouts/search?client_reference=SAL-2024-001", NULL);
    saying_close(saying);
}

/* --- What is answered --- */

/* Writes a reply of the payout with status and payout_error code ("": none). */
static const char *payout_make(const char *status, const char *code)
{
    static char text[512];
    (void)snprintf(text, sizeof text,
                   "{\"id\":\"pt-185b5e4b8100c\",\"currency\":\"XOF\",\"receive_amount\":\"5000\","
                   "\"mobile\":\"+221761110000\",\"status\":\"%s\","
                   "\"client_reference\":\"SAL-2024-001\",\"payout_error\":%s%s%s}",
                   status, code[0] != '\0' ? "{\"error_code\":\"" : "null", code,
                   code[0] != '\0' ? "\",\"error_message\":\"why\"}" : "");
    return text;
}

static void the_documents_payout_is_paid(void **state)
{
    (void)state;
    struct saying *saying = wave_open();
    char *body = saying_file(folder, "payout.json");
    const struct verdict_answer *answer = saying_read(saying, OPERATOR_TASK_SUBMIT, 200, body);
    assert_int_equal(answer->verdict, VERDICT_PAID);
    assert_string_equal(answer->operator_reference, "pt-185b5e4b8100c");
    saying->transfer.operator_reference = "pt-185b5e4b8100c";
    assert_int_equal(saying_read(saying, OPERATOR_TASK_ASK, 200, body)->verdict, VERDICT_PAID);
    free(body);
    saying_close(saying);
}

static void a_payouts_state_is_its_verdict(void **state)
{
    static const struct {
        const char *status, *code;
        enum verdict verdict;
        enum transfer_reason reason;
    } rows[] = {
        {"succeeded", "", VERDICT_PAID, TRANSFER_REASON_NONE},
        {"processing", "", VERDICT_PENDING, TRANSFER_REASON_NONE},
        {"reversed", "", VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_REFUSED},
        {"failed", "", VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_REFUSED},
        {"failed", "insufficient-funds", VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_FLOAT},
        {"failed", "recipient-limit-exceeded", VERDICT_REJECTED, TRANSFER_REASON_RECEIVER_LIMIT},
        {"failed", "recipient-account-blocked", VERDICT_REJECTED, TRANSFER_REASON_RECEIVER_BLOCKED},
        {"failed", "recipient-account-inactive", VERDICT_REJECTED,
         TRANSFER_REASON_RECEIVER_BLOCKED},
        {"failed", "recipient-minor", VERDICT_REJECTED, TRANSFER_REASON_RECEIVER_BLOCKED},
        {"failed", "country-mismatch", VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_REFUSED},
        {"failed", "currency-mismatch", VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_REFUSED},
        {"failed", "idempotency-mismatch", VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_REFUSED},
        {"failed", "a-new-word", VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_REFUSED},
        {"succeeding", "", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN},
        {"SUCCEEDED", "", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN},
        {"", "insufficient-funds", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN},
    };
    (void)state;
    struct saying *saying = wave_open();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct verdict_answer *answer = saying_read(
            saying, OPERATOR_TASK_SUBMIT, 200, payout_make(rows[i].status, rows[i].code));
        assert_int_equal(answer->verdict, rows[i].verdict);
        assert_int_equal(answer->reason, rows[i].reason);
        if (rows[i].code[0] != '\0' && rows[i].verdict == VERDICT_REJECTED)
            assert_non_null(strstr(saying->result.said, rows[i].code));
    }
    saying_close(saying);
}

static void a_refusal_is_what_its_word_says_and_no_more(void **state)
{
    static const struct {
        int status;
        const char *code;
        enum verdict verdict;
        enum transfer_reason reason;
        bool down;
    } rows[] = {
        {422, "insufficient-funds", VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_FLOAT, false},
        {422, "recipient-limit-exceeded", VERDICT_REJECTED, TRANSFER_REASON_RECEIVER_LIMIT, false},
        {422, "recipient-account-blocked", VERDICT_REJECTED, TRANSFER_REASON_RECEIVER_BLOCKED,
         false},
        {422, "recipient-account-inactive", VERDICT_REJECTED, TRANSFER_REASON_RECEIVER_BLOCKED,
         false},
        {422, "recipient-minor", VERDICT_REJECTED, TRANSFER_REASON_RECEIVER_BLOCKED, false},
        {400, "country-mismatch", VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_REFUSED, false},
        {400, "currency-mismatch", VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_REFUSED, false},
        {422, "request-validation-error", VERDICT_REJECTED, TRANSFER_REASON_OPERATOR_REFUSED,
         false},
        {400, "request-not-json", VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN, true},
        {400, "request-parsing-error", VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN, true},
        {400, "aggregated-merchant-required", VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN,
         true},
        {400, "invalid-aggregated-merchant-id", VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN,
         true},
        {409, "idempotency-mismatch", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN, false},
        {401, "api-key-revoked", VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN, true},
        {401, "", VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN, true},
        {403, "disabled-wallet", VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN, true},
        {400, "a-new-word", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN, false},
        {404, "not-found", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN, false},
        {408, "recipient-minor", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN, false},
        {500, "recipient-minor", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN, false},
        {500, "insufficient-funds", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN, false},
        {503, "service-unavailable", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN, true},
        {301, "insufficient-funds", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN, false},
        {200, "insufficient-funds", VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN, false},
    };
    (void)state;
    struct saying *saying = wave_open();
    for (size_t form = 0; form < 2; form++)
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            char body[256];
            (void)snprintf(body, sizeof body,
                           form == 0 ? "{\"code\":\"%s\",\"message\":\"why\"}"
                                     : "{\"error_code\":\"%s\"}",
                           rows[i].code);
            const struct verdict_answer *answer =
                saying_read(saying, OPERATOR_TASK_SUBMIT, rows[i].status, body);
            assert_int_equal(answer->verdict, rows[i].verdict);
            assert_int_equal(answer->reason, rows[i].reason);
            assert_int_equal(saying->result.down, rows[i].down);
            /* A question that is refused says nothing of the transfer. */
            answer = saying_read(saying, OPERATOR_TASK_ASK, rows[i].status, body);
            assert_int_equal(answer->verdict, VERDICT_UNKNOWN);
        }
    saying_close(saying);
}

static void too_many_calls_wait_as_long_as_they_are_told(void **state)
{
    static const char body[] = "{\"code\":\"too-many-requests\",\"message\":\"slow down\"}";
    (void)state;
    struct saying *saying = wave_open();
    assert_int_equal(saying_read(saying, OPERATOR_TASK_SUBMIT, 429, body)->verdict,
                     VERDICT_NOT_SENT);
    assert_int_equal(saying->result.throttled_ms, 5000);
    assert_false(saying->result.down);
    struct operator_reply reply = {
        .status = 429, .body = body, .length = strlen(body), .retry_after_ms = 30000};
    saying->result = (struct operator_result){.answers = &saying->answer};
    saying_task(saying, OPERATOR_TASK_ASK);
    wave_connector()->answer_read(&saying->call, &reply, &saying->result);
    assert_int_equal(saying->answer.verdict, VERDICT_UNKNOWN);
    assert_int_equal(saying->result.throttled_ms, 30000);
    /* Thirty checks of one number in five minutes: the channel has not called too often. */
    (void)saying_read(saying, OPERATOR_TASK_VALIDATE, 429, body);
    assert_int_equal(saying->result.throttled_ms, 0);
    assert_int_equal(saying->result.receiver, OPERATOR_RECEIVER_UNCLEAR);
    saying_close(saying);
}

static void a_payout_that_is_not_ours_is_no_answer(void **state)
{
    static const char *const bodies[] = {
        "{\"id\":\"pt-1\",\"status\":\"succeeded\"}",
        "{\"id\":\"pt-1\",\"status\":\"succeeded\",\"client_reference\":null}",
        "{\"id\":\"pt-1\",\"status\":\"succeeded\",\"client_reference\":\"SAL-2024-002\"}",
        "{\"id\":\"pt-1\",\"status\":\"failed\",\"client_reference\":\"SAL-2024-001 \"}",
        "{\"id\":\"pt-1\",\"status\":\"succeeded\",\"client_reference\":\"SAL-2024-001\","
        "\"receive_amount\":\"5001\"}",
        "{\"id\":\"pt-1\",\"status\":\"succeeded\",\"client_reference\":\"SAL-2024-001\","
        "\"receive_amount\":null}",
        "{\"id\":\"pt-1\",\"status\":\"failed\",\"client_reference\":\"SAL-2024-001\","
        "\"currency\":\"GMD\"}",
        "{\"id\":\"pt-1\",\"status\":\"succeeded\",\"client_reference\":\"SAL-2024-001\","
        "\"mobile\":\"+221761110001\"}",
    };
    (void)state;
    struct saying *saying = wave_open();
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        assert_int_equal(saying_read(saying, OPERATOR_TASK_SUBMIT, 200, bodies[i])->verdict,
                         VERDICT_UNKNOWN);
    saying_close(saying);
}

/* --- Searching --- */

static void never_seen_is_said_only_while_the_key_protects(void **state)
{
    static const int64_t day_ms = 24 * 3600 * 1000;
    (void)state;
    struct saying *saying = wave_open();
    int64_t now_ms = saying->call.now_ms;
    assert_int_equal(saying_read(saying, OPERATOR_TASK_ASK, 200, "{\"result\":[]}")->verdict,
                     VERDICT_NEVER_SEEN);
    saying->transfer.submitted_at_ms = now_ms - day_ms + 1;
    assert_int_equal(saying_read(saying, OPERATOR_TASK_ASK, 200, "{\"result\":[]}")->verdict,
                     VERDICT_NEVER_SEEN);
    saying->transfer.submitted_at_ms = now_ms - day_ms;
    assert_int_equal(saying_read(saying, OPERATOR_TASK_ASK, 200, "{\"result\":[]}")->verdict,
                     VERDICT_UNKNOWN);
    saying->transfer.submitted_at_ms = 0;
    assert_int_equal(saying_read(saying, OPERATOR_TASK_ASK, 200, "{\"result\":[]}")->verdict,
                     VERDICT_UNKNOWN);
    saying->transfer.submitted_at_ms = now_ms;
    saying->channel.batch_max = 50; /* It may have gone in a batch, whose key was another. */
    assert_int_equal(saying_read(saying, OPERATOR_TASK_ASK, 200, "{\"result\":[]}")->verdict,
                     VERDICT_UNKNOWN);
    saying->channel.batch_max = 1;
    static const char *const others[] = {
        "{}",
        "{\"result\":null}",
        "{\"result\":{}}",
        "{\"result\":\"\"}",
        "[]",
        "",
        "{\"result\":[{}]}",
        "{\"results\":[]}",
        "{\"result\":[{\"client_reference\":\"SAL-2024-002\",\"status\":\"succeeded\"}]}",
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_int_equal(saying_read(saying, OPERATOR_TASK_ASK, 200, others[i])->verdict,
                         VERDICT_UNKNOWN);
    for (int status = 100; status < 600; status++)
        if (status < 200 || status > 299)
            assert_int_equal(
                saying_read(saying, OPERATOR_TASK_ASK, status, "{\"result\":[]}")->verdict,
                VERDICT_UNKNOWN);
    saying_close(saying);
}

static void whoever_was_paid_by_one_of_several_was_paid(void **state)
{
    static const struct {
        const char *first, *second;
        enum verdict verdict;
    } rows[] = {
        {"succeeded", "failed", VERDICT_PAID},      {"failed", "succeeded", VERDICT_PAID},
        {"processing", "succeeded", VERDICT_PAID},  {"failed", "processing", VERDICT_PENDING},
        {"processing", "failed", VERDICT_PENDING},  {"failed", "who knows", VERDICT_UNKNOWN},
        {"who knows", "reversed", VERDICT_UNKNOWN}, {"failed", "reversed", VERDICT_REJECTED},
    };
    (void)state;
    struct saying *saying = wave_open();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char body[1024], first[512];
        (void)snprintf(first, sizeof first, "%s", payout_make(rows[i].first, ""));
        (void)snprintf(body, sizeof body, "{\"result\":[%s,%s]}", first,
                       payout_make(rows[i].second, ""));
        assert_int_equal(saying_read(saying, OPERATOR_TASK_ASK, 200, body)->verdict,
                         rows[i].verdict);
        assert_non_null(strstr(saying->result.said, "several payouts of one reference"));
    }
    saying_close(saying);
}

/* --- Batches --- */

struct batch {
    struct saying *saying;
    struct transfer transfers[2];
    struct attempt attempts[2];
    struct verdict_answer answers[2];
};

static void batch_open(struct batch *batch)
{
    batch->saying = wave_open();
    batch->saying->channel.batch_max = 2;
    for (size_t i = 0; i < 2; i++) {
        batch->transfers[i] = batch->saying->transfer;
        batch->transfers[i].msisdn += (int64_t)i;
        batch->transfers[i].amount.minor = i == 0 ? 5000 : 7500;
        batch->attempts[i] = batch->saying->attempt;
        batch->attempts[i].transfer = &batch->transfers[i];
        batch->attempts[i].receiver_name = "";
        (void)snprintf(batch->attempts[i].reference, sizeof batch->attempts[i].reference,
                       "SAL-00%zu", i + 1);
    }
    batch->saying->call.task = OPERATOR_TASK_SUBMIT;
    batch->saying->call.attempts = batch->attempts;
    batch->saying->call.count = 2;
}

static void batch_read(struct batch *batch, int status, const char *body)
{
    memset(batch->answers, 0, sizeof batch->answers);
    batch->saying->result = (struct operator_result){.answers = batch->answers};
    struct operator_reply reply = {.status = status, .body = body, .length = strlen(body)};
    wave_connector()->answer_read(&batch->saying->call, &reply, &batch->saying->result);
}

static void a_batch_has_a_key_of_all_its_references(void **state)
{
    (void)state;
    struct batch batch;
    batch_open(&batch);
    wave_connector()->call_write(&batch.saying->call, &batch.saying->request);
    assert_string_equal(buffer_text(&batch.saying->request.url),
                        "https://api.wave.com/v1/payout-batch");
    assert_string_equal(
        buffer_text(&batch.saying->request.body),
        "{\"payouts\":["
        "{\"currency\":\"XOF\",\"receive_amount\":\"5000\",\"mobile\":\"+221761110000\","
        "\"client_reference\":\"SAL-001\",\"payment_reason\":\"SAL-001\"},"
        "{\"currency\":\"XOF\",\"receive_amount\":\"7500\",\"mobile\":\"+221761110001\","
        "\"client_reference\":\"SAL-002\",\"payment_reason\":\"SAL-002\"}]}");
    assert_string_equal(saying_header(batch.saying, "Idempotency-Key"),
                        "9d42f967-7eb4-4620-ba50-8a49b6508d0a");
    saying_close(batch.saying);
}

static void a_batch_is_pending_until_it_is_asked_about(void **state)
{
    (void)state;
    struct batch batch;
    batch_open(&batch);
    char *body = saying_file(folder, "batch.json"),
         *done = saying_file(folder, "batch_complete.json");
    batch_read(&batch, 200, body);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(batch.answers[i].verdict, VERDICT_PENDING);
        assert_string_equal(batch.answers[i].operator_reference, "pb-185skxq8g1006");
    }
    static const char *const nothing[] = {"{}", "", "{\"id\":\"pt-1\"}", "{\"id\":1}", "[]"};
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++) {
        batch_read(&batch, 200, nothing[i]);
        assert_int_equal(batch.answers[0].verdict, VERDICT_UNKNOWN);
        assert_int_equal(batch.answers[1].verdict, VERDICT_UNKNOWN);
    }
    static const struct {
        enum verdict verdict;
        enum transfer_reason reason;
        const char *reference;
    } ends[] = {{VERDICT_PAID, TRANSFER_REASON_NONE, "pt-1"},
                {VERDICT_REJECTED, TRANSFER_REASON_RECEIVER_LIMIT, "pt-2"}};
    for (size_t i = 0; i < 2; i++) {
        batch.transfers[i].operator_reference = "pb-185skxq8g1006";
        batch.saying->attempt = batch.attempts[i];
        batch.saying->call.attempts = &batch.saying->attempt;
        const struct verdict_answer *answer =
            saying_read(batch.saying, OPERATOR_TASK_ASK, 200, done);
        assert_int_equal(answer->verdict, ends[i].verdict);
        assert_int_equal(answer->reason, ends[i].reason);
        assert_string_equal(answer->operator_reference, ends[i].reference);
        static const struct {
            const char *body;
            enum verdict verdict;
        } others[] = {
            {"{\"id\":\"pb-185skxq8g1006\",\"status\":\"processing\",\"payouts\":[]}",
             VERDICT_PENDING},
            {"{\"id\":\"pb-185skxq8g1006\",\"status\":\"complete\",\"payouts\":[]}",
             VERDICT_UNKNOWN},
            {"{\"id\":\"pb-another\",\"status\":\"processing\",\"payouts\":[]}", VERDICT_UNKNOWN},
            {"{\"status\":\"processing\"}", VERDICT_UNKNOWN},
        };
        for (size_t j = 0; j < sizeof others / sizeof *others; j++)
            assert_int_equal(
                saying_read(batch.saying, OPERATOR_TASK_ASK, 200, others[j].body)->verdict,
                others[j].verdict);
    }
    free(body);
    free(done);
    saying_close(batch.saying);
}

static void a_batch_that_is_refused_was_not_sent_but_for_what_it_names(void **state)
{
    (void)state;
    struct batch batch;
    batch_open(&batch);
    char *body = saying_file(folder, "validation_error.json");
    batch_read(&batch, 422, body);
    assert_int_equal(batch.answers[0].verdict, VERDICT_NOT_SENT);
    assert_int_equal(batch.answers[1].verdict, VERDICT_REJECTED);
    static const char *const unnamed[] = {
        "{\"code\":\"request-validation-error\"}",
        "{\"code\":\"request-validation-error\",\"details\":[{\"loc\":[\"payouts\",2]}]}",
        "{\"code\":\"request-validation-error\",\"details\":[{\"loc\":[\"payouts\",-1]}]}",
        "{\"code\":\"request-validation-error\",\"details\":[{\"loc\":[\"payouts\"]}]}",
        "{\"code\":\"request-validation-error\",\"details\":[{\"loc\":\"payouts\"},1,null]}",
        "{\"code\":\"request-validation-error\",\"details\":{\"loc\":[\"payouts\",1]}}",
    };
    for (size_t i = 0; i < sizeof unnamed / sizeof *unnamed; i++) {
        batch_read(&batch, 422, unnamed[i]);
        assert_int_equal(batch.answers[0].verdict, VERDICT_NOT_SENT);
        assert_int_equal(batch.answers[1].verdict, VERDICT_NOT_SENT);
    }
    batch_read(&batch, 422, "{\"code\":\"insufficient-funds\"}");
    assert_int_equal(batch.answers[1].verdict, VERDICT_NOT_SENT);
    assert_int_equal(batch.answers[1].reason, TRANSFER_REASON_OPERATOR_FLOAT);
    batch_read(&batch, 500, body);
    assert_int_equal(batch.answers[0].verdict, VERDICT_UNKNOWN);
    assert_int_equal(batch.answers[1].verdict, VERDICT_UNKNOWN);
    free(body);
    saying_close(batch.saying);
}

/* --- The rest --- */

static void a_receivers_name_is_compared_by_wave(void **state)
{
    static const struct {
        const char *word;
        enum operator_receiver receiver;
        const char *name;
    } rows[] = {{"MATCH", OPERATOR_RECEIVER_FOUND, "Fatou Ndiaye"},
                {"NO_MATCH", OPERATOR_RECEIVER_OTHER, ""},
                {"NAME_NOT_KNOWN", OPERATOR_RECEIVER_FOUND, ""},
                {"match", OPERATOR_RECEIVER_UNCLEAR, ""},
                {"", OPERATOR_RECEIVER_UNCLEAR, ""}};
    (void)state;
    struct saying *saying = wave_open();
    char *body = saying_file(folder, "verify.json");
    (void)saying_read(saying, OPERATOR_TASK_VALIDATE, 200, body);
    assert_int_equal(saying->result.receiver, OPERATOR_RECEIVER_FOUND);
    free(body);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[128];
        (void)snprintf(text, sizeof text, "{\"within_limits\":true,\"name_match\":\"%s\"}",
                       rows[i].word);
        (void)saying_read(saying, OPERATOR_TASK_VALIDATE, 200, text);
        assert_int_equal(saying->result.receiver, rows[i].receiver);
        assert_string_equal(saying->result.receiver_name, rows[i].name);
        (void)saying_read(saying, OPERATOR_TASK_VALIDATE, 500, text);
        assert_int_equal(saying->result.receiver, OPERATOR_RECEIVER_UNCLEAR);
    }
    static const struct {
        int status;
        const char *body;
        enum operator_receiver receiver;
    } refused[] = {
        {422, "{\"code\":\"recipient-account-blocked\"}", OPERATOR_RECEIVER_FOUND},
        {400, "{\"code\":\"country-mismatch\"}", OPERATOR_RECEIVER_FOUND},
        {500, "{\"code\":\"country-mismatch\"}", OPERATOR_RECEIVER_UNCLEAR},
        {422, "{\"code\":\"insufficient-funds\"}", OPERATOR_RECEIVER_UNCLEAR},
        {400, "{\"code\":\"a-new-word\"}", OPERATOR_RECEIVER_UNCLEAR},
        {401, "{\"code\":\"country-mismatch\"}", OPERATOR_RECEIVER_UNCLEAR},
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        (void)saying_read(saying, OPERATOR_TASK_VALIDATE, refused[i].status, refused[i].body);
        assert_int_equal(saying->result.receiver, refused[i].receiver);
    }
    saying_close(saying);
}

static void the_float_is_known_in_the_channels_currency_only(void **state)
{
    static const char *const others[] = {
        "{\"amount\":\"10245\",\"currency\":\"XAF\"}",
        "{\"amount\":\"10245\"}",
        "{\"amount\":\"\",\"currency\":\"XOF\"}",
        "{\"amount\":\"1e9\",\"currency\":\"XOF\"}",
        "{\"currency\":\"XOF\"}",
        "[]",
        "{\"amount\":null,\"currency\":\"XOF\"}",
    };
    (void)state;
    struct saying *saying = wave_open();
    char *body = saying_file(folder, "balance.json");
    (void)saying_read(saying, OPERATOR_TASK_FLOAT, 200, body);
    assert_true(saying->result.float_known);
    assert_int_equal(saying->result.float_left.minor, 10245);
    assert_int_equal(saying->result.float_left.currency, CURRENCY_XOF);
    (void)saying_read(saying, OPERATOR_TASK_FLOAT, 500, body);
    assert_false(saying->result.float_known);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        (void)saying_read(saying, OPERATOR_TASK_FLOAT, 200, others[i]);
        assert_false(saying->result.float_known);
    }
    free(body);
    saying_close(saying);
}

static void a_reversal_is_done_refused_or_asked_about(void **state)
{
    static const struct {
        int status;
        const char *body;
        enum verdict verdict;
    } rows[] = {
        {200, "", VERDICT_PAID},
        {200, "{\"status\":\"reversed\"}", VERDICT_UNKNOWN},
        {200, "<html>hello</html>", VERDICT_UNKNOWN},
        {422, "{\"error_code\":\"insufficient-funds\"}", VERDICT_REJECTED},
        {400, "{\"code\":\"payout-reversal-time-limit-exceeded\"}", VERDICT_REJECTED},
        {422, "{\"code\":\"payout-reversal-account-terminated\"}", VERDICT_REJECTED},
        {404, "{\"code\":\"not-found\"}", VERDICT_REJECTED},
        {404, "", VERDICT_UNKNOWN},
        {400, "{\"code\":\"a-new-word\"}", VERDICT_UNKNOWN},
        {408, "{\"code\":\"insufficient-funds\"}", VERDICT_UNKNOWN},
        {500, "{\"code\":\"insufficient-funds\"}", VERDICT_UNKNOWN},
        {502, "", VERDICT_UNKNOWN},
        {401, "", VERDICT_NOT_SENT},
        {403, "", VERDICT_NOT_SENT},
        {429, "", VERDICT_NOT_SENT},
    };
    (void)state;
    struct saying *saying = wave_open();
    saying->transfer.operator_reference = "pt-185b5e4b8100c";
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(
            saying_read(saying, OPERATOR_TASK_REVERSE, rows[i].status, rows[i].body)->verdict,
            rows[i].verdict);
    static const struct {
        const char *status;
        enum verdict verdict;
    } asked[] = {{"reversed", VERDICT_PAID},
                 {"succeeded", VERDICT_NEVER_SEEN},
                 {"failed", VERDICT_UNKNOWN},
                 {"processing", VERDICT_UNKNOWN},
                 {"who knows", VERDICT_UNKNOWN}};
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
        assert_int_equal(
            saying_read(saying, OPERATOR_TASK_ASK_REVERSAL, 200, payout_make(asked[i].status, ""))
                ->verdict,
            asked[i].verdict);
    saying_close(saying);
}

static void a_payout_without_an_id_is_looked_for_before_it_is_reversed(void **state)
{
    static const struct {
        const char *status;
        enum verdict verdict;
    } rows[] = {{"succeeded", VERDICT_NOT_SENT}, {"reversed", VERDICT_PAID}};
    (void)state;
    struct saying *saying = wave_open();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char body[1024];
        (void)snprintf(body, sizeof body, "{\"result\":[%s]}", payout_make(rows[i].status, ""));
        const struct verdict_answer *answer = saying_read(saying, OPERATOR_TASK_REVERSE, 200, body);
        assert_int_equal(answer->verdict, rows[i].verdict);
        assert_string_equal(answer->operator_reference, "pt-185b5e4b8100c");
    }
    for (int status = 100; status < 600; status++)
        assert_int_equal(saying_read(saying, OPERATOR_TASK_REVERSE, status, "")->verdict,
                         VERDICT_NOT_SENT);
    saying_close(saying);
}

/* --- Callbacks --- */

static const char event_signature[] =
    "t=1760786553,v1=bed79692d776c443e01e4f6941b6cae8e4aff5993682157a4cf46ec4b7d4c145";

struct headers {
    const char *signature, *bearer;
};

static const char *header_find(void *context, const char *name)
{
    const struct headers *headers = context;
    return strcmp(name, "Wave-Signature") == 0  ? headers->signature
           : strcmp(name, "Authorization") == 0 ? headers->bearer
                                                : NULL;
}

static enum operator_callback_word callback_read(const struct saying *saying,
                                                 struct headers headers, const char *body,
                                                 char reference[TRANSFER_ID_TEXT_BYTES])
{
    struct operator_callback callback = {.channel = &saying->channel,
                                         .method = "POST",
                                         .body = body,
                                         .length = strlen(body),
                                         .now_ms = saying->call.now_ms,
                                         .header = header_find,
                                         .context = &headers};
    return wave_connector()->callback_read(&callback, reference);
}

static void a_callback_is_believed_by_its_signature(void **state)
{
    static const char other[] =
        "v1=0000000000000000000000000000000000000000000000000000000000000000";
    (void)state;
    struct saying *saying = wave_open();
    char reference[TRANSFER_ID_TEXT_BYTES], two[256];
    char *event = saying_compact(folder, "event.json");
    /* Right, but about a checkout, whose reference is longer than ours ever are. */
    assert_int_equal(
        callback_read(saying, (struct headers){event_signature, NULL}, event, reference),
        OPERATOR_CALLBACK_UNCLEAR);
    (void)snprintf(two, sizeof two, "t=1760786553,%s,%s", other, strchr(event_signature, ',') + 1);
    assert_int_equal(callback_read(saying, (struct headers){two, NULL}, event, reference),
                     OPERATOR_CALLBACK_UNCLEAR);
    static const char *const forged[] = {
        "",
        "t=1760786553",
        "t=1760786553,v1=",
        "t=1760786553,v0=bed79692d776c443e01e4f6941b6cae8e4aff5993682157a4cf46ec4b7d4c145",
        "t=1760786554,v1=bed79692d776c443e01e4f6941b6cae8e4aff5993682157a4cf46ec4b7d4c145",
        "v1=bed79692d776c443e01e4f6941b6cae8e4aff5993682157a4cf46ec4b7d4c145,t=1760786553",
        "t=1760786553,v1=bed79692d776c443e01e4f6941b6cae8e4aff5993682157a4cf46ec4b7d4c1450",
        "t=1760786553,v1=bed79692d776c443e01e4f6941b6cae8e4aff5993682157a4cf46ec4b7d4c14",
        "t=1760786553,v1=BED79692D776C443E01E4F6941B6CAE8E4AFF5993682157A4CF46EC4B7D4C145",
        "t=01760786553,v1=bed79692d776c443e01e4f6941b6cae8e4aff5993682157a4cf46ec4b7d4c145",
        "t=99999999999999999999,v1=00",
        "t=-1,v1=00",
        "t=,v1=00",
        "=,=,=",
        "t",
    };
    for (size_t i = 0; i < sizeof forged / sizeof *forged; i++)
        assert_int_equal(callback_read(saying, (struct headers){forged[i], NULL}, event, reference),
                         OPERATOR_CALLBACK_FORGED);
    assert_int_equal(
        callback_read(saying, (struct headers){event_signature, NULL}, "{}", reference),
        OPERATOR_CALLBACK_FORGED);
    free(event);
    saying_close(saying);
}

static void an_old_callback_is_no_callback(void **state)
{
    static const struct {
        int64_t late_ms;
        enum operator_callback_word word;
    } rows[] = {{300000, OPERATOR_CALLBACK_UNCLEAR},
                {300001, OPERATOR_CALLBACK_FORGED},
                {-300000, OPERATOR_CALLBACK_UNCLEAR},
                {-300001, OPERATOR_CALLBACK_FORGED}};
    (void)state;
    struct saying *saying = wave_open();
    char reference[TRANSFER_ID_TEXT_BYTES];
    char *event = saying_compact(folder, "event.json");
    int64_t at_ms = INT64_C(1760786553000);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        saying->call.now_ms = at_ms + rows[i].late_ms;
        assert_int_equal(
            callback_read(saying, (struct headers){event_signature, NULL}, event, reference),
            rows[i].word);
    }
    free(event);
    saying_close(saying);
}

static void a_shared_secret_proves_a_callback_too(void **state)
{
    static const char about[] =
        "{\"type\":\"x\",\"data\":{\"client_reference\":\"" SAYING_REFERENCE "\"}}";
    static const char *const unclear[] = {
        "",
        "{}",
        "[]",
        "{\"data\":[]}",
        "{\"data\":{\"client_reference\":\"\"}}",
        "{\"data\":{\"client_reference\":\"" SAYING_REFERENCE "0\"}}",
        "{\"data\":{\"client_reference\":\"a b\"}}",
    };
    (void)state;
    struct saying *saying = wave_open();
    char reference[TRANSFER_ID_TEXT_BYTES];
    struct headers right = {NULL, "Bearer wave_ci_WHS_secret"};
    assert_int_equal(callback_read(saying, right, about, reference), OPERATOR_CALLBACK_ABOUT);
    assert_string_equal(reference, SAYING_REFERENCE);
    for (size_t i = 0; i < sizeof unclear / sizeof *unclear; i++)
        assert_int_equal(callback_read(saying, right, unclear[i], reference),
                         OPERATOR_CALLBACK_UNCLEAR);
    static const char *const forged[] = {"Bearer wave_ci_WHS_secre", "Bearer wave_ci_WHS_secret0",
                                         "Bearer ", "wave_ci_WHS_secret", ""};
    for (size_t i = 0; i < sizeof forged / sizeof *forged; i++)
        assert_int_equal(callback_read(saying, (struct headers){NULL, forged[i]}, about, reference),
                         OPERATOR_CALLBACK_FORGED);
    /* A signature that is there must be right, whatever else is. */
    assert_int_equal(
        callback_read(saying, (struct headers){event_signature, right.bearer}, about, reference),
        OPERATOR_CALLBACK_FORGED);
    assert_int_equal(callback_read(saying, (struct headers){NULL, NULL}, about, reference),
                     OPERATOR_CALLBACK_FORGED);
    saying->channel.callback_secret[0] = '\0';
    assert_int_equal(callback_read(saying, (struct headers){NULL, "Bearer "}, about, reference),
                     OPERATOR_CALLBACK_FORGED);
    saying_close(saying);
}

static void settings_that_lack_something_are_told(void **state)
{
    (void)state;
    struct saying *saying = wave_open();
    struct channel channel = saying->channel;
    const struct operator_connector *connector = wave_connector();
    assert_null(connector->channel_check(&channel));
    channel.url[0] = '\0';
    assert_non_null(connector->channel_check(&channel));
    channel = saying->channel;
    channel.secret[0] = '\0';
    assert_non_null(connector->channel_check(&channel));
    memset(channel.secret, 'a', 2049);
    channel.secret[2049] = '\0';
    assert_non_null(connector->channel_check(&channel));
    channel.secret[2048] = '\0';
    assert_null(connector->channel_check(&channel));
    channel.secret[5] = '\n';
    assert_non_null(connector->channel_check(&channel));
    channel = saying->channel;
    channel.callback_secret[0] = '\0';
    assert_non_null(connector->channel_check(&channel));
    channel.callback_url[0] = '\0';
    assert_null(connector->channel_check(&channel));
    saying_close(saying);
}

static void bodies_that_say_nothing_end_nothing(void **state)
{
    (void)state;
    struct saying *saying = wave_open();
    saying_nothing_ends_anything(saying);
    saying_close(saying);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_payout_is_written_as_the_documents_print_it),
        cmocka_unit_test(what_is_paid_out_is_what_is_delivered),
        cmocka_unit_test(a_name_that_is_no_text_is_left_out),
        cmocka_unit_test(a_signing_secret_signs_time_and_body),
        cmocka_unit_test(questions_go_by_the_best_that_is_known),
        cmocka_unit_test(the_other_calls_are_as_the_documents_print_them),
        cmocka_unit_test(the_documents_payout_is_paid),
        cmocka_unit_test(a_payouts_state_is_its_verdict),
        cmocka_unit_test(a_refusal_is_what_its_word_says_and_no_more),
        cmocka_unit_test(too_many_calls_wait_as_long_as_they_are_told),
        cmocka_unit_test(a_payout_that_is_not_ours_is_no_answer),
        cmocka_unit_test(never_seen_is_said_only_while_the_key_protects),
        cmocka_unit_test(whoever_was_paid_by_one_of_several_was_paid),
        cmocka_unit_test(a_batch_has_a_key_of_all_its_references),
        cmocka_unit_test(a_batch_is_pending_until_it_is_asked_about),
        cmocka_unit_test(a_batch_that_is_refused_was_not_sent_but_for_what_it_names),
        cmocka_unit_test(a_receivers_name_is_compared_by_wave),
        cmocka_unit_test(the_float_is_known_in_the_channels_currency_only),
        cmocka_unit_test(a_reversal_is_done_refused_or_asked_about),
        cmocka_unit_test(a_payout_without_an_id_is_looked_for_before_it_is_reversed),
        cmocka_unit_test(a_callback_is_believed_by_its_signature),
        cmocka_unit_test(an_old_callback_is_no_callback),
        cmocka_unit_test(a_shared_secret_proves_a_callback_too),
        cmocka_unit_test(settings_that_lack_something_are_told),
        cmocka_unit_test(bodies_that_say_nothing_end_nothing),
    };
    if (argc != 2)
        return 2;
    folder = argv[1];
    return cmocka_run_group_tests_name("operators-wave", tests, NULL, NULL);
}

/* What the platform's people decide, over a real socket: settlements, contradictions, reversals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "serve.h"
#include "support/store_memory.h"

static struct serve serve;
static bool reversible;

static bool reverses(void *context, int channel)
{
    assert_ptr_equal(context, &serve);
    assert_int_equal(channel, 1);
    return reversible;
}

static int open_server(void **state)
{
    (void)state;
    struct http_options options;
    serve_options(&options);
    options.channels = &(struct http_channels){.context = &serve, .reverses = reverses};
    serve_open(&serve, store_memory_open(), &options);
    return 0;
}

static int close_server(void **state)
{
    (void)state;
    serve_close(&serve);
    store_close(serve.store);
    return 0;
}

static struct serve_reply post(const char *transfer, const char *action, const char *body)
{
    char path[100];
    (void)snprintf(path, sizeof path, "/admin/v1/transfers/%s/%s", transfer, action);
    return serve_as_admin(&serve, "POST", path, body);
}

static struct serve_reply show(const char *transfer)
{
    char path[100];
    (void)snprintf(path, sizeof path, "/admin/v1/transfers/%s", transfer);
    return serve_as_admin(&serve, NULL, path, NULL);
}

static void expect_refusal(struct serve_reply reply, int status, enum payout_code code)
{
    if (reply.status != status)
        fail_msg("status %d: %s", reply.status, buffer_text(&reply.body));
    assert_int_equal(serve_number(&reply, "code"), code);
    assert_true(serve_text(&reply, "error")[0] != '\0');
    serve_free(&reply);
}

static void operator_says(const char *transfer, enum verdict verdict)
{
    struct outcome_item item = {
        .verdict = verdict, .operator_reference = "OP.9", .next_at_ms = clock_now_ms() + 3600000};
    assert_true(transfer_id_read(transfer, &item.transfer));
    const struct command tell = {.kind = COMMAND_TRANSFER_OUTCOME,
                                 .transfer_outcome = {.items = &item, .count = 1}};
    serve_command(&serve, &tell);
}

/* Sends 500; an operator has it, and its outcome is unknown. */
static void unknown_make(char transfer[TRANSFER_ID_TEXT_BYTES])
{
    const struct merchant change = {.ip_list = "127.0.0.1"};
    serve_change(&serve, &change, MERCHANT_FIELD_IP_LIST);
    struct serve_reply reply =
        serve_as_merchant(&serve, "/v1/transfer/contact", "prefix=225&phone=0707895086");
    serve_free(&reply);
    reply = serve_as_merchant(&serve, "/v1/transfer/money/send/contact",
                              "prefix=225&phone=0707895086&amount=500&notify_url=http://a/n");
    (void)snprintf(transfer, TRANSFER_ID_TEXT_BYTES, "%s",
                   serve_text(&reply, "data/0/0/transaction_id"));
    serve_free(&reply);
    struct claim_item claim = {.channel = 1};
    assert_true(transfer_id_read(transfer, &claim.transfer));
    const struct store_memory_tables *tables = store_memory_tables(serve.store);
    claim.due_at_ms = tables->transfers[tables->transfer_count - 1].due_at_ms;
    const struct command take = {.kind = COMMAND_TRANSFER_CLAIM,
                                 .transfer_claim = {&claim, 1, 30000}};
    serve_command(&serve, &take);
    operator_says(transfer, VERDICT_UNKNOWN);
}

static void a_person_settles_with_evidence(void **state)
{
    (void)state;
    char transfer[TRANSFER_ID_TEXT_BYTES];
    unknown_make(transfer);
    static const char *const bad[] = {
        "outcome=paid&evidence=statement",      "outcome=paid&person=Awa",
        "outcome=paid&evidence=%20&person=Awa", "outcome=perhaps&evidence=statement&person=Awa",
        "evidence=statement&person=Awa",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        expect_refusal(post(transfer, "settle", bad[i]), 400, PAYOUT_INVALID_PARAM);
    expect_refusal(post("EA181025.112233.X123456", "settle", "outcome=paid&evidence=e&person=p"),
                   404, PAYOUT_NOT_FOUND);
    expect_refusal(post("nothing", "settle", "outcome=paid&evidence=e&person=p"), 404,
                   PAYOUT_NOT_FOUND);
    for (int i = 0; i < 2; i++) {
        struct serve_reply reply =
            post(transfer, "settle",
                 "{\"outcome\":\"paid\",\"evidence\":\"statement 12\",\"person\":\"Awa\"}");
        assert_int_equal(reply.status, 200);
        assert_string_equal(serve_text(&reply, "act"), "SETTLED");
        assert_string_equal(serve_text(&reply, "state"), "VAL");
        assert_int_equal(json_is_true(serve_at(&reply, "again")), i == 1);
        serve_free(&reply);
    }
    expect_refusal(post(transfer, "settle", "outcome=rejected&evidence=e&person=Awa"), 409,
                   PAYOUT_NOT_ALLOWED);
    struct serve_reply reply = show(transfer);
    assert_string_equal(serve_text(&reply, "reason"), "DECIDED_BY_PERSON");
    assert_int_equal(json_array_size(serve_at(&reply, "settlements")), 1);
    assert_string_equal(serve_text(&reply, "settlements/0/person"), "Awa");
    assert_string_equal(serve_text(&reply, "settlements/0/evidence"), "statement 12");
    assert_string_equal(serve_text(&reply, "settlements/0/outcome"), "paid");
    serve_free(&reply);
}

static void two_persons_settle_where_the_merchant_wants_it(void **state)
{
    (void)state;
    char transfer[TRANSFER_ID_TEXT_BYTES];
    const struct merchant change = {.two_persons = true};
    serve_change(&serve, &change, MERCHANT_FIELD_TWO_PERSONS);
    unknown_make(transfer);
    struct serve_reply reply = post(transfer, "settle", "outcome=paid&evidence=e&person=Awa");
    assert_string_equal(serve_text(&reply, "act"), "PROPOSED");
    assert_string_equal(serve_text(&reply, "state"), "NOS");
    serve_free(&reply);
    reply = serve_as_admin(&serve, NULL, "/admin/v1/settlements", NULL);
    assert_string_equal(serve_text(&reply, "proposals/0/transaction_id"), transfer);
    assert_string_equal(serve_text(&reply, "proposals/0/person"), "Awa");
    serve_free(&reply);
    reply = serve_as_admin(&serve, NULL, "/metrics", NULL);
    assert_non_null(strstr(buffer_text(&reply.body), "payoutd_settlements_proposed 1\n"));
    serve_free(&reply);
    expect_refusal(post(transfer, "settle", "outcome=rejected&evidence=e&person=Kofi"), 409,
                   PAYOUT_NOT_ALLOWED);
    reply = post(transfer, "withdraw", "evidence=wrong%20line&person=Kofi");
    assert_string_equal(serve_text(&reply, "act"), "WITHDRAWN");
    serve_free(&reply);
    static const char *const persons[] = {"Kofi", "Awa"};
    for (int i = 0; i < 2; i++) {
        char body[100];
        (void)snprintf(body, sizeof body, "outcome=rejected&evidence=e&person=%s", persons[i]);
        reply = post(transfer, "settle", body);
        assert_string_equal(serve_text(&reply, "state"), i == 0 ? "NOS" : "REJ");
        serve_free(&reply);
    }
    expect_refusal(post(transfer, "withdraw", "evidence=e&person=Kofi"), 409, PAYOUT_NOT_ALLOWED);
    const struct merchant back = {.two_persons = false};
    serve_change(&serve, &back, MERCHANT_FIELD_TWO_PERSONS);
}

static void a_contradiction_counts_until_a_person_closes_it(void **state)
{
    (void)state;
    char transfer[TRANSFER_ID_TEXT_BYTES], path[100];
    unknown_make(transfer);
    struct serve_reply reply = post(transfer, "settle", "outcome=rejected&evidence=e&person=Awa");
    assert_string_equal(serve_text(&reply, "state"), "REJ");
    serve_free(&reply);
    operator_says(transfer, VERDICT_PAID);
    reply = serve_as_admin(&serve, NULL, "/admin/v1/contradictions", NULL);
    assert_int_equal(json_array_size(serve_at(&reply, "contradictions")), 1);
    assert_string_equal(serve_text(&reply, "contradictions/0/transaction_id"), transfer);
    assert_string_equal(serve_text(&reply, "contradictions/0/state"), "REJ");
    assert_string_equal(serve_text(&reply, "contradictions/0/said"), "PAID");
    assert_string_equal(serve_text(&reply, "contradictions/0/suspense"), "PLATFORM");
    assert_int_equal(serve_number(&reply, "contradictions/0/suspense_amount"), 500);
    assert_string_equal(serve_text(&reply, "contradictions/0/operator_reference"), "OP.9");
    long long id = serve_number(&reply, "contradictions/0/id");
    serve_free(&reply);
    reply = serve_as_admin(&serve, NULL, "/metrics", NULL);
    assert_non_null(strstr(buffer_text(&reply.body), "payoutd_contradictions 1\n"));
    serve_free(&reply);
    (void)snprintf(path, sizeof path, "/admin/v1/contradictions/%lld/close", id);
    expect_refusal(serve_as_admin(&serve, "POST", path, "note=n"), 400, PAYOUT_INVALID_PARAM);
    expect_refusal(serve_as_admin(&serve, "POST", path, "person=Awa"), 400, PAYOUT_INVALID_PARAM);
    for (int i = 0; i < 2; i++) {
        reply = serve_as_admin(&serve, "POST", path,
                               i == 0 ? "note=claimed%20back&person=Awa" : "note=x&person=Kofi");
        assert_int_equal(reply.status, 200);
        assert_int_equal(json_is_true(serve_at(&reply, "again")), i == 1);
        serve_free(&reply);
    }
    reply = serve_as_admin(&serve, NULL, "/admin/v1/contradictions", NULL);
    assert_int_equal(json_array_size(serve_at(&reply, "contradictions")), 0);
    serve_free(&reply);
    reply = show(transfer);
    assert_string_equal(serve_text(&reply, "contradictions/0/person"), "Awa");
    assert_string_equal(serve_text(&reply, "contradictions/0/note"), "claimed back");
    assert_string_equal(serve_text(&reply, "state"), "REJ");
    serve_free(&reply);
    expect_refusal(
        serve_as_admin(&serve, "POST", "/admin/v1/contradictions/99/close", "note=n&person=Awa"),
        404, PAYOUT_NOT_FOUND);
}

static void expect_reversal(struct serve_reply reply, const char *state, bool again)
{
    if (reply.status != 200)
        fail_msg("status %d: %s", reply.status, buffer_text(&reply.body));
    assert_string_equal(serve_text(&reply, "reversal"), state);
    assert_int_equal(json_is_true(serve_at(&reply, "again")), again);
    serve_free(&reply);
}

static void operator_takes_back(const char *transfer, int number, enum verdict verdict)
{
    struct reversal_claim_item claim = {.number = number};
    assert_true(transfer_id_read(transfer, &claim.transfer));
    const struct store_memory_tables *tables = store_memory_tables(serve.store);
    claim.due_at_ms = tables->reversals[tables->reversal_count - 1].due_at_ms;
    const struct command take = {.kind = COMMAND_REVERSAL_CLAIM,
                                 .reversal_claim = {&claim, 1, 30000}};
    serve_command(&serve, &take);
    struct reversal_outcome_item item = {.transfer = claim.transfer,
                                         .number = number,
                                         .attempt = 1,
                                         .verdict = verdict,
                                         .operator_reference = "REV.9"};
    const struct command tell = {.kind = COMMAND_REVERSAL_OUTCOME,
                                 .reversal_outcome = {.items = &item, .count = 1}};
    serve_command(&serve, &tell);
    assert_int_equal(item.effect, OUTCOME_APPLIED);
}

static void a_paid_transfer_is_taken_back_where_that_can_be(void **state)
{
    (void)state;
    char transfer[TRANSFER_ID_TEXT_BYTES];
    unknown_make(transfer);
    static const char *const bad[] = {"evidence=e", "person=Awa", "evidence=%20&person=Awa",
                                      "evidence=e&person=Awa&withdraw=perhaps"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        expect_refusal(post(transfer, "reverse", bad[i]), 400, PAYOUT_INVALID_PARAM);
    static const char word[] = "evidence=wrong%20number&person=Awa";
    expect_refusal(post("EA181025.112233.X123456", "reverse", word), 404, PAYOUT_NOT_FOUND);
    expect_refusal(post("nothing", "reverse", word), 404, PAYOUT_NOT_FOUND);
    reversible = true;
    expect_refusal(post(transfer, "reverse", word), 409, PAYOUT_NOT_ALLOWED); /* It is NOS. */
    operator_says(transfer, VERDICT_PAID);
    reversible = false;
    expect_refusal(post(transfer, "reverse", word), 409, PAYOUT_NOT_ALLOWED);
    struct serve_reply reply = show(transfer);
    assert_int_equal(json_array_size(serve_at(&reply, "reversals")), 0);
    serve_free(&reply);
    reversible = true;
    static const char back[] = "{\"evidence\":\"e\",\"person\":\"Awa\",\"withdraw\":true}";
    expect_refusal(post(transfer, "reverse", back), 409, PAYOUT_NOT_ALLOWED); /* There is none. */
    expect_reversal(post(transfer, "reverse", word), "ASKED", false);
    expect_reversal(post(transfer, "reverse", word), "ASKED", true);
    reversible = false; /* What was asked for is withdrawn whatever became of the channel. */
    expect_reversal(post(transfer, "reverse", back), "WITHDRAWN", false);
    expect_reversal(post(transfer, "reverse", back), "WITHDRAWN", true);
    reversible = true;
    expect_reversal(post(transfer, "reverse", word), "ASKED", false);
    operator_takes_back(transfer, 2, VERDICT_REJECTED);
    expect_refusal(post(transfer, "reverse", back), 409, PAYOUT_NOT_ALLOWED);
    expect_reversal(post(transfer, "reverse", word), "ASKED", false);
    operator_takes_back(transfer, 3, VERDICT_PAID);
    expect_reversal(post(transfer, "reverse", word), "DONE", true);
    reply = show(transfer);
    assert_string_equal(serve_text(&reply, "state"), "VAL");
    assert_string_equal(serve_text(&reply, "reason"), "REVERSED");
    assert_int_equal(json_array_size(serve_at(&reply, "reversals")), 3);
    assert_string_equal(serve_text(&reply, "reversals/0/state"), "WITHDRAWN");
    assert_string_equal(serve_text(&reply, "reversals/1/state"), "REFUSED");
    assert_string_equal(serve_text(&reply, "reversals/2/state"), "DONE");
    assert_string_equal(serve_text(&reply, "reversals/2/person"), "Awa");
    assert_string_equal(serve_text(&reply, "reversals/2/evidence"), "wrong number");
    assert_string_equal(serve_text(&reply, "reversals/2/operator_reference"), "REV.9");
    assert_true(json_is_null(serve_at(&reply, "reversals/2/second")));
    serve_free(&reply);
}

static void two_persons_take_back_where_the_merchant_wants_it(void **state)
{
    (void)state;
    char transfer[TRANSFER_ID_TEXT_BYTES];
    unknown_make(transfer);
    operator_says(transfer, VERDICT_PAID);
    const struct merchant change = {.two_persons = true};
    serve_change(&serve, &change, MERCHANT_FIELD_TWO_PERSONS);
    reversible = true;
    expect_reversal(post(transfer, "reverse", "evidence=e&person=Awa"), "PROPOSED", false);
    expect_reversal(post(transfer, "reverse", "evidence=e&person=%20awa"), "PROPOSED", true);
    expect_reversal(post(transfer, "reverse", "evidence=e&person=Kofi"), "ASKED", false);
    struct serve_reply reply = show(transfer);
    assert_string_equal(serve_text(&reply, "reversals/0/person"), "Awa");
    assert_string_equal(serve_text(&reply, "reversals/0/second"), "Kofi");
    serve_free(&reply);
    reply = serve_as_admin(&serve, NULL, "/admin/v1/acts?limit=1", NULL);
    assert_string_equal(serve_text(&reply, "acts/0/subject"), transfer);
    assert_string_equal(serve_text(&reply, "acts/0/after/reversal"), "ASKED");
    assert_string_equal(serve_text(&reply, "acts/0/what"), "TRANSFER_REVERSE");
    serve_free(&reply);
    const struct merchant off = {.two_persons = false};
    serve_change(&serve, &off, MERCHANT_FIELD_TWO_PERSONS);
}

static void a_possible_double_waits_for_a_person(void **state)
{
    (void)state;
    const struct merchant change = {.double_window_ms = 600000, .ip_list = "127.0.0.1"};
    serve_change(&serve, &change, MERCHANT_FIELD_DOUBLE_WINDOW | MERCHANT_FIELD_IP_LIST);
    char path[100], transfers[3][TRANSFER_ID_TEXT_BYTES];
    struct serve_reply reply;
    for (int i = 0; i < 3; i++) {
        reply = serve_as_merchant(&serve, "/v1/transfer/money/send/contact",
                                  "prefix=225&phone=0707895086&amount=700&notify_url=http://a/n");
        assert_int_equal(reply.status, 200); /* Accepted, as far as the merchant sees. */
        assert_string_equal(serve_text(&reply, "data/0/0/treatment_status"), "NEW");
        (void)snprintf(transfers[i], TRANSFER_ID_TEXT_BYTES, "%s",
                       serve_text(&reply, "data/0/0/transaction_id"));
        serve_free(&reply);
    }
    (void)snprintf(path, sizeof path, "/v1/transfer/check/money?lang=en&transaction_id=%s",
                   transfers[1]);
    reply = serve_as_merchant(&serve, path, NULL);
    assert_string_equal(serve_text(&reply, "data/0/sending_status"), "PENDING");
    assert_string_equal(serve_text(&reply, "data/0/comment"),
                        "Possibly a double: a person has to decide");
    serve_free(&reply);
    reply = serve_as_admin(&serve, NULL, "/admin/v1/doubles", NULL);
    assert_int_equal(json_array_size(serve_at(&reply, "doubles")), 2);
    assert_string_equal(serve_text(&reply, "doubles/0/transaction_id"), transfers[1]);
    assert_string_equal(serve_text(&reply, "doubles/0/double_of"), transfers[0]);
    serve_free(&reply);
    expect_refusal(post(transfers[1], "release", "person=Awa"), 400, PAYOUT_INVALID_PARAM);
    expect_refusal(post(transfers[0], "release", "person=Awa&evidence=e"), 409, PAYOUT_NOT_ALLOWED);
    reply = post(transfers[1], "release", "person=Awa&evidence=two%20invoices");
    assert_string_equal(serve_text(&reply, "state"), "NEW");
    serve_free(&reply);
    reply = post(transfers[2], "refuse", "person=Awa&evidence=clicked%20twice");
    assert_string_equal(serve_text(&reply, "state"), "REJ");
    serve_free(&reply);
    reply = serve_as_admin(&serve, NULL, "/admin/v1/doubles", NULL);
    assert_int_equal(json_array_size(serve_at(&reply, "doubles")), 0);
    serve_free(&reply);
    reply = show(transfers[2]);
    assert_string_equal(serve_text(&reply, "reason"), "DOUBLE");
    assert_string_equal(serve_text(&reply, "settlements/0/act"), "REFUSED");
    serve_free(&reply);
    const struct merchant back = {.double_window_ms = 0};
    serve_change(&serve, &back, MERCHANT_FIELD_DOUBLE_WINDOW);
}

static void fees_and_limits_are_set_and_kept(void **state)
{
    (void)state;
    char path[100], body[200];
    (void)snprintf(path, sizeof path, "/admin/v1/merchants/%lld", (long long)serve.merchant.value);
    static const char *const bad[] = {
        "fees=free",    "fees=*:0:1:0:0",           "fees=*:0:1:0:0:0:nobody",
        "limit_day=-1", "receiver_hour_count=many", "reserve=1.5"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        expect_refusal(serve_as_admin(&serve, "POST", path, bad[i]), 400, PAYOUT_INVALID_PARAM);
    struct serve_reply reply =
        serve_as_admin(&serve, "POST", path,
                       "{\"fees\":\"*:0:25:0:0:0\",\"receiver_hour_count\":2,\"receiver_day\":5000,"
                       "\"limit_day\":100000,\"limit_month\":200000,\"receiver_month\":90000,"
                       "\"reserve\":10,\"ip_list\":\"127.0.0.1\"}");
    assert_int_equal(reply.status, 200);
    serve_free(&reply);
    reply = serve_as_admin(&serve, NULL, path, NULL);
    assert_string_equal(serve_text(&reply, "fees"), "*:0:25:0:0:0");
    assert_int_equal(serve_number(&reply, "receiver_hour_count"), 2);
    assert_int_equal(serve_number(&reply, "limit_month"), 200000);
    assert_int_equal(serve_number(&reply, "reserve"), 10);
    serve_free(&reply);
    reply = serve_as_merchant(&serve, "/v1/transfer/contact", "prefix=225&phone=0101010101");
    serve_free(&reply);
    static const struct {
        int amount, status;
        enum payout_code code;
    } sends[] = {{5005, 417, PAYOUT_AMOUNT_TOO_LARGE},
                 {100005, 417, PAYOUT_AMOUNT_TOO_LARGE},
                 {500, 200, PAYOUT_OK},
                 {505, 200, PAYOUT_OK},
                 {510, 403, PAYOUT_NOT_ALLOWED}};
    for (size_t i = 0; i < sizeof sends / sizeof *sends; i++) {
        (void)snprintf(body, sizeof body,
                       "prefix=225&phone=0101010101&amount=%d&notify_url=http://a/n",
                       sends[i].amount);
        reply = serve_as_merchant(&serve, "/v1/transfer/money/send/contact", body);
        if (reply.status != sends[i].status)
            fail_msg("%d: status %d: %s", sends[i].amount, reply.status, buffer_text(&reply.body));
        if (sends[i].code != PAYOUT_OK) {
            serve_expect_error(&reply, sends[i].status, sends[i].code);
            serve_free(&reply);
            continue;
        }
        struct serve_reply shown = show(serve_text(&reply, "data/0/0/transaction_id"));
        assert_int_equal(serve_number(&shown, "fee"), 25);
        assert_int_equal(serve_number(&shown, "amount"), sends[i].amount);
        assert_string_equal(serve_text(&shown, "fee_payer"), "MERCHANT");
        assert_int_equal(serve_number(&shown, "delivered"), sends[i].amount);
        serve_free(&shown);
        serve_free(&reply);
    }
    reply = serve_as_admin(&serve, "POST", path,
                           "fees=&receiver_hour_count=0&receiver_day=0&limit_day=700&reserve=0");
    serve_free(&reply);
    reply = serve_as_merchant(&serve, "/v1/transfer/money/send/contact",
                              "prefix=225&phone=0101010101&amount=800&notify_url=http://a/n");
    serve_expect_error(&reply, 417, PAYOUT_INSUFFICIENT_BALANCE); /* More than the day allows. */
    serve_free(&reply);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_person_settles_with_evidence),
        cmocka_unit_test(two_persons_settle_where_the_merchant_wants_it),
        cmocka_unit_test(a_contradiction_counts_until_a_person_closes_it),
        cmocka_unit_test(a_paid_transfer_is_taken_back_where_that_can_be),
        cmocka_unit_test(two_persons_take_back_where_the_merchant_wants_it),
        cmocka_unit_test(a_possible_double_waits_for_a_person),
        cmocka_unit_test(fees_and_limits_are_set_and_kept),
    };
    return cmocka_run_group_tests(tests, open_server, close_server);
}

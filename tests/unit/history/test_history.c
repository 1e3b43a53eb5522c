/* Bugs that other payout systems had, each with a test that fails when payoutd gets it too. The
 * stories are told where they happened, as far as they were told in public. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "daemon/janitor.h"
#include "support/platform.h"

#define MSISDN  INT64_C(2250700000000)
#define DAY_MS  (INT64_C(86400) * 1000)
#define YEAR_MS (365 * DAY_MS)

static struct platform platform;
static struct store_reader *reader;
static struct arena *arena;
static int64_t now_ms;
static enum save_plan plan; /* What the next save does; then all go well. */

static int64_t test_now(void *context)
{
    (void)context;
    return now_ms;
}

static enum save_plan plan_next(void *context)
{
    (void)context;
    enum save_plan planned = plan;
    plan = SAVE_WELL;
    return planned;
}

/* --- The stage: a platform whose lane does what it is given, a batch at a time --- */

static int begin(void **state)
{
    struct fault fault;
    (void)state;
    now_ms = INT64_C(1700000000000);
    plan = SAVE_WELL;
    clock_source_set(test_now, NULL);
    log_file_descriptor_set(-1);
    platform_open(&platform, 0);
    store_memory_plan(platform.store, plan_next, NULL);
    arena = arena_open((size_t)1 << 24);
    assert_int_equal(store_reader_open(platform.store, &reader, &fault), FAULT_NONE);
    return 0;
}

static int end(void **state)
{
    (void)state;
    store_reader_close(reader);
    arena_close(arena);
    platform_close(&platform);
    log_file_descriptor_set(STDERR_FILENO);
    clock_source_set(NULL, NULL);
    return 0;
}

static struct lane_job outcome_of(struct outcome_item *item, struct transfer_id transfer,
                                  enum verdict verdict)
{
    *item = (struct outcome_item){.transfer = transfer,
                                  .verdict = verdict,
                                  .operator_reference = "OP1",
                                  .next_at_ms = now_ms + 1000};
    return (struct lane_job){.command = {.kind = COMMAND_TRANSFER_OUTCOME,
                                         .transfer_outcome = {.items = item, .count = 1}}};
}

static enum outcome_effect say(struct transfer_id transfer, enum verdict verdict)
{
    struct outcome_item item;
    struct lane_job job = outcome_of(&item, transfer, verdict);
    assert_int_equal(lane_call(platform.lane, &job), FAULT_NONE);
    return item.effect;
}

/* A worker takes what is due: the step that it has to do. */
static enum transfer_step claim(struct transfer_id transfer)
{
    struct claim_item item = {.transfer = transfer,
                              .due_at_ms = platform_transfer(&platform, transfer).due_at_ms,
                              .channel = 1};
    struct lane_job job = {
        .command = {.kind = COMMAND_TRANSFER_CLAIM, .transfer_claim = {&item, 1, 30000}}};
    assert_int_equal(lane_call(platform.lane, &job), FAULT_NONE);
    return item.claimed ? item.step : STEP_NONE;
}

/* A confirmed transfer, given to the operator. */
static struct transfer_id submitted(void)
{
    struct transfer_id transfer = platform_send(&platform, MSISDN, 1, 1, 500, "http://m/");
    assert_int_equal(claim(transfer), STEP_SUBMIT);
    return transfer;
}

static struct lane_job send_of(struct send_item *item, const char *client_id, int64_t amount_minor)
{
    *item = (struct send_item){.client_id = client_id,
                               .notify_url = "http://m/",
                               .prefix = "225",
                               .phone = "07",
                               .msisdn = MSISDN,
                               .operator_number = 1,
                               .amount = {amount_minor, CURRENCY_XOF}};
    return (struct lane_job){.command = {.kind = COMMAND_LOT_SEND,
                                         .lot_send = {.merchant = platform.merchant,
                                                      .items = item,
                                                      .count = 1,
                                                      .source = "192.0.2.1",
                                                      .listed = true}}};
}

static enum payout_code send(struct send_item *item, const char *client_id, int64_t amount_minor)
{
    struct lane_job job = send_of(item, client_id, amount_minor);
    assert_int_equal(lane_call(platform.lane, &job), FAULT_NONE);
    return job.command.code;
}

static void ended(struct lane_job *job)
{
    *(bool *)job->context = true;
}

/* Two at the same moment: one batch. */
static void both(struct lane_job *a, struct lane_job *b)
{
    bool answered[2] = {false, false};
    a->done = b->done = ended;
    a->context = &answered[0];
    b->context = &answered[1];
    assert_true(lane_submit(platform.lane, a) && lane_submit(platform.lane, b));
    assert_true(lane_step(platform.lane));
    assert_true(answered[0] && answered[1]);
}

static int64_t balance(enum account_kind kind)
{
    const struct store_memory_tables *tables = store_memory_tables(platform.store);
    for (size_t i = 0; i < tables->account_count; i++)
        if (tables->accounts[i].key.kind == kind &&
            (kind == ACCOUNT_FLOAT ||
             tables->accounts[i].key.merchant.value == platform.merchant.value))
            return tables->accounts[i].balance_minor;
    return 0;
}

static size_t movements(enum movement_kind kind)
{
    const struct store_memory_tables *tables = store_memory_tables(platform.store);
    size_t count = 0;
    for (size_t i = 0; i < tables->movement_count; i++)
        count += tables->movements[i].kind == kind;
    return count;
}

/* --- The bugs --- */

/* The operator's callback overtook the transaction that wrote the transfer down: the handler did
 * not find it, answered 200, and the operator never said it again. Here nothing leaves before it is
 * committed; and whatever is said too early is kept, and whatever could not be written down is not
 * answered as received: the lease brings the question. */
static void a_callback_before_the_commit_is_not_dropped(void **state)
{
    (void)state;
    struct transfer_id transfer = platform_send(&platform, MSISDN, 1, 1, 500, "http://m/");
    assert_int_equal(say(transfer, VERDICT_PAID), OUTCOME_CONTRADICTED);
    assert_int_equal(store_memory_tables(platform.store)->contradiction_count, 1);
    assert_int_equal(platform_transfer(&platform, transfer).state, TRANSFER_NEW);
    assert_int_equal(claim(transfer), STEP_SUBMIT);

    struct outcome_item item;
    struct lane_job job = outcome_of(&item, transfer, VERDICT_PAID);
    plan = SAVE_FINAL;
    assert_int_equal(lane_call(platform.lane, &job), FAULT_FINAL); /* No 200 for that. */
    struct transfer now = platform_transfer(&platform, transfer);
    assert_int_equal(now.state, TRANSFER_REC);
    now_ms = now.due_at_ms;
    assert_int_equal(claim(transfer), STEP_ASK);
    assert_int_equal(say(transfer, VERDICT_PAID), OUTCOME_APPLIED);
    assert_int_equal(platform_transfer(&platform, transfer).state, TRANSFER_VAL);
}

/* The connection broke after the money had left; the client had no id to ask with, and sent again.
 * Towards merchants: the same client_transaction_id gives the first one's id. Towards operators:
 * our id is the reference, known before anything leaves, and asked with until it is known. */
static void a_timeout_of_what_was_paid_does_not_lose_the_id(void **state)
{
    (void)state;
    struct send_item item;
    assert_int_equal(send(&item, "first", 500), PAYOUT_NOT_MY_CONTACT);
    (void)platform_send(&platform, MSISDN, 1, 1, 500, "http://m/"); /* A contact now. */
    struct lane_job job = send_of(&item, "salary-1", 500);
    plan = SAVE_UNKNOWN_DONE;
    assert_int_equal(lane_call(platform.lane, &job), FAULT_NONE); /* And the answer is lost. */
    struct transfer_id transfer = item.transfer;
    assert_int_equal(send(&item, "salary-1", 500), PAYOUT_CLIENT_ID_EXISTS);
    assert_int_equal(item.transfer.value, transfer.value);

    assert_int_equal(claim(transfer), STEP_SUBMIT);
    assert_int_equal(say(transfer, VERDICT_UNKNOWN), OUTCOME_APPLIED);
    assert_int_equal(platform_transfer(&platform, transfer).state, TRANSFER_NOS);
    now_ms += 1000;
    assert_int_equal(claim(transfer), STEP_ASK); /* Of the same id. */
    assert_int_equal(say(transfer, VERDICT_PAID), OUTCOME_APPLIED);
    assert_int_equal(balance(ACCOUNT_FLOAT), 500);
}

/* Two notifications of one payment arrived at the same moment; both handlers read "pending", and
 * both debited. */
static void two_answers_at_once_debit_once(void **state)
{
    (void)state;
    struct transfer_id transfer = submitted();
    struct outcome_item items[2];
    struct lane_job a = outcome_of(&items[0], transfer, VERDICT_PAID);
    struct lane_job b = outcome_of(&items[1], transfer, VERDICT_PAID);
    both(&a, &b);
    assert_int_equal(items[0].effect, OUTCOME_APPLIED);
    assert_int_equal(items[1].effect, OUTCOME_IGNORED);
    assert_int_equal(movements(MOVEMENT_PAY), 1);
    assert_int_equal(balance(ACCOUNT_FLOAT), 500);
    assert_int_equal(balance(ACCOUNT_HELD), 0);
}

/* elizaOS/eliza, issue 11022: the debit was idempotent by its key, and the refund after a rejection
 * did not void that: a retry under the same key found the debit done, and paid without one. */
static void a_retry_under_the_key_of_a_refunded_debit_pays_nothing(void **state)
{
    (void)state;
    (void)platform_send(&platform, MSISDN, 1, 1, 500, "http://m/");
    int64_t available = balance(ACCOUNT_AVAILABLE), held = balance(ACCOUNT_HELD);
    struct send_item item;
    assert_int_equal(send(&item, "K", 700), PAYOUT_OK);
    struct transfer_id transfer = item.transfer;
    assert_int_equal(claim(transfer), STEP_SUBMIT);
    assert_int_equal(say(transfer, VERDICT_REJECTED), OUTCOME_APPLIED);
    assert_int_equal(balance(ACCOUNT_AVAILABLE), available); /* It has come back. */

    size_t transfers = store_memory_tables(platform.store)->transfer_count;
    assert_int_equal(send(&item, "K", 700), PAYOUT_CLIENT_ID_EXISTS);
    assert_int_equal(item.transfer.value, transfer.value);
    assert_int_equal(item.state, TRANSFER_REJ);
    assert_int_equal(store_memory_tables(platform.store)->transfer_count, transfers);
    assert_int_equal(claim(transfer), STEP_NONE);
    assert_int_equal(balance(ACCOUNT_AVAILABLE), available);
    assert_int_equal(balance(ACCOUNT_HELD), held);
}

/* blnkfinance/blnk, issue 181: transactions in flight were checked against the balance alone, so
 * that a sixth 1000 was accepted on 5000, and the balance went below zero when all were committed.
 */
static void what_is_held_is_not_available_to_the_next(void **state)
{
    (void)state;
    (void)platform_send(&platform, MSISDN, 1, 1, 500, "http://m/");
    int64_t leave = 5000;
    struct lane_job withdraw = {
        .command = {.kind = COMMAND_FUND,
                    .fund = {.merchant = platform.merchant,
                             .kind = MOVEMENT_WITHDRAW,
                             .amount = {balance(ACCOUNT_AVAILABLE) - leave, CURRENCY_XOF},
                             .reference = "W1"}}};
    assert_int_equal(lane_call(platform.lane, &withdraw), FAULT_NONE);
    static const char *const ids[] = {"1", "2", "3", "4"};
    struct send_item item, last[2];
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(send(&item, ids[i], 1000), PAYOUT_OK);
    /* The fifth and the sixth at the same moment. */
    struct lane_job fifth = send_of(&last[0], "5", 1000), sixth = send_of(&last[1], "6", 1000);
    both(&fifth, &sixth);
    assert_int_equal(fifth.command.code, PAYOUT_OK);
    assert_int_equal(sixth.command.code, PAYOUT_INSUFFICIENT_BALANCE);
    assert_int_equal(balance(ACCOUNT_AVAILABLE), 0);
    assert_int_equal(balance(ACCOUNT_HELD), 5500);
}

/* blnkfinance/blnk, issue 171: of what was committed at the same time, a part was written and the
 * rest was not. A batch that dies in its commit is there whole, or not at all. */
static void what_is_committed_together_is_there_whole_or_not_at_all(void **state)
{
    (void)state;
    (void)platform_send(&platform, MSISDN, 1, 1, 500, "http://m/");
    for (int after = 0; after < 2; after++) {
        const struct store_memory_tables *tables = store_memory_tables(platform.store);
        size_t transfers = tables->transfer_count, lots = tables->lot_count;
        size_t holds = movements(MOVEMENT_HOLD);
        struct send_item items[2];
        struct lane_job a = send_of(&items[0], after == 0 ? "a" : "c", 700);
        struct lane_job b = send_of(&items[1], after == 0 ? "b" : "d", 900);
        int64_t held = balance(ACCOUNT_HELD);
        plan = after == 0 ? SAVE_CRASH_BEFORE : SAVE_CRASH_AFTER;
        both(&a, &b);
        assert_int_not_equal(a.fault, FAULT_NONE); /* Nobody was told that it is there. */
        assert_int_not_equal(b.fault, FAULT_NONE);
        store_memory_restart(platform.store);
        size_t there = after == 0 ? 0 : 2;
        assert_int_equal(tables->transfer_count, transfers + there);
        assert_int_equal(tables->lot_count, lots + there);
        assert_int_equal(movements(MOVEMENT_HOLD), holds + there);
        assert_int_equal(balance(ACCOUNT_HELD), held + (after == 0 ? 0 : 1600));
    }
}

static size_t notifications_due(struct due_notification **due)
{
    size_t count;
    struct fault fault;
    assert_int_equal(store_read_due_notifications(reader, arena, now_ms,
                                                  (struct notification_cursor){0}, 100, due, &count,
                                                  &fault),
                     FAULT_NONE);
    return count;
}

/* juspay/hyperswitch, issue 3408: an event was written after the change that it tells of, by who
 * then died or failed: the merchant never heard of it. Here the change and its notification are one
 * commit, and a worker that was woken by nobody finds it. */
static void a_change_is_never_there_without_its_notification(void **state)
{
    (void)state;
    struct due_notification *due;
    struct transfer_id transfer = submitted();
    struct outcome_item item;
    struct lane_job job = outcome_of(&item, transfer, VERDICT_PAID);
    plan = SAVE_CRASH_AFTER; /* Dead before it could wake or tell anybody. */
    assert_int_not_equal(lane_call(platform.lane, &job), FAULT_NONE);
    store_memory_restart(platform.store);
    struct transfer now = platform_transfer(&platform, transfer);
    assert_int_equal(now.state, TRANSFER_VAL);
    const struct store_memory_tables *tables = store_memory_tables(platform.store);
    assert_int_equal(tables->notification_count, now.notifications);
    assert_int_equal(tables->notifications[now.notifications - 1].transfer_state, TRANSFER_VAL);
    assert_int_equal(notifications_due(&due), 1);
}

static void deliver(const struct due_notification *due, bool delivered)
{
    struct delivery_item item = {.delivery = {.key = due->notification.key,
                                              .at_ms = now_ms,
                                              .http_status = delivered ? 200 : 500,
                                              .error = ""},
                                 .delivered = delivered,
                                 .next_at_ms = now_ms};
    struct lane_job job = {
        .command = {.kind = COMMAND_DELIVERY, .delivery = {.items = &item, .count = 1}}};
    assert_int_equal(lane_call(platform.lane, &job), FAULT_NONE);
}

/* juspay/hyperswitch, issue 9278: a notification carried a status older than one that had been sent
 * before. Those of a transfer go out one after the other, each with what it was made for. */
static void a_notification_is_never_older_than_one_before_it(void **state)
{
    (void)state;
    struct due_notification *due;
    struct transfer_id transfer = submitted();
    assert_int_equal(say(transfer, VERDICT_UNKNOWN), OUTCOME_APPLIED);
    assert_int_equal(say(transfer, VERDICT_PAID), OUTCOME_APPLIED);
    static const enum transfer_state order[] = {TRANSFER_REC, TRANSFER_NOS, TRANSFER_VAL};
    for (size_t i = 0; i < 3; i++) {
        for (int tries = 0; tries < 3; tries++) { /* It fails twice: nothing overtakes it. */
            assert_int_equal(notifications_due(&due), 1);
            assert_int_equal(due->notification.transfer_state, order[i]);
            deliver(due, tries == 2);
        }
        deliver(due, false); /* A late word about it brings nothing back. */
    }
    assert_int_equal(notifications_due(&due), 0);
}

/* juspay/hyperswitch, issue 11342: the retries of asking ran out, and what was pending became
 * failed, though it was paid later. Asking never ends, and silence is no refusal. */
static void what_is_pending_does_not_fail_because_somebody_tires_of_asking(void **state)
{
    (void)state;
    struct transfer_id transfer = submitted();
    assert_int_equal(say(transfer, VERDICT_UNKNOWN), OUTCOME_APPLIED);
    for (int i = 0; i < 2000; i++) {
        now_ms += DAY_MS;
        assert_int_equal(claim(transfer), STEP_ASK);
        assert_int_equal(say(transfer, i % 2 == 0 ? VERDICT_PENDING : VERDICT_UNKNOWN),
                         OUTCOME_APPLIED);
        assert_int_equal(platform_transfer(&platform, transfer).state, TRANSFER_NOS);
    }
    assert_int_equal(balance(ACCOUNT_HELD), 500);
    assert_int_equal(say(transfer, VERDICT_PAID), OUTCOME_APPLIED);
    assert_int_equal(platform_transfer(&platform, transfer).state, TRANSFER_VAL);
}

/* What a janitor's first look says in the log and in the metrics. */
static void look(char *text, size_t size)
{
    struct janitor *janitor;
    struct fault fault;
    struct buffer metrics;
    char name[] = "/tmp/history.XXXXXX";
    int file = mkstemp(name);
    assert_true(file >= 0 && unlink(name) == 0);
    log_file_descriptor_set(file);
    assert_int_equal(janitor_open(platform.store, platform.lane, NULL, DAY_MS, &janitor, &fault),
                     FAULT_NONE);
    janitor_stop(janitor); /* It has looked at least once. */
    log_file_descriptor_set(-1);
    ssize_t length = pread(file, text, size - 1, 0);
    assert_true(length >= 0 && close(file) == 0);
    text[length] = '\0';
    buffer_init(&metrics, 4096);
    janitor_metrics(janitor, &metrics);
    (void)strncat(text, buffer_text(&metrics), size - (size_t)length - 1);
    buffer_free(&metrics);
    janitor_close(janitor);
}

/* antiwork/gumroad, 3814: payouts stood in processing for a year, and nobody saw. */
static void what_stands_for_a_year_is_seen(void **state)
{
    (void)state;
    char text[8192];
    struct transfer_id transfer = submitted();
    now_ms += DAY_MS - 1;
    look(text, sizeof text);
    assert_null(strstr(text, "unfinished for too long"));
    assert_non_null(strstr(text, "\npayoutd_unfinished_alarm 0\n"));
    now_ms += YEAR_MS;
    look(text, sizeof text);
    assert_non_null(strstr(text, "transfer unfinished for too long"));
    assert_non_null(strstr(text, "31622399"));
    assert_non_null(strstr(text, "\npayoutd_unfinished_alarm 1\n"));
    assert_int_equal(say(transfer, VERDICT_PAID), OUTCOME_APPLIED);
    look(text, sizeof text);
    assert_null(strstr(text, "unfinished for too long"));
}

int main(void)
{
    secret_init();
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)
        CASE(a_callback_before_the_commit_is_not_dropped),
        CASE(a_timeout_of_what_was_paid_does_not_lose_the_id),
        CASE(two_answers_at_once_debit_once),
        CASE(a_retry_under_the_key_of_a_refunded_debit_pays_nothing),
        CASE(what_is_held_is_not_available_to_the_next),
        CASE(what_is_committed_together_is_there_whole_or_not_at_all),
        CASE(a_change_is_never_there_without_its_notification),
        CASE(a_notification_is_never_older_than_one_before_it),
        CASE(what_is_pending_does_not_fail_because_somebody_tires_of_asking),
        CASE(what_stands_for_a_year_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "operators/sandbox.h"
#include "operators/worker.h"
#include "support/platform.h"

enum { PEOPLE_MAX = 3000, SCRIPT_MAX = 8 };
#define FIRST_MSISDN INT64_C(2250700000000)

static struct platform platform;
static struct operator_worker *worker;

/* --- An operator that says what the test wrote down, and keeps its own books --- */

static struct {
    struct verdict_answer script[SCRIPT_MAX]; /* What it says first, second … and from then on. */
    bool idempotent;
    int64_t down_ms;
    atomic_int submits[PEOPLE_MAX], asks[PEOPLE_MAX];
    atomic_bool silent; /* Every submit is answered after the next ice age. */
} fake;

static void fake_say(const struct attempt *attempt, struct verdict_answer *answer,
                     atomic_int *counter)
{
    size_t person = (size_t)(attempt->transfer->msisdn - FIRST_MSISDN);
    /* Durable before it leaves: the store must hold the claim by now. */
    struct transfer stored = platform_transfer(&platform, attempt->transfer->id);
    invariant(stored.step == STEP_ASK);
    invariant(stored.state == TRANSFER_REC || stored.state == TRANSFER_NOS);
    invariant(stored.attempts == attempt->number);
    invariant(stored.submitted_at_ms == attempt->transfer->submitted_at_ms);
    invariant(stored.state == attempt->transfer->state);
    size_t said = (size_t)attempt->number - 1;
    while (said > 0 && (said >= SCRIPT_MAX || fake.script[said].verdict == 0))
        said--;
    *answer = fake.script[said];
    if (atomic_load(&fake.silent))
        answer->answer_after_ms = INT64_C(1) << 50;
    atomic_fetch_add(&counter[person], 1);
}

static void fake_submit(const struct attempt *attempt, struct verdict_answer *answer)
{
    fake_say(attempt, answer, fake.submits);
}

static void fake_ask(const struct attempt *attempt, struct verdict_answer *answer)
{
    fake_say(attempt, answer, fake.asks);
}

static int64_t fake_wait_ms(const struct transfer *transfer, int64_t now_ms)
{
    (void)now_ms;
    return transfer->reason == TRANSFER_REASON_OPERATOR_DOWN ? 0 : fake.down_ms;
}

static struct operator_connector connector = {
    .name = "fake", .wait_ms = fake_wait_ms, .submit = fake_submit, .ask = fake_ask};
static struct channel channel = {.number = CHANNEL_SANDBOX,
                                 .name = "fake",
                                 .connector = &connector,
                                 .operators = UINT64_MAX,
                                 .weight = 1,
                                 .under_way_max = 1,
                                 .timeout_ms = 1000,
                                 .connect_timeout_ms = 1000};

static void fake_script(const struct verdict_answer *script, size_t count)
{
    memset(fake.script, 0, sizeof fake.script);
    for (size_t i = 0; i < count; i++)
        fake.script[i] = script[i];
    fake.down_ms = 0;
    atomic_store(&fake.silent, false);
    for (size_t i = 0; i < PEOPLE_MAX; i++) {
        atomic_store(&fake.submits[i], 0);
        atomic_store(&fake.asks[i], 0);
    }
}
#define SCRIPT(...)                                                                                \
    fake_script((const struct verdict_answer[]){__VA_ARGS__},                                      \
                sizeof(struct verdict_answer[]){__VA_ARGS__} / sizeof(struct verdict_answer))
#define SAYS(VERDICT, ...)                                                                         \
    {                                                                                              \
        .verdict = VERDICT_##VERDICT, __VA_ARGS__                                                  \
    }

static void assert_all(atomic_int *counter, size_t count, int expected)
{
    for (size_t i = 0; i < count; i++)
        assert_int_equal(atomic_load(&counter[i]), expected);
}

/* --- The stage --- */

static void begin_with(const struct operator_worker_options *more, size_t queue_weight_max)
{
    struct operator_worker_options options = *more;
    struct fault fault = {0};
    platform_open(&platform, queue_weight_max);
    connector.abilities |= OPERATOR_REFERENCE_ONCE | OPERATOR_ASKED;
    options.store = platform.store;
    options.lane = platform.lane;
    options.channels = &channel;
    options.channel_count = 1;
    assert_int_equal(operator_worker_open(&options, &worker, &fault), FAULT_NONE);
    platform_wakes(&platform, operator_worker_wake, worker);
}

static void begin(void)
{
    begin_with(&(struct operator_worker_options){0}, 0);
    platform_start(&platform);
}

static void end(void)
{
    operator_worker_stop(worker);
    lane_stop(platform.lane);
    operator_worker_close(worker);
    platform_close(&platform);
}

static struct transfer_id send(size_t count)
{
    return platform_send(&platform, FIRST_MSISDN, 1, count, 500, "http://m/");
}

static void everybody_is_paid_once(void **state)
{
    (void)state;
    SCRIPT(SAYS(PAID, .operator_reference = "OP1"));
    begin();
    struct transfer_id first = send(PEOPLE_MAX);
    platform_wait_state(&platform, TRANSFER_VAL, PEOPLE_MAX);
    assert_all(fake.submits, PEOPLE_MAX, 1);
    assert_all(fake.asks, PEOPLE_MAX, 0);
    struct transfer transfer = platform_transfer(&platform, first);
    assert_string_equal(transfer.operator_reference, "OP1");
    assert_int_equal(transfer.attempts, 1);
    end();
}

static void a_rejection_gives_its_reason(void **state)
{
    (void)state;
    SCRIPT(SAYS(REJECTED, .reason = TRANSFER_REASON_RECEIVER_BLOCKED));
    begin();
    struct transfer_id first = send(3);
    platform_wait_state(&platform, TRANSFER_REJ, 3);
    assert_int_equal(platform_transfer(&platform, first).reason, TRANSFER_REASON_RECEIVER_BLOCKED);
    end();
}

static void what_is_unknown_is_asked_and_never_sent_again(void **state)
{
    (void)state;
    SCRIPT(SAYS(UNKNOWN, .ask_after_ms = 1), SAYS(UNKNOWN, .ask_after_ms = 1),
           SAYS(PENDING, .ask_after_ms = 1), SAYS(PAID, 0));
    begin();
    (void)send(50);
    platform_wait_state(&platform, TRANSFER_VAL, 50);
    assert_all(fake.submits, 50, 1);
    assert_all(fake.asks, 50, 3);
    end();
}

static void what_was_never_seen_goes_again(void **state)
{
    (void)state;
    SCRIPT(SAYS(UNKNOWN, .ask_after_ms = 1), SAYS(NEVER_SEEN, .ask_after_ms = 1), SAYS(PAID, 0));
    begin();
    struct transfer_id first = send(20);
    platform_wait_state(&platform, TRANSFER_VAL, 20);
    assert_all(fake.submits, 20, 2);
    assert_all(fake.asks, 20, 1);
    assert_int_equal(platform_transfer(&platform, first).attempts, 3);
    end();
}

static void an_operator_that_takes_a_reference_twice_is_not_believed(void **state)
{
    (void)state;
    SCRIPT(SAYS(UNKNOWN, .ask_after_ms = 1), SAYS(NEVER_SEEN, .ask_after_ms = 1), SAYS(PAID, 0));
    begin();
    connector.abilities &= ~(unsigned)OPERATOR_REFERENCE_ONCE;
    (void)send(20);
    platform_wait_state(&platform, TRANSFER_VAL, 20);
    assert_all(fake.submits, 20, 1);
    assert_all(fake.asks, 20, 2);
    end();
}

static void what_did_not_leave_goes_again(void **state)
{
    (void)state;
    SCRIPT(SAYS(NOT_SENT, .ask_after_ms = 1), SAYS(PAID, 0));
    begin();
    connector.abilities &= ~(unsigned)OPERATOR_REFERENCE_ONCE;
    (void)send(5);
    platform_wait_state(&platform, TRANSFER_VAL, 5);
    assert_all(fake.submits, 5, 2);
    assert_all(fake.asks, 5, 0);
    end();
}

static bool is_told_of_the_outage(void *context)
{
    struct transfer transfer = platform_transfer(&platform, *(struct transfer_id *)context);
    return transfer.reason == TRANSFER_REASON_OPERATOR_DOWN;
}

static void a_down_operator_leaves_a_transfer_new(void **state)
{
    (void)state;
    SCRIPT(SAYS(PAID, 0));
    fake.down_ms = 300;
    begin();
    struct transfer_id first = send(5);
    platform_wait(is_told_of_the_outage, &first);
    struct transfer transfer = platform_transfer(&platform, first);
    assert_int_equal(transfer.state, TRANSFER_NEW);
    assert_int_equal(transfer.step, STEP_SUBMIT);
    assert_int_equal(transfer.attempts, 0);
    assert_all(fake.submits, 5, 0);
    platform_wait_state(&platform, TRANSFER_VAL, 5);
    transfer = platform_transfer(&platform, first);
    assert_true(transfer.validated_at_ms - transfer.created_at_ms >= 300);
    assert_int_equal(transfer.reason, TRANSFER_REASON_NONE);
    assert_all(fake.submits, 5, 1);
    end();
}

static bool is_contradicted(void *context)
{
    (void)context;
    store_memory_lock(platform.store);
    size_t contradictions = store_memory_tables(platform.store)->contradiction_count;
    store_memory_unlock(platform.store);
    return contradictions == 2;
}

static void what_is_said_twice_counts_once_and_a_contradiction_is_kept(void **state)
{
    (void)state;
    SCRIPT(SAYS(PAID, .answers = 3, .afterwards = VERDICT_REJECTED));
    begin();
    (void)send(2);
    platform_wait(is_contradicted, NULL);
    assert_int_equal(platform_count(&platform, TRANSFER_VAL), 2);
    struct lane_figures figures;
    lane_read_figures(platform.lane, &figures);
    assert_int_equal(figures.contradictions, 2);
    end();
}

static bool ten_were_submitted(void *context)
{
    int submitted = 0;
    (void)context;
    for (size_t i = 0; i < 10; i++)
        submitted += atomic_load(&fake.submits[i]);
    return submitted == 10;
}

static void an_operator_that_is_silent_holds_nobody_else_up(void **state)
{
    (void)state;
    SCRIPT(SAYS(PAID, 0));
    atomic_store(&fake.silent, true);
    begin();
    (void)send(10);
    platform_wait(ten_were_submitted, NULL);
    atomic_store(&fake.silent, false);
    (void)platform_send(&platform, FIRST_MSISDN + 10, 1, 100, 500, "http://m/");
    platform_wait_state(&platform, TRANSFER_VAL, 100);
    assert_int_equal(platform_count(&platform, TRANSFER_REC), 10);
    end();
    assert_all(fake.submits, 110, 1);
}

static void late_answers_come_when_they_come(void **state)
{
    (void)state;
    SCRIPT(SAYS(PAID, .answer_after_ms = 50));
    begin();
    struct transfer_id first = send(30);
    platform_wait_state(&platform, TRANSFER_VAL, 30);
    struct transfer transfer = platform_transfer(&platform, first);
    assert_true(transfer.validated_at_ms - transfer.submitted_at_ms >= 49);
    assert_all(fake.submits, 30, 1);
    assert_all(fake.asks, 30, 0);
    end();
}

static void an_answer_that_outlives_the_lease_becomes_a_question(void **state)
{
    (void)state;
    SCRIPT(SAYS(PAID, .answer_after_ms = 1000000), SAYS(PAID, 0));
    begin_with(&(struct operator_worker_options){.lease_ms = 200}, 0);
    platform_start(&platform);
    (void)send(3);
    platform_wait_state(&platform, TRANSFER_NOS, 3);
    platform_wait_state(&platform, TRANSFER_VAL, 3);
    assert_all(fake.submits, 3, 1);
    assert_all(fake.asks, 3, 1);
    end();
}

/* Somebody claimed it and died. */
static void a_claim_without_a_word_is_asked_about(void **state)
{
    (void)state;
    SCRIPT(SAYS(PAID, 0));
    begin_with(&(struct operator_worker_options){0}, 0);
    operator_worker_stop(worker);
    platform_start(&platform);
    struct transfer_id first = send(1);
    struct claim_item item = {.transfer = first,
                              .due_at_ms = platform_transfer(&platform, first).due_at_ms,
                              .channel = CHANNEL_SANDBOX};
    struct lane_job job = {
        .command = {.kind = COMMAND_TRANSFER_CLAIM,
                    .transfer_claim = {.items = &item, .count = 1, .lease_ms = 100}}};
    assert_int_equal(lane_call(platform.lane, &job), FAULT_NONE);
    assert_true(item.claimed);
    platform_wakes(&platform, NULL, NULL);
    operator_worker_close(worker);
    struct fault fault;
    assert_int_equal(operator_worker_open(&(struct operator_worker_options){.store = platform.store,
                                                                            .lane = platform.lane,
                                                                            .channels = &channel,
                                                                            .channel_count = 1},
                                          &worker, &fault),
                     FAULT_NONE);
    platform_wakes(&platform, operator_worker_wake, worker);
    platform_wait_state(&platform, TRANSFER_VAL, 1);
    assert_all(fake.submits, 1, 0);
    assert_all(fake.asks, 1, 1);
    end();
}

static bool was_refused(void *context)
{
    struct lane_figures figures;
    (void)context;
    lane_read_figures(platform.lane, &figures);
    return figures.refused_full > 0;
}

static void job_ignored(struct lane_job *job)
{
    (void)job;
}

static void a_full_lane_loses_nothing(void **state)
{
    (void)state;
    SCRIPT(SAYS(PAID, 0));
    platform_open(&platform, 100);
    connector.abilities |= OPERATOR_REFERENCE_ONCE | OPERATOR_ASKED;
    (void)send(100);
    struct send_item items[100] = {0};
    struct lane_job full = {.command = {.kind = COMMAND_LOT_SEND,
                                        .lot_send = {.merchant = platform.merchant,
                                                     .items = items,
                                                     .count = 100,
                                                     .source = ""}},
                            .done = job_ignored};
    for (size_t i = 0; i < 100; i++)
        items[i].refusal = PAYOUT_INVALID_PHONE;
    assert_true(lane_submit(platform.lane, &full));
    struct fault fault;
    assert_int_equal(operator_worker_open(&(struct operator_worker_options){.store = platform.store,
                                                                            .lane = platform.lane,
                                                                            .channels = &channel,
                                                                            .channel_count = 1},
                                          &worker, &fault),
                     FAULT_NONE);
    platform_wakes(&platform, operator_worker_wake, worker);
    platform_wait(was_refused, NULL);
    platform_start(&platform);
    platform_wait_state(&platform, TRANSFER_VAL, 100);
    assert_all(fake.submits, 100, 1);
    end();
}

static enum save_plan save_badly(void *context)
{
    static const enum save_plan plans[] = {
        SAVE_WELL, SAVE_AGAIN, SAVE_UNKNOWN_DONE, SAVE_UNKNOWN_NOT_DONE,
        SAVE_WELL, SAVE_FINAL, SAVE_WELL};
    size_t *turn = context;
    return plans[(*turn)++ % (sizeof plans / sizeof *plans)];
}

static void a_store_that_fails_costs_time_and_no_money(void **state)
{
    (void)state;
    SCRIPT(SAYS(UNKNOWN, .ask_after_ms = 1), SAYS(PAID, 0));
    begin_with(&(struct operator_worker_options){.lease_ms = 40, .under_way_max = 7}, 0);
    size_t turn = 0;
    (void)send(40);
    store_memory_plan(platform.store, save_badly, &turn);
    log_configure((enum log_level) - 1, LOG_FORMAT_TEXT, false); /* Its faults are planned. */
    platform_start(&platform);
    operator_worker_wake(worker);
    platform_wait_state(&platform, TRANSFER_VAL, 40);
    for (size_t i = 0; i < 40; i++)
        assert_true(atomic_load(&fake.submits[i]) <= 1); /* 0: the claim's answer was lost. */
    end();
    log_configure(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT, false);
}

static void no_more_are_in_hand_than_may_be(void **state)
{
    (void)state;
    SCRIPT(SAYS(PAID, .answer_after_ms = 5));
    begin_with(&(struct operator_worker_options){.under_way_max = 10}, 0);
    platform_start(&platform);
    (void)send(100);
    platform_wait_state(&platform, TRANSFER_VAL, 100);
    assert_all(fake.submits, 100, 1);
    struct lane_figures figures;
    lane_read_figures(platform.lane, &figures);
    assert_true(figures.commands_by_kind[COMMAND_TRANSFER_CLAIM] >= 10);
    end();
}

static void a_stop_writes_down_what_was_answered(void **state)
{
    (void)state;
    SCRIPT(SAYS(PAID, 0));
    begin();
    (void)send(500);
    operator_worker_stop(worker);
    operator_worker_stop(worker);
    int submitted = 0;
    for (size_t i = 0; i < 500; i++)
        submitted += atomic_load(&fake.submits[i]);
    assert_int_equal(platform_count(&platform, TRANSFER_VAL), submitted);
    assert_int_equal(platform_count(&platform, TRANSFER_NEW) +
                         platform_count(&platform, TRANSFER_REC),
                     500 - submitted);
    platform_wakes(&platform, NULL, NULL);
    operator_worker_close(worker);
    /* The next one goes on where this one stopped, and nobody is paid twice. */
    struct fault fault;
    assert_int_equal(operator_worker_open(&(struct operator_worker_options){.store = platform.store,
                                                                            .lane = platform.lane,
                                                                            .channels = &channel,
                                                                            .channel_count = 1},
                                          &worker, &fault),
                     FAULT_NONE);
    platform_wakes(&platform, operator_worker_wake, worker);
    platform_wait_state(&platform, TRANSFER_VAL, 500);
    assert_all(fake.submits, 500, 1);
    end();
}

static void the_sandbox_pays_through_all_its_rows(void **state)
{
    (void)state;
    sandbox_scale_set(0);
    channel.connector = sandbox_connector();
    begin_with(&(struct operator_worker_options){0}, 0);
    platform_start(&platform);
    size_t rows, paid = 0, rejected = 0;
    const struct sandbox_row *table = sandbox_rows(&rows);
    for (size_t i = 0; i < rows; i++) {
        bool rejects =
            table[i].reason != TRANSFER_REASON_NONE && table[i].behaviour != SANDBOX_CONTRADICTS;
        rejected += rejects;
        paid += !rejects;
    }
    (void)platform_send(&platform, INT64_C(2250700009900), 5, 20, 500,
                        "http://m/"); /* 9900: none */
    platform_wait_state(&platform, TRANSFER_REJ, rejected);
    platform_wait_state(&platform, TRANSFER_VAL, paid + 1);
    assert_int_equal(rows + 1, 20);
    end();
    channel.connector = &connector;
    sandbox_scale_set(100);
}

static void its_figures_are_prometheus_text(void **state)
{
    (void)state;
    SCRIPT(SAYS(UNKNOWN, .ask_after_ms = 1), SAYS(PAID, 0));
    begin();
    (void)send(3);
    platform_wait_state(&platform, TRANSFER_VAL, 3);
    struct buffer text;
    buffer_init(&text, 65536);
    operator_worker_metrics(worker, &text);
    assert_true(buffer_ok(&text));
    assert_non_null(strstr(buffer_text(&text), "\npayoutd_operators_submits_total 3\n"));
    assert_non_null(strstr(buffer_text(&text), "\npayoutd_operators_asks_total 3\n"));
    assert_non_null(
        strstr(buffer_text(&text), "\npayoutd_operators_verdicts_total{verdict=\"PAID\"} 3\n"));
    buffer_free(&text);
    end();
}

static int quiet(void **state)
{
    (void)state;
    secret_init();
    log_configure(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT, false);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everybody_is_paid_once),
        cmocka_unit_test(a_rejection_gives_its_reason),
        cmocka_unit_test(what_is_unknown_is_asked_and_never_sent_again),
        cmocka_unit_test(what_was_never_seen_goes_again),
        cmocka_unit_test(an_operator_that_takes_a_reference_twice_is_not_believed),
        cmocka_unit_test(what_did_not_leave_goes_again),
        cmocka_unit_test(a_down_operator_leaves_a_transfer_new),
        cmocka_unit_test(what_is_said_twice_counts_once_and_a_contradiction_is_kept),
        cmocka_unit_test(an_operator_that_is_silent_holds_nobody_else_up),
        cmocka_unit_test(late_answers_come_when_they_come),
        cmocka_unit_test(an_answer_that_outlives_the_lease_becomes_a_question),
        cmocka_unit_test(a_claim_without_a_word_is_asked_about),
        cmocka_unit_test(a_full_lane_loses_nothing),
        cmocka_unit_test(a_store_that_fails_costs_time_and_no_money),
        cmocka_unit_test(no_more_are_in_hand_than_may_be),
        cmocka_unit_test(a_stop_writes_down_what_was_answered),
        cmocka_unit_test(the_sandbox_pays_through_all_its_rows),
        cmocka_unit_test(its_figures_are_prometheus_text),
    };
    return cmocka_run_group_tests(tests, quiet, NULL);
}

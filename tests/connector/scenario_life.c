/* A transfer's life with an operator: paid, rejected, unknown, found, not found, and what goes
 * wrong on the way. */
#include "connector/scenario.h"

#include <string.h>

static const int endings[BENCH_REASONS] = {9930, 9935, 9940, 9945, 9950, 9955};

void a_transfer_is_paid(void **state)
{
    struct bench *bench = *state;
    struct bench_order order;
    enum transfer_reason reason;
    order_open(bench, &order, 1234, 1500);
    assert_int_equal(bench_play(bench, &order, &reason), VERDICT_PAID);
    struct sim_totals totals = bench_totals(bench);
    assert_int_equal(totals.paid, 1);
    assert_int_equal(totals.paid_minor, 1500);
    assert_int_equal(totals.doubles, 0);
    assert_string_not_equal(order.operator_reference, "");
}

void each_rejection_has_its_reason(void **state)
{
    struct bench *bench = *state;
    for (size_t i = 0; i < BENCH_REASONS; i++) {
        struct bench_order order;
        enum transfer_reason reason;
        order_open(bench, &order, endings[i], 1500);
        enum verdict verdict = bench->pair->waits_for_float && endings[i] == 9955
                                   ? VERDICT_NOT_SENT
                                   : VERDICT_REJECTED;
        assert_int_equal(bench_play(bench, &order, &reason), verdict);
        if (reason != bench->pair->reasons[i])
            print_error("ending %d: %s\n", endings[i], transfer_reason_word(reason));
        assert_int_equal(reason, bench->pair->reasons[i]);
    }
    assert_int_equal(bench_totals(bench).paid, 0);
}

/* Whatever the operator says at once, the submit of one that it has not decided is PENDING. */
static void submit_pending(struct bench *bench, struct bench_order *order, int ending)
{
    bench_script(bench, "{\"faults\": {\"pending\": 100}, \"pending_long_ms\": 5000}");
    order_open(bench, order, ending, 1500);
    if (able(bench, OPERATOR_INTRODUCES))
        assert_true(bench_call(bench, OPERATOR_TASK_VALIDATE, order, 1));
    assert_true(bench_call(bench, OPERATOR_TASK_SUBMIT, order, 1));
    assert_int_equal(bench->answers[0].verdict, VERDICT_PENDING);
    assert_true(bench_call(bench, OPERATOR_TASK_ASK, order, 1));
    assert_int_equal(bench->answers[0].verdict, VERDICT_PENDING);
    assert_int_equal(bench_totals(bench).paid, 0);
}

void a_pending_transfer_is_paid_in_the_end(void **state)
{
    struct bench *bench = *state;
    struct bench_order order;
    submit_pending(bench, &order, 1234);
    assert_int_equal(bench_ask(bench, &order, NULL), VERDICT_PAID);
    assert_int_equal(bench_totals(bench).paid, 1);
}

void a_pending_transfer_is_rejected_in_the_end(void **state)
{
    struct bench *bench = *state;
    struct bench_order order;
    enum transfer_reason reason;
    submit_pending(bench, &order, 9960);
    assert_int_equal(bench_ask(bench, &order, &reason), VERDICT_REJECTED);
    assert_int_equal(reason, bench->pair->fails_mute ? TRANSFER_REASON_OPERATOR_REFUSED
                                                     : bench->pair->reasons[1]);
    assert_int_equal(bench_totals(bench).paid, 0);
}

void what_was_never_sent_is_never_seen(void **state)
{
    struct bench *bench = *state;
    struct bench_order order;
    order_open(bench, &order, 1234, 1500);
    assert_true(bench_call(bench, OPERATOR_TASK_ASK, &order, 1));
    /* Only of one who takes a reference once may it be believed. */
    assert_int_equal(bench->answers[0].verdict,
                     able(bench, OPERATOR_REFERENCE_ONCE) ? VERDICT_NEVER_SEEN : VERDICT_UNKNOWN);
}

/* --- No answer --- */

static void introduced_submit(struct bench *bench, struct bench_order *order, const char *script)
{
    order_open(bench, order, 1234, 1500);
    if (able(bench, OPERATOR_INTRODUCES))
        assert_true(bench_call(bench, OPERATOR_TASK_VALIDATE, order, 1));
    else if (able(bench, OPERATOR_TOKENS))
        assert_true(bench_call(bench, OPERATOR_TASK_FLOAT, NULL, 0));
    bench_script(bench, script);
    (void)bench_call(bench, OPERATOR_TASK_SUBMIT, order, 1);
    bench_script(bench, "{\"faults\": {\"cut_after\": 0, \"cut_before\": 0, \"error_after\": 0, "
                        "\"error_before\": 0}}");
}

void one_without_an_answer_is_found(void **state)
{
    struct bench *bench = *state;
    struct bench_order order;
    introduced_submit(bench, &order, "{\"faults\": {\"cut_after\": 100}}");
    assert_int_equal(bench->reply.status, 0);
    assert_int_equal(bench_totals(bench).paid, 1);
    assert_int_equal(bench_ask(bench, &order, NULL), VERDICT_PAID);
    assert_int_equal(bench_totals(bench).paid, 1);
}

void one_that_never_arrived_is_not_found_and_sent_again(void **state)
{
    struct bench *bench = *state;
    struct bench_order order;
    introduced_submit(bench, &order, "{\"faults\": {\"cut_before\": 100}}");
    assert_int_equal(bench_totals(bench).orders, 0);
    enum verdict verdict = bench_ask(bench, &order, NULL);
    if (!able(bench, OPERATOR_REFERENCE_ONCE)) {
        assert_int_equal(verdict, VERDICT_UNKNOWN);
        return;
    }
    assert_int_equal(verdict, VERDICT_NEVER_SEEN);
    assert_int_equal(bench_play(bench, &order, NULL), VERDICT_PAID);
    assert_int_equal(bench_totals(bench).paid, 1);
    assert_int_equal(bench_totals(bench).doubles, 0);
}

void two_workers_that_submit_one_transfer_pay_it_once(void **state)
{
    struct bench *bench = *state;
    struct bench_order order;
    introduced_submit(bench, &order, "{}");
    struct bench_order twin = order;
    memset(twin.operator_reference, 0, sizeof twin.operator_reference);
    assert_true(bench_call(bench, OPERATOR_TASK_SUBMIT, &twin, 1));
    enum verdict verdict = bench->answers[0].verdict;
    assert_true(verdict == VERDICT_PAID || verdict == VERDICT_PENDING ||
                verdict == VERDICT_UNKNOWN);
    if (verdict != VERDICT_PAID)
        assert_int_equal(bench_ask(bench, &twin, NULL), VERDICT_PAID);
    assert_int_equal(bench_totals(bench).paid, 1);
    assert_int_equal(bench_totals(bench).doubles, 0);
}

/* --- Errors --- */

void an_error_behind_which_it_was_done_is_no_refusal(void **state)
{
    struct bench *bench = *state;
    struct bench_order order;
    introduced_submit(bench, &order, "{\"faults\": {\"error_after\": 100}}");
    assert_int_equal(bench->reply.status, 500);
    assert_int_equal(bench->answers[0].verdict, VERDICT_UNKNOWN);
    assert_int_equal(bench_ask(bench, &order, NULL), VERDICT_PAID);
    assert_int_equal(bench_totals(bench).paid, 1);
}

void an_error_before_anything_was_done_is_no_refusal(void **state)
{
    struct bench *bench = *state;
    struct bench_order order;
    introduced_submit(bench, &order, "{\"faults\": {\"error_before\": 100}}");
    /* From outside it looks as the one before. */
    assert_int_equal(bench->answers[0].verdict, VERDICT_UNKNOWN);
    if (able(bench, OPERATOR_REFERENCE_ONCE)) {
        assert_int_equal(bench_ask(bench, &order, NULL), VERDICT_NEVER_SEEN);
        assert_int_equal(bench_play(bench, &order, NULL), VERDICT_PAID);
    }
    assert_int_equal(bench_totals(bench).doubles, 0);
}

void throttled_it_waits_and_is_paid(void **state)
{
    struct bench *bench = *state;
    struct bench_order order;
    introduced_submit(bench, &order, "{\"faults\": {\"throttle\": 100}, \"retry_after_ms\": 3000}");
    assert_int_equal(bench->reply.status, 429);
    assert_int_equal(bench->result.throttled_ms, 3000);
    assert_int_equal(bench->answers[0].verdict, VERDICT_NOT_SENT);
    assert_true(bench_call(bench, OPERATOR_TASK_ASK, &order, 1));
    assert_int_equal(bench->answers[0].verdict, VERDICT_UNKNOWN);
    assert_true(bench->result.throttled_ms > 0);
    bench_script(bench, "{\"faults\": {\"throttle\": 0}}");
    assert_int_equal(bench_play(bench, &order, NULL), VERDICT_PAID);
    assert_int_equal(bench_totals(bench).paid, 1);
}

void maintenance_is_waited_for(void **state)
{
    struct bench *bench = *state;
    struct bench_order order;
    introduced_submit(bench, &order, "{\"faults\": {\"maintenance\": 100}}");
    assert_int_equal(bench->reply.status, 503);
    assert_true(bench->result.down);
    assert_true(bench->answers[0].verdict == VERDICT_UNKNOWN ||
                bench->answers[0].verdict == VERDICT_NOT_SENT);
    assert_true(bench_call(bench, OPERATOR_TASK_ASK, &order, 1));
    assert_int_equal(bench->answers[0].verdict, VERDICT_UNKNOWN);
    bench_script(bench, "{\"faults\": {\"maintenance\": 0}}");
    if (able(bench, OPERATOR_REFERENCE_ONCE))
        assert_int_equal(bench_play(bench, &order, NULL), VERDICT_PAID);
    assert_int_equal(bench_totals(bench).doubles, 0);
}

/* --- Who we are --- */

void a_token_that_expires_midway_is_fetched_anew(void **state)
{
    struct bench *bench = *state;
    struct bench_order order;
    bench_script(bench, "{\"faults\": {\"token_early\": 100}, \"token_early_ms\": 0}");
    order_open(bench, &order, 1234, 1500);
    if (able(bench, OPERATOR_INTRODUCES))
        (void)bench_call(bench, OPERATOR_TASK_VALIDATE, &order, 1);
    (void)bench_call(bench, OPERATOR_TASK_SUBMIT, &order, 1);
    /* The second was refused as well: nothing was done, and it is known. */
    assert_true(bench->result.token_refused);
    assert_int_equal(bench->answers[0].verdict, VERDICT_NOT_SENT);
    (void)bench_call(bench, OPERATOR_TASK_ASK, &order, 1);
    assert_int_equal(bench->answers[0].verdict, VERDICT_UNKNOWN);
    bench_script(bench, "{\"faults\": {\"token_early\": 0}}");
    assert_int_equal(bench_play(bench, &order, NULL), VERDICT_PAID);
    assert_int_equal(bench_totals(bench).paid, 1);
}

void a_wrong_secret_pays_and_rejects_nobody(void **state)
{
    struct bench *bench = *state;
    struct bench_order order;
    bench->channel.secret[strlen(bench->channel.secret) - 1] ^= 1;
    order_open(bench, &order, 1234, 1500);
    (void)bench_call(bench, OPERATOR_TASK_SUBMIT, &order, 1);
    assert_int_equal(bench->answers[0].verdict, VERDICT_NOT_SENT);
    (void)bench_call(bench, OPERATOR_TASK_ASK, &order, 1);
    assert_int_equal(bench->answers[0].verdict, VERDICT_UNKNOWN);
    assert_int_equal(bench_totals(bench).orders, 0);
    assert_null(strstr(bench->result.said, bench->channel.secret));
}

void all_faults_at_once_pay_nobody_twice(void **state)
{
    struct bench *bench = *state;
    int unknown = 0, paid = 0;
    bench_script(bench, "{\"faults\": {\"error_before\": 5, \"error_after\": 5, \"cut_before\": 5, "
                        "\"cut_after\": 5, \"malformed\": 5, \"throttle\": 5, \"token_early\": 5, "
                        "\"maintenance\": 5, \"pending\": 5, \"reject\": 5, \"skew\": 5}}");
    for (int i = 0; i < 500; i++) {
        struct bench_order order;
        order_open(bench, &order, i, 1000 + 5 * i);
        enum verdict verdict = bench_play(bench, &order, NULL);
        unknown += verdict != VERDICT_PAID && verdict != VERDICT_REJECTED;
        paid += verdict == VERDICT_PAID;
    }
    struct sim_totals totals = bench_totals(bench);
    assert_int_equal(totals.doubles, 0);
    /* Whoever was paid is known to be paid, or not known to be anything. */
    assert_true(totals.paid >= paid && totals.paid <= paid + unknown);
    if (able(bench, OPERATOR_REFERENCE_ONCE)) {
        assert_int_equal(unknown, 0);
        assert_int_equal(totals.paid, paid);
    }
    assert_true(paid > 300);
}

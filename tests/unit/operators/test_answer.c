#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <unistd.h>

#include "base/log.h"
#include "base/secret.h"
#include "operators/answer.h"

static const struct operator_connector idempotent = {.name = "a",
                                                     .abilities = OPERATOR_REFERENCE_ONCE};
static const struct operator_connector forgetful = {.name = "b"};

static struct verdict_answer settled(enum verdict verdict, enum transfer_reason reason,
                                     const struct operator_connector *connector,
                                     enum transfer_step step)
{
    struct verdict_answer answer = {.verdict = verdict, .reason = reason};
    answer_settle(&answer, connector, step, 60000);
    return answer;
}

static void only_what_can_be_is_believed(void **state)
{
    (void)state;
    static const struct {
        enum verdict said;
        enum transfer_step step;
        const struct operator_connector *by;
        enum verdict believed;
        enum transfer_reason reason;
    } rows[] = {
        {VERDICT_PAID, STEP_SUBMIT, &forgetful, VERDICT_PAID, TRANSFER_REASON_NONE},
        {VERDICT_PAID, STEP_ASK, &forgetful, VERDICT_PAID, TRANSFER_REASON_NONE},
        {VERDICT_REJECTED, STEP_ASK, &forgetful, VERDICT_REJECTED,
         TRANSFER_REASON_OPERATOR_REFUSED},
        {VERDICT_PENDING, STEP_ASK, &forgetful, VERDICT_PENDING,
         TRANSFER_REASON_PENDING_AT_OPERATOR},
        {VERDICT_UNKNOWN, STEP_SUBMIT, &idempotent, VERDICT_UNKNOWN,
         TRANSFER_REASON_OUTCOME_UNKNOWN},
        /* Asked, and it takes a reference only once: then alone it may go again. */
        {VERDICT_NEVER_SEEN, STEP_ASK, &idempotent, VERDICT_NEVER_SEEN,
         TRANSFER_REASON_OUTCOME_UNKNOWN},
        {VERDICT_NEVER_SEEN, STEP_ASK, &forgetful, VERDICT_UNKNOWN,
         TRANSFER_REASON_OUTCOME_UNKNOWN},
        {VERDICT_NEVER_SEEN, STEP_SUBMIT, &idempotent, VERDICT_UNKNOWN,
         TRANSFER_REASON_OUTCOME_UNKNOWN},
        /* Or when it never left. */
        {VERDICT_NOT_SENT, STEP_SUBMIT, &forgetful, VERDICT_NOT_SENT,
         TRANSFER_REASON_OPERATOR_DOWN},
        {VERDICT_NOT_SENT, STEP_ASK, &idempotent, VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN},
        {(enum verdict)0, STEP_SUBMIT, &idempotent, VERDICT_UNKNOWN,
         TRANSFER_REASON_OUTCOME_UNKNOWN},
        {(enum verdict)99, STEP_ASK, &idempotent, VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct verdict_answer answer =
            settled(rows[i].said, TRANSFER_REASON_NONE, rows[i].by, rows[i].step);
        assert_int_equal(answer.verdict, rows[i].believed);
        assert_int_equal(answer.reason, rows[i].reason);
        assert_int_equal(answer.answers, 1);
    }
}

static void a_reason_that_was_given_stays_but_for_a_payment(void **state)
{
    (void)state;
    struct verdict_answer answer =
        settled(VERDICT_REJECTED, TRANSFER_REASON_RECEIVER_LIMIT, &idempotent, STEP_SUBMIT);
    assert_int_equal(answer.reason, TRANSFER_REASON_RECEIVER_LIMIT);
    answer = settled(VERDICT_PAID, TRANSFER_REASON_RECEIVER_LIMIT, &idempotent, STEP_SUBMIT);
    assert_int_equal(answer.reason, TRANSFER_REASON_NONE);
}

static void an_answer_that_outlives_its_claim_is_none(void **state)
{
    (void)state;
    struct verdict_answer answer = {.verdict = VERDICT_PAID, .answer_after_ms = 45000};
    answer_settle(&answer, &idempotent, STEP_SUBMIT, 60000);
    assert_int_equal(answer.verdict, VERDICT_PAID);
    answer.answer_after_ms = 45001;
    answer_settle(&answer, &idempotent, STEP_SUBMIT, 60000);
    assert_int_equal(answer.verdict, VERDICT_UNKNOWN);
    assert_int_equal(answer.answer_after_ms, 45000);
}

static void repetition_is_bounded_and_afterwards_is_an_end(void **state)
{
    (void)state;
    struct verdict_answer answer = {
        .verdict = VERDICT_PAID, .answers = 1000000, .afterwards = VERDICT_REJECTED};
    answer_settle(&answer, &idempotent, STEP_SUBMIT, 60000);
    assert_int_equal(answer.answers, ANSWER_TIMES_MAX);
    assert_int_equal((int)answer.afterwards, VERDICT_REJECTED);
    answer.afterwards = VERDICT_NEVER_SEEN;
    answer_settle(&answer, &idempotent, STEP_SUBMIT, 60000);
    assert_int_equal((int)answer.afterwards, 0);
}

static void questions_come_at_spans_that_double_to_ten_minutes(void **state)
{
    (void)state;
    struct verdict_answer answer = {.verdict = VERDICT_UNKNOWN};
    int64_t span_ms = 1000;
    for (int32_t number = 1; number < 40; number++) {
        int64_t least = INT64_MAX, most = 0;
        for (int i = 0; i < 300; i++) {
            int64_t wait_ms = answer_again_ms(&answer, number);
            least = wait_ms < least ? wait_ms : least;
            most = wait_ms > most ? wait_ms : most;
        }
        assert_true(least >= span_ms / 4 * 3 && most < span_ms / 4 * 5);
        assert_true(most - least > span_ms / 4); /* They don't come back together. */
        span_ms = span_ms * 2 < ANSWER_ASK_MOST_MS ? span_ms * 2 : ANSWER_ASK_MOST_MS;
    }
    answer.ask_after_ms = 7;
    assert_int_equal(answer_again_ms(&answer, 30), 7);
    answer.ask_after_ms = 0;
    assert_true(answer_again_ms(&answer, INT32_MAX) <= ANSWER_ASK_MOST_MS / 4 * 5);
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
        cmocka_unit_test(only_what_can_be_is_believed),
        cmocka_unit_test(a_reason_that_was_given_stays_but_for_a_payment),
        cmocka_unit_test(an_answer_that_outlives_its_claim_is_none),
        cmocka_unit_test(repetition_is_bounded_and_afterwards_is_an_end),
        cmocka_unit_test(questions_come_at_spans_that_double_to_ten_minutes),
    };
    return cmocka_run_group_tests(tests, quiet, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "operators/sandbox.h"

enum { SUBMITTED_AT_S = 1760000000 };

/* What a transfer went through, as a worker that does as it is told would see it. */
struct tale {
    char said[1024];   /* "UNKNOWN NEVER_SEEN PAID" */
    int64_t took_ms;   /* From the first look until the end. */
    int64_t waited_ms; /* Of it, before it was given out. */
    enum transfer_reason reason;
    struct verdict_answer last;
};

static struct verdict_answer say(const struct transfer *transfer, enum transfer_step step,
                                 int32_t number, int64_t now_ms)
{
    struct verdict_answer answer = {0};
    struct attempt attempt = {.transfer = transfer, .number = number, .now_ms = now_ms};
    transfer_id_text(transfer->id, attempt.reference);
    if (step == STEP_SUBMIT)
        sandbox_connector()->submit(&attempt, &answer);
    else
        sandbox_connector()->ask(&attempt, &answer);
    return answer;
}

static struct tale live(int64_t msisdn, int64_t amount_minor, int attempts_max)
{
    struct tale tale = {0};
    int64_t start_ms = INT64_C(1000) * SUBMITTED_AT_S, now_ms = start_ms;
    struct transfer transfer = {.id = {SUBMITTED_AT_S * TRANSFER_IDS_PER_SECOND + 7},
                                .msisdn = msisdn,
                                .amount = {amount_minor, CURRENCY_XOF},
                                .state = TRANSFER_NEW,
                                .created_at_ms = now_ms - 5000,
                                .step = STEP_SUBMIT};
    tale.waited_ms = sandbox_connector()->wait_ms(&transfer, now_ms);
    now_ms += tale.waited_ms;
    if (tale.waited_ms > 0)
        transfer.reason = TRANSFER_REASON_OPERATOR_DOWN;
    assert_int_equal(sandbox_connector()->wait_ms(&transfer, now_ms), 0);
    transfer.submitted_at_ms = now_ms;
    transfer.state = TRANSFER_REC;
    for (int number = 1; number <= attempts_max; number++) {
        tale.last = say(&transfer, transfer.step, number, now_ms);
        (void)snprintf(tale.said + strlen(tale.said), sizeof tale.said - strlen(tale.said), "%s%s",
                       number == 1 ? "" : " ", verdict_text(tale.last.verdict));
        now_ms += tale.last.answer_after_ms;
        tale.took_ms = now_ms - start_ms;
        tale.reason = tale.last.reason;
        if (tale.last.verdict == VERDICT_PAID || tale.last.verdict == VERDICT_REJECTED)
            break;
        transfer.step = tale.last.verdict == VERDICT_NEVER_SEEN ? STEP_SUBMIT : STEP_ASK;
        now_ms += tale.last.ask_after_ms > 0 ? tale.last.ask_after_ms : 3600000;
    }
    return tale;
}

static const struct expected {
    int64_t ending;
    const char *said;
    int64_t took_ms;
    enum transfer_reason reason;
} expecteds[] = {
    {9905, "PENDING PAID", 1000, TRANSFER_REASON_NONE},
    {9910, "PENDING PAID", 5000, TRANSFER_REASON_NONE},
    {9915, "PENDING PAID", 30000, TRANSFER_REASON_NONE},
    {9920, "PENDING PAID", 300000, TRANSFER_REASON_NONE},
    {9925, "PAID", 20000, TRANSFER_REASON_NONE},
    {9930, "REJECTED", 0, TRANSFER_REASON_RECEIVER_UNKNOWN},
    {9935, "REJECTED", 0, TRANSFER_REASON_RECEIVER_LIMIT},
    {9940, "REJECTED", 0, TRANSFER_REASON_RECEIVER_BLOCKED},
    {9945, "REJECTED", 0, TRANSFER_REASON_RECEIVER_NAME},
    {9950, "REJECTED", 0, TRANSFER_REASON_OPERATOR_REFUSED},
    {9955, "REJECTED", 0, TRANSFER_REASON_OPERATOR_FLOAT},
    {9960, "PENDING REJECTED", 5000, TRANSFER_REASON_RECEIVER_LIMIT},
    {9965, "UNKNOWN PAID", 10000, TRANSFER_REASON_NONE},
    {9970, "UNKNOWN REJECTED", 10000, TRANSFER_REASON_OPERATOR_REFUSED},
    {9980, "UNKNOWN NEVER_SEEN PAID", 2001, TRANSFER_REASON_NONE},
    {9985, "PAID", 10000, TRANSFER_REASON_NONE},
    {9990, "PAID", 0, TRANSFER_REASON_NONE},
    {9995, "PAID", 0, TRANSFER_REASON_NONE},
};

static void check(const struct tale *tale, const struct expected *expected)
{
    assert_string_equal(tale->said, expected->said);
    assert_int_equal(tale->took_ms, expected->took_ms);
    assert_int_equal(tale->reason, expected->reason);
    assert_int_equal(tale->waited_ms, expected->ending == 9985 ? 10000 : 0);
    assert_int_equal(tale->last.answers, expected->ending == 9990 ? 2 : 0);
    assert_int_equal((int)tale->last.afterwards, expected->ending == 9995 ? VERDICT_REJECTED : 0);
}

static void every_row_goes_as_it_says_by_number_and_by_amount(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof expecteds / sizeof *expecteds; i++) {
        struct tale tale = live(INT64_C(2250707890000) + expecteds[i].ending, 500, 10);
        check(&tale, &expecteds[i]);
        tale = live(INT64_C(2250707895086), expecteds[i].ending, 10);
        check(&tale, &expecteds[i]);
    }
}

static void the_test_knows_every_row_of_the_table(void **state)
{
    (void)state;
    size_t count;
    const struct sandbox_row *rows = sandbox_rows(&count);
    assert_int_equal(count, sizeof expecteds / sizeof *expecteds + 1); /* And 9975. */
    for (size_t i = 0, known = 0; i < count; i++) {
        assert_int_equal(rows[i].ending % 5, 0); /* It must be an amount, too. */
        assert_true(rows[i].ending >= 9900 && rows[i].ending <= 9999);
        assert_true(i == 0 || rows[i].ending > rows[i - 1].ending);
        if (rows[i].ending != 9975)
            assert_int_equal(rows[i].ending, expecteds[known++].ending);
    }
}

static void one_row_stays_unknown_for_days(void **state)
{
    (void)state;
    struct tale tale = live(INT64_C(2250707899975), 500, 100); /* Asked every hour. */
    assert_null(strstr(tale.said, "PAID"));
    assert_null(strstr(tale.said, "REJECTED"));
    assert_int_equal(tale.last.verdict, VERDICT_UNKNOWN);
    tale = live(INT64_C(2250707899975), 500, 1000);
    assert_int_equal(tale.last.verdict, VERDICT_REJECTED);
    assert_true(tale.took_ms >= INT64_C(7) * 86400000);
    assert_true(tale.took_ms <= INT64_C(8) * 86400000);
}

/* It knows what it is told to pay, and not what the merchant sent. */
static void the_amount_that_counts_is_the_delivered_one(void **state)
{
    (void)state;
    struct transfer transfer = {.id = {SUBMITTED_AT_S * TRANSFER_IDS_PER_SECOND},
                                .msisdn = 2250700000001,
                                .amount = {9953, CURRENCY_XOF},
                                .fee_minor = 23,
                                .payer = FEE_PAYER_RECEIVER,
                                .state = TRANSFER_REC,
                                .submitted_at_ms = 1000000};
    struct attempt attempt = {.transfer = &transfer, .number = 1, .now_ms = 1000000};
    struct verdict_answer answer = {0};
    sandbox_connector()->submit(&attempt, &answer);
    assert_int_equal(answer.verdict, VERDICT_REJECTED);
    assert_int_equal(answer.reason, TRANSFER_REASON_RECEIVER_UNKNOWN); /* 9930's. */
    transfer.amount.minor = 9930;
    answer = (struct verdict_answer){0};
    sandbox_connector()->submit(&attempt, &answer);
    assert_int_equal(answer.verdict, VERDICT_PAID);
}

static void the_number_counts_before_the_amount(void **state)
{
    (void)state;
    struct tale tale = live(INT64_C(2250707899930), 9905, 10);
    assert_string_equal(tale.said, "REJECTED");
    assert_int_equal(tale.reason, TRANSFER_REASON_RECEIVER_UNKNOWN);
}

static void every_reason_that_an_operator_gives_is_there(void **state)
{
    (void)state;
    static const enum transfer_reason reasons[] = {
        TRANSFER_REASON_RECEIVER_UNKNOWN, TRANSFER_REASON_RECEIVER_LIMIT,
        TRANSFER_REASON_RECEIVER_BLOCKED, TRANSFER_REASON_RECEIVER_NAME,
        TRANSFER_REASON_OPERATOR_REFUSED, TRANSFER_REASON_OPERATOR_FLOAT,
    };
    size_t count;
    const struct sandbox_row *rows = sandbox_rows(&count);
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        bool found = false;
        for (size_t j = 0; j < count; j++)
            found =
                found || (rows[j].behaviour == SANDBOX_REJECTED && rows[j].reason == reasons[i]);
        assert_true(found);
    }
}

static void ordinary_numbers_are_paid_at_once(void **state)
{
    (void)state;
    static const int64_t seeds[] = {INT64_C(2250153798590), INT64_C(2250777895086),
                                    INT64_C(2250707895086)};
    for (size_t i = 0; i < sizeof seeds / sizeof *seeds; i++) {
        struct tale tale = live(seeds[i], 500, 10);
        assert_string_equal(tale.said, "PAID");
        assert_int_equal(tale.took_ms, 0);
        assert_string_not_equal(tale.last.operator_reference, "");
    }
    int others = 0;
    for (int64_t ending = 0; ending < 10000; ending++) {
        struct tale tale = live(INT64_C(2250700000000) + ending, 500, 1);
        others += strcmp(tale.said, "PAID") != 0 || tale.took_ms != 0;
    }
    size_t count;
    (void)sandbox_rows(&count);
    assert_true(others > 0 && (size_t)others < count);
}

static void an_answer_lost_in_a_crash_is_heard_again_by_asking(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof expecteds / sizeof *expecteds; i++) {
        struct transfer transfer = {.id = {SUBMITTED_AT_S * TRANSFER_IDS_PER_SECOND},
                                    .msisdn = 2250700000000 + expecteds[i].ending,
                                    .amount = {500, CURRENCY_XOF},
                                    .state = TRANSFER_REC,
                                    .submitted_at_ms = INT64_C(1000) * SUBMITTED_AT_S};
        struct verdict_answer answer =
            say(&transfer, STEP_ASK, 5, transfer.submitted_at_ms + 86400000);
        if (expecteds[i].ending == 9980) {
            assert_int_equal(answer.verdict, VERDICT_NEVER_SEEN);
            answer = say(&transfer, STEP_SUBMIT, 6, transfer.submitted_at_ms + 86400000);
        }
        const char *end = strrchr(expecteds[i].said, ' ');
        assert_string_equal(verdict_text(answer.verdict),
                            end == NULL ? expecteds[i].said : end + 1);
        assert_int_equal(answer.reason, expecteds[i].reason);
    }
    struct transfer slow = {.msisdn = 2250700009925,
                            .amount = {500, CURRENCY_XOF},
                            .submitted_at_ms = 1000000,
                            .id = {1}};
    assert_int_equal(say(&slow, STEP_ASK, 2, 1000000).verdict, VERDICT_PENDING);
}

static void delays_scale(void **state)
{
    (void)state;
    sandbox_scale_set(1);
    struct tale tale = live(INT64_C(2250707899915), 500, 10);
    assert_string_equal(tale.said, "PENDING PAID");
    assert_int_equal(tale.took_ms, 300);
    sandbox_scale_set(0);
    tale = live(INT64_C(2250707899965), 500, 10);
    assert_string_equal(tale.said, "UNKNOWN PAID"); /* Still one step after the other. */
    assert_int_equal(tale.took_ms, 1);
    tale = live(INT64_C(2250707899975), 500, 10);
    assert_string_equal(tale.said, "UNKNOWN REJECTED");
    sandbox_scale_set(100);
}

static void the_table_is_written_as_markdown(void **state)
{
    (void)state;
    struct buffer text;
    buffer_init(&text, 65536);
    sandbox_table_write(&text);
    assert_true(buffer_ok(&text));
    assert_non_null(
        strstr(buffer_text(&text), "\n| 9930 | rejected: the receiver has no account |\n"));
    size_t lines = 0, count;
    (void)sandbox_rows(&count);
    for (const char *at = buffer_text(&text); *at != '\0'; at++)
        lines += *at == '\n';
    assert_int_equal(lines, count + 3);
    buffer_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_goes_as_it_says_by_number_and_by_amount),
        cmocka_unit_test(the_test_knows_every_row_of_the_table),
        cmocka_unit_test(one_row_stays_unknown_for_days),
        cmocka_unit_test(the_amount_that_counts_is_the_delivered_one),
        cmocka_unit_test(the_number_counts_before_the_amount),
        cmocka_unit_test(every_reason_that_an_operator_gives_is_there),
        cmocka_unit_test(ordinary_numbers_are_paid_at_once),
        cmocka_unit_test(an_answer_lost_in_a_crash_is_heard_again_by_asking),
        cmocka_unit_test(delays_scale),
        cmocka_unit_test(the_table_is_written_as_markdown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

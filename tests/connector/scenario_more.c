/* What only some operators can: callbacks, receivers, floats, reversals, batches. */
#include "connector/scenario.h"

#include <string.h>

/* --- Callbacks --- */

static void order_pay(struct bench *bench, struct bench_order *order)
{
    order_open(bench, order, 1234, 1500);
    assert_int_equal(bench_play(bench, order, NULL), VERDICT_PAID);
}

void a_callback_is_about_its_transfer_each_time_that_it_comes(void **state)
{
    struct bench *bench = *state;
    struct bench_order order;
    struct sim_callback callback;
    int came = 0;
    bench_script(bench, "{\"faults\": {\"callback_twice\": 100}}");
    order_pay(bench, &order);
    sim_callback_init(&callback);
    while (sim_callback_take(bench->world, bench->now_ms + 60000, &callback)) {
        char reference[TRANSFER_ID_TEXT_BYTES] = "";
        assert_int_equal(bench_callback(bench, &callback, reference), OPERATOR_CALLBACK_ABOUT);
        assert_string_equal(reference, order.attempt.reference);
        came++;
    }
    sim_callback_free(&callback);
    assert_int_equal(came, 2);
}

void a_callback_before_the_reply_changes_nothing(void **state)
{
    struct bench *bench = *state;
    struct bench_order order;
    struct sim_callback callback;
    bench_script(bench, "{\"faults\": {\"callback_first\": 100}}");
    order_open(bench, &order, 9930, 1500);
    if (able(bench, OPERATOR_INTRODUCES))
        assert_true(bench_call(bench, OPERATOR_TASK_VALIDATE, &order, 1));
    assert_true(bench_call(bench, OPERATOR_TASK_SUBMIT, &order, 1));
    sim_callback_init(&callback);
    assert_true(sim_callback_take(bench->world, bench->now_ms + 100, &callback));
    assert_true(bench->reply.after_ms > 100);
    char reference[TRANSFER_ID_TEXT_BYTES] = "";
    assert_int_equal(bench_callback(bench, &callback, reference), OPERATOR_CALLBACK_ABOUT);
    sim_callback_free(&callback);
    assert_string_equal(reference, order.attempt.reference);
    assert_int_equal(bench_ask(bench, &order, NULL), VERDICT_REJECTED);
}

void a_forged_callback_is_refused(void **state)
{
    struct bench *bench = *state;
    struct bench_order order;
    struct sim_callback callback;
    order_pay(bench, &order);
    sim_callback_init(&callback);
    assert_true(sim_callback_take(bench->world, bench->now_ms + 60000, &callback));
    /* The same words, from somebody who does not know the secret in the URL. */
    char *secret = strstr(callback.url, bench->channel.callback_secret);
    assert_non_null(secret);
    secret[3] = secret[3] == 'f' ? 'e' : 'f';
    char reference[TRANSFER_ID_TEXT_BYTES] = "";
    assert_int_equal(bench_callback(bench, &callback, reference), OPERATOR_CALLBACK_FORGED);
    *secret = '\0';
    assert_int_equal(bench_callback(bench, &callback, reference), OPERATOR_CALLBACK_FORGED);
    sim_callback_free(&callback);
}

/* --- Receivers, floats --- */

void a_receiver_is_validated(void **state)
{
    struct bench *bench = *state;
    struct bench_order order;
    order_open(bench, &order, 1234, 1500);
    assert_true(bench_call(bench, OPERATOR_TASK_VALIDATE, &order, 1));
    assert_int_equal(bench->result.receiver, OPERATOR_RECEIVER_FOUND);
    order_open(bench, &order, 9930, 1500);
    assert_true(bench_call(bench, OPERATOR_TASK_VALIDATE, &order, 1));
    if (!bench->pair->no_accounts)
        assert_int_equal(bench->result.receiver, OPERATOR_RECEIVER_NONE);
    bench_script(bench, "{\"faults\": {\"error_after\": 100}}");
    order_open(bench, &order, 1234, 1500);
    assert_true(bench_call(bench, OPERATOR_TASK_VALIDATE, &order, 1));
    assert_int_equal(bench->result.receiver, OPERATOR_RECEIVER_UNCLEAR);
    assert_int_equal(bench_totals(bench).orders, 0);
}

void a_receiver_of_another_name_is_told(void **state)
{
    struct bench *bench = *state;
    struct bench_order order;
    order_open(bench, &order, 1234, 1500);
    assert_true(bench_call(bench, OPERATOR_TASK_VALIDATE, &order, 1));
    assert_int_equal(bench->result.receiver, OPERATOR_RECEIVER_FOUND);
    if (bench->result.receiver_name[0] != '\0')
        assert_string_equal(bench->result.receiver_name, "Awa Koné");
    order_open(bench, &order, 9945, 1500);
    assert_true(bench_call(bench, OPERATOR_TASK_VALIDATE, &order, 1));
    if (bench->result.receiver_name[0] != '\0')
        assert_string_equal(bench->result.receiver_name, "Zacharie Quelqu'un");
    else
        assert_int_equal(bench->result.receiver, OPERATOR_RECEIVER_OTHER);
}

void the_float_is_told(void **state)
{
    struct bench *bench = *state;
    char script[128];
    (void)snprintf(script, sizeof script, "{\"float\": {\"%s\": 123455}}",
                   sim_protocol_word(bench->pair->protocol));
    bench_script(bench, script);
    assert_true(bench_call(bench, OPERATOR_TASK_FLOAT, NULL, 0));
    assert_true(bench->result.float_known);
    assert_int_equal(bench->result.float_left.minor, 123455);
    assert_int_equal(bench->result.float_left.currency, CURRENCY_XOF);
    bench_script(bench, "{\"faults\": {\"malformed\": 100}}");
    for (int i = 0; i < 20; i++) {
        (void)bench_call(bench, OPERATOR_TASK_FLOAT, NULL, 0);
        assert_false(bench->result.float_known);
    }
}

/* --- Reversals, batches --- */

static enum verdict reverse(struct bench *bench, struct bench_order *order)
{
    assert_true(bench_call(bench, OPERATOR_TASK_REVERSE, order, 1));
    enum verdict verdict = bench->answers[0].verdict;
    for (int i = 0; i < 10 && (verdict == VERDICT_PENDING || verdict == VERDICT_UNKNOWN); i++) {
        bench->now_ms += 1000;
        assert_true(bench_call(bench, OPERATOR_TASK_ASK_REVERSAL, order, 1));
        verdict = bench->answers[0].verdict;
    }
    return verdict;
}

void a_paid_transfer_is_reversed_once(void **state)
{
    struct bench *bench = *state;
    struct bench_order order;
    order_pay(bench, &order);
    assert_int_equal(reverse(bench, &order), VERDICT_PAID);
    assert_int_equal(bench_totals(bench).reversed, 1);
    assert_int_equal(bench_totals(bench).paid, 0);
    assert_int_not_equal(reverse(bench, &order), VERDICT_REJECTED);
    assert_int_equal(bench_totals(bench).reversed, 1);
}

void a_batch_is_paid_each_by_its_own(void **state)
{
    struct bench *bench = *state;
    struct bench_order orders[3];
    bench->channel.batch_max = 3;
    for (size_t i = 0; i < 3; i++)
        order_open(bench, &orders[i], i == 1 ? 9935 : (int)i, 1500);
    assert_true(bench_call(bench, OPERATOR_TASK_SUBMIT, orders, 3));
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(bench->answers[i].verdict, VERDICT_PENDING);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(bench_ask(bench, &orders[i], NULL),
                         i == 1 ? VERDICT_REJECTED : VERDICT_PAID);
    assert_int_equal(bench_totals(bench).paid, 2);
    assert_int_equal(bench_totals(bench).doubles, 0);
}

#include "batch.h"

#include <string.h>

/* A paid transfer that is taken back: once, by a person, and never on a guess. */

static const struct transfer *look(struct book *book, struct transfer_id id)
{
    return &book_transfer(book, id)->transfer;
}

static struct claim_item claim(struct book *book, struct transfer_id id)
{
    struct claim_item item = {
        .transfer = id, .due_at_ms = look(book, id)->due_at_ms, .channel = CHANNEL};
    struct command command = {.kind = COMMAND_TRANSFER_CLAIM,
                              .transfer_claim = {.items = &item, .count = 1, .lease_ms = 30000}};
    batch_run_at(book, &command, NOW_MS);
    return item;
}

/* A transfer of 500 that cost 25, paid. */
static struct transfer_id paid(struct book *book, const char *fees, bool two_persons)
{
    batch_open(book, 10000);
    batch_contact(book, "0707895086");
    struct command change = {
        .kind = COMMAND_MERCHANT_CHANGE,
        .merchant_change = {.fields = MERCHANT_FIELD_FEES | MERCHANT_FIELD_TWO_PERSONS,
                            .merchant = {.id = MERCHANT, .two_persons = two_persons}}};
    (void)snprintf(change.merchant_change.merchant.fees, MERCHANT_FEES_BYTES, "%s", fees);
    assert_int_equal(batch_run(book, &change), PAYOUT_OK);
    struct send_item item = batch_item("0707895086", "500", "a");
    struct command send = batch_send(&item, 1, true);
    assert_int_equal(batch_run(book, &send), PAYOUT_OK);
    assert_true(claim(book, item.transfer).claimed);
    struct outcome_item outcome = {
        .transfer = item.transfer, .attempt = 1, .verdict = VERDICT_PAID, .operator_reference = ""};
    struct command ends = {.kind = COMMAND_TRANSFER_OUTCOME,
                           .transfer_outcome = {.items = &outcome, .count = 1}};
    batch_run_at(book, &ends, NOW_MS);
    assert_int_equal(look(book, item.transfer)->state, TRANSFER_VAL);
    return item.transfer;
}

static struct reversal_ask ask(struct book *book, struct transfer_id id, const char *person,
                               bool withdraw, enum payout_code code)
{
    struct command command = {.kind = COMMAND_REVERSAL_ASK,
                              .reversal_ask = {.transfer = id,
                                               .withdraw = withdraw,
                                               .person = person,
                                               .evidence = "paid to the wrong one"}};
    batch_run_at(book, &command, NOW_MS + 1000);
    assert_int_equal(command.code, code);
    return command.reversal_ask;
}

static const struct reversal *last(struct book *book, struct transfer_id id)
{
    return &book_reversal(book, id, look(book, id)->reversals)->reversal;
}

static struct reversal_claim_item take(struct book *book, struct transfer_id id, int64_t at_ms)
{
    struct reversal_claim_item item = {.transfer = id,
                                       .number = look(book, id)->reversals,
                                       .due_at_ms = last(book, id)->due_at_ms};
    struct command command = {.kind = COMMAND_REVERSAL_CLAIM,
                              .reversal_claim = {.items = &item, .count = 1, .lease_ms = 30000}};
    batch_run_at(book, &command, at_ms);
    return item;
}

static enum outcome_effect says(struct book *book, struct transfer_id id, int32_t number,
                                int32_t attempt, enum verdict verdict, int64_t at_ms)
{
    struct reversal_outcome_item item = {.transfer = id,
                                         .number = number,
                                         .attempt = attempt,
                                         .verdict = verdict,
                                         .operator_reference = "RV1",
                                         .next_at_ms = at_ms + 1000};
    struct command command = {.kind = COMMAND_REVERSAL_OUTCOME,
                              .reversal_outcome = {.items = &item, .count = 1}};
    batch_run_at(book, &command, at_ms);
    return item.effect;
}

static int64_t float_of(struct book *book)
{
    struct account_key key = {
        .kind = ACCOUNT_FLOAT, .currency = CURRENCY_XOF, .operator_number = 1};
    return book_account(book, key)->balance_minor;
}

/* Whoever pays the fee: what was delivered comes back, and what it cost does not. */
static void what_was_delivered_comes_back_once(void **state)
{
    (void)state;
    static const struct {
        const char *fees;
        int64_t delivered, left;
    } cases[] = {{"*:0:25:0:0:0", 500, 9475}, {"*:0:25:0:0:0:receiver", 475, 9500}};
    for (size_t i = 0; i < 2; i++) {
        struct book book;
        struct transfer_id id = paid(&book, cases[i].fees, false);
        assert_int_equal(float_of(&book), cases[i].delivered);
        assert_int_equal(batch_balance(&book, ACCOUNT_AVAILABLE), cases[i].left);
        struct reversal_ask asked = ask(&book, id, "Awa", false, PAYOUT_OK);
        assert_false(asked.again);
        assert_int_equal(asked.state, REVERSAL_ASKED);
        assert_true(ask(&book, id, "Kofi", false, PAYOUT_OK).again);
        int32_t told = look(&book, id)->notifications;
        struct reversal_claim_item taken = take(&book, id, NOW_MS + 1000);
        assert_true(taken.claimed);
        assert_int_equal(taken.step, STEP_SUBMIT);
        assert_int_equal(last(&book, id)->state, REVERSAL_SENT);
        assert_int_equal(last(&book, id)->step, STEP_ASK); /* Should the worker die now. */
        assert_false(take(&book, id, NOW_MS + 1001).claimed);
        ask(&book, id, "Awa", true, PAYOUT_NOT_ALLOWED); /* It may have left. */
        for (int again = 0; again < 2; again++)
            assert_int_equal(says(&book, id, 1, 1, VERDICT_PAID, NOW_MS + 1002),
                             again == 0 ? OUTCOME_APPLIED : OUTCOME_IGNORED);
        assert_int_equal(last(&book, id)->state, REVERSAL_DONE);
        assert_string_equal(last(&book, id)->operator_reference, "RV1");
        assert_int_equal(float_of(&book), 0);
        assert_int_equal(batch_balance(&book, ACCOUNT_AVAILABLE),
                         cases[i].left + cases[i].delivered);
        assert_int_equal(look(&book, id)->state, TRANSFER_VAL);
        assert_int_equal(look(&book, id)->reason, TRANSFER_REASON_REVERSED);
        assert_int_equal(look(&book, id)->notifications, told + 1);
        assert_true(ask(&book, id, "Awa", false, PAYOUT_OK).again); /* Done is done. */
        assert_int_equal(look(&book, id)->reversals, 1);
        batch_close(&book);
    }
}

static void what_is_not_paid_is_not_taken_back(void **state)
{
    (void)state;
    struct book book;
    batch_open(&book, 10000);
    batch_contact(&book, "0707895086");
    struct send_item item = batch_item("0707895086", "500", "a");
    struct command send = batch_send(&item, 1, true);
    assert_int_equal(batch_run(&book, &send), PAYOUT_OK);
    ask(&book, item.transfer, "Awa", false, PAYOUT_NOT_ALLOWED);
    ask(&book, item.transfer, "Awa", true, PAYOUT_NOT_ALLOWED);
    ask(&book, (struct transfer_id){item.transfer.value + 1}, "Awa", false, PAYOUT_NOT_FOUND);
    assert_int_equal(look(&book, item.transfer)->reversals, 0);
    batch_close(&book);
}

static void two_persons_ask_where_their_merchant_wants_two(void **state)
{
    (void)state;
    struct book book;
    struct transfer_id id = paid(&book, "", true);
    assert_int_equal(ask(&book, id, "Awa", false, PAYOUT_OK).state, REVERSAL_PROPOSED);
    assert_true(ask(&book, id, " AWA ", false, PAYOUT_OK).again);
    assert_false(take(&book, id, NOW_MS + 1000).claimed);
    assert_int_equal(says(&book, id, 1, 0, VERDICT_REJECTED, NOW_MS + 1), OUTCOME_IGNORED);
    struct reversal_ask second = ask(&book, id, "Kofi", false, PAYOUT_OK);
    assert_false(second.again);
    assert_int_equal(second.state, REVERSAL_ASKED);
    assert_string_equal(last(&book, id)->person, "Awa");
    assert_string_equal(last(&book, id)->second, "Kofi");
    assert_int_equal(ask(&book, id, "Awa", true, PAYOUT_OK).state, REVERSAL_WITHDRAWN);
    assert_true(ask(&book, id, "Awa", true, PAYOUT_OK).again);
    assert_int_equal(ask(&book, id, "Awa", false, PAYOUT_OK).state, REVERSAL_PROPOSED);
    assert_int_equal(look(&book, id)->reversals, 2);
    batch_close(&book);
}

static void an_unknown_reversal_is_asked_about(void **state)
{
    (void)state;
    struct book book;
    struct transfer_id id = paid(&book, "", false);
    ask(&book, id, "Awa", false, PAYOUT_OK);
    /* Its operator is down: put off, and still nothing was sent. */
    assert_int_equal(says(&book, id, 1, 0, VERDICT_NOT_SENT, NOW_MS + 1000), OUTCOME_APPLIED);
    assert_int_equal(last(&book, id)->state, REVERSAL_ASKED);
    assert_true(take(&book, id, NOW_MS + 2000).claimed);
    assert_int_equal(says(&book, id, 1, 1, VERDICT_UNKNOWN, NOW_MS + 2001), OUTCOME_APPLIED);
    assert_int_equal(last(&book, id)->state, REVERSAL_UNKNOWN);
    assert_int_equal(last(&book, id)->step, STEP_ASK);
    assert_int_equal(take(&book, id, NOW_MS + 3001).step, STEP_ASK);
    /* A question that did not leave is no reversal that did not. */
    assert_int_equal(says(&book, id, 1, 2, VERDICT_NOT_SENT, NOW_MS + 3002), OUTCOME_APPLIED);
    assert_int_equal(last(&book, id)->step, STEP_ASK);
    assert_int_equal(take(&book, id, NOW_MS + 4002).attempt, 3);
    for (enum verdict verdict = VERDICT_REJECTED; verdict <= VERDICT_NOT_SENT; verdict++)
        assert_int_equal(says(&book, id, 1, 1, verdict, NOW_MS + 4003), OUTCOME_IGNORED);
    assert_int_equal(says(&book, id, 1, 3, VERDICT_NEVER_SEEN, NOW_MS + 4004), OUTCOME_APPLIED);
    assert_int_equal(take(&book, id, NOW_MS + 5004).step, STEP_SUBMIT);
    assert_int_equal(says(&book, id, 1, 4, VERDICT_REJECTED, NOW_MS + 5005), OUTCOME_APPLIED);
    assert_int_equal(last(&book, id)->state, REVERSAL_REFUSED);
    assert_int_equal(look(&book, id)->reason, TRANSFER_REASON_NONE);
    assert_int_equal(batch_balance(&book, ACCOUNT_AVAILABLE), 9500);
    batch_close(&book);
}

static void a_contradiction_says_whose_money_is_in_question(void **state)
{
    (void)state;
    for (int done = 0; done < 2; done++) {
        struct book book;
        struct transfer_id id = paid(&book, "", false);
        ask(&book, id, "Awa", false, PAYOUT_OK);
        assert_true(take(&book, id, NOW_MS + 1000).claimed);
        enum verdict first = done ? VERDICT_PAID : VERDICT_REJECTED;
        assert_int_equal(says(&book, id, 1, 1, first, NOW_MS + 1001), OUTCOME_APPLIED);
        int64_t available = batch_balance(&book, ACCOUNT_AVAILABLE);
        assert_int_equal(
            says(&book, id, 1, 1, done ? VERDICT_REJECTED : VERDICT_PAID, NOW_MS + 1002),
            OUTCOME_CONTRADICTED);
        assert_int_equal(batch_balance(&book, ACCOUNT_AVAILABLE), available);
        assert_int_equal(contradiction_suspense(&book.contradictions->contradiction),
                         done ? SUSPENSE_PLATFORM : SUSPENSE_MERCHANT);
        batch_close(&book);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_delivered_comes_back_once),
        cmocka_unit_test(what_is_not_paid_is_not_taken_back),
        cmocka_unit_test(two_persons_ask_where_their_merchant_wants_two),
        cmocka_unit_test(an_unknown_reversal_is_asked_about),
        cmocka_unit_test(a_contradiction_says_whose_money_is_in_question),
    };
    for (enum reversal_state each = REVERSAL_PROPOSED; each < REVERSAL_STATE_END; each++)
        assert_true(strlen(reversal_state_text(each)) > 3);
    return cmocka_run_group_tests_name("money/reversal", tests, NULL, NULL);
}

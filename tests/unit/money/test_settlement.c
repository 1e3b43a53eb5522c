#include "batch.h"

#include <string.h>

enum { LEASE_MS = 30000 };

/* A transfer of 500 that the operator has and tells nothing of: NOS. */
static struct transfer_id unknown(struct book *book, bool two_persons)
{
    batch_open(book, 10000);
    struct command change = {
        .kind = COMMAND_MERCHANT_CHANGE,
        .merchant_change = {.fields = MERCHANT_FIELD_TWO_PERSONS,
                            .merchant = {.id = MERCHANT, .two_persons = two_persons}}};
    assert_int_equal(batch_run(book, &change), PAYOUT_OK);
    batch_contact(book, "0707895086");
    struct send_item item = batch_item("0707895086", "500", "a");
    struct command send = batch_send(&item, 1, true);
    assert_int_equal(batch_run(book, &send), PAYOUT_OK);
    struct claim_item claim = {.transfer = item.transfer, .due_at_ms = NOW_MS, .channel = CHANNEL};
    struct command take = {.kind = COMMAND_TRANSFER_CLAIM,
                           .transfer_claim = {.items = &claim, .count = 1, .lease_ms = LEASE_MS}};
    assert_int_equal(batch_run(book, &take), PAYOUT_OK);
    assert_true(claim.claimed);
    return item.transfer;
}

static enum outcome_effect operator_says(struct book *book, struct transfer_id id,
                                         enum verdict verdict, int64_t at_ms)
{
    struct outcome_item item = {
        .transfer = id, .verdict = verdict, .operator_reference = "", .next_at_ms = at_ms + 1000};
    struct command tell = {.kind = COMMAND_TRANSFER_OUTCOME,
                           .transfer_outcome = {.items = &item, .count = 1}};
    batch_run_at(book, &tell, at_ms);
    return item.effect;
}

static struct command says_at(struct book *book, struct transfer_id id, enum transfer_state outcome,
                              const char *person, int64_t at_ms)
{
    struct command settle = {.kind = COMMAND_TRANSFER_SETTLE,
                             .transfer_settle = {.transfer = id,
                                                 .outcome = outcome,
                                                 .person = person,
                                                 .evidence = "statement of the day"}};
    batch_run_at(book, &settle, at_ms);
    return settle;
}

static struct command says(struct book *book, struct transfer_id id, enum transfer_state outcome,
                           const char *person)
{
    return says_at(book, id, outcome, person, NOW_MS + 2000);
}

static struct command withdraws(struct book *book, struct transfer_id id, const char *person)
{
    struct command settle = {
        .kind = COMMAND_TRANSFER_SETTLE,
        .transfer_settle = {
            .transfer = id, .withdraw = true, .person = person, .evidence = "it was another one"}};
    batch_run_at(book, &settle, NOW_MS + 3000);
    return settle;
}

static const struct transfer *look(struct book *book, struct transfer_id id)
{
    return &book_transfer(book, id)->transfer;
}

static size_t lines(const struct book *book)
{
    size_t count = 0;
    for (const struct settlement_line *line = book->settled; line != NULL; line = line->next)
        count++;
    return count;
}

static void one_person_settles_and_the_money_moves_once(void **state)
{
    (void)state;
    static const enum transfer_state ends[] = {TRANSFER_VAL, TRANSFER_REJ};
    for (int i = 0; i < 2; i++) {
        struct book book;
        struct transfer_id id = unknown(&book, false);
        assert_int_equal(operator_says(&book, id, VERDICT_UNKNOWN, NOW_MS), OUTCOME_APPLIED);
        struct command settle = says(&book, id, ends[i], "Awa");
        assert_int_equal(settle.code, PAYOUT_OK);
        assert_false(settle.transfer_settle.again);
        assert_int_equal(settle.transfer_settle.act, SETTLEMENT_SETTLED);
        assert_int_equal(settle.transfer_settle.state, ends[i]);
        assert_int_equal(look(&book, id)->state, ends[i]);
        assert_int_equal(look(&book, id)->reason, TRANSFER_REASON_DECIDED_BY_PERSON);
        assert_int_equal(batch_balance(&book, ACCOUNT_HELD), 0);
        assert_int_equal(batch_balance(&book, ACCOUNT_AVAILABLE), i == 0 ? 9500 : 10000);
        assert_int_equal(lines(&book), 1);
        const struct settlement *line = &book.settled->settlement;
        assert_int_equal(line->number, 1);
        assert_string_equal(line->person, "Awa");
        assert_string_equal(line->evidence, "statement of the day");
        assert_int_equal(line->at_ms, NOW_MS + 2000);
        settle = says(&book, id, ends[i], "Awa"); /* The same again changes nothing. */
        assert_int_equal(settle.code, PAYOUT_OK);
        assert_true(settle.transfer_settle.again);
        settle = says(&book, id, ends[1 - i], "Awa"); /* And nothing leads back. */
        assert_int_equal(settle.code, PAYOUT_NOT_ALLOWED);
        assert_int_equal(lines(&book), 1);
        batch_close(&book);
    }
}

static void only_an_unknown_outcome_is_settled(void **state)
{
    (void)state;
    struct book book;
    struct transfer_id id = unknown(&book, false);
    struct command settle = says(&book, id, TRANSFER_VAL, "Awa");
    assert_int_equal(settle.code, PAYOUT_NOT_ALLOWED); /* With the operator, and being asked. */
    assert_int_equal(settle.transfer_settle.act, SETTLEMENT_ACT_END);
    int64_t lease_end_ms = NOW_MS + LEASE_MS;
    settle = says_at(&book, id, TRANSFER_VAL, "Awa", lease_end_ms + SETTLEMENT_NEGLECTED_MS - 1);
    assert_int_equal(settle.code, PAYOUT_NOT_ALLOWED);
    settle = says_at(&book, id, TRANSFER_VAL, "Awa", lease_end_ms + SETTLEMENT_NEGLECTED_MS);
    assert_int_equal(settle.code, PAYOUT_OK); /* Nobody asks about it any more. */
    assert_int_equal(look(&book, id)->state, TRANSFER_VAL);
    settle = says(&book, (struct transfer_id){id.value + 1}, TRANSFER_VAL, "Awa");
    assert_int_equal(settle.code, PAYOUT_NOT_FOUND);
    struct send_item item = batch_item("0707895086", "500", "b");
    struct command send = batch_send(&item, 1, true);
    assert_int_equal(batch_run(&book, &send), PAYOUT_OK);
    settle = says_at(&book, item.transfer, TRANSFER_REJ, "Awa", NOW_MS + (INT64_C(1) << 40));
    assert_int_equal(settle.code, PAYOUT_NOT_ALLOWED); /* Not given to anybody, however old. */
    batch_close(&book);
}

static void two_persons_have_to_say_the_same(void **state)
{
    (void)state;
    struct book book;
    struct transfer_id id = unknown(&book, true);
    assert_int_equal(operator_says(&book, id, VERDICT_UNKNOWN, NOW_MS), OUTCOME_APPLIED);
    struct command settle = says(&book, id, TRANSFER_VAL, "Awa");
    assert_int_equal(settle.code, PAYOUT_OK);
    assert_int_equal(settle.transfer_settle.act, SETTLEMENT_PROPOSED);
    assert_int_equal(look(&book, id)->state, TRANSFER_NOS);
    assert_int_equal(batch_balance(&book, ACCOUNT_HELD), 500);
    static const char *const herself[] = {"Awa", "awa", " AWA\t"};
    for (int i = 0; i < 3; i++) {
        settle = says(&book, id, TRANSFER_VAL, herself[i]);
        assert_int_equal(settle.code, PAYOUT_OK);
        assert_true(settle.transfer_settle.again);
        assert_int_equal(settle.transfer_settle.act, SETTLEMENT_PROPOSED);
    }
    settle = says(&book, id, TRANSFER_REJ, "Kofi"); /* Otherwise: nothing until one gives way. */
    assert_int_equal(settle.code, PAYOUT_NOT_ALLOWED);
    assert_int_equal(look(&book, id)->state, TRANSFER_NOS);
    assert_int_equal(lines(&book), 1);
    settle = says(&book, id, TRANSFER_VAL, "Kofi");
    assert_int_equal(settle.code, PAYOUT_OK);
    assert_int_equal(settle.transfer_settle.act, SETTLEMENT_SETTLED);
    assert_int_equal(look(&book, id)->state, TRANSFER_VAL);
    assert_int_equal(lines(&book), 2);
    assert_string_equal(book.settled_last->settlement.person, "Kofi");
    assert_int_equal(book.settled_last->settlement.number, 2);
    batch_close(&book);
}

static void a_proposal_is_withdrawn_in_writing(void **state)
{
    (void)state;
    struct book book;
    struct transfer_id id = unknown(&book, true);
    assert_int_equal(operator_says(&book, id, VERDICT_UNKNOWN, NOW_MS), OUTCOME_APPLIED);
    struct command command = withdraws(&book, id, "Kofi");
    assert_int_equal(command.code, PAYOUT_NOT_ALLOWED); /* There is none. */
    assert_int_equal(says(&book, id, TRANSFER_VAL, "Awa").code, PAYOUT_OK);
    command = withdraws(&book, id, "Kofi");
    assert_int_equal(command.code, PAYOUT_OK);
    assert_int_equal(command.transfer_settle.act, SETTLEMENT_WITHDRAWN);
    assert_true(withdraws(&book, id, "Kofi").transfer_settle.again);
    assert_int_equal(lines(&book), 2);
    /* It counts no more: the second person's word is a first one now. */
    command = says(&book, id, TRANSFER_VAL, "Kofi");
    assert_int_equal(command.transfer_settle.act, SETTLEMENT_PROPOSED);
    assert_int_equal(look(&book, id)->state, TRANSFER_NOS);
    assert_int_equal(says(&book, id, TRANSFER_VAL, "Awa").transfer_settle.act, SETTLEMENT_SETTLED);
    assert_int_equal(look(&book, id)->state, TRANSFER_VAL);
    assert_int_equal(lines(&book), 4);
    batch_close(&book);
}

static void the_operators_answer_overtakes_a_proposal_in_writing(void **state)
{
    (void)state;
    struct book book;
    struct transfer_id id = unknown(&book, true);
    assert_int_equal(operator_says(&book, id, VERDICT_UNKNOWN, NOW_MS), OUTCOME_APPLIED);
    assert_int_equal(says(&book, id, TRANSFER_VAL, "Awa").code, PAYOUT_OK);
    assert_int_equal(operator_says(&book, id, VERDICT_PENDING, NOW_MS + 2500), OUTCOME_APPLIED);
    assert_int_equal(lines(&book), 1); /* That ends nothing: it stays open. */
    assert_int_equal(operator_says(&book, id, VERDICT_REJECTED, NOW_MS + 2600), OUTCOME_APPLIED);
    assert_int_equal(look(&book, id)->state, TRANSFER_REJ);
    assert_int_equal(lines(&book), 2);
    assert_int_equal(book.settled_last->settlement.act, SETTLEMENT_OVERTAKEN);
    assert_int_equal(book.settled_last->settlement.outcome, TRANSFER_REJ);
    assert_string_equal(book.settled_last->settlement.person, "");
    assert_int_equal(says(&book, id, TRANSFER_VAL, "Kofi").code, PAYOUT_NOT_ALLOWED);
    assert_int_equal(batch_balance(&book, ACCOUNT_AVAILABLE), 10000);
    batch_close(&book);
}

static void an_operator_that_answers_otherwise_later_contradicts(void **state)
{
    (void)state;
    struct book book;
    struct transfer_id id = unknown(&book, false);
    assert_int_equal(operator_says(&book, id, VERDICT_UNKNOWN, NOW_MS), OUTCOME_APPLIED);
    assert_int_equal(says(&book, id, TRANSFER_REJ, "Awa").code, PAYOUT_OK);
    assert_int_equal(operator_says(&book, id, VERDICT_REJECTED, NOW_MS + 5000), OUTCOME_IGNORED);
    assert_int_equal(operator_says(&book, id, VERDICT_PAID, NOW_MS + 5000), OUTCOME_CONTRADICTED);
    assert_int_equal(look(&book, id)->state, TRANSFER_REJ);
    assert_int_equal(batch_balance(&book, ACCOUNT_AVAILABLE), 10000);
    assert_non_null(book.contradictions);
    batch_close(&book);
}

static void acts_have_words(void **state)
{
    (void)state;
    assert_string_equal(settlement_act_text(SETTLEMENT_PROPOSED), "PROPOSED");
    assert_string_equal(settlement_act_text(SETTLEMENT_OVERTAKEN), "OVERTAKEN");
    assert_false(settlement_same_person("Awa", "Awa B"));
    assert_false(settlement_same_person("Awa", ""));
    assert_false(settlement_same_person("Awa", "Iwa"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_person_settles_and_the_money_moves_once),
        cmocka_unit_test(only_an_unknown_outcome_is_settled),
        cmocka_unit_test(two_persons_have_to_say_the_same),
        cmocka_unit_test(a_proposal_is_withdrawn_in_writing),
        cmocka_unit_test(the_operators_answer_overtakes_a_proposal_in_writing),
        cmocka_unit_test(an_operator_that_answers_otherwise_later_contradicts),
        cmocka_unit_test(acts_have_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

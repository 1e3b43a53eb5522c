/* Which channel a transfer goes through, and how long it waits for one. */
#include <string.h>

#include "conformance.h"

static struct claim_item claim(struct fixture *fixture, struct transfer_id id, int channel)
{
    struct claim_item item = {
        .transfer = id, .due_at_ms = fixture_transfer(fixture, id)->due_at_ms, .channel = channel};
    struct command command = {.kind = COMMAND_TRANSFER_CLAIM,
                              .transfer_claim = {.items = &item, .count = 1, .lease_ms = 60000}};
    assert_int_equal(fixture_commit(fixture, &command), PAYOUT_OK);
    return item;
}

/* The one transfer that is due. */
static const struct transfer *due(struct fixture *fixture)
{
    struct transfer *transfers;
    size_t count;
    struct fault fault;
    assert_int_equal(store_read_due_transfers(fixture->reader, fixture->arena, fixture->now_ms, 10,
                                              &transfers, &count, &fault),
                     FAULT_NONE);
    assert_int_equal(count, 1);
    return &transfers[0];
}

static void a_transfer_keeps_its_channel_until_it_is_free(void **state)
{
    struct fixture *fixture = *state;
    fixture_prepare(fixture, 0, 1000000);
    struct lot_code code = fixture_send(fixture, 0, 1, "a", true);
    struct transfer_id id = fixture_lot_read(fixture, 0, code)->first;
    assert_int_equal(due(fixture)->channel, 0);
    assert_true(claim(fixture, id, 255).claimed);
    const struct transfer *transfer = fixture_transfer(fixture, id);
    assert_int_equal(transfer->channel, 255);
    assert_int_equal(transfer->channel_attempt, 1);
    assert_int_equal(transfer->in_hand, STEP_SUBMIT);
    assert_int_equal(fixture_outcome(fixture, id, VERDICT_NOT_SENT), OUTCOME_APPLIED);
    transfer = fixture_transfer(fixture, id);
    assert_int_equal(transfer->state, TRANSFER_REC);
    assert_int_equal(transfer->channel, 0);
    assert_int_equal(transfer->channel_attempt, 0);
    assert_int_equal(transfer->in_hand, STEP_NONE);
    fixture->now_ms += 5000;
    assert_int_equal(due(fixture)->channel, 0);
    assert_true(claim(fixture, id, 2).claimed);
    assert_int_equal(fixture_outcome(fixture, id, VERDICT_UNKNOWN), OUTCOME_APPLIED);
    fixture->now_ms += 5000;
    assert_int_equal(due(fixture)->channel, 2);
    assert_false(claim(fixture, id, 1).claimed);
    assert_true(claim(fixture, id, 2).claimed);
    transfer = fixture_transfer(fixture, id);
    assert_int_equal(transfer->channel_attempt, 2);
    assert_int_equal(transfer->in_hand, STEP_ASK);
    assert_int_equal(fixture_outcome(fixture, id, VERDICT_PAID), OUTCOME_APPLIED);
    assert_int_equal(fixture_transfer(fixture, id)->channel, 2);
    assert_int_equal(fixture_audit(fixture), 1);
}

static void how_long_a_lot_waits_is_kept(void **state)
{
    struct fixture *fixture = *state;
    fixture_prepare(fixture, 0, 1000000);
    struct command change = {
        .kind = COMMAND_MERCHANT_CHANGE,
        .merchant_change = {.fields = MERCHANT_FIELD_OPERATOR_WAIT,
                            .merchant = {.id = fixture_merchant(0), .operator_wait_ms = 7000}}};
    assert_int_equal(fixture_commit(fixture, &change), PAYOUT_OK);
    struct merchant *merchant;
    struct fault fault;
    assert_int_equal(store_read_merchant(fixture->reader, fixture->arena, fixture_merchant(0),
                                         &merchant, &fault),
                     FAULT_NONE);
    assert_int_equal(merchant->operator_wait_ms, 7000);
    struct lot_code code = fixture_send(fixture, 0, 1, "a", false);
    struct transfer_id id = fixture_lot_read(fixture, 0, code)->first;
    assert_int_equal(fixture_transfer(fixture, id)->wait_ms, 7000);
    assert_int_equal(fixture_transfer(fixture, id)->wait_until_ms, 0);
    fixture->now_ms += 1000;
    struct command confirm = {
        .kind = COMMAND_LOT_DECIDE,
        .lot_decide = {
            .merchant = fixture_merchant(0), .lot = code, .to = LOT_CONFIRMED, .person = "Awa"}};
    assert_int_equal(fixture_commit(fixture, &confirm), PAYOUT_OK);
    int64_t until_ms = fixture->now_ms + 7000;
    assert_int_equal(fixture_transfer(fixture, id)->wait_until_ms, until_ms);
    fixture->now_ms = until_ms - 1000;
    assert_int_equal(fixture_outcome(fixture, id, VERDICT_NOT_SENT), OUTCOME_APPLIED);
    fixture->now_ms = until_ms;
    assert_int_equal(due(fixture)->id.value, id.value);
    assert_int_equal(fixture_outcome(fixture, id, VERDICT_NOT_SENT), OUTCOME_APPLIED);
    assert_int_equal(fixture_transfer(fixture, id)->state, TRANSFER_REJ);
    assert_int_equal(fixture_transfer(fixture, id)->reason, TRANSFER_REASON_WAITED_TOO_LONG);
    assert_int_equal(fixture_audit(fixture), 1);
}

static enum callback_effect called(struct fixture *fixture, struct transfer_id id, int channel,
                                   const char *body)
{
    struct command command = {
        .kind = COMMAND_CALLBACK,
        .callback = {
            .channel = channel, .transfer = id, .reference = "R", .body = body, .why = ""}};
    memcpy(command.callback.hash, body, strlen(body));
    assert_int_equal(fixture_commit(fixture, &command), PAYOUT_OK);
    return command.callback.effect;
}

static const struct callback *callbacks(struct fixture *fixture, int64_t before, size_t limit,
                                        size_t *count)
{
    struct callback *found;
    struct fault fault;
    assert_int_equal(
        store_read_callbacks(fixture->reader, fixture->arena, before, limit, &found, count, &fault),
        FAULT_NONE);
    return found;
}

static void callbacks_are_parked_newest_first(void **state)
{
    struct fixture *fixture = *state;
    size_t count;
    struct store_figures figures;
    struct fault fault;
    struct transfer_id none = {0};
    assert_int_equal(called(fixture, none, 3, "one"), CALLBACK_PARKED);
    assert_int_equal(called(fixture, none, 3, "two"), CALLBACK_PARKED);
    assert_int_equal(called(fixture, none, 4, "one"), CALLBACK_PARKED);
    fixture->now_ms += 10;
    assert_int_equal(called(fixture, none, 3, "one"), CALLBACK_PARKED);
    const struct callback *page = callbacks(fixture, 0, 2, &count);
    assert_int_equal(count, 2);
    assert_int_equal(page[0].channel, 4);
    assert_string_equal(page[1].body, "two");
    page = callbacks(fixture, page[1].id, 2, &count);
    assert_int_equal(count, 1);
    assert_string_equal(page[0].body, "one");
    assert_string_equal(page[0].reference, "R");
    assert_string_equal(page[0].why, "there is no such transfer");
    assert_int_equal(page[0].times, 2);
    assert_int_equal(page[0].first_at_ms, fixture->now_ms - 10);
    assert_int_equal(page[0].last_at_ms, fixture->now_ms);
    (void)callbacks(fixture, page[0].id, 2, &count);
    assert_int_equal(count, 0);
    assert_int_equal(store_read_figures(fixture->reader, &figures, &fault), FAULT_NONE);
    assert_int_equal(figures.callbacks, 3);
}

static void a_callback_makes_its_transfer_due(void **state)
{
    struct fixture *fixture = *state;
    size_t count;
    fixture_prepare(fixture, 0, 1000000);
    struct lot_code code = fixture_send(fixture, 0, 1, "a", true);
    struct transfer_id id = fixture_lot_read(fixture, 0, code)->first;
    assert_true(claim(fixture, id, 3).claimed);
    assert_int_equal(called(fixture, id, 3, "in hand"), CALLBACK_HASTENED);
    assert_true(fixture_transfer(fixture, id)->called_back);
    assert_int_equal(fixture_outcome(fixture, id, VERDICT_PENDING), OUTCOME_APPLIED);
    assert_int_equal(due(fixture)->id.value, id.value);
    assert_true(claim(fixture, id, 3).claimed);
    assert_false(fixture_transfer(fixture, id)->called_back);
    assert_int_equal(fixture_outcome(fixture, id, VERDICT_PENDING), OUTCOME_APPLIED);
    assert_int_equal(called(fixture, id, 3, "waiting"), CALLBACK_HASTENED);
    assert_int_equal(due(fixture)->due_at_ms, fixture->now_ms);
    (void)callbacks(fixture, 0, 1, &count);
    assert_int_equal(count, 0);
    assert_int_equal(fixture_audit(fixture), 1);
}

static enum reversal_state asked(struct fixture *fixture, struct transfer_id id, bool withdraw)
{
    struct command command = {.kind = COMMAND_REVERSAL_ASK,
                              .reversal_ask = {.transfer = id,
                                               .withdraw = withdraw,
                                               .person = "Awa",
                                               .evidence = "à la mauvaise personne"}};
    assert_int_equal(fixture_commit(fixture, &command), PAYOUT_OK);
    return command.reversal_ask.state;
}

static const struct due_reversal *due_reversals(struct fixture *fixture, size_t expected)
{
    struct due_reversal *due;
    size_t count;
    struct fault fault;
    assert_int_equal(store_read_due_reversals(fixture->reader, fixture->arena, fixture->now_ms, 10,
                                              &due, &count, &fault),
                     FAULT_NONE);
    assert_int_equal(count, expected);
    return due;
}

static void reversal_taken(struct fixture *fixture, const struct reversal *reversal)
{
    struct reversal_claim_item item = {.transfer = reversal->transfer,
                                       .number = reversal->number,
                                       .due_at_ms = reversal->due_at_ms};
    struct command command = {.kind = COMMAND_REVERSAL_CLAIM,
                              .reversal_claim = {.items = &item, .count = 1, .lease_ms = 60000}};
    assert_int_equal(fixture_commit(fixture, &command), PAYOUT_OK);
    assert_true(item.claimed);
}

static void a_reversal_is_kept_until_it_is_done(void **state)
{
    struct fixture *fixture = *state;
    struct next_due next;
    struct fault fault;
    fixture_prepare(fixture, 0, 1000000);
    struct lot_code code = fixture_send(fixture, 0, 1, "a", true);
    struct transfer_id id = fixture_lot_read(fixture, 0, code)->first;
    fixture_claim(fixture, id);
    assert_int_equal(fixture_outcome(fixture, id, VERDICT_PAID), OUTCOME_APPLIED);
    (void)due_reversals(fixture, 0);
    /* One that was withdrawn and the next one, in one batch: at most one lives. */
    assert_int_equal(asked(fixture, id, false), REVERSAL_ASKED);
    struct command both[2] = {{.kind = COMMAND_REVERSAL_ASK}, {.kind = COMMAND_REVERSAL_ASK}};
    for (int i = 0; i < 2; i++)
        both[i].reversal_ask = (struct reversal_ask){
            .transfer = id, .withdraw = i == 0, .person = "Awa", .evidence = "e"};
    assert_int_equal(fixture_try(fixture, both, 2, &fault), FAULT_NONE);
    assert_int_equal(fixture_transfer(fixture, id)->reversals, 2);
    fixture->now_ms += 1;
    const struct due_reversal *due = due_reversals(fixture, 1);
    assert_int_equal(due->reversal.number, 2);
    assert_int_equal(due->transfer.id.value, id.value);
    assert_string_equal(due->transfer.operator_reference, "OP.77");
    reversal_taken(fixture, &due->reversal);
    (void)due_reversals(fixture, 0);
    assert_int_equal(store_read_next_due(fixture->reader, fixture->now_ms, &next, &fault),
                     FAULT_NONE);
    assert_int_equal(next.reversal_at_ms, fixture->now_ms + 60000);
    struct reversal_outcome_item item = {.transfer = id,
                                         .number = 2,
                                         .attempt = 1,
                                         .verdict = VERDICT_PAID,
                                         .operator_reference = "RV.1"};
    struct command done = {.kind = COMMAND_REVERSAL_OUTCOME,
                           .reversal_outcome = {.items = &item, .count = 1}};
    assert_int_equal(fixture_commit(fixture, &done), PAYOUT_OK);
    assert_int_equal(item.effect, OUTCOME_APPLIED);
    struct reversal *reversals;
    size_t count;
    assert_int_equal(
        store_read_reversals(fixture->reader, fixture->arena, id, &reversals, &count, &fault),
        FAULT_NONE);
    assert_int_equal(count, 2);
    assert_int_equal(reversals[0].state, REVERSAL_WITHDRAWN);
    assert_string_equal(reversals[0].evidence, "à la mauvaise personne");
    assert_int_equal(reversals[1].state, REVERSAL_DONE);
    assert_string_equal(reversals[1].operator_reference, "RV.1");
    assert_string_equal(reversals[1].second, "");
    assert_int_equal(reversals[1].attempts, 1);
    assert_int_equal(reversals[1].ended_at_ms, fixture->now_ms);
    assert_int_equal(fixture_transfer(fixture, id)->reason, TRANSFER_REASON_REVERSED);
    assert_int_equal(fixture_audit(fixture), 1);
}

const struct CMUnitTest channel_cases[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)
    CASE(a_transfer_keeps_its_channel_until_it_is_free),
    CASE(how_long_a_lot_waits_is_kept),
    CASE(callbacks_are_parked_newest_first),
    CASE(a_callback_makes_its_transfer_due),
    CASE(a_reversal_is_kept_until_it_is_done),
};
const size_t channel_case_count = sizeof channel_cases / sizeof *channel_cases;

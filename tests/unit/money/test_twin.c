#include "batch.h"

#include <string.h>

#define WINDOW_MS INT64_C(600000)

static void set_window(struct book *book, int64_t window_ms)
{
    struct command change = {
        .kind = COMMAND_MERCHANT_CHANGE,
        .merchant_change = {.fields = MERCHANT_FIELD_DOUBLE_WINDOW,
                            .merchant = {.id = MERCHANT, .double_window_ms = window_ms}}};
    assert_int_equal(batch_run(book, &change), PAYOUT_OK);
}

/* As if the store had just given the merchant: what is looked up is said by what was loaded. */
static enum payout_code run_stored(struct book *book, struct command *command)
{
    book_merchant(book, MERCHANT)->row.state = ROW_STORED;
    return batch_run(book, command);
}

static void begin(struct book *book, int64_t window_ms)
{
    batch_open(book, 100000);
    set_window(book, window_ms);
    batch_contact(book, "0707895086");
    batch_contact(book, "0707895087");
}

static struct send_item send(struct book *book, const char *phone, const char *amount,
                             const char *client_id, bool confirmed)
{
    struct send_item item = batch_item(phone, amount, client_id);
    struct command command = batch_send(&item, 1, confirmed);
    assert_int_equal(run_stored(book, &command), PAYOUT_OK);
    assert_int_equal(item.state, TRANSFER_NEW);
    return item;
}

static const struct transfer *look(struct book *book, struct transfer_id id)
{
    return &book_transfer(book, id)->transfer;
}

static struct command decide(struct book *book, struct transfer_id id, bool release)
{
    struct command command = {
        .kind = COMMAND_TWIN_DECIDE,
        .twin_decide = {
            .transfer = id, .release = release, .person = "Awa", .evidence = "two invoices"}};
    batch_run_at(book, &command, NOW_MS + 1000);
    return command;
}

static void the_same_again_waits_with_its_money_held(void **state)
{
    (void)state;
    struct book book;
    begin(&book, WINDOW_MS);
    struct send_item first = send(&book, "0707895086", "500", "a", true);
    static const char *const ids[] = {"b", NULL}; /* Under another id, or under none. */
    for (int i = 0; i < 2; i++) {
        struct send_item again = send(&book, "0707895086", "500", ids[i], true);
        const struct transfer *transfer = look(&book, again.transfer);
        assert_true(transfer->suspected && transfer->confirmed);
        assert_false(transfer_confirmed(transfer)); /* Its sending_status is PENDING. */
        assert_int_equal(transfer->state, TRANSFER_NEW);
        assert_int_equal(transfer->step, STEP_NONE);
        assert_int_equal(transfer->due_at_ms, 0);
        assert_int_equal(transfer->twin_of.value, first.transfer.value);
        assert_int_equal(transfer->reason, TRANSFER_REASON_SUSPECTED_DOUBLE);
        assert_int_equal(transfer->notifications, 0);
    }
    assert_int_equal(batch_balance(&book, ACCOUNT_HELD), 1500);
    assert_false(look(&book, first.transfer)->suspected);
    batch_close(&book);
}

static void another_person_or_amount_is_no_double(void **state)
{
    (void)state;
    struct book book;
    begin(&book, WINDOW_MS);
    (void)send(&book, "0707895086", "500", "a", true);
    assert_false(look(&book, send(&book, "0707895087", "500", "b", true).transfer)->suspected);
    assert_false(look(&book, send(&book, "0707895086", "505", "c", true).transfer)->suspected);
    batch_close(&book);
}

static void a_merchant_that_does_not_want_it_is_not_watched(void **state)
{
    (void)state;
    struct book book;
    begin(&book, 0);
    for (int i = 0; i < 2; i++) {
        struct send_item item = send(&book, "0707895086", "500", NULL, true);
        assert_false(look(&book, item.transfer)->suspected);
        assert_false(look(&book, item.transfer)->watched);
    }
    assert_int_equal(book.sightings.count, 0); /* And costs nothing. */
    batch_close(&book);
}

static void twice_in_one_lot_is_a_double_too(void **state)
{
    (void)state;
    struct book book;
    begin(&book, WINDOW_MS);
    struct send_item items[] = {batch_item("0707895086", "500", "a"),
                                batch_item("0707895086", "500", "b")};
    struct command command = batch_send(items, 2, true);
    assert_int_equal(run_stored(&book, &command), PAYOUT_OK);
    assert_false(look(&book, items[0].transfer)->suspected);
    assert_true(look(&book, items[1].transfer)->suspected);
    assert_int_equal(look(&book, items[1].transfer)->twin_of.value, items[0].transfer.value);
    batch_close(&book);
}

static void released_it_goes_its_way(void **state)
{
    (void)state;
    struct book book;
    begin(&book, WINDOW_MS);
    (void)send(&book, "0707895086", "500", "a", true);
    struct transfer_id id = send(&book, "0707895086", "500", "b", true).transfer;
    struct command command = decide(&book, id, true);
    assert_int_equal(command.code, PAYOUT_OK);
    const struct transfer *transfer = look(&book, id);
    assert_true(transfer_confirmed(transfer));
    assert_int_equal(transfer->step, STEP_SUBMIT);
    assert_int_equal(transfer->due_at_ms, NOW_MS + 1000);
    assert_int_equal(transfer->reason, TRANSFER_REASON_NONE);
    assert_int_equal(transfer->notifications, 1); /* Its sending_status is CONFIRM now. */
    assert_true(
        book_notification(&book, (struct notification_key){id, 0, 1})->notification.confirmed);
    assert_true(book.work_made);
    assert_true(decide(&book, id, true).twin_decide.again);
    assert_int_equal(decide(&book, id, false).code, PAYOUT_NOT_ALLOWED);
    assert_string_equal(book.settled->settlement.person, "Awa");
    assert_int_equal(book.settled->settlement.act, SETTLEMENT_RELEASED);
    assert_null(book.settled->next);
    batch_close(&book);
}

static void refused_its_money_comes_back(void **state)
{
    (void)state;
    struct book book;
    begin(&book, WINDOW_MS);
    struct transfer_id first = send(&book, "0707895086", "500", "a", true).transfer;
    struct transfer_id id = send(&book, "0707895086", "500", "b", true).transfer;
    struct command command = decide(&book, id, false);
    assert_int_equal(command.code, PAYOUT_OK);
    assert_int_equal(command.twin_decide.state, TRANSFER_REJ);
    assert_int_equal(look(&book, id)->reason, TRANSFER_REASON_DOUBLE);
    assert_false(look(&book, id)->suspected);
    assert_int_equal(batch_balance(&book, ACCOUNT_HELD), 500);
    assert_true(decide(&book, id, false).twin_decide.again);
    assert_int_equal(decide(&book, id, true).code, PAYOUT_NOT_ALLOWED);
    assert_int_equal(decide(&book, first, true).code, PAYOUT_NOT_ALLOWED); /* No double. */
    struct transfer_id nobody = {id.value + 7};
    assert_int_equal(decide(&book, nobody, true).code, PAYOUT_NOT_FOUND);
    batch_close(&book);
}

static void while_its_lot_waits_the_lot_comes_first(void **state)
{
    (void)state;
    static const enum lot_state ways[] = {LOT_CONFIRMED, LOT_CANCELLED};
    for (int i = 0; i < 2; i++) {
        struct book book;
        begin(&book, WINDOW_MS);
        (void)send(&book, "0707895086", "500", "a", true);
        struct send_item item = send(&book, "0707895086", "500", "b", false);
        struct transfer_id id = item.transfer;
        assert_int_equal(decide(&book, id, true).code, PAYOUT_NOT_ALLOWED);
        struct command lot = {
            .kind = COMMAND_LOT_DECIDE,
            .lot_decide = {.merchant = MERCHANT, .lot = item.lot, .to = ways[i], .person = "Awa"}};
        assert_int_equal(batch_run(&book, &lot), PAYOUT_OK);
        const struct transfer *transfer = look(&book, id);
        assert_int_equal(transfer->suspected, i == 0); /* Confirmed, it still waits. */
        assert_int_equal(transfer->confirmed, i == 0);
        assert_int_equal(transfer->step, STEP_NONE);
        assert_int_equal(transfer->notifications, i);
        assert_int_equal(decide(&book, id, true).code, i == 0 ? PAYOUT_OK : PAYOUT_NOT_ALLOWED);
        assert_int_equal(look(&book, id)->state, i == 0 ? TRANSFER_NEW : TRANSFER_REJ);
        batch_close(&book);
    }
}

static void nobody_can_give_it_out_while_it_waits(void **state)
{
    (void)state;
    struct book book;
    begin(&book, WINDOW_MS);
    (void)send(&book, "0707895086", "500", "a", true);
    struct transfer_id id = send(&book, "0707895086", "500", "b", true).transfer;
    struct claim_item claim = {.transfer = id, .channel = CHANNEL};
    struct command take = {.kind = COMMAND_TRANSFER_CLAIM,
                           .transfer_claim = {.items = &claim, .count = 1, .lease_ms = 1000}};
    assert_int_equal(batch_run(&book, &take), PAYOUT_OK);
    assert_false(claim.claimed);
    static const enum verdict verdicts[] = {VERDICT_NOT_SENT, VERDICT_NEVER_SEEN, VERDICT_UNKNOWN};
    for (int i = 0; i < 3; i++) {
        struct outcome_item item = {
            .transfer = id, .verdict = verdicts[i], .operator_reference = "", .next_at_ms = NOW_MS};
        struct command tell = {.kind = COMMAND_TRANSFER_OUTCOME,
                               .transfer_outcome = {.items = &item, .count = 1}};
        assert_int_equal(batch_run(&book, &tell), PAYOUT_OK);
        assert_int_equal(item.effect, OUTCOME_IGNORED);
        assert_int_equal(look(&book, id)->step, STEP_NONE);
    }
    batch_close(&book);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_again_waits_with_its_money_held),
        cmocka_unit_test(another_person_or_amount_is_no_double),
        cmocka_unit_test(a_merchant_that_does_not_want_it_is_not_watched),
        cmocka_unit_test(twice_in_one_lot_is_a_double_too),
        cmocka_unit_test(released_it_goes_its_way),
        cmocka_unit_test(refused_its_money_comes_back),
        cmocka_unit_test(while_its_lot_waits_the_lot_comes_first),
        cmocka_unit_test(nobody_can_give_it_out_while_it_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

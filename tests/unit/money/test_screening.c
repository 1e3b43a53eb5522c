#include "batch.h"

#include <string.h>

#define LATER_MS (NOW_MS + 5000)

static void begin(struct book *book, bool screening)
{
    batch_open(book, 100000);
    book->screening = screening;
    batch_contact(book, "0707895086");
}

static struct transfer_row *send(struct book *book, const char *client_id, bool confirmed)
{
    struct send_item item = batch_item("0707895086", "500", client_id);
    struct command command = batch_send(&item, 1, confirmed);
    assert_int_equal(batch_run(book, &command), PAYOUT_OK);
    return book_transfer(book, item.transfer);
}

static bool screened(struct book *book, const struct transfer *transfer,
                     enum screening_state verdict)
{
    struct screened_item item = {.transfer = transfer->id,
                                 .due_at_ms = transfer->due_at_ms,
                                 .verdict = verdict,
                                 .source = "list",
                                 .version = "v1",
                                 .entry = verdict == SCREENING_MATCH ? "S1 Somebody" : "",
                                 .score = verdict == SCREENING_MATCH ? 97 : 0,
                                 .next_at_ms = LATER_MS + 1000};
    struct command command = {.kind = COMMAND_TRANSFER_SCREENED,
                              .transfer_screened = {.items = &item, .count = 1}};
    batch_run_at(book, &command, LATER_MS);
    assert_int_equal(command.code, PAYOUT_OK);
    return item.applied;
}

static bool claimed(struct book *book, const struct transfer *transfer)
{
    struct claim_item item = {
        .transfer = transfer->id, .due_at_ms = transfer->due_at_ms, .channel = CHANNEL};
    struct command command = {.kind = COMMAND_TRANSFER_CLAIM,
                              .transfer_claim = {.items = &item, .count = 1, .lease_ms = 1000}};
    batch_run_at(book, &command, LATER_MS);
    return item.claimed;
}

static struct command decide(struct book *book, const struct transfer *transfer, bool release)
{
    struct command command = {.kind = COMMAND_SCREENING_DECIDE,
                              .screening_decide = {.transfer = transfer->id,
                                                   .release = release,
                                                   .person = "Awa",
                                                   .evidence = "born in another year"}};
    batch_run_at(book, &command, LATER_MS);
    return command;
}

static void without_screening_it_leaves_at_once(void **state)
{
    (void)state;
    struct book book;
    begin(&book, false);
    const struct transfer *transfer = &send(&book, "a", true)->transfer;
    assert_int_equal(transfer->step, STEP_SUBMIT);
    assert_true(claimed(&book, transfer));
    book_check(&book);
    batch_close(&book);
}

static void nothing_leaves_before_its_name_is_clear(void **state)
{
    (void)state;
    struct book book;
    begin(&book, true);
    const struct transfer *transfer = &send(&book, "a", true)->transfer;
    assert_int_equal(transfer->step, STEP_SCREEN);
    assert_int_equal(transfer->due_at_ms, NOW_MS);
    assert_true(transfer_confirmed(transfer)); /* Its lot is, and that is what clients see. */
    assert_false(claimed(&book, transfer));
    assert_int_equal(transfer->attempts, 0);
    assert_true(screened(&book, transfer, SCREENING_CLEAR));
    assert_int_equal(transfer->screening, SCREENING_CLEAR);
    assert_int_equal(transfer->step, STEP_SUBMIT);
    assert_int_equal(transfer->screenings, 1);
    assert_false(screened(&book, transfer, SCREENING_MATCH)); /* Too late. */
    assert_int_equal(transfer->screenings, 1);
    assert_true(book.screenings != NULL && book.screenings->next == NULL);
    assert_int_equal(book.screenings->screening.number, 1);
    assert_string_equal(book.screenings->screening.version, "v1");
    assert_true(claimed(&book, transfer));
    book_check(&book);
    batch_close(&book);
}

static void a_waiting_lot_is_screened_when_it_is_confirmed(void **state)
{
    (void)state;
    struct book book;
    begin(&book, true);
    const struct transfer *transfer = &send(&book, "a", false)->transfer;
    assert_int_equal(transfer->step, STEP_NONE);
    assert_false(screened(&book, transfer, SCREENING_CLEAR));
    struct command confirm = {
        .kind = COMMAND_LOT_DECIDE,
        .lot_decide = {
            .merchant = MERCHANT, .lot = transfer->lot, .to = LOT_CONFIRMED, .person = "Awa"}};
    assert_int_equal(batch_run(&book, &confirm), PAYOUT_OK);
    assert_int_equal(transfer->step, STEP_SCREEN);
    book_check(&book);
    batch_close(&book);
}

static void an_answer_to_an_older_question_counts_no_more(void **state)
{
    (void)state;
    struct book book;
    begin(&book, true);
    struct transfer_row *row = send(&book, "a", true);
    struct transfer before = row->transfer;
    assert_true(screened(&book, &before, SCREENING_NONE)); /* Nobody answered. */
    assert_int_equal(row->transfer.step, STEP_SCREEN);
    assert_int_equal(row->transfer.due_at_ms, LATER_MS + 1000);
    assert_int_equal(row->transfer.reason, TRANSFER_REASON_SCREENING_DOWN);
    assert_int_equal(row->transfer.screenings, 0);
    assert_false(screened(&book, &before, SCREENING_CLEAR));
    assert_true(screened(&book, &row->transfer, SCREENING_CLEAR));
    assert_int_equal(row->transfer.reason, TRANSFER_REASON_NONE);
    batch_close(&book);
}

static void a_match_waits_for_a_person(void **state)
{
    (void)state;
    struct book book;
    begin(&book, true);
    const struct transfer *transfer = &send(&book, "a", true)->transfer;
    int32_t notifications = transfer->notifications;
    assert_int_equal(decide(&book, transfer, true).code, PAYOUT_NOT_ALLOWED); /* Not yet. */
    assert_true(screened(&book, transfer, SCREENING_MATCH));
    assert_int_equal(transfer->step, STEP_NONE);
    assert_int_equal(transfer->reason, TRANSFER_REASON_NAME_MATCHED);
    assert_int_equal(transfer->notifications, notifications);
    assert_false(claimed(&book, transfer));
    book_check(&book);
    assert_int_equal(decide(&book, transfer, true).code, PAYOUT_OK);
    assert_int_equal(transfer->screening, SCREENING_RELEASED);
    assert_int_equal(transfer->step, STEP_SUBMIT);
    struct command again = decide(&book, transfer, true);
    assert_int_equal(again.code, PAYOUT_OK);
    assert_true(again.screening_decide.again);
    assert_int_equal(decide(&book, transfer, false).code, PAYOUT_NOT_ALLOWED);
    assert_int_equal(book.settled->settlement.act, SETTLEMENT_NAME_RELEASED);
    assert_null(book.settled->next);
    assert_true(claimed(&book, transfer));
    batch_close(&book);
}

static void a_refused_match_gives_the_money_back(void **state)
{
    (void)state;
    struct book book;
    begin(&book, true);
    const struct transfer *transfer = &send(&book, "a", true)->transfer;
    int32_t notifications = transfer->notifications;
    assert_true(screened(&book, transfer, SCREENING_MATCH));
    struct command refuse = decide(&book, transfer, false);
    assert_int_equal(refuse.code, PAYOUT_OK);
    assert_int_equal(refuse.screening_decide.state, TRANSFER_REJ);
    assert_int_equal(transfer->reason, TRANSFER_REASON_NAME_REFUSED);
    assert_int_equal(transfer->notifications, notifications + 1);
    assert_int_equal(batch_balance(&book, ACCOUNT_HELD), 0);
    assert_int_equal(batch_balance(&book, ACCOUNT_AVAILABLE), 100000);
    assert_true(decide(&book, transfer, false).screening_decide.again);
    assert_int_equal(decide(&book, transfer, true).code, PAYOUT_NOT_ALLOWED);
    book_check(&book);
    batch_close(&book);
}

static void a_possible_double_is_asked_about_twice(void **state)
{
    (void)state;
    struct book book;
    begin(&book, true);
    struct command window = {
        .kind = COMMAND_MERCHANT_CHANGE,
        .merchant_change = {.fields = MERCHANT_FIELD_DOUBLE_WINDOW,
                            .merchant = {.id = MERCHANT, .double_window_ms = 600000}}};
    assert_int_equal(batch_run(&book, &window), PAYOUT_OK);
    book_merchant(&book, MERCHANT)->row.state = ROW_STORED;
    (void)send(&book, "a", true);
    book_merchant(&book, MERCHANT)->row.state = ROW_STORED;
    const struct transfer *transfer = &send(&book, "b", true)->transfer;
    assert_true(transfer->suspected);
    assert_false(screened(&book, transfer, SCREENING_CLEAR));
    struct command release = {
        .kind = COMMAND_TWIN_DECIDE,
        .twin_decide = {
            .transfer = transfer->id, .release = true, .person = "Awa", .evidence = "two bills"}};
    batch_run_at(&book, &release, LATER_MS);
    assert_int_equal(release.code, PAYOUT_OK);
    assert_int_equal(transfer->step, STEP_SCREEN);
    assert_true(screened(&book, transfer, SCREENING_MATCH));
    /* The first word sent again does not answer the second question. */
    batch_run_at(&book, &release, LATER_MS);
    assert_true(release.twin_decide.again);
    assert_int_equal(transfer->step, STEP_NONE);
    assert_int_equal(decide(&book, transfer, true).code, PAYOUT_OK);
    assert_int_equal(transfer->step, STEP_SUBMIT);
    book_check(&book);
    batch_close(&book);
}

static void what_was_planned_without_screening_is_screened_at_the_door(void **state)
{
    (void)state;
    struct book book;
    begin(&book, false);
    const struct transfer *transfer = &send(&book, "a", true)->transfer;
    book.screening = true; /* payoutd was started again, with screening. */
    assert_false(claimed(&book, transfer));
    assert_int_equal(transfer->step, STEP_SCREEN);
    /* A worker that put it off before, as its operator is down, is heard no more. */
    struct outcome_item off = {.transfer = transfer->id,
                               .verdict = VERDICT_NOT_SENT,
                               .operator_reference = "",
                               .next_at_ms = LATER_MS};
    struct command outcome = {.kind = COMMAND_TRANSFER_OUTCOME,
                              .transfer_outcome = {.items = &off, .count = 1}};
    batch_run_at(&book, &outcome, LATER_MS);
    assert_int_equal(off.effect, OUTCOME_IGNORED);
    assert_int_equal(transfer->step, STEP_SCREEN);
    book.screening = false; /* And once more, without. */
    assert_true(screened(&book, transfer, SCREENING_SKIPPED));
    assert_int_equal(transfer->step, STEP_SUBMIT);
    book.screening = true; /* What nobody was asked about is not clear. */
    assert_false(claimed(&book, transfer));
    assert_true(screened(&book, transfer, SCREENING_CLEAR));
    assert_int_equal(transfer->screenings, 2);
    assert_true(claimed(&book, transfer));
    book_check(&book);
    batch_close(&book);
}

static void what_is_not_there_is_not_screened(void **state)
{
    (void)state;
    struct book book;
    begin(&book, true);
    struct transfer nobody = {.id = {77}, .due_at_ms = NOW_MS};
    assert_false(screened(&book, &nobody, SCREENING_CLEAR));
    assert_int_equal(decide(&book, &nobody, true).code, PAYOUT_NOT_FOUND);
    assert_string_equal(screening_state_text(SCREENING_SKIPPED), "SKIPPED");
    batch_close(&book);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_screening_it_leaves_at_once),
        cmocka_unit_test(nothing_leaves_before_its_name_is_clear),
        cmocka_unit_test(a_waiting_lot_is_screened_when_it_is_confirmed),
        cmocka_unit_test(an_answer_to_an_older_question_counts_no_more),
        cmocka_unit_test(a_match_waits_for_a_person),
        cmocka_unit_test(a_refused_match_gives_the_money_back),
        cmocka_unit_test(a_possible_double_is_asked_about_twice),
        cmocka_unit_test(what_was_planned_without_screening_is_screened_at_the_door),
        cmocka_unit_test(what_is_not_there_is_not_screened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

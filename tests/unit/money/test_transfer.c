#include "batch.h"

#include <string.h>

/* WIRE.md's table, written down a second time. */
static void states_lead_where_the_table_says(void **state)
{
    (void)state;
    static const char *const words[] = {"NEW", "REC", "NOS", "VAL", "REJ"};
    static const bool may[5][5] = {
        /*          NEW    REC    NOS    VAL    REJ */
        /* NEW */ {false, true, false, false, true},
        /* REC */ {false, false, true, true, true},
        /* NOS */ {false, false, false, true, true},
        /* VAL */ {false, false, false, false, false},
        /* REJ */ {false, false, false, false, false},
    };
    for (int from = 0; from < 5; from++) {
        enum transfer_state state_from = (enum transfer_state)(from + 1);
        assert_string_equal(transfer_state_text(state_from), words[from]);
        for (int to = 0; to < 5; to++)
            assert_int_equal(transfer_state_may(state_from, (enum transfer_state)(to + 1)),
                             may[from][to]);
    }
}

static void final_states_lead_nowhere(void **state)
{
    (void)state;
    for (enum transfer_state from = TRANSFER_NEW; from < TRANSFER_STATE_END; from++) {
        bool leads = false;
        for (enum transfer_state to = TRANSFER_NEW; to < TRANSFER_STATE_END; to++)
            leads = leads || transfer_state_may(from, to);
        assert_int_equal(transfer_state_final(from), !leads);
        assert_int_equal(transfer_state_final(from), from == TRANSFER_VAL || from == TRANSFER_REJ);
    }
}

static void words_are_there_in_both_languages(void **state)
{
    (void)state;
    for (enum transfer_reason reason = TRANSFER_REASON_NONE; reason < TRANSFER_REASON_END;
         reason++) {
        bool none = reason == TRANSFER_REASON_NONE;
        const char *fr = transfer_reason_text(reason, PAYOUT_FR);
        const char *en = transfer_reason_text(reason, PAYOUT_EN);
        assert_int_equal(fr[0] == '\0', none);
        assert_int_equal(en[0] == '\0', none);
        assert_true(none || strcmp(fr, en) != 0);
        assert_true(strlen(transfer_reason_word(reason)) > 3);
    }
    static const char *const verdicts[] = {"PAID",    "REJECTED",   "PENDING",
                                           "UNKNOWN", "NEVER_SEEN", "NOT_SENT"};
    for (int i = 0; i < 6; i++)
        assert_string_equal(verdict_text((enum verdict)(i + 1)), verdicts[i]);
}

/* --- One transfer's life --- */

static struct transfer_id sent(struct book *book, bool confirmed)
{
    batch_open(book, 10000);
    batch_contact(book, "0707895086");
    struct send_item item = batch_item("0707895086", "500", "a");
    struct command send = batch_send(&item, 1, confirmed);
    assert_int_equal(batch_run(book, &send), PAYOUT_OK);
    return item.transfer;
}

static const struct transfer *look(struct book *book, struct transfer_id id)
{
    return &book_transfer(book, id)->transfer;
}

static struct claim_item claim(struct book *book, struct transfer_id id, int64_t due_at_ms,
                               int64_t at_ms)
{
    struct claim_item item = {.transfer = id, .due_at_ms = due_at_ms, .attempt = -1};
    struct command command = {.kind = COMMAND_TRANSFER_CLAIM,
                              .transfer_claim = {.items = &item, .count = 1, .lease_ms = 30000}};
    batch_run_at(book, &command, at_ms);
    assert_int_equal(command.code, PAYOUT_OK);
    return item;
}

static enum outcome_effect outcome(struct book *book, struct transfer_id id, enum verdict verdict,
                                   enum transfer_reason reason, int64_t at_ms)
{
    struct outcome_item item = {.transfer = id,
                                .verdict = verdict,
                                .reason = reason,
                                .operator_reference = verdict == VERDICT_PAID ? "OP1" : "",
                                .next_at_ms = at_ms + 1000};
    struct command command = {.kind = COMMAND_TRANSFER_OUTCOME,
                              .transfer_outcome = {.items = &item, .count = 1}};
    batch_run_at(book, &command, at_ms);
    assert_int_equal(command.code, PAYOUT_OK);
    return item.effect;
}

static void a_paid_transfer_moves_its_money_once(void **state)
{
    (void)state;
    struct book book;
    struct transfer_id id = sent(&book, true);
    assert_true(claim(&book, id, NOW_MS, NOW_MS).claimed);
    assert_int_equal(look(&book, id)->state, TRANSFER_REC);
    assert_int_equal(outcome(&book, id, VERDICT_PAID, TRANSFER_REASON_NONE, NOW_MS + 5),
                     OUTCOME_APPLIED);
    const struct transfer *transfer = look(&book, id);
    assert_int_equal(transfer->state, TRANSFER_VAL);
    assert_int_equal(transfer->validated_at_ms, NOW_MS + 5);
    assert_string_equal(transfer->operator_reference, "OP1");
    assert_int_equal(transfer->step, STEP_NONE);
    assert_int_equal(transfer->notifications, 2); /* REC, VAL */
    struct account_key owed = {
        .kind = ACCOUNT_FLOAT, .currency = CURRENCY_XOF, .operator_number = 1};
    for (int again = 0; again < 2; again++) {
        assert_int_equal(batch_balance(&book, ACCOUNT_HELD), 0);
        assert_int_equal(batch_balance(&book, ACCOUNT_AVAILABLE), 9500);
        assert_int_equal(book_account(&book, owed)->balance_minor, 500);
        assert_int_equal(outcome(&book, id, VERDICT_PAID, TRANSFER_REASON_NONE, NOW_MS + 6),
                         OUTCOME_IGNORED);
    }
    batch_close(&book);
}

static void a_rejected_transfers_money_comes_back(void **state)
{
    (void)state;
    struct book book;
    struct transfer_id id = sent(&book, true);
    assert_true(claim(&book, id, NOW_MS, NOW_MS).claimed);
    assert_int_equal(
        outcome(&book, id, VERDICT_REJECTED, TRANSFER_REASON_RECEIVER_LIMIT, NOW_MS + 5),
        OUTCOME_APPLIED);
    assert_int_equal(look(&book, id)->state, TRANSFER_REJ);
    assert_int_equal(look(&book, id)->reason, TRANSFER_REASON_RECEIVER_LIMIT);
    assert_int_equal(look(&book, id)->validated_at_ms, 0);
    assert_int_equal(batch_balance(&book, ACCOUNT_AVAILABLE), 10000);
    assert_int_equal(batch_balance(&book, ACCOUNT_HELD), 0);
    batch_close(&book);
}

/* Silence is a state: it is asked about, never sent again. */
static void an_unknown_outcome_is_asked_about(void **state)
{
    (void)state;
    struct book book;
    struct transfer_id id = sent(&book, true);
    assert_int_equal(claim(&book, id, NOW_MS, NOW_MS).step, STEP_SUBMIT);
    assert_int_equal(look(&book, id)->step, STEP_ASK); /* Should the worker die now. */
    assert_int_equal(look(&book, id)->due_at_ms, NOW_MS + 30000);
    assert_int_equal(
        outcome(&book, id, VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN, NOW_MS + 5),
        OUTCOME_APPLIED);
    assert_int_equal(look(&book, id)->state, TRANSFER_NOS);
    assert_int_equal(look(&book, id)->due_at_ms, NOW_MS + 1005);
    assert_int_equal(batch_balance(&book, ACCOUNT_HELD), 500);
    assert_int_equal(claim(&book, id, NOW_MS + 1005, NOW_MS + 1005).step, STEP_ASK);
    /* The same again changes when it is asked, and tells nobody. */
    int32_t told = look(&book, id)->notifications;
    assert_int_equal(
        outcome(&book, id, VERDICT_UNKNOWN, TRANSFER_REASON_OUTCOME_UNKNOWN, NOW_MS + 1010),
        OUTCOME_APPLIED);
    assert_int_equal(look(&book, id)->notifications, told);
    assert_int_equal(outcome(&book, id, VERDICT_PAID, TRANSFER_REASON_NONE, NOW_MS + 2000),
                     OUTCOME_APPLIED);
    assert_int_equal(look(&book, id)->state, TRANSFER_VAL);
    batch_close(&book);
}

static void what_the_operator_never_saw_is_submitted_again(void **state)
{
    (void)state;
    struct book book;
    struct transfer_id id = sent(&book, true);
    assert_int_equal(claim(&book, id, NOW_MS, NOW_MS).attempt, 1);
    assert_int_equal(
        outcome(&book, id, VERDICT_PENDING, TRANSFER_REASON_PENDING_AT_OPERATOR, NOW_MS + 5),
        OUTCOME_APPLIED);
    assert_int_equal(look(&book, id)->step, STEP_ASK);
    assert_int_equal(outcome(&book, id, VERDICT_NEVER_SEEN, TRANSFER_REASON_NONE, NOW_MS + 10),
                     OUTCOME_APPLIED);
    struct claim_item second = claim(&book, id, NOW_MS + 1010, NOW_MS + 1010);
    assert_int_equal(second.step, STEP_SUBMIT);
    assert_int_equal(second.attempt, 2);
    batch_close(&book);
}

static void what_never_left_waits_as_new(void **state)
{
    (void)state;
    struct book book;
    struct transfer_id id = sent(&book, true);
    assert_int_equal(
        outcome(&book, id, VERDICT_NOT_SENT, TRANSFER_REASON_OPERATOR_DOWN, NOW_MS + 5),
        OUTCOME_APPLIED);
    assert_int_equal(look(&book, id)->state, TRANSFER_NEW);
    assert_int_equal(look(&book, id)->step, STEP_SUBMIT);
    assert_int_equal(look(&book, id)->due_at_ms, NOW_MS + 1005);
    /* It was never given to anybody: only NOT_SENT can be said of it, and an end contradicts. */
    assert_int_equal(outcome(&book, id, VERDICT_UNKNOWN, TRANSFER_REASON_NONE, NOW_MS + 6),
                     OUTCOME_IGNORED);
    assert_int_equal(outcome(&book, id, VERDICT_PAID, TRANSFER_REASON_NONE, NOW_MS + 6),
                     OUTCOME_CONTRADICTED);
    assert_true(claim(&book, id, NOW_MS + 1005, NOW_MS + 1005).claimed);
    assert_int_equal(outcome(&book, id, VERDICT_NOT_SENT, TRANSFER_REASON_NONE, NOW_MS + 1006),
                     OUTCOME_IGNORED); /* It may have left by now. */
    batch_close(&book);
}

static void a_contradiction_is_written_down_and_moves_nothing(void **state)
{
    (void)state;
    static const enum verdict ends[] = {VERDICT_PAID, VERDICT_REJECTED};
    for (size_t i = 0; i < 2; i++) {
        struct book book;
        struct transfer_id id = sent(&book, true);
        assert_true(claim(&book, id, NOW_MS, NOW_MS).claimed);
        assert_int_equal(outcome(&book, id, ends[i], TRANSFER_REASON_NONE, NOW_MS),
                         OUTCOME_APPLIED);
        int64_t available = batch_balance(&book, ACCOUNT_AVAILABLE);
        struct movement_line *last = book.movements_last;
        assert_int_equal(outcome(&book, id, ends[1 - i], TRANSFER_REASON_NONE, NOW_MS + 9),
                         OUTCOME_CONTRADICTED);
        for (enum verdict verdict = VERDICT_PENDING; verdict <= VERDICT_NOT_SENT; verdict++)
            assert_int_equal(outcome(&book, id, verdict, TRANSFER_REASON_NONE, NOW_MS + 9),
                             OUTCOME_IGNORED);
        assert_ptr_equal(book.movements_last, last);
        assert_int_equal(batch_balance(&book, ACCOUNT_AVAILABLE), available);
        assert_non_null(book.contradictions);
        assert_null(book.contradictions->next);
        assert_int_equal(book.contradictions->contradiction.verdict, ends[1 - i]);
        assert_int_equal(book.contradictions->contradiction.transfer.value, id.value);
        batch_close(&book);
    }
}

static void a_transfer_is_claimed_by_one_worker_when_it_is_due(void **state)
{
    (void)state;
    struct book book;
    struct transfer_id id = sent(&book, true);
    assert_false(claim(&book, id, NOW_MS, NOW_MS - 1).claimed);     /* Not yet. */
    assert_false(claim(&book, id, NOW_MS - 1, NOW_MS + 5).claimed); /* Another saw another time. */
    assert_true(claim(&book, id, NOW_MS, NOW_MS).claimed);
    assert_false(claim(&book, id, NOW_MS, NOW_MS).claimed); /* Somebody was faster. */
    assert_false(claim(&book, id, NOW_MS + 30000, NOW_MS + 29999).claimed); /* Its lease. */
    assert_int_equal(claim(&book, id, NOW_MS + 30000, NOW_MS + 30000).step, STEP_ASK);
    struct transfer_id none = {id.value + 1};
    assert_false(claim(&book, none, NOW_MS, NOW_MS).claimed);
    assert_int_equal(outcome(&book, none, VERDICT_PAID, TRANSFER_REASON_NONE, NOW_MS),
                     OUTCOME_IGNORED);
    batch_close(&book);
}

static void nothing_is_done_with_a_lot_that_waits(void **state)
{
    (void)state;
    struct book book;
    struct transfer_id id = sent(&book, false);
    assert_int_equal(look(&book, id)->step, STEP_NONE);
    assert_false(claim(&book, id, 0, NOW_MS).claimed);
    assert_false(claim(&book, id, NOW_MS, NOW_MS).claimed);
    assert_int_equal(outcome(&book, id, VERDICT_NOT_SENT, TRANSFER_REASON_NONE, NOW_MS),
                     OUTCOME_IGNORED);
    batch_close(&book);
}

/* --- Telling the merchant --- */

static struct delivery_item deliver(struct book *book, struct transfer_id id, int32_t number,
                                    bool delivered, int64_t next_at_ms, int64_t at_ms)
{
    struct delivery_item item = {.delivery = {.transfer = id, .number = number, .error = ""},
                                 .delivered = delivered,
                                 .next_at_ms = next_at_ms};
    struct command command = {.kind = COMMAND_DELIVERY, .delivery = {.items = &item, .count = 1}};
    batch_run_at(book, &command, at_ms);
    assert_int_equal(command.code, PAYOUT_OK);
    return item;
}

static void notifications_of_a_transfer_go_out_in_order(void **state)
{
    (void)state;
    struct book book;
    struct transfer_id id = sent(&book, true);
    assert_true(claim(&book, id, NOW_MS, NOW_MS).claimed);
    (void)outcome(&book, id, VERDICT_PAID, TRANSFER_REASON_NONE, NOW_MS + 5);
    const struct notification *first = &book_notification(&book, id, 1)->notification;
    const struct notification *second = &book_notification(&book, id, 2)->notification;
    assert_int_equal(first->state, NOTIFICATION_DUE);
    assert_int_equal(first->transfer_state, TRANSFER_REC); /* What it was, not what it is. */
    assert_int_equal(second->state, NOTIFICATION_BLOCKED);
    assert_int_equal(second->due_at_ms, 0);
    assert_true(book.notifications_made);

    assert_int_equal(deliver(&book, id, 1, false, NOW_MS + 900, NOW_MS + 10).delivery.attempt, 1);
    assert_int_equal(first->state, NOTIFICATION_DUE);
    assert_int_equal(first->due_at_ms, NOW_MS + 900);
    assert_int_equal(second->state, NOTIFICATION_BLOCKED);
    assert_int_equal(deliver(&book, id, 1, true, 0, NOW_MS + 900).delivery.attempt, 2);
    assert_int_equal(first->state, NOTIFICATION_DELIVERED);
    assert_int_equal(second->state, NOTIFICATION_DUE);
    assert_int_equal(second->due_at_ms, NOW_MS + 900);
    (void)deliver(&book, id, 1, true, 0, NOW_MS + 901); /* By another process: logged, no more. */
    assert_int_equal(first->ended_at_ms, NOW_MS + 900);
    (void)deliver(&book, id, 2, false, 0, NOW_MS + 950);
    assert_int_equal(second->state, NOTIFICATION_DEAD);
    (void)deliver(&book, id, 3, true, 0, NOW_MS + 951); /* There is none. */
    size_t deliveries = 0;
    for (const struct delivery_line *line = book.deliveries; line != NULL; line = line->next)
        deliveries++;
    assert_int_equal(deliveries, 4);
    batch_close(&book);
}

static void a_waiting_lots_confirmation_is_told(void **state)
{
    (void)state;
    struct book book;
    struct transfer_id id = sent(&book, false);
    struct command confirm = {.kind = COMMAND_LOT_DECIDE,
                              .lot_decide = {.merchant = MERCHANT,
                                             .lot = look(&book, id)->lot,
                                             .to = LOT_CONFIRMED,
                                             .person = "Awa"}};
    assert_int_equal(batch_run(&book, &confirm), PAYOUT_OK);
    const struct notification *told = &book_notification(&book, id, 1)->notification;
    assert_true(told->confirmed);
    assert_int_equal(told->transfer_state, TRANSFER_NEW);
    assert_int_equal(look(&book, id)->step, STEP_SUBMIT);
    batch_close(&book);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states_lead_where_the_table_says),
        cmocka_unit_test(final_states_lead_nowhere),
        cmocka_unit_test(words_are_there_in_both_languages),
        cmocka_unit_test(a_paid_transfer_moves_its_money_once),
        cmocka_unit_test(a_rejected_transfers_money_comes_back),
        cmocka_unit_test(an_unknown_outcome_is_asked_about),
        cmocka_unit_test(what_the_operator_never_saw_is_submitted_again),
        cmocka_unit_test(what_never_left_waits_as_new),
        cmocka_unit_test(a_contradiction_is_written_down_and_moves_nothing),
        cmocka_unit_test(a_transfer_is_claimed_by_one_worker_when_it_is_due),
        cmocka_unit_test(nothing_is_done_with_a_lot_that_waits),
        cmocka_unit_test(notifications_of_a_transfer_go_out_in_order),
        cmocka_unit_test(a_waiting_lots_confirmation_is_told),
    };
    secret_init();
    return cmocka_run_group_tests_name("money/transfer", tests, NULL, NULL);
}

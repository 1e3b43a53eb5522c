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
    struct claim_item item = {
        .transfer = id, .due_at_ms = due_at_ms, .channel = CHANNEL, .attempt = -1};
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
                                .attempt = look(book, id)->attempts,
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

/* The same, of an attempt. */
static enum outcome_effect says(struct book *book, struct transfer_id id, int32_t attempt,
                                enum verdict verdict, int64_t at_ms)
{
    struct outcome_item item = {.transfer = id,
                                .attempt = attempt,
                                .verdict = verdict,
                                .reason = verdict == VERDICT_NOT_SENT
                                              ? TRANSFER_REASON_OPERATOR_DOWN
                                              : TRANSFER_REASON_NONE,
                                .operator_reference = "",
                                .next_at_ms = at_ms + 1000};
    struct command command = {.kind = COMMAND_TRANSFER_OUTCOME,
                              .transfer_outcome = {.items = &item, .count = 1}};
    batch_run_at(book, &command, at_ms);
    return item.effect;
}

/* Of what is due. */
static struct claim_item claim_through(struct book *book, struct transfer_id id, int channel,
                                       int64_t at_ms)
{
    struct claim_item item = {
        .transfer = id, .due_at_ms = look(book, id)->due_at_ms, .channel = channel};
    struct command command = {.kind = COMMAND_TRANSFER_CLAIM,
                              .transfer_claim = {.items = &item, .count = 1, .lease_ms = 30000}};
    batch_run_at(book, &command, at_ms);
    return item;
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
    /* Of the time before it was claimed: it may have left by now. */
    assert_int_equal(says(&book, id, 0, VERDICT_NOT_SENT, NOW_MS + 1006), OUTCOME_IGNORED);
    batch_close(&book);
}

/* --- Channels --- */

static void the_claim_that_submits_chooses_the_channel(void **state)
{
    (void)state;
    struct book book;
    struct transfer_id id = sent(&book, true);
    assert_int_equal(look(&book, id)->channel, 0);
    assert_int_equal(claim_through(&book, id, 7, NOW_MS).attempt, 1);
    assert_int_equal(look(&book, id)->channel, 7);
    assert_int_equal(look(&book, id)->channel_attempt, 1);
    assert_int_equal(look(&book, id)->in_hand, STEP_SUBMIT);
    assert_int_equal(says(&book, id, 1, VERDICT_PENDING, NOW_MS + 1), OUTCOME_APPLIED);
    assert_int_equal(look(&book, id)->in_hand, STEP_NONE);
    /* Another channel knows nothing of it. */
    assert_false(claim_through(&book, id, 8, NOW_MS + 1001).claimed);
    assert_int_equal(look(&book, id)->attempts, 1);
    assert_true(claim_through(&book, id, 7, NOW_MS + 1001).claimed);
    assert_int_equal(look(&book, id)->in_hand, STEP_ASK);
    /* What it never saw may still get there: it stays this channel's. */
    assert_int_equal(says(&book, id, 2, VERDICT_NEVER_SEEN, NOW_MS + 1002), OUTCOME_APPLIED);
    assert_int_equal(look(&book, id)->step, STEP_SUBMIT);
    assert_int_equal(look(&book, id)->channel, 7);
    assert_false(claim_through(&book, id, 8, NOW_MS + 2002).claimed);
    assert_int_equal(claim_through(&book, id, 7, NOW_MS + 2002).step, STEP_SUBMIT);
    assert_int_equal(look(&book, id)->channel_attempt, 1);
    assert_int_equal(says(&book, id, 3, VERDICT_PAID, NOW_MS + 2003), OUTCOME_APPLIED);
    assert_int_equal(look(&book, id)->channel, 7);
    assert_int_equal(look(&book, id)->in_hand, STEP_NONE);
    batch_close(&book);
}

static void what_did_not_leave_may_go_another_way(void **state)
{
    (void)state;
    struct book book;
    struct transfer_id id = sent(&book, true);
    assert_true(claim_through(&book, id, 7, NOW_MS).claimed);
    assert_int_equal(says(&book, id, 1, VERDICT_NOT_SENT, NOW_MS + 1), OUTCOME_APPLIED);
    const struct transfer *transfer = look(&book, id);
    assert_int_equal(transfer->state, TRANSFER_REC);
    assert_int_equal(transfer->channel, 0);
    assert_int_equal(transfer->channel_attempt, 0);
    assert_int_equal(transfer->step, STEP_SUBMIT);
    assert_int_equal(transfer->due_at_ms, NOW_MS + 1001);
    /* It can be put off again, and what its first channel says of it now counts for nothing, but
     * that it was paid. */
    assert_int_equal(says(&book, id, 1, VERDICT_NOT_SENT, NOW_MS + 2), OUTCOME_APPLIED);
    assert_int_equal(transfer->due_at_ms, NOW_MS + 1002);
    for (enum verdict verdict = VERDICT_REJECTED; verdict < VERDICT_NOT_SENT; verdict++)
        assert_int_equal(says(&book, id, 1, verdict, NOW_MS + 3), OUTCOME_IGNORED);
    assert_true(claim_through(&book, id, 8, NOW_MS + 1002).claimed);
    assert_int_equal(transfer->channel, 8);
    assert_int_equal(transfer->channel_attempt, 2);
    for (enum verdict verdict = VERDICT_REJECTED; verdict <= VERDICT_NOT_SENT; verdict++)
        assert_int_equal(says(&book, id, 1, verdict, NOW_MS + 1003), OUTCOME_IGNORED);
    assert_int_equal(says(&book, id, 1, VERDICT_PAID, NOW_MS + 1004), OUTCOME_APPLIED);
    assert_int_equal(transfer->state, TRANSFER_VAL);
    batch_close(&book);
}

/* The first submit was lost, the operator never saw it; the second did not leave. The first may
 * still arrive, so the channel stays. */
static void a_second_submit_that_did_not_leave_frees_nothing(void **state)
{
    (void)state;
    struct book book;
    struct transfer_id id = sent(&book, true);
    const struct transfer *transfer = look(&book, id);
    assert_true(claim_through(&book, id, 7, NOW_MS).claimed);
    assert_int_equal(says(&book, id, 1, VERDICT_UNKNOWN, NOW_MS + 1), OUTCOME_APPLIED);
    assert_true(claim_through(&book, id, 7, NOW_MS + 1001).claimed);
    /* A question that did not leave is asked again: nothing may be submitted for it. */
    assert_int_equal(says(&book, id, 2, VERDICT_NOT_SENT, NOW_MS + 1002), OUTCOME_APPLIED);
    assert_int_equal(transfer->step, STEP_ASK);
    assert_true(claim_through(&book, id, 7, NOW_MS + 2002).claimed);
    assert_int_equal(says(&book, id, 3, VERDICT_NEVER_SEEN, NOW_MS + 2003), OUTCOME_APPLIED);
    assert_true(claim_through(&book, id, 7, NOW_MS + 3003).claimed);
    assert_int_equal(transfer->in_hand, STEP_SUBMIT);
    assert_int_equal(says(&book, id, 4, VERDICT_NOT_SENT, NOW_MS + 3004), OUTCOME_APPLIED);
    assert_int_equal(transfer->state, TRANSFER_NOS);
    assert_int_equal(transfer->channel, 7);
    assert_int_equal(transfer->step, STEP_SUBMIT);
    batch_close(&book);
}

/* The lease of the first worker ran out, and another one asks. */
static void an_older_attempt_plans_nothing(void **state)
{
    (void)state;
    struct book book;
    struct transfer_id id = sent(&book, true);
    const struct transfer *transfer = look(&book, id);
    assert_true(claim_through(&book, id, 7, NOW_MS).claimed);
    assert_true(claim_through(&book, id, 7, NOW_MS + 30000).claimed);
    int64_t due_at_ms = transfer->due_at_ms;
    for (enum verdict verdict = VERDICT_REJECTED; verdict <= VERDICT_NOT_SENT; verdict++)
        assert_int_equal(says(&book, id, 1, verdict, NOW_MS + 30001), OUTCOME_IGNORED);
    assert_int_equal(transfer->state, TRANSFER_REC);
    assert_int_equal(transfer->due_at_ms, due_at_ms);
    assert_int_equal(transfer->in_hand, STEP_ASK);
    assert_int_equal(transfer->channel, 7);
    /* Said unasked: it never saw it? Who asks now is to find out. */
    assert_int_equal(says(&book, id, 0, VERDICT_NEVER_SEEN, NOW_MS + 30002), OUTCOME_IGNORED);
    assert_int_equal(says(&book, id, 0, VERDICT_NOT_SENT, NOW_MS + 30002), OUTCOME_IGNORED);
    assert_int_equal(says(&book, id, 2, VERDICT_REJECTED, NOW_MS + 30003), OUTCOME_APPLIED);
    assert_int_equal(transfer->state, TRANSFER_REJ);
    batch_close(&book);
}

/* --- Waiting for an operator that is down --- */

static struct transfer_id sent_waiting(struct book *book, int64_t merchant_ms, int64_t lot_ms)
{
    batch_open(book, 10000);
    batch_contact(book, "0707895086");
    struct command change = {
        .kind = COMMAND_MERCHANT_CHANGE,
        .merchant_change = {.fields = MERCHANT_FIELD_OPERATOR_WAIT,
                            .merchant = {.id = MERCHANT, .operator_wait_ms = merchant_ms}}};
    assert_int_equal(batch_run(book, &change), PAYOUT_OK);
    struct send_item item = batch_item("0707895086", "500", "a");
    struct command send = batch_send(&item, 1, true);
    send.lot_send.wait_ms = lot_ms;
    assert_int_equal(batch_run(book, &send), PAYOUT_OK);
    return item.transfer;
}

static void a_transfer_waits_as_long_as_its_lot_wants(void **state)
{
    (void)state;
    static const struct {
        int64_t merchant_ms, lot_ms, until_ms;
    } cases[] = {{0, 0, 0},
                 {7000, 0, NOW_MS + 7000},
                 {7000, LOT_WAITS_FOR_EVER, 0},
                 {0, 9000, NOW_MS + 9000},
                 {7000, 9000, NOW_MS + 9000}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct book book;
        struct transfer_id id = sent_waiting(&book, cases[i].merchant_ms, cases[i].lot_ms);
        assert_int_equal(look(&book, id)->wait_until_ms, cases[i].until_ms);
        batch_close(&book);
    }
}

static void who_waited_too_long_is_refunded(void **state)
{
    (void)state;
    struct book book;
    struct transfer_id id = sent_waiting(&book, 0, 2500);
    const struct transfer *transfer = look(&book, id);
    assert_int_equal(says(&book, id, 0, VERDICT_NOT_SENT, NOW_MS + 1000), OUTCOME_APPLIED);
    assert_int_equal(transfer->due_at_ms, NOW_MS + 2000);
    assert_true(claim_through(&book, id, 7, NOW_MS + 2000).claimed);
    assert_int_equal(says(&book, id, 1, VERDICT_NOT_SENT, NOW_MS + 2001), OUTCOME_APPLIED);
    assert_int_equal(transfer->state, TRANSFER_REC);
    assert_int_equal(transfer->due_at_ms, NOW_MS + 2500); /* Not a second later, as was said. */
    assert_int_equal(says(&book, id, 1, VERDICT_NOT_SENT, NOW_MS + 2499), OUTCOME_APPLIED);
    assert_int_equal(transfer->due_at_ms, NOW_MS + 2500);
    assert_int_equal(says(&book, id, 1, VERDICT_NOT_SENT, NOW_MS + 2500), OUTCOME_APPLIED);
    assert_int_equal(transfer->state, TRANSFER_REJ);
    assert_int_equal(transfer->reason, TRANSFER_REASON_WAITED_TOO_LONG);
    assert_int_equal(batch_balance(&book, ACCOUNT_AVAILABLE), 10000);
    batch_close(&book);
}

/* payoutd itself was away for longer than it may wait. Its operator is up, and bears only so much
 * at once: it waits for its turn, and is not refunded for that. */
static void who_waits_for_its_turn_is_not_refunded(void **state)
{
    (void)state;
    struct book book;
    struct transfer_id id = sent_waiting(&book, 0, 2500);
    const struct transfer *transfer = look(&book, id);
    enum transfer_reason none = TRANSFER_REASON_NONE, down = TRANSFER_REASON_OPERATOR_DOWN;
    int64_t at_ms = NOW_MS + 9000;
    assert_int_equal(outcome(&book, id, VERDICT_NOT_SENT, none, at_ms), OUTCOME_APPLIED);
    assert_int_equal(transfer->state, TRANSFER_NEW);
    assert_int_equal(transfer->due_at_ms, at_ms + 1000); /* Not at once, again and again. */
    assert_true(claim_through(&book, id, 7, at_ms + 1000).claimed);
    assert_int_equal(outcome(&book, id, VERDICT_NOT_SENT, none, at_ms + 1001), OUTCOME_APPLIED);
    assert_int_equal(transfer->state, TRANSFER_REC);
    assert_int_equal(transfer->channel, 0);
    assert_int_equal(transfer->due_at_ms, at_ms + 2001);
    assert_int_equal(outcome(&book, id, VERDICT_NOT_SENT, down, at_ms + 2001), OUTCOME_APPLIED);
    assert_int_equal(transfer->state, TRANSFER_REJ);
    assert_int_equal(transfer->reason, TRANSFER_REASON_WAITED_TOO_LONG);
    batch_close(&book);
}

/* The limit is for operators that are down: one that is up again is given what is late, and what
 * may have left is asked about as long as it takes. */
static void what_may_have_left_is_not_refunded_for_waiting(void **state)
{
    (void)state;
    struct book book;
    struct transfer_id id = sent_waiting(&book, 0, 2500);
    const struct transfer *transfer = look(&book, id);
    assert_true(claim_through(&book, id, 7, NOW_MS + 9000).claimed); /* Nobody looked before. */
    assert_int_equal(says(&book, id, 1, VERDICT_UNKNOWN, NOW_MS + 9001), OUTCOME_APPLIED);
    assert_true(claim_through(&book, id, 7, NOW_MS + 10001).claimed);
    assert_int_equal(says(&book, id, 2, VERDICT_NEVER_SEEN, NOW_MS + 10002), OUTCOME_APPLIED);
    assert_true(claim_through(&book, id, 7, NOW_MS + 11002).claimed);
    assert_int_equal(says(&book, id, 3, VERDICT_NOT_SENT, NOW_MS + 11003), OUTCOME_APPLIED);
    assert_int_equal(transfer->state, TRANSFER_NOS);
    assert_int_equal(transfer->due_at_ms, NOW_MS + 12003);
    batch_close(&book);
}

static void the_wait_begins_when_the_lot_is_confirmed(void **state)
{
    (void)state;
    struct book book;
    batch_open(&book, 10000);
    batch_contact(&book, "0707895086");
    struct send_item item = batch_item("0707895086", "500", "a");
    struct command send = batch_send(&item, 1, false);
    send.lot_send.wait_ms = 2500;
    assert_int_equal(batch_run(&book, &send), PAYOUT_OK);
    assert_int_equal(look(&book, item.transfer)->wait_until_ms, 0);
    struct command confirm = {
        .kind = COMMAND_LOT_DECIDE,
        .lot_decide = {
            .merchant = MERCHANT, .lot = send.lot_send.lot, .to = LOT_CONFIRMED, .person = "Awa"}};
    batch_run_at(&book, &confirm, NOW_MS + 60000);
    assert_int_equal(confirm.code, PAYOUT_OK);
    assert_int_equal(look(&book, item.transfer)->wait_until_ms, NOW_MS + 62500);
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
    struct delivery_item item = {.delivery = {.key = {id, 0, number}, .error = ""},
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
    const struct notification *first =
        &book_notification(&book, (struct notification_key){id, 0, 1})->notification;
    const struct notification *second =
        &book_notification(&book, (struct notification_key){id, 0, 2})->notification;
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
    const struct notification *told =
        &book_notification(&book, (struct notification_key){id, 0, 1})->notification;
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
        cmocka_unit_test(the_claim_that_submits_chooses_the_channel),
        cmocka_unit_test(what_did_not_leave_may_go_another_way),
        cmocka_unit_test(a_second_submit_that_did_not_leave_frees_nothing),
        cmocka_unit_test(an_older_attempt_plans_nothing),
        cmocka_unit_test(a_transfer_waits_as_long_as_its_lot_wants),
        cmocka_unit_test(who_waited_too_long_is_refunded),
        cmocka_unit_test(who_waits_for_its_turn_is_not_refunded),
        cmocka_unit_test(what_may_have_left_is_not_refunded_for_waiting),
        cmocka_unit_test(the_wait_begins_when_the_lot_is_confirmed),
        cmocka_unit_test(a_contradiction_is_written_down_and_moves_nothing),
        cmocka_unit_test(a_transfer_is_claimed_by_one_worker_when_it_is_due),
        cmocka_unit_test(nothing_is_done_with_a_lot_that_waits),
        cmocka_unit_test(notifications_of_a_transfer_go_out_in_order),
        cmocka_unit_test(a_waiting_lots_confirmation_is_told),
    };
    secret_init();
    return cmocka_run_group_tests_name("money/transfer", tests, NULL, NULL);
}

#include "batch.h"

#include <string.h>

/* An operator calls: it is believed that it called, and nothing else. */

static struct transfer_id sent(struct book *book)
{
    batch_open(book, 10000);
    batch_contact(book, "0707895086");
    struct send_item item = batch_item("0707895086", "500", "a");
    struct command send = batch_send(&item, 1, true);
    assert_int_equal(batch_run(book, &send), PAYOUT_OK);
    return item.transfer;
}

static const struct transfer *look(struct book *book, struct transfer_id id)
{
    return &book_transfer(book, id)->transfer;
}

static struct claim_item claim(struct book *book, struct transfer_id id, int channel, int64_t at_ms)
{
    struct claim_item item = {
        .transfer = id, .due_at_ms = look(book, id)->due_at_ms, .channel = channel};
    struct command command = {.kind = COMMAND_TRANSFER_CLAIM,
                              .transfer_claim = {.items = &item, .count = 1, .lease_ms = 30000}};
    batch_run_at(book, &command, at_ms);
    return item;
}

static enum outcome_effect says(struct book *book, struct transfer_id id, enum verdict verdict,
                                int64_t at_ms)
{
    struct outcome_item item = {.transfer = id,
                                .attempt = look(book, id)->attempts,
                                .verdict = verdict,
                                .reason = TRANSFER_REASON_PENDING_AT_OPERATOR,
                                .operator_reference = "",
                                .next_at_ms = at_ms + 60000};
    struct command command = {.kind = COMMAND_TRANSFER_OUTCOME,
                              .transfer_outcome = {.items = &item, .count = 1}};
    batch_run_at(book, &command, at_ms);
    return item.effect;
}

/* why: "" leaves it to the rules. */
static enum callback_effect calls(struct book *book, struct transfer_id id, int channel,
                                  const char *body, const char *why, int64_t at_ms)
{
    struct command command = {.kind = COMMAND_CALLBACK,
                              .callback = {.channel = channel,
                                           .transfer = id,
                                           .reference = "EA181025.112233.X123456",
                                           .body = body,
                                           .why = why}};
    memcpy(command.callback.hash, body, strlen(body)); /* Not a hash; but another one for each. */
    batch_run_at(book, &command, at_ms);
    assert_int_equal(command.code, PAYOUT_OK);
    return command.callback.effect;
}

static void what_waits_is_asked_about_at_once(void **state)
{
    (void)state;
    struct book book;
    struct transfer_id id = sent(&book);
    const struct transfer *transfer = look(&book, id);
    assert_true(claim(&book, id, 7, NOW_MS).claimed);
    assert_int_equal(says(&book, id, VERDICT_PENDING, NOW_MS + 1), OUTCOME_APPLIED);
    assert_int_equal(transfer->due_at_ms, NOW_MS + 60001);
    book.work_made = false;
    assert_int_equal(calls(&book, id, 7, "paid", "", NOW_MS + 5), CALLBACK_HASTENED);
    assert_true(book.work_made);
    assert_int_equal(transfer->state, TRANSFER_REC); /* Whatever it says. */
    assert_true(transfer->called_back);
    assert_int_equal(transfer->step, STEP_ASK);
    assert_int_equal(transfer->due_at_ms, NOW_MS + 5);
    assert_int_equal(calls(&book, id, 7, "paid", "", NOW_MS + 6), CALLBACK_KNOWN);
    assert_int_equal(transfer->due_at_ms, NOW_MS + 5);
    assert_true(claim(&book, id, 7, NOW_MS + 7).claimed);
    assert_false(transfer->called_back);
    assert_int_equal(says(&book, id, VERDICT_PAID, NOW_MS + 8), OUTCOME_APPLIED);
    assert_int_equal(calls(&book, id, 7, "paid", "", NOW_MS + 9), CALLBACK_KNOWN);
    assert_int_equal(transfer->step, STEP_NONE);
    batch_close(&book);
}

/* It is due since the call, but its operator can't be asked now: it comes back when it can, and not
 * at once, again and again, for as long as its operator is down. */
static void what_can_t_be_asked_yet_is_put_off_all_the_same(void **state)
{
    (void)state;
    struct book book;
    struct transfer_id id = sent(&book);
    const struct transfer *transfer = look(&book, id);
    assert_true(claim(&book, id, 7, NOW_MS).claimed);
    assert_int_equal(says(&book, id, VERDICT_PENDING, NOW_MS + 1), OUTCOME_APPLIED);
    assert_int_equal(calls(&book, id, 7, "paid", "", NOW_MS + 5), CALLBACK_HASTENED);
    for (int64_t at_ms = NOW_MS + 5; at_ms < NOW_MS + 200000; at_ms += 60000) {
        assert_int_equal(says(&book, id, VERDICT_PENDING, at_ms), OUTCOME_APPLIED);
        assert_int_equal(transfer->due_at_ms, at_ms + 60000);
        assert_true(transfer->called_back);
    }
    batch_close(&book);
}

static void what_is_in_hand_is_asked_about_after_that(void **state)
{
    (void)state;
    static const enum verdict verdicts[] = {VERDICT_PENDING, VERDICT_UNKNOWN, VERDICT_NEVER_SEEN,
                                            VERDICT_NOT_SENT};
    for (size_t i = 0; i < 4; i++) {
        struct book book;
        struct transfer_id id = sent(&book);
        const struct transfer *transfer = look(&book, id);
        assert_true(claim(&book, id, 7, NOW_MS).claimed);
        assert_int_equal(calls(&book, id, 7, "failed", "", NOW_MS + 1), CALLBACK_HASTENED);
        assert_int_equal(transfer->due_at_ms, NOW_MS + 30000); /* Still its worker's. */
        assert_int_equal(transfer->in_hand, STEP_SUBMIT);
        assert_int_equal(says(&book, id, verdicts[i], NOW_MS + 2), OUTCOME_APPLIED);
        /* That it was not sent, or never seen, can't be: the operator knows of it. */
        assert_int_equal(transfer->state, i == 0 ? TRANSFER_REC : TRANSFER_NOS);
        assert_int_equal(transfer->reason, i >= 2 ? TRANSFER_REASON_OUTCOME_UNKNOWN
                                                  : TRANSFER_REASON_PENDING_AT_OPERATOR);
        assert_int_equal(transfer->step, STEP_ASK);
        assert_int_equal(transfer->due_at_ms, NOW_MS + 2);
        assert_int_equal(transfer->channel, 7);
        batch_close(&book);
    }
}

static void what_was_to_be_submitted_again_is_asked_about_first(void **state)
{
    (void)state;
    struct book book;
    struct transfer_id id = sent(&book);
    const struct transfer *transfer = look(&book, id);
    assert_true(claim(&book, id, 7, NOW_MS).claimed);
    assert_int_equal(says(&book, id, VERDICT_NEVER_SEEN, NOW_MS + 1), OUTCOME_APPLIED);
    assert_int_equal(transfer->step, STEP_SUBMIT);
    assert_int_equal(calls(&book, id, 7, "paid", "", NOW_MS + 2), CALLBACK_HASTENED);
    assert_int_equal(transfer->step, STEP_ASK);
    assert_int_equal(claim(&book, id, 7, NOW_MS + 2).step, STEP_ASK);
    batch_close(&book);
}

static const struct callback *parked(struct book *book, int channel, const char *body)
{
    uint8_t hash[SECRET_HASH_BYTES] = {0};
    memcpy(hash, body, strlen(body));
    const struct callback_row *row = book_callback(book, channel, hash);
    invariant(book_row_exists(&row->row));
    return &row->callback;
}

static void what_can_t_be_placed_is_parked(void **state)
{
    (void)state;
    struct book book;
    struct transfer_id id = sent(&book), other = {id.value + 1}, none = {0};
    assert_int_equal(calls(&book, none, 7, "a", "", NOW_MS), CALLBACK_PARKED);
    assert_int_equal(calls(&book, other, 7, "b", "", NOW_MS), CALLBACK_PARKED);
    /* It was given to nobody, so nobody can know of it; then to another one. */
    assert_int_equal(calls(&book, id, 7, "c", "", NOW_MS), CALLBACK_PARKED);
    assert_true(claim(&book, id, 8, NOW_MS).claimed);
    assert_int_equal(calls(&book, id, 7, "d", "", NOW_MS), CALLBACK_PARKED);
    assert_int_equal(calls(&book, id, 8, "e", "no reference", NOW_MS), CALLBACK_PARKED);
    assert_false(look(&book, id)->called_back);
    assert_int_equal(calls(&book, none, 7, "a", "", NOW_MS + 5), CALLBACK_PARKED);
    assert_int_equal(calls(&book, none, 8, "a", "", NOW_MS + 6), CALLBACK_PARKED);
    const struct callback *first = parked(&book, 7, "a");
    assert_int_equal(first->times, 2);
    assert_int_equal(first->first_at_ms, NOW_MS);
    assert_int_equal(first->last_at_ms, NOW_MS + 5);
    assert_string_equal(first->body, "a");
    assert_string_equal(first->reference, "EA181025.112233.X123456");
    assert_string_equal(first->why, "there is no such transfer");
    assert_string_equal(parked(&book, 7, "b")->why, "there is no such transfer");
    assert_string_equal(parked(&book, 7, "d")->why,
                        "the transfer does not go through this channel");
    assert_string_equal(parked(&book, 8, "e")->why, "no reference");
    assert_int_equal(parked(&book, 8, "a")->times, 1);
    batch_close(&book);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_waits_is_asked_about_at_once),
        cmocka_unit_test(what_can_t_be_asked_yet_is_put_off_all_the_same),
        cmocka_unit_test(what_is_in_hand_is_asked_about_after_that),
        cmocka_unit_test(what_was_to_be_submitted_again_is_asked_about_first),
        cmocka_unit_test(what_can_t_be_placed_is_parked),
    };
    return cmocka_run_group_tests_name("money/callback", tests, NULL, NULL);
}

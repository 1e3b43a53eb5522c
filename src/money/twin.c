/* Twins: transfers of one merchant, of one amount to one person within its window. The later one
 * may be a mistake that no client_transaction_id shows: it waits for a person's word. */
#include "base/fault.h"
#include "money/rules.h"

void twin_want(const struct lot_send *send, const struct merchant *merchant, struct book *book,
               int64_t at_ms)
{
    if (merchant->double_window_ms == 0)
        return;
    for (size_t i = 0; i < send->count; i++) {
        const struct send_item *item = &send->items[i];
        if (item->refusal == PAYOUT_OK)
            book_sighting(book, send->merchant, item->msisdn, item->amount)->since_ms =
                at_ms - merchant->double_window_ms;
    }
}

void twin_check(struct book *book, const struct merchant *merchant, struct transfer *transfer)
{
    if (merchant->double_window_ms == 0)
        return;
    struct sighting_row *row =
        book_sighting(book, transfer->merchant, transfer->msisdn, transfer->amount);
    transfer->watched = true;
    /* Not looked up: the window was opened in this very batch, beside this lot. */
    if (row->row.state == ROW_WANTED)
        return;
    if (!book_row_exists(&row->row)) {
        row->transfer = transfer->id;
        book_row_add(&row->row);
        return;
    }
    invariant(row->transfer.value != transfer->id.value);
    transfer->suspected = true;
    transfer->twin_of = row->transfer;
    transfer->reason = TRANSFER_REASON_SUSPECTED_DOUBLE;
    transfer->step = STEP_NONE;
    transfer->due_at_ms = 0;
    transfer->wait_until_ms = 0;
}

/* --- A person's word --- */

void twin_decide_want(const struct command *command, struct book *book)
{
    struct transfer_id id = command->twin_decide.transfer;
    (void)book_settlement(book, id);
    const struct transfer_row *row = book_transfer(book, id);
    if (row->row.state != ROW_WANTED && row->row.state != ROW_ABSENT)
        transfer_rows_want(book, &row->transfer);
}

void twin_decide_decide(struct command *command, struct book *book)
{
    struct person_decide *decide = &command->twin_decide;
    invariant(decide->person[0] != '\0' && decide->evidence[0] != '\0');
    struct transfer_row *row = book_transfer(book, decide->transfer);
    decide->again = false;
    if (!book_row_exists(&row->row)) {
        command->code = PAYOUT_NOT_FOUND;
        return;
    }
    struct transfer *transfer = &row->transfer;
    struct settlement_row *last = book_settlement(book, decide->transfer);
    enum settlement_act act = decide->release ? SETTLEMENT_RELEASED : SETTLEMENT_REFUSED;
    invariant(last->row.state != ROW_WANTED);
    decide->again = last->settlement.number > 0 && last->settlement.act == act;
    decide->state = transfer->state;
    command->code = decide->again ? PAYOUT_OK : PAYOUT_NOT_ALLOWED;
    /* While its lot waits, the lot is to be decided on first. */
    if (decide->again || !transfer->suspected || !transfer->confirmed)
        return;
    invariant(transfer->state == TRANSFER_NEW);
    settlement_add(book, last, act, decide->release ? TRANSFER_NEW : TRANSFER_REJ, decide->person,
                   decide->evidence, command->at_ms);
    if (decide->release)
        transfer_release(book, row, command->at_ms);
    else
        transfer_end(book, row, TRANSFER_REJ, TRANSFER_REASON_DOUBLE, command->at_ms);
    decide->state = transfer->state;
    command->code = PAYOUT_OK;
    char subject[TRANSFER_ID_TEXT_BYTES];
    transfer_id_text(transfer->id, subject);
    struct act_changes changes;
    act_changes_begin(&changes, true);
    act_tell_text(&changes, "act", settlement_act_text(act));
    act_tell_text(&changes, "evidence", decide->evidence);
    act_write(book, command, ACT_TWIN_DECIDE, transfer->merchant, subject, &changes);
}

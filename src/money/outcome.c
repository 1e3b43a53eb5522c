/* What operators say of transfers, and what may be made of it. */
#include "base/fault.h"
#include "money/rules.h"

void transfer_outcome_want(const struct command *command, struct book *book)
{
    for (size_t i = 0; i < command->transfer_outcome.count; i++) {
        struct transfer_id id = command->transfer_outcome.items[i].transfer;
        transfer_want(book, id);
        const struct transfer_row *row = book_transfer(book, id);
        if (row->row.state != ROW_WANTED && row->row.state != ROW_ABSENT)
            settlement_outcome_want(book, &row->transfer, command->at_ms);
    }
}

/* The state that a verdict leads to; its present one when it leads nowhere. */
static enum transfer_state outcome_state(enum transfer_state from, enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_PAID:
        return TRANSFER_VAL;
    case VERDICT_REJECTED:
        return TRANSFER_REJ;
    case VERDICT_UNKNOWN:
        return TRANSFER_NOS;
    case VERDICT_PENDING:
    case VERDICT_NEVER_SEEN:
    case VERDICT_NOT_SENT:
        return from;
    }
    invariant(!"a verdict");
}

/* Whether NOT_SENT can be true of it: by the attempt that was to submit it, or, when nobody has it
 * in hand, of what is yet to be submitted. */
static bool outcome_not_sent(const struct transfer *transfer, const struct outcome_item *item)
{
    if (item->attempt != transfer->attempts)
        return false; /* Another worker has claimed it since: something may have left. */
    if (transfer->in_hand == STEP_NONE)
        return transfer->step == STEP_SUBMIT;
    return true;
}

/* Whether what was said counts of the transfer as it is now, which no end contradicts. */
static bool outcome_counts(const struct transfer *transfer, const struct outcome_item *item)
{
    if (transfer_state_final(transfer->state) || !transfer_confirmed(transfer))
        return false;
    if (transfer->state == TRANSFER_NEW)
        return item->verdict == VERDICT_NOT_SENT && outcome_not_sent(transfer, item);
    bool latest = item->attempt == transfer->attempts;
    switch (item->verdict) {
    case VERDICT_PAID:
        return true; /* Whoever says so: it must never be paid again. */
    /* A refusal of an older attempt is none: it may have been submitted again since. */
    case VERDICT_REJECTED:
    case VERDICT_PENDING:
    case VERDICT_UNKNOWN:
        return transfer->channel != 0 && (item->attempt == 0 || latest);
    case VERDICT_NEVER_SEEN:
        return transfer->channel != 0 && latest;
    case VERDICT_NOT_SENT:
        return outcome_not_sent(transfer, item);
    }
    invariant(!"a verdict");
}

/* What the verdict is worth: its operator called back about what is said never to have got there,
 * so nobody knows; and what was a question that did not leave changes nothing. */
static enum verdict outcome_believed(const struct transfer *transfer, enum verdict verdict)
{
    if (verdict != VERDICT_NEVER_SEEN && verdict != VERDICT_NOT_SENT)
        return verdict;
    if (transfer->called_back)
        return VERDICT_UNKNOWN;
    if (verdict == VERDICT_NOT_SENT && transfer->in_hand == STEP_ASK)
        return VERDICT_PENDING;
    return verdict;
}

static enum transfer_reason outcome_reason(const struct transfer *transfer,
                                           const struct outcome_item *item, enum verdict believed)
{
    if (believed == item->verdict)
        return item->reason;
    return believed == VERDICT_UNKNOWN ? TRANSFER_REASON_OUTCOME_UNKNOWN : transfer->reason;
}

/* Who had it in hand has said a word. Nothing left in the first attempt through its channel, so
 * nothing of it ever left: any channel may have it. */
static void outcome_put_down(struct transfer *transfer, enum verdict believed)
{
    bool first = transfer->in_hand == STEP_SUBMIT && transfer->channel_attempt > 0 &&
                 transfer->channel_attempt == transfer->attempts;
    if (believed == VERDICT_NOT_SENT && first) {
        invariant(transfer->state == TRANSFER_REC && !transfer->called_back);
        transfer->channel = 0;
        transfer->channel_attempt = 0;
    }
    transfer->in_hand = STEP_NONE;
}

/* Not final, and what was said does not end it: when, and for what, the next worker comes. */
static void outcome_wait(struct book *book, struct transfer_row *row, enum verdict verdict,
                         enum transfer_reason reason, int64_t next_at_ms, int64_t at_ms)
{
    struct transfer *transfer = &row->transfer;
    bool submit = verdict == VERDICT_NEVER_SEEN || verdict == VERDICT_NOT_SENT;
    bool limited = transfer->channel == 0 && transfer->wait_until_ms > at_ms;
    if (limited && next_at_ms > transfer->wait_until_ms)
        next_at_ms = transfer->wait_until_ms;
    if (next_at_ms < at_ms)
        next_at_ms = at_ms;
    invariant(submit ? !transfer->called_back : transfer->channel != 0);
    transfer_plan(transfer, submit ? STEP_SUBMIT : STEP_ASK, next_at_ms);
    transfer->reason = reason;
    transfer->changed_at_ms = at_ms;
    book->work_made = true;
    book_row_change(&row->row);
}

/* True when the verdict can't be: of a final transfer the opposite end, or an end of one that was
 * never given to anybody. */
static bool outcome_contradicts(const struct transfer *transfer, enum verdict verdict)
{
    bool ends = verdict == VERDICT_PAID || verdict == VERDICT_REJECTED;
    if (transfer->state == TRANSFER_NEW)
        return ends;
    return ends && transfer_state_final(transfer->state) &&
           outcome_state(transfer->state, verdict) != transfer->state;
}

/* Whether its operator has been down for as long as it may wait. What has only to wait for its
 * turn, without a reason, is late for another one: a channel that bears no more, a payoutd that
 * stops. */
static bool outcome_waited(const struct transfer *transfer, const struct outcome_item *item,
                           int64_t at_ms)
{
    return transfer->channel == 0 && transfer->wait_until_ms > 0 &&
           at_ms >= transfer->wait_until_ms && item->reason != TRANSFER_REASON_NONE;
}

static void outcome_apply(struct book *book, struct transfer_row *row,
                          const struct outcome_item *item, int64_t at_ms)
{
    struct transfer *transfer = &row->transfer;
    enum verdict verdict = outcome_believed(transfer, item->verdict);
    enum transfer_reason reason = outcome_reason(transfer, item, verdict);
    enum transfer_state to = outcome_state(transfer->state, verdict);
    if (item->operator_reference[0] != '\0')
        transfer->operator_reference = item->operator_reference;
    /* Who called back while it was in hand may have more to say by now. Nobody had it in hand when
     * it is put off: it is due since the call, and would be put off again and again. */
    bool at_once = transfer->called_back && transfer->in_hand != STEP_NONE;
    outcome_put_down(transfer, verdict);
    if (verdict == VERDICT_NOT_SENT && outcome_waited(transfer, item, at_ms)) {
        to = TRANSFER_REJ;
        reason = TRANSFER_REASON_WAITED_TOO_LONG;
    }
    if (!transfer_state_final(to))
        outcome_wait(book, row, verdict, reason, at_once ? at_ms : item->next_at_ms, at_ms);
    if (to != transfer->state)
        transfer_move(book, row, to, reason, at_ms);
    if (transfer_state_final(to))
        settlement_overtake(book, transfer, at_ms);
}

static void outcome_item_decide(struct outcome_item *item, struct book *book, int64_t at_ms)
{
    item->effect = OUTCOME_IGNORED;
    struct transfer_row *row = book_transfer(book, item->transfer);
    if (!book_row_exists(&row->row))
        return;
    const struct transfer *transfer = &row->transfer;
    if (outcome_contradicts(transfer, item->verdict)) {
        book_contradict(book,
                        &(struct contradiction){.transfer = transfer->id,
                                                .state = transfer->state,
                                                .verdict = item->verdict,
                                                .operator_reference = item->operator_reference,
                                                .at_ms = at_ms,
                                                .person = "",
                                                .note = ""});
        item->effect = OUTCOME_CONTRADICTED;
        return;
    }
    if (!outcome_counts(transfer, item))
        return;
    item->effect = OUTCOME_APPLIED;
    outcome_apply(book, row, item, at_ms);
}

void transfer_outcome_decide(struct command *command, struct book *book)
{
    struct transfer_outcome *outcome = &command->transfer_outcome;
    invariant(outcome->count <= COMMAND_ITEMS_MAX);
    for (size_t i = 0; i < outcome->count; i++)
        outcome_item_decide(&outcome->items[i], book, command->at_ms);
    command->code = PAYOUT_OK;
}

bool transfer_called_back(struct book *book, struct transfer_row *row, int64_t at_ms)
{
    struct transfer *transfer = &row->transfer;
    invariant(book_row_exists(&row->row) && transfer->channel != 0);
    if (transfer_state_final(transfer->state) || transfer->called_back)
        return false;
    transfer->called_back = true;
    if (transfer->in_hand == STEP_NONE) {
        int64_t due_at_ms = transfer->due_at_ms < at_ms ? transfer->due_at_ms : at_ms;
        transfer_plan(transfer, STEP_ASK, due_at_ms);
        book->work_made = true;
    }
    book_row_change(&row->row);
    return true;
}

#include "money/reversal.h"

#include "base/fault.h"
#include "money/rules.h"

const char *reversal_state_text(enum reversal_state state)
{
    switch (state) {
#define STATE(name, number, meaning)                                                               \
    case REVERSAL_##name:                                                                          \
        return #name;
        REVERSAL_STATES(STATE)
#undef STATE
    case REVERSAL_STATE_END:
        break;
    }
    invariant(!"a reversal's state");
}

bool reversal_final(const struct reversal *reversal)
{
    return reversal->state >= REVERSAL_DONE;
}

static void reversal_plan(struct reversal *reversal, enum transfer_step step, int64_t due_at_ms)
{
    invariant((step == STEP_NONE) == (due_at_ms == 0));
    reversal->step = step;
    reversal->due_at_ms = due_at_ms;
}

static void reversal_end(struct reversal *reversal, enum reversal_state to, int64_t at_ms)
{
    invariant(to >= REVERSAL_DONE && !reversal_final(reversal));
    reversal_plan(reversal, STEP_NONE, 0);
    reversal->state = to;
    reversal->in_hand = STEP_NONE;
    reversal->ended_at_ms = at_ms;
}

/* --- A person asks for it --- */

void reversal_ask_want(const struct command *command, struct book *book)
{
    const struct transfer_row *row = book_transfer(book, command->reversal_ask.transfer);
    if (row->row.state == ROW_WANTED || row->row.state == ROW_ABSENT)
        return;
    (void)book_merchant(book, row->transfer.merchant);
    if (row->transfer.reversals > 0)
        (void)book_reversal(book, row->transfer.id, row->transfer.reversals);
}

/* The transfer's last one; NULL: there was none. */
static struct reversal_row *reversal_last(struct book *book, const struct transfer *transfer)
{
    if (transfer->reversals == 0)
        return NULL;
    struct reversal_row *row = book_reversal(book, transfer->id, transfer->reversals);
    invariant(book_row_exists(&row->row));
    return row;
}

static void reversal_begin(struct reversal *reversal, struct book *book, int64_t at_ms)
{
    reversal->state = REVERSAL_ASKED;
    reversal_plan(reversal, STEP_SUBMIT, at_ms);
    book->work_made = true;
}

static enum payout_code reversal_make(struct reversal_ask *ask, struct book *book,
                                      struct transfer_row *transfer, int64_t at_ms)
{
    if (transfer->transfer.state != TRANSFER_VAL || transfer->transfer.channel == 0)
        return PAYOUT_NOT_ALLOWED;
    const struct merchant_row *merchant = book_merchant(book, transfer->transfer.merchant);
    invariant(book_row_exists(&merchant->row));
    transfer->transfer.reversals++;
    book_row_change(&transfer->row);
    struct reversal_row *row =
        book_reversal(book, transfer->transfer.id, transfer->transfer.reversals);
    row->reversal.state = REVERSAL_PROPOSED;
    row->reversal.person = ask->person;
    row->reversal.evidence = ask->evidence;
    row->reversal.second = row->reversal.operator_reference = "";
    row->reversal.asked_at_ms = row->reversal.changed_at_ms = at_ms;
    if (!merchant->merchant.two_persons)
        reversal_begin(&row->reversal, book, at_ms);
    book_row_create(&book->reversals, &row->row);
    return PAYOUT_OK;
}

static enum payout_code reversal_withdraw(struct reversal_ask *ask, struct reversal_row *row,
                                          int64_t at_ms)
{
    struct reversal *reversal = &row->reversal;
    ask->again = reversal->state == REVERSAL_WITHDRAWN;
    if (ask->again)
        return PAYOUT_OK;
    if (reversal->state != REVERSAL_PROPOSED && reversal->state != REVERSAL_ASKED)
        return PAYOUT_NOT_ALLOWED; /* It may have left. */
    reversal_end(reversal, REVERSAL_WITHDRAWN, at_ms);
    reversal->changed_at_ms = at_ms;
    book_row_change(&row->row);
    return PAYOUT_OK;
}

/* There is one that lives or is done: this may be the second person's word. */
static enum payout_code reversal_join(struct reversal_ask *ask, struct book *book,
                                      struct reversal_row *row, int64_t at_ms)
{
    struct reversal *reversal = &row->reversal;
    ask->again = reversal->state != REVERSAL_PROPOSED ||
                 settlement_same_person(reversal->person, ask->person);
    if (ask->again)
        return PAYOUT_OK;
    reversal->second = ask->person;
    reversal->changed_at_ms = at_ms;
    reversal_begin(reversal, book, at_ms);
    book_row_change(&row->row);
    return PAYOUT_OK;
}

/* Writes down who said it. */
static void reversal_act(const struct command *command, struct book *book,
                         const struct transfer *transfer)
{
    const struct reversal_ask *ask = &command->reversal_ask;
    char subject[TRANSFER_ID_TEXT_BYTES];
    transfer_id_text(transfer->id, subject);
    struct act_changes changes;
    act_changes_begin(&changes, true);
    act_tell_text(&changes, "reversal", reversal_state_text(ask->state));
    act_tell_text(&changes, "evidence", ask->evidence);
    act_write(book, command, ACT_TRANSFER_REVERSE, transfer->merchant, subject, &changes);
}

void reversal_ask_decide(struct command *command, struct book *book)
{
    struct reversal_ask *ask = &command->reversal_ask;
    invariant(ask->person[0] != '\0' && ask->evidence[0] != '\0');
    struct transfer_row *transfer = book_transfer(book, ask->transfer);
    ask->again = false;
    ask->state = REVERSAL_STATE_END;
    if (!book_row_exists(&transfer->row)) {
        command->code = PAYOUT_NOT_FOUND;
        return;
    }
    struct reversal_row *last = reversal_last(book, &transfer->transfer);
    bool over = last == NULL || last->reversal.state == REVERSAL_REFUSED ||
                last->reversal.state == REVERSAL_WITHDRAWN;
    if (ask->withdraw)
        command->code =
            last == NULL ? PAYOUT_NOT_ALLOWED : reversal_withdraw(ask, last, command->at_ms);
    else if (over)
        command->code = reversal_make(ask, book, transfer, command->at_ms);
    else
        command->code = reversal_join(ask, book, last, command->at_ms);
    last = reversal_last(book, &transfer->transfer);
    if (last != NULL)
        ask->state = last->reversal.state;
    if (command->code == PAYOUT_OK && !ask->again)
        reversal_act(command, book, &transfer->transfer);
}

/* --- A worker takes it --- */

void reversal_claim_want(const struct command *command, struct book *book)
{
    for (size_t i = 0; i < command->reversal_claim.count; i++) {
        const struct reversal_claim_item *item = &command->reversal_claim.items[i];
        (void)book_transfer(book, item->transfer); /* It says whose the reversal is. */
        (void)book_reversal(book, item->transfer, item->number);
    }
}

void reversal_claim_decide(struct command *command, struct book *book)
{
    struct reversal_claim *claim = &command->reversal_claim;
    invariant(claim->count <= COMMAND_ITEMS_MAX && claim->lease_ms > 0);
    command->code = PAYOUT_OK;
    for (size_t i = 0; i < claim->count; i++) {
        struct reversal_claim_item *item = &claim->items[i];
        struct reversal_row *row = book_reversal(book, item->transfer, item->number);
        struct reversal *reversal = &row->reversal;
        item->claimed = book_row_exists(&row->row) && reversal->step != STEP_NONE &&
                        reversal->due_at_ms == item->due_at_ms &&
                        reversal->due_at_ms <= command->at_ms;
        if (!item->claimed)
            continue;
        invariant(!reversal_final(reversal) && reversal->state != REVERSAL_PROPOSED);
        item->step = reversal->in_hand = reversal->step;
        item->attempt = ++reversal->attempts;
        if (reversal->state == REVERSAL_ASKED)
            reversal->state = REVERSAL_SENT;
        /* Whoever finds it after the lease must ask: from now on it may have left. */
        reversal_plan(reversal, STEP_ASK, command->at_ms + claim->lease_ms);
        reversal->changed_at_ms = command->at_ms;
        book_row_change(&row->row);
    }
}

/* --- What operators say of it --- */

void reversal_outcome_want(const struct command *command, struct book *book)
{
    for (size_t i = 0; i < command->reversal_outcome.count; i++) {
        const struct reversal_outcome_item *item = &command->reversal_outcome.items[i];
        (void)book_reversal(book, item->transfer, item->number);
        transfer_want(book, item->transfer);
    }
}

/* Whether it counts of one that has not ended. As of transfers: an end that it was done counts
 * whoever says it, all else only from who took it last. */
static bool reversal_counts(const struct reversal *reversal,
                            const struct reversal_outcome_item *item)
{
    bool given = reversal->attempts > 0, latest = item->attempt == reversal->attempts;
    switch (item->verdict) {
    case VERDICT_PAID:
        return given;
    case VERDICT_REJECTED:
    case VERDICT_PENDING:
    case VERDICT_UNKNOWN:
        return given && (latest || item->attempt == 0);
    case VERDICT_NEVER_SEEN:
        return given && latest;
    case VERDICT_NOT_SENT:
        return latest && (reversal->in_hand != STEP_NONE || reversal->step == STEP_SUBMIT);
    }
    invariant(!"a verdict");
}

/* The money came back: what was delivered is the merchant's again, once. */
static void reversal_done(struct book *book, struct reversal *reversal,
                          struct transfer_row *transfer, int64_t at_ms)
{
    invariant(transfer->transfer.state == TRANSFER_VAL);
    invariant(transfer->transfer.reason != TRANSFER_REASON_REVERSED);
    reversal_end(reversal, REVERSAL_DONE, at_ms);
    struct transfer *of = &transfer->transfer;
    struct movement movement = {.kind = MOVEMENT_REVERSE,
                                .from = account_float(book, of),
                                .to = account_available(of->merchant, of->amount.currency),
                                .amount = transfer_delivered(of),
                                .merchant = of->merchant,
                                .reference = of->id.value,
                                .at_ms = at_ms};
    bool moved = book_move(book, &movement);
    invariant(moved); /* It was paid to that float when it was VAL. */
    of->reason = TRANSFER_REASON_REVERSED;
    of->changed_at_ms = at_ms;
    book_row_change(&transfer->row);
    notification_make(book, of, at_ms);
}

static void reversal_wait(struct book *book, struct reversal *reversal,
                          const struct reversal_outcome_item *item, int64_t at_ms)
{
    bool question = reversal->in_hand == STEP_ASK && item->verdict == VERDICT_NOT_SENT;
    bool submit =
        !question && (item->verdict == VERDICT_NEVER_SEEN || item->verdict == VERDICT_NOT_SENT);
    if (item->verdict == VERDICT_UNKNOWN)
        reversal->state = REVERSAL_UNKNOWN;
    reversal->in_hand = STEP_NONE;
    reversal_plan(reversal, submit ? STEP_SUBMIT : STEP_ASK,
                  item->next_at_ms > at_ms ? item->next_at_ms : at_ms);
    book->work_made = true;
}

/* What was said can't be, and whose money is in question: said to be done of one that is over or
 * was never given to anybody, the merchant's; said to be refused of one that is done, the
 * platform's. */
static bool reversal_contradicts(const struct reversal *reversal, enum verdict verdict)
{
    if (verdict == VERDICT_PAID)
        return reversal->state != REVERSAL_DONE &&
               (reversal_final(reversal) || reversal->attempts == 0);
    return verdict == VERDICT_REJECTED && reversal->state == REVERSAL_DONE;
}

static void reversal_item_decide(struct reversal_outcome_item *item, struct book *book,
                                 int64_t at_ms)
{
    item->effect = OUTCOME_IGNORED;
    struct reversal_row *row = book_reversal(book, item->transfer, item->number);
    struct transfer_row *transfer = book_transfer(book, item->transfer);
    if (!book_row_exists(&row->row) || !book_row_exists(&transfer->row))
        return;
    struct reversal *reversal = &row->reversal;
    if (reversal_contradicts(reversal, item->verdict)) {
        /* Told of the transfer: PAID, its receiver has the money; REJECTED, he has not. */
        enum verdict told = item->verdict == VERDICT_PAID ? VERDICT_REJECTED : VERDICT_PAID;
        book_contradict(book,
                        &(struct contradiction){.transfer = item->transfer,
                                                .state = transfer->transfer.state,
                                                .verdict = told,
                                                .operator_reference = item->operator_reference,
                                                .at_ms = at_ms,
                                                .person = "",
                                                .note = ""});
        item->effect = OUTCOME_CONTRADICTED;
        return;
    }
    if (reversal_final(reversal) || !reversal_counts(reversal, item))
        return;
    item->effect = OUTCOME_APPLIED;
    if (item->operator_reference[0] != '\0')
        reversal->operator_reference = item->operator_reference;
    if (item->verdict == VERDICT_PAID)
        reversal_done(book, reversal, transfer, at_ms);
    else if (item->verdict == VERDICT_REJECTED)
        reversal_end(reversal, REVERSAL_REFUSED, at_ms);
    else
        reversal_wait(book, reversal, item, at_ms);
    reversal->changed_at_ms = at_ms;
    book_row_change(&row->row);
}

void reversal_outcome_decide(struct command *command, struct book *book)
{
    struct reversal_outcome *outcome = &command->reversal_outcome;
    invariant(outcome->count <= COMMAND_ITEMS_MAX);
    for (size_t i = 0; i < outcome->count; i++)
        reversal_item_decide(&outcome->items[i], book, command->at_ms);
    command->code = PAYOUT_OK;
}

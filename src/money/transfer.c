#include "money/transfer.h"

#include "base/fault.h"
#include "money/rules.h"

/* --- The table of states --- */

#define TO(name) (1u << TRANSFER_##name)
static const unsigned may[TRANSFER_STATE_END] = {
#define STATE(name, number, to, meaning) [TRANSFER_##name] = (to),
    TRANSFER_STATES(STATE)
#undef STATE
};

bool transfer_state_may(enum transfer_state from, enum transfer_state to)
{
    invariant(from >= TRANSFER_NEW && from < TRANSFER_STATE_END);
    invariant(to >= TRANSFER_NEW && to < TRANSFER_STATE_END);
    return (may[from] & (1u << to)) != 0;
}

bool transfer_state_final(enum transfer_state state)
{
    invariant(state >= TRANSFER_NEW && state < TRANSFER_STATE_END);
    return may[state] == 0;
}

const char *transfer_state_text(enum transfer_state state)
{
    switch (state) {
#define STATE(name, number, to, meaning)                                                           \
    case TRANSFER_##name:                                                                          \
        return #name;
        TRANSFER_STATES(STATE)
#undef STATE
    case TRANSFER_STATE_END:
        break;
    }
    invariant(!"a transfer's state");
}

const char *transfer_reason_text(enum transfer_reason reason, enum payout_lang lang)
{
    switch (reason) {
#define REASON(name, number, fr, en)                                                               \
    case TRANSFER_REASON_##name:                                                                   \
        return lang == PAYOUT_EN ? (en) : (fr);
        TRANSFER_REASONS(REASON)
#undef REASON
    case TRANSFER_REASON_END:
        break;
    }
    invariant(!"a transfer's reason");
}

const char *transfer_reason_word(enum transfer_reason reason)
{
    switch (reason) {
#define REASON(name, number, fr, en)                                                               \
    case TRANSFER_REASON_##name:                                                                   \
        return #name;
        TRANSFER_REASONS(REASON)
#undef REASON
    case TRANSFER_REASON_END:
        break;
    }
    invariant(!"a transfer's reason");
}

const char *verdict_text(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_PAID:
        return "PAID";
    case VERDICT_REJECTED:
        return "REJECTED";
    case VERDICT_PENDING:
        return "PENDING";
    case VERDICT_UNKNOWN:
        return "UNKNOWN";
    case VERDICT_NEVER_SEEN:
        return "NEVER_SEEN";
    case VERDICT_NOT_SENT:
        return "NOT_SENT";
    }
    invariant(!"a verdict");
}

bool transfer_confirmed(const struct transfer *transfer)
{
    return transfer->confirmed && !transfer->suspected;
}

int64_t transfer_held_minor(const struct transfer *transfer)
{
    bool on_top = transfer->payer == FEE_PAYER_MERCHANT;
    return transfer->amount.minor + (on_top ? transfer->fee_minor : 0);
}

struct amount transfer_delivered(const struct transfer *transfer)
{
    struct amount delivered = transfer->amount;
    invariant(transfer->fee_minor >= 0);
    if (transfer->payer == FEE_PAYER_RECEIVER)
        delivered.minor -= transfer->fee_minor;
    invariant(delivered.minor > 0 && delivered.minor <= transfer->amount.minor);
    return delivered;
}

/* --- Moving a transfer --- */

void transfer_rows_want(struct book *book, const struct transfer *transfer)
{
    (void)book_account(book, account_available(transfer->merchant, transfer->amount.currency));
    (void)book_account(book, account_held(transfer->merchant, transfer->amount.currency));
    (void)book_account(book, (struct account_key){.kind = ACCOUNT_FLOAT,
                                                  .currency = transfer->amount.currency,
                                                  .operator_number = transfer->operator_number});
    if (transfer->fee_minor > 0)
        (void)book_account(book, account_fees(transfer->amount.currency));
    notification_want(book, transfer);
}

/* What the transfer costs, held till now, is earned. */
static void transfer_earn(struct book *book, const struct transfer *transfer, int64_t at_ms)
{
    invariant(transfer->state == TRANSFER_VAL && transfer->fee_minor >= 0);
    if (transfer->fee_minor == 0)
        return;
    struct movement movement = {.kind = MOVEMENT_FEE,
                                .from = account_held(transfer->merchant, transfer->amount.currency),
                                .to = account_fees(transfer->amount.currency),
                                .amount = {transfer->fee_minor, transfer->amount.currency},
                                .merchant = transfer->merchant,
                                .reference = transfer->id.value,
                                .at_ms = at_ms};
    bool moved = book_move(book, &movement);
    invariant(moved); /* It was held with what was delivered. */
}

/* Says what is to be done next with it, and when. */
static void transfer_plan(struct transfer *transfer, enum transfer_step step, int64_t due_at_ms)
{
    invariant((step == STEP_NONE) == (due_at_ms == 0));
    transfer->step = step;
    transfer->due_at_ms = due_at_ms;
}

/* The one place where a transfer changes its state: held money moves when it ends, once, and the
 * merchant is told of every change. */
static void transfer_move(struct book *book, struct transfer_row *row, enum transfer_state to,
                          enum transfer_reason reason, int64_t at_ms)
{
    struct transfer *transfer = &row->transfer;
    invariant(book_row_exists(&row->row));
    invariant(transfer_state_may(transfer->state, to));
    invariant(transfer_delivered(transfer).minor + transfer->fee_minor ==
              transfer_held_minor(transfer));
    struct movement movement = {.from = account_held(transfer->merchant, transfer->amount.currency),
                                .amount = transfer_delivered(transfer),
                                .merchant = transfer->merchant,
                                .reference = transfer->id.value,
                                .at_ms = at_ms};
    if (to == TRANSFER_VAL) {
        movement.kind = MOVEMENT_PAY;
        movement.to = (struct account_key){.kind = ACCOUNT_FLOAT,
                                           .currency = transfer->amount.currency,
                                           .operator_number = transfer->operator_number};
        transfer->validated_at_ms = at_ms;
    } else if (to == TRANSFER_REJ) {
        movement.amount.minor = transfer_held_minor(transfer);
        movement.kind = MOVEMENT_RELEASE;
        movement.to = account_available(transfer->merchant, transfer->amount.currency);
    }
    if (transfer_state_final(to)) {
        bool moved = book_move(book, &movement);
        invariant(moved); /* What was held when it was accepted is held still. */
        transfer_plan(transfer, STEP_NONE, 0);
        transfer->in_hand = STEP_NONE;
        transfer->called_back = false;
    }
    transfer->state = to;
    if (to == TRANSFER_VAL)
        transfer_earn(book, transfer, at_ms);
    transfer->suspected = false;
    transfer->reason = reason;
    transfer->changed_at_ms = at_ms;
    book_row_change(&row->row);
    notification_make(book, transfer, at_ms);
}

static bool transfer_cleared(const struct transfer *transfer)
{
    return transfer->screening == SCREENING_CLEAR || transfer->screening == SCREENING_RELEASED;
}

enum transfer_step transfer_first_step(const struct book *book, const struct transfer *transfer)
{
    return book->screening && !transfer_cleared(transfer) ? STEP_SCREEN : STEP_SUBMIT;
}

/* It is to be submitted for the first time: from now on only its operator can keep it waiting. */
static void transfer_plan_submit(struct transfer *transfer, int64_t at_ms)
{
    invariant(transfer->state == TRANSFER_NEW && transfer->channel == 0 && transfer->wait_ms >= 0);
    transfer_plan(transfer, STEP_SUBMIT, at_ms);
    transfer->wait_until_ms = transfer->wait_ms > 0 ? at_ms + transfer->wait_ms : 0;
}

void transfer_plan_first(const struct book *book, struct transfer *transfer, int64_t at_ms)
{
    if (transfer_first_step(book, transfer) == STEP_SUBMIT)
        transfer_plan_submit(transfer, at_ms);
    else
        transfer_plan(transfer, STEP_SCREEN, at_ms);
}

/* It waits for nothing any more. */
static void transfer_begin(struct book *book, struct transfer *transfer, int64_t at_ms)
{
    invariant(transfer->state == TRANSFER_NEW && transfer_confirmed(transfer));
    transfer_plan_first(book, transfer, at_ms);
    book->work_made = true;
}

void transfer_confirm(struct book *book, struct transfer_row *row, int64_t at_ms)
{
    struct transfer *transfer = &row->transfer;
    invariant(book_row_exists(&row->row));
    invariant(transfer->state == TRANSFER_NEW && !transfer->confirmed);
    transfer->confirmed = true;
    transfer->changed_at_ms = at_ms;
    book_row_change(&row->row);
    if (transfer->suspected)
        return; /* It goes on waiting, for another word. */
    transfer_begin(book, transfer, at_ms);
    notification_make(book, transfer, at_ms);
}

void transfer_release(struct book *book, struct transfer_row *row, int64_t at_ms)
{
    struct transfer *transfer = &row->transfer;
    invariant(book_row_exists(&row->row));
    invariant(transfer->state == TRANSFER_NEW && transfer->confirmed && transfer->suspected);
    transfer->suspected = false;
    transfer->reason = TRANSFER_REASON_NONE;
    transfer->changed_at_ms = at_ms;
    transfer_begin(book, transfer, at_ms);
    book_row_change(&row->row);
    notification_make(book, transfer, at_ms);
}

void transfer_screen(struct book *book, struct transfer_row *row, enum screening_state verdict,
                     int64_t at_ms)
{
    struct transfer *transfer = &row->transfer;
    invariant(transfer->state == TRANSFER_NEW && transfer->step == STEP_SCREEN);
    invariant(verdict == SCREENING_CLEAR || verdict == SCREENING_MATCH ||
              verdict == SCREENING_SKIPPED);
    transfer->screening = verdict;
    transfer->screenings++;
    transfer->changed_at_ms = at_ms;
    transfer->reason = TRANSFER_REASON_NONE;
    if (verdict == SCREENING_MATCH) {
        transfer->reason = TRANSFER_REASON_NAME_MATCHED;
        transfer_plan(transfer, STEP_NONE, 0);
    } else {
        transfer_plan_submit(transfer, at_ms);
        book->work_made = true;
    }
    book_row_change(&row->row);
}

void transfer_screen_later(struct book *book, struct transfer_row *row, int64_t next_at_ms,
                           int64_t at_ms)
{
    struct transfer *transfer = &row->transfer;
    invariant(transfer->state == TRANSFER_NEW && transfer->step == STEP_SCREEN);
    transfer_plan(transfer, STEP_SCREEN, next_at_ms > at_ms ? next_at_ms : at_ms);
    transfer->reason = TRANSFER_REASON_SCREENING_DOWN;
    transfer->changed_at_ms = at_ms;
    book->work_made = true;
    book_row_change(&row->row);
}

void transfer_screen_decide(struct book *book, struct transfer_row *row, bool release,
                            int64_t at_ms)
{
    struct transfer *transfer = &row->transfer;
    invariant(transfer->state == TRANSFER_NEW && transfer->screening == SCREENING_MATCH);
    transfer->screening = release ? SCREENING_RELEASED : SCREENING_REFUSED;
    if (!release) {
        transfer_move(book, row, TRANSFER_REJ, TRANSFER_REASON_NAME_REFUSED, at_ms);
        return;
    }
    transfer->reason = TRANSFER_REASON_NONE;
    transfer->changed_at_ms = at_ms;
    transfer_begin(book, transfer, at_ms);
    book_row_change(&row->row);
}

void transfer_end(struct book *book, struct transfer_row *row, enum transfer_state to,
                  enum transfer_reason reason, int64_t at_ms)
{
    invariant(transfer_state_final(to));
    transfer_move(book, row, to, reason, at_ms);
}

void transfer_reject(struct book *book, struct transfer_row *row, enum transfer_reason reason,
                     int64_t at_ms)
{
    transfer_move(book, row, TRANSFER_REJ, reason, at_ms);
}

/* --- A worker takes transfers --- */

static void transfer_want(struct book *book, struct transfer_id id)
{
    const struct transfer_row *row = book_transfer(book, id);
    if (row->row.state != ROW_WANTED && row->row.state != ROW_ABSENT)
        transfer_rows_want(book, &row->transfer);
}

void transfer_claim_want(const struct command *command, struct book *book)
{
    for (size_t i = 0; i < command->transfer_claim.count; i++)
        transfer_want(book, command->transfer_claim.items[i].transfer);
}

/* Whether it may go through the channel that the item names, which is its own from now on. */
static bool claim_channel(struct transfer *transfer, const struct claim_item *item)
{
    invariant(item->channel > 0 && item->channel <= TRANSFER_CHANNEL_MAX);
    if (transfer->channel == 0 && transfer->step == STEP_SUBMIT) {
        transfer->channel = item->channel;
        transfer->channel_attempt = transfer->attempts + 1;
    }
    return transfer->channel == item->channel;
}

static void claim_item_decide(struct claim_item *item, struct book *book, int64_t at_ms,
                              int64_t lease_ms)
{
    item->claimed = false;
    struct transfer_row *row = book_transfer(book, item->transfer);
    if (!book_row_exists(&row->row))
        return;
    struct transfer *transfer = &row->transfer;
    /* Another due time than the one that was read: somebody took it in between, or it moved on. */
    if (transfer->step == STEP_NONE || transfer->step == STEP_SCREEN ||
        transfer->due_at_ms != item->due_at_ms || transfer->due_at_ms > at_ms)
        return;
    /* The last door before the money goes: it was planned while screening was off. */
    if (transfer->state == TRANSFER_NEW && transfer_first_step(book, transfer) == STEP_SCREEN) {
        transfer_begin(book, transfer, at_ms);
        book_row_change(&row->row);
        return;
    }
    invariant(transfer_confirmed(transfer) && !transfer_state_final(transfer->state));
    if (!claim_channel(transfer, item))
        return;
    item->claimed = true;
    item->step = transfer->in_hand = transfer->step;
    item->attempt = ++transfer->attempts;
    transfer->called_back = false;
    /* Whoever finds it after the lease must ask: from now on it may have left. */
    transfer_plan(transfer, STEP_ASK, at_ms + lease_ms);
    book_row_change(&row->row);
    if (transfer->state == TRANSFER_NEW) {
        transfer->submitted_at_ms = at_ms;
        transfer_move(book, row, TRANSFER_REC, TRANSFER_REASON_NONE, at_ms);
    }
}

void transfer_claim_decide(struct command *command, struct book *book)
{
    struct transfer_claim *claim = &command->transfer_claim;
    invariant(claim->count <= COMMAND_ITEMS_MAX && claim->lease_ms > 0);
    for (size_t i = 0; i < claim->count; i++)
        claim_item_decide(&claim->items[i], book, command->at_ms, claim->lease_ms);
    command->code = PAYOUT_OK;
}

/* --- What operators say --- */

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
    case VERDICT_REJECTED:
        /* What a channel refuses that it does not go through any more says nothing. */
        return transfer->channel != 0 &&
               (item->attempt == 0 || item->attempt >= transfer->channel_attempt);
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
    bool limited = transfer->channel == 0 && transfer->wait_until_ms > 0;
    if (limited && next_at_ms > transfer->wait_until_ms)
        next_at_ms = transfer->wait_until_ms;
    if (next_at_ms < at_ms || transfer->called_back)
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

static void outcome_apply(struct book *book, struct transfer_row *row,
                          const struct outcome_item *item, int64_t at_ms)
{
    struct transfer *transfer = &row->transfer;
    enum verdict verdict = outcome_believed(transfer, item->verdict);
    enum transfer_reason reason = outcome_reason(transfer, item, verdict);
    enum transfer_state to = outcome_state(transfer->state, verdict);
    if (item->operator_reference[0] != '\0')
        transfer->operator_reference = item->operator_reference;
    outcome_put_down(transfer, verdict);
    bool waited =
        transfer->channel == 0 && transfer->wait_until_ms > 0 && at_ms >= transfer->wait_until_ms;
    if (verdict == VERDICT_NOT_SENT && waited) {
        to = TRANSFER_REJ;
        reason = TRANSFER_REASON_WAITED_TOO_LONG;
    }
    if (!transfer_state_final(to))
        outcome_wait(book, row, verdict, reason, item->next_at_ms, at_ms);
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

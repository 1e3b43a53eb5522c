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

struct account_key account_float(const struct book *book, const struct transfer *transfer)
{
    return book_platform(book, ACCOUNT_FLOAT, transfer->amount.currency, transfer->operator_number);
}

void transfer_rows_want(struct book *book, const struct transfer *transfer)
{
    (void)book_account(book, account_available(transfer->merchant, transfer->amount.currency));
    (void)book_account(book, account_held(transfer->merchant, transfer->amount.currency));
    (void)book_account(book, account_float(book, transfer));
    if (transfer->fee_minor > 0)
        (void)book_account(book, account_fees(book, transfer->amount.currency));
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
                                .to = account_fees(book, transfer->amount.currency),
                                .amount = {transfer->fee_minor, transfer->amount.currency},
                                .merchant = transfer->merchant,
                                .reference = transfer->id.value,
                                .at_ms = at_ms};
    bool moved = book_move(book, &movement);
    invariant(moved); /* It was held with what was delivered. */
}

void transfer_plan(struct transfer *transfer, enum transfer_step step, int64_t due_at_ms)
{
    invariant((step == STEP_NONE) == (due_at_ms == 0));
    transfer->step = step;
    transfer->due_at_ms = due_at_ms;
}

void transfer_move(struct book *book, struct transfer_row *row, enum transfer_state to,
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
        movement.to = account_float(book, transfer);
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

void transfer_want(struct book *book, struct transfer_id id)
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

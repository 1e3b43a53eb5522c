/* The invariants of a batch: what must hold of whatever was decided, before it is saved. */
#include "base/fault.h"
#include "money/rules.h"

bool book_account_has_floor(enum account_kind kind)
{
    return kind == ACCOUNT_AVAILABLE || kind == ACCOUNT_HELD;
}

/* Replays the movements over what was loaded, on a path of its own: book_move has kept balances,
 * this finds out whether it kept them right. loaded_minor serves as the replayed balance and is put
 * back. */
static void check_replay(struct book *book)
{
    for (const struct movement_line *line = book->movements; line != NULL; line = line->next) {
        const struct movement *movement = &line->movement;
        invariant(movement->amount.minor > 0);
        book_account(book, movement->from)->loaded_minor -= movement->amount.minor;
        book_account(book, movement->to)->loaded_minor += movement->amount.minor;
    }
    for (struct book_row *row = book->accounts.first; row != NULL; row = row->next) {
        const struct account_row *account = (const struct account_row *)(const void *)row;
        invariant(account->loaded_minor == account->balance_minor);
        if (book_account_has_floor(account->key.kind))
            invariant(account->balance_minor >= 0);
    }
    for (const struct movement_line *line = book->movements; line != NULL; line = line->next) {
        book_account(book, line->movement.from)->loaded_minor += line->movement.amount.minor;
        book_account(book, line->movement.to)->loaded_minor -= line->movement.amount.minor;
    }
}

static void check_zero_sum(const struct book *book)
{
    int64_t change[CURRENCY_END] = {0};
    for (const struct book_row *row = book->accounts.first; row != NULL; row = row->next) {
        const struct account_row *account = (const struct account_row *)(const void *)row;
        change[account->key.currency] += account->balance_minor - account->loaded_minor;
    }
    for (size_t i = 0; i < CURRENCY_END; i++)
        invariant(change[i] == 0);
}

/* Every transfer that was touched stands in a state that makes sense by itself. */
static void check_transfers(const struct book *book)
{
    for (const struct book_row *row = book->transfers.first; row != NULL; row = row->next) {
        if (row->state != ROW_NEW && row->state != ROW_CHANGED)
            continue;
        const struct transfer *transfer =
            &((const struct transfer_row *)(const void *)row)->transfer;
        bool final = transfer_state_final(transfer->state);
        invariant(transfer->amount.minor > 0 && transfer_delivered(transfer).minor > 0);
        invariant((transfer->step == STEP_NONE) == (transfer->due_at_ms == 0));
        bool matched = transfer->screening == SCREENING_MATCH;
        invariant((transfer->step == STEP_NONE) ==
                  (final || !transfer_confirmed(transfer) || matched));
        invariant(transfer->step != STEP_SCREEN || transfer->state == TRANSFER_NEW);
        invariant(!matched || (transfer->state == TRANSFER_NEW && transfer_confirmed(transfer)));
        invariant(!transfer->suspected ||
                  (transfer->state == TRANSFER_NEW && transfer->twin_of.value != 0));
        invariant((transfer->state == TRANSFER_VAL) == (transfer->validated_at_ms != 0));
        bool chosen = transfer->channel != 0;
        invariant(chosen == (transfer->channel_attempt > 0));
        invariant(transfer->channel_attempt <= transfer->attempts);
        invariant(chosen || (transfer->step != STEP_ASK && transfer->state != TRANSFER_NOS));
        invariant(!chosen || transfer->state != TRANSFER_NEW);
        invariant(transfer->in_hand == STEP_NONE || (chosen && transfer->step == STEP_ASK));
        invariant(!transfer->called_back || (chosen && transfer->step == STEP_ASK));
        invariant(transfer->confirmed || transfer->state == TRANSFER_NEW ||
                  transfer->state == TRANSFER_REJ);
    }
}

/* A reversal that was touched is of a paid transfer, and due as long as it is at work. */
static void check_reversals(const struct book *book)
{
    for (const struct book_row *row = book->reversals.first; row != NULL; row = row->next) {
        if (row->state != ROW_NEW && row->state != ROW_CHANGED)
            continue;
        const struct reversal *reversal =
            &((const struct reversal_row *)(const void *)row)->reversal;
        bool works = reversal->state == REVERSAL_ASKED || reversal->state == REVERSAL_SENT ||
                     reversal->state == REVERSAL_UNKNOWN;
        invariant(works == (reversal->step != STEP_NONE));
        invariant(works == (reversal->due_at_ms > 0));
        invariant(reversal->in_hand == STEP_NONE || reversal->step == STEP_ASK);
        invariant(reversal_final(reversal) == (reversal->ended_at_ms > 0));
        invariant(reversal->state != REVERSAL_DONE || reversal->attempts > 0);
    }
}

/* A mail that was touched is due as long as it waits, and then no more. */
static void check_mails(const struct book *book)
{
    for (const struct book_row *row = book->mails.first; row != NULL; row = row->next) {
        if (row->state != ROW_NEW && row->state != ROW_CHANGED)
            continue;
        const struct mail *mail = &((const struct mail_row *)(const void *)row)->mail;
        bool waits = mail->state == MAIL_WAITING;
        invariant(waits == (mail->due_at_ms > 0));
        invariant(waits == (mail->ended_at_ms == 0));
    }
}

/* What a person settled ended so, and by nothing else. */
static void check_settlements(struct book *book)
{
    for (const struct settlement_line *line = book->settled; line != NULL; line = line->next) {
        if (line->settlement.act != SETTLEMENT_SETTLED)
            continue;
        const struct transfer *transfer = &book_transfer(book, line->settlement.transfer)->transfer;
        invariant(transfer->state == line->settlement.outcome);
        invariant(transfer->reason == TRANSFER_REASON_DECIDED_BY_PERSON);
    }
}

/* Numbers the acts, and moves their head on. */
static void acts_chain(struct book *book)
{
    if (book->acts == NULL)
        return;
    struct act_link link;
    act_link_begin(&link, &book->act_head);
    int64_t id = book->act_head.last_act_id;
    for (struct act_line *line = book->acts; line != NULL; line = line->next) {
        id = share_row_id(&book->share, id, line->act.at_ms);
        line->act.id = id;
        act_link_add(&link, &line->act);
    }
    act_link_end(&link, &book->act_head);
}

/* What persons decided on a lot is what became of it, and they were as many as it needs. */
static void check_approvals(struct book *book)
{
    for (const struct approval_line *line = book->approved; line != NULL; line = line->next) {
        const struct approval *approval = &line->approval;
        const struct lot *lot = &book_lot(book, approval->merchant, approval->lot)->lot;
        switch (approval->act) {
        case APPROVAL_GIVEN:
            invariant(lot->persons == 2 && approval->number == 1);
            break;
        case APPROVAL_CONFIRMED:
            invariant(lot->state == LOT_CONFIRMED && approval->number == lot->persons);
            break;
        case APPROVAL_CANCELLED:
            invariant(lot->state == LOT_CANCELLED);
            break;
        case APPROVAL_EXPIRED:
            invariant(lot->state == LOT_EXPIRED);
            break;
        case APPROVAL_ACT_END:
            invariant(!"an approval's act");
        }
    }
}

void book_check(struct book *book)
{
    check_replay(book);
    check_zero_sum(book);
    check_transfers(book);
    check_settlements(book);
    check_mails(book);
    check_reversals(book);
    check_approvals(book);
    book_share_check(book);
    acts_chain(book);
    if (book->movements == NULL)
        return;
    struct ledger_link link;
    ledger_link_begin(&link, &book->head);
    int64_t id = book->head.last_movement_id;
    for (struct movement_line *line = book->movements; line != NULL; line = line->next) {
        id = share_row_id(&book->share, id, line->movement.at_ms);
        line->movement.id = id;
        ledger_link_add(&link, &line->movement);
    }
    ledger_link_end(&link, &book->head);
}

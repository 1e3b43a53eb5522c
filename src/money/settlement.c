#include "money/settlement.h"

#include <string.h>
#include <strings.h>

#include "base/fault.h"
#include "money/rules.h"

const char *settlement_act_text(enum settlement_act act)
{
    switch (act) {
#define ACT(name, number, meaning)                                                                 \
    case SETTLEMENT_##name:                                                                        \
        return #name;
        SETTLEMENT_ACTS(ACT)
#undef ACT
    case SETTLEMENT_ACT_END:
        break;
    }
    invariant(!"a settlement's act");
}

bool settlement_allowed(const struct transfer *transfer, int64_t at_ms)
{
    if (transfer->state == TRANSFER_NOS)
        return true;
    /* As long as workers come when it is due, the operator is being asked. */
    return transfer->state == TRANSFER_REC &&
           transfer->due_at_ms + SETTLEMENT_NEGLECTED_MS <= at_ms;
}

bool settlement_open(const struct settlement *last)
{
    return last->number > 0 && last->act == SETTLEMENT_PROPOSED;
}

bool settlement_same_person(const char *a, const char *b)
{
    static const char blanks[] = " \t";
    a += strspn(a, blanks);
    b += strspn(b, blanks);
    size_t a_length = strlen(a), b_length = strlen(b);
    while (a_length > 0 && strchr(blanks, a[a_length - 1]) != NULL)
        a_length--;
    while (b_length > 0 && strchr(blanks, b[b_length - 1]) != NULL)
        b_length--;
    return a_length == b_length && strncasecmp(a, b, a_length) == 0;
}

void settlement_add(struct book *book, struct settlement_row *row, enum settlement_act act,
                    enum transfer_state outcome, const char *person, const char *evidence,
                    int64_t at_ms)
{
    invariant(outcome == TRANSFER_VAL || outcome == TRANSFER_REJ ||
              ((act == SETTLEMENT_RELEASED || act == SETTLEMENT_NAME_RELEASED) &&
               outcome == TRANSFER_NEW));
    invariant((act == SETTLEMENT_WITHDRAWN || act == SETTLEMENT_OVERTAKEN)
                  ? settlement_open(&row->settlement)
                  : true);
    row->settlement = (struct settlement){.transfer = row->settlement.transfer,
                                          .number = row->settlement.number + 1,
                                          .act = act,
                                          .outcome = outcome,
                                          .person = person,
                                          .evidence = evidence,
                                          .at_ms = at_ms};
    book_settle(book, row);
}

/* --- When the operator answers after all --- */

void settlement_outcome_want(struct book *book, const struct transfer *transfer, int64_t at_ms)
{
    /* Only what was allowed can have been proposed: REC was neglected then, so it is old. */
    if (transfer->state == TRANSFER_NOS ||
        (transfer->state == TRANSFER_REC &&
         transfer->submitted_at_ms + SETTLEMENT_NEGLECTED_MS <= at_ms))
        (void)book_settlement(book, transfer->id);
}

void settlement_overtake(struct book *book, const struct transfer *transfer, int64_t at_ms)
{
    invariant(transfer_state_final(transfer->state));
    struct settlement_row *row = book_settlement(book, transfer->id);
    /* Not looked up: when the batch began nothing could have been proposed, and no command of the
     * batch is a settlement of it. */
    if (row->row.state == ROW_WANTED || !settlement_open(&row->settlement))
        return;
    settlement_add(book, row, SETTLEMENT_OVERTAKEN, transfer->state, "",
                   "The operator answered first", at_ms);
}

/* --- When a person decides --- */

void transfer_settle_want(const struct command *command, struct book *book)
{
    const struct transfer_settle *settle = &command->transfer_settle;
    (void)book_settlement(book, settle->transfer);
    const struct transfer_row *row = book_transfer(book, settle->transfer);
    if (row->row.state == ROW_WANTED || row->row.state == ROW_ABSENT)
        return;
    (void)book_merchant(book, row->transfer.merchant);
    transfer_rows_want(book, &row->transfer);
}

static enum payout_code settle_withdraw(struct transfer_settle *settle, struct book *book,
                                        struct settlement_row *row, int64_t at_ms)
{
    settle->again = row->settlement.number > 0 && row->settlement.act == SETTLEMENT_WITHDRAWN;
    if (settle->again)
        return PAYOUT_OK;
    if (!settlement_open(&row->settlement))
        return PAYOUT_NOT_ALLOWED;
    settlement_add(book, row, SETTLEMENT_WITHDRAWN, row->settlement.outcome, settle->person,
                   settle->evidence, at_ms);
    return PAYOUT_OK;
}

/* The transfer can be settled: what this person's word makes of it. */
static enum payout_code settle_say(struct transfer_settle *settle, struct book *book,
                                   struct transfer_row *transfer, struct settlement_row *row,
                                   int64_t at_ms)
{
    const struct settlement *last = &row->settlement;
    bool open = settlement_open(last);
    if (open && last->outcome != settle->outcome)
        return PAYOUT_NOT_ALLOWED; /* Two persons, two opinions: withdraw one first. */
    bool alone = !open || settlement_same_person(last->person, settle->person);
    const struct merchant_row *merchant = book_merchant(book, transfer->transfer.merchant);
    invariant(book_row_exists(&merchant->row));
    if (merchant->merchant.two_persons && alone) {
        settle->again = open;
        if (!open)
            settlement_add(book, row, SETTLEMENT_PROPOSED, settle->outcome, settle->person,
                           settle->evidence, at_ms);
        return PAYOUT_OK;
    }
    settlement_add(book, row, SETTLEMENT_SETTLED, settle->outcome, settle->person, settle->evidence,
                   at_ms);
    transfer_end(book, transfer, settle->outcome, TRANSFER_REASON_DECIDED_BY_PERSON, at_ms);
    return PAYOUT_OK;
}

/* Writes down who said it. */
static void settle_act(const struct command *command, struct book *book,
                       const struct transfer *transfer, enum transfer_state before)
{
    const struct transfer_settle *settle = &command->transfer_settle;
    char subject[TRANSFER_ID_TEXT_BYTES];
    transfer_id_text(transfer->id, subject);
    struct act_changes changes;
    act_changes_begin(&changes, false);
    act_change_text(&changes, "state", transfer_state_text(before),
                    transfer_state_text(transfer->state));
    act_tell_text(&changes, "act", settlement_act_text(settle->act));
    act_tell_text(&changes, "evidence", settle->evidence);
    act_write(book, command, ACT_TRANSFER_SETTLE, transfer->merchant, subject, &changes);
}

void transfer_settle_decide(struct command *command, struct book *book)
{
    struct transfer_settle *settle = &command->transfer_settle;
    invariant(settle->withdraw || settle->outcome == TRANSFER_VAL ||
              settle->outcome == TRANSFER_REJ);
    invariant(settle->person[0] != '\0' && settle->evidence[0] != '\0');
    struct transfer_row *transfer = book_transfer(book, settle->transfer);
    settle->again = false;
    if (!book_row_exists(&transfer->row)) {
        command->code = PAYOUT_NOT_FOUND;
        return;
    }
    struct settlement_row *row = book_settlement(book, settle->transfer);
    const struct settlement *last = &row->settlement;
    int32_t number = last->number;
    enum transfer_state before = transfer->transfer.state;
    invariant(row->row.state != ROW_WANTED);
    if (settle->withdraw) {
        command->code = settle_withdraw(settle, book, row, command->at_ms);
    } else if (last->number > 0 && last->act == SETTLEMENT_SETTLED &&
               last->outcome == settle->outcome) {
        settle->again = true; /* The same again changes nothing. */
        command->code = PAYOUT_OK;
    } else if (!settlement_allowed(&transfer->transfer, command->at_ms)) {
        command->code = PAYOUT_NOT_ALLOWED;
    } else {
        command->code = settle_say(settle, book, transfer, row, command->at_ms);
    }
    settle->act = last->number > 0 ? last->act : SETTLEMENT_ACT_END;
    settle->state = transfer->transfer.state;
    if (last->number != number)
        settle_act(command, book, &transfer->transfer, before);
}

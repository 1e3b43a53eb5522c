#include "money/contradiction.h"

#include "base/fault.h"
#include "money/rules.h"

enum suspense contradiction_suspense(const struct contradiction *contradiction)
{
    if (contradiction->verdict == VERDICT_PAID) /* Of a VAL one: that was taken back. */
        return SUSPENSE_PLATFORM;
    if (contradiction->verdict == VERDICT_REJECTED && contradiction->state == TRANSFER_VAL)
        return SUSPENSE_MERCHANT;
    return SUSPENSE_NONE;
}

const char *suspense_text(enum suspense suspense)
{
    switch (suspense) {
    case SUSPENSE_NONE:
        return NULL;
    case SUSPENSE_PLATFORM:
        return "PLATFORM";
    case SUSPENSE_MERCHANT:
        return "MERCHANT";
    }
    invariant(!"a suspense");
}

void contradiction_close_want(const struct command *command, struct book *book)
{
    (void)book_closing(book, command->contradiction_close.id);
}

void contradiction_close_decide(struct command *command, struct book *book)
{
    struct contradiction_close *close = &command->contradiction_close;
    invariant(close->person[0] != '\0' && close->note[0] != '\0');
    struct closing_row *row = book_closing(book, close->id);
    close->again = false;
    if (!book_row_exists(&row->row)) {
        command->code = PAYOUT_NOT_FOUND;
        return;
    }
    command->code = PAYOUT_OK;
    close->again = row->contradiction.closed_at_ms != 0; /* Closed it stays, as it was. */
    if (close->again)
        return;
    row->contradiction.closed_at_ms = command->at_ms;
    row->contradiction.person = close->person;
    row->contradiction.note = close->note;
    book_row_change(&row->row);
    char subject[TRANSFER_ID_TEXT_BYTES];
    transfer_id_text(row->contradiction.transfer, subject);
    struct act_changes changes;
    act_changes_begin(&changes, true);
    act_tell_number(&changes, "contradiction", close->id);
    act_tell_text(&changes, "note", close->note);
    act_write(book, command, ACT_CONTRADICTION_CLOSE, (struct merchant_id){0}, subject, &changes);
}

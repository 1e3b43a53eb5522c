#include "money/screening.h"

#include "base/fault.h"
#include "money/rules.h"

const char *screening_state_text(enum screening_state state)
{
    switch (state) {
#define SCREENING(name, number, meaning)                                                           \
    case SCREENING_##name:                                                                         \
        return #name;
        SCREENINGS(SCREENING)
#undef SCREENING
    case SCREENING_STATE_END:
        break;
    }
    invariant(!"how a transfer's screening stands");
}

/* --- What was answered --- */

void transfer_screened_want(const struct command *command, struct book *book)
{
    for (size_t i = 0; i < command->transfer_screened.count; i++)
        (void)book_transfer(book, command->transfer_screened.items[i].transfer);
}

/* A match is told of among the acts, too: it is what somebody will be asked about. */
static void match_tell(struct book *book, const struct command *command,
                       const struct screened_item *item, const struct transfer *transfer)
{
    char subject[TRANSFER_ID_TEXT_BYTES];
    struct act_changes changes;
    transfer_id_text(transfer->id, subject);
    act_changes_begin(&changes, true);
    act_tell_text(&changes, "result", screening_state_text(item->verdict));
    act_tell_text(&changes, "source", item->source);
    act_tell_text(&changes, "version", item->version);
    act_tell_text(&changes, "entry", item->entry);
    act_write(book, command, ACT_SCREENING, transfer->merchant, subject, &changes);
}

static void screened_item_decide(struct screened_item *item, struct book *book,
                                 const struct command *command)
{
    int64_t at_ms = command->at_ms;
    item->applied = false;
    struct transfer_row *row = book_transfer(book, item->transfer);
    if (!book_row_exists(&row->row))
        return;
    /* Another due time than the one that was read: it was answered about in between. Screening is
     * harmless to repeat, and so are its answers. */
    if (row->transfer.step != STEP_SCREEN || row->transfer.due_at_ms != item->due_at_ms)
        return;
    item->applied = true;
    if (item->verdict == SCREENING_NONE) {
        transfer_screen_later(book, row, item->next_at_ms, at_ms);
        return;
    }
    invariant(item->score >= 0 && item->score <= 100);
    transfer_screen(book, row, item->verdict, at_ms);
    book_screen(book, &(struct screening){.transfer = item->transfer,
                                          .number = row->transfer.screenings,
                                          .verdict = item->verdict,
                                          .source = item->source,
                                          .version = item->version,
                                          .entry = item->entry,
                                          .score = item->score,
                                          .at_ms = at_ms});
    if (item->verdict == SCREENING_MATCH)
        match_tell(book, command, item, &row->transfer);
}

void transfer_screened_decide(struct command *command, struct book *book)
{
    struct transfer_screened *screened = &command->transfer_screened;
    invariant(screened->count <= COMMAND_ITEMS_MAX);
    for (size_t i = 0; i < screened->count; i++)
        screened_item_decide(&screened->items[i], book, command);
    command->code = PAYOUT_OK;
}

/* --- A person's word on a match --- */

void screening_decide_want(const struct command *command, struct book *book)
{
    struct transfer_id id = command->screening_decide.transfer;
    (void)book_settlement(book, id);
    const struct transfer_row *row = book_transfer(book, id);
    if (row->row.state != ROW_WANTED && row->row.state != ROW_ABSENT)
        transfer_rows_want(book, &row->transfer);
}

void screening_decide_decide(struct command *command, struct book *book)
{
    struct person_decide *decide = &command->screening_decide;
    invariant(decide->person[0] != '\0' && decide->evidence[0] != '\0');
    struct transfer_row *row = book_transfer(book, decide->transfer);
    decide->again = false;
    if (!book_row_exists(&row->row)) {
        command->code = PAYOUT_NOT_FOUND;
        return;
    }
    struct transfer *transfer = &row->transfer;
    struct settlement_row *last = book_settlement(book, decide->transfer);
    enum settlement_act act = decide->release ? SETTLEMENT_NAME_RELEASED : SETTLEMENT_NAME_REFUSED;
    decide->again =
        transfer->screening == (decide->release ? SCREENING_RELEASED : SCREENING_REFUSED);
    decide->state = transfer->state;
    command->code = decide->again ? PAYOUT_OK : PAYOUT_NOT_ALLOWED;
    if (decide->again || transfer->screening != SCREENING_MATCH)
        return;
    invariant(transfer->state == TRANSFER_NEW && transfer_confirmed(transfer));
    settlement_add(book, last, act, decide->release ? TRANSFER_NEW : TRANSFER_REJ, decide->person,
                   decide->evidence, command->at_ms);
    transfer_screen_decide(book, row, decide->release, command->at_ms);
    decide->state = transfer->state;
    command->code = PAYOUT_OK;
    char subject[TRANSFER_ID_TEXT_BYTES];
    struct act_changes changes;
    transfer_id_text(transfer->id, subject);
    act_changes_begin(&changes, true);
    act_tell_text(&changes, "act", settlement_act_text(act));
    act_tell_text(&changes, "evidence", decide->evidence);
    act_write(book, command, ACT_SCREENING, transfer->merchant, subject, &changes);
}

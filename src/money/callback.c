#include "money/callback.h"

#include <string.h>

#include "base/fault.h"
#include "money/rules.h"

#define MISPLACED "the transfer does not go through this channel"
#define NOT_THERE "there is no such transfer"

void callback_elsewhere(struct command *command)
{
    invariant(command->callback.effect == CALLBACK_MISPLACED);
    command->merchant = (struct merchant_id){0};
    command->callback.why = MISPLACED;
}

void callback_want(const struct command *command, struct book *book)
{
    const struct callback_come *come = &command->callback;
    /* Both: whose channel the transfer is, another command of the batch may decide. */
    (void)book_callback(book, come->channel, come->hash);
    if (come->transfer.value > 0)
        (void)book_transfer(book, come->transfer);
}

/* Why it can't be placed; NULL: it is about that transfer. */
static const char *callback_misplaced(const struct book *book, const struct callback_come *come,
                                      const struct transfer_row *row)
{
    if (come->why[0] != '\0')
        return come->why;
    if (row == NULL || !book_row_exists(&row->row))
        return NOT_THERE;
    if (row->transfer.channel != come->channel)
        return MISPLACED;
    /* Of another lane: who asked where it belongs found none, a moment ago. */
    if (share_lane_of(row->transfer.merchant, book->share.lanes) != book->share.lane)
        return NOT_THERE;
    return NULL;
}

static void callback_park(struct callback_come *come, struct book *book, const char *why,
                          int64_t at_ms)
{
    struct callback_row *row = book_callback(book, come->channel, come->hash);
    struct callback *callback = &row->callback;
    invariant(row->row.state != ROW_WANTED);
    if (book->share.lane != 0) {
        come->effect = CALLBACK_MISPLACED;
        return;
    }
    come->effect = CALLBACK_PARKED;
    if (book_row_exists(&row->row)) {
        callback->times++;
        callback->last_at_ms = at_ms;
        book_row_change(&row->row);
        return;
    }
    callback->reference = come->reference;
    callback->why = why;
    callback->body = come->body;
    callback->first_at_ms = callback->last_at_ms = at_ms;
    callback->times = 1;
    book_row_add(&row->row);
}

void callback_decide(struct command *command, struct book *book)
{
    struct callback_come *come = &command->callback;
    invariant(come->channel > 0 && come->channel <= TRANSFER_CHANNEL_MAX);
    invariant(strlen(come->reference) <= CALLBACK_REFERENCE_BYTES_MAX);
    invariant(strlen(come->why) <= CALLBACK_WHY_BYTES_MAX);
    invariant(strlen(come->body) <= CALLBACK_BODY_BYTES_MAX);
    struct transfer_row *row =
        come->transfer.value > 0 ? book_transfer(book, come->transfer) : NULL;
    const char *why = callback_misplaced(book, come, row);
    command->code = PAYOUT_OK;
    if (why != NULL)
        callback_park(come, book, why, command->at_ms);
    else
        come->effect =
            transfer_called_back(book, row, command->at_ms) ? CALLBACK_HASTENED : CALLBACK_KNOWN;
}

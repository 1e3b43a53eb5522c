#include "lane/effect.h"

#include "store/shard.h"

static bool written(const struct book_row *row)
{
    return row->state == ROW_NEW || row->state == ROW_CHANGED;
}

/* A reversal's transfer may stay as it is. */
uint32_t effect_work(const struct book *book)
{
    uint32_t shards = 0;
    if (!book->work_made)
        return 0;
    for (const struct book_row *row = book->transfers.first; row != NULL; row = row->next) {
        const struct transfer_row *of = (const struct transfer_row *)(const void *)row;
        if (written(row) || (row->state == ROW_STORED && book->reversals.first != NULL))
            shards |= shard_of_merchant(of->transfer.merchant);
    }
    return shards != 0 ? shards : SHARDS_ALL;
}

uint32_t effect_notifications(const struct book *book)
{
    uint32_t shards = 0;
    if (!book->notifications_made)
        return 0;
    for (const struct book_row *row = book->notifications.first; row != NULL; row = row->next) {
        const struct notification_row *of = (const struct notification_row *)(const void *)row;
        if (written(row) && of->notification.state == NOTIFICATION_DUE)
            shards |= shard_of_queue(of->notification.queue);
    }
    return shards != 0 ? shards : SHARDS_ALL;
}

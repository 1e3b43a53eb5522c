#include "money/notification.h"

#include "base/fault.h"
#include "money/rules.h"

/* True while the notification has not ended: those after it wait. */
static bool notification_open(const struct notification *notification)
{
    return notification->state == NOTIFICATION_BLOCKED || notification->state == NOTIFICATION_DUE;
}

void notification_make(struct book *book, struct transfer *transfer, int64_t at_ms)
{
    bool blocked = false;
    if (transfer->notifications > 0) {
        struct notification_row *before =
            book_notification(book, transfer->id, transfer->notifications);
        blocked = book_row_exists(&before->row) && notification_open(&before->notification);
    }
    transfer->notifications++;
    struct notification_row *row = book_notification(book, transfer->id, transfer->notifications);
    row->notification = (struct notification){
        .transfer = transfer->id,
        .number = transfer->notifications,
        .merchant = transfer->merchant,
        .state = blocked ? NOTIFICATION_BLOCKED : NOTIFICATION_DUE,
        .due_at_ms = blocked ? 0 : at_ms,
        .created_at_ms = at_ms,
        .transfer_state = transfer->state,
        .confirmed = transfer_confirmed(transfer),
        .reason = transfer->reason,
        .operator_reference = transfer->operator_reference,
        .validated_at_ms = transfer->validated_at_ms,
    };
    book_row_create(&book->notifications, &row->row);
    book->notifications_made = book->notifications_made || !blocked;
}

void delivery_want(const struct command *command, struct book *book)
{
    for (size_t i = 0; i < command->delivery.count; i++) {
        const struct delivery *delivery = &command->delivery.items[i].delivery;
        (void)book_notification(book, delivery->transfer, delivery->number);
        (void)book_notification(book, delivery->transfer, delivery->number + 1);
    }
}

/* The notification has ended: the next one of its transfer may go. */
static void notification_end(struct book *book, struct notification *notification,
                             enum notification_state state, int64_t at_ms)
{
    notification->state = state;
    notification->due_at_ms = 0;
    notification->ended_at_ms = at_ms;
    struct notification_row *next =
        book_notification(book, notification->transfer, notification->number + 1);
    if (!book_row_exists(&next->row))
        return;
    invariant(next->notification.state == NOTIFICATION_BLOCKED);
    next->notification.state = NOTIFICATION_DUE;
    next->notification.due_at_ms = at_ms;
    book_row_change(&next->row);
    book->notifications_made = true;
}

static void delivery_item_decide(struct delivery_item *item, struct book *book, int64_t at_ms)
{
    struct notification_row *row =
        book_notification(book, item->delivery.transfer, item->delivery.number);
    if (!book_row_exists(&row->row))
        return;
    struct notification *notification = &row->notification;
    item->delivery.attempt = ++notification->attempts;
    book_row_change(&row->row);
    book_deliver(book, &item->delivery);
    if (notification->state != NOTIFICATION_DUE)
        return; /* Sent twice, by two processes: the log tells, the first answer stands. */
    if (item->delivered)
        notification_end(book, notification, NOTIFICATION_DELIVERED, at_ms);
    else if (item->next_at_ms == 0)
        notification_end(book, notification, NOTIFICATION_DEAD, at_ms);
    else
        notification->due_at_ms = item->next_at_ms;
}

void delivery_decide(struct command *command, struct book *book)
{
    invariant(command->delivery.count <= COMMAND_ITEMS_MAX);
    for (size_t i = 0; i < command->delivery.count; i++)
        delivery_item_decide(&command->delivery.items[i], book, command->at_ms);
    command->code = PAYOUT_OK;
}

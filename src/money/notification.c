#include "money/notification.h"

#include <string.h>

#include "base/fault.h"
#include "base/host.h"
#include "base/secret.h"
#include "money/rules.h"

int notification_key_compare(struct notification_key left, struct notification_key right)
{
    if (left.transfer.value != right.transfer.value)
        return left.transfer.value < right.transfer.value ? -1 : 1;
    if (left.endpoint != right.endpoint)
        return left.endpoint < right.endpoint ? -1 : 1;
    return (left.number > right.number) - (left.number < right.number);
}

int64_t notification_since_ms(const struct notification *notification)
{
    return notification->redelivered_at_ms != 0 ? notification->redelivered_at_ms
                                                : notification->created_at_ms;
}

int32_t notification_tries(const struct notification *notification)
{
    invariant(notification->attempts >= notification->attempts_before);
    return notification->attempts - notification->attempts_before;
}

/* --- Queues --- */

int64_t notification_queue_of_url(const char *url)
{
    char key[HOST_KEY_BYTES];
    uint8_t hash[SECRET_HASH_BYTES];
    uint64_t queue = 0;
    host_key(url, key);
    /* Hashed so that nobody can choose to share another's queue. */
    secret_sha256(key, strlen(key), hash);
    for (size_t i = 0; i < 8; i++)
        queue = queue << 8 | hash[i];
    queue &= INT64_MAX;
    return queue == 0 ? 1 : (int64_t)queue;
}

int64_t notification_queue_of_endpoint(struct merchant_id merchant, int32_t endpoint)
{
    invariant(merchant.value >= MERCHANT_ID_MIN && merchant.value <= MERCHANT_ID_MAX);
    invariant(endpoint >= 1 && endpoint <= ENDPOINT_NUMBER_MAX);
    return -(merchant.value * (ENDPOINT_NUMBER_MAX + 1) + endpoint);
}

/* --- Making --- */

/* True while the notification has not ended: those after it wait. */
static bool notification_open(const struct notification *notification)
{
    return notification->state == NOTIFICATION_BLOCKED || notification->state == NOTIFICATION_DUE;
}

void notification_want(struct book *book, const struct transfer *transfer)
{
    struct notification_key key = {.transfer = transfer->id};
    key.number = transfer->notifications;
    if (transfer->notifications > 0)
        (void)book_notification(book, key);
    const struct endpoints_row *endpoints = book_endpoints(book, transfer->merchant);
    if (endpoints->row.state == ROW_WANTED)
        return; /* Which there are is known in the next round. */
    for (const struct endpoint_line *line = endpoints->first; line != NULL; line = line->next) {
        key.endpoint = line->endpoint.number;
        for (key.number = 1; key.number <= transfer->notifications; key.number++)
            (void)book_notification(book, key);
    }
}

/* True when the change was made in this batch: who did not want it has no row of it, wanted or not.
 */
static bool change_is_new(struct book *book, struct notification_key key)
{
    key.endpoint = 0;
    const struct notification_row *row = book_notification_find(book, key);
    return row != NULL && row->row.state == ROW_NEW;
}

/* The last that was made of the transfer for the same, before key; NULL: there is none. line: NULL,
 * of its notify_url. */
static struct notification_row *notification_before(struct book *book, struct notification_key key,
                                                    const struct endpoint_line *line)
{
    while (--key.number > 0) {
        struct notification_row *row = book_notification_find(book, key);
        /* What was not wanted can't be there: the endpoint is new, or the change is. */
        invariant(row != NULL ||
                  (line != NULL && (line->state == ROW_NEW || change_is_new(book, key))));
        if (row != NULL && book_row_exists(&row->row))
            return row;
    }
    return NULL;
}

/* Makes the one for line, or for the transfer's notify_url (NULL). */
static void told_make(struct book *book, const struct transfer *transfer,
                      const struct endpoint_line *line, int64_t at_ms)
{
    const struct endpoint *endpoint = line == NULL ? NULL : &line->endpoint;
    struct notification_key key = {.transfer = transfer->id,
                                   .endpoint = endpoint == NULL ? 0 : endpoint->number,
                                   .number = transfer->notifications};
    struct notification_row *before = notification_before(book, key, line);
    bool dead = endpoint != NULL && endpoint->state == ENDPOINT_FAILED;
    /* Who sent it by hand and gave no address is told nothing: that is over as soon as it is made.
     */
    bool nobody = endpoint == NULL && transfer->notify_url[0] == '\0';
    bool blocked = !dead && !nobody && before != NULL && notification_open(&before->notification);
    struct notification_row *row = book_notification(book, key);
    row->notification = (struct notification){
        .key = key,
        .merchant = transfer->merchant,
        .queue = endpoint == NULL
                     ? notification_queue_of_url(transfer->notify_url)
                     : notification_queue_of_endpoint(transfer->merchant, endpoint->number),
        .state = dead      ? NOTIFICATION_DEAD
                 : nobody  ? NOTIFICATION_DELIVERED
                 : blocked ? NOTIFICATION_BLOCKED
                           : NOTIFICATION_DUE,
        .due_at_ms = dead || blocked || nobody ? 0 : at_ms,
        .created_at_ms = at_ms,
        .ended_at_ms = dead || nobody ? at_ms : 0,
        .transfer_state = transfer->state,
        .confirmed = transfer_confirmed(transfer),
        .reason = transfer->reason,
        .operator_reference = transfer->operator_reference,
        .validated_at_ms = transfer->validated_at_ms,
    };
    book_row_create(&book->notifications, &row->row);
    if (blocked) {
        invariant(before->notification.next_number == 0);
        before->notification.next_number = key.number;
        book_row_change(&before->row);
    }
    book->notifications_made = book->notifications_made || row->notification.due_at_ms != 0;
}

void notification_make(struct book *book, struct transfer *transfer, int64_t at_ms)
{
    const struct endpoints_row *endpoints = book_endpoints(book, transfer->merchant);
    invariant(book_row_exists(&endpoints->row));
    transfer->notifications++;
    told_make(book, transfer, NULL, at_ms);
    for (const struct endpoint_line *line = endpoints->first; line != NULL; line = line->next) {
        const struct endpoint *endpoint = &line->endpoint;
        if ((endpoint->state == ENDPOINT_ON || endpoint->state == ENDPOINT_FAILED) &&
            (endpoint->events & ENDPOINT_EVENT(transfer->state)) != 0)
            told_make(book, transfer, line, at_ms);
    }
}

/* --- What became of tries --- */

/* Wants the notification and, when it is loaded, what its end needs. */
static struct notification_row *told_want(struct book *book, struct notification_key key)
{
    struct notification_row *row = book_notification(book, key);
    if (row->row.state == ROW_WANTED || row->row.state == ROW_ABSENT)
        return row;
    if (key.endpoint != 0)
        (void)book_endpoints(book, row->notification.merchant);
    key.number = row->notification.next_number;
    if (key.number != 0)
        (void)book_notification(book, key);
    return row;
}

void delivery_want(const struct command *command, struct book *book)
{
    for (size_t i = 0; i < command->delivery.count; i++)
        (void)told_want(book, command->delivery.items[i].delivery.key);
}

/* The notification has ended: the one that waits for it may go. */
static void notification_end(struct book *book, struct notification *notification,
                             enum notification_state state, int64_t at_ms)
{
    struct notification_key key = notification->key;
    key.number = notification->next_number;
    notification->state = state;
    notification->due_at_ms = 0;
    notification->ended_at_ms = at_ms;
    notification->next_number = 0;
    if (key.number == 0)
        return;
    struct notification_row *next = book_notification(book, key);
    invariant(book_row_exists(&next->row));
    invariant(next->notification.state == NOTIFICATION_BLOCKED);
    next->notification.state = NOTIFICATION_DUE;
    next->notification.due_at_ms = at_ms;
    book_row_change(&next->row);
    book->notifications_made = true;
}

/* It was not tried, since its endpoint is not told anything: it ends, if that is still so. */
static void untried_decide(struct delivery_item *item, struct book *book,
                           struct notification_row *row, const struct endpoint_line *line,
                           int64_t at_ms)
{
    invariant(row->notification.key.endpoint != 0);
    item->next_at_ms = row->notification.due_at_ms;
    if (row->notification.state != NOTIFICATION_DUE ||
        (line != NULL && line->endpoint.state == ENDPOINT_ON))
        return;
    item->next_at_ms = 0;
    notification_end(book, &row->notification, NOTIFICATION_DEAD, at_ms);
    book_row_change(&row->row);
}

static void delivery_item_decide(struct delivery_item *item, struct book *book, int64_t at_ms)
{
    struct notification_row *row = book_notification(book, item->delivery.key);
    struct endpoint_line *line = NULL;
    if (!book_row_exists(&row->row))
        return;
    struct notification *notification = &row->notification;
    if (notification->key.endpoint != 0)
        line = book_endpoint(book, notification->merchant, notification->key.endpoint);
    if (item->untried) {
        untried_decide(item, book, row, line, at_ms);
        return;
    }
    item->delivery.attempt = ++notification->attempts;
    book_row_change(&row->row);
    book_deliver(book, &item->delivery);
    if (line != NULL) {
        endpoint_tried(&line->endpoint, item->delivered, at_ms);
        book_endpoint_change(book, line);
    }
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

/* --- Redelivery --- */

void redeliver_want(const struct command *command, struct book *book)
{
    for (size_t i = 0; i < command->redeliver.count; i++)
        (void)told_want(book, command->redeliver.items[i].key);
}

/* Makes one that has ended due again; behind `before`, when that is open and nothing waits for it.
 */
static void redelivery_begin(struct book *book, struct notification_row *row,
                             struct notification_row *before, int64_t at_ms)
{
    struct notification *notification = &row->notification;
    bool blocked = before != NULL && notification_open(&before->notification) &&
                   before->notification.next_number == 0;
    invariant(!notification_open(notification) && notification->next_number == 0);
    notification->state = blocked ? NOTIFICATION_BLOCKED : NOTIFICATION_DUE;
    notification->due_at_ms = blocked ? 0 : at_ms;
    notification->ended_at_ms = 0;
    notification->redeliveries++;
    notification->redelivered_at_ms = at_ms;
    notification->attempts_before = notification->attempts;
    book_row_change(&row->row);
    book->notifications_made = book->notifications_made || !blocked;
    if (!blocked)
        return;
    before->notification.next_number = notification->key.number;
    book_row_change(&before->row);
}

static enum redelivery redelivery_decide(struct book *book, const struct redeliver *redeliver,
                                         struct notification_key key,
                                         struct notification_row *before, int64_t at_ms)
{
    struct notification_row *row = book_notification(book, key);
    if (!book_row_exists(&row->row) ||
        (redeliver->merchant.value != 0 &&
         row->notification.merchant.value != redeliver->merchant.value))
        return REDELIVERY_UNKNOWN;
    struct notification *notification = &row->notification;
    if (key.endpoint != 0) {
        const struct endpoint_line *line =
            book_endpoint(book, notification->merchant, key.endpoint);
        if (line == NULL || line->endpoint.state != ENDPOINT_ON)
            return REDELIVERY_OFF;
    }
    if (notification->redelivered_at_ms >= redeliver->as_of_ms)
        return REDELIVERY_AGAIN;
    if (!notification_open(notification)) {
        redelivery_begin(book, row, before, at_ms);
        return REDELIVERY_BEGUN;
    }
    if (notification->state == NOTIFICATION_DUE && notification->due_at_ms > at_ms) {
        notification->due_at_ms = at_ms; /* It waits for its next try: that is now. */
        book_row_change(&row->row);
        book->notifications_made = true;
    }
    return REDELIVERY_WAITING;
}

/* Writes down what a person had sent again. */
static void redelivery_act(const struct command *command, struct book *book)
{
    const struct redeliver *redeliver = &command->redeliver;
    struct act_changes changes;
    char subject[TRANSFER_ID_TEXT_BYTES] = "";
    if (redeliver->begun == 0)
        return;
    if (redeliver->items[0].key.transfer.value ==
        redeliver->items[redeliver->count - 1].key.transfer.value)
        transfer_id_text(redeliver->items[0].key.transfer, subject);
    act_changes_begin(&changes, true);
    act_tell_number(&changes, "notifications", (int64_t)redeliver->begun);
    act_write(book, command, ACT_REDELIVER, redeliver->merchant, subject, &changes);
}

void redeliver_decide(struct command *command, struct book *book)
{
    struct redeliver *redeliver = &command->redeliver;
    struct notification_row *before = NULL;
    invariant(redeliver->count <= REDELIVER_ITEMS_MAX && redeliver->as_of_ms > 0);
    redeliver->begun = 0;
    for (size_t i = 0; i < redeliver->count; i++) {
        struct notification_key key = redeliver->items[i].key;
        if (before != NULL && (before->notification.key.transfer.value != key.transfer.value ||
                               before->notification.key.endpoint != key.endpoint))
            before = NULL;
        invariant(i == 0 || notification_key_compare(redeliver->items[i - 1].key, key) < 0);
        redeliver->items[i].effect =
            redelivery_decide(book, redeliver, key, before, command->at_ms);
        redeliver->begun += redeliver->items[i].effect == REDELIVERY_BEGUN;
        struct notification_row *row = book_notification(book, key);
        if (book_row_exists(&row->row))
            before = row;
    }
    redelivery_act(command, book);
    command->code = PAYOUT_OK;
}

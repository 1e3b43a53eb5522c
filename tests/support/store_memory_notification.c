/* What readers of the store in memory see of who is told what. */
#include <stdlib.h>
#include <string.h>

#include "support/store_memory.h"

static int order(int64_t left, int64_t right)
{
    return (left > right) - (left < right);
}

/* --- What is due --- */

static int cursor_compare(struct notification_cursor left, struct notification_cursor right)
{
    int by_time = order(left.due_at_ms, right.due_at_ms);
    return by_time != 0 ? by_time : notification_key_compare(left.key, right.key);
}

static struct notification_cursor cursor_of(const struct notification *notification)
{
    return (struct notification_cursor){notification->due_at_ms, notification->key};
}

static int due_compare(const void *a, const void *b)
{
    return cursor_compare(cursor_of(&((const struct due_notification *)a)->notification),
                          cursor_of(&((const struct due_notification *)b)->notification));
}

/* The transfer of a notification that is there. */
static struct transfer transfer_of(const struct store_memory_tables *tables, struct transfer_id id)
{
    size_t i = 0;
    while (i < tables->transfer_count && tables->transfers[i].id.value != id.value)
        i++;
    invariant(i < tables->transfer_count);
    return tables->transfers[i];
}

/* What is due of one queue, or (0) of all. */
static void due_list(struct store_reader *reader, struct arena *arena, int64_t queue,
                     int64_t now_ms, struct notification_cursor after, size_t limit,
                     struct due_notification **due, size_t *count)
{
    store_memory_lock(reader->store);
    const struct store_memory_tables *tables = store_memory_tables(reader->store);
    size_t found_count = 0;
    for (size_t i = 0; i < tables->notification_count; i++)
        found_count += tables->notifications[i].state == NOTIFICATION_DUE;
    struct due_notification *found = arena_alloc(arena, found_count + 1, sizeof *found);
    found_count = 0;
    for (size_t i = 0; i < tables->notification_count; i++) {
        const struct notification *notification = &tables->notifications[i];
        if (notification->state == NOTIFICATION_DUE && notification->due_at_ms <= now_ms &&
            (queue == 0 || notification->queue == queue) &&
            cursor_compare(cursor_of(notification), after) > 0)
            found[found_count++].notification = *notification;
    }
    qsort(found, found_count, sizeof *found, due_compare);
    *due = found;
    *count = found_count < limit ? found_count : limit;
    for (size_t i = 0; i < *count; i++)
        found[i].transfer = transfer_of(tables, found[i].notification.key.transfer);
    store_memory_unlock(reader->store);
}

enum fault_kind store_read_due_notifications(struct store_reader *reader, struct arena *arena,
                                             int64_t now_ms, struct notification_cursor after,
                                             size_t limit, struct due_notification **due,
                                             size_t *count, struct fault *fault)
{
    (void)fault;
    due_list(reader, arena, 0, now_ms, after, limit, due, count);
    return FAULT_NONE;
}

enum fault_kind store_read_queue(struct store_reader *reader, struct arena *arena, int64_t queue,
                                 int64_t now_ms, struct notification_cursor after, size_t limit,
                                 struct due_notification **due, size_t *count, struct fault *fault)
{
    (void)fault;
    due_list(reader, arena, queue, now_ms, after, limit, due, count);
    return FAULT_NONE;
}

static int queue_compare(const void *a, const void *b)
{
    const struct due_queue *left = a, *right = b;
    int by_queue = order(left->queue, right->queue);
    return by_queue != 0 ? by_queue : order(left->due_at_ms, right->due_at_ms);
}

enum fault_kind store_read_queues(struct store_reader *reader, struct arena *arena, int64_t after,
                                  size_t limit, struct due_queue **queues, size_t *count,
                                  struct fault *fault)
{
    (void)fault;
    store_memory_lock(reader->store);
    const struct store_memory_tables *tables = store_memory_tables(reader->store);
    struct due_queue *found = arena_alloc(arena, tables->notification_count + 1, sizeof *found);
    size_t all = 0;
    for (size_t i = 0; i < tables->notification_count; i++)
        if (tables->notifications[i].state == NOTIFICATION_DUE &&
            tables->notifications[i].queue > after)
            found[all++] = (struct due_queue){tables->notifications[i].queue,
                                              tables->notifications[i].due_at_ms};
    store_memory_unlock(reader->store);
    qsort(found, all, sizeof *found, queue_compare);
    *queues = found;
    *count = 0;
    for (size_t i = 0; i < all && *count < limit; i++)
        if (*count == 0 || found[*count - 1].queue != found[i].queue)
            found[(*count)++] = found[i];
    return FAULT_NONE;
}

/* --- What was told --- */

static struct merchant_id after_merchant(const struct notification_filter *filter)
{
    return filter->merchant.value != 0 ? filter->merchant : filter->after_merchant;
}

static bool told_fits(const struct notification *each, const struct notification_filter *filter)
{
    int place = notification_key_compare(each->key, filter->after);
    if (filter->dead && each->merchant.value != after_merchant(filter).value)
        place = order(each->merchant.value, after_merchant(filter).value);
    bool ended = each->state == NOTIFICATION_DEAD ||
                 (each->state == NOTIFICATION_DELIVERED && !filter->dead);
    return ended && place > 0 && each->key.transfer.value >= filter->from.value &&
           each->key.transfer.value < filter->before.value &&
           (filter->merchant.value == 0 || each->merchant.value == filter->merchant.value) &&
           (filter->endpoint < 0 || each->key.endpoint == filter->endpoint);
}

static int told_compare(const void *a, const void *b)
{
    return notification_key_compare(((const struct told_notification *)a)->notification.key,
                                    ((const struct told_notification *)b)->notification.key);
}

static int dead_compare(const void *a, const void *b)
{
    int by_merchant = order(((const struct told_notification *)a)->notification.merchant.value,
                            ((const struct told_notification *)b)->notification.merchant.value);
    return by_merchant != 0 ? by_merchant : told_compare(a, b);
}

enum fault_kind store_read_told(struct store_reader *reader, struct arena *arena,
                                const struct notification_filter *filter, size_t limit,
                                struct told_notification **told, size_t *count, struct fault *fault)
{
    (void)fault;
    store_memory_lock(reader->store);
    const struct store_memory_tables *tables = store_memory_tables(reader->store);
    struct told_notification *found =
        arena_alloc(arena, tables->notification_count + 1, sizeof *found);
    size_t all = 0;
    for (size_t i = 0; i < tables->notification_count; i++)
        if (told_fits(&tables->notifications[i], filter))
            found[all++].notification = tables->notifications[i];
    qsort(found, all, sizeof *found, filter->dead ? dead_compare : told_compare);
    *told = found;
    *count = all < limit ? all : limit;
    for (size_t i = 0; i < *count; i++) {
        found[i].transfer = transfer_of(tables, found[i].notification.key.transfer);
        found[i].last = (struct delivery){.key = found[i].notification.key, .error = ""};
        for (size_t j = 0; j < tables->delivery_count; j++)
            if (notification_key_compare(tables->deliverys[j].key, found[i].notification.key) ==
                    0 &&
                tables->deliverys[j].attempt == found[i].notification.attempts)
                found[i].last = tables->deliverys[j];
    }
    store_memory_unlock(reader->store);
    return FAULT_NONE;
}

static int notification_compare(const void *a, const void *b)
{
    return notification_key_compare(((const struct notification *)a)->key,
                                    ((const struct notification *)b)->key);
}

static int delivery_compare(const void *a, const void *b)
{
    const struct delivery *left = a, *right = b;
    int by_key = notification_key_compare(left->key, right->key);
    return by_key != 0 ? by_key : order(left->attempt, right->attempt);
}

enum fault_kind store_read_notifications(struct store_reader *reader, struct arena *arena,
                                         struct transfer_id transfer,
                                         struct notification **notifications,
                                         size_t *notification_count, struct delivery **deliveries,
                                         size_t *delivery_count, struct fault *fault)
{
    (void)fault;
    store_memory_lock(reader->store);
    const struct store_memory_tables *tables = store_memory_tables(reader->store);
    *notifications = arena_alloc(arena, tables->notification_count + 1, sizeof **notifications);
    *deliveries = arena_alloc(arena, tables->delivery_count + 1, sizeof **deliveries);
    *notification_count = *delivery_count = 0;
    for (size_t i = 0; i < tables->notification_count; i++)
        if (tables->notifications[i].key.transfer.value == transfer.value)
            (*notifications)[(*notification_count)++] = tables->notifications[i];
    for (size_t i = 0; i < tables->delivery_count; i++)
        if (tables->deliverys[i].key.transfer.value == transfer.value)
            (*deliveries)[(*delivery_count)++] = tables->deliverys[i];
    store_memory_unlock(reader->store);
    qsort(*notifications, *notification_count, sizeof **notifications, notification_compare);
    qsort(*deliveries, *delivery_count, sizeof **deliveries, delivery_compare);
    return FAULT_NONE;
}

/* --- Endpoints --- */

static int endpoint_compare(const void *a, const void *b)
{
    const struct endpoint *left = a, *right = b;
    int by_merchant = order(left->merchant.value, right->merchant.value);
    return by_merchant != 0 ? by_merchant : order(left->number, right->number);
}

enum fault_kind store_read_endpoints(struct store_reader *reader, struct arena *arena,
                                     struct merchant_id merchant, struct endpoint **endpoints,
                                     size_t *count, struct fault *fault)
{
    (void)fault;
    store_memory_lock(reader->store);
    const struct store_memory_tables *tables = store_memory_tables(reader->store);
    *endpoints = arena_alloc(arena, tables->endpoint_count + 1, sizeof **endpoints);
    *count = 0;
    for (size_t i = 0; i < tables->endpoint_count; i++)
        if (tables->endpoints[i].merchant.value == merchant.value &&
            tables->endpoints[i].state != ENDPOINT_REMOVED)
            (*endpoints)[(*count)++] = tables->endpoints[i];
    store_memory_unlock(reader->store);
    qsort(*endpoints, *count, sizeof **endpoints, endpoint_compare);
    return FAULT_NONE;
}

enum fault_kind store_read_endpoints_after(struct store_reader *reader, struct arena *arena,
                                           struct merchant_id merchant, int32_t number,
                                           bool failing, size_t limit, struct endpoint **endpoints,
                                           size_t *count, struct fault *fault)
{
    (void)fault;
    const struct endpoint after = {.merchant = merchant, .number = number};
    store_memory_lock(reader->store);
    const struct store_memory_tables *tables = store_memory_tables(reader->store);
    *endpoints = arena_alloc(arena, tables->endpoint_count + 1, sizeof **endpoints);
    *count = 0;
    for (size_t i = 0; i < tables->endpoint_count; i++) {
        const struct endpoint *each = &tables->endpoints[i];
        bool fits = failing ? each->state == ENDPOINT_ON && each->failing_since_ms != 0
                            : each->state != ENDPOINT_REMOVED;
        if (fits && endpoint_compare(each, &after) > 0)
            (*endpoints)[(*count)++] = *each;
    }
    store_memory_unlock(reader->store);
    qsort(*endpoints, *count, sizeof **endpoints, endpoint_compare);
    *count = *count < limit ? *count : limit;
    return FAULT_NONE;
}

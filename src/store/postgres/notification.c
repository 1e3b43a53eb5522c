/* Who is told what, as readers see it: notifications, the tries to deliver them, and endpoints. */
#include "store/postgres/postgres.h"

static struct reader *reader_of(struct store_reader *reader)
{
    return (struct reader *)(void *)reader;
}

static void key_put(struct query *query, struct notification_key key)
{
    pg_query_put(query, key.transfer.value);
    pg_query_put(query, key.endpoint);
    pg_query_put(query, key.number);
}

/* --- What is due --- */

static enum fault_kind due_list(struct query *query, struct due_notification **due, size_t *count,
                                struct fault *fault)
{
    struct row_list list = {.arena = query->arena, .size = sizeof(struct due_notification)};
    while (pg_query_next(query)) {
        struct due_notification *row = pg_row_list_add(&list);
        row_get(query, TABLE_NOTIFICATION, &row->notification);
        row_get(query, TABLE_TRANSFER, &row->transfer);
    }
    *due = list.rows;
    *count = list.count;
    return pg_query_end(query, fault);
}

static void due_put(struct query *query, int64_t now_ms, struct notification_cursor after,
                    size_t limit)
{
    pg_query_put(query, now_ms);
    pg_query_put(query, after.due_at_ms);
    key_put(query, after.key);
    pg_query_put_limit(query, limit);
}

enum fault_kind postgres_read_due_notifications(struct store_reader *reader, struct arena *arena,
                                                int64_t now_ms, struct notification_cursor after,
                                                size_t limit, struct due_notification **due,
                                                size_t *count, struct fault *fault)
{
    struct query query;
    pg_query_begin(&query, reader_of(reader), STATEMENT_NOTIFICATIONS_DUE, arena);
    due_put(&query, now_ms, after, limit);
    pg_query_put(&query, reader->shards);
    return due_list(&query, due, count, fault);
}

enum fault_kind postgres_read_queue(struct store_reader *reader, struct arena *arena, int64_t queue,
                                    int64_t now_ms, struct notification_cursor after, size_t limit,
                                    struct due_notification **due, size_t *count,
                                    struct fault *fault)
{
    struct query query;
    pg_query_begin(&query, reader_of(reader), STATEMENT_QUEUE_DUE, arena);
    due_put(&query, now_ms, after, limit);
    pg_query_put(&query, queue);
    return due_list(&query, due, count, fault);
}

enum fault_kind postgres_read_queues(struct store_reader *reader, struct arena *arena,
                                     int64_t after, size_t limit, struct due_queue **queues,
                                     size_t *count, struct fault *fault)
{
    struct query query;
    struct row_list list = {.arena = arena, .size = sizeof(struct due_queue)};
    pg_query_begin(&query, reader_of(reader), STATEMENT_QUEUES, arena);
    pg_query_put(&query, after);
    pg_query_put_limit(&query, limit);
    pg_query_put(&query, reader->shards);
    while (pg_query_next(&query)) {
        struct due_queue *row = pg_row_list_add(&list);
        row->queue = pg_query_get(&query);
        row->due_at_ms = pg_query_get(&query);
    }
    *queues = list.rows;
    *count = list.count;
    return pg_query_end(&query, fault);
}

/* --- What was told --- */

/* The last try: its key is the notification's. */
static void last_get(struct query *query, struct delivery *delivery, struct notification_key key)
{
    delivery->key = key;
    delivery->attempt = (int32_t)pg_query_get(query);
    delivery->at_ms = pg_query_get(query);
    delivery->duration_ms = pg_query_get(query);
    delivery->http_status = (int)pg_query_get(query);
    delivery->error = pg_query_get_text(query);
}

enum fault_kind postgres_read_told(struct store_reader *reader, struct arena *arena,
                                   const struct notification_filter *filter, size_t limit,
                                   struct told_notification **told, size_t *count,
                                   struct fault *fault)
{
    struct query query;
    struct row_list list = {.arena = arena, .size = sizeof(struct told_notification)};
    bool all = filter->dead && filter->merchant.value == 0;
    pg_query_begin(&query, reader_of(reader),
                   all            ? STATEMENT_DEAD
                   : filter->dead ? STATEMENT_DEAD_OF
                                  : STATEMENT_TOLD,
                   arena);
    pg_query_put(&query, filter->from.value);
    pg_query_put(&query, filter->before.value);
    pg_query_put(&query, filter->endpoint);
    key_put(&query, filter->after);
    pg_query_put_limit(&query, limit);
    pg_query_put(&query, all ? filter->after_merchant.value : filter->merchant.value);
    while (pg_query_next(&query)) {
        struct told_notification *row = pg_row_list_add(&list);
        row_get(&query, TABLE_NOTIFICATION, &row->notification);
        row_get(&query, TABLE_TRANSFER, &row->transfer);
        last_get(&query, &row->last, row->notification.key);
    }
    *told = list.rows;
    *count = list.count;
    return pg_query_end(&query, fault);
}

/* --- A transfer's delivery log: two statements, so a view around them --- */

enum fault_kind postgres_read_notifications(struct store_reader *reader, struct arena *arena,
                                            struct transfer_id transfer,
                                            struct notification **notifications,
                                            size_t *notification_count,
                                            struct delivery **deliveries, size_t *delivery_count,
                                            struct fault *fault)
{
    struct query query;
    *notifications = NULL;
    *deliveries = NULL;
    *notification_count = *delivery_count = 0;
    enum fault_kind kind = view_begin(reader_of(reader), false, fault);
    if (kind != FAULT_NONE)
        return kind;
    pg_query_begin(&query, reader_of(reader), STATEMENT_NOTIFICATIONS, arena);
    pg_query_put(&query, transfer.value);
    kind = pg_query_list(&query, TABLE_NOTIFICATION, sizeof(struct notification), notifications,
                         notification_count, fault);
    if (kind == FAULT_NONE) {
        pg_query_begin(&query, reader_of(reader), STATEMENT_DELIVERIES, arena);
        pg_query_put(&query, transfer.value);
        kind = pg_query_list(&query, TABLE_DELIVERY, sizeof(struct delivery), deliveries,
                             delivery_count, fault);
    }
    view_end(reader_of(reader));
    return kind;
}

/* --- Endpoints --- */

enum fault_kind postgres_read_endpoints(struct store_reader *reader, struct arena *arena,
                                        struct merchant_id merchant, struct endpoint **endpoints,
                                        size_t *count, struct fault *fault)
{
    struct query query;
    pg_query_begin(&query, reader_of(reader), STATEMENT_ENDPOINTS_OF, arena);
    pg_query_put(&query, merchant.value);
    return pg_query_list(&query, TABLE_ENDPOINT, sizeof(struct endpoint), endpoints, count, fault);
}

enum fault_kind postgres_read_endpoints_after(struct store_reader *reader, struct arena *arena,
                                              struct merchant_id merchant, int32_t number,
                                              bool failing, size_t limit,
                                              struct endpoint **endpoints, size_t *count,
                                              struct fault *fault)
{
    struct query query;
    pg_query_begin(&query, reader_of(reader),
                   failing ? STATEMENT_ENDPOINTS_FAILING : STATEMENT_ENDPOINTS, arena);
    pg_query_put(&query, merchant.value);
    pg_query_put(&query, number);
    pg_query_put_limit(&query, limit);
    return pg_query_list(&query, TABLE_ENDPOINT, sizeof(struct endpoint), endpoints, count, fault);
}

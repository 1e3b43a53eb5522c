/* Who is told what: notifications, the tries to deliver them, and endpoints; the lane's side first,
 * then the readers'. */
#include "store/sqlite/sqlite.h"

static struct connection *connection_of(struct store_reader *reader)
{
    return &((struct sqlite_reader *)(void *)reader)->connection;
}

/* A text that is never NULL in the database, whatever a damaged one holds. */
static const char *text_get(struct query *query)
{
    const char *text = query_get_text(query);
    if (text == NULL) {
        query->implausible = true;
        return "";
    }
    return text;
}

/* --- Rows --- */

static void key_get(struct query *query, struct notification_key *key)
{
    key->transfer.value = query_get(query);
    key->endpoint = query_get_32(query);
    key->number = query_get_32(query);
}

static void key_put(struct query *query, struct notification_key key)
{
    query_put(query, key.transfer.value);
    query_put(query, key.endpoint);
    query_put(query, key.number);
}

void row_get_notification(struct query *query, struct notification *notification)
{
    key_get(query, &notification->key);
    notification->merchant.value = query_get(query);
    notification->queue = query_get(query);
    notification->state =
        (enum notification_state)query_get_enum(query, NOTIFICATION_BLOCKED, NOTIFICATION_DEAD + 1);
    notification->due_at_ms = query_get(query);
    notification->next_number = query_get_32(query);
    notification->attempts = query_get_32(query);
    notification->created_at_ms = query_get(query);
    notification->ended_at_ms = query_get(query);
    notification->transfer_state =
        (enum transfer_state)query_get_enum(query, TRANSFER_NEW, TRANSFER_STATE_END);
    notification->confirmed = query_get_bool(query);
    notification->reason = (enum transfer_reason)query_get_enum(query, 0, TRANSFER_REASON_END);
    notification->operator_reference = text_get(query);
    notification->validated_at_ms = query_get(query);
    notification->redeliveries = query_get_32(query);
    notification->redelivered_at_ms = query_get(query);
    notification->attempts_before = query_get_32(query);
    if (notification->attempts_before > notification->attempts)
        query->implausible = true;
}

void row_put_notification(struct query *query, const struct notification *notification)
{
    key_put(query, notification->key);
    query_put(query, notification->merchant.value);
    query_put(query, notification->queue);
    query_put(query, notification->state);
    query_put(query, notification->due_at_ms);
    query_put(query, notification->next_number);
    query_put(query, notification->attempts);
    query_put(query, notification->created_at_ms);
    query_put(query, notification->ended_at_ms);
    query_put(query, notification->transfer_state);
    query_put(query, notification->confirmed);
    query_put(query, notification->reason);
    query_put_text(query, notification->operator_reference);
    query_put(query, notification->validated_at_ms);
    query_put(query, notification->redeliveries);
    query_put(query, notification->redelivered_at_ms);
    query_put(query, notification->attempts_before);
}

/* What never changes of a notification is not written again. */
static void notification_change_put(struct query *query, const struct notification *notification)
{
    query_put(query, notification->state);
    query_put(query, notification->due_at_ms);
    query_put(query, notification->next_number);
    query_put(query, notification->attempts);
    query_put(query, notification->ended_at_ms);
    query_put(query, notification->redeliveries);
    query_put(query, notification->redelivered_at_ms);
    query_put(query, notification->attempts_before);
    key_put(query, notification->key);
}

static void delivery_rest_get(struct query *query, struct delivery *delivery)
{
    delivery->attempt = query_get_32(query);
    delivery->at_ms = query_get(query);
    delivery->duration_ms = query_get(query);
    delivery->http_status = query_get_32(query);
    delivery->error = text_get(query);
}

void row_get_delivery(struct query *query, struct delivery *delivery)
{
    key_get(query, &delivery->key);
    delivery_rest_get(query, delivery);
}

void row_put_delivery(struct query *query, const struct delivery *delivery)
{
    key_put(query, delivery->key);
    query_put(query, delivery->attempt);
    query_put(query, delivery->at_ms);
    query_put(query, delivery->duration_ms);
    query_put(query, delivery->http_status);
    query_put_text(query, delivery->error);
}

void row_get_endpoint(struct query *query, struct endpoint *endpoint)
{
    endpoint->merchant.value = query_get(query);
    endpoint->number = query_get_32(query);
    endpoint->id = query_get(query);
    endpoint->state = (enum endpoint_state)query_get_enum(query, ENDPOINT_ON, ENDPOINT_STATE_END);
    endpoint->format =
        (enum endpoint_format)query_get_enum(query, ENDPOINT_FORM, ENDPOINT_FORMAT_END);
    endpoint->events = (unsigned)query_get_enum(query, 1, (int)ENDPOINT_EVENTS_ALL + 1);
    query_get_chars(query, endpoint->url, sizeof endpoint->url);
    query_get_chars(query, endpoint->secret_key, sizeof endpoint->secret_key);
    query_get_chars(query, endpoint->secret_before, sizeof endpoint->secret_before);
    endpoint->secret_before_until_ms = query_get(query);
    endpoint->created_at_ms = query_get(query);
    endpoint->changed_at_ms = query_get(query);
    endpoint->failures = query_get_32(query);
    endpoint->failing_since_ms = query_get(query);
    endpoint->day = query_get(query);
    endpoint->day_tries = query_get_32(query);
    endpoint->day_failures = query_get_32(query);
    endpoint->bad_day = query_get(query);
    endpoint->mails = query_get_32(query);
}

/* How it has been doing. */
static void endpoint_rest_put(struct query *query, const struct endpoint *endpoint)
{
    query_put(query, endpoint->failures);
    query_put(query, endpoint->failing_since_ms);
    query_put(query, endpoint->day);
    query_put(query, endpoint->day_tries);
    query_put(query, endpoint->day_failures);
    query_put(query, endpoint->bad_day);
    query_put(query, endpoint->mails);
}

static void endpoint_settings_put(struct query *query, const struct endpoint *endpoint)
{
    query_put(query, endpoint->state);
    query_put(query, endpoint->format);
    query_put(query, endpoint->events);
    query_put_text(query, endpoint->url);
    query_put_text(query, endpoint->secret_key);
    query_put_text(query, endpoint->secret_before);
    query_put(query, endpoint->secret_before_until_ms);
}

/* --- The lane's side --- */

enum fault_kind notifications_load(struct connection *writer, struct book *book,
                                   struct fault *fault)
{
    enum fault_kind kind = FAULT_NONE;
    for (struct notification_row *each =
             (struct notification_row *)(void *)book->notifications.wanted;
         each != NULL && kind == FAULT_NONE;
         each = (struct notification_row *)(void *)each->row.next) {
        struct query query;
        query_begin(&query, writer, STATEMENT_NOTIFICATION_FIND, book->arena);
        key_put(&query, each->notification.key);
        each->row.state = query_next(&query) ? ROW_STORED : ROW_ABSENT;
        if (each->row.state == ROW_STORED)
            row_get_notification(&query, &each->notification);
        kind = query_end(&query, fault);
    }
    return kind;
}

static enum fault_kind endpoint_last_load(struct connection *writer, struct endpoints_row *row,
                                          struct fault *fault)
{
    struct query query;
    query_begin(&query, writer, STATEMENT_ENDPOINT_LAST, NULL);
    query_put(&query, row->merchant.value);
    row->last_number = query_next(&query) ? query_get_32(&query) : 0; /* NULL is 0. */
    return query_end(&query, fault);
}

enum fault_kind endpoints_load(struct connection *writer, struct book *book, struct fault *fault)
{
    enum fault_kind kind = FAULT_NONE;
    for (struct endpoints_row *each = (struct endpoints_row *)(void *)book->endpoints.wanted;
         each != NULL && kind == FAULT_NONE;
         each = (struct endpoints_row *)(void *)each->row.next) {
        struct query query;
        query_begin(&query, writer, STATEMENT_ENDPOINTS_FIND, NULL);
        query_put(&query, each->merchant.value);
        while (query_next(&query))
            row_get_endpoint(&query, &book_endpoint_line(book, each)->endpoint);
        each->row.state = ROW_STORED;
        kind = query_end(&query, fault);
        if (kind == FAULT_NONE)
            kind = endpoint_last_load(writer, each, fault);
    }
    return kind;
}

/* Runs a statement that writes exactly one row. */
static enum fault_kind write_run(struct query *query, struct fault *fault)
{
    enum fault_kind kind = query_run(query, fault);
    if (kind == FAULT_NONE)
        invariant(sqlite3_changes(query->connection->db) == 1); /* It was loaded a moment ago. */
    return kind;
}

enum fault_kind notifications_save(struct connection *writer, struct book *book,
                                   struct fault *fault)
{
    enum fault_kind kind = FAULT_NONE;
    struct query query;
    for (const struct notification_row *each =
             (const struct notification_row *)(void *)book->notifications.first;
         each != NULL && kind == FAULT_NONE;
         each = (const struct notification_row *)(void *)each->row.next) {
        if (each->row.state == ROW_NEW) {
            query_begin(&query, writer, STATEMENT_NOTIFICATION_ADD, NULL);
            row_put_notification(&query, &each->notification);
            kind = write_run(&query, fault);
        } else if (each->row.state == ROW_CHANGED) {
            query_begin(&query, writer, STATEMENT_NOTIFICATION_CHANGE, NULL);
            notification_change_put(&query, &each->notification);
            kind = write_run(&query, fault);
        }
    }
    for (const struct delivery_line *line = book->deliveries; line != NULL && kind == FAULT_NONE;
         line = line->next) {
        query_begin(&query, writer, STATEMENT_DELIVERY_ADD, NULL);
        row_put_delivery(&query, &line->delivery);
        kind = write_run(&query, fault);
    }
    return kind;
}

static enum fault_kind endpoint_save(struct connection *writer, const struct endpoint_line *line,
                                     struct fault *fault)
{
    const struct endpoint *endpoint = &line->endpoint;
    struct query query;
    if (line->state == ROW_NEW) {
        query_begin(&query, writer, STATEMENT_ENDPOINT_ADD, NULL);
        query_put(&query, endpoint->merchant.value);
        query_put(&query, endpoint->number);
        query_put(&query, endpoint->id);
        endpoint_settings_put(&query, endpoint);
        query_put(&query, endpoint->created_at_ms);
        query_put(&query, endpoint->changed_at_ms);
        endpoint_rest_put(&query, endpoint);
    } else {
        query_begin(&query, writer, STATEMENT_ENDPOINT_CHANGE, NULL);
        endpoint_settings_put(&query, endpoint);
        query_put(&query, endpoint->changed_at_ms);
        endpoint_rest_put(&query, endpoint);
        query_put(&query, endpoint->merchant.value);
        query_put(&query, endpoint->number);
    }
    return write_run(&query, fault);
}

enum fault_kind endpoints_save(struct connection *writer, struct book *book, struct fault *fault)
{
    for (const struct endpoints_row *each =
             (const struct endpoints_row *)(void *)book->endpoints.first;
         each != NULL; each = (const struct endpoints_row *)(void *)each->row.next) {
        for (const struct endpoint_line *line = each->first; line != NULL; line = line->next) {
            if (line->state == ROW_STORED)
                continue;
            enum fault_kind kind = endpoint_save(writer, line, fault);
            if (kind != FAULT_NONE)
                return kind;
        }
    }
    return FAULT_NONE;
}

/* --- Reading: what is due --- */

static enum fault_kind due_list(struct query *query, struct arena *arena,
                                struct due_notification **due, size_t *count, struct fault *fault)
{
    struct row_list list = {.arena = arena, .size = sizeof(struct due_notification)};
    while (query_next(query)) {
        struct due_notification *row = row_list_add(&list);
        row_get_notification(query, &row->notification);
        row_get_transfer(query, &row->transfer);
    }
    *due = list.rows;
    *count = list.count;
    return query_end(query, fault);
}

static void due_put(struct query *query, int64_t now_ms, struct notification_cursor after,
                    size_t limit)
{
    query_put(query, now_ms);
    query_put(query, after.due_at_ms);
    key_put(query, after.key);
    query_put_limit(query, limit);
}

enum fault_kind sqlite_read_due_notifications(struct store_reader *reader, struct arena *arena,
                                              int64_t now_ms, struct notification_cursor after,
                                              size_t limit, struct due_notification **due,
                                              size_t *count, struct fault *fault)
{
    struct query query;
    query_begin(&query, connection_of(reader), STATEMENT_NOTIFICATIONS_DUE, arena);
    due_put(&query, now_ms, after, limit);
    return due_list(&query, arena, due, count, fault);
}

enum fault_kind sqlite_read_queue(struct store_reader *reader, struct arena *arena, int64_t queue,
                                  int64_t now_ms, struct notification_cursor after, size_t limit,
                                  struct due_notification **due, size_t *count, struct fault *fault)
{
    struct query query;
    query_begin(&query, connection_of(reader), STATEMENT_QUEUE_DUE, arena);
    due_put(&query, now_ms, after, limit);
    query_put(&query, queue);
    return due_list(&query, arena, due, count, fault);
}

enum fault_kind sqlite_read_queues(struct store_reader *reader, struct arena *arena, int64_t after,
                                   size_t limit, struct due_queue **queues, size_t *count,
                                   struct fault *fault)
{
    struct query query;
    struct row_list list = {.arena = arena, .size = sizeof(struct due_queue)};
    query_begin(&query, connection_of(reader), STATEMENT_QUEUES, arena);
    query_put(&query, after);
    query_put_limit(&query, limit);
    while (query_next(&query)) {
        struct due_queue *row = row_list_add(&list);
        row->queue = query_get(&query);
        row->due_at_ms = query_get(&query);
    }
    *queues = list.rows;
    *count = list.count;
    return query_end(&query, fault);
}

/* --- Reading: what was told --- */

enum fault_kind sqlite_read_told(struct store_reader *reader, struct arena *arena,
                                 const struct notification_filter *filter, size_t limit,
                                 struct told_notification **told, size_t *count,
                                 struct fault *fault)
{
    struct query query;
    struct row_list list = {.arena = arena, .size = sizeof(struct told_notification)};
    bool all = filter->dead && filter->merchant.value == 0;
    query_begin(&query, connection_of(reader),
                all            ? STATEMENT_DEAD
                : filter->dead ? STATEMENT_DEAD_OF
                               : STATEMENT_TOLD,
                arena);
    query_put(&query, filter->from.value);
    query_put(&query, filter->before.value);
    query_put(&query, filter->endpoint);
    key_put(&query, filter->after);
    query_put_limit(&query, limit);
    query_put(&query, all ? filter->after_merchant.value : filter->merchant.value);
    while (query_next(&query)) {
        struct told_notification *row = row_list_add(&list);
        row_get_notification(&query, &row->notification);
        row_get_transfer(&query, &row->transfer);
        row->last.key = row->notification.key;
        delivery_rest_get(&query, &row->last);
    }
    *told = list.rows;
    *count = list.count;
    return query_end(&query, fault);
}

/* --- Reading: a transfer's delivery log: two statements, so a transaction around them --- */

static enum fault_kind notifications_list(struct connection *connection, struct transfer_id id,
                                          struct row_list *list, struct fault *fault)
{
    struct query query;
    query_begin(&query, connection, STATEMENT_NOTIFICATIONS, list->arena);
    query_put(&query, id.value);
    while (query_next(&query))
        row_get_notification(&query, row_list_add(list));
    return query_end(&query, fault);
}

static enum fault_kind deliveries_list(struct connection *connection, struct transfer_id id,
                                       struct row_list *list, struct fault *fault)
{
    struct query query;
    query_begin(&query, connection, STATEMENT_DELIVERIES, list->arena);
    query_put(&query, id.value);
    while (query_next(&query))
        row_get_delivery(&query, row_list_add(list));
    return query_end(&query, fault);
}

enum fault_kind sqlite_read_notifications(struct store_reader *reader, struct arena *arena,
                                          struct transfer_id transfer,
                                          struct notification **notifications,
                                          size_t *notification_count, struct delivery **deliveries,
                                          size_t *delivery_count, struct fault *fault)
{
    struct connection *connection = connection_of(reader);
    struct row_list told = {.arena = arena, .size = sizeof(struct notification)};
    struct row_list tries = {.arena = arena, .size = sizeof(struct delivery)};
    enum fault_kind kind = connection_view_begin(connection, fault);
    if (kind != FAULT_NONE)
        return kind;
    kind = notifications_list(connection, transfer, &told, fault);
    if (kind == FAULT_NONE)
        kind = deliveries_list(connection, transfer, &tries, fault);
    connection_view_end(connection);
    *notifications = told.rows;
    *notification_count = told.count;
    *deliveries = tries.rows;
    *delivery_count = tries.count;
    return kind;
}

/* --- Reading: endpoints --- */

static enum fault_kind endpoints_list(struct query *query, struct arena *arena,
                                      struct endpoint **endpoints, size_t *count,
                                      struct fault *fault)
{
    struct row_list list = {.arena = arena, .size = sizeof(struct endpoint)};
    while (query_next(query))
        row_get_endpoint(query, row_list_add(&list));
    *endpoints = list.rows;
    *count = list.count;
    return query_end(query, fault);
}

enum fault_kind sqlite_read_endpoints(struct store_reader *reader, struct arena *arena,
                                      struct merchant_id merchant, struct endpoint **endpoints,
                                      size_t *count, struct fault *fault)
{
    struct query query;
    query_begin(&query, connection_of(reader), STATEMENT_ENDPOINTS_FIND, arena);
    query_put(&query, merchant.value);
    return endpoints_list(&query, arena, endpoints, count, fault);
}

enum fault_kind sqlite_read_endpoints_after(struct store_reader *reader, struct arena *arena,
                                            struct merchant_id merchant, int32_t number,
                                            bool failing, size_t limit, struct endpoint **endpoints,
                                            size_t *count, struct fault *fault)
{
    struct query query;
    query_begin(&query, connection_of(reader),
                failing ? STATEMENT_ENDPOINTS_FAILING : STATEMENT_ENDPOINTS, arena);
    query_put(&query, merchant.value);
    query_put(&query, number);
    query_put_limit(&query, limit);
    return endpoints_list(&query, arena, endpoints, count, fault);
}

#include "store/sqlite/sqlite.h"

static struct connection *connection_of(struct store_reader *reader)
{
    return &((struct sqlite_reader *)(void *)reader)->connection;
}

enum fault_kind sqlite_read_due_transfers(struct store_reader *reader, struct arena *arena,
                                          int64_t now_ms, size_t limit, struct transfer **transfers,
                                          size_t *count, struct fault *fault)
{
    struct query query;
    struct row_list list = {.arena = arena, .size = sizeof(struct transfer)};
    query_begin(&query, connection_of(reader), STATEMENT_TRANSFERS_DUE, arena);
    query_put(&query, now_ms);
    query_put_limit(&query, limit);
    while (query_next(&query))
        row_get_transfer(&query, row_list_add(&list));
    *transfers = list.rows;
    *count = list.count;
    return query_end(&query, fault);
}

enum fault_kind sqlite_read_due_notifications(struct store_reader *reader, struct arena *arena,
                                              int64_t now_ms, struct notification_cursor after,
                                              size_t limit, struct due_notification **due,
                                              size_t *count, struct fault *fault)
{
    struct query query;
    struct row_list list = {.arena = arena, .size = sizeof(struct due_notification)};
    query_begin(&query, connection_of(reader), STATEMENT_NOTIFICATIONS_DUE, arena);
    query_put(&query, now_ms);
    query_put(&query, after.due_at_ms);
    query_put(&query, after.transfer.value);
    query_put(&query, after.number);
    query_put_limit(&query, limit);
    while (query_next(&query)) {
        struct due_notification *row = row_list_add(&list);
        row_get_notification(&query, &row->notification);
        row_get_transfer(&query, &row->transfer);
    }
    *due = list.rows;
    *count = list.count;
    return query_end(&query, fault);
}

enum fault_kind sqlite_read_next_due(struct store_reader *reader, int64_t now_ms,
                                     struct next_due *next, struct fault *fault)
{
    struct query query;
    *next = (struct next_due){0};
    query_begin(&query, connection_of(reader), STATEMENT_NEXT_DUE, NULL);
    query_put(&query, now_ms);
    if (query_next(&query)) { /* min() of nothing is NULL, and that reads as 0: never. */
        next->transfer_at_ms = query_get(&query);
        next->notification_at_ms = query_get(&query);
        next->lot_at_ms = query_get(&query);
    }
    return query_end(&query, fault);
}

/* --- Figures --- */

/* Counts the transfers with a step, and finds the oldest of them: ids grow with time. */
static enum fault_kind figures_transfers(struct connection *connection, int64_t *count,
                                         int64_t *oldest, struct fault *fault)
{
    struct query query;
    query_begin(&query, connection, STATEMENT_FIGURES_TRANSFERS, NULL);
    if (query_next(&query)) {
        *count = query_get(&query);
        *oldest = query_get(&query);
    }
    return query_end(&query, fault);
}

static enum fault_kind figures_rest(struct connection *connection, int64_t oldest,
                                    struct store_figures *figures, struct fault *fault)
{
    struct query query;
    query_begin(&query, connection, STATEMENT_FIGURES, NULL);
    query_put(&query, oldest);
    if (query_next(&query)) {
        figures->oldest_unfinished_at_ms = query_get(&query);
        figures->notifications_waiting = query_get(&query);
        figures->contradictions = query_get(&query);
        figures->notifications_dead = query_get(&query);
        figures->proposals = query_get(&query);
        figures->suspected = query_get(&query);
        figures->database_bytes = query_get(&query);
    }
    return query_end(&query, fault);
}

enum fault_kind sqlite_read_figures(struct store_reader *reader, struct store_figures *figures,
                                    struct fault *fault)
{
    struct connection *connection = connection_of(reader);
    int64_t oldest = 0;
    *figures = (struct store_figures){0};
    enum fault_kind kind = connection_view_begin(connection, fault);
    if (kind != FAULT_NONE)
        return kind;
    kind = figures_transfers(connection, &figures->transfers_due, &oldest, fault);
    if (kind == FAULT_NONE)
        kind = figures_rest(connection, oldest, figures, fault);
    connection_view_end(connection);
    return kind;
}

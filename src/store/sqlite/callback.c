/* Callbacks that were parked. Columns as in sqlite.h. */
#include "store/sqlite/sqlite.h"

static void callback_get(struct query *query, struct callback *callback)
{
    callback->id = query_get(query);
    callback->channel = query_get_enum(query, 1, TRANSFER_CHANNEL_MAX + 1);
    query_get_bytes(query, callback->hash, sizeof callback->hash);
    callback->reference = row_get_text(query);
    callback->why = row_get_text(query);
    callback->body = row_get_text(query);
    callback->first_at_ms = query_get(query);
    callback->last_at_ms = query_get(query);
    callback->times = query_get(query);
}

enum fault_kind callback_load(struct connection *writer, struct book *book, struct fault *fault)
{
    enum fault_kind kind = FAULT_NONE;
    for (struct book_row *row = book->callbacks.wanted; row != NULL && kind == FAULT_NONE;
         row = row->next) {
        struct callback *callback = &((struct callback_row *)(void *)row)->callback;
        struct query query;
        query_begin(&query, writer, STATEMENT_CALLBACK_FIND, book->arena);
        query_put(&query, callback->channel);
        query_put_bytes(&query, callback->hash, sizeof callback->hash);
        bool found = query_next(&query);
        row->state = found ? ROW_STORED : ROW_ABSENT;
        if (found)
            callback_get(&query, callback);
        kind = query_end(&query, fault);
    }
    return kind;
}

static enum fault_kind callback_write(struct connection *writer, const struct callback *callback,
                                      bool fresh, struct fault *fault)
{
    struct query query;
    query_begin(&query, writer, fresh ? STATEMENT_CALLBACK_ADD : STATEMENT_CALLBACK_CHANGE, NULL);
    query_put(&query, callback->channel);
    query_put_bytes(&query, callback->hash, sizeof callback->hash);
    if (fresh) {
        query_put_text(&query, callback->reference);
        query_put_text(&query, callback->why);
        query_put_text(&query, callback->body);
        query_put(&query, callback->first_at_ms);
    }
    query_put(&query, callback->last_at_ms);
    query_put(&query, callback->times);
    return query_run(&query, fault);
}

enum fault_kind callback_save(struct connection *writer, struct book *book, struct fault *fault)
{
    enum fault_kind kind = FAULT_NONE;
    bool added = false;
    for (const struct book_row *row = book->callbacks.first; row != NULL && kind == FAULT_NONE;
         row = row->next) {
        if (row->state != ROW_NEW && row->state != ROW_CHANGED)
            continue;
        kind = callback_write(writer, &((const struct callback_row *)(const void *)row)->callback,
                              row->state == ROW_NEW, fault);
        added = added || row->state == ROW_NEW;
    }
    if (kind != FAULT_NONE || !added)
        return kind;
    struct query query;
    query_begin(&query, writer, STATEMENT_CALLBACK_TRIM, NULL);
    query_put(&query, CALLBACKS_PARKED_MAX);
    return query_run(&query, fault);
}

enum fault_kind sqlite_read_callbacks(struct store_reader *reader, struct arena *arena,
                                      int64_t before, size_t limit, struct callback **callbacks,
                                      size_t *count, struct fault *fault)
{
    struct connection *connection = &((struct sqlite_reader *)(void *)reader)->connection;
    struct query query;
    struct row_list list = {.arena = arena, .size = sizeof(struct callback)};
    query_begin(&query, connection, STATEMENT_CALLBACKS, arena);
    query_put(&query, before > 0 ? before : INT64_MAX);
    query_put_limit(&query, limit);
    while (query_next(&query))
        callback_get(&query, row_list_add(&list));
    *callbacks = list.rows;
    *count = list.count;
    return query_end(&query, fault);
}

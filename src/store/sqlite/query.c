#include <string.h>

#include "store/sqlite/sqlite.h"

void query_begin(struct query *query, struct connection *connection, enum statement_id id,
                 struct arena *arena)
{
    *query = (struct query){.connection = connection,
                            .statement = connection->statements[id],
                            .id = id,
                            .arena = arena,
                            .code = SQLITE_OK};
    invariant(query->statement != NULL); /* Prepared for this kind of connection. */
}

bool query_next(struct query *query)
{
    query->got = 0;
    query->code = sqlite3_step(query->statement);
    return query->code == SQLITE_ROW;
}

enum fault_kind query_end(struct query *query, struct fault *fault)
{
    enum fault_kind kind = FAULT_NONE;
    if (query->code != SQLITE_DONE && query->code != SQLITE_ROW && query->code != SQLITE_OK)
        kind = connection_fault(query->connection, query->code, connection_what(query->id), fault);
    else if (query->implausible)
        kind = fault_set(fault, FAULT_FINAL,
                         "%s: the database is damaged: it holds a row that makes no sense",
                         connection_what(query->id));
    (void)sqlite3_reset(query->statement); /* Says the step's code again. */
    return kind;
}

enum fault_kind query_run(struct query *query, struct fault *fault)
{
    (void)query_next(query);
    return query_end(query, fault);
}

/* --- Parameters: binding fails by our own mistake or for want of memory only --- */

void query_put(struct query *query, int64_t number)
{
    int code = sqlite3_bind_int64(query->statement, ++query->put, number);
    invariant(code == SQLITE_OK);
}

void query_put_limit(struct query *query, size_t limit)
{
    query_put(query, limit > INT64_MAX ? INT64_MAX : (int64_t)limit);
}

void query_put_text(struct query *query, const char *text)
{
    int code = sqlite3_bind_text(query->statement, ++query->put, text, -1, SQLITE_STATIC);
    invariant(code == SQLITE_OK);
}

void query_put_bytes(struct query *query, const void *bytes, size_t length)
{
    int code = sqlite3_bind_blob64(query->statement, ++query->put, bytes, length, SQLITE_STATIC);
    invariant(code == SQLITE_OK);
}

/* --- Columns --- */

int64_t query_get(struct query *query)
{
    return sqlite3_column_int64(query->statement, query->got++);
}

int32_t query_get_32(struct query *query)
{
    int64_t number = query_get(query);
    if (number < INT32_MIN || number > INT32_MAX) {
        query->implausible = true;
        return 0;
    }
    return (int32_t)number;
}

bool query_get_bool(struct query *query)
{
    return query_get(query) != 0;
}

int query_get_enum(struct query *query, int first, int end)
{
    int64_t number = query_get(query);
    if (number < first || number >= end) {
        query->implausible = true;
        return first;
    }
    return (int)number;
}

const char *query_get_text(struct query *query)
{
    int column = query->got++;
    const unsigned char *text = sqlite3_column_text(query->statement, column);
    if (text == NULL)
        return NULL;
    size_t length = (size_t)sqlite3_column_bytes(query->statement, column);
    char *copy = arena_alloc(query->arena, length + 1, 1);
    memcpy(copy, text, length); /* The arena zeroed what follows. */
    return copy;
}

void query_get_chars(struct query *query, char *text, size_t size)
{
    int column = query->got++;
    const unsigned char *stored = sqlite3_column_text(query->statement, column);
    size_t length = (size_t)sqlite3_column_bytes(query->statement, column);
    if (stored == NULL || length >= size) {
        query->implausible = true;
        text[0] = '\0';
        return;
    }
    memcpy(text, stored, length);
    text[length] = '\0';
}

void query_get_bytes(struct query *query, void *bytes, size_t length)
{
    int column = query->got++;
    const void *stored = sqlite3_column_blob(query->statement, column);
    if (stored == NULL || (size_t)sqlite3_column_bytes(query->statement, column) != length) {
        query->implausible = true;
        memset(bytes, 0, length);
        return;
    }
    memcpy(bytes, stored, length);
}

/* --- Lists --- */

enum { ROW_LIST_FIRST = 16 };

void *row_list_add(struct row_list *list)
{
    if (list->count == list->room) {
        size_t room = list->room == 0 ? ROW_LIST_FIRST : list->room * 2;
        void *rows = arena_alloc(list->arena, room, list->size);
        if (list->count > 0)
            memcpy(rows, list->rows, list->count * list->size);
        list->rows = rows;
        list->room = room;
    }
    return (char *)list->rows + list->size * list->count++;
}

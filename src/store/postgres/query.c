#include <string.h>

#include "store/postgres/postgres.h"

void pg_query_begin(struct query *query, struct reader *reader, enum statement_id id,
                    struct arena *arena)
{
    *query = (struct query){.reader = reader, .id = id, .arena = arena};
}

void pg_query_of_result(struct query *query, PGresult *result, int row, struct arena *arena)
{
    *query = (struct query){.arena = arena, .result = result, .row = row, .run = true};
}

/* Text that is no UTF-8 can't be in the database: whoever looks for it finds nothing. */
static bool failure_is_nothing_there(const struct connection *connection)
{
    return strcmp(connection->state, "22021") == 0;
}

static enum fault_kind query_try(struct query *query)
{
    struct connection *connection = &query->reader->connection;
    if (reader_ready(query->reader, &query->fault) != FAULT_NONE)
        return query->fault.kind;
    pipeline_send(connection, query->id, &query->values);
    pipeline_end(connection);
    query->result = pipeline_next(connection, query->id, &query->fault);
    bool in_view = connection->in_view;
    bool lost = !pipeline_done(connection);
    if (query->result != NULL || (!lost && !in_view && failure_is_nothing_there(connection)))
        return FAULT_NONE;
    if (lost && in_view)
        query->fault.kind = FAULT_AGAIN;
    return query->fault.kind;
}

/* A server that was started again is met by its old connections first. */
static void query_perform(struct query *query)
{
    struct connection *connection = &query->reader->connection;
    bool in_view = connection->in_view;
    query->run = true;
    query->row = -1;
    query->kind = query_try(query);
    if (query->kind == FAULT_AGAIN && connection->pg == NULL && !in_view)
        query->kind = query_try(query);
}

bool pg_query_next(struct query *query)
{
    if (!query->run)
        query_perform(query);
    query->got = 0;
    query->row++;
    return query->result != NULL && query->row < PQntuples(query->result);
}

enum fault_kind pg_query_end(struct query *query, struct fault *fault)
{
    PQclear(query->result);
    query->result = NULL;
    if (query->kind != FAULT_NONE) {
        *fault = query->fault;
        return query->kind;
    }
    if (query->implausible)
        return fault_set(fault, FAULT_FINAL,
                         "%s: the database is damaged: it holds a row that makes no sense",
                         statement_what(query->id));
    return FAULT_NONE;
}

enum fault_kind pg_query_run(struct query *query, struct fault *fault)
{
    (void)pg_query_next(query);
    return pg_query_end(query, fault);
}

/* --- Parameters --- */

void pg_query_put(struct query *query, int64_t number)
{
    value_put_number(&query->values, query->arena, number);
}

void pg_query_put_limit(struct query *query, size_t limit)
{
    pg_query_put(query, limit > INT64_MAX ? INT64_MAX : (int64_t)limit);
}

void pg_query_put_text(struct query *query, const char *text)
{
    value_put_text(&query->values, text);
}

void pg_query_put_bytes(struct query *query, const void *bytes, size_t length)
{
    value_put_bytes(&query->values, bytes, length);
}

/* --- Columns, in binary --- */

int64_t pg_query_get(struct query *query)
{
    int column = query->got++;
    const uint8_t *bytes = (const uint8_t *)PQgetvalue(query->result, query->row, column);
    int length = PQgetlength(query->result, query->row, column);
    if (PQgetisnull(query->result, query->row, column) != 0)
        return 0;
    if (length != 2 && length != 4 && length != 8) {
        query->implausible = true;
        return 0;
    }
    /* The sign is the first bit. */
    uint64_t number = (bytes[0] & 0x80) != 0 ? UINT64_MAX : 0;
    for (int i = 0; i < length; i++)
        number = number << 8 | bytes[i];
    return (int64_t)number;
}

/* Its bytes, NULL when it is NULL. */
static const char *bytes_get(struct query *query, size_t *length)
{
    int column = query->got++;
    *length = (size_t)PQgetlength(query->result, query->row, column);
    if (PQgetisnull(query->result, query->row, column) != 0)
        return NULL;
    return PQgetvalue(query->result, query->row, column);
}

const char *pg_query_get_text(struct query *query)
{
    size_t length;
    const char *text = bytes_get(query, &length);
    if (text == NULL)
        return NULL;
    char *copy = arena_alloc(query->arena, length + 1, 1);
    memcpy(copy, text, length); /* The arena zeroed what follows. */
    return copy;
}

/* --- Rows --- */

static void number_get(struct query *query, const struct column *column, void *member)
{
    int64_t number = pg_query_get(query);
    int32_t small = (int32_t)number;
    bool flag = number != 0;
    switch (column->size) {
    case sizeof number:
        memcpy(member, &number, sizeof number);
        return;
    case sizeof small:
        query->implausible = query->implausible || small != number;
        memcpy(member, &small, sizeof small);
        return;
    default:
        invariant(column->size == sizeof flag);
        memcpy(member, &flag, sizeof flag);
    }
}

static void enum_get(struct query *query, const struct column *column, void *member)
{
    int64_t number = pg_query_get(query);
    bool in_range = number >= column->first && number < column->end;
    int value = in_range ? (int)number : column->first;
    query->implausible = query->implausible || !in_range;
    invariant(column->size == sizeof value);
    memcpy(member, &value, sizeof value);
}

/* Keys of accounts are checked where they are read: account_number stops at a bad one. */
static void account_get(struct query *query, void *member)
{
    struct account_key key = account_key_of(pg_query_get(query));
    if (key.merchant.value < 0 || key.merchant.value > MERCHANT_ID_MAX ||
        key.kind < ACCOUNT_AVAILABLE || key.kind >= ACCOUNT_KIND_END ||
        key.currency < CURRENCY_XOF || key.currency >= CURRENCY_END) {
        query->implausible = true;
        key = (struct account_key){.kind = ACCOUNT_SUSPENSE, .currency = CURRENCY_XOF};
    }
    memcpy(member, &key, sizeof key);
}

/* Into the row itself. text: ended by a NUL, for which there must be room. */
static void array_get(struct query *query, const struct column *column, void *member, bool text)
{
    size_t length;
    const char *bytes = bytes_get(query, &length);
    memset(member, 0, column->size);
    if (bytes == NULL || (text ? length >= column->size : length != column->size))
        query->implausible = true;
    else
        memcpy(member, bytes, length);
}

static void text_get(struct query *query, const struct column *column, void *member)
{
    const char *text = pg_query_get_text(query);
    if (text == NULL && column->kind == COLUMN_TEXT) {
        query->implausible = true;
        text = "";
    }
    memcpy(member, &text, sizeof text);
}

void row_skip(struct query *query, enum table_id table)
{
    for (size_t i = 0; i < tables[table].count; i++)
        query->got += (tables[table].columns[i].use & SOUGHT) == 0;
}

void row_get(struct query *query, enum table_id table, void *row)
{
    for (size_t i = 0; i < tables[table].count; i++) {
        const struct column *column = &tables[table].columns[i];
        void *member = (char *)row + column->offset;
        if ((column->use & SOUGHT) != 0)
            continue;
        switch (column->kind) {
        case COLUMN_NUMBER:
            number_get(query, column, member);
            break;
        case COLUMN_ENUM:
            enum_get(query, column, member);
            break;
        case COLUMN_ACCOUNT:
            account_get(query, member);
            break;
        case COLUMN_TEXT:
        case COLUMN_TEXT_OR_NULL:
            text_get(query, column, member);
            break;
        case COLUMN_CHARS:
        case COLUMN_BYTES:
            array_get(query, column, member, column->kind == COLUMN_CHARS);
            break;
        }
    }
}

/* --- Lists --- */

enum { ROW_LIST_FIRST = 16 };

void *pg_row_list_add(struct row_list *list)
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

enum fault_kind pg_query_list(struct query *query, enum table_id table, size_t size, void *rows,
                              size_t *count, struct fault *fault)
{
    struct row_list list = {.arena = query->arena, .size = size};
    while (pg_query_next(query))
        row_get(query, table, pg_row_list_add(&list));
    memcpy(rows, &list.rows, sizeof list.rows);
    *count = list.count;
    return pg_query_end(query, fault);
}

enum fault_kind pg_query_find(struct query *query, enum table_id table, size_t size, void *row,
                              struct fault *fault)
{
    void *found = NULL;
    if (pg_query_next(query)) {
        found = arena_alloc(query->arena, 1, size);
        row_get(query, table, found);
    }
    memcpy(row, &found, sizeof found);
    return pg_query_end(query, fault);
}

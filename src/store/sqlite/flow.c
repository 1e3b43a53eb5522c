#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "store/sqlite/sqlite.h"

struct sqlite_flow {
    struct flow flow;
    char *path;
    int lock; /* Held all the time: no payoutd writes here meanwhile. */
    bool opened;
    struct connection connection;
    sqlite3_stmt *insert; /* Of the table that is written. */
};

/* What is called otherwise in PostgreSQL, where these words mean something. */
static const struct {
    const char *table, *column, *here; /* column NULL: the table itself. */
} renamed[] = {{"person", NULL, "user"}, {"session", "person", "user"}};
enum { RENAMED = sizeof renamed / sizeof *renamed };

enum { SQL_BYTES_MAX = 16 * 1024 };

static struct sqlite_flow *flow_of(struct flow *flow)
{
    return (struct sqlite_flow *)(void *)flow;
}

/* --- Names --- */

static const char *name_here(const char *table, const char *column)
{
    for (size_t i = 0; i < RENAMED; i++)
        if (strcmp(renamed[i].table, table) == 0 &&
            (column == NULL ? renamed[i].column == NULL
                            : renamed[i].column != NULL && strcmp(renamed[i].column, column) == 0))
            return renamed[i].here;
    return column == NULL ? table : column;
}

/* What a table, or a column of table, is called outside. */
static const char *name_outside(const char *table, const char *here)
{
    for (size_t i = 0; i < RENAMED; i++)
        if (strcmp(renamed[i].here, here) == 0 &&
            (table == NULL ? renamed[i].column == NULL
                           : renamed[i].column != NULL && strcmp(renamed[i].table, table) == 0))
            return table == NULL ? renamed[i].table : renamed[i].column;
    return here;
}

static void columns_write(struct buffer *sql, const struct flow_table *table)
{
    for (size_t i = 0; i < table->count; i++)
        buffer_format(sql, "%s\"%s\"", i == 0 ? "" : ", ",
                      name_here(table->name, table->columns[i].name));
}

/* --- The catalog --- */

static bool column_take(struct flow *flow, const char *table, const char *name, const char *type)
{
    enum flow_kind kind = FLOW_NULL;
    if (strcmp(type, "INTEGER") == 0)
        kind = FLOW_NUMBER;
    else if (strcmp(type, "TEXT") == 0)
        kind = FLOW_TEXT;
    else if (strcmp(type, "BLOB") == 0)
        kind = FLOW_BYTES;
    return kind != FLOW_NULL &&
           flow_add_column(flow, name_outside(table, name), kind, (int)sizeof(int64_t));
}

/* Every table but the lane's, which is this store's own. Whether a table refers to another is said
 * by its foreign keys: those that do come last. */
static enum fault_kind tables_read(struct sqlite_flow *flow, struct fault *fault)
{
    static const char sql[] =
        "SELECT t.name, c.name, c.type FROM sqlite_schema AS t, pragma_table_info(t.name) AS c"
        " WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name <> 'lane'"
        " ORDER BY EXISTS (SELECT 1 FROM pragma_foreign_key_list(t.name)), t.name, c.cid";
    struct connection *connection = &flow->connection;
    sqlite3_stmt *statement = NULL;
    bool fits = true;
    int code = sqlite3_prepare_v2(connection->db, sql, -1, &statement, NULL);
    while (code == SQLITE_OK || code == SQLITE_ROW) {
        code = sqlite3_step(statement);
        if (code != SQLITE_ROW)
            break;
        const char *table = name_outside(NULL, (const char *)sqlite3_column_text(statement, 0));
        const struct flow *of = &flow->flow;
        if (of->count == 0 || strcmp(of->tables[of->count - 1].name, table) != 0)
            fits = fits && flow_add_table(&flow->flow, table);
        fits =
            fits && column_take(&flow->flow, table, (const char *)sqlite3_column_text(statement, 1),
                                (const char *)sqlite3_column_text(statement, 2));
    }
    enum fault_kind kind = code == SQLITE_DONE
                               ? FAULT_NONE
                               : connection_fault(connection, code, "read its tables", fault);
    (void)sqlite3_finalize(statement);
    return kind != FAULT_NONE || fits
               ? kind
               : fault_set(fault, FAULT_FINAL, "its tables are not such as can be copied");
}

/* --- Opening --- */

static void sqlite_flow_close(struct flow *flow)
{
    struct sqlite_flow *closed = flow_of(flow);
    (void)sqlite3_finalize(closed->insert);
    if (closed->opened)
        connection_close(&closed->connection); /* What it had open is rolled back. */
    if (closed->lock >= 0)
        (void)close(closed->lock); /* The lock file stays, as sqlite_close says. */
    free(closed->path);
    free(closed);
}

/* The flow of the file that the URL names, with its lock. */
static enum fault_kind flow_make(const char *url, struct sqlite_flow **flow, struct fault *fault)
{
    const char *path = file_url_path(url, fault);
    if (path == NULL)
        return FAULT_FINAL;
    struct sqlite_flow *made = calloc(1, sizeof *made);
    invariant(made != NULL);
    made->flow.backend = &sqlite_backend;
    made->lock = -1;
    made->path = strdup(path);
    invariant(made->path != NULL);
    *flow = made;
    return file_lock(path, &made->lock, fault);
}

/* Hands flow over, or closes it again after a fault. */
static enum fault_kind flow_made(struct sqlite_flow *made, enum fault_kind kind, struct flow **flow,
                                 struct fault *fault)
{
    if (made == NULL)
        return kind;
    if (kind == FAULT_NONE) {
        *flow = &made->flow;
        return kind;
    }
    (void)fault_wrap(fault, "%s", made->path);
    sqlite_flow_close(&made->flow);
    return kind;
}

static enum fault_kind flow_connect(struct sqlite_flow *flow, int flags, struct fault *fault)
{
    enum fault_kind kind = connection_open(&flow->connection, flow->path, flags, fault);
    flow->opened = kind == FAULT_NONE;
    return kind;
}

static enum fault_kind sqlite_flow_from(const char *url, struct flow **flow, struct fault *fault)
{
    struct sqlite_flow *made = NULL;
    enum fault_kind kind = flow_make(url, &made, fault);
    if (kind == FAULT_NONE)
        kind = schema_check(made->path, fault);
    if (kind == FAULT_NONE)
        kind = flow_connect(made, SQLITE_OPEN_READONLY, fault);
    if (kind == FAULT_NONE)
        kind = connection_run(&made->connection, "begin to read", "BEGIN", fault);
    if (kind == FAULT_NONE)
        kind = tables_read(made, fault);
    return flow_made(made, kind, flow, fault);
}

/* What stands where a copy shall go: nothing may, or, with again, an unfinished one, which goes. */
static enum fault_kind place_clear(const struct sqlite_flow *flow, bool again, struct fault *fault)
{
    struct connection there;
    bool unfinished = false;
    if (!file_is(flow->path, "") && !file_is(flow->path, "-wal"))
        return FAULT_NONE;
    enum fault_kind kind = connection_open(&there, flow->path, SQLITE_OPEN_READONLY, fault);
    if (kind == FAULT_NONE) {
        kind = schema_marked(&there, &unfinished, fault);
        connection_close(&there);
    }
    if (kind == FAULT_NONE && !unfinished)
        return fault_set(fault, FAULT_FINAL, "there is something already: nothing was changed");
    if (kind == FAULT_NONE && !again)
        return fault_set(fault, FAULT_FINAL, FLOW_UNFINISHED);
    if (kind == FAULT_NONE)
        kind = companions_remove(flow->path, fault);
    return kind == FAULT_NONE ? file_remove(flow->path, "", fault) : kind;
}

/* The mark is on the disk before the first row is. */
static enum fault_kind sqlite_flow_into(const char *url, bool again, struct flow **flow,
                                        struct fault *fault)
{
    struct sqlite_flow *made = NULL;
    enum fault_kind kind = flow_make(url, &made, fault);
    if (kind == FAULT_NONE)
        kind = place_clear(made, again, fault);
    if (kind == FAULT_NONE)
        kind = file_create(made->path, NULL, fault);
    if (kind == FAULT_NONE)
        kind = flow_connect(made, SQLITE_OPEN_READWRITE, fault);
    if (kind == FAULT_NONE) /* What is cut short is thrown away: its journal is not needed. */
        kind = connection_run(&made->connection, "set the copy up",
                              "PRAGMA page_size = 4096; PRAGMA journal_mode = MEMORY;"
                              "PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF;"
                              "PRAGMA cache_size = -131072",
                              fault);
    if (kind == FAULT_NONE)
        kind = schema_migrate(&made->connection, 0, fault);
    if (kind == FAULT_NONE)
        kind = schema_mark(&made->connection, true, fault);
    if (kind == FAULT_NONE)
        kind = file_sync(made->path, fault);
    if (kind == FAULT_NONE)
        kind = tables_read(made, fault);
    if (kind == FAULT_NONE)
        kind = connection_run(&made->connection, "begin to write", "BEGIN", fault);
    return flow_made(made, kind, flow, fault);
}

/* --- Rows --- */

static struct flow_value value_of(sqlite3_stmt *statement, int column)
{
    struct flow_value value = {.kind = FLOW_NULL};
    switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
        value.kind = FLOW_NUMBER;
        value.number = sqlite3_column_int64(statement, column);
        return value;
    case SQLITE_TEXT:
        value.kind = FLOW_TEXT;
        value.bytes = sqlite3_column_text(statement, column);
        break;
    case SQLITE_BLOB:
        value.kind = FLOW_BYTES;
        value.bytes = sqlite3_column_blob(statement, column);
        break;
    default: /* NULL: in a STRICT table there is nothing else. */
        return value;
    }
    value.length = (size_t)sqlite3_column_bytes(statement, column);
    if (value.bytes == NULL) /* Of no length. */
        value.bytes = "";
    return value;
}

static enum fault_kind sqlite_flow_read(struct flow *flow, const struct flow_table *table,
                                        flow_row *row, void *context, struct fault *fault)
{
    struct connection *connection = &flow_of(flow)->connection;
    struct flow_value values[FLOW_COLUMNS_MAX];
    AUTO(buffer_free) struct buffer sql;
    buffer_init(&sql, SQL_BYTES_MAX);
    buffer_text_append(&sql, "SELECT ");
    columns_write(&sql, table);
    buffer_format(&sql, " FROM \"%s\"", name_here(table->name, NULL));
    invariant(buffer_ok(&sql));
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(connection->db, buffer_text(&sql), -1, &statement, NULL);
    bool more = true;
    while (more && (code == SQLITE_OK || code == SQLITE_ROW)) {
        code = sqlite3_step(statement);
        if (code != SQLITE_ROW)
            break;
        for (size_t i = 0; i < table->count; i++)
            values[i] = value_of(statement, (int)i);
        more = row(context, values);
    }
    enum fault_kind kind = code == SQLITE_DONE || code == SQLITE_ROW
                               ? FAULT_NONE
                               : connection_fault(connection, code, "read its rows", fault);
    (void)sqlite3_finalize(statement);
    return kind;
}

static enum fault_kind sqlite_flow_write_begin(struct flow *flow, const struct flow_table *table,
                                               struct fault *fault)
{
    struct sqlite_flow *of = flow_of(flow);
    AUTO(buffer_free) struct buffer sql;
    buffer_init(&sql, SQL_BYTES_MAX);
    buffer_format(&sql, "INSERT INTO \"%s\" (", name_here(table->name, NULL));
    columns_write(&sql, table);
    buffer_text_append(&sql, ") VALUES (?");
    for (size_t i = 1; i < table->count; i++)
        buffer_text_append(&sql, ", ?");
    buffer_char(&sql, ')');
    invariant(buffer_ok(&sql) && of->insert == NULL);
    int code = sqlite3_prepare_v2(of->connection.db, buffer_text(&sql), -1, &of->insert, NULL);
    return code == SQLITE_OK ? FAULT_NONE
                             : connection_fault(&of->connection, code, "write rows", fault);
}

static int value_bind(sqlite3_stmt *statement, int at, const struct flow_value *value)
{
    switch (value->kind) {
    case FLOW_NULL:
        return sqlite3_bind_null(statement, at);
    case FLOW_NUMBER:
        return sqlite3_bind_int64(statement, at, value->number);
    case FLOW_TEXT:
        return sqlite3_bind_text64(statement, at, value->bytes, value->length, SQLITE_STATIC,
                                   SQLITE_UTF8);
    case FLOW_BYTES:
        return sqlite3_bind_blob64(statement, at, value->bytes, value->length, SQLITE_STATIC);
    }
    return SQLITE_MISUSE;
}

static enum fault_kind sqlite_flow_write(struct flow *flow, const struct flow_table *table,
                                         const struct flow_value *values, struct fault *fault)
{
    struct sqlite_flow *of = flow_of(flow);
    int code = SQLITE_OK;
    for (size_t i = 0; i < table->count && code == SQLITE_OK; i++)
        code = value_bind(of->insert, (int)i + 1, &values[i]);
    if (code == SQLITE_OK)
        code = sqlite3_step(of->insert);
    if (code == SQLITE_DONE)
        code = sqlite3_reset(of->insert);
    return code == SQLITE_OK ? FAULT_NONE
                             : connection_fault(&of->connection, code, "write a row", fault);
}

static enum fault_kind sqlite_flow_write_end(struct flow *flow, struct fault *fault)
{
    (void)fault;
    (void)sqlite3_finalize(flow_of(flow)->insert);
    flow_of(flow)->insert = NULL;
    return FAULT_NONE;
}

/* --- The end --- */

static enum fault_kind sqlite_flow_commit(struct flow *flow, struct fault *fault)
{
    struct sqlite_flow *of = flow_of(flow);
    enum fault_kind kind = connection_commit(&of->connection, fault);
    return kind == FAULT_NONE ? file_sync(of->path, fault) : kind;
}

static enum fault_kind sqlite_flow_store(struct flow *flow, struct store **store,
                                         struct fault *fault)
{
    return file_open_marked(flow_of(flow)->path, store, fault);
}

static enum fault_kind sqlite_flow_finish(struct flow *flow, struct fault *fault)
{
    struct sqlite_flow *of = flow_of(flow);
    enum fault_kind kind = schema_mark(&of->connection, false, fault);
    return kind == FAULT_NONE ? file_sync(of->path, fault) : kind;
}

const struct flow_backend sqlite_flow = {
    .open_from = sqlite_flow_from,
    .open_into = sqlite_flow_into,
    .read = sqlite_flow_read,
    .write_begin = sqlite_flow_write_begin,
    .write = sqlite_flow_write,
    .write_end = sqlite_flow_write_end,
    .commit = sqlite_flow_commit,
    .store = sqlite_flow_store,
    .finish = sqlite_flow_finish,
    .close = sqlite_flow_close,
};

/* A whole store as rows, by COPY in its binary form: out of a view of one moment, into tables that
 * one transaction fills. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "store/postgres/postgres.h"

enum { SQL_BYTES_MAX = 16 * 1024, SENT_AT_ONCE = 256 * 1024, ROWS_BYTES_MAX = 128 * 1024 * 1024 };

struct postgres_flow {
    struct flow flow;
    char *url;
    struct connection connection; /* Out of pipeline mode once the flow is open: COPY wants that. */
    struct buffer rows;           /* Written, and not sent yet. */
};

/* What begins a COPY's data: a signature, no flags, no more header. */
static const char COPY_HEADER[19] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0";

static struct postgres_flow *flow_of(struct flow *flow)
{
    return (struct postgres_flow *)(void *)flow;
}

/* --- One statement at a time, outside of pipelines --- */

static enum fault_kind plain_begin(struct connection *connection, struct fault *fault)
{
    if (PQexitPipelineMode(connection->pg) == 1 && PQsetnonblocking(connection->pg, 0) == 0)
        return FAULT_NONE;
    return fault_set(fault, FAULT_AGAIN, "the connection was lost");
}

/* The result is the caller's, PQclear; NULL: fault is set. */
static PGresult *plain_run(struct connection *connection, const char *what, const char *sql,
                           ExecStatusType wanted, struct fault *fault)
{
    PGresult *result = PQexec(connection->pg, sql);
    if (PQresultStatus(result) == wanted)
        return result;
    (void)pg_connection_failure(connection, result, what, fault);
    PQclear(result);
    return NULL;
}

static enum fault_kind plain_do(struct connection *connection, const char *what, const char *sql,
                                struct fault *fault)
{
    PGresult *result = plain_run(connection, what, sql, PGRES_COMMAND_OK, fault);
    PQclear(result);
    return result == NULL ? fault->kind : FAULT_NONE;
}

/* --- The catalog --- */

static bool column_take(struct flow *flow, const char *name, const char *type)
{
    static const struct {
        const char *type;
        enum flow_kind kind;
        int size;
    } types[] = {{"int8", FLOW_NUMBER, 8},
                 {"int4", FLOW_NUMBER, 4},
                 {"int2", FLOW_NUMBER, 2},
                 {"text", FLOW_TEXT, 0},
                 {"bytea", FLOW_BYTES, 0}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].type, type) == 0)
            return flow_add_column(flow, name, types[i].kind, types[i].size);
    return false;
}

/* Every table but those that are this store's own: who writes and works, the schema's number, the
 * mark. */
static enum fault_kind tables_read(struct postgres_flow *flow, struct fault *fault)
{
    static const char sql[] =
        "SELECT t.relname, c.attname, y.typname FROM pg_class AS t JOIN pg_attribute AS c"
        " ON c.attrelid = t.oid AND c.attnum > 0 AND NOT c.attisdropped JOIN pg_type AS y"
        " ON y.oid = c.atttypid WHERE t.relnamespace = current_schema()::regnamespace"
        " AND t.relkind IN ('r', 'p') AND NOT t.relispartition"
        " AND t.relname NOT IN ('lane', 'lane_mark', 'lane_setting', 'process', 'lease',"
        " 'schema_version', 'copy_unfinished')"
        " ORDER BY EXISTS (SELECT 1 FROM pg_constraint AS f WHERE f.conrelid = t.oid"
        " AND f.contype = 'f'), t.relname, c.attnum";
    PGresult *result = plain_run(&flow->connection, "read its tables", sql, PGRES_TUPLES_OK, fault);
    if (result == NULL)
        return fault->kind;
    struct flow *of = &flow->flow;
    bool fits = true;
    for (int i = 0; i < PQntuples(result) && fits; i++) {
        const char *table = PQgetvalue(result, i, 0);
        if (of->count == 0 || strcmp(of->tables[of->count - 1].name, table) != 0)
            fits = flow_add_table(of, table);
        fits = fits && column_take(of, PQgetvalue(result, i, 1), PQgetvalue(result, i, 2));
    }
    PQclear(result);
    return fits ? FAULT_NONE
                : fault_set(fault, FAULT_FINAL, "its tables are not such as can be copied");
}

/* --- Opening --- */

static void postgres_flow_close(struct flow *flow)
{
    struct postgres_flow *closed = flow_of(flow);
    pg_connection_drop(&closed->connection); /* What it had open is rolled back. */
    buffer_free(&closed->rows);
    pg_url_free(closed->url);
    free(closed);
}

/* A connection that has the store alone: nobody else writes as long as it lives. */
static enum fault_kind flow_make(const char *url, struct postgres_flow **flow, struct fault *fault)
{
    struct postgres_flow *made = calloc(1, sizeof *made);
    invariant(made != NULL);
    made->flow.backend = &postgres_backend;
    made->url = pg_url_make(url);
    made->connection.who = WRITES;
    buffer_init(&made->rows, ROWS_BYTES_MAX);
    *flow = made;
    enum fault_kind kind = pg_connection_open(&made->connection, made->url, fault);
    if (kind == FAULT_NONE)
        kind = pg_store_take(&made->connection, fault);
    if (kind == FAULT_NONE)
        kind = pg_connection_script(&made->connection, "set the copy up",
                                    "SET statement_timeout = 0; SET lock_timeout = 0;"
                                    " SET idle_in_transaction_session_timeout = 0;"
                                    " SET enable_seqscan = on",
                                    fault);
    return kind;
}

static enum fault_kind flow_made(struct postgres_flow *made, enum fault_kind kind,
                                 struct flow **flow)
{
    if (kind == FAULT_NONE)
        *flow = &made->flow;
    else
        postgres_flow_close(&made->flow);
    return kind;
}

static enum fault_kind postgres_flow_from(const char *url, struct flow **flow, struct fault *fault)
{
    struct postgres_flow *made;
    enum fault_kind kind = flow_make(url, &made, fault);
    if (kind == FAULT_NONE)
        kind = migrate_check(&made->connection, fault);
    if (kind == FAULT_NONE)
        kind = plain_begin(&made->connection, fault);
    if (kind == FAULT_NONE)
        kind = plain_do(&made->connection, "begin to read",
                        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", fault);
    if (kind == FAULT_NONE)
        kind = tables_read(made, fault);
    return flow_made(made, kind, flow);
}

/* Nothing may be there, or, with again, an unfinished copy, which goes. */
static enum fault_kind place_clear(struct connection *connection, bool again, struct fault *fault)
{
    static const char drop[] =
        "DO $$ DECLARE name text; BEGIN"
        " FOR name IN SELECT oid::regclass FROM pg_class WHERE relkind IN ('r', 'p')"
        " AND NOT relispartition AND relnamespace = current_schema()::regnamespace"
        " AND relname <> 'copy_unfinished' LOOP"
        " EXECUTE 'DROP TABLE ' || name || ' CASCADE'; END LOOP;"
        " FOR name IN SELECT oid::regprocedure FROM pg_proc"
        " WHERE pronamespace = current_schema()::regnamespace LOOP"
        " EXECUTE 'DROP FUNCTION ' || name || ' CASCADE'; END LOOP;"
        " DROP TABLE copy_unfinished; END $$";
    bool unfinished = false;
    int64_t there = 0;
    enum fault_kind kind = migrate_marked(connection, &unfinished, &there, fault);
    if (kind != FAULT_NONE || there == 0)
        return kind;
    if (!unfinished)
        return fault_set(fault, FAULT_FINAL, "there is something already: nothing was changed");
    if (!again)
        return fault_set(fault, FAULT_FINAL, FLOW_UNFINISHED);
    return pg_connection_script(connection, "remove an unfinished copy", drop, fault);
}

static enum fault_kind postgres_flow_into(const char *url, bool again, struct flow **flow,
                                          struct fault *fault)
{
    struct postgres_flow *made;
    enum fault_kind kind = flow_make(url, &made, fault);
    struct connection *connection = &made->connection;
    if (kind == FAULT_NONE)
        kind = place_clear(connection, again, fault);
    if (kind == FAULT_NONE)
        kind = pg_connection_script(connection, "mark the copy as unfinished",
                                    "CREATE TABLE copy_unfinished (at timestamptz NOT NULL"
                                    " DEFAULT now())",
                                    fault);
    if (kind == FAULT_NONE)
        kind = migrate_steps(connection, fault);
    if (kind == FAULT_NONE)
        kind = plain_begin(connection, fault);
    if (kind == FAULT_NONE)
        kind = tables_read(made, fault);
    if (kind == FAULT_NONE)
        kind = plain_do(connection, "begin to write", "BEGIN", fault);
    return flow_made(made, kind, flow);
}

static void columns_write(struct buffer *sql, const struct flow_table *table)
{
    for (size_t i = 0; i < table->count; i++)
        buffer_format(sql, "%s\"%s\"", i == 0 ? "" : ", ", table->columns[i].name);
}

/* --- Rows out --- */

/* Bytes that are read from their beginning on. */
struct reading {
    const uint8_t *at, *end;
    bool good; /* There were as many as were asked for. */
};

static const uint8_t *bytes_next(struct reading *reading, size_t length)
{
    const uint8_t *at = reading->at;
    reading->good = reading->good && (size_t)(reading->end - at) >= length;
    if (reading->good)
        reading->at += length;
    return at;
}

/* An integer, the highest byte first, with its sign. */
static int64_t number_next(struct reading *reading, size_t size)
{
    const uint8_t *bytes = bytes_next(reading, size);
    if (!reading->good)
        return 0;
    uint64_t number = (bytes[0] & 0x80) != 0 ? UINT64_MAX : 0;
    for (size_t i = 0; i < size; i++)
        number = number << 8 | bytes[i];
    return (int64_t)number;
}

static bool value_next(struct reading *reading, const struct flow_column *column,
                       struct flow_value *value)
{
    *value = (struct flow_value){.kind = FLOW_NULL};
    int64_t length = number_next(reading, 4);
    if (length < 0 || !reading->good)
        return reading->good && length == -1;
    value->kind = column->kind;
    if (column->kind == FLOW_NUMBER) {
        value->number = number_next(reading, (size_t)column->size);
        return reading->good && length == column->size;
    }
    value->length = (size_t)length;
    value->bytes = bytes_next(reading, value->length);
    return reading->good;
}

/* What one message of the server holds: a row, or the end's mark. False: it is no such thing. */
static bool row_next(struct reading *reading, const struct flow_table *table,
                     struct flow_value values[FLOW_COLUMNS_MAX], bool *end)
{
    int64_t count = number_next(reading, 2);
    *end = count == -1;
    bool good = reading->good && (*end || count == (int64_t)table->count);
    for (size_t i = 0; i < table->count && good && !*end; i++)
        good = value_next(reading, &table->columns[i], &values[i]);
    return good && reading->at == reading->end;
}

static enum fault_kind rows_get(struct connection *connection, const struct flow_table *table,
                                flow_row *row, void *context, struct fault *fault)
{
    struct flow_value values[FLOW_COLUMNS_MAX];
    bool begun = false, end = false, more = true, good = true;
    char *message = NULL;
    int length;
    while (good && more && (length = PQgetCopyData(connection->pg, &message, 0)) > 0) {
        struct reading reading = {(const uint8_t *)message, (const uint8_t *)message + length,
                                  true};
        if (!begun)
            (void)bytes_next(&reading, sizeof COPY_HEADER);
        begun = true;
        good = reading.good && row_next(&reading, table, values, &end);
        more = good && (end || row(context, values));
        PQfreemem(message);
    }
    if (good && more && end)
        return FAULT_NONE;
    return fault_set(fault, FAULT_FINAL, "the server ended before the rows did");
}

static enum fault_kind postgres_flow_read(struct flow *flow, const struct flow_table *table,
                                          flow_row *row, void *context, struct fault *fault)
{
    struct connection *connection = &flow_of(flow)->connection;
    AUTO(buffer_free) struct buffer sql;
    buffer_init(&sql, SQL_BYTES_MAX);
    buffer_text_append(&sql, "COPY (SELECT ");
    columns_write(&sql, table);
    buffer_format(&sql, " FROM \"%s\") TO STDOUT (FORMAT binary)", table->name);
    invariant(buffer_ok(&sql));
    PGresult *result =
        plain_run(connection, "read its rows", buffer_text(&sql), PGRES_COPY_OUT, fault);
    if (result == NULL)
        return fault->kind;
    PQclear(result);
    enum fault_kind kind = rows_get(connection, table, row, context, fault);
    if (kind != FAULT_NONE)
        return kind; /* The connection is of no more use. */
    while ((result = PQgetResult(connection->pg)) != NULL) {
        if (PQresultStatus(result) != PGRES_COMMAND_OK)
            kind = pg_connection_failure(connection, result, "read its rows", fault);
        PQclear(result);
    }
    return kind;
}

/* --- Rows in --- */

static void number_put(struct buffer *rows, int64_t number, int size)
{
    for (int shift = (size - 1) * 8; shift >= 0; shift -= 8)
        buffer_char(rows, (char)(uint8_t)((uint64_t)number >> shift));
}

/* False: it does not go into the column. */
static bool value_put(struct buffer *rows, const struct flow_column *column,
                      const struct flow_value *value)
{
    if (value->kind == FLOW_NULL) {
        number_put(rows, -1, 4);
        return true;
    }
    if (value->kind != column->kind || value->length > INT32_MAX)
        return false;
    if (value->kind == FLOW_NUMBER) {
        int64_t most = INT64_MAX >> (64 - 8 * column->size);
        number_put(rows, column->size, 4);
        number_put(rows, value->number, column->size);
        return value->number <= most && value->number >= -most - 1;
    }
    number_put(rows, (int64_t)value->length, 4);
    buffer_append(rows, value->bytes, value->length);
    return true;
}

static enum fault_kind rows_send(struct postgres_flow *flow, struct fault *fault)
{
    invariant(buffer_ok(&flow->rows));
    int sent = PQputCopyData(flow->connection.pg, flow->rows.bytes, (int)flow->rows.length);
    buffer_clear(&flow->rows);
    return sent == 1 ? FAULT_NONE
                     : fault_set(fault, FAULT_AGAIN, "the connection was lost in a copy");
}

static enum fault_kind postgres_flow_write_begin(struct flow *flow, const struct flow_table *table,
                                                 struct fault *fault)
{
    struct postgres_flow *of = flow_of(flow);
    AUTO(buffer_free) struct buffer sql;
    buffer_init(&sql, SQL_BYTES_MAX);
    buffer_format(&sql, "COPY \"%s\" (", table->name);
    columns_write(&sql, table);
    buffer_text_append(&sql, ") FROM STDIN (FORMAT binary)");
    invariant(buffer_ok(&sql));
    PGresult *result =
        plain_run(&of->connection, "write rows", buffer_text(&sql), PGRES_COPY_IN, fault);
    PQclear(result);
    buffer_append(&of->rows, COPY_HEADER, sizeof COPY_HEADER);
    return result == NULL ? fault->kind : FAULT_NONE;
}

static enum fault_kind postgres_flow_write(struct flow *flow, const struct flow_table *table,
                                           const struct flow_value *values, struct fault *fault)
{
    struct postgres_flow *of = flow_of(flow);
    number_put(&of->rows, (int64_t)table->count, 2);
    for (size_t i = 0; i < table->count; i++)
        if (!value_put(&of->rows, &table->columns[i], &values[i]))
            return fault_set(fault, FAULT_FINAL, "a row's %s does not fit", table->columns[i].name);
    return of->rows.length < SENT_AT_ONCE ? FAULT_NONE : rows_send(of, fault);
}

static enum fault_kind postgres_flow_write_end(struct flow *flow, struct fault *fault)
{
    struct postgres_flow *of = flow_of(flow);
    number_put(&of->rows, -1, 2);
    enum fault_kind kind = rows_send(of, fault);
    if (kind == FAULT_NONE && PQputCopyEnd(of->connection.pg, NULL) != 1)
        kind = fault_set(fault, FAULT_AGAIN, "the connection was lost in a copy");
    for (PGresult *result; kind == FAULT_NONE && (result = PQgetResult(of->connection.pg)) != NULL;
         PQclear(result))
        if (PQresultStatus(result) != PGRES_COMMAND_OK)
            kind = pg_connection_failure(&of->connection, result, "write rows", fault);
    return kind;
}

/* --- The end --- */

/* What came goes where it belongs: into its months' tables, and to the lanes. */
static enum fault_kind rows_settle(struct connection *connection, struct fault *fault)
{
    return plain_do(connection, "give its rows to the months and to the lanes",
                    "DO 'BEGIN PERFORM months_make((extract(epoch FROM now()) * 1000)::bigint);"
                    " PERFORM lanes_begin(); END'",
                    fault);
}

static enum fault_kind postgres_flow_commit(struct flow *flow, struct fault *fault)
{
    struct connection *connection = &flow_of(flow)->connection;
    if (rows_settle(connection, fault) != FAULT_NONE)
        return fault->kind;
    PGresult *result = plain_run(connection, "commit the copy", "COMMIT", PGRES_COMMAND_OK, fault);
    if (result == NULL)
        return fault->kind;
    bool committed = strcmp(PQcmdStatus(result), "COMMIT") == 0;
    PQclear(result);
    if (!committed)
        return fault_set(fault, FAULT_FINAL, "commit the copy: it was rolled back");
    return plain_do(connection, "gather statistics", "ANALYZE", fault);
}

static enum fault_kind postgres_flow_store(struct flow *flow, struct store **store,
                                           struct fault *fault)
{
    (void)fault;
    *store = pg_store_beside(flow_of(flow)->url);
    return FAULT_NONE;
}

static enum fault_kind postgres_flow_finish(struct flow *flow, struct fault *fault)
{
    return plain_do(&flow_of(flow)->connection, "end the copy", "DROP TABLE copy_unfinished",
                    fault);
}

const struct flow_backend postgres_flow = {
    .open_from = postgres_flow_from,
    .open_into = postgres_flow_into,
    .read = postgres_flow_read,
    .write_begin = postgres_flow_write_begin,
    .write = postgres_flow_write,
    .write_end = postgres_flow_write_end,
    .commit = postgres_flow_commit,
    .store = postgres_flow_store,
    .finish = postgres_flow_finish,
    .close = postgres_flow_close,
};

/* The schema: numbered files, each brought in by one transaction that also writes its number. */
#include <stdlib.h>

#include "base/buffer.h"
#include "base/log.h"
#include "schema_postgres.h"
#include "store/postgres/postgres.h"

enum { SCRIPT_BYTES_MAX = 1 << 20 };

/* The number that a migration's name begins with. */
static int64_t migration_number(const struct embedded_file *file)
{
    return strtoll(file->name, NULL, 10);
}

static int64_t version_newest(void)
{
    return migration_number(&schema_postgres[schema_postgres_count - 1]);
}

static enum fault_kind version_number(struct connection *connection, enum statement_id id,
                                      int64_t *number, struct fault *fault)
{
    pipeline_send(connection, id, NULL);
    pipeline_end(connection);
    PGresult *result = pipeline_next(connection, id, fault);
    (void)pipeline_done(connection);
    if (result == NULL)
        return fault->kind;
    struct query query;
    pg_query_of_result(&query, result, 0, NULL);
    *number = PQntuples(result) == 1 ? pg_query_get(&query) : 0;
    PQclear(result);
    return FAULT_NONE;
}

/* 0: there is no schema. */
static enum fault_kind version_read(struct connection *connection, int64_t *version,
                                    struct fault *fault)
{
    int64_t tables_there = 0;
    *version = 0;
    enum fault_kind kind = version_number(connection, STATEMENT_SCHEMA_THERE, &tables_there, fault);
    if (kind == FAULT_NONE && tables_there > 0)
        kind = version_number(connection, STATEMENT_SCHEMA_VERSION, version, fault);
    if (kind == FAULT_NONE && *version > version_newest())
        return fault_set(fault, FAULT_FINAL,
                         "its schema has number %lld, this payoutd knows %lld at most: it is of a "
                         "newer payoutd",
                         (long long)*version, (long long)version_newest());
    return kind;
}

static enum fault_kind migration_run(struct connection *connection,
                                     const struct embedded_file *file, struct fault *fault)
{
    struct buffer script;
    buffer_init(&script, SCRIPT_BYTES_MAX);
    buffer_text_append(&script, "BEGIN; SET LOCAL statement_timeout = 0;"
                                " SET LOCAL idle_in_transaction_session_timeout = 0;"
                                " CREATE TABLE IF NOT EXISTS schema_version (version bigint PRIMARY"
                                " KEY, at timestamptz NOT NULL DEFAULT now());\n");
    buffer_append(&script, file->bytes, file->length);
    buffer_format(&script, ";\nINSERT INTO schema_version (version) VALUES (%lld); COMMIT",
                  (long long)migration_number(file));
    invariant(buffer_ok(&script));
    enum fault_kind kind =
        pg_connection_script(connection, file->name, buffer_text(&script), fault);
    buffer_free(&script);
    if (kind == FAULT_NONE && connection->pg == NULL)
        kind = fault_set(fault, FAULT_AGAIN, "%s: the connection was lost", file->name);
    return kind == FAULT_NONE ? kind : fault_wrap(fault, "bring the schema up to date");
}

enum fault_kind migrate_marked(struct connection *connection, bool *unfinished, int64_t *there,
                               struct fault *fault)
{
    pipeline_send(connection, STATEMENT_SCHEMA_MARKED, NULL);
    pipeline_end(connection);
    PGresult *result = pipeline_next(connection, STATEMENT_SCHEMA_MARKED, fault);
    (void)pipeline_done(connection);
    if (result == NULL)
        return fault->kind;
    struct query query;
    pg_query_of_result(&query, result, 0, NULL);
    *unfinished = pg_query_get(&query) != 0;
    *there = pg_query_get(&query);
    PQclear(result);
    return FAULT_NONE;
}

/* Refuses what a copy left. */
static enum fault_kind finished_check(struct connection *connection, struct fault *fault)
{
    bool unfinished = false;
    int64_t there;
    enum fault_kind kind = migrate_marked(connection, &unfinished, &there, fault);
    if (kind == FAULT_NONE && unfinished)
        return fault_set(fault, FAULT_FINAL, FLOW_UNFINISHED);
    return kind;
}

enum fault_kind migrate_run(struct connection *connection, struct fault *fault)
{
    enum fault_kind kind = finished_check(connection, fault);
    return kind == FAULT_NONE ? migrate_steps(connection, fault) : kind;
}

enum fault_kind migrate_steps(struct connection *connection, struct fault *fault)
{
    int64_t version;
    enum fault_kind kind = version_read(connection, &version, fault);
    for (size_t i = 0; i < schema_postgres_count && kind == FAULT_NONE; i++)
        if (migration_number(&schema_postgres[i]) > version)
            kind = migration_run(connection, &schema_postgres[i], fault);
    if (kind == FAULT_NONE && version < version_newest())
        log_event(LOG_LEVEL_INFO, "schema brought up to date", LOG_NUMBER("from", version),
                  LOG_NUMBER("to", version_newest()));
    return kind;
}

enum fault_kind migrate_check(struct connection *connection, struct fault *fault)
{
    int64_t version = 0;
    enum fault_kind kind = finished_check(connection, fault);
    if (kind == FAULT_NONE)
        kind = version_read(connection, &version, fault);
    if (kind == FAULT_NONE && version == 0)
        return fault_set(fault, FAULT_FINAL, "there is no store in this database");
    if (kind == FAULT_NONE && version < version_newest())
        return fault_set(fault, FAULT_FINAL,
                         "its schema has number %lld, today's is %lld: start payoutd on it once",
                         (long long)version, (long long)version_newest());
    return kind;
}

/* The schema: numbered files, each brought in by one transaction that also writes its number. */
#include <stdio.h>
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

/* One step and its number, between these. */
static enum fault_kind script_run(struct connection *connection, const struct embedded_file *file,
                                  const char *begin, const char *end, struct fault *fault)
{
    struct buffer script;
    buffer_init(&script, SCRIPT_BYTES_MAX);
    buffer_text_append(&script, begin);
    buffer_append(&script, file->bytes, file->length);
    buffer_format(&script, ";\nINSERT INTO schema_version (version) VALUES (%lld);%s",
                  (long long)migration_number(file), end);
    invariant(buffer_ok(&script));
    enum fault_kind kind =
        pg_connection_script(connection, file->name, buffer_text(&script), fault);
    buffer_free(&script);
    if (kind == FAULT_NONE && connection->pg == NULL)
        kind = fault_set(fault, FAULT_AGAIN, "%s: the connection was lost", file->name);
    return kind == FAULT_NONE ? kind : fault_wrap(fault, "bring the schema up to date");
}

#define BEGIN                                                                                      \
    "BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0;"   \
    " CREATE TABLE IF NOT EXISTS schema_version (version bigint PRIMARY KEY, at timestamptz NOT"   \
    " NULL DEFAULT now());\n"

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
            kind = script_run(connection, &schema_postgres[i], BEGIN, " COMMIT", fault);
    if (kind == FAULT_NONE && version < version_newest())
        log_event(LOG_LEVEL_INFO, "schema brought up to date", LOG_NUMBER("from", version),
                  LOG_NUMBER("to", version_newest()));
    return kind;
}

enum fault_kind migrate_needed(struct connection *connection, bool *needed, struct fault *fault)
{
    int64_t version = 0;
    enum fault_kind kind = finished_check(connection, fault);
    if (kind == FAULT_NONE)
        kind = version_read(connection, &version, fault);
    *needed = version < version_newest();
    return kind;
}

enum fault_kind migrate_check(struct connection *connection, struct fault *fault)
{
    int64_t version = 0;
    enum fault_kind kind = finished_check(connection, fault);
    if (kind == FAULT_NONE)
        kind = version_read(connection, &version, fault);
    if (kind == FAULT_NONE && version == 0)
        return fault_set(fault, FAULT_FINAL,
                         "there is no store in this database: payoutd migrate makes one");
    if (kind == FAULT_NONE && version < version_newest())
        return fault_set(fault, FAULT_FINAL,
                         "its schema has number %lld, today's is %lld: run payoutd migrate",
                         (long long)version, (long long)version_newest());
    return kind;
}

/* --- payoutd migrate --- */

static enum fault_kind census_read(struct connection *connection,
                                   char census[MIGRATION_CENSUS_BYTES], struct fault *fault)
{
    pipeline_send(connection, STATEMENT_CENSUS, NULL);
    pipeline_end(connection);
    PGresult *result = pipeline_next(connection, STATEMENT_CENSUS, fault);
    (void)pipeline_done(connection);
    if (result == NULL)
        return fault->kind;
    (void)snprintf(census, MIGRATION_CENSUS_BYTES, "%s", PQgetvalue(result, 0, 0));
    PQclear(result);
    return FAULT_NONE;
}

/* All steps in the transaction that is open. */
static enum fault_kind steps_whole(struct connection *connection, const struct migration *migration,
                                   int64_t version, struct fault *fault)
{
    char before[MIGRATION_CENSUS_BYTES] = "", after[MIGRATION_CENSUS_BYTES];
    enum fault_kind kind = version == 0 ? FAULT_NONE : census_read(connection, before, fault);
    for (size_t i = 0; i < schema_postgres_count && kind == FAULT_NONE; i++) {
        const struct embedded_file *file = &schema_postgres[i];
        char what[MIGRATION_WHAT_BYTES];
        if (migration_number(file) <= version)
            continue;
        migration_what(file->bytes, what);
        migration->step(migration->context, migration_number(file), what);
        kind = script_run(connection, file, "", "", fault);
    }
    if (kind != FAULT_NONE || version == 0)
        return kind;
    kind = census_read(connection, after, fault);
    return kind == FAULT_NONE ? migration_compare(migration, before, after, fault) : kind;
}

static enum fault_kind migrate_whole(struct connection *connection,
                                     const struct migration *migration, struct fault *fault)
{
    int64_t version = 0;
    enum fault_kind kind = finished_check(connection, fault);
    if (kind == FAULT_NONE)
        kind = version_read(connection, &version, fault);
    if (kind != FAULT_NONE)
        return kind;
    migration->begins(migration->context, version, version_newest());
    if (version == version_newest())
        return FAULT_NONE;
    kind = pg_connection_script(connection, "begin to migrate", BEGIN, fault);
    if (kind == FAULT_NONE)
        kind = steps_whole(connection, migration, version, fault);
    if (kind != FAULT_NONE || connection->pg == NULL)
        return kind;
    return pg_connection_script(connection, "end the migration",
                                migration->dry_run ? "ROLLBACK" : "COMMIT", fault);
}

enum fault_kind postgres_migrate(const char *url, const struct migration *migration,
                                 struct fault *fault)
{
    struct connection connection = {.who = WRITES};
    char *whole_url = pg_url_make(url);
    enum fault_kind kind = pg_connection_open(&connection, whole_url, fault);
    connection.patience_ms = 0; /* Rewriting a table takes what it takes. */
    if (kind == FAULT_NONE)
        kind = pg_store_take(&connection, fault);
    if (kind == FAULT_NONE)
        kind = migrate_whole(&connection, migration, fault);
    if (kind == FAULT_NONE && connection.pg == NULL)
        kind = fault_set(fault, FAULT_UNKNOWN, "the connection was lost: run it again to see");
    pg_connection_drop(&connection); /* What failed is rolled back. */
    pg_url_free(whole_url);
    return kind;
}

/* The schema: numbered files, whose last number the database's header holds. */
#include <stdio.h>

#include "schema_sqlite.h"
#include "store/sqlite/sqlite.h"

/* What the file's header says of whose it is: "PAYO", set by the first migration; "PAYC", a copy
 * into it has not ended. */
#define APPLICATION_ID INT64_C(0x5041594F)
#define UNFINISHED_ID  INT64_C(0x50415943)

/* One migration and its number, in the transaction that is open. */
static enum fault_kind step_run(struct connection *connection, size_t number, struct fault *fault)
{
    const struct embedded_file *migration = &schema_sqlite[number - 1];
    char version[64];
    (void)snprintf(version, sizeof version, "PRAGMA user_version = %zu", number);
    int code = sqlite3_exec(connection->db, migration->bytes, NULL, NULL, NULL);
    if (code != SQLITE_OK)
        return connection_fault(connection, code, migration->name, fault);
    return connection_run(connection, "number a migration", version, fault);
}

/* One migration, whole or not at all. */
static enum fault_kind migration_run(struct connection *connection, size_t number,
                                     struct fault *fault)
{
    enum fault_kind kind =
        connection_run(connection, "begin a migration", "BEGIN IMMEDIATE", fault);
    if (kind != FAULT_NONE)
        return kind;
    kind = step_run(connection, number, fault);
    if (kind == FAULT_NONE)
        kind = connection_commit(connection, fault);
    if (sqlite3_get_autocommit(connection->db) == 0)
        (void)sqlite3_exec(connection->db, "ROLLBACK", NULL, NULL, NULL);
    return kind;
}

static enum fault_kind owner_read(struct connection *connection, int64_t *application,
                                  struct fault *fault)
{
    return connection_number(connection, "read whose it is", "PRAGMA application_id", application,
                             fault);
}

enum fault_kind schema_version(struct connection *connection, int64_t *version, struct fault *fault)
{
    int64_t application = 0, objects = 0;
    enum fault_kind kind = owner_read(connection, &application, fault);
    if (kind == FAULT_NONE)
        kind = connection_number(connection, "read its version", "PRAGMA user_version", version,
                                 fault);
    if (kind == FAULT_NONE)
        kind = connection_number(connection, "read its schema",
                                 "SELECT count(*) FROM sqlite_schema", &objects, fault);
    if (kind != FAULT_NONE)
        return kind;
    bool fresh = application == 0 && *version == 0 && objects == 0;
    if (application == UNFINISHED_ID)
        return fault_set(fault, FAULT_FINAL, FLOW_UNFINISHED);
    if (!fresh && application != APPLICATION_ID)
        return fault_set(fault, FAULT_FINAL, "this is a database, but not payoutd's");
    if (*version < 0 || *version > (int64_t)schema_sqlite_count)
        return fault_set(fault, FAULT_FINAL,
                         "its schema is version %lld, and this payoutd knows %zu at most: it was "
                         "used by a newer one",
                         (long long)*version, schema_sqlite_count);
    return FAULT_NONE;
}

enum fault_kind schema_migrate(struct connection *connection, int64_t version, struct fault *fault)
{
    enum fault_kind kind = FAULT_NONE;
    for (size_t i = (size_t)version; i < schema_sqlite_count && kind == FAULT_NONE; i++)
        kind = migration_run(connection, i + 1, fault);
    return kind;
}

int64_t schema_newest(void)
{
    return (int64_t)schema_sqlite_count;
}

enum fault_kind schema_migrate_whole(struct connection *connection,
                                     const struct migration *migration, int64_t version,
                                     struct fault *fault)
{
    enum fault_kind kind = FAULT_NONE;
    for (size_t i = (size_t)version; i < schema_sqlite_count && kind == FAULT_NONE; i++) {
        char what[MIGRATION_WHAT_BYTES];
        migration_what(schema_sqlite[i].bytes, what);
        migration->step(migration->context, (int64_t)i + 1, what);
        kind = step_run(connection, i + 1, fault);
    }
    return kind;
}

enum fault_kind schema_upgrade(const char *path, struct fault *fault)
{
    struct connection connection;
    int64_t version;
    enum fault_kind kind = connection_open(&connection, path, SQLITE_OPEN_READWRITE, fault);
    if (kind != FAULT_NONE)
        return kind;
    kind = schema_version(&connection, &version, fault);
    if (kind == FAULT_NONE && version == 0)
        kind = fault_set(fault, FAULT_FINAL, "it holds nothing");
    if (kind == FAULT_NONE)
        kind = schema_migrate(&connection, version, fault);
    connection_close(&connection);
    return kind;
}

enum fault_kind schema_check(const char *path, struct fault *fault)
{
    struct connection connection;
    int64_t version;
    enum fault_kind kind = connection_open(&connection, path, SQLITE_OPEN_READONLY, fault);
    if (kind != FAULT_NONE)
        return kind;
    kind = schema_version(&connection, &version, fault);
    if (kind == FAULT_NONE && version != (int64_t)schema_sqlite_count)
        kind =
            fault_set(fault, FAULT_FINAL,
                      "its schema is version %lld, not %zu: payoutd migrate brings it up to date",
                      (long long)version, schema_sqlite_count);
    connection_close(&connection);
    return kind;
}

enum fault_kind schema_mark(struct connection *connection, bool unfinished, struct fault *fault)
{
    char sql[64];
    (void)snprintf(sql, sizeof sql, "PRAGMA application_id = %lld",
                   (long long)(unfinished ? UNFINISHED_ID : APPLICATION_ID));
    return connection_run(connection, "say whose it is", sql, fault);
}

enum fault_kind schema_marked(struct connection *connection, bool *unfinished, struct fault *fault)
{
    int64_t application = 0;
    enum fault_kind kind = owner_read(connection, &application, fault);
    *unfinished = application == UNFINISHED_ID;
    return kind;
}

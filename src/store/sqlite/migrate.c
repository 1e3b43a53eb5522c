/* payoutd migrate, of a file: what is to be known before, the steps in one transaction, and what is
 * to be known after. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "store/sqlite/sqlite.h"

/* The first row's first column; "" when there is no row. */
static enum fault_kind text_read(struct connection *connection, const char *what, const char *sql,
                                 char *text, size_t size, struct fault *fault)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(connection->db, sql, -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    const unsigned char *found = code == SQLITE_ROW ? sqlite3_column_text(statement, 0) : NULL;
    (void)snprintf(text, size, "%s", found == NULL ? "" : (const char *)found);
    enum fault_kind kind = FAULT_NONE;
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        kind = connection_fault(connection, code, what, fault);
    (void)sqlite3_finalize(statement);
    return kind;
}

/* Every page, and every row that refers to another. */
static enum fault_kind file_sound(struct connection *connection, struct fault *fault)
{
    char said[160];
    enum fault_kind kind =
        text_read(connection, "check the file", "PRAGMA quick_check(1)", said, sizeof said, fault);
    if (kind == FAULT_NONE && strcmp(said, "ok") != 0)
        return fault_set(fault, FAULT_FINAL, "the file is damaged: %s", said);
    if (kind == FAULT_NONE)
        kind = text_read(connection, "check what refers to what", "PRAGMA foreign_key_check", said,
                         sizeof said, fault);
    if (kind == FAULT_NONE && said[0] != '\0')
        return fault_set(fault, FAULT_FINAL, "rows of %s refer to what is not there", said);
    return kind;
}

/* A step may write every table anew, and the log has it until it is moved into the file. */
static enum fault_kind room_check(const char *path, struct fault *fault)
{
    struct stat file;
    struct statvfs disk;
    if (stat(path, &file) != 0 || statvfs(path, &disk) != 0)
        return fault_set(fault, FAULT_FINAL, "look how much room there is");
    uint64_t free_bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
    uint64_t wanted = 2 * (uint64_t)file.st_size;
    if (free_bytes >= wanted)
        return FAULT_NONE;
    return fault_set(fault, FAULT_FINAL, "there are %llu MB free on its disk, %llu are wanted",
                     (unsigned long long)(free_bytes >> 20), (unsigned long long)(wanted >> 20));
}

static enum fault_kind census_read(struct connection *connection,
                                   char census[MIGRATION_CENSUS_BYTES], struct fault *fault)
{
    return text_read(connection, "count what is there", MIGRATION_CENSUS, census,
                     MIGRATION_CENSUS_BYTES, fault);
}

/* In the transaction that is open. */
static enum fault_kind steps_whole(struct connection *connection, const struct migration *migration,
                                   int64_t version, struct fault *fault)
{
    char before[MIGRATION_CENSUS_BYTES] = "", after[MIGRATION_CENSUS_BYTES];
    enum fault_kind kind = version == 0 ? FAULT_NONE : census_read(connection, before, fault);
    if (kind == FAULT_NONE)
        kind = schema_migrate_whole(connection, migration, version, fault);
    if (kind == FAULT_NONE)
        kind = file_sound(connection, fault);
    if (kind != FAULT_NONE || version == 0)
        return kind;
    kind = census_read(connection, after, fault);
    return kind == FAULT_NONE ? migration_compare(migration, before, after, fault) : kind;
}

static enum fault_kind connection_migrate(struct connection *connection,
                                          const struct migration *migration, int64_t version,
                                          struct fault *fault)
{
    enum fault_kind kind = connection_run(connection, "begin to migrate", "BEGIN IMMEDIATE", fault);
    if (kind != FAULT_NONE)
        return kind;
    kind = steps_whole(connection, migration, version, fault);
    if (kind == FAULT_NONE && !migration->dry_run)
        kind = connection_commit(connection, fault);
    if (sqlite3_get_autocommit(connection->db) == 0)
        (void)sqlite3_exec(connection->db, "ROLLBACK", NULL, NULL, NULL);
    return kind;
}

/* A store that is there, or one to be made. */
static enum fault_kind file_migrate(const char *path, const struct migration *migration,
                                    struct fault *fault)
{
    struct connection writer = {.db = NULL};
    int64_t version = 0;
    bool there = file_is(path, "");
    enum fault_kind kind = FAULT_NONE;
    if (!there && !migration->dry_run)
        kind = file_create(path, NULL, fault);
    if (kind == FAULT_NONE)
        kind = file_open_writer(!there && migration->dry_run ? ":memory:" : path, &writer, &version,
                                fault);
    if (kind == FAULT_NONE)
        migration->begins(migration->context, version, schema_newest());
    if (kind == FAULT_NONE && version < schema_newest()) {
        if (there)
            kind = room_check(path, fault);
        if (kind == FAULT_NONE)
            kind = file_sound(&writer, fault);
        if (kind == FAULT_NONE)
            kind = connection_migrate(&writer, migration, version, fault);
    }
    if (writer.db != NULL)
        connection_close(&writer);
    return kind;
}

enum fault_kind sqlite_migrate(const char *url, const struct migration *migration,
                               struct fault *fault)
{
    const char *path = file_url_path(url, fault);
    int lock = -1;
    if (path == NULL)
        return FAULT_FINAL;
    enum fault_kind kind = file_lock(path, &lock, fault);
    if (kind == FAULT_NONE)
        kind = file_migrate(path, migration, fault);
    if (lock >= 0)
        (void)close(lock); /* The lock file stays, as sqlite_close says. */
    return kind == FAULT_NONE ? kind : fault_wrap(fault, "%s", path);
}

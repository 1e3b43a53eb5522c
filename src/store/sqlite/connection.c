#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "store/sqlite/sqlite.h"

/* A program on the side (sqlite3 on the server) may hold a lock for a moment. */
enum { BUSY_TIMEOUT_MS = 2000 };

static const struct {
    unsigned who;
    const char *what, *sql;
} statements[STATEMENT_COUNT] = {
#define STATEMENT(name, who, what, sql) [STATEMENT_##name] = {(who), (what), (sql)},
#include "store/sqlite/statement.def"
#undef STATEMENT
};

const char *connection_sql(enum statement_id id, unsigned *who)
{
    invariant((unsigned)id < STATEMENT_COUNT);
    *who = statements[id].who;
    return statements[id].sql;
}

const char *connection_what(enum statement_id id)
{
    invariant((unsigned)id < STATEMENT_COUNT);
    return statements[id].what;
}

/* --- What a failure means --- */

/* The system's own number for the last failure of a file: of the log, where a commit writes, or of
 * the database. SQLite itself does not keep it for a commit. */
static int failure_errno(const struct connection *connection)
{
    sqlite3_file *log = NULL;
    int error = 0;
    (void)sqlite3_file_control(connection->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
    if (log != NULL && log->pMethods != NULL)
        (void)log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &error);
    if (error == 0)
        (void)sqlite3_file_control(connection->db, "main", SQLITE_FCNTL_LAST_ERRNO, &error);
    return error != 0 ? error : sqlite3_system_errno(connection->db);
}

void connection_stop(struct connection *connection, int code, const char *what)
{
    int error = failure_errno(connection);
    log_event(LOG_LEVEL_ERROR, "store stops the process", LOG_TEXT("what", what),
              LOG_TEXT("why", sqlite3_errstr(code)), LOG_NUMBER("code", code),
              LOG_TEXT("system", error == 0 ? "" : strerror(error)));
    abort();
}

/* True when the disk, a quota or a limit had no room for what was to be written: it was not, and
 * will be as soon as there is room. */
static bool failure_is_full(const struct connection *connection, int code)
{
    if ((code & 0xff) == SQLITE_FULL)
        return true;
    int error = code == SQLITE_IOERR_WRITE ? failure_errno(connection) : 0;
    return error == ENOSPC || error == EDQUOT || error == EFBIG;
}

enum fault_kind connection_fault(struct connection *connection, int code, const char *what,
                                 struct fault *fault)
{
    int error = failure_errno(connection);
    if (failure_is_full(connection, code))
        return fault_set(fault, FAULT_FINAL, "%s: the disk is full", what);
    /* The kernel may have dropped the pages that it could not write, and say that all is well when
     * it is asked again: only what is on the disk counts now, and only a restart reads that. */
    if (code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC)
        connection_stop(connection, code, what);
    switch (code & 0xff) {
    case SQLITE_NOMEM:
        connection_stop(connection, code, what);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return fault_set(fault, FAULT_AGAIN, "%s: another program holds the database", what);
    case SQLITE_CORRUPT:
        return fault_set(fault, FAULT_FINAL, "%s: the database is damaged: %s", what,
                         sqlite3_errmsg(connection->db));
    case SQLITE_NOTADB:
        return fault_set(fault, FAULT_FINAL, "%s: the file is no SQLite database", what);
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        return fault_set(fault, FAULT_FINAL, "%s: %s (%s, code %d)", what,
                         sqlite3_errmsg(connection->db), error == 0 ? "-" : strerror(error), code);
    default:
        return fault_set(fault, FAULT_FINAL, "%s: %s", what, sqlite3_errmsg(connection->db));
    }
}

enum fault_kind connection_commit(struct connection *connection, struct fault *fault)
{
    /* Not the prepared statement: migrations commit before there are any. */
    int code = sqlite3_exec(connection->db, statements[STATEMENT_COMMIT].sql, NULL, NULL, NULL);
    const char *what = statements[STATEMENT_COMMIT].what;
    /* Not for want of room, and not because somebody holds a lock: what is on the disk is not known
     * any more. */
    if ((code & 0xff) == SQLITE_IOERR && !failure_is_full(connection, code))
        connection_stop(connection, code, what);
    return code == SQLITE_OK ? FAULT_NONE : connection_fault(connection, code, what, fault);
}

enum fault_kind connection_view_begin(struct connection *connection, struct fault *fault)
{
    struct query query;
    query_begin(&query, connection, STATEMENT_READ_BEGIN, NULL);
    return query_run(&query, fault);
}

void connection_view_end(struct connection *connection)
{
    /* It has read only: there is nothing in it that could fail to last. */
    (void)sqlite3_step(connection->statements[STATEMENT_READ_END]);
    (void)sqlite3_reset(connection->statements[STATEMENT_READ_END]);
    invariant(sqlite3_get_autocommit(connection->db) != 0);
}

/* --- Opening --- */

static void sqlite_configure(void)
{
    /* Counting its memory would take one lock a malloc for all threads. */
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    invariant(sqlite3_initialize() == SQLITE_OK);
}

enum fault_kind connection_open(struct connection *connection, const char *path, int flags,
                                struct fault *fault)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    invariant(pthread_once(&once, sqlite_configure) == 0);
    *connection = (struct connection){.db = NULL};
    int code = sqlite3_open_v2(path, &connection->db,
                               flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    invariant(connection->db != NULL); /* There was memory for it. */
    enum fault_kind kind = FAULT_NONE;
    if (code != SQLITE_OK)
        kind = connection_fault(connection, code, path, fault);
    if (kind == FAULT_NONE) {
        (void)sqlite3_busy_timeout(connection->db, BUSY_TIMEOUT_MS);
        (void)sqlite3_db_config(connection->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
        kind = connection_run(connection, "set a connection up",
                              "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"
                              "PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 0",
                              fault);
    }
    if (kind != FAULT_NONE)
        connection_close(connection);
    return kind;
}

enum fault_kind connection_prepare(struct connection *connection, unsigned who, struct fault *fault)
{
    for (size_t i = 0; i < STATEMENT_COUNT; i++) {
        if ((statements[i].who & who) == 0)
            continue;
        int code = sqlite3_prepare_v3(connection->db, statements[i].sql, -1,
                                      SQLITE_PREPARE_PERSISTENT, &connection->statements[i], NULL);
        if (code != SQLITE_OK)
            return connection_fault(connection, code, statements[i].what, fault);
    }
    return FAULT_NONE;
}

void connection_close(struct connection *connection)
{
    for (size_t i = 0; i < STATEMENT_COUNT; i++)
        (void)sqlite3_finalize(connection->statements[i]);
    invariant(sqlite3_close(connection->db) == SQLITE_OK); /* No statement is left. */
    *connection = (struct connection){.db = NULL};
}

enum fault_kind connection_run(struct connection *connection, const char *what, const char *sql,
                               struct fault *fault)
{
    int code = sqlite3_exec(connection->db, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? FAULT_NONE : connection_fault(connection, code, what, fault);
}

enum fault_kind connection_number(struct connection *connection, const char *what, const char *sql,
                                  int64_t *number, struct fault *fault)
{
    sqlite3_stmt *statement = NULL;
    *number = 0;
    int code = sqlite3_prepare_v2(connection->db, sql, -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        *number = sqlite3_column_int64(statement, 0);
    enum fault_kind kind = FAULT_NONE;
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        kind = connection_fault(connection, code, what, fault);
    (void)sqlite3_finalize(statement);
    return kind;
}

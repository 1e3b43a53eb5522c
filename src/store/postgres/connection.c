#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/postgres/postgres.h"

/* How long an answer may take before its connection counts as lost: longer than the server itself
 * lets a statement run (settings below). */
enum { WRITER_PATIENCE_MS = 45000 };
/* So long a lost server is waited for, with waits between the tries that grow from the first to the
 * last; after that every call tries once, until it is there again. */
enum { SERVER_WAIT_MS = 8000, TRY_FIRST_MS = 10, TRY_LAST_MS = 500 };
enum { SERVER_VERSION_LEAST = 150000 };

/* --- What a failure means --- */

/* The first line, without what libpq hangs on it. */
static enum fault_kind fault_line(struct fault *fault, enum fault_kind kind, const char *what,
                                  const char *message)
{
    int length = (int)strcspn(message, "\n");
    return fault_set(fault, kind, "%s: %.*s", what, length,
                     length == 0 ? "the connection is lost" : message);
}

/* Failures that the same call may not have again, by class or by code. */
static bool failure_passes(const char *state)
{
    static const char *const prefixes[] = {
        "40",    /* Serialization failures and deadlocks. */
        "08",    /* The connection. */
        "57P",   /* The server stops, has crashed, or is starting. */
        "57014", /* A time-out, or somebody cancelled it. */
        "55P03", /* A lock was not to be had in time. */
        "25P03", /* The session was idle in its transaction for too long. */
        "25006", /* It is a standby: the primary is elsewhere. */
        "53300", /* Too many connections. */
        "53200", /* No memory there. */
    };
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (strncmp(state, prefixes[i], strlen(prefixes[i])) == 0)
            return true;
    return false;
}

enum fault_kind pg_connection_failure(struct connection *connection, const PGresult *result,
                                      const char *what, struct fault *fault)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    (void)snprintf(connection->state, sizeof connection->state, "%s", state == NULL ? "" : state);
    if (state == NULL || message == NULL) /* libpq's own: the connection. */
        return fault_line(fault, FAULT_AGAIN, what, PQresultErrorMessage(result));
    if (strcmp(state, "53100") == 0)
        return fault_set(fault, FAULT_FINAL, "%s: the database server's disk is full", what);
    return fault_set(fault, failure_passes(state) ? FAULT_AGAIN : FAULT_FINAL, "%s: %s (%s)", what,
                     message, state);
}

static void notice_log(void *context, const PGresult *result)
{
    (void)context;
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (severity != NULL && message != NULL && strcmp(severity, "WARNING") == 0)
        log_event(LOG_LEVEL_WARNING, "the database warns", LOG_TEXT("of", message));
}

/* --- Waiting --- */

bool pg_connection_wait_again(const struct connection *connection, int *wait_ms)
{
    int64_t since_us = clock_monotonic_us() - connection->lost_at_us;
    if (connection->lost_at_us == 0 || since_us > (int64_t)SERVER_WAIT_MS * 1000)
        return false;
    *wait_ms = *wait_ms == 0 ? TRY_FIRST_MS : *wait_ms * 2;
    *wait_ms = *wait_ms > TRY_LAST_MS ? TRY_LAST_MS : *wait_ms;
    (void)poll(NULL, 0, *wait_ms);
    return true;
}

void pg_connection_drop(struct connection *connection)
{
    if (connection->pg == NULL)
        return;
    PQfinish(connection->pg);
    connection->pg = NULL;
    connection->lost_at_us = clock_monotonic_us();
}

/* Sends what is queued and waits until there is something to get, or the connection is known to be
 * lost. False: nothing came for longer than the patience. */
static bool answer_wait(struct connection *connection)
{
    int64_t until_us = clock_monotonic_us() + (int64_t)connection->patience_ms * 1000;
    for (;;) {
        int left = PQflush(connection->pg);
        if (left < 0 || PQisBusy(connection->pg) == 0)
            return true;
        struct pollfd wait = {.fd = PQsocket(connection->pg),
                              .events = (short)(left > 0 ? POLLIN | POLLOUT : POLLIN)};
        int64_t rest_ms = (until_us - clock_monotonic_us()) / 1000;
        if (connection->patience_ms > 0 && rest_ms <= 0)
            return false;
        int ready = poll(&wait, 1, connection->patience_ms > 0 ? (int)rest_ms : -1);
        if (ready < 0 && errno != EINTR)
            return false;
        if (ready > 0 && PQconsumeInput(connection->pg) == 0)
            return true; /* What went wrong is the next result. */
    }
}

/* The next result that is one; NULL: the connection is lost, and dropped. Each statement's result
 * is followed by one NULL, a synchronisation's by none. */
static PGresult *result_next(struct connection *connection, const char *what, struct fault *fault)
{
    for (int nothing = 0; connection->pg != NULL && nothing < 3; nothing++) {
        if (!answer_wait(connection)) {
            pg_connection_drop(connection);
            (void)fault_set(fault, FAULT_AGAIN, "%s: the database server does not answer", what);
            return NULL;
        }
        PGresult *result = PQgetResult(connection->pg);
        if (result != NULL)
            return result;
    }
    (void)fault_line(fault, FAULT_AGAIN, what,
                     connection->pg == NULL ? "" : PQerrorMessage(connection->pg));
    pg_connection_drop(connection);
    return NULL;
}

/* --- The pipeline --- */

void pipeline_send(struct connection *connection, enum statement_id id, const struct values *values)
{
    static const struct values none;
    const struct values *given = values == NULL ? &none : values;
    unsigned who;
    const char *sql = statement_sql(id, &who);
    char name[STATEMENT_NAME_BYTES];
    statement_name(id, name);
    if (connection->pg == NULL)
        return;
    int queued = (who & ONCE) != 0
                     ? PQsendQueryParams(connection->pg, sql, given->count, NULL, given->of,
                                         given->lengths, given->formats, 1)
                     : PQsendQueryPrepared(connection->pg, name, given->count, given->of,
                                           given->lengths, given->formats, 1);
    /* Nothing may follow what is not there: a commit without one of its statements least of all. */
    if (queued == 0)
        pg_connection_drop(connection);
}

void pipeline_end(struct connection *connection)
{
    if (connection->pg != NULL && PQpipelineSync(connection->pg) == 0)
        pg_connection_drop(connection);
}

static PGresult *pipeline_next_of(struct connection *connection, const char *what,
                                  struct fault *fault)
{
    PGresult *result = result_next(connection, what, fault);
    if (result == NULL)
        return NULL;
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
        return result;
    /* A result that nobody asked for: what was sent before did not get into the queue. */
    if (status == PGRES_PIPELINE_SYNC)
        pg_connection_drop(connection);
    (void)pg_connection_failure(connection, result, what, fault);
    PQclear(result);
    return NULL;
}

PGresult *pipeline_next(struct connection *connection, enum statement_id id, struct fault *fault)
{
    return pipeline_next_of(connection, statement_what(id), fault);
}

bool pipeline_done(struct connection *connection)
{
    struct fault fault;
    for (;;) {
        PGresult *result = result_next(connection, "end a pipeline", &fault);
        if (result == NULL)
            return false;
        bool end = PQresultStatus(result) == PGRES_PIPELINE_SYNC;
        PQclear(result);
        if (end)
            return true;
        if (PQstatus(connection->pg) != CONNECTION_OK) {
            pg_connection_drop(connection);
            return false;
        }
    }
}

enum fault_kind pipeline_run(struct connection *connection, enum statement_id id,
                             struct fault *fault)
{
    pipeline_send(connection, id, NULL);
    pipeline_end(connection);
    PGresult *result = pipeline_next(connection, id, fault);
    (void)pipeline_done(connection);
    PQclear(result);
    return result == NULL ? fault->kind : FAULT_NONE;
}

/* --- Opening --- */

/* Plans that do not lean on statistics: each statement has an index, or walks a table once and says
 * so. A session that its client left behind ends by itself. */
#define SET(name, value) "set_config('" name "', '" value "', false), "
#define SET_BOTH                                                                                   \
    SET("plan_cache_mode", "force_generic_plan")                                                   \
    SET("enable_seqscan", "off")                                                                   \
    SET("enable_hashjoin", "off")                                                                  \
    SET("enable_mergejoin", "off")                                                                 \
    SET("enable_bitmapscan", "off")                                                                \
    SET("jit", "off")                                                                              \
    SET("lock_timeout", "5s")                                                                      \
    SET("tcp_keepalives_idle", "10")                                                               \
    SET("tcp_keepalives_interval", "5")                                                            \
    SET("tcp_keepalives_count", "3")                                                               \
    SET("tcp_user_timeout", "20s")                                                                 \
    SET("client_connection_check_interval", "5s")                                                  \
    "set_config('synchronous_commit', CASE current_setting('synchronous_commit')"                  \
    " WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false)"
static const char SET_UP_WRITER[] =
    "SELECT current_setting('fsync'), current_setting('server_encoding'), " SET(
        "statement_timeout", "30s") SET("idle_in_transaction_session_timeout", "15s") SET_BOTH;
static const char SET_UP_READER[] =
    "SELECT current_setting('fsync'), current_setting('server_encoding'), " SET(
        "statement_timeout", "10s") SET("default_transaction_read_only", "on") SET_BOTH;

/* What the server must be, as it says of itself. */
static enum fault_kind server_check(const struct connection *connection, const PGresult *result,
                                    struct fault *fault)
{
    if (PQserverVersion(connection->pg) < SERVER_VERSION_LEAST)
        return fault_set(fault, FAULT_FINAL, "the server is older than PostgreSQL 15");
    if (strcmp(PQgetvalue(result, 0, 0), "on") != 0)
        return fault_set(fault, FAULT_FINAL, "the server's fsync is off: no commit would last");
    if (strcmp(PQgetvalue(result, 0, 1), "UTF8") != 0)
        return fault_set(fault, FAULT_FINAL, "the database's encoding is %s: it must be UTF8",
                         PQgetvalue(result, 0, 1));
    return FAULT_NONE;
}

static enum fault_kind session_set_up(struct connection *connection, struct fault *fault)
{
    static const char what[] = "set a connection up";
    const char *sql = connection->who == READS ? SET_UP_READER : SET_UP_WRITER;
    (void)PQsendQueryParams(connection->pg, sql, 0, NULL, NULL, NULL, NULL, 0);
    pipeline_end(connection);
    PGresult *result = pipeline_next_of(connection, what, fault);
    enum fault_kind kind = result == NULL ? fault->kind : server_check(connection, result, fault);
    PQclear(result);
    (void)pipeline_done(connection);
    return kind;
}

static PGconn *server_connect(const char *url)
{
    /* What stands before the URL it may change, what stands behind it not. */
    const char *const names[] = {"connect_timeout",
                                 "keepalives_idle",
                                 "keepalives_interval",
                                 "keepalives_count",
                                 "tcp_user_timeout",
                                 "application_name",
                                 "dbname",
                                 "client_encoding",
                                 "target_session_attrs",
                                 NULL};
    const char *const values[] = {"5",       "10", "5",    "3",          "20000",
                                  "payoutd", url,  "UTF8", "read-write", NULL};
    return PQconnectdbParams(names, values, 1);
}

enum fault_kind pg_connection_open(struct connection *connection, const char *url,
                                   struct fault *fault)
{
    invariant(connection->pg == NULL);
    int64_t lost_at_us = connection->lost_at_us;
    connection->pg = server_connect(url);
    invariant(connection->pg != NULL); /* There was memory for it. */
    connection->in_view = false;
    connection->patience_ms =
        (connection->who & WRITES) != 0 ? WRITER_PATIENCE_MS : READER_PATIENCE_MS;
    (void)PQsetNoticeReceiver(connection->pg, notice_log, NULL);
    enum fault_kind kind = FAULT_NONE;
    if (PQstatus(connection->pg) != CONNECTION_OK)
        kind = fault_line(fault, FAULT_AGAIN, "connect", PQerrorMessage(connection->pg));
    else if (PQsetnonblocking(connection->pg, 1) != 0 || PQenterPipelineMode(connection->pg) == 0)
        kind = fault_line(fault, FAULT_AGAIN, "connect", PQerrorMessage(connection->pg));
    else
        kind = session_set_up(connection, fault);
    if (kind != FAULT_NONE)
        pg_connection_drop(connection);
    connection->lost_at_us = kind == FAULT_NONE ? 0 : lost_at_us;
    return kind;
}

enum fault_kind pg_connection_prepare(struct connection *connection, struct fault *fault)
{
    enum fault_kind kind = FAULT_NONE;
    for (size_t i = 0; i < STATEMENT_COUNT; i++) {
        unsigned who;
        char name[STATEMENT_NAME_BYTES];
        const char *sql = statement_sql((enum statement_id)i, &who);
        statement_name((enum statement_id)i, name);
        if ((who & connection->who) != 0 && (who & ONCE) == 0)
            (void)PQsendPrepare(connection->pg, name, sql, 0, NULL);
    }
    pipeline_end(connection);
    for (size_t i = 0; i < STATEMENT_COUNT && kind == FAULT_NONE; i++) {
        unsigned who;
        (void)statement_sql((enum statement_id)i, &who);
        if ((who & connection->who) == 0 || (who & ONCE) != 0)
            continue;
        PGresult *result = pipeline_next(connection, (enum statement_id)i, fault);
        kind = result == NULL ? fault->kind : FAULT_NONE;
        PQclear(result);
    }
    (void)pipeline_done(connection);
    if (kind != FAULT_NONE)
        pg_connection_drop(connection);
    return kind;
}

enum fault_kind pg_connection_script(struct connection *connection, const char *what,
                                     const char *script, struct fault *fault)
{
    invariant(PQexitPipelineMode(connection->pg) == 1); /* It is idle. */
    (void)PQsetnonblocking(connection->pg, 0);
    PGresult *result = PQexec(connection->pg, script);
    ExecStatusType status = PQresultStatus(result);
    enum fault_kind kind = FAULT_NONE;
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        kind = pg_connection_failure(connection, result, what, fault);
    PQclear(result);
    if (PQstatus(connection->pg) != CONNECTION_OK || PQsetnonblocking(connection->pg, 1) != 0 ||
        PQenterPipelineMode(connection->pg) == 0)
        pg_connection_drop(connection);
    return kind;
}

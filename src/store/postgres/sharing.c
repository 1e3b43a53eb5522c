/* What the processes of one store share: one connection each, which listens, too. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/postgres/postgres.h"

enum { PARAMETERS_BYTES_MAX = 16 * 1024, LISTEN_BYTES = 96 };

struct sharing {
    struct store_sharing sharing;
    const struct sharing_self *self;
    const char *url; /* The store's. */
    struct connection connection;
};

static struct sharing *sharing_of(struct store_sharing *sharing)
{
    return (struct sharing *)(void *)sharing;
}

/* --- The connection --- */

static enum fault_kind listen_begin(struct sharing *sharing, struct fault *fault)
{
    struct connection *connection = &sharing->connection;
    char listen[LISTEN_BYTES] = "";
    pipeline_send(connection, STATEMENT_CHANNEL, NULL);
    pipeline_end(connection);
    PGresult *result = pipeline_next(connection, STATEMENT_CHANNEL, fault);
    bool done = pipeline_done(connection);
    if (result == NULL)
        return fault->kind;
    (void)snprintf(listen, sizeof listen, "LISTEN %s", PQgetvalue(result, 0, 0));
    PQclear(result);
    if (!done)
        return fault_set(fault, FAULT_AGAIN, "listen: the connection was lost");
    return pg_connection_script(connection, "listen", listen, fault);
}

static enum fault_kind sharing_ready(struct sharing *sharing, struct fault *fault)
{
    struct connection *connection = &sharing->connection;
    if (connection->pg != NULL)
        return FAULT_NONE;
    enum fault_kind kind = pg_connection_open(connection, sharing->url, fault);
    if (kind == FAULT_NONE)
        kind = pg_connection_prepare(connection, fault);
    if (kind == FAULT_NONE)
        kind = listen_begin(sharing, fault);
    if (kind != FAULT_NONE)
        pg_connection_drop(connection);
    else /* An answer that comes later would be of no use. */
        connection->patience_ms = (int)(sharing->self->lease_ms / 3);
    return kind;
}

/* --- Statements in a pipeline, which is one transaction --- */

struct run {
    struct connection *connection;
    struct arena *arena;
    struct values values; /* Of the statement that is being made. */
};

static void run_send(struct run *run, enum statement_id id)
{
    pipeline_send(run->connection, id, &run->values);
    run->values.count = 0;
}

static void put(struct run *run, int64_t number)
{
    value_put_number(&run->values, run->arena, number);
}

/* The next result, which the caller clears; NULL: it failed. */
static PGresult *run_next(struct run *run, enum statement_id id, struct fault *fault)
{
    return pipeline_next(run->connection, id, fault);
}

/* The result does not matter. */
static enum fault_kind run_skip(struct run *run, enum statement_id id, struct fault *fault)
{
    PGresult *result = run_next(run, id, fault);
    PQclear(result);
    return result == NULL ? fault->kind : FAULT_NONE;
}

/* After all results: whether what was sent was committed. */
static enum fault_kind run_end(struct run *run, enum fault_kind kind, struct fault *fault)
{
    bool done = pipeline_done(run->connection);
    if (kind == FAULT_NONE && !done)
        kind = fault_set(fault, FAULT_AGAIN, "share the work: the connection was lost");
    return kind;
}

static void shards_get(PGresult *result, uint32_t held[DUTY_END])
{
    for (int row = 0; row < PQntuples(result); row++) {
        struct query query;
        pg_query_of_result(&query, result, row, NULL);
        int64_t duty = pg_query_get(&query), shard = pg_query_get(&query);
        if (duty < DUTY_OPERATORS || duty >= DUTY_END || shard < 0 || shard >= SHARDS)
            continue;
        held[duty] |= UINT32_C(1) << shard & duty_shards((enum duty)duty);
    }
}

static enum fault_kind inherit(struct sharing *sharing, struct fault *fault)
{
    struct run run = {.connection = &sharing->connection};
    value_put_text(&run.values, sharing->self->name);
    run_send(&run, STATEMENT_LEASES_INHERIT);
    value_put_text(&run.values, sharing->self->name);
    run_send(&run, STATEMENT_PROCESS_INHERIT);
    pipeline_end(run.connection);
    enum fault_kind kind = run_skip(&run, STATEMENT_LEASES_INHERIT, fault);
    if (kind == FAULT_NONE)
        kind = run_skip(&run, STATEMENT_PROCESS_INHERIT, fault);
    return run_end(&run, kind, fault);
}

/* --- Beats --- */

static void beat_send(struct run *run, const struct sharing_self *self,
                      const uint32_t given[DUTY_END])
{
    put(run, self->id);
    put(run, self->lease_ms);
    put(run, self->works);
    value_put_bytes(&run->values, self->keys, sizeof self->keys);
    value_put_text(&run->values, self->name);
    run_send(run, STATEMENT_PROCESS_BEAT);
    run_send(run, STATEMENT_PROCESSES_GONE);
    value_put_bytes(&run->values, self->keys, sizeof self->keys);
    run_send(run, STATEMENT_PROCESSES);
    for (int duty = DUTY_OPERATORS; duty < DUTY_END; duty++) {
        if (given[duty] == 0)
            continue;
        put(run, self->id);
        put(run, duty);
        put(run, given[duty]);
        run_send(run, STATEMENT_LEASES_GIVE);
    }
    put(run, self->id);
    put(run, self->lease_ms);
    run_send(run, STATEMENT_LEASES_RENEW);
    pipeline_end(run->connection);
}

/* The numbers of a result's one row. */
static enum fault_kind numbers_get(struct run *run, enum statement_id id, int64_t *first,
                                   int64_t *second, struct fault *fault)
{
    PGresult *result = run_next(run, id, fault);
    if (result == NULL)
        return fault->kind;
    struct query query;
    pg_query_of_result(&query, result, 0, NULL);
    if (PQntuples(result) == 1) {
        *first = pg_query_get(&query);
        if (second != NULL)
            *second = pg_query_get(&query);
    }
    PQclear(result);
    return FAULT_NONE;
}

static enum fault_kind beat_get(struct run *run, const uint32_t given[DUTY_END],
                                struct sharing_beat *beat, struct fault *fault)
{
    enum fault_kind kind = numbers_get(run, STATEMENT_PROCESS_BEAT, &beat->now_ms, NULL, fault);
    if (kind == FAULT_NONE)
        kind = run_skip(run, STATEMENT_PROCESSES_GONE, fault);
    if (kind == FAULT_NONE)
        kind = numbers_get(run, STATEMENT_PROCESSES, &beat->workers, &beat->strangers, fault);
    for (int duty = DUTY_OPERATORS; duty < DUTY_END && kind == FAULT_NONE; duty++)
        if (given[duty] != 0)
            kind = run_skip(run, STATEMENT_LEASES_GIVE, fault);
    if (kind != FAULT_NONE)
        return kind;
    PGresult *result = run_next(run, STATEMENT_LEASES_RENEW, fault);
    if (result == NULL)
        return fault->kind;
    shards_get(result, beat->held);
    PQclear(result);
    return FAULT_NONE;
}

enum fault_kind postgres_sharing_beat(struct store_sharing *sharing, const uint32_t given[DUTY_END],
                                      struct sharing_beat *beat, struct fault *fault)
{
    struct sharing *of = sharing_of(sharing);
    *beat = (struct sharing_beat){0};
    enum fault_kind kind = sharing_ready(of, fault);
    if (kind != FAULT_NONE)
        return kind;
    AUTO(arena_closep) struct arena *arena = arena_open(PARAMETERS_BYTES_MAX);
    struct run run = {.connection = &of->connection, .arena = arena};
    beat_send(&run, of->self, given);
    return run_end(&run, beat_get(&run, given, beat, fault), fault);
}

enum fault_kind postgres_sharing_take(struct store_sharing *sharing, enum duty duty, int64_t most,
                                      uint32_t *taken, struct fault *fault)
{
    struct sharing *of = sharing_of(sharing);
    uint32_t held[DUTY_END] = {0};
    *taken = 0;
    enum fault_kind kind = sharing_ready(of, fault);
    if (kind != FAULT_NONE)
        return kind;
    AUTO(arena_closep) struct arena *arena = arena_open(PARAMETERS_BYTES_MAX);
    struct run run = {.connection = &of->connection, .arena = arena};
    put(&run, of->self->id);
    put(&run, of->self->lease_ms);
    put(&run, duty);
    put(&run, most);
    value_put_text(&run.values, of->self->name);
    run_send(&run, STATEMENT_LEASES_TAKE);
    pipeline_end(run.connection);
    PGresult *result = run_next(&run, STATEMENT_LEASES_TAKE, fault);
    kind = result == NULL ? fault->kind : FAULT_NONE;
    if (result != NULL)
        shards_get(result, held);
    PQclear(result);
    kind = run_end(&run, kind, fault);
    *taken = kind == FAULT_NONE ? held[duty] : 0;
    return kind;
}

enum fault_kind postgres_sharing_leave(struct store_sharing *sharing, struct fault *fault)
{
    struct sharing *of = sharing_of(sharing);
    enum fault_kind kind = sharing_ready(of, fault);
    if (kind != FAULT_NONE)
        return kind;
    AUTO(arena_closep) struct arena *arena = arena_open(PARAMETERS_BYTES_MAX);
    struct run run = {.connection = &of->connection, .arena = arena};
    put(&run, of->self->id);
    run_send(&run, STATEMENT_LEASES_LEAVE);
    put(&run, of->self->id);
    run_send(&run, STATEMENT_PROCESS_LEAVE);
    pipeline_end(run.connection);
    kind = run_skip(&run, STATEMENT_LEASES_LEAVE, fault);
    if (kind == FAULT_NONE)
        kind = run_skip(&run, STATEMENT_PROCESS_LEAVE, fault);
    return run_end(&run, kind, fault);
}

/* --- Telling and hearing --- */

enum fault_kind postgres_sharing_tell(struct store_sharing *sharing, const char *text,
                                      struct fault *fault)
{
    struct sharing *of = sharing_of(sharing);
    invariant(strlen(text) < SHARING_TEXT_BYTES);
    enum fault_kind kind = sharing_ready(of, fault);
    if (kind != FAULT_NONE)
        return kind;
    struct run run = {.connection = &of->connection};
    value_put_text(&run.values, text);
    run_send(&run, STATEMENT_TELL);
    pipeline_end(run.connection);
    return run_end(&run, run_skip(&run, STATEMENT_TELL, fault), fault);
}

bool postgres_sharing_wait(struct store_sharing *sharing, int descriptor, int64_t wait_ms)
{
    struct connection *connection = &sharing_of(sharing)->connection;
    struct pollfd waits[2] = {{.fd = descriptor, .events = POLLIN}, {.fd = -1, .events = POLLIN}};
    if (connection->pg != NULL)
        waits[1].fd = PQsocket(connection->pg);
    (void)poll(waits, 2, (int)wait_ms);
    if (connection->pg != NULL && waits[1].revents != 0 && PQconsumeInput(connection->pg) == 0)
        pg_connection_drop(connection);
    return connection->pg != NULL;
}

bool postgres_sharing_heard(struct store_sharing *sharing, char text[SHARING_TEXT_BYTES])
{
    struct connection *connection = &sharing_of(sharing)->connection;
    PGnotify *heard = connection->pg == NULL ? NULL : PQnotifies(connection->pg);
    if (heard == NULL)
        return false;
    (void)snprintf(text, SHARING_TEXT_BYTES, "%s", heard->extra);
    PQfreemem(heard);
    return true;
}

/* --- Opening and closing --- */

enum fault_kind postgres_sharing_open(struct store *store, const struct sharing_self *self,
                                      struct store_sharing **sharing, struct fault *fault)
{
    struct sharing *opened = calloc(1, sizeof *opened);
    invariant(opened != NULL);
    opened->sharing.backend = &postgres_backend;
    opened->self = self;
    opened->url = ((struct postgres_store *)(void *)store)->url;
    opened->connection.who = SHARES;
    if (sharing_ready(opened, fault) != FAULT_NONE ||
        (self->alone && inherit(opened, fault) != FAULT_NONE)) {
        postgres_sharing_close(&opened->sharing);
        return fault_wrap(fault, "share the work");
    }
    *sharing = &opened->sharing;
    return FAULT_NONE;
}

void postgres_sharing_close(struct store_sharing *sharing)
{
    struct sharing *closed = sharing_of(sharing);
    pg_connection_drop(&closed->connection);
    free(closed);
}

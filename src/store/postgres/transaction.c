/* A writer's transaction: whose it is, how it ends, and what became of one whose end was not heard
 * of. */
#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "store/postgres/postgres.h"

/* How long store_batch_known asks before it stays unknown. */
enum { KNOWN_WAIT_MS = 30000, KNOWN_TRY_MS = 100, KNOWN_ARENA_BYTES = 1 << 16 };

struct postgres_store *pg_store_of(struct store *store)
{
    return (struct postgres_store *)(void *)store;
}

struct writer *pg_writer_of(struct store *store, int lane)
{
    invariant(lane >= 0 && lane < store->share.lanes);
    return &pg_store_of(store)->writers[lane];
}

void pg_transaction_end(struct writer *writer)
{
    struct fault fault;
    struct connection *connection = &writer->connection;
    invariant(writer->in_transaction);
    writer->in_transaction = false;
    if (connection->pg == NULL || PQtransactionStatus(connection->pg) == PQTRANS_IDLE)
        return;
    if (pipeline_run(connection, STATEMENT_ROLLBACK, &fault) != FAULT_NONE)
        pg_connection_drop(connection);
}

/* Commits a transaction that only took its lane. Taking it was written to the log, so that the
 * commit waits until that, and all before it, is where the server says that commits have to be. */
static enum fault_kind transaction_seal(struct writer *writer, struct fault *fault)
{
    struct connection *connection = &writer->connection;
    invariant(writer->in_transaction);
    pipeline_send(connection, STATEMENT_COMMIT_PATIENTLY, NULL);
    pipeline_send(connection, STATEMENT_COMMIT, NULL);
    pipeline_end(connection);
    PGresult *patient = pipeline_next(connection, STATEMENT_COMMIT_PATIENTLY, fault);
    PGresult *sealed = patient == NULL ? NULL : pipeline_next(connection, STATEMENT_COMMIT, fault);
    enum fault_kind kind = sealed == NULL ? fault->kind : FAULT_NONE;
    if (sealed != NULL && strcmp(PQcmdStatus(sealed), "COMMIT") != 0)
        kind = fault_set(fault, FAULT_AGAIN, "leave a lane: it was rolled back");
    PQclear(patient);
    PQclear(sealed);
    (void)pipeline_done(connection);
    pg_transaction_end(writer);
    return kind;
}

struct values pg_lane_values(struct arena *arena, int lane)
{
    struct values values = {.count = 0};
    value_put_number(&values, arena, lane);
    return values;
}

/* --- Ends that write nothing --- */

void postgres_book_reset(struct store *store, int lane)
{
    if (pg_writer_of(store, lane)->in_transaction)
        pg_transaction_end(pg_writer_of(store, lane));
}

/* What a commit has written can be seen before it is on a second server: when its session was ended
 * in that wait, or the server started again. Whoever answers from it waits for it. */
enum fault_kind postgres_book_leave(struct store *store, int lane, struct fault *fault)
{
    return transaction_seal(pg_writer_of(store, lane), fault);
}

/* --- What the lane asks after --- */

/* What this writer committed last in the lane. One that was forgotten can't know. */
static enum fault_kind mark_read(PGresult *result, const uint8_t batch_key[STORE_BATCH_KEY_BYTES],
                                 bool *known, struct fault *fault)
{
    if (PQntuples(result) != 1)
        return fault_set(
            fault, FAULT_FINAL,
            "this process was away for so long that its marks are gone: start it anew");
    *known = PQgetlength(result, 0, 0) == STORE_BATCH_KEY_BYTES &&
             memcmp(PQgetvalue(result, 0, 0), batch_key, STORE_BATCH_KEY_BYTES) == 0;
    return FAULT_NONE;
}

/* Takes the lane's row, which a commit that is still going on in the server holds until it has
 * ended, one way or the other; then the mark says which. */
static enum fault_kind known_try(struct postgres_store *store, int lane,
                                 const uint8_t batch_key[STORE_BATCH_KEY_BYTES], bool *known,
                                 struct fault *fault)
{
    AUTO(arena_closep) struct arena *arena = arena_open(KNOWN_ARENA_BYTES);
    struct writer *writer = pg_writer_of(&store->store, lane);
    struct connection *connection = &writer->connection;
    enum fault_kind kind = writer_ready(store, writer, fault);
    if (kind != FAULT_NONE)
        return kind;
    static const enum statement_id sent[] = {STATEMENT_BEGIN, STATEMENT_LANE_TAKE,
                                             STATEMENT_MARK_FIND};
    struct values values = pg_lane_values(arena, lane);
    writer->in_transaction = true;
    pipeline_send(connection, STATEMENT_BEGIN, NULL);
    pipeline_send(connection, STATEMENT_LANE_TAKE, &values);
    value_put_bytes(&values, store->name, sizeof store->name);
    pipeline_send(connection, STATEMENT_MARK_FIND, &values);
    pipeline_end(connection);
    for (size_t i = 0; i < sizeof sent / sizeof *sent && kind == FAULT_NONE; i++) {
        PGresult *result = pipeline_next(connection, sent[i], fault);
        if (result == NULL)
            kind = fault->kind;
        else if (sent[i] == STATEMENT_MARK_FIND)
            kind = mark_read(result, batch_key, known, fault);
        PQclear(result);
    }
    (void)pipeline_done(connection);
    if (kind == FAULT_NONE && *known)
        return transaction_seal(writer, fault);
    pg_transaction_end(writer);
    return kind;
}

enum fault_kind postgres_batch_known(struct store *store, int lane,
                                     const uint8_t batch_key[STORE_BATCH_KEY_BYTES], bool *known,
                                     struct fault *fault)
{
    int64_t until_us = clock_monotonic_us() + (int64_t)KNOWN_WAIT_MS * 1000;
    enum fault_kind kind;
    *known = false;
    while ((kind = known_try(pg_store_of(store), lane, batch_key, known, fault)) == FAULT_AGAIN &&
           clock_monotonic_us() < until_us)
        (void)poll(NULL, 0, KNOWN_TRY_MS);
    return kind == FAULT_NONE ? kind : fault_wrap(fault, "ask whether a batch was committed");
}

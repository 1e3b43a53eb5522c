/* The store in its server: its state there, and every connection's coming and going. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "store/postgres/postgres.h"

#define SCHEME "postgresql:"

enum {
    STATE_ARENA_BYTES = 1 << 16,
    ALONE_WAIT_MS = 5000, /* So long others may take to leave the store. */
    ALONE_TRY_MS = 50,
};
/* A process that was not heard of for so long is gone. */
#define MARKS_KEPT_MS (INT64_C(30) * 24 * 3600 * 1000)

/* --- The store's state in the database: its schema, its lanes, this process's marks --- */

/* Runs a statement that gives one number. */
static enum fault_kind number_ask(struct connection *connection, enum statement_id id,
                                  int64_t *number, struct fault *fault)
{
    pipeline_send(connection, id, NULL);
    pipeline_end(connection);
    PGresult *result = pipeline_next(connection, id, fault);
    bool done = pipeline_done(connection);
    if (result == NULL)
        return fault->kind;
    struct query query;
    pg_query_of_result(&query, result, -1, NULL);
    *number = pg_query_next(&query) ? pg_query_get(&query) : 0;
    PQclear(result);
    return done ? FAULT_NONE : fault_set(fault, FAULT_AGAIN, "the connection was lost");
}

enum fault_kind pg_store_take(struct connection *connection, struct fault *fault)
{
    int64_t until_us = clock_monotonic_us() + (int64_t)ALONE_WAIT_MS * 1000, alone = 0;
    for (;;) {
        enum fault_kind kind = number_ask(connection, STATEMENT_STORE_TAKE, &alone, fault);
        if (kind != FAULT_NONE || alone != 0)
            return kind;
        if (clock_monotonic_us() > until_us)
            return fault_set(fault, FAULT_AGAIN, "another payoutd has this store open");
        (void)poll(NULL, 0, ALONE_TRY_MS);
    }
}

static enum fault_kind lanes_read(struct connection *connection, int *lanes, struct fault *fault)
{
    int64_t number = 0;
    enum fault_kind kind = number_ask(connection, STATEMENT_LANES, &number, fault);
    if (kind == FAULT_NONE && !share_lanes_valid(number))
        return fault_set(fault, FAULT_FINAL, "the database is damaged: it has %lld lanes",
                         (long long)number);
    *lanes = (int)number;
    return kind;
}

/* Runs a statement that has values and gives nothing. */
static enum fault_kind values_run(struct connection *connection, enum statement_id id,
                                  const struct values *values, struct fault *fault)
{
    pipeline_send(connection, id, values);
    pipeline_end(connection);
    PGresult *result = pipeline_next(connection, id, fault);
    (void)pipeline_done(connection);
    PQclear(result);
    return result == NULL ? fault->kind : FAULT_NONE;
}

/* Whether all is as it has to be; if not, it can be made so by who has the store alone. */
static enum fault_kind state_fits(struct postgres_store *store, struct connection *connection,
                                  bool *fits, struct fault *fault)
{
    int lanes = 0;
    enum fault_kind kind = migrate_needed(connection, fits, fault);
    *fits = !*fits;
    if (kind != FAULT_NONE || !*fits)
        return kind;
    kind = lanes_read(connection, &lanes, fault);
    *fits = store->options.lanes == 0 || lanes == store->options.lanes;
    store->store.share.lanes = lanes;
    return kind;
}

static enum fault_kind state_make(struct postgres_store *store, struct connection *connection,
                                  struct fault *fault)
{
    AUTO(arena_closep) struct arena *arena = arena_open(STATE_ARENA_BYTES);
    struct values values = {.count = 0};
    int lanes = 0;
    enum fault_kind kind = migrate_run(connection, fault);
    if (kind == FAULT_NONE)
        kind = lanes_read(connection, &lanes, fault);
    if (kind != FAULT_NONE || store->options.lanes == 0 || store->options.lanes == lanes)
        return kind;
    log_event(LOG_LEVEL_INFO, "the number of lanes is changed", LOG_NUMBER("from", lanes),
              LOG_NUMBER("to", store->options.lanes));
    value_put_number(&values, arena, store->options.lanes);
    return values_run(connection, STATEMENT_LANES_SET, &values, fault);
}

/* Shares the store with the others, after making its state fit while nobody has it. */
static enum fault_kind state_begin(struct postgres_store *store, struct connection *connection,
                                   struct fault *fault)
{
    int64_t until_us = clock_monotonic_us() + (int64_t)ALONE_WAIT_MS * 1000;
    for (;;) {
        bool fits = false;
        int64_t alone = 0;
        enum fault_kind kind = pipeline_run(connection, STATEMENT_STORE_SHARE, fault);
        if (kind == FAULT_NONE)
            kind = state_fits(store, connection, &fits, fault);
        if (kind != FAULT_NONE || fits)
            return kind;
        kind = pipeline_run(connection, STATEMENT_STORE_LEAVE, fault);
        if (kind == FAULT_NONE)
            kind = number_ask(connection, STATEMENT_STORE_TAKE, &alone, fault);
        if (kind == FAULT_NONE && alone != 0)
            kind = state_make(store, connection, fault);
        if (kind == FAULT_NONE && alone != 0)
            kind = pipeline_run(connection, STATEMENT_STORE_GIVE, fault);
        if (kind != FAULT_NONE)
            return kind;
        if (alone == 0 && clock_monotonic_us() > until_us)
            return fault_set(fault, FAULT_AGAIN,
                             "its schema, or its number of lanes, is to be changed, and another "
                             "payoutd has the store open");
        (void)poll(NULL, 0, alone != 0 ? 0 : ALONE_TRY_MS);
    }
}

/* This process's marks, under a name that nobody had. */
static enum fault_kind marks_begin(struct postgres_store *store, struct connection *connection,
                                   struct fault *fault)
{
    AUTO(arena_closep) struct arena *arena = arena_open(STATE_ARENA_BYTES);
    struct values old = {.count = 0}, own = {.count = 0};
    value_put_number(&old, arena, clock_now_ms() - MARKS_KEPT_MS);
    value_put_bytes(&own, store->name, sizeof store->name);
    value_put_number(&own, arena, clock_now_ms());
    enum fault_kind kind = values_run(connection, STATEMENT_MARKS_TRIM, &old, fault);
    return kind == FAULT_NONE ? values_run(connection, STATEMENT_MARKS_BEGIN, &own, fault) : kind;
}

/* The session is a new one: nobody had to wait for it while there was none. */
static enum fault_kind state_check(const struct postgres_store *store,
                                   struct connection *connection, struct fault *fault)
{
    int lanes = 0;
    enum fault_kind kind = pipeline_run(connection, STATEMENT_STORE_SHARE, fault);
    if (kind == FAULT_NONE)
        kind = migrate_check(connection, fault);
    if (kind == FAULT_NONE)
        kind = lanes_read(connection, &lanes, fault);
    if (kind == FAULT_NONE && lanes != store->store.share.lanes)
        return fault_set(fault, FAULT_FINAL,
                         "the store has another number of lanes now: start payoutd anew");
    return kind;
}

/* --- The writers --- */

static enum fault_kind writer_connect(struct postgres_store *store, struct connection *writer,
                                      struct fault *fault)
{
    enum fault_kind kind = pg_connection_open(writer, store->url, fault);
    if (kind == FAULT_NONE)
        kind =
            store->opened ? state_check(store, writer, fault) : state_begin(store, writer, fault);
    if (kind == FAULT_NONE && !store->opened)
        kind = marks_begin(store, writer, fault);
    if (kind == FAULT_NONE)
        kind = pg_connection_prepare(writer, fault);
    if (kind != FAULT_NONE)
        pg_connection_drop(writer);
    return kind;
}

enum fault_kind writer_ready(struct postgres_store *store, struct writer *writer,
                             struct fault *fault)
{
    struct connection *connection = &writer->connection;
    int wait_ms = 0;
    if (connection->pg != NULL)
        return FAULT_NONE;
    invariant(!writer->in_transaction);
    int64_t lost_at_us = connection->lost_at_us;
    for (;;) {
        enum fault_kind kind = writer_connect(store, connection, fault);
        if (kind == FAULT_NONE && lost_at_us != 0)
            log_event(LOG_LEVEL_WARNING, "the database's connection was opened anew",
                      LOG_NUMBER("after_ms", (clock_monotonic_us() - lost_at_us) / 1000));
        if (kind == FAULT_NONE || kind == FAULT_FINAL)
            return kind;
        connection->lost_at_us = lost_at_us; /* Since it was lost, not since this try. */
        if (!pg_connection_wait_again(connection, &wait_ms))
            return fault_wrap(fault, "reach the database server");
    }
}

/* --- Readers --- */

static enum fault_kind reader_connect(struct reader *reader, struct fault *fault)
{
    enum fault_kind kind = pg_connection_open(&reader->connection, reader->url, fault);
    return kind == FAULT_NONE ? pg_connection_prepare(&reader->connection, fault) : kind;
}

enum fault_kind reader_ready(struct reader *reader, struct fault *fault)
{
    struct connection *connection = &reader->connection;
    int wait_ms = 0;
    if (connection->pg != NULL)
        return FAULT_NONE;
    if (connection->in_view)
        return fault_set(fault, FAULT_AGAIN, "the connection was lost within a view");
    int64_t lost_at_us = connection->lost_at_us;
    for (;;) {
        enum fault_kind kind = reader_connect(reader, fault);
        if (kind == FAULT_NONE || kind == FAULT_FINAL)
            return kind;
        connection->lost_at_us = lost_at_us;
        if (!pg_connection_wait_again(connection, &wait_ms))
            return fault_wrap(fault, "reach the database server");
    }
}

enum fault_kind view_begin(struct reader *reader, bool patiently, struct fault *fault)
{
    struct connection *connection = &reader->connection;
    enum fault_kind kind = FAULT_AGAIN;
    invariant(!connection->in_view);
    for (int tries = 0; tries < 2 && kind == FAULT_AGAIN; tries++) {
        kind = reader_ready(reader, fault);
        if (kind != FAULT_NONE)
            return kind;
        kind = pipeline_run(connection, STATEMENT_VIEW_BEGIN, fault);
        if (kind == FAULT_NONE && patiently)
            kind = pipeline_run(connection, STATEMENT_VIEW_PATIENTLY, fault);
        if (kind != FAULT_NONE)
            pg_connection_drop(connection);
    }
    connection->in_view = kind == FAULT_NONE;
    if (kind == FAULT_NONE && patiently)
        connection->patience_ms = 0;
    return kind;
}

void view_end(struct reader *reader)
{
    struct connection *connection = &reader->connection;
    struct fault fault;
    /* It has read only: there is nothing in it that could fail to last. */
    if (connection->pg != NULL &&
        pipeline_run(connection, STATEMENT_VIEW_END, &fault) != FAULT_NONE)
        pg_connection_drop(connection);
    connection->in_view = false;
    connection->patience_ms = READER_PATIENCE_MS;
}

enum fault_kind postgres_reader_open(struct store *store, struct store_reader **reader,
                                     struct fault *fault)
{
    struct reader *opened = calloc(1, sizeof *opened);
    invariant(opened != NULL);
    opened->reader = (struct store_reader){.backend = &postgres_backend, .shards = SHARDS_ALL};
    opened->connection.who = READS;
    opened->url = ((struct postgres_store *)(void *)store)->url;
    enum fault_kind kind = reader_connect(opened, fault);
    if (kind != FAULT_NONE) {
        postgres_reader_close(&opened->reader);
        return kind;
    }
    *reader = &opened->reader;
    return FAULT_NONE;
}

void postgres_reader_close(struct store_reader *reader)
{
    struct reader *closed = (struct reader *)(void *)reader;
    pg_connection_drop(&closed->connection);
    free(closed);
}

/* --- The store --- */

char *pg_url_make(const char *url)
{
    size_t length = strlen(url);
    char *made = calloc(1, sizeof SCHEME + length);
    invariant(made != NULL);
    memcpy(made, SCHEME, sizeof SCHEME - 1);
    memcpy(made + sizeof SCHEME - 1, url, length);
    return made;
}

void pg_url_free(char *url)
{
    secret_wipe(url, strlen(url));
    free(url);
}

static struct postgres_store *store_make(const char *url)
{
    struct postgres_store *made = calloc(1, sizeof *made);
    invariant(made != NULL);
    made->store.backend = &postgres_backend;
    made->url = pg_url_make(url);
    made->store.share = (struct share){.lanes = 1};
    for (int i = 0; i < LANES_MAX; i++)
        made->writers[i].connection.who = WRITES;
    random_bytes(made->name, sizeof made->name);
    return made;
}

struct store *pg_store_beside(const char *url)
{
    return &store_make(url + sizeof SCHEME - 1)->store;
}

enum fault_kind postgres_open(const char *url, const struct store_options *options,
                              struct store **store, struct fault *fault)
{
    if (options->lanes != 0 && !share_lanes_valid(options->lanes))
        return fault_set(fault, FAULT_FINAL, "%d is no number of lanes: 1, 2, 4, 8 or 16",
                         options->lanes);
    struct postgres_store *opened = store_make(url);
    opened->options = *options;
    enum fault_kind kind = writer_ready(opened, &opened->writers[0], fault);
    if (kind != FAULT_NONE) {
        postgres_close(&opened->store);
        return kind;
    }
    opened->opened = true;
    *store = &opened->store;
    return FAULT_NONE;
}

enum fault_kind postgres_open_beside(const char *url, struct store **store, struct fault *fault)
{
    struct postgres_store *opened = store_make(url);
    struct connection connection = {.who = READS};
    enum fault_kind kind = pg_connection_open(&connection, opened->url, fault);
    if (kind == FAULT_NONE)
        kind = migrate_check(&connection, fault);
    pg_connection_drop(&connection);
    if (kind != FAULT_NONE) {
        postgres_close(&opened->store);
        return kind;
    }
    *store = &opened->store;
    return FAULT_NONE;
}

void postgres_close(struct store *store)
{
    struct postgres_store *closed = (struct postgres_store *)(void *)store;
    for (int i = 0; i < LANES_MAX; i++)
        pg_connection_drop(&closed->writers[i].connection); /* What it had open is rolled back. */
    pg_url_free(closed->url);
    free(closed);
}

/* --- Copies are the server's own business --- */

#define OWN_TOOLS                                                                                  \
    "a store in PostgreSQL is backed up and restored with PostgreSQL's own tools: pg_dump and "    \
    "pg_restore, or pg_basebackup (docs/operations.md)"

enum fault_kind postgres_backup(struct store *store, const char *path, struct fault *fault)
{
    (void)store;
    (void)path;
    return fault_set(fault, FAULT_FINAL, OWN_TOOLS);
}

enum fault_kind postgres_restore_begin(const char *url, const char *from, bool replace,
                                       struct store_restore **restore, struct fault *fault)
{
    (void)url;
    (void)from;
    (void)replace;
    (void)restore;
    return fault_set(fault, FAULT_FINAL, OWN_TOOLS);
}

enum fault_kind postgres_restore_end(struct store_restore *restore, bool keep,
                                     char aside[STORE_ASIDE_BYTES], struct fault *fault)
{
    (void)restore;
    (void)keep;
    (void)aside;
    return fault_set(fault, FAULT_FINAL, OWN_TOOLS);
}

const struct backend postgres_backend = {
    .scheme = SCHEME,
    .open = postgres_open,
    .open_beside = postgres_open_beside,
    .close = postgres_close,
    .backup = postgres_backup,
    .restore_begin = postgres_restore_begin,
    .restore_end = postgres_restore_end,
    .sharing_open = postgres_sharing_open,
    .sharing_close = postgres_sharing_close,
    .sharing_beat = postgres_sharing_beat,
    .sharing_take = postgres_sharing_take,
    .sharing_leave = postgres_sharing_leave,
    .sharing_tell = postgres_sharing_tell,
    .sharing_wait = postgres_sharing_wait,
    .sharing_heard = postgres_sharing_heard,
    .book_load = postgres_book_load,
    .book_save = postgres_book_save,
    .book_reset = postgres_book_reset,
    .book_leave = postgres_book_leave,
    .batch_known = postgres_batch_known,
    .reader_open = postgres_reader_open,
    .reader_close = postgres_reader_close,
    .read_merchant = postgres_read_merchant,
    .read_merchant_by_apikey = postgres_read_merchant_by_apikey,
    .read_merchants = postgres_read_merchants,
    .read_accounts = postgres_read_accounts,
    .read_transfer = postgres_read_transfer,
    .read_transfer_by_client_id = postgres_read_transfer_by_client_id,
    .read_contact = postgres_read_contact,
    .read_lot = postgres_read_lot,
    .read_transfers = postgres_read_transfers,
    .read_transfers_after = postgres_read_transfers_after,
    .read_waiting_lots = postgres_read_waiting_lots,
    .read_transfers_found = postgres_read_transfers_found,
    .read_transfer_counts = postgres_read_transfer_counts,
    .read_lots = postgres_read_lots,
    .read_contacts = postgres_read_contacts,
    .read_contacts_of = postgres_read_contacts_of,
    .read_due_transfers = postgres_read_due_transfers,
    .read_expired_lots = postgres_read_expired_lots,
    .read_due_notifications = postgres_read_due_notifications,
    .read_queue = postgres_read_queue,
    .read_queues = postgres_read_queues,
    .read_told = postgres_read_told,
    .read_endpoints = postgres_read_endpoints,
    .read_endpoints_after = postgres_read_endpoints_after,
    .read_due_mails = postgres_read_due_mails,
    .read_mails = postgres_read_mails,
    .read_approvals = postgres_read_approvals,
    .read_next_due = postgres_read_next_due,
    .read_notifications = postgres_read_notifications,
    .read_settlements = postgres_read_settlements,
    .read_contradictions = postgres_read_contradictions,
    .read_open_contradictions = postgres_read_open_contradictions,
    .read_suspected = postgres_read_suspected,
    .read_screenings = postgres_read_screenings,
    .read_matched = postgres_read_matched,
    .read_due_screenings = postgres_read_due_screenings,
    .read_reversals = postgres_read_reversals,
    .read_due_reversals = postgres_read_due_reversals,
    .read_callbacks = postgres_read_callbacks,
    .read_proposals = postgres_read_proposals,
    .read_acts = postgres_read_acts,
    .read_user = postgres_read_user,
    .read_users = postgres_read_users,
    .read_session = postgres_read_session,
    .read_channel_switches = postgres_read_channel_switches,
    .read_channel_accounts = postgres_read_channel_accounts,
    .read_figures = postgres_read_figures,
    .audit = postgres_audit,
    .statement = postgres_statement,
    .read_alive = postgres_read_alive,
    .make_months = postgres_make_months,
    .migrate = postgres_migrate,
    .flow = &postgres_flow,
};

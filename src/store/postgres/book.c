/* The lane's side: a book's rows as sets, in one round trip a load and one a save. */
#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "store/postgres/postgres.h"

/* --- What a book holds, as tables --- */

/* NONE: no such statement; rows of it are never found, added or changed. */
#define NONE STATEMENT_COUNT
#define PART(list, type, member, table, find, add, change)                                         \
    {                                                                                              \
        offsetof(struct book, list), offsetof(struct type, member), TABLE_##table, find, add,      \
            change                                                                                 \
    }

/* One table of the book. Its rows begin with struct book_row; what they are of stands at value. */
struct part {
    size_t list, value;
    enum table_id table;
    enum statement_id find, add, change;
};
/* Merchants first: others refer to them. */
static const struct part parts[] = {
    PART(merchants, merchant_row, merchant, MERCHANT, STATEMENT_MERCHANT_FIND,
         STATEMENT_MERCHANT_ADD, STATEMENT_MERCHANT_CHANGE),
    PART(accounts, account_row, row, ACCOUNT, STATEMENT_ACCOUNT_FIND, STATEMENT_ACCOUNT_ADD,
         STATEMENT_ACCOUNT_CHANGE),
    PART(contacts, contact_row, contact, CONTACT, STATEMENT_CONTACT_FIND, STATEMENT_CONTACT_ADD,
         STATEMENT_CONTACT_CHANGE),
    PART(clients, client_row, row, CLIENT, STATEMENT_CLIENT_FIND, NONE, NONE),
    PART(lots, lot_row, lot, LOT, STATEMENT_LOT_FIND, STATEMENT_LOT_ADD, STATEMENT_LOT_CHANGE),
    PART(transfers, transfer_row, transfer, TRANSFER, STATEMENT_TRANSFER_FIND,
         STATEMENT_TRANSFER_ADD, STATEMENT_TRANSFER_CHANGE),
    PART(notifications, notification_row, notification, NOTIFICATION, STATEMENT_NOTIFICATION_FIND,
         STATEMENT_NOTIFICATION_ADD, STATEMENT_NOTIFICATION_CHANGE),
    PART(fundings, funding_row, funding, FUNDING, STATEMENT_FUNDING_FIND, STATEMENT_FUNDING_ADD,
         NONE),
    PART(settlements, settlement_row, settlement, SETTLEMENT, STATEMENT_SETTLEMENT_FIND, NONE,
         NONE),
    PART(closings, closing_row, contradiction, CONTRADICTION, STATEMENT_CLOSING_FIND, NONE,
         STATEMENT_CLOSING_CHANGE),
    PART(sightings, sighting_row, row, SIGHTING, STATEMENT_SIGHTING_FIND, NONE, NONE),
    PART(usages, usage_row, usage, USAGE, STATEMENT_USAGE_FIND, STATEMENT_USAGE_ADD,
         STATEMENT_USAGE_CHANGE),
    PART(mails, mail_row, mail, MAIL, STATEMENT_MAIL_FIND, STATEMENT_MAIL_ADD,
         STATEMENT_MAIL_CHANGE),
    PART(approvals, approval_row, approval, APPROVAL, STATEMENT_APPROVAL_FIND, NONE, NONE),
    PART(endpoints, endpoints_row, row, ENDPOINTS, STATEMENT_ENDPOINT_LAST, NONE, NONE),
    PART(callbacks, callback_row, callback, CALLBACK, STATEMENT_CALLBACK_FIND,
         STATEMENT_CALLBACK_ADD, STATEMENT_CALLBACK_CHANGE),
    PART(reversals, reversal_row, reversal, REVERSAL, STATEMENT_REVERSAL_FIND,
         STATEMENT_REVERSAL_ADD, STATEMENT_REVERSAL_CHANGE),
    PART(users, user_row, user, PERSON, STATEMENT_PERSON_FIND, STATEMENT_PERSON_ADD,
         STATEMENT_PERSON_CHANGE),
};
enum { PART_COUNT = sizeof parts / sizeof *parts };

#define LINES(list, type, member, table, add)                                                      \
    {                                                                                              \
        offsetof(struct book, list), offsetof(struct type, member), offsetof(struct type, next),   \
            TABLE_##table, add                                                                     \
    }
/* Lines that are only ever added. */
static const struct lines {
    size_t list, value, next;
    enum table_id table;
    enum statement_id add;
} lines[] = {
    LINES(movements, movement_line, movement, MOVEMENT, STATEMENT_MOVEMENT_ADD),
    LINES(deliveries, delivery_line, delivery, DELIVERY, STATEMENT_DELIVERY_ADD),
    LINES(contradictions, contradiction_line, contradiction, CONTRADICTION,
          STATEMENT_CONTRADICTION_ADD),
    LINES(settled, settlement_line, settlement, SETTLEMENT, STATEMENT_SETTLEMENT_ADD),
    LINES(approved, approval_line, approval, APPROVAL, STATEMENT_APPROVAL_ADD),
    LINES(screenings, screening_line, screening, SCREENING, STATEMENT_SCREENING_ADD),
    LINES(acts, act_line, act, ACT, STATEMENT_ACT_ADD),
};
enum { LINES_COUNT = sizeof lines / sizeof *lines };

static struct book_table *part_table(struct book *book, const struct part *part)
{
    return (struct book_table *)(void *)((char *)book + part->list);
}

/* --- One pipeline: what was sent is what is answered, in order --- */

struct run {
    struct connection *connection;
    struct arena *arena;
    enum statement_id *sent;
    size_t count, room;
};

static struct run run_begin(struct writer *writer, struct book *book)
{
    size_t room = 8 + PART_COUNT * 2 + LINES_COUNT;
    for (const struct session_line *line = book->sessions; line != NULL; line = line->next)
        room++;
    for (const struct switch_line *line = book->switches; line != NULL; line = line->next)
        room++;
    return (struct run){.connection = &writer->connection,
                        .arena = book->arena,
                        .sent = arena_alloc(book->arena, room, sizeof(enum statement_id)),
                        .room = room};
}

static void run_send(struct run *run, enum statement_id id, const struct values *values)
{
    invariant(run->count < run->room);
    run->sent[run->count++] = id;
    pipeline_send(run->connection, id, values);
}

/* Sends a statement over rows. */
static void run_send_set(struct run *run, enum statement_id id, enum table_id table,
                         bool (*put)(const struct column *column), const void *const *rows,
                         size_t count)
{
    struct values values = {.count = 0};
    if (count == 0)
        return;
    invariant(id != NONE); /* Nothing of the kind is ever done to it. */
    set_put(&values, run->arena, &tables[table], put, rows, count);
    if (put == column_changed)
        value_put_number(&values, run->arena, (int64_t)count);
    run_send(run, id, &values);
}

/* The result of statement number i of the run, which has to be the next one. */
static PGresult *run_next(struct run *run, size_t i, struct fault *fault)
{
    invariant(i < run->count);
    return pipeline_next(run->connection, run->sent[i], fault);
}

/* --- Loading --- */

/* The values of the rows that are wanted of one part. */
struct wanted {
    const void **rows;
    size_t count;
};

static struct wanted wanted_of(struct book *book, const struct part *part)
{
    struct wanted wanted = {.count = 0};
    for (const struct book_row *row = part_table(book, part)->wanted; row != NULL; row = row->next)
        wanted.count++;
    if (wanted.count == 0)
        return wanted;
    wanted.rows = arena_alloc(book->arena, wanted.count, sizeof *wanted.rows);
    size_t i = 0;
    for (struct book_row *row = part_table(book, part)->wanted; row != NULL; row = row->next) {
        wanted.rows[i++] = (char *)row + part->value;
        row->state = ROW_ABSENT; /* Until it is found. */
    }
    return wanted;
}

/* Fills the rows that were found: each says which one it is. */
static enum fault_kind part_read(const struct book *book, const struct part *part,
                                 struct wanted wanted, PGresult *result, struct fault *fault)
{
    struct query query;
    pg_query_of_result(&query, result, -1, book->arena);
    while (pg_query_next(&query)) {
        int64_t number = pg_query_get(&query);
        invariant(number >= 1 && number <= (int64_t)wanted.count);
        char *value = (char *)(uintptr_t)wanted.rows[number - 1]; /* Const to who sends it. */
        struct book_row *row = (struct book_row *)(void *)(value - part->value);
        row->state = ROW_STORED;
        row_get(&query, part->table, value);
    }
    if (query.implausible)
        return fault_set(fault, FAULT_FINAL,
                         "%s: the database is damaged: it holds a row that makes no sense",
                         statement_what(part->find));
    return FAULT_NONE;
}

/* An account that is not there holds nothing. */
static void accounts_finish(struct wanted wanted)
{
    for (size_t i = 0; i < wanted.count; i++) {
        struct account_row *row = (struct account_row *)(uintptr_t)wanted.rows[i];
        if (row->row.state == ROW_ABSENT)
            row->balance_minor = 0;
        row->loaded_minor = row->balance_minor;
    }
}

/* Each merchant's endpoints are lines of its row. rows: those that were wanted. */
static enum fault_kind endpoints_read(struct book *book, struct wanted wanted, PGresult *result,
                                      struct fault *fault)
{
    struct query query;
    pg_query_of_result(&query, result, -1, book->arena);
    while (pg_query_next(&query)) {
        int64_t number = pg_query_get(&query);
        invariant(number >= 1 && number <= (int64_t)wanted.count);
        struct endpoints_row *row = (struct endpoints_row *)(uintptr_t)wanted.rows[number - 1];
        row_get(&query, TABLE_ENDPOINT, &book_endpoint_line(book, row)->endpoint);
    }
    if (query.implausible)
        return fault_set(fault, FAULT_FINAL, "an endpoint's row makes no sense");
    return FAULT_NONE;
}

/* A load that is tried again begins with none. */
static void endpoints_forget(struct wanted wanted)
{
    for (size_t i = 0; i < wanted.count; i++) {
        struct endpoints_row *row = (struct endpoints_row *)(uintptr_t)wanted.rows[i];
        row->first = row->last = NULL;
    }
}

/* How the lane stands. */
static enum fault_kind lane_read(struct book *book, PGresult *result, struct fault *fault)
{
    struct query query;
    pg_query_of_result(&query, result, -1, NULL);
    if (!pg_query_next(&query))
        return fault_set(fault, FAULT_FINAL, "the lane's row is not there");
    row_get(&query, TABLE_LANE, book);
    return FAULT_NONE;
}

/* Reads one answer of a load. */
static enum fault_kind load_read(struct book *book, struct wanted wanted[PART_COUNT],
                                 enum statement_id id, PGresult *result, struct fault *fault)
{
    if (id == STATEMENT_LANE_TAKE)
        return lane_read(book, result, fault);
    for (size_t i = 0; i < PART_COUNT; i++) {
        if (parts[i].table == TABLE_ENDPOINTS && id == STATEMENT_ENDPOINTS_FIND)
            return endpoints_read(book, wanted[i], result, fault);
        if (parts[i].find == id)
            return part_read(book, &parts[i], wanted[i], result, fault);
    }
    return FAULT_NONE;
}

static enum fault_kind load_try(struct writer *writer, struct book *book, struct fault *fault)
{
    struct run run = run_begin(writer, book);
    struct wanted wanted[PART_COUNT];
    struct values lane = pg_lane_values(book->arena, book->share.lane);
    if (!writer->in_transaction) {
        writer->in_transaction = true;
        run_send(&run, STATEMENT_BEGIN, NULL);
        run_send(&run, STATEMENT_LANE_TAKE, &lane);
    }
    for (size_t i = 0; i < PART_COUNT; i++) {
        wanted[i] = wanted_of(book, &parts[i]);
        run_send_set(&run, parts[i].find, parts[i].table, column_found_by, wanted[i].rows,
                     wanted[i].count);
        if (parts[i].table == TABLE_ENDPOINTS) {
            endpoints_forget(wanted[i]);
            run_send_set(&run, STATEMENT_ENDPOINTS_FIND, TABLE_ENDPOINTS, column_found_by,
                         wanted[i].rows, wanted[i].count);
        }
    }
    pipeline_end(run.connection);
    enum fault_kind kind = FAULT_NONE;
    for (size_t i = 0; i < run.count && kind == FAULT_NONE; i++) {
        PGresult *result = run_next(&run, i, fault);
        kind = result == NULL ? fault->kind : load_read(book, wanted, run.sent[i], result, fault);
        PQclear(result);
    }
    if (!pipeline_done(run.connection) && kind == FAULT_NONE)
        kind = fault_set(fault, FAULT_AGAIN, "the connection was lost in a batch");
    for (size_t i = 0; i < PART_COUNT && kind == FAULT_NONE; i++)
        if (parts[i].table == TABLE_ACCOUNT)
            accounts_finish(wanted[i]);
    if (kind != FAULT_NONE)
        pg_transaction_end(writer);
    return kind;
}

enum fault_kind postgres_book_load(struct store *store, struct book *book, struct fault *fault)
{
    struct writer *writer = pg_writer_of(store, book->share.lane);
    bool begins = !writer->in_transaction;
    enum fault_kind kind = FAULT_AGAIN;
    /* A server that was started again is met by its old connection first: nothing was done yet. */
    for (int tries = 0; tries < 2 && kind == FAULT_AGAIN; tries++) {
        if (tries > 0 && (!begins || writer->connection.pg != NULL))
            break;
        kind =
            writer->in_transaction ? FAULT_NONE : writer_ready(pg_store_of(store), writer, fault);
        if (kind != FAULT_NONE)
            return kind;
        kind = load_try(writer, book, fault);
    }
    if (kind == FAULT_NONE)
        book_loaded(book);
    return kind;
}

/* --- Saving --- */

static void part_send(struct run *run, struct book *book, const struct part *part,
                      enum row_state state, enum statement_id id,
                      bool (*put)(const struct column *column))
{
    size_t count = 0, i = 0;
    for (const struct book_row *row = part_table(book, part)->first; row != NULL; row = row->next)
        count += row->state == state;
    /* An index on other rows, or the last of a list whose lines are saved. */
    if (count == 0 || (part->add == NONE && part->change == NONE))
        return;
    const void **rows = arena_alloc(book->arena, count, sizeof *rows);
    for (const struct book_row *row = part_table(book, part)->first; row != NULL; row = row->next)
        if (row->state == state)
            rows[i++] = (const char *)row + part->value;
    run_send_set(run, id, part->table, put, rows, count);
}

static void lines_send(struct run *run, struct book *book, const struct lines *of)
{
    size_t count = 0, i = 0;
    const char *first = *(const char *const *)(const void *)((const char *)book + of->list);
    for (const char *line = first; line != NULL;
         line = *(const char *const *)(const void *)(line + of->next))
        count++;
    if (count == 0)
        return;
    const void **rows = arena_alloc(book->arena, count, sizeof *rows);
    for (const char *line = first; line != NULL;
         line = *(const char *const *)(const void *)(line + of->next))
        rows[i++] = line + of->value;
    run_send_set(run, of->add, of->table, column_added, rows, count);
}

static void endpoints_send(struct run *run, struct book *book, enum row_state state,
                           enum statement_id id, bool (*put)(const struct column *column))
{
    size_t room = book->endpoints.count * ENDPOINTS_MAX * 2, count = 0;
    const void **rows = NULL;
    for (const struct book_row *row = book->endpoints.first; row != NULL; row = row->next) {
        const struct endpoints_row *of = (const struct endpoints_row *)(const void *)row;
        for (const struct endpoint_line *line = of->first; line != NULL; line = line->next) {
            if (line->state != state)
                continue;
            if (rows == NULL)
                rows = arena_alloc(book->arena, room, sizeof *rows);
            invariant(count < room);
            rows[count++] = &line->endpoint;
        }
    }
    run_send_set(run, id, TABLE_ENDPOINT, put, rows, count);
}

static void heads_send(struct run *run, const struct book *book)
{
    const void *head = &book->head, *act_head = &book->act_head;
    if (book->movements != NULL)
        run_send_set(run, STATEMENT_HEAD_ADD, TABLE_LEDGER_HEAD, column_added, &head, 1);
    if (book->acts != NULL)
        run_send_set(run, STATEMENT_ACT_HEAD_ADD, TABLE_ACT_HEAD, column_added, &act_head, 1);
}

static void run_send_row(struct run *run, enum statement_id id, enum table_id of, const void *row)
{
    run_send_set(run, id, of, column_added, &row, 1);
}

/* In their order: one may end what another began. */
static void sessions_send(struct run *run, const struct book *book)
{
#define SESSION(kind, statement) [SESSION_##kind] = STATEMENT_SESSION_##statement
    static const enum statement_id ends[] = {SESSION(SEEN, SEE), SESSION(END, STOP),
                                             SESSION(TURN, TURN), SESSION(END_ALL, STOP_ALL)};
    for (const struct session_line *line = book->sessions; line != NULL; line = line->next) {
        const struct session *session = &line->session;
        struct values values = {.count = 0};
        if (line->kind == SESSION_BEGIN) {
            run_send_row(run, STATEMENT_SESSION_ADD, TABLE_SESSION, session);
            continue;
        }
        if (line->kind == SESSION_END_ALL)
            value_put_text(&values, session->user);
        else
            value_put_bytes(&values, session->hash, sizeof session->hash);
        int64_t at_ms = line->kind == SESSION_SEEN ? session->seen_at_ms : session->ended_at_ms;
        if (line->kind == SESSION_TURN)
            value_put_bytes(&values, line->turned, sizeof line->turned);
        else
            value_put_number(&values, run->arena, at_ms);
        run_send(run, ends[line->kind], &values);
    }
}

/* One after the other: the last word on a channel stays. */
static void channels_send(struct run *run, const struct book *book)
{
    for (const struct switch_line *line = book->switches; line != NULL; line = line->next)
        run_send_row(run, STATEMENT_CHANNEL_SWITCH_SET, TABLE_CHANNEL_SWITCH, &line->word);
    for (const struct channel_account_line *line = book->channel_accounts; line != NULL;
         line = line->next)
        run_send_row(run, STATEMENT_CHANNEL_ACCOUNT_SET, TABLE_CHANNEL_ACCOUNT, &line->account);
}

/* The oldest go when new ones have come. */
static void callbacks_trim(struct run *run, const struct book *book)
{
    struct values values = {.count = 0};
    const struct book_row *row = book->callbacks.first;
    while (row != NULL && row->state != ROW_NEW)
        row = row->next;
    if (row == NULL)
        return;
    value_put_number(&values, run->arena, CALLBACKS_PARKED_MAX);
    run_send(run, STATEMENT_CALLBACK_TRIM, &values);
}

/* The lane's new state, and the mark: who has been forgotten can't write it. */
static void mark_send(struct run *run, const struct postgres_store *store, struct book *book,
                      const uint8_t batch_key[STORE_BATCH_KEY_BYTES])
{
    const void *lane = book;
    struct values values = pg_lane_values(run->arena, book->share.lane);
    value_put_bytes(&values, store->name, sizeof store->name);
    value_put_bytes(&values, batch_key, STORE_BATCH_KEY_BYTES);
    value_put_number(&values, run->arena, clock_now_ms());
    run_send_set(run, STATEMENT_LANE_MOVE, TABLE_LANE, column_changed, &lane, 1);
    run_send(run, STATEMENT_MARK_SET, &values);
    run_send(run, STATEMENT_COMMIT_PATIENTLY, NULL);
    run_send(run, STATEMENT_COMMIT, NULL);
}

/* Reads a save's answers, the commit's last. What is not known to have failed before it may have
 * been committed. */
static enum fault_kind save_read(struct run *run, struct fault *fault)
{
    enum fault_kind kind = FAULT_NONE;
    for (size_t i = 0; i < run->count && kind == FAULT_NONE; i++) {
        PGresult *result = run_next(run, i, fault);
        if (result == NULL)
            kind = fault->kind;
        else if (i + 1 == run->count && strcmp(PQcmdStatus(result), "COMMIT") != 0)
            kind = fault_set(fault, FAULT_AGAIN, "commit a batch: it was rolled back");
        PQclear(result);
    }
    bool alive = pipeline_done(run->connection);
    if (kind == FAULT_NONE || alive)
        return kind;
    (void)fault_wrap(fault, "the connection was lost in a commit");
    return fault->kind = FAULT_UNKNOWN;
}

enum fault_kind postgres_book_save(struct store *store, struct book *book,
                                   const uint8_t batch_key[STORE_BATCH_KEY_BYTES],
                                   struct fault *fault)
{
    struct writer *writer = pg_writer_of(store, book->share.lane);
    invariant(writer->in_transaction);
    struct run run = run_begin(writer, book);
    for (size_t i = 0; i < PART_COUNT; i++) {
        /* What ended may make room for what is new: of reversals one alone may live. */
        part_send(&run, book, &parts[i], ROW_CHANGED, parts[i].change, column_changed);
        part_send(&run, book, &parts[i], ROW_NEW, parts[i].add, column_added);
    }
    endpoints_send(&run, book, ROW_NEW, STATEMENT_ENDPOINT_ADD, column_added);
    endpoints_send(&run, book, ROW_CHANGED, STATEMENT_ENDPOINT_CHANGE, column_changed);
    for (size_t i = 0; i < LINES_COUNT; i++)
        lines_send(&run, book, &lines[i]);
    heads_send(&run, book);
    sessions_send(&run, book);
    channels_send(&run, book);
    callbacks_trim(&run, book);
    mark_send(&run, pg_store_of(store), book, batch_key);
    pipeline_end(run.connection);
    enum fault_kind kind = save_read(&run, fault);
    pg_transaction_end(writer);
    return kind;
}

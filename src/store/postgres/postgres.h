/* postgres: the store in a PostgreSQL database. The room's own. server.c opens and closes the store
 * and says who may write; connection.c is one connection: its settings, its pipeline, what a
 * failure means; migrate.c brings the schema up to date; month.c makes the months' tables; table.c
 * says the tables' columns; statement.c makes statements of them; set.c carries a batch's rows as
 * arrays; query.c is one run of one statement; book.c is the lane's side; read.c, work.c, person.c
 * and notification.c are the readers'; audit.c and export.c walk the whole; flow.c takes it out and
 * in; sharing.c is what processes share.
 *
 * One batch is a handful of round trips, however many commands it carries: a load is one, and so is
 * a save with its commit. Each batch's transaction begins by taking its lane's row, so that of two
 * processes one waits for the other, and then reads what that one has committed. Each lane has a
 * connection of its own. A connection belongs to one thread at a time. */
#ifndef PAYOUT_STORE_POSTGRES_H
#define PAYOUT_STORE_POSTGRES_H
#include <libpq-fe.h>

#include "store/backend.h"

/* --- table.c --- */

enum column_kind {
    COLUMN_NUMBER, /* A signed integer, or a struct of one, or a bool: of its size. */
    COLUMN_ENUM,   /* An int from first to end - 1. */
    COLUMN_TEXT,   /* const char *, never NULL. */
    COLUMN_TEXT_OR_NULL,
    COLUMN_CHARS,   /* char[size], ended by a NUL. */
    COLUMN_BYTES,   /* uint8_t[size]. */
    COLUMN_ACCOUNT, /* struct account_key: kept as account_number(). */
};
/* What a column is to FIND, ADD and CHANGE. */
enum column_use {
    STAYS = 0,
    KEY = 1,     /* FIND and CHANGE look rows up by it. */
    CHANGES = 2, /* CHANGE writes it. */
    SOUGHT = 4,  /* FIND does not read it again. */
    GIVEN = 8,   /* ADD leaves it to the database. */
};
struct column {
    const char *name;
    enum column_kind kind;
    unsigned use;
    size_t offset, size; /* In the struct of a row. */
    int first, end;
};
struct table {
    const char *name;
    const struct column *columns; /* In the one order in which they are put and got. */
    size_t count;
};
enum table_id {
    TABLE_LANE, /* The lane's row: in the book itself. */
    TABLE_MERCHANT,
    TABLE_ACCOUNT, /* Rows of the book. */
    TABLE_BALANCE, /* The same table, as struct account_balance. */
    TABLE_CONTACT,
    TABLE_LOT,
    TABLE_TRANSFER,
    TABLE_CLIENT,   /* Transfers by their client's id: rows of the book. */
    TABLE_SIGHTING, /* By what they look like: the same. */
    TABLE_NOTIFICATION,
    TABLE_ENDPOINT,
    TABLE_ENDPOINTS, /* All of a merchant's: rows of the book. */
    TABLE_DELIVERY,
    TABLE_FUNDING,
    TABLE_MOVEMENT,
    TABLE_LEDGER_HEAD,
    TABLE_CONTRADICTION,
    TABLE_SETTLEMENT,
    TABLE_SCREENING,
    TABLE_USAGE,
    TABLE_MAIL,
    TABLE_APPROVAL,
    TABLE_PERSON, /* "user" means something else to SQL. */
    TABLE_SESSION,
    TABLE_CHANNEL_SWITCH,
    TABLE_CHANNEL_ACCOUNT,
    TABLE_CALLBACK,
    TABLE_REVERSAL,
    TABLE_ACT,
    TABLE_ACT_HEAD,
    TABLE_COUNT,
};
extern const struct table tables[TABLE_COUNT];

/* --- statement.c --- */

/* Which connections prepare a statement. ONCE: none does; it is sent with its text. */
enum { WRITES = 1, READS = 2, ONCE = 4, SHARES = 8 };
enum statement_id {
#define STATEMENT(name, who, what, sql) STATEMENT_##name,
#define FIND(name, table, what)         STATEMENT_##name,
#define ADD(name, table, what)          STATEMENT_##name,
#define CHANGE(name, table, what)       STATEMENT_##name,
#include "store/postgres/statement.def"
#undef STATEMENT
#undef FIND
#undef ADD
#undef CHANGE
    STATEMENT_COUNT,
};
/* Its SQL as it is sent, made at the first call; who is set. */
const char *statement_sql(enum statement_id id, unsigned *who);
/* What it does, for faults. */
const char *statement_what(enum statement_id id);
/* Its name on the server. */
enum { STATEMENT_NAME_BYTES = 16 };
void statement_name(enum statement_id id, char name[STATEMENT_NAME_BYTES]);

/* --- connection.c --- */

struct connection {
    PGconn *pg; /* NULL: there is none now. Else non-blocking, and always in pipeline mode. */
    unsigned who;
    int64_t lost_at_us; /* Since when there is none; 0: there is one, or there never was. */
    char state[8];      /* SQLSTATE of the last failure; "" when it had none. */
    bool in_view;       /* A reader's transaction is open: what was lost is not tried again. */
    int patience_ms;    /* The longest wait for one answer; 0: as long as the other side lives. */
};

/* How long a reader waits for an answer: longer than the server lets its statements run. */
enum { READER_PATIENCE_MS = 15000 };
/* What a result that is none says: fills *fault, and the connection's state. */
enum fault_kind pg_connection_failure(struct connection *connection, const PGresult *result,
                                      const char *what, struct fault *fault);
/* Connects and sets the session up; prepares nothing. No other connection may be there. */
MUST_USE enum fault_kind pg_connection_open(struct connection *connection, const char *url,
                                            struct fault *fault);
MUST_USE enum fault_kind pg_connection_prepare(struct connection *connection, struct fault *fault);
/* There is none any more; what it had under way is the server's to end. */
void pg_connection_drop(struct connection *connection);
/* Runs script, which may have many statements and parameters none, as one. Waits as long as it
 * takes. */
MUST_USE enum fault_kind pg_connection_script(struct connection *connection, const char *what,
                                              const char *script, struct fault *fault);
/* Waits a moment before the next try to connect, longer at each. False: connection has been without
 * its server for so long that this is to be told. */
bool pg_connection_wait_again(const struct connection *connection, int *wait_ms);

/* --- The pipeline: pipeline_send for each statement, pipeline_end, then pipeline_next once for
 * each in order, then pipeline_done --- */

/* The values of a statement's parameters. */
enum { VALUES_MAX = 40 };
struct values {
    const char *of[VALUES_MAX];
    int lengths[VALUES_MAX], formats[VALUES_MAX]; /* Formats: 0 text, 1 binary. */
    int count;
};
/* Each queues only: what goes wrong ends the connection, and is said by pipeline_next. values NULL:
 * there are none. */
void pipeline_send(struct connection *connection, enum statement_id id,
                   const struct values *values);
void pipeline_end(struct connection *connection);
/* The result of the next statement: the caller's, PQclear. NULL, fault set: it failed, and all that
 * follow it will not be done. */
PGresult *pipeline_next(struct connection *connection, enum statement_id id, struct fault *fault);
/* After the last result, or the first that is NULL: the pipeline is empty, or the connection is
 * lost, and then dropped: false. */
bool pipeline_done(struct connection *connection);
/* One statement without parameters, and nothing else. */
MUST_USE enum fault_kind pipeline_run(struct connection *connection, enum statement_id id,
                                      struct fault *fault);

/* --- set.c: the rows of a batch as arrays, one a column --- */

/* The columns of rows that a FIND, an ADD or a CHANGE puts, in their order. */
bool column_found_by(const struct column *column);
bool column_added(const struct column *column);
bool column_changed(const struct column *column);
/* rows: count pointers to structs of the table's type. What is put lives in arena. */
void set_put(struct values *values, struct arena *arena, const struct table *table,
             bool (*put)(const struct column *column), const void *const *rows, size_t count);
/* Single values. text and bytes must outlive the sending. */
void value_put_number(struct values *values, struct arena *arena, int64_t number);
void value_put_text(struct values *values, const char *text);
void value_put_bytes(struct values *values, const void *bytes, size_t length);

/* --- query.c: one run of a statement that reads --- */

/* pg_query_begin, then pg_query_put* for each parameter in order, then pg_query_next until it is
 * false, with pg_query_get* or row_get for what follows in the row after each true; then
 * pg_query_end, always. Outside a view a lost connection is opened anew and the statement run
 * again, once. */
struct query {
    struct reader *reader;
    enum statement_id id;
    struct arena *arena; /* Where texts and parameters go. */
    struct values values;
    PGresult *result; /* NULL: not run yet, or it failed. */
    int row, got;
    bool run, implausible; /* A column held what was never written there. */
    enum fault_kind kind;
    struct fault fault;
};
void pg_query_begin(struct query *query, struct reader *reader, enum statement_id id,
                    struct arena *arena);
bool pg_query_next(struct query *query);
MUST_USE enum fault_kind pg_query_end(struct query *query, struct fault *fault);
/* pg_query_next and pg_query_end for a statement whose rows don't matter. */
MUST_USE enum fault_kind pg_query_run(struct query *query, struct fault *fault);
/* For results that were got otherwise: reads row of result, which stays the caller's. */
void pg_query_of_result(struct query *query, PGresult *result, int row, struct arena *arena);

void pg_query_put(struct query *query, int64_t number);
void pg_query_put_limit(struct query *query, size_t limit);
/* text must live until pg_query_next. */
void pg_query_put_text(struct query *query, const char *text);
void pg_query_put_bytes(struct query *query, const void *bytes, size_t length);
/* NULL is 0. */
int64_t pg_query_get(struct query *query);
/* A copy in the arena; NULL when it is NULL. */
const char *pg_query_get_text(struct query *query);
/* Leaves the columns of table unread. */
void row_skip(struct query *query, enum table_id table);
/* Fills row, a struct of the table's type, from the columns that follow. */
void row_get(struct query *query, enum table_id table, void *row);

/* Rows of one type in an arena; their number is known when they were read. */
struct row_list {
    struct arena *arena;
    size_t size; /* Of one. */
    void *rows;  /* NULL while there is none. */
    size_t count, room;
};
/* A new row at the end, zeroed. */
void *pg_row_list_add(struct row_list *list);
/* Runs a query whose parameters were put, and whose rows are of one table: all of them, or the
 * first one (NULL: there is none). rows and row point to a pointer to the table's struct, of that
 * size. */
MUST_USE enum fault_kind pg_query_list(struct query *query, enum table_id table, size_t size,
                                       void *rows, size_t *count, struct fault *fault);
MUST_USE enum fault_kind pg_query_find(struct query *query, enum table_id table, size_t size,
                                       void *row, struct fault *fault);

/* --- server.c --- */

/* One lane's: its thread's. */
struct writer {
    struct connection connection;
    bool in_transaction;
};
enum { WRITER_NAME_BYTES = 16 };
struct postgres_store {
    struct store store;
    char *url;
    /* All that follows is empty in a store opened beside its writers. */
    struct store_options options;
    bool opened;                     /* The schema is today's, and this process has its marks. */
    uint8_t name[WRITER_NAME_BYTES]; /* This process's, in its marks: random. */
    struct writer writers[LANES_MAX];
};
struct reader {
    struct store_reader reader;
    struct connection connection;
    const char *url; /* The store's. */
};
struct postgres_store *pg_store_of(struct store *store);
struct writer *pg_writer_of(struct store *store, int lane);
/* The transaction is over: its commit was tried, or it is to be rolled back. */
void pg_transaction_end(struct writer *writer);
/* Which lane, for the statements that begin with it. */
struct values pg_lane_values(struct arena *arena, int lane);
/* A writer's connection, opened anew if it was lost: waits for its server for some seconds. */
MUST_USE enum fault_kind writer_ready(struct postgres_store *store, struct writer *writer,
                                      struct fault *fault);
MUST_USE enum fault_kind reader_ready(struct reader *reader, struct fault *fault);
/* Waits for the store to be this connection's alone, for as long as it lives. */
MUST_USE enum fault_kind pg_store_take(struct connection *connection, struct fault *fault);
/* A URL as libpq takes it, of one without its scheme; and its end: there may be a password in it.
 */
char *pg_url_make(const char *url);
void pg_url_free(char *url);
/* A store for readers only, of a URL as libpq takes it, without a look at what is there. */
struct store *pg_store_beside(const char *url);
/* What a reader reads between these is one moment's; patiently: whole tables are. */
MUST_USE enum fault_kind view_begin(struct reader *reader, bool patiently, struct fault *fault);
void view_end(struct reader *reader);

/* --- migrate.c --- */

/* Brings the schema up to date; the caller has the store alone. */
MUST_USE enum fault_kind migrate_run(struct connection *connection, struct fault *fault);
/* The same, whatever the mark of a copy says. */
MUST_USE enum fault_kind migrate_steps(struct connection *connection, struct fault *fault);
/* Whether a copy into this place has not ended, and how many tables there are. */
MUST_USE enum fault_kind migrate_marked(struct connection *connection, bool *unfinished,
                                        int64_t *there, struct fault *fault);
/* Whether there is anything to bring up to date. */
MUST_USE enum fault_kind migrate_needed(struct connection *connection, bool *needed,
                                        struct fault *fault);
/* Refuses a schema that is not today's. */
MUST_USE enum fault_kind migrate_check(struct connection *connection, struct fault *fault);

extern const struct flow_backend postgres_flow; /* flow.c: the whole as rows, out and in. */

/* --- The backend's functions; contracts: store.h --- */

enum fault_kind postgres_sharing_open(struct store *store, const struct sharing_self *self,
                                      struct store_sharing **sharing, struct fault *fault);
void postgres_sharing_close(struct store_sharing *sharing);
enum fault_kind postgres_sharing_beat(struct store_sharing *sharing, const uint32_t given[DUTY_END],
                                      struct sharing_beat *beat, struct fault *fault);
enum fault_kind postgres_sharing_take(struct store_sharing *sharing, enum duty duty, int64_t most,
                                      uint32_t *taken, struct fault *fault);
enum fault_kind postgres_sharing_leave(struct store_sharing *sharing, struct fault *fault);
enum fault_kind postgres_sharing_tell(struct store_sharing *sharing, const char *text,
                                      struct fault *fault);
bool postgres_sharing_wait(struct store_sharing *sharing, int descriptor, int64_t wait_ms);
bool postgres_sharing_heard(struct store_sharing *sharing, char text[SHARING_TEXT_BYTES]);

enum fault_kind postgres_open(const char *url, const struct store_options *options,
                              struct store **store, struct fault *fault);
enum fault_kind postgres_make_months(struct store *store, int64_t now_ms, int64_t *homeless,
                                     struct fault *fault);
enum fault_kind postgres_migrate(const char *url, const struct migration *migration,
                                 struct fault *fault);
enum fault_kind postgres_open_beside(const char *url, struct store **store, struct fault *fault);
void postgres_close(struct store *store);
enum fault_kind postgres_backup(struct store *store, const char *path, struct fault *fault);
enum fault_kind postgres_restore_begin(const char *url, const char *from, bool replace,
                                       struct store_restore **restore, struct fault *fault);
enum fault_kind postgres_restore_end(struct store_restore *restore, bool keep,
                                     char aside[STORE_ASIDE_BYTES], struct fault *fault);
enum fault_kind postgres_book_load(struct store *store, struct book *book, struct fault *fault);
enum fault_kind postgres_book_save(struct store *store, struct book *book,
                                   const uint8_t batch_key[STORE_BATCH_KEY_BYTES],
                                   struct fault *fault);
void postgres_book_reset(struct store *store, int lane);
MUST_USE enum fault_kind postgres_book_leave(struct store *store, int lane, struct fault *fault);
enum fault_kind postgres_batch_known(struct store *store, int lane,
                                     const uint8_t batch_key[STORE_BATCH_KEY_BYTES], bool *known,
                                     struct fault *fault);
enum fault_kind postgres_reader_open(struct store *store, struct store_reader **reader,
                                     struct fault *fault);
void postgres_reader_close(struct store_reader *reader);
enum fault_kind postgres_read_merchant(struct store_reader *reader, struct arena *arena,
                                       struct merchant_id id, struct merchant **merchant,
                                       struct fault *fault);
enum fault_kind postgres_read_merchant_by_apikey(struct store_reader *reader, struct arena *arena,
                                                 const char *apikey, struct merchant **merchant,
                                                 struct fault *fault);
enum fault_kind postgres_read_merchants(struct store_reader *reader, struct arena *arena,
                                        struct merchant_id after, size_t limit,
                                        struct merchant **merchants, size_t *count,
                                        struct fault *fault);
enum fault_kind postgres_read_accounts(struct store_reader *reader, struct arena *arena,
                                       struct merchant_id merchant,
                                       struct account_balance **accounts, size_t *count,
                                       struct fault *fault);
enum fault_kind postgres_read_transfer(struct store_reader *reader, struct arena *arena,
                                       struct transfer_id id, struct transfer **transfer,
                                       struct fault *fault);
enum fault_kind
postgres_read_transfer_by_client_id(struct store_reader *reader, struct arena *arena,
                                    struct merchant_id merchant, const char *client_id,
                                    struct transfer **transfer, struct fault *fault);
enum fault_kind postgres_read_contact(struct store_reader *reader, struct arena *arena,
                                      struct merchant_id merchant, int64_t msisdn,
                                      struct contact **contact, struct fault *fault);
enum fault_kind postgres_read_lot(struct store_reader *reader, struct arena *arena,
                                  struct merchant_id merchant, struct lot_code code,
                                  struct lot **lot, struct fault *fault);
enum fault_kind postgres_read_transfers(struct store_reader *reader, struct arena *arena,
                                        struct transfer_id first, int64_t count,
                                        struct transfer **transfers, size_t *found,
                                        struct fault *fault);
enum fault_kind postgres_read_transfers_after(struct store_reader *reader, struct arena *arena,
                                              struct transfer_id after, struct transfer_id before,
                                              size_t limit, struct transfer **transfers,
                                              size_t *count, struct fault *fault);
enum fault_kind postgres_read_transfers_found(struct store_reader *reader, struct arena *arena,
                                              const struct transfer_filter *filter, size_t scan_max,
                                              size_t limit, struct transfer **transfers,
                                              size_t *count, struct transfer_id *next,
                                              struct fault *fault);
enum fault_kind postgres_read_transfer_counts(struct store_reader *reader, struct arena *arena,
                                              struct merchant_id merchant, struct transfer_id from,
                                              struct transfer_id before, int64_t part_ids,
                                              size_t scan_max, struct transfer_count **counts,
                                              size_t *count, struct transfer_id *seen,
                                              struct fault *fault);
enum fault_kind postgres_read_lots(struct store_reader *reader, struct arena *arena,
                                   struct merchant_id merchant, struct lot_code before,
                                   size_t limit, struct lot **lots, size_t *count,
                                   struct fault *fault);
enum fault_kind postgres_read_contacts(struct store_reader *reader, struct arena *arena,
                                       struct merchant_id merchant, int64_t after, size_t limit,
                                       struct contact **contacts, size_t *count,
                                       struct fault *fault);
enum fault_kind postgres_read_contacts_of(struct store_reader *reader, struct arena *arena,
                                          struct merchant_id merchant, const int64_t *msisdns,
                                          size_t msisdn_count, struct contact **contacts,
                                          size_t *count, struct fault *fault);
enum fault_kind postgres_read_waiting_lots(struct store_reader *reader, struct arena *arena,
                                           struct merchant_id merchant, size_t limit,
                                           struct lot **lots, size_t *count, struct fault *fault);
enum fault_kind postgres_read_due_transfers(struct store_reader *reader, struct arena *arena,
                                            int64_t now_ms, size_t limit,
                                            struct transfer **transfers, size_t *count,
                                            struct fault *fault);
enum fault_kind postgres_read_expired_lots(struct store_reader *reader, struct arena *arena,
                                           int64_t now_ms, size_t limit, struct lot **lots,
                                           size_t *count, struct fault *fault);
enum fault_kind postgres_read_due_notifications(struct store_reader *reader, struct arena *arena,
                                                int64_t now_ms, struct notification_cursor after,
                                                size_t limit, struct due_notification **due,
                                                size_t *count, struct fault *fault);
enum fault_kind postgres_read_queue(struct store_reader *reader, struct arena *arena, int64_t queue,
                                    int64_t now_ms, struct notification_cursor after, size_t limit,
                                    struct due_notification **due, size_t *count,
                                    struct fault *fault);
enum fault_kind postgres_read_queues(struct store_reader *reader, struct arena *arena,
                                     int64_t after, size_t limit, struct due_queue **queues,
                                     size_t *count, struct fault *fault);
enum fault_kind postgres_read_told(struct store_reader *reader, struct arena *arena,
                                   const struct notification_filter *filter, size_t limit,
                                   struct told_notification **told, size_t *count,
                                   struct fault *fault);
enum fault_kind postgres_read_endpoints(struct store_reader *reader, struct arena *arena,
                                        struct merchant_id merchant, struct endpoint **endpoints,
                                        size_t *count, struct fault *fault);
enum fault_kind postgres_read_endpoints_after(struct store_reader *reader, struct arena *arena,
                                              struct merchant_id merchant, int32_t number,
                                              bool failing, size_t limit,
                                              struct endpoint **endpoints, size_t *count,
                                              struct fault *fault);
enum fault_kind postgres_read_due_mails(struct store_reader *reader, struct arena *arena,
                                        int64_t now_ms, size_t limit, struct due_mail **due,
                                        size_t *count, struct fault *fault);
enum fault_kind postgres_read_mails(struct store_reader *reader, struct arena *arena,
                                    struct merchant_id merchant, struct lot_code lot,
                                    struct mail **mails, size_t *count, struct fault *fault);
enum fault_kind postgres_read_approvals(struct store_reader *reader, struct arena *arena,
                                        struct merchant_id merchant, struct lot_code lot,
                                        struct approval **approvals, size_t *count,
                                        struct fault *fault);
enum fault_kind postgres_read_next_due(struct store_reader *reader, int64_t now_ms,
                                       struct next_due *next, struct fault *fault);
enum fault_kind postgres_read_notifications(struct store_reader *reader, struct arena *arena,
                                            struct transfer_id transfer,
                                            struct notification **notifications,
                                            size_t *notification_count,
                                            struct delivery **deliveries, size_t *delivery_count,
                                            struct fault *fault);
enum fault_kind postgres_read_settlements(struct store_reader *reader, struct arena *arena,
                                          struct transfer_id transfer,
                                          struct settlement **settlements, size_t *count,
                                          struct fault *fault);
enum fault_kind postgres_read_contradictions(struct store_reader *reader, struct arena *arena,
                                             struct transfer_id transfer,
                                             struct contradiction **contradictions, size_t *count,
                                             struct fault *fault);
enum fault_kind postgres_read_open_contradictions(struct store_reader *reader, struct arena *arena,
                                                  int64_t after, size_t limit,
                                                  struct open_contradiction **open, size_t *count,
                                                  struct fault *fault);
enum fault_kind postgres_read_suspected(struct store_reader *reader, struct arena *arena,
                                        struct merchant_id merchant, size_t limit,
                                        struct transfer **transfers, size_t *count,
                                        struct fault *fault);
enum fault_kind postgres_read_screenings(struct store_reader *reader, struct arena *arena,
                                         struct transfer_id transfer, struct screening **screenings,
                                         size_t *count, struct fault *fault);
enum fault_kind postgres_read_matched(struct store_reader *reader, struct arena *arena,
                                      struct merchant_id merchant, size_t limit,
                                      struct matched_transfer **matched, size_t *count,
                                      struct fault *fault);
enum fault_kind postgres_read_due_screenings(struct store_reader *reader, struct arena *arena,
                                             int64_t now_ms, size_t limit,
                                             struct due_screening **due, size_t *count,
                                             struct fault *fault);
enum fault_kind postgres_read_reversals(struct store_reader *reader, struct arena *arena,
                                        struct transfer_id transfer, struct reversal **reversals,
                                        size_t *count, struct fault *fault);
enum fault_kind postgres_read_due_reversals(struct store_reader *reader, struct arena *arena,
                                            int64_t now_ms, size_t limit, struct due_reversal **due,
                                            size_t *count, struct fault *fault);
enum fault_kind postgres_read_callbacks(struct store_reader *reader, struct arena *arena,
                                        int64_t before, size_t limit, struct callback **callbacks,
                                        size_t *count, struct fault *fault);
enum fault_kind postgres_read_proposals(struct store_reader *reader, struct arena *arena,
                                        size_t limit, struct settlement **settlements,
                                        size_t *count, struct fault *fault);
enum fault_kind postgres_read_acts(struct store_reader *reader, struct arena *arena,
                                   const struct act_filter *filter, size_t limit, struct act **acts,
                                   size_t *count, struct fault *fault);
enum fault_kind postgres_read_user(struct store_reader *reader, struct arena *arena,
                                   const char *name, struct user **user, struct fault *fault);
enum fault_kind postgres_read_users(struct store_reader *reader, struct arena *arena,
                                    struct merchant_id merchant, const char *after, size_t limit,
                                    struct user **users, size_t *count, struct fault *fault);
enum fault_kind postgres_read_channel_switches(struct store_reader *reader, struct arena *arena,
                                               struct channel_switch **switches, size_t *count,
                                               struct fault *fault);
enum fault_kind postgres_read_channel_accounts(struct store_reader *reader, struct arena *arena,
                                               struct channel_account **accounts, size_t *count,
                                               struct fault *fault);
enum fault_kind postgres_read_session(struct store_reader *reader, struct arena *arena,
                                      const uint8_t hash[SECRET_HASH_BYTES],
                                      struct session **session, struct user **user,
                                      struct fault *fault);
enum fault_kind postgres_read_figures(struct store_reader *reader, struct store_figures *figures,
                                      struct fault *fault);
enum fault_kind postgres_audit(struct store_reader *reader, const struct store_audit *audit,
                               struct fault *fault);
enum fault_kind postgres_statement(struct store_reader *reader,
                                   const struct store_statement *statement, struct fault *fault);
enum fault_kind postgres_read_alive(struct store_reader *reader, struct fault *fault);
#endif

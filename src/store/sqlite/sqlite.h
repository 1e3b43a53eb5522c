/* sqlite: the store in one SQLite file. The room's own. file.c locks, makes and opens the store's
 * file; schema.c brings its schema up to date, migrate.c when a person asks for it; connection.c is
 * one connection and says what a failure means; query.c runs a prepared statement; person.c is
 * about persons, notification.c about who is told; search.c is what persons look for; row.c turns
 * rows into structs and back; load.c
 * and book.c are the lane's side; read.c and work.c are the readers' side; audit.c and export.c
 * walk the whole; copy.c copies it out and in, flow.c as rows; checkpoint.c moves the write-ahead
 * log into the database, off the commit path.
 *
 * A connection belongs to one thread at a time. */
#ifndef PAYOUT_STORE_SQLITE_H
#define PAYOUT_STORE_SQLITE_H
#include <sqlite3.h>

#include "store/backend.h"

/* --- Columns, in the one order in which they are written, read and put into structs --- */

#define MERCHANT_COLUMNS                                                                           \
    "id, name, apikey, password_hash, secret_key, currency, lang, suspended, token_query_only, "   \
    "flat_reply, all_or_nothing, notify_url, ip_list, lot_expiry_ms, last_lot, created_at_ms, "    \
    "two_persons, double_window_ms, fees, day_minor, month_minor, receiver_day_minor, "            \
    "receiver_month_minor, receiver_hour_count, reserve_minor, confirm_mail, "                     \
    "approve_above_minor, api_ip_list, calls_per_minute, password_before, "                        \
    "password_before_until_ms, secret_before, secret_before_until_ms, operator_wait_ms"
#define CONTACT_COLUMNS                                                                            \
    "merchant, msisdn, prefix, phone, name, surname, email, lot, created_at_ms, listed_under"
#define LOT_COLUMNS                                                                                \
    "merchant, code, state, first, count, total_xof_minor, total_xaf_minor, total_gnf_minor, "     \
    "total_cdf_minor, created_at_ms, expires_at_ms, decided_at_ms, source, fee_xof_minor, "        \
    "fee_xaf_minor, "                                                                              \
    "fee_gnf_minor, fee_cdf_minor, mails, sender, listed, persons, hash"
#define SCREENING_COLUMNS(of)                                                                      \
    of "transfer, " of "number, " of "verdict, " of "source, " of "version, " of "entry, " of      \
       "score, " of "at_ms"
#define TRANSFER_COLUMNS(of)                                                                       \
    of "id, " of "merchant, " of "lot, " of "client_id, " of "prefix, " of "phone, " of            \
       "msisdn, " of "operator_number, " of "amount_minor, " of "currency, " of "notify_url, " of  \
       "confirmed, " of "state, " of "reason, " of "operator_reference, " of "step, " of           \
       "due_at_ms, " of "attempts, " of "notifications, " of "created_at_ms, " of                  \
       "changed_at_ms, " of "submitted_at_ms, " of "validated_at_ms, " of "watched, " of           \
       "suspected, " of "twin_of, " of "fee_minor, " of "fee_payer, " of "screening, " of          \
       "screenings, " of "channel, " of "channel_attempt, " of "in_hand, " of "called_back, " of   \
       "wait_ms, " of "wait_until_ms, " of "reversals"
#define NOTIFICATION_COLUMNS(of)                                                                   \
    of "transfer, " of "endpoint, " of "number, " of "merchant, " of "queue, " of "state, " of     \
       "due_at_ms, " of "next_number, " of "attempts, " of "created_at_ms, " of "ended_at_ms, " of \
       "transfer_state, " of "confirmed, " of "reason, " of "operator_reference, " of              \
       "validated_at_ms, " of "redeliveries, " of "redelivered_at_ms, " of "attempts_before"
#define DELIVERY_COLUMNS                                                                           \
    "transfer, endpoint, number, attempt, at_ms, duration_ms, http_status, error"
#define ENDPOINT_COLUMNS                                                                           \
    "merchant, number, id, state, format, events, url, secret_key, secret_before, "                \
    "secret_before_until_ms, created_at_ms, changed_at_ms, failures, failing_since_ms, day, "      \
    "day_tries, day_failures, bad_day, mails"
#define FUNDING_COLUMNS "merchant, reference, kind, amount_minor, currency, at_ms"
#define USAGE_COLUMNS                                                                              \
    "merchant, msisdn, currency, hour, hour_count, day, day_minor, month, month_minor"
#define CONTRADICTION_COLUMNS(of)                                                                  \
    of "id, " of "transfer, " of "state, " of "verdict, " of "operator_reference, " of             \
       "at_ms, " of "closed_at_ms, " of "person, " of "note"
#define SETTLEMENT_COLUMNS(of)                                                                     \
    of "transfer, " of "number, " of "act, " of "outcome, " of "person, " of "evidence, " of "at_" \
       "ms"
#define MAIL_COLUMNS                                                                               \
    "merchant, lot, number, kind, state, recipient, tries, due_at_ms, created_at_ms, "             \
    "ended_at_ms, error"
#define ACT_COLUMNS      "id, kind, merchant, person, source, request, subject, before, after, at_ms"
#define APPROVAL_COLUMNS "merchant, lot, number, act, person, from_address, at_ms"
#define REVERSAL_COLUMNS(of)                                                                       \
    of "transfer, " of "number, " of "state, " of "person, " of "evidence, " of "second, " of      \
       "operator_reference, " of "step, " of "in_hand, " of "due_at_ms, " of "attempts, " of       \
       "asked_at_ms, " of "changed_at_ms, " of "ended_at_ms"
#define CALLBACK_COLUMNS "id, channel, hash, reference, why, body, first_at_ms, last_at_ms, times"
#define USER_COLUMNS(of)                                                                           \
    of "name, " of "id, " of "merchant, " of "role, " of "mail, " of "password_hash, " of          \
       "totp, " of "totp_on, " of "totp_step, " of "recovery, " of "disabled, " of                 \
       "must_change, " of "failures, " of "created_at_ms"
#define SESSION_COLUMNS(of)                                                                        \
    of "hash, " of "user, " of "source, " of "created_at_ms, " of "seen_at_ms, " of "ended_at_ms"
#define CHANNEL_SWITCH_COLUMNS  "channel, off, person, reason, at_ms"
#define CHANNEL_ACCOUNT_COLUMNS "channel, connector, url, account, environment, at_ms"
#define MOVEMENT_COLUMNS                                                                           \
    "id, kind, from_account, to_account, amount_minor, currency, merchant, reference, at_ms"

enum statement_id {
#define STATEMENT(name, who, what, sql) STATEMENT_##name,
#include "store/sqlite/statement.def"
#undef STATEMENT
    STATEMENT_COUNT,
};

/* --- connection.c --- */

/* Which statements a connection prepares; a copier and the checkpointer have none. */
enum { WRITES = 1, READS = 2 };

struct connection {
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENT_COUNT]; /* NULL: not for this connection. */
};

struct sqlite_store {
    struct store store;
    char *path;
    /* All that follows is empty in a store opened beside another process. */
    int lock; /* The descriptor of "<path>.lock": held as long as the store is open. */
    struct connection writer;
    bool in_transaction;
    struct checkpointer *checkpointer;
};
struct sqlite_reader {
    struct store_reader reader;
    struct connection connection;
};

/* Opens path, which must be there, with the settings that all connections share. flags: those of
 * sqlite3_open_v2 that differ. On a fault nothing is left open. */
MUST_USE enum fault_kind connection_open(struct connection *connection, const char *path, int flags,
                                         struct fault *fault);
/* Prepares the statements of who. */
MUST_USE enum fault_kind connection_prepare(struct connection *connection, unsigned who,
                                            struct fault *fault);
void connection_close(struct connection *connection);
/* Runs statements that return nothing that matters. what: for the fault. */
MUST_USE enum fault_kind connection_run(struct connection *connection, const char *what,
                                        const char *sql, struct fault *fault);
/* Runs sql and sets *number to the first column of its first row, 0 when there is none. */
MUST_USE enum fault_kind connection_number(struct connection *connection, const char *what,
                                           const char *sql, int64_t *number, struct fault *fault);
/* What the connection's last failure, with SQLite's code, means. Stops the process when a sync
 * failed or there is no memory. */
enum fault_kind connection_fault(struct connection *connection, int code, const char *what,
                                 struct fault *fault);
/* Stops the process, with a line in the log: the store can't be trusted to hold what it said. */
_Noreturn void connection_stop(struct connection *connection, int code, const char *what);
/* Commits the writer's transaction. A fault says that it did not happen; when nobody can know, the
 * process stops. */
MUST_USE enum fault_kind connection_commit(struct connection *connection, struct fault *fault);
/* What a reader reads between these is one moment's. */
MUST_USE enum fault_kind connection_view_begin(struct connection *connection, struct fault *fault);
void connection_view_end(struct connection *connection);
/* What a statement of the table is, and what it is for. */
const char *connection_sql(enum statement_id id, unsigned *who);
const char *connection_what(enum statement_id id);

/* --- file.c: the store's file, from lock to schema; sqlite_open and sqlite_close --- */

/* Makes an empty file that only its owner may read, and its folder's entry of it last. exists: not
 * NULL, a file that is there already is no fault, and *exists says so. */
MUST_USE enum fault_kind file_create(const char *path, bool *exists, struct fault *fault);
/* Makes the entry of path in its folder last over a crash. */
MUST_USE enum fault_kind folder_sync(const char *path, struct fault *fault);
/* Takes the lock that makes this process the only one that writes; it goes when *lock is closed. */
MUST_USE enum fault_kind file_lock(const char *path, int *lock, struct fault *fault);
/* The path that a URL without its scheme names; NULL when it names none. */
const char *file_url_path(const char *url, struct fault *fault);
/* Opens the connection that writes, its log settled, and says the schema's number; a fault leaves
 * it to be closed. */
MUST_USE enum fault_kind file_open_writer(const char *path, struct connection *writer,
                                          int64_t *version, struct fault *fault);
/* For readers only: a store whose copy has not ended, too, by its path. */
MUST_USE enum fault_kind file_open_marked(const char *path, struct store **store,
                                          struct fault *fault);

/* --- schema.c: the schema's number, and the way to today's --- */

/* Sets *version to the schema's, 0 when there is none yet; refuses what is not ours, newer than we
 * are, or left by a copy that did not come to its end. */
MUST_USE enum fault_kind schema_version(struct connection *connection, int64_t *version,
                                        struct fault *fault);
/* Brings the schema up to date from version, a transaction a step. */
MUST_USE enum fault_kind schema_migrate(struct connection *connection, int64_t version,
                                        struct fault *fault);
/* Brings the schema of a store that nobody uses up to date; refuses an empty one. */
MUST_USE enum fault_kind schema_upgrade(const char *path, struct fault *fault);
/* Looks whether the file is there and can be read as it is. */
MUST_USE enum fault_kind schema_check(const char *path, struct fault *fault);
/* Writes into the file's header that a copy into it has not ended, or has. */
MUST_USE enum fault_kind schema_mark(struct connection *connection, bool unfinished,
                                     struct fault *fault);
/* Whether that is written there. */
MUST_USE enum fault_kind schema_marked(struct connection *connection, bool *unfinished,
                                       struct fault *fault);

/* Runs all steps after version in one transaction, and tells of them. */
MUST_USE enum fault_kind schema_migrate_whole(struct connection *connection,
                                              const struct migration *migration, int64_t version,
                                              struct fault *fault);
/* Today's number. */
int64_t schema_newest(void);

enum fault_kind sqlite_migrate(const char *url, const struct migration *migration,
                               struct fault *fault); /* migrate.c: payoutd migrate */

/* --- copy.c; also what flow.c needs of it --- */

/* Whether there is a file of path with suffix behind it. */
MUST_USE bool file_is(const char *path, const char *suffix);
/* What is not there is gone already. */
MUST_USE enum fault_kind file_remove(const char *path, const char *suffix, struct fault *fault);
/* Removes what SQLite keeps beside the database path. */
MUST_USE enum fault_kind companions_remove(const char *path, struct fault *fault);
/* Everything that was written to path is on the disk. */
MUST_USE enum fault_kind file_sync(const char *path, struct fault *fault);

extern const struct flow_backend sqlite_flow; /* flow.c */

/* --- query.c: one run of a prepared statement --- */

/* query_begin, then query_put* for each parameter in order, then query_next until it is false,
 * with query_get* for each column in order after each true; then query_end, always. */
struct query {
    struct connection *connection;
    sqlite3_stmt *statement;
    enum statement_id id;
    struct arena *arena; /* Where texts go; NULL when none are read. */
    int put, got;
    int code;         /* SQLite's, of the last step. */
    bool implausible; /* A column held what was never written there. */
};
void query_begin(struct query *query, struct connection *connection, enum statement_id id,
                 struct arena *arena);
bool query_next(struct query *query);
MUST_USE enum fault_kind query_end(struct query *query, struct fault *fault);
/* query_next and query_end for a statement that returns no rows. */
MUST_USE enum fault_kind query_run(struct query *query, struct fault *fault);

void query_put(struct query *query, int64_t number);
void query_put_limit(struct query *query, size_t limit);
/* text must live until query_end. NULL is NULL. */
void query_put_text(struct query *query, const char *text);
void query_put_bytes(struct query *query, const void *bytes, size_t length);

int64_t query_get(struct query *query);
int32_t query_get_32(struct query *query);
bool query_get_bool(struct query *query);
/* A number from first to end - 1; first, and implausible, when it is not. */
int query_get_enum(struct query *query, int first, int end);
/* A copy in the arena; NULL when it is NULL. */
const char *query_get_text(struct query *query);
/* Fills text, NUL-terminated. */
void query_get_chars(struct query *query, char *text, size_t size);
void query_get_bytes(struct query *query, void *bytes, size_t length);

/* Rows of one type in an arena; their number is known when they were read. */
struct row_list {
    struct arena *arena;
    size_t size; /* Of one. */
    void *rows;  /* NULL while there is none. */
    size_t count, room;
};
/* A new row at the end, zeroed. */
void *row_list_add(struct row_list *list);

/* --- row.c: each takes the row's columns, or puts them, in the order above --- */

/* A text that is never NULL in the database, whatever a damaged one holds. */
const char *row_get_text(struct query *query);
void row_get_merchant(struct query *query, struct merchant *merchant);
void row_get_contact(struct query *query, struct contact *contact);
void row_get_lot(struct query *query, struct lot *lot);
void row_get_transfer(struct query *query, struct transfer *transfer);
void row_get_notification(struct query *query, struct notification *notification);
void row_get_delivery(struct query *query, struct delivery *delivery);
void row_get_funding(struct query *query, struct funding *funding);
void row_get_contradiction(struct query *query, struct contradiction *contradiction);
void row_get_usage(struct query *query, struct usage *usage);
void row_get_settlement(struct query *query, struct settlement *settlement);
void row_get_mail(struct query *query, struct mail *mail);
void row_get_approval(struct query *query, struct approval *approval);
void row_get_movement(struct query *query, struct movement *movement);
void row_get_head(struct query *query, struct ledger_head *head);
void row_get_account(struct query *query, struct account_balance *account);
void row_get_act(struct query *query, struct act *act);
void row_get_act_head(struct query *query, struct act_head *head);

void row_put_merchant(struct query *query, const struct merchant *merchant);
/* Its fees and limits, for a change too. */
void row_put_terms(struct query *query, const struct merchant *merchant);
void row_put_contact(struct query *query, const struct contact *contact);
void row_put_lot(struct query *query, const struct lot *lot);
void row_put_transfer(struct query *query, const struct transfer *transfer);
void row_put_notification(struct query *query, const struct notification *notification);
void row_put_delivery(struct query *query, const struct delivery *delivery);
void row_put_funding(struct query *query, const struct funding *funding);
void row_put_usage(struct query *query, const struct usage *usage);
void row_put_settlement(struct query *query, const struct settlement *settlement);
void row_put_mail(struct query *query, const struct mail *mail);
void row_put_approval(struct query *query, const struct approval *approval);
void row_put_movement(struct query *query, const struct movement *movement);
void row_put_act(struct query *query, const struct act *act);

/* --- screening.c; also the readers' of it --- */

void row_get_screening(struct query *query, struct screening *screening);
MUST_USE enum fault_kind screening_add(struct connection *writer, const struct screening *screening,
                                       struct fault *fault);

/* --- notification.c: notifications, tries to deliver them, and endpoints --- */

/* Parts of load_book, and of the book's saving. */
MUST_USE enum fault_kind notifications_load(struct connection *writer, struct book *book,
                                            struct fault *fault);
MUST_USE enum fault_kind endpoints_load(struct connection *writer, struct book *book,
                                        struct fault *fault);
MUST_USE enum fault_kind notifications_save(struct connection *writer, struct book *book,
                                            struct fault *fault);
MUST_USE enum fault_kind endpoints_save(struct connection *writer, struct book *book,
                                        struct fault *fault);
void row_get_endpoint(struct query *query, struct endpoint *endpoint);

/* --- load.c --- */

/* Looks up all that the book wants, and its head; within the writer's transaction. */
MUST_USE enum fault_kind load_book(struct connection *writer, struct book *book,
                                   struct fault *fault);

/* --- person.c: what persons did --- */

/* A part of load_book, and of the book's saving. */
MUST_USE enum fault_kind person_load(struct connection *writer, struct book *book,
                                     struct fault *fault);
MUST_USE enum fault_kind person_save(struct connection *writer, struct book *book,
                                     struct fault *fault);

/* --- callback.c: what operators called about; as person.c --- */

MUST_USE enum fault_kind callback_load(struct connection *writer, struct book *book,
                                       struct fault *fault);
MUST_USE enum fault_kind callback_save(struct connection *writer, struct book *book,
                                       struct fault *fault);

/* --- reversal.c; as callback.c --- */

void row_get_reversal(struct query *query, struct reversal *reversal);
MUST_USE enum fault_kind reversal_load(struct connection *writer, struct book *book,
                                       struct fault *fault);
MUST_USE enum fault_kind reversal_save(struct connection *writer, struct book *book,
                                       struct fault *fault);

/* --- checkpoint.c --- */

/* Opens a connection of its own on store's file and starts the thread. */
MUST_USE enum fault_kind checkpointer_open(struct sqlite_store *store, struct fault *fault);
/* Ends the thread. NULL is fine. */
void checkpointer_close(struct checkpointer *checkpointer);
/* The lane's batch begins; waits while the log's last pages are moved. */
void checkpointer_batch_begin(struct checkpointer *checkpointer);
/* It has ended, one way or the other. */
void checkpointer_batch_end(struct checkpointer *checkpointer);

/* --- The backend's functions; contracts: store.h --- */

enum fault_kind sqlite_open(const char *url, const struct store_options *options,
                            struct store **store, struct fault *fault);
enum fault_kind sqlite_open_beside(const char *url, struct store **store, struct fault *fault);
void sqlite_close(struct store *store);
enum fault_kind sqlite_backup(struct store *store, const char *path, struct fault *fault);
enum fault_kind sqlite_restore_begin(const char *url, const char *from, bool replace,
                                     struct store_restore **restore, struct fault *fault);
enum fault_kind sqlite_restore_end(struct store_restore *restore, bool keep,
                                   char aside[STORE_ASIDE_BYTES], struct fault *fault);
enum fault_kind sqlite_book_load(struct store *store, struct book *book, struct fault *fault);
enum fault_kind sqlite_book_save(struct store *store, struct book *book,
                                 const uint8_t batch_key[STORE_BATCH_KEY_BYTES],
                                 struct fault *fault);
void sqlite_book_reset(struct store *store, int lane);
enum fault_kind sqlite_batch_known(struct store *store, int lane,
                                   const uint8_t batch_key[STORE_BATCH_KEY_BYTES], bool *known,
                                   struct fault *fault);
enum fault_kind sqlite_reader_open(struct store *store, struct store_reader **reader,
                                   struct fault *fault);
void sqlite_reader_close(struct store_reader *reader);
enum fault_kind sqlite_read_merchant(struct store_reader *reader, struct arena *arena,
                                     struct merchant_id id, struct merchant **merchant,
                                     struct fault *fault);
enum fault_kind sqlite_read_merchant_by_apikey(struct store_reader *reader, struct arena *arena,
                                               const char *apikey, struct merchant **merchant,
                                               struct fault *fault);
enum fault_kind sqlite_read_merchants(struct store_reader *reader, struct arena *arena,
                                      struct merchant_id after, size_t limit,
                                      struct merchant **merchants, size_t *count,
                                      struct fault *fault);
enum fault_kind sqlite_read_accounts(struct store_reader *reader, struct arena *arena,
                                     struct merchant_id merchant, struct account_balance **accounts,
                                     size_t *count, struct fault *fault);
enum fault_kind sqlite_read_transfer(struct store_reader *reader, struct arena *arena,
                                     struct transfer_id id, struct transfer **transfer,
                                     struct fault *fault);
enum fault_kind sqlite_read_transfer_by_client_id(struct store_reader *reader, struct arena *arena,
                                                  struct merchant_id merchant,
                                                  const char *client_id, struct transfer **transfer,
                                                  struct fault *fault);
enum fault_kind sqlite_read_contact(struct store_reader *reader, struct arena *arena,
                                    struct merchant_id merchant, int64_t msisdn,
                                    struct contact **contact, struct fault *fault);
enum fault_kind sqlite_read_lot(struct store_reader *reader, struct arena *arena,
                                struct merchant_id merchant, struct lot_code code, struct lot **lot,
                                struct fault *fault);
enum fault_kind sqlite_read_transfers(struct store_reader *reader, struct arena *arena,
                                      struct transfer_id first, int64_t count,
                                      struct transfer **transfers, size_t *found,
                                      struct fault *fault);
enum fault_kind sqlite_read_transfers_after(struct store_reader *reader, struct arena *arena,
                                            struct transfer_id after, struct transfer_id before,
                                            size_t limit, struct transfer **transfers,
                                            size_t *count, struct fault *fault);
enum fault_kind sqlite_read_transfers_found(struct store_reader *reader, struct arena *arena,
                                            const struct transfer_filter *filter, size_t scan_max,
                                            size_t limit, struct transfer **transfers,
                                            size_t *count, struct transfer_id *next,
                                            struct fault *fault);
enum fault_kind sqlite_read_transfer_counts(struct store_reader *reader, struct arena *arena,
                                            struct merchant_id merchant, struct transfer_id from,
                                            struct transfer_id before, int64_t part_ids,
                                            size_t scan_max, struct transfer_count **counts,
                                            size_t *count, struct transfer_id *seen,
                                            struct fault *fault);
enum fault_kind sqlite_read_lots(struct store_reader *reader, struct arena *arena,
                                 struct merchant_id merchant, struct lot_code before, size_t limit,
                                 struct lot **lots, size_t *count, struct fault *fault);
enum fault_kind sqlite_read_contacts(struct store_reader *reader, struct arena *arena,
                                     struct merchant_id merchant, int64_t after, size_t limit,
                                     struct contact **contacts, size_t *count, struct fault *fault);
enum fault_kind sqlite_read_contacts_of(struct store_reader *reader, struct arena *arena,
                                        struct merchant_id merchant, const int64_t *msisdns,
                                        size_t msisdn_count, struct contact **contacts,
                                        size_t *count, struct fault *fault);
enum fault_kind sqlite_read_waiting_lots(struct store_reader *reader, struct arena *arena,
                                         struct merchant_id merchant, size_t limit,
                                         struct lot **lots, size_t *count, struct fault *fault);
enum fault_kind sqlite_read_due_transfers(struct store_reader *reader, struct arena *arena,
                                          int64_t now_ms, size_t limit, struct transfer **transfers,
                                          size_t *count, struct fault *fault);
enum fault_kind sqlite_read_expired_lots(struct store_reader *reader, struct arena *arena,
                                         int64_t now_ms, size_t limit, struct lot **lots,
                                         size_t *count, struct fault *fault);
enum fault_kind sqlite_read_due_notifications(struct store_reader *reader, struct arena *arena,
                                              int64_t now_ms, struct notification_cursor after,
                                              size_t limit, struct due_notification **due,
                                              size_t *count, struct fault *fault);
enum fault_kind sqlite_read_queue(struct store_reader *reader, struct arena *arena, int64_t queue,
                                  int64_t now_ms, struct notification_cursor after, size_t limit,
                                  struct due_notification **due, size_t *count,
                                  struct fault *fault);
enum fault_kind sqlite_read_queues(struct store_reader *reader, struct arena *arena, int64_t after,
                                   size_t limit, struct due_queue **queues, size_t *count,
                                   struct fault *fault);
enum fault_kind sqlite_read_told(struct store_reader *reader, struct arena *arena,
                                 const struct notification_filter *filter, size_t limit,
                                 struct told_notification **told, size_t *count,
                                 struct fault *fault);
enum fault_kind sqlite_read_endpoints(struct store_reader *reader, struct arena *arena,
                                      struct merchant_id merchant, struct endpoint **endpoints,
                                      size_t *count, struct fault *fault);
enum fault_kind sqlite_read_endpoints_after(struct store_reader *reader, struct arena *arena,
                                            struct merchant_id merchant, int32_t number,
                                            bool failing, size_t limit, struct endpoint **endpoints,
                                            size_t *count, struct fault *fault);
enum fault_kind sqlite_read_due_mails(struct store_reader *reader, struct arena *arena,
                                      int64_t now_ms, size_t limit, struct due_mail **due,
                                      size_t *count, struct fault *fault);
enum fault_kind sqlite_read_mails(struct store_reader *reader, struct arena *arena,
                                  struct merchant_id merchant, struct lot_code lot,
                                  struct mail **mails, size_t *count, struct fault *fault);
enum fault_kind sqlite_read_approvals(struct store_reader *reader, struct arena *arena,
                                      struct merchant_id merchant, struct lot_code lot,
                                      struct approval **approvals, size_t *count,
                                      struct fault *fault);
enum fault_kind sqlite_read_next_due(struct store_reader *reader, int64_t now_ms,
                                     struct next_due *next, struct fault *fault);
enum fault_kind sqlite_read_notifications(struct store_reader *reader, struct arena *arena,
                                          struct transfer_id transfer,
                                          struct notification **notifications,
                                          size_t *notification_count, struct delivery **deliveries,
                                          size_t *delivery_count, struct fault *fault);
enum fault_kind sqlite_read_settlements(struct store_reader *reader, struct arena *arena,
                                        struct transfer_id transfer,
                                        struct settlement **settlements, size_t *count,
                                        struct fault *fault);
enum fault_kind sqlite_read_contradictions(struct store_reader *reader, struct arena *arena,
                                           struct transfer_id transfer,
                                           struct contradiction **contradictions, size_t *count,
                                           struct fault *fault);
enum fault_kind sqlite_read_open_contradictions(struct store_reader *reader, struct arena *arena,
                                                int64_t after, size_t limit,
                                                struct open_contradiction **open, size_t *count,
                                                struct fault *fault);
enum fault_kind sqlite_read_suspected(struct store_reader *reader, struct arena *arena,
                                      struct merchant_id merchant, size_t limit,
                                      struct transfer **transfers, size_t *count,
                                      struct fault *fault);
enum fault_kind sqlite_read_screenings(struct store_reader *reader, struct arena *arena,
                                       struct transfer_id transfer, struct screening **screenings,
                                       size_t *count, struct fault *fault);
enum fault_kind sqlite_read_matched(struct store_reader *reader, struct arena *arena,
                                    struct merchant_id merchant, size_t limit,
                                    struct matched_transfer **matched, size_t *count,
                                    struct fault *fault);
enum fault_kind sqlite_read_due_screenings(struct store_reader *reader, struct arena *arena,
                                           int64_t now_ms, size_t limit, struct due_screening **due,
                                           size_t *count, struct fault *fault);
enum fault_kind sqlite_read_reversals(struct store_reader *reader, struct arena *arena,
                                      struct transfer_id transfer, struct reversal **reversals,
                                      size_t *count, struct fault *fault);
enum fault_kind sqlite_read_due_reversals(struct store_reader *reader, struct arena *arena,
                                          int64_t now_ms, size_t limit, struct due_reversal **due,
                                          size_t *count, struct fault *fault);
enum fault_kind sqlite_read_callbacks(struct store_reader *reader, struct arena *arena,
                                      int64_t before, size_t limit, struct callback **callbacks,
                                      size_t *count, struct fault *fault);
enum fault_kind sqlite_read_proposals(struct store_reader *reader, struct arena *arena,
                                      size_t limit, struct settlement **settlements, size_t *count,
                                      struct fault *fault);
enum fault_kind sqlite_read_acts(struct store_reader *reader, struct arena *arena,
                                 const struct act_filter *filter, size_t limit, struct act **acts,
                                 size_t *count, struct fault *fault);
enum fault_kind sqlite_read_user(struct store_reader *reader, struct arena *arena, const char *name,
                                 struct user **user, struct fault *fault);
enum fault_kind sqlite_read_users(struct store_reader *reader, struct arena *arena,
                                  struct merchant_id merchant, const char *after, size_t limit,
                                  struct user **users, size_t *count, struct fault *fault);
enum fault_kind sqlite_read_channel_switches(struct store_reader *reader, struct arena *arena,
                                             struct channel_switch **switches, size_t *count,
                                             struct fault *fault);
enum fault_kind sqlite_read_channel_accounts(struct store_reader *reader, struct arena *arena,
                                             struct channel_account **accounts, size_t *count,
                                             struct fault *fault);
enum fault_kind sqlite_read_session(struct store_reader *reader, struct arena *arena,
                                    const uint8_t hash[SECRET_HASH_BYTES], struct session **session,
                                    struct user **user, struct fault *fault);
enum fault_kind sqlite_read_figures(struct store_reader *reader, struct store_figures *figures,
                                    struct fault *fault);
enum fault_kind sqlite_audit(struct store_reader *reader, const struct store_audit *audit,
                             struct fault *fault);
enum fault_kind sqlite_statement(struct store_reader *reader,
                                 const struct store_statement *statement, struct fault *fault);
enum fault_kind sqlite_read_alive(struct store_reader *reader, struct fault *fault);
#endif

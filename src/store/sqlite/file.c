#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/sqlite/sqlite.h"

enum {
    FILE_PATH_BYTES_MAX = 4096,
    FILE_MODE = 0600,
    /* SQLite's own write takes the lowest 17 bits of a length (os_unix.c, seekAndWriteFd): a
     * multiple of 128 KiB would write nothing, and be told as a full disk. */
    LOG_PIECE_BYTES = 64 * 1024,
};

/* --- Files --- */

enum fault_kind folder_sync(const char *path, struct fault *fault)
{
    char folder[FILE_PATH_BYTES_MAX];
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        (void)snprintf(folder, sizeof folder, ".");
    else
        (void)snprintf(folder, sizeof folder, "%.*s", slash == path ? 1 : (int)(slash - path),
                       path);
    int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return fault_set(fault, FAULT_FINAL, "open the folder %s: %s", folder, strerror(errno));
    enum fault_kind kind = FAULT_NONE;
    if (fsync(descriptor) != 0)
        kind = fault_set(fault, FAULT_FINAL, "sync the folder %s: %s", folder, strerror(errno));
    (void)close(descriptor);
    return kind;
}

enum fault_kind file_create(const char *path, bool *exists, struct fault *fault)
{
    int descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
    if (descriptor < 0 && errno == EEXIST && exists != NULL) {
        *exists = true;
        return FAULT_NONE;
    }
    if (descriptor < 0)
        return fault_set(fault, FAULT_FINAL, "create %s: %s", path, strerror(errno));
    (void)close(descriptor); /* Before SQLite opens it: a close drops all locks of the process. */
    if (exists != NULL)
        *exists = false;
    return folder_sync(path, fault);
}

enum fault_kind file_lock(const char *path, int *lock, struct fault *fault)
{
    char name[FILE_PATH_BYTES_MAX + sizeof ".lock"];
    (void)snprintf(name, sizeof name, "%s.lock", path);
    *lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC, FILE_MODE);
    if (*lock < 0)
        return fault_set(fault, FAULT_FINAL, "open %s: %s", name, strerror(errno));
    if (flock(*lock, LOCK_EX | LOCK_NB) == 0)
        return FAULT_NONE;
    int error = errno;
    (void)close(*lock);
    *lock = -1;
    if (error == EWOULDBLOCK)
        return fault_set(fault, FAULT_FINAL,
                         "%s is in use by another payoutd: stop that one first, or give this one a "
                         "store of its own",
                         path);
    return fault_set(fault, FAULT_FINAL, "lock %s: %s", name, strerror(error));
}

/* --- The store --- */

/* Copies the log over itself, a piece at a time, and syncs it. Returns SQLite's code. */
static int log_rewrite(sqlite3_file *log)
{
    sqlite3_int64 size = 0;
    int code = log->pMethods->xFileSize(log, &size);
    void *piece = malloc(LOG_PIECE_BYTES);
    invariant(piece != NULL);
    for (sqlite3_int64 at = 0; at < size && code == SQLITE_OK; at += LOG_PIECE_BYTES) {
        int length = size - at < LOG_PIECE_BYTES ? (int)(size - at) : LOG_PIECE_BYTES;
        code = log->pMethods->xRead(log, piece, length, at);
        if (code == SQLITE_OK)
            code = log->pMethods->xWrite(log, piece, length, at);
    }
    free(piece);
    if (code == SQLITE_OK && size > 0)
        code = log->pMethods->xSync(log, SQLITE_SYNC_NORMAL);
    return code;
}

/* Whoever was killed between writing to the log and its sync has left batches there that read as
 * committed. They are about to be told of, to a merchant who asks again, and so have to be on the
 * disk first. To sync the log is not enough: when the sync failed and that was what stopped the
 * process before us, the system takes for written what it could not write. What is written anew is
 * written. */
static enum fault_kind log_settle(struct connection *writer, struct fault *fault)
{
    sqlite3_file *log = NULL;
    (void)sqlite3_file_control(writer->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
    if (log == NULL || log->pMethods == NULL)
        return FAULT_NONE;
    int code = log_rewrite(log);
    return code == SQLITE_OK ? FAULT_NONE : connection_fault(writer, code, "settle the log", fault);
}

/* Until the log is settled, a connection that is closed must leave it alone: moving into the
 * database what is in the system's memory only could leave both torn. */
static void log_leave(const struct connection *writer, bool leave)
{
    int code = sqlite3_db_config(writer->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, leave ? 1 : 0, NULL);
    invariant(code == SQLITE_OK);
}

enum fault_kind file_open_writer(const char *path, struct connection *writer, int64_t *version,
                                 struct fault *fault)
{
    enum fault_kind kind = connection_open(writer, path, SQLITE_OPEN_READWRITE, fault);
    if (kind != FAULT_NONE)
        return kind;
    log_leave(writer, true);
    kind = schema_version(writer, version, fault); /* First: not ours, nothing is changed in it. */
    if (kind == FAULT_NONE)
        kind = connection_run(
            writer, "set the writer up",
            "PRAGMA page_size = 4096;" /* A small row dirties a page: not a greater one. */
            "PRAGMA journal_mode = WAL;"
            "PRAGMA synchronous = FULL;"
            "PRAGMA foreign_keys = ON;"
            "PRAGMA secure_delete = OFF;"
            "PRAGMA cache_size = -131072;"            /* KiB: the upper pages of every index. */
            "PRAGMA journal_size_limit = 268435456;", /* What a long reader made grow goes. */
            fault);
    if (kind == FAULT_NONE)
        kind = log_settle(writer, fault);
    if (kind == FAULT_NONE)
        log_leave(writer, false);
    return kind;
}

static enum fault_kind writer_open(struct sqlite_store *store, struct fault *fault)
{
    int64_t version;
    enum fault_kind kind = file_open_writer(store->path, &store->writer, &version, fault);
    if (kind == FAULT_NONE)
        kind = schema_migrate(&store->writer, version, fault);
    if (kind == FAULT_NONE)
        kind = connection_prepare(&store->writer, WRITES, fault);
    return kind;
}

/* Everything after the store's struct was made; what was opened before a fault stays in it. */
static enum fault_kind store_begin(struct sqlite_store *store, struct fault *fault)
{
    bool exists;
    enum fault_kind kind = file_lock(store->path, &store->lock, fault);
    if (kind == FAULT_NONE)
        kind = file_create(store->path, &exists, fault);
    if (kind == FAULT_NONE)
        kind = writer_open(store, fault);
    if (kind == FAULT_NONE)
        kind = checkpointer_open(store, fault);
    return kind;
}

const char *file_url_path(const char *url, struct fault *fault)
{
    const char *path = strncmp(url, "//", 2) == 0 ? url + 2 : url;
    if (path[0] != '\0' && (path == url || path[0] == '/') && strlen(path) < FILE_PATH_BYTES_MAX)
        return path;
    (void)fault_set(fault, FAULT_FINAL,
                    "its URL must name a file: sqlite:///absolute/path or sqlite:relative");
    return NULL;
}

/* Opens with begin; closes again what it opened before a fault. */
static enum fault_kind store_open_with(const char *url, struct store **store,
                                       enum fault_kind (*begin)(struct sqlite_store *store,
                                                                struct fault *fault),
                                       struct fault *fault)
{
    const char *path = file_url_path(url, fault);
    if (path == NULL)
        return FAULT_FINAL;
    struct sqlite_store *opened = calloc(1, sizeof *opened);
    invariant(opened != NULL);
    opened->store.backend = &sqlite_backend;
    opened->store.share = (struct share){.lanes = 1, .alone = true};
    opened->lock = -1;
    opened->path = strdup(path);
    invariant(opened->path != NULL);
    enum fault_kind kind = begin(opened, fault);
    if (kind != FAULT_NONE) {
        sqlite_close(&opened->store);
        return fault_wrap(fault, "%s", path);
    }
    *store = &opened->store;
    return FAULT_NONE;
}

enum fault_kind sqlite_open(const char *url, const struct store_options *options,
                            struct store **store, struct fault *fault)
{
    if (options->lanes > 1)
        return fault_set(fault, FAULT_FINAL, "a store in SQLite has one lane");
    return store_open_with(url, store, store_begin, fault);
}

static enum fault_kind store_begin_beside(struct sqlite_store *store, struct fault *fault)
{
    return schema_check(store->path, fault);
}

enum fault_kind sqlite_open_beside(const char *url, struct store **store, struct fault *fault)
{
    return store_open_with(url, store, store_begin_beside, fault);
}

/* Who opens it so knows what it is. */
static enum fault_kind store_begin_marked(struct sqlite_store *store, struct fault *fault)
{
    (void)store;
    (void)fault;
    return FAULT_NONE;
}

enum fault_kind file_open_marked(const char *path, struct store **store, struct fault *fault)
{
    return store_open_with(path, store, store_begin_marked, fault);
}

void sqlite_close(struct store *store)
{
    struct sqlite_store *closed = (struct sqlite_store *)(void *)store;
    if (closed->in_transaction)
        sqlite_book_reset(store, 0);
    checkpointer_close(closed->checkpointer);
    connection_close(&closed->writer); /* The last one: it moves the log into the database. */
    if (closed->lock >= 0)
        (void)close(closed->lock); /* The lock file stays: removing it would race with a start. */
    free(closed->path);
    free(closed);
}

/* --- Readers --- */

enum fault_kind sqlite_reader_open(struct store *store, struct store_reader **reader,
                                   struct fault *fault)
{
    const struct sqlite_store *of = (const struct sqlite_store *)(const void *)store;
    struct sqlite_reader *opened = calloc(1, sizeof *opened);
    invariant(opened != NULL);
    opened->reader.backend = &sqlite_backend;
    struct connection *connection = &opened->connection;
    enum fault_kind kind = connection_open(connection, of->path, SQLITE_OPEN_READONLY, fault);
    if (kind == FAULT_NONE)
        kind = connection_run(connection, "set a reader up",
                              "PRAGMA query_only = ON; PRAGMA cache_size = -8192", fault);
    if (kind == FAULT_NONE)
        kind = connection_prepare(connection, READS, fault);
    if (kind != FAULT_NONE) {
        sqlite_reader_close(&opened->reader);
        return kind;
    }
    *reader = &opened->reader;
    return FAULT_NONE;
}

void sqlite_reader_close(struct store_reader *reader)
{
    struct sqlite_reader *closed = (struct sqlite_reader *)(void *)reader;
    connection_close(&closed->connection);
    free(closed);
}

const struct backend sqlite_backend = {
    .scheme = "sqlite:",
    .open = sqlite_open,
    .open_beside = sqlite_open_beside,
    .close = sqlite_close,
    .backup = sqlite_backup,
    .restore_begin = sqlite_restore_begin,
    .restore_end = sqlite_restore_end,
    .book_load = sqlite_book_load,
    .book_save = sqlite_book_save,
    .book_reset = sqlite_book_reset,
    .batch_known = sqlite_batch_known,
    .reader_open = sqlite_reader_open,
    .reader_close = sqlite_reader_close,
    .read_merchant = sqlite_read_merchant,
    .read_merchant_by_apikey = sqlite_read_merchant_by_apikey,
    .read_merchants = sqlite_read_merchants,
    .read_accounts = sqlite_read_accounts,
    .read_transfer = sqlite_read_transfer,
    .read_transfer_by_client_id = sqlite_read_transfer_by_client_id,
    .read_contact = sqlite_read_contact,
    .read_lot = sqlite_read_lot,
    .read_transfers = sqlite_read_transfers,
    .read_transfers_after = sqlite_read_transfers_after,
    .read_waiting_lots = sqlite_read_waiting_lots,
    .read_transfers_found = sqlite_read_transfers_found,
    .read_transfer_counts = sqlite_read_transfer_counts,
    .read_lots = sqlite_read_lots,
    .read_contacts = sqlite_read_contacts,
    .read_contacts_of = sqlite_read_contacts_of,
    .read_due_transfers = sqlite_read_due_transfers,
    .read_expired_lots = sqlite_read_expired_lots,
    .read_due_notifications = sqlite_read_due_notifications,
    .read_queue = sqlite_read_queue,
    .read_queues = sqlite_read_queues,
    .read_told = sqlite_read_told,
    .read_endpoints = sqlite_read_endpoints,
    .read_endpoints_after = sqlite_read_endpoints_after,
    .read_due_mails = sqlite_read_due_mails,
    .read_mails = sqlite_read_mails,
    .read_approvals = sqlite_read_approvals,
    .read_next_due = sqlite_read_next_due,
    .read_notifications = sqlite_read_notifications,
    .read_settlements = sqlite_read_settlements,
    .read_contradictions = sqlite_read_contradictions,
    .read_open_contradictions = sqlite_read_open_contradictions,
    .read_suspected = sqlite_read_suspected,
    .read_screenings = sqlite_read_screenings,
    .read_matched = sqlite_read_matched,
    .read_due_screenings = sqlite_read_due_screenings,
    .read_reversals = sqlite_read_reversals,
    .read_due_reversals = sqlite_read_due_reversals,
    .read_callbacks = sqlite_read_callbacks,
    .read_proposals = sqlite_read_proposals,
    .read_acts = sqlite_read_acts,
    .read_user = sqlite_read_user,
    .read_users = sqlite_read_users,
    .read_session = sqlite_read_session,
    .read_channel_switches = sqlite_read_channel_switches,
    .read_channel_accounts = sqlite_read_channel_accounts,
    .read_figures = sqlite_read_figures,
    .audit = sqlite_audit,
    .statement = sqlite_statement,
    .read_alive = sqlite_read_alive,
    .migrate = sqlite_migrate,
    .flow = &sqlite_flow,
};

#include <pthread.h>
#include <stdlib.h>

#include "base/log.h"
#include "store/sqlite/sqlite.h"

/* The log's pages, of 4 KiB, at which the thread begins to move them, and at which it makes the
 * lane wait for a moment so that the log can begin anew. Every page that changes twice in between
 * is moved once: the greater the numbers, the less is written. */
enum { LOG_PAGES_MOVE = 8192, LOG_PAGES_FINISH = 49152 };

struct checkpointer {
    struct connection connection; /* The thread's. */
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    /* Under the mutex: */
    int log_pages;  /* In the log after the last commit. */
    int pages_done; /* How many it had when the thread last had done its work. */
    bool in_batch;  /* The lane is between BEGIN and the end. */
    bool finishing; /* The thread moves the last pages: no batch may begin. */
    bool stopping;
};

static void lock(struct checkpointer *checkpointer)
{
    invariant(pthread_mutex_lock(&checkpointer->mutex) == 0);
}

static void unlock(struct checkpointer *checkpointer)
{
    invariant(pthread_mutex_unlock(&checkpointer->mutex) == 0);
}

static void announce(struct checkpointer *checkpointer)
{
    invariant(pthread_cond_broadcast(&checkpointer->changed) == 0);
}

static void await(struct checkpointer *checkpointer)
{
    invariant(pthread_cond_wait(&checkpointer->changed, &checkpointer->mutex) == 0);
}

/* --- The lane's side --- */

void checkpointer_batch_begin(struct checkpointer *checkpointer)
{
    lock(checkpointer);
    while (checkpointer->finishing)
        await(checkpointer);
    checkpointer->in_batch = true;
    unlock(checkpointer);
}

void checkpointer_batch_end(struct checkpointer *checkpointer)
{
    lock(checkpointer);
    checkpointer->in_batch = false;
    announce(checkpointer);
    unlock(checkpointer);
}

/* SQLite calls it on the lane's thread after each commit. */
static int log_grew(void *context, sqlite3 *db, const char *name, int pages)
{
    (void)db;
    (void)name;
    struct checkpointer *checkpointer = context;
    lock(checkpointer);
    checkpointer->log_pages = pages;
    if (pages < checkpointer->pages_done)
        checkpointer->pages_done = 0; /* The log began anew. */
    unlock(checkpointer);             /* checkpointer_batch_end follows and announces it. */
    return SQLITE_OK;
}

/* --- The thread --- */

/* Moves what can be moved without anybody waiting. False when that failed; otherwise *left is the
 * number of pages that are still in the log only. */
static bool pages_move(struct checkpointer *checkpointer, int *left)
{
    struct connection *connection = &checkpointer->connection;
    int in_log = 0, moved = 0;
    int code =
        sqlite3_wal_checkpoint_v2(connection->db, NULL, SQLITE_CHECKPOINT_PASSIVE, &in_log, &moved);
    *left = in_log - moved;
    if (code == SQLITE_OK)
        return true;
    struct fault fault; /* A failed sync stops the process here. */
    if (connection_fault(connection, code, "move the log into the database", &fault) != FAULT_AGAIN)
        log_event(LOG_LEVEL_ERROR, "checkpoint failed", LOG_TEXT("why", fault.text));
    return false;
}

/* Moves the last pages while no batch is under way: then the next one begins the log anew, unless
 * a reader still looks at it. */
static void log_finish(struct checkpointer *checkpointer)
{
    int left;
    lock(checkpointer);
    checkpointer->finishing = true;
    while (checkpointer->in_batch)
        await(checkpointer);
    unlock(checkpointer);
    (void)pages_move(checkpointer, &left);
    lock(checkpointer);
    checkpointer->finishing = false;
    announce(checkpointer);
    unlock(checkpointer);
}

static void *checkpointer_run(void *context)
{
    struct checkpointer *checkpointer = context;
    lock(checkpointer);
    while (!checkpointer->stopping) {
        int pages = checkpointer->log_pages;
        if (pages - checkpointer->pages_done < LOG_PAGES_MOVE) {
            await(checkpointer);
            continue;
        }
        unlock(checkpointer);
        int left;
        bool moved = pages_move(checkpointer, &left);
        if (moved && left > 0 && pages >= LOG_PAGES_FINISH)
            moved = pages_move(checkpointer, &left); /* What came in the meantime: it is less. */
        if (moved && pages >= LOG_PAGES_FINISH)
            log_finish(checkpointer);
        lock(checkpointer);
        /* Whether it went well or not: again when the log has grown by as much. */
        checkpointer->pages_done = pages;
    }
    unlock(checkpointer);
    return NULL;
}

/* --- Opening and closing --- */

enum fault_kind checkpointer_open(struct sqlite_store *store, struct fault *fault)
{
    int64_t version;
    struct checkpointer *opened = calloc(1, sizeof *opened);
    invariant(opened != NULL);
    struct connection *connection = &opened->connection;
    enum fault_kind kind = connection_open(connection, store->path, SQLITE_OPEN_READWRITE, fault);
    if (kind == FAULT_NONE)
        kind = connection_run(connection, "set the checkpointer up", "PRAGMA synchronous = FULL",
                              fault);
    if (kind == FAULT_NONE) /* Reads once: from then on it knows that there is a log. */
        kind = connection_number(connection, "read once", "SELECT count(*) FROM lane", &version,
                                 fault);
    if (kind != FAULT_NONE) {
        connection_close(connection);
        free(opened);
        return kind;
    }
    invariant(pthread_mutex_init(&opened->mutex, NULL) == 0);
    invariant(pthread_cond_init(&opened->changed, NULL) == 0);
    (void)sqlite3_wal_hook(store->writer.db, log_grew, opened);
    invariant(pthread_create(&opened->thread, NULL, checkpointer_run, opened) == 0);
    store->checkpointer = opened;
    return FAULT_NONE;
}

void checkpointer_close(struct checkpointer *checkpointer)
{
    if (checkpointer == NULL)
        return;
    lock(checkpointer);
    checkpointer->stopping = true;
    announce(checkpointer);
    unlock(checkpointer);
    invariant(pthread_join(checkpointer->thread, NULL) == 0);
    connection_close(&checkpointer->connection);
    invariant(pthread_cond_destroy(&checkpointer->changed) == 0);
    invariant(pthread_mutex_destroy(&checkpointer->mutex) == 0);
    free(checkpointer);
}

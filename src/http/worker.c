#include "http/worker.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum { MERCHANTS_KEPT = 32, MERCHANT_ARENA_BYTES = 1 << 20 };

struct kept_merchant {
    int64_t read_at_us;    /* 0: none is kept. */
    uint_fast32_t changes; /* http->merchants_changed before it was read. */
    struct merchant merchant;
};

struct worker {
    struct worker *next;
    struct http *http; /* Whose it is: a thread that outlives one server may serve another. */
    struct store_reader *reader;
    struct kept_merchant kept[MERCHANTS_KEPT];
};

static _Thread_local struct worker *worker_now;

static enum fault_kind worker_get(struct http *http, struct worker **worker, struct fault *fault)
{
    if (worker_now != NULL && worker_now->http == http) {
        *worker = worker_now;
        return FAULT_NONE;
    }
    struct worker *made = calloc(1, sizeof *made);
    invariant(made != NULL);
    made->http = http;
    enum fault_kind kind = store_reader_open(http->store, &made->reader, fault);
    if (kind != FAULT_NONE) {
        free(made);
        (void)fault_wrap(fault, "open a reader for the listener");
        return kind; /* So that the compiler sees, too, that there is no worker then. */
    }
    (void)pthread_mutex_lock(&http->lock);
    made->next = http->workers;
    http->workers = made;
    (void)pthread_mutex_unlock(&http->lock);
    *worker = worker_now = made;
    return FAULT_NONE;
}

enum fault_kind worker_reader(struct http *http, struct store_reader **reader, struct fault *fault)
{
    struct worker *worker;
    if (worker_get(http, &worker, fault) != FAULT_NONE)
        return fault->kind;
    *reader = worker->reader;
    return FAULT_NONE;
}

static enum fault_kind merchant_refresh(struct worker *worker, struct kept_merchant *kept,
                                        struct merchant_id id, uint_fast32_t changes,
                                        int64_t now_us, struct fault *fault)
{
    AUTO(arena_closep) struct arena *scratch = arena_open(MERCHANT_ARENA_BYTES);
    struct merchant *found = NULL;
    enum fault_kind kind = store_read_merchant(worker->reader, scratch, id, &found, fault);
    if (kind != FAULT_NONE)
        return kind;
    kept->read_at_us = 0;
    if (found == NULL)
        return FAULT_NONE;
    kept->merchant = *found;
    kept->changes = changes;
    kept->read_at_us = now_us;
    return FAULT_NONE;
}

enum fault_kind worker_merchant(struct http *http, struct arena *arena, struct merchant_id id,
                                struct merchant **merchant, struct fault *fault)
{
    *merchant = NULL;
    struct worker *worker;
    if (worker_get(http, &worker, fault) != FAULT_NONE)
        return fault->kind;
    int64_t now_us = clock_monotonic_us();
    /* Read before the store is: a change that comes between is then seen the next time. */
    uint_fast32_t changes = atomic_load(&http->merchants_changed);
    struct kept_merchant *kept = &worker->kept[(uint64_t)id.value % MERCHANTS_KEPT];
    bool fresh = kept->read_at_us > 0 && kept->merchant.id.value == id.value &&
                 kept->changes == changes &&
                 now_us - kept->read_at_us < INT64_C(1000) * WORKER_STALE_MS;
    if (!fresh && merchant_refresh(worker, kept, id, changes, now_us, fault) != FAULT_NONE)
        return fault->kind;
    if (kept->read_at_us == 0)
        return FAULT_NONE;
    *merchant = arena_alloc(arena, 1, sizeof **merchant);
    **merchant = kept->merchant;
    return FAULT_NONE;
}

void workers_close(struct http *http)
{
    for (struct worker *worker = http->workers, *next; worker != NULL; worker = next) {
        next = worker->next;
        store_reader_close(worker->reader);
        free(worker);
    }
    http->workers = NULL;
}

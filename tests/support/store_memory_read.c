/* The reading half of the store in memory: what workers and auditors of the simulator ask for. */
#include <stdlib.h>

#include "support/store_memory.h"

struct store_reader {
    struct store *store;
};

enum fault_kind store_reader_open(struct store *store, struct store_reader **reader,
                                  struct fault *fault)
{
    (void)fault;
    *reader = calloc(1, sizeof **reader);
    invariant(*reader != NULL);
    (*reader)->store = store;
    return FAULT_NONE;
}

void store_reader_close(struct store_reader *reader)
{
    free(reader);
}

void store_reader_closep(struct store_reader **reader)
{
    store_reader_close(*reader);
}

/* Orders by due time, as the real stores do; ties by id. */
static int transfer_compare(const void *a, const void *b)
{
    const struct transfer *left = a, *right = b;
    if (left->due_at_ms != right->due_at_ms)
        return left->due_at_ms < right->due_at_ms ? -1 : 1;
    return (left->id.value > right->id.value) - (left->id.value < right->id.value);
}

enum fault_kind store_read_due_transfers(struct store_reader *reader, struct arena *arena,
                                         int64_t now_ms, size_t limit, struct transfer **transfers,
                                         size_t *count, struct fault *fault)
{
    (void)fault;
    const struct store_memory_tables *tables = store_memory_tables(reader->store);
    struct transfer *found = arena_alloc(arena, tables->transfer_count + 1, sizeof *found);
    size_t found_count = 0;
    for (size_t i = 0; i < tables->transfer_count; i++)
        if (tables->transfers[i].due_at_ms > 0 && tables->transfers[i].due_at_ms <= now_ms)
            found[found_count++] = tables->transfers[i];
    qsort(found, found_count, sizeof *found, transfer_compare);
    *transfers = found;
    *count = found_count < limit ? found_count : limit;
    return FAULT_NONE;
}

enum fault_kind store_read_due_notifications(struct store_reader *reader, struct arena *arena,
                                             int64_t now_ms, struct notification_cursor after,
                                             size_t limit, struct due_notification **due,
                                             size_t *count, struct fault *fault)
{
    (void)fault;
    (void)after; /* The simulator reads from the start, always. */
    const struct store_memory_tables *tables = store_memory_tables(reader->store);
    struct due_notification *found = arena_alloc(arena, limit, sizeof *found);
    size_t found_count = 0;
    for (size_t i = 0; i < tables->notification_count && found_count < limit; i++) {
        const struct notification *notification = &tables->notifications[i];
        if (notification->state == NOTIFICATION_DUE && notification->due_at_ms <= now_ms)
            found[found_count++].notification = *notification;
    }
    *due = found;
    *count = found_count;
    return FAULT_NONE;
}

enum fault_kind store_read_expired_lots(struct store_reader *reader, struct arena *arena,
                                        int64_t now_ms, size_t limit, struct lot **lots,
                                        size_t *count, struct fault *fault)
{
    (void)fault;
    const struct store_memory_tables *tables = store_memory_tables(reader->store);
    struct lot *found = arena_alloc(arena, limit, sizeof *found);
    size_t found_count = 0;
    for (size_t i = 0; i < tables->lot_count && found_count < limit; i++)
        if (tables->lots[i].state == LOT_WAITING && tables->lots[i].expires_at_ms <= now_ms)
            found[found_count++] = tables->lots[i];
    *lots = found;
    *count = found_count;
    return FAULT_NONE;
}

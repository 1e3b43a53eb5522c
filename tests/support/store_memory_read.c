/* The reading half of the store in memory: what workers and auditors of the simulator ask for. */
#include <stdlib.h>

#include "support/store_memory.h"

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

void store_reader_keep(struct store_reader *reader, uint32_t shards)
{
    (void)reader, (void)shards; /* A store of one process. */
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
    store_memory_lock(reader->store);
    const struct store_memory_tables *tables = store_memory_tables(reader->store);
    struct transfer *found = arena_alloc(arena, tables->transfer_count + 1, sizeof *found);
    size_t found_count = 0;
    for (size_t i = 0; i < tables->transfer_count; i++)
        if (tables->transfers[i].due_at_ms > 0 && tables->transfers[i].due_at_ms <= now_ms &&
            tables->transfers[i].step != STEP_SCREEN)
            found[found_count++] = tables->transfers[i];
    store_memory_unlock(reader->store);
    qsort(found, found_count, sizeof *found, transfer_compare);
    *transfers = found;
    *count = found_count < limit ? found_count : limit;
    return FAULT_NONE;
}

static int screening_compare(const void *a, const void *b)
{
    const struct due_screening *left = a, *right = b;
    return transfer_compare(&left->transfer, &right->transfer);
}

enum fault_kind store_read_due_screenings(struct store_reader *reader, struct arena *arena,
                                          int64_t now_ms, size_t limit, struct due_screening **due,
                                          size_t *count, struct fault *fault)
{
    (void)fault;
    store_memory_lock(reader->store);
    const struct store_memory_tables *tables = store_memory_tables(reader->store);
    *due = arena_alloc(arena, tables->transfer_count + 1, sizeof **due);
    *count = 0;
    for (size_t i = 0; i < tables->transfer_count; i++) {
        const struct transfer *transfer = &tables->transfers[i];
        if (transfer->step != STEP_SCREEN || transfer->due_at_ms > now_ms)
            continue;
        struct due_screening *found = &(*due)[(*count)++];
        found->transfer = *transfer;
        for (size_t j = 0; j < tables->contact_count; j++)
            if (tables->contacts[j].merchant.value == transfer->merchant.value &&
                tables->contacts[j].msisdn == transfer->msisdn) {
                found->name = tables->contacts[j].name;
                found->surname = tables->contacts[j].surname;
            }
    }
    store_memory_unlock(reader->store);
    qsort(*due, *count, sizeof **due, screening_compare);
    *count = *count < limit ? *count : limit;
    return FAULT_NONE;
}

static int expiry_compare(const void *a, const void *b)
{
    const struct lot *left = a, *right = b;
    if (left->expires_at_ms != right->expires_at_ms)
        return left->expires_at_ms < right->expires_at_ms ? -1 : 1;
    if (left->merchant.value != right->merchant.value)
        return left->merchant.value < right->merchant.value ? -1 : 1;
    return (left->code.value > right->code.value) - (left->code.value < right->code.value);
}

enum fault_kind store_read_expired_lots(struct store_reader *reader, struct arena *arena,
                                        int64_t now_ms, size_t limit, struct lot **lots,
                                        size_t *count, struct fault *fault)
{
    (void)fault;
    store_memory_lock(reader->store);
    const struct store_memory_tables *tables = store_memory_tables(reader->store);
    struct lot *found = arena_alloc(arena, tables->lot_count + 1, sizeof *found);
    size_t found_count = 0;
    for (size_t i = 0; i < tables->lot_count; i++)
        if (tables->lots[i].state == LOT_WAITING && tables->lots[i].expires_at_ms <= now_ms)
            found[found_count++] = tables->lots[i];
    store_memory_unlock(reader->store);
    qsort(found, found_count, sizeof *found, expiry_compare);
    *lots = found;
    *count = found_count < limit ? found_count : limit;
    return FAULT_NONE;
}

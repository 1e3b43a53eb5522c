/* What persons look for, in the store in memory. */
#include <stdlib.h>

#include "support/store_memory.h"

static int newest_first(const void *a, const void *b)
{
    int64_t left = (*(const struct transfer *const *)a)->id.value,
            right = (*(const struct transfer *const *)b)->id.value;
    return (left < right) - (left > right);
}

/* Of the merchant's with such ids the newest, scan_max at most; *cut is the last one's id when
 * there are more, else 0. Under the lock. */
static const struct transfer **look(const struct store_memory_tables *tables, struct arena *arena,
                                    struct merchant_id merchant, struct transfer_id from,
                                    struct transfer_id before, size_t scan_max, size_t *count,
                                    int64_t *cut)
{
    const struct transfer **seen = arena_alloc(arena, tables->transfer_count + 1, sizeof *seen);
    *count = 0;
    for (size_t i = 0; i < tables->transfer_count; i++) {
        const struct transfer *each = &tables->transfers[i];
        if ((merchant.value == 0 || each->merchant.value == merchant.value) &&
            each->id.value >= from.value && each->id.value < before.value)
            seen[(*count)++] = each;
    }
    qsort(seen, *count, sizeof *seen, newest_first);
    bool more = *count >= scan_max && seen[scan_max - 1]->id.value > from.value;
    *count = *count > scan_max ? scan_max : *count;
    *cut = more ? seen[scan_max - 1]->id.value : 0;
    return seen;
}

static bool number_among(const struct transfer_filter *filter, int64_t msisdn)
{
    bool among = filter->msisdn_count == 0;
    for (size_t i = 0; i < filter->msisdn_count; i++)
        among = among || filter->msisdns[i] == msisdn;
    return among;
}

enum fault_kind store_read_transfers_found(struct store_reader *reader, struct arena *arena,
                                           const struct transfer_filter *filter, size_t scan_max,
                                           size_t limit, struct transfer **transfers, size_t *count,
                                           struct transfer_id *next, struct fault *fault)
{
    (void)fault;
    size_t looked;
    store_memory_lock(reader->store);
    const struct transfer **seen =
        look(store_memory_tables(reader->store), arena, filter->merchant, filter->from,
             filter->before, scan_max, &looked, &next->value);
    *transfers = arena_alloc(arena, looked + 1, sizeof **transfers);
    *count = 0;
    for (size_t i = 0; i < looked && *count < limit; i++)
        if ((filter->states == 0 || (filter->states >> seen[i]->state & 1) != 0) &&
            (filter->operator_number == 0 || filter->operator_number == seen[i]->operator_number) &&
            number_among(filter, seen[i]->msisdn))
            (*transfers)[(*count)++] = *seen[i];
    if (*count > 0 && *count == limit)
        next->value = (*transfers)[limit - 1].id.value;
    store_memory_unlock(reader->store);
    return FAULT_NONE;
}

enum fault_kind store_read_transfer_counts(struct store_reader *reader, struct arena *arena,
                                           struct merchant_id merchant, struct transfer_id from,
                                           struct transfer_id before, int64_t part_ids,
                                           size_t scan_max, struct transfer_count **counts,
                                           size_t *count, struct transfer_id *least,
                                           struct fault *fault)
{
    (void)fault;
    size_t looked;
    store_memory_lock(reader->store);
    const struct transfer **seen = look(store_memory_tables(reader->store), arena, merchant, from,
                                        before, scan_max, &looked, &least->value);
    *counts = arena_alloc(arena, looked + 1, sizeof **counts);
    *count = 0;
    for (size_t i = looked; i-- > 0;) {
        const struct transfer *each = seen[i];
        struct transfer_count *row = *counts, *end = *counts + *count;
        int64_t part = each->id.value / part_ids;
        while (row < end && (row->part != part || row->operator_number != each->operator_number ||
                             row->state != each->state || row->currency != each->amount.currency))
            row++;
        if (row == end) {
            (*count)++;
            *row = (struct transfer_count){.part = part,
                                           .operator_number = each->operator_number,
                                           .state = each->state,
                                           .currency = each->amount.currency};
        }
        row->count++;
        row->amount_minor += each->amount.minor;
        if (each->validated_at_ms > 0)
            row->pay_ms += each->validated_at_ms - each->submitted_at_ms;
    }
    store_memory_unlock(reader->store);
    return FAULT_NONE;
}

static int lot_compare(const void *a, const void *b)
{
    const struct lot *left = a, *right = b;
    return (left->code.value < right->code.value) - (left->code.value > right->code.value);
}

enum fault_kind store_read_lots(struct store_reader *reader, struct arena *arena,
                                struct merchant_id merchant, struct lot_code before, size_t limit,
                                struct lot **lots, size_t *count, struct fault *fault)
{
    (void)fault;
    store_memory_lock(reader->store);
    const struct store_memory_tables *tables = store_memory_tables(reader->store);
    *lots = arena_alloc(arena, tables->lot_count + 1, sizeof **lots);
    *count = 0;
    for (size_t i = 0; i < tables->lot_count; i++)
        if (tables->lots[i].merchant.value == merchant.value &&
            (before.value == 0 || tables->lots[i].code.value < before.value))
            (*lots)[(*count)++] = tables->lots[i];
    store_memory_unlock(reader->store);
    qsort(*lots, *count, sizeof **lots, lot_compare);
    *count = *count < limit ? *count : limit;
    return FAULT_NONE;
}

static int contact_compare(const void *a, const void *b)
{
    const struct contact *left = a, *right = b;
    return (left->msisdn > right->msisdn) - (left->msisdn < right->msisdn);
}

enum fault_kind store_read_contacts(struct store_reader *reader, struct arena *arena,
                                    struct merchant_id merchant, int64_t after, size_t limit,
                                    struct contact **contacts, size_t *count, struct fault *fault)
{
    (void)fault;
    store_memory_lock(reader->store);
    const struct store_memory_tables *tables = store_memory_tables(reader->store);
    *contacts = arena_alloc(arena, tables->contact_count + 1, sizeof **contacts);
    *count = 0;
    for (size_t i = 0; i < tables->contact_count; i++)
        if (tables->contacts[i].merchant.value == merchant.value &&
            tables->contacts[i].msisdn > after)
            (*contacts)[(*count)++] = tables->contacts[i];
    store_memory_unlock(reader->store);
    qsort(*contacts, *count, sizeof **contacts, contact_compare);
    *count = *count < limit ? *count : limit;
    return FAULT_NONE;
}

enum fault_kind store_read_contacts_of(struct store_reader *reader, struct arena *arena,
                                       struct merchant_id merchant, const int64_t *msisdns,
                                       size_t msisdn_count, struct contact **contacts,
                                       size_t *count, struct fault *fault)
{
    const struct transfer_filter filter = {.msisdns = msisdns, .msisdn_count = msisdn_count};
    size_t all, kept = 0;
    enum fault_kind kind =
        store_read_contacts(reader, arena, merchant, 0, SIZE_MAX, contacts, &all, fault);
    for (size_t i = 0; i < all && msisdn_count > 0; i++)
        if (number_among(&filter, (*contacts)[i].msisdn))
            (*contacts)[kept++] = (*contacts)[i];
    *count = kept;
    return kind;
}

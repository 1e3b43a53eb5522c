/* The readings of the store in memory that the listener needs, beside those of the simulator in
 * tests/support. One request at a time. */
#include <string.h>

#include "support/store_memory.h"

/* As tests/support defines it. */
struct store_reader {
    struct store *store;
};

#define KEEP(arena, found, row)                                                                    \
    do {                                                                                           \
        (found) = arena_alloc((arena), 1, sizeof *(found));                                        \
        *(found) = (row);                                                                          \
    } while (0)

/* A crash that was planned makes reading fail too. */
static enum fault_kind reader_begin(const struct store_reader *reader,
                                    const struct store_memory_tables **tables, struct fault *fault)
{
    *tables = store_memory_tables(reader->store);
    if (store_memory_crashed(reader->store))
        return fault_set(fault, FAULT_FINAL, "crashed, as planned");
    return FAULT_NONE;
}

enum fault_kind store_read_merchant(struct store_reader *reader, struct arena *arena,
                                    struct merchant_id id, struct merchant **merchant,
                                    struct fault *fault)
{
    const struct store_memory_tables *tables;
    *merchant = NULL;
    if (reader_begin(reader, &tables, fault) != FAULT_NONE)
        return fault->kind;
    for (size_t i = 0; i < tables->merchant_count; i++)
        if (tables->merchants[i].id.value == id.value)
            KEEP(arena, *merchant, tables->merchants[i]);
    return FAULT_NONE;
}

enum fault_kind store_read_merchant_by_apikey(struct store_reader *reader, struct arena *arena,
                                              const char *apikey, struct merchant **merchant,
                                              struct fault *fault)
{
    const struct store_memory_tables *tables;
    *merchant = NULL;
    if (reader_begin(reader, &tables, fault) != FAULT_NONE)
        return fault->kind;
    for (size_t i = 0; i < tables->merchant_count; i++)
        if (strcmp(tables->merchants[i].apikey, apikey) == 0)
            KEEP(arena, *merchant, tables->merchants[i]);
    return FAULT_NONE;
}

enum fault_kind store_read_merchants(struct store_reader *reader, struct arena *arena,
                                     struct merchant_id after, size_t limit,
                                     struct merchant **merchants, size_t *count,
                                     struct fault *fault)
{
    const struct store_memory_tables *tables;
    *count = 0;
    *merchants = arena_alloc(arena, limit, sizeof **merchants);
    if (reader_begin(reader, &tables, fault) != FAULT_NONE)
        return fault->kind;
    int64_t last = after.value;
    while (*count < limit) {
        const struct merchant *next = NULL;
        for (size_t i = 0; i < tables->merchant_count; i++) {
            const struct merchant *each = &tables->merchants[i];
            if (each->id.value > last && (next == NULL || each->id.value < next->id.value))
                next = each;
        }
        if (next == NULL)
            break;
        (*merchants)[(*count)++] = *next;
        last = next->id.value;
    }
    return FAULT_NONE;
}

enum fault_kind store_read_accounts(struct store_reader *reader, struct arena *arena,
                                    struct merchant_id merchant, struct account_balance **accounts,
                                    size_t *count, struct fault *fault)
{
    const struct store_memory_tables *tables;
    *count = 0;
    if (reader_begin(reader, &tables, fault) != FAULT_NONE)
        return fault->kind;
    *accounts = arena_alloc(arena, tables->account_count + 1, sizeof **accounts);
    for (size_t i = 0; i < tables->account_count; i++)
        if (tables->accounts[i].key.merchant.value == merchant.value)
            (*accounts)[(*count)++] = tables->accounts[i];
    return FAULT_NONE;
}

enum fault_kind store_read_transfer(struct store_reader *reader, struct arena *arena,
                                    struct transfer_id id, struct transfer **transfer,
                                    struct fault *fault)
{
    const struct store_memory_tables *tables;
    *transfer = NULL;
    if (reader_begin(reader, &tables, fault) != FAULT_NONE)
        return fault->kind;
    for (size_t i = 0; i < tables->transfer_count; i++)
        if (tables->transfers[i].id.value == id.value)
            KEEP(arena, *transfer, tables->transfers[i]);
    return FAULT_NONE;
}

enum fault_kind store_read_transfer_by_client_id(struct store_reader *reader, struct arena *arena,
                                                 struct merchant_id merchant, const char *client_id,
                                                 struct transfer **transfer, struct fault *fault)
{
    const struct store_memory_tables *tables;
    *transfer = NULL;
    if (reader_begin(reader, &tables, fault) != FAULT_NONE)
        return fault->kind;
    for (size_t i = 0; i < tables->transfer_count; i++) {
        const struct transfer *each = &tables->transfers[i];
        if (each->merchant.value == merchant.value && each->client_id != NULL &&
            strcmp(each->client_id, client_id) == 0)
            KEEP(arena, *transfer, *each);
    }
    return FAULT_NONE;
}

enum fault_kind store_read_lot(struct store_reader *reader, struct arena *arena,
                               struct merchant_id merchant, struct lot_code code, struct lot **lot,
                               struct fault *fault)
{
    const struct store_memory_tables *tables;
    *lot = NULL;
    if (reader_begin(reader, &tables, fault) != FAULT_NONE)
        return fault->kind;
    for (size_t i = 0; i < tables->lot_count; i++)
        if (tables->lots[i].merchant.value == merchant.value &&
            tables->lots[i].code.value == code.value)
            KEEP(arena, *lot, tables->lots[i]);
    return FAULT_NONE;
}

enum fault_kind store_read_transfers(struct store_reader *reader, struct arena *arena,
                                     struct transfer_id first, int64_t count,
                                     struct transfer **transfers, size_t *found,
                                     struct fault *fault)
{
    *found = 0;
    *transfers = arena_alloc(arena, (size_t)count, sizeof **transfers);
    for (int64_t i = 0; i < count; i++) {
        struct transfer *one;
        if (store_read_transfer(reader, arena, (struct transfer_id){first.value + i}, &one,
                                fault) != FAULT_NONE)
            return fault->kind;
        if (one != NULL)
            (*transfers)[(*found)++] = *one;
    }
    return FAULT_NONE;
}

enum fault_kind store_read_waiting_lots(struct store_reader *reader, struct arena *arena,
                                        struct merchant_id merchant, size_t limit,
                                        struct lot **lots, size_t *count, struct fault *fault)
{
    const struct store_memory_tables *tables;
    *count = 0;
    *lots = arena_alloc(arena, limit, sizeof **lots);
    if (reader_begin(reader, &tables, fault) != FAULT_NONE)
        return fault->kind;
    for (size_t i = tables->lot_count; i-- > 0 && *count < limit;)
        if (tables->lots[i].state == LOT_WAITING &&
            (merchant.value == 0 || tables->lots[i].merchant.value == merchant.value))
            (*lots)[(*count)++] = tables->lots[i];
    return FAULT_NONE;
}

enum fault_kind store_read_notifications(struct store_reader *reader, struct arena *arena,
                                         struct transfer_id transfer,
                                         struct notification **notifications,
                                         size_t *notification_count, struct delivery **deliveries,
                                         size_t *delivery_count, struct fault *fault)
{
    const struct store_memory_tables *tables;
    *notification_count = *delivery_count = 0;
    if (reader_begin(reader, &tables, fault) != FAULT_NONE)
        return fault->kind;
    *notifications = arena_alloc(arena, tables->notification_count + 1, sizeof **notifications);
    *deliveries = arena_alloc(arena, tables->delivery_count + 1, sizeof **deliveries);
    for (size_t i = 0; i < tables->notification_count; i++)
        if (tables->notifications[i].transfer.value == transfer.value)
            (*notifications)[(*notification_count)++] = tables->notifications[i];
    for (size_t i = 0; i < tables->delivery_count; i++)
        if (tables->deliverys[i].transfer.value == transfer.value)
            (*deliveries)[(*delivery_count)++] = tables->deliverys[i];
    return FAULT_NONE;
}

enum fault_kind store_read_figures(struct store_reader *reader, struct store_figures *figures,
                                   struct fault *fault)
{
    const struct store_memory_tables *tables;
    *figures = (struct store_figures){0};
    if (reader_begin(reader, &tables, fault) != FAULT_NONE)
        return fault->kind;
    for (size_t i = 0; i < tables->transfer_count; i++)
        figures->transfers_due += tables->transfers[i].due_at_ms > 0;
    figures->contradictions = (int64_t)tables->contradiction_count;
    return FAULT_NONE;
}

enum fault_kind store_audit(struct store_reader *reader, const struct store_audit *audit,
                            struct fault *fault)
{
    const struct store_memory_tables *tables;
    if (reader_begin(reader, &tables, fault) != FAULT_NONE)
        return fault->kind;
    for (size_t i = 0; i < tables->account_count && audit->account != NULL; i++)
        if (!audit->account(audit->context, &tables->accounts[i]))
            break;
    return FAULT_NONE;
}

enum fault_kind store_read_alive(struct store_reader *reader, struct fault *fault)
{
    const struct store_memory_tables *tables;
    return reader_begin(reader, &tables, fault);
}

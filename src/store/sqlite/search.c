/* What persons look for: transfers, lots and contacts by what they know of them, and counts. */
#include <stdio.h>

#include "store/sqlite/sqlite.h"

static struct connection *connection_of(struct store_reader *reader)
{
    return &((struct sqlite_reader *)(void *)reader)->connection;
}

/* The numbers as a JSON array. */
static const char *numbers_text(struct arena *arena, const int64_t *numbers, size_t count)
{
    enum { NUMBER_BYTES = 22 };
    size_t size = count * NUMBER_BYTES + 3, length = 0;
    char *text = arena_alloc(arena, size, 1);
    for (size_t i = 0; i < count; i++)
        length += (size_t)snprintf(text + length, size - length, "%c%lld", i == 0 ? '[' : ',',
                                   (long long)numbers[i]);
    (void)snprintf(text + length, size - length, "%s", count == 0 ? "[]" : "]");
    return text;
}

/* The least id that may be looked at, when no more than scan_max are; from, when they are all. */
static enum fault_kind floor_find(struct store_reader *reader, struct merchant_id merchant,
                                  struct transfer_id from, struct transfer_id before,
                                  size_t scan_max, int64_t *floor, struct fault *fault)
{
    struct query query;
    query_begin(&query, connection_of(reader),
                merchant.value == 0 ? STATEMENT_SEARCH_FLOOR : STATEMENT_SEARCH_FLOOR_OF, NULL);
    query_put(&query, merchant.value);
    query_put(&query, from.value);
    query_put(&query, before.value);
    query_put(&query, (int64_t)scan_max - 1);
    *floor = query_next(&query) ? query_get(&query) : from.value;
    return query_end(&query, fault);
}

enum fault_kind sqlite_read_transfers_found(struct store_reader *reader, struct arena *arena,
                                            const struct transfer_filter *filter, size_t scan_max,
                                            size_t limit, struct transfer **transfers,
                                            size_t *count, struct transfer_id *next,
                                            struct fault *fault)
{
    struct query query;
    struct row_list list = {.arena = arena, .size = sizeof(struct transfer)};
    int64_t floor;
    invariant(filter->msisdn_count <= TRANSFER_FILTER_MSISDNS_MAX && scan_max > 0);
    if (floor_find(reader, filter->merchant, filter->from, filter->before, scan_max, &floor,
                   fault) != FAULT_NONE)
        return fault->kind;
    query_begin(&query, connection_of(reader),
                filter->merchant.value == 0 ? STATEMENT_SEARCH : STATEMENT_SEARCH_OF, arena);
    query_put(&query, filter->merchant.value);
    query_put(&query, floor);
    query_put(&query, filter->before.value);
    query_put(&query, filter->states);
    query_put(&query, filter->operator_number);
    query_put_text(&query, filter->msisdn_count == 0
                               ? NULL
                               : numbers_text(arena, filter->msisdns, filter->msisdn_count));
    query_put_limit(&query, limit);
    while (query_next(&query))
        row_get_transfer(&query, row_list_add(&list));
    *transfers = list.rows;
    *count = list.count;
    next->value = list.count > 0 && list.count == limit ? (*transfers)[limit - 1].id.value
                  : floor > filter->from.value          ? floor
                                                        : 0;
    return query_end(&query, fault);
}

enum fault_kind sqlite_read_transfer_counts(struct store_reader *reader, struct arena *arena,
                                            struct merchant_id merchant, struct transfer_id from,
                                            struct transfer_id before, int64_t part_ids,
                                            size_t scan_max, struct transfer_count **counts,
                                            size_t *count, struct transfer_id *seen,
                                            struct fault *fault)
{
    struct query query;
    struct row_list list = {.arena = arena, .size = sizeof(struct transfer_count)};
    int64_t floor;
    invariant(part_ids > 0 && scan_max > 0);
    if (floor_find(reader, merchant, from, before, scan_max, &floor, fault) != FAULT_NONE)
        return fault->kind;
    query_begin(&query, connection_of(reader),
                merchant.value == 0 ? STATEMENT_COUNTS : STATEMENT_COUNTS_OF, arena);
    query_put(&query, merchant.value);
    query_put(&query, floor);
    query_put(&query, before.value);
    query_put(&query, part_ids);
    while (query_next(&query)) {
        struct transfer_count *row = row_list_add(&list);
        row->part = query_get(&query);
        row->operator_number = query_get_32(&query);
        row->state = (enum transfer_state)query_get_enum(&query, TRANSFER_NEW, TRANSFER_STATE_END);
        row->currency = (enum currency)query_get_enum(&query, CURRENCY_XOF, CURRENCY_END);
        row->count = query_get(&query);
        row->amount_minor = query_get(&query);
        row->pay_ms = query_get(&query);
    }
    *counts = list.rows;
    *count = list.count;
    seen->value = floor > from.value ? floor : 0;
    return query_end(&query, fault);
}

enum fault_kind sqlite_read_lots(struct store_reader *reader, struct arena *arena,
                                 struct merchant_id merchant, struct lot_code before, size_t limit,
                                 struct lot **lots, size_t *count, struct fault *fault)
{
    struct query query;
    struct row_list list = {.arena = arena, .size = sizeof(struct lot)};
    query_begin(&query, connection_of(reader), STATEMENT_LOTS, arena);
    query_put(&query, merchant.value);
    query_put(&query, before.value > 0 ? before.value : INT64_MAX);
    query_put_limit(&query, limit);
    while (query_next(&query))
        row_get_lot(&query, row_list_add(&list));
    *lots = list.rows;
    *count = list.count;
    return query_end(&query, fault);
}

/* Runs a list of contacts whose parameters were put. */
static enum fault_kind contacts_list(struct query *query, struct contact **contacts, size_t *count,
                                     struct fault *fault)
{
    struct row_list list = {.arena = query->arena, .size = sizeof(struct contact)};
    while (query_next(query))
        row_get_contact(query, row_list_add(&list));
    *contacts = list.rows;
    *count = list.count;
    return query_end(query, fault);
}

enum fault_kind sqlite_read_contacts(struct store_reader *reader, struct arena *arena,
                                     struct merchant_id merchant, int64_t after, size_t limit,
                                     struct contact **contacts, size_t *count, struct fault *fault)
{
    struct query query;
    query_begin(&query, connection_of(reader), STATEMENT_CONTACTS, arena);
    query_put(&query, merchant.value);
    query_put(&query, after);
    query_put_limit(&query, limit);
    return contacts_list(&query, contacts, count, fault);
}

enum fault_kind sqlite_read_contacts_of(struct store_reader *reader, struct arena *arena,
                                        struct merchant_id merchant, const int64_t *msisdns,
                                        size_t msisdn_count, struct contact **contacts,
                                        size_t *count, struct fault *fault)
{
    struct query query;
    query_begin(&query, connection_of(reader), STATEMENT_CONTACTS_OF, arena);
    query_put(&query, merchant.value);
    query_put_text(&query, numbers_text(arena, msisdns, msisdn_count));
    return contacts_list(&query, contacts, count, fault);
}

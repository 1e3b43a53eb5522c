/* What persons look for: transfers, lots and contacts by what they know of them, and counts. */
#include <stdio.h>
#include <stdlib.h>

#include "store/postgres/postgres.h"

static struct reader *reader_of(struct store_reader *reader)
{
    return (struct reader *)(void *)reader;
}

/* The numbers as an array's text. */
static const char *numbers_text(struct arena *arena, const int64_t *numbers, size_t count)
{
    enum { NUMBER_BYTES = 22 };
    size_t size = count * NUMBER_BYTES + 3, length = 0;
    char *text = arena_alloc(arena, size, 1);
    for (size_t i = 0; i < count; i++)
        length += (size_t)snprintf(text + length, size - length, "%c%lld", i == 0 ? '{' : ',',
                                   (long long)numbers[i]);
    (void)snprintf(text + length, size - length, "%s", count == 0 ? "{}" : "}");
    return text;
}

/* The least id that may be looked at, when no more than scan_max are; from, when they are all. */
static enum fault_kind floor_find(struct store_reader *reader, struct arena *arena,
                                  struct merchant_id merchant, struct transfer_id from,
                                  struct transfer_id before, size_t scan_max, int64_t *floor,
                                  struct fault *fault)
{
    struct query query;
    pg_query_begin(&query, reader_of(reader),
                   merchant.value == 0 ? STATEMENT_SEARCH_FLOOR : STATEMENT_SEARCH_FLOOR_OF, arena);
    pg_query_put(&query, merchant.value);
    pg_query_put(&query, from.value);
    pg_query_put(&query, before.value);
    pg_query_put(&query, (int64_t)scan_max - 1);
    *floor = pg_query_next(&query) ? pg_query_get(&query) : from.value;
    return pg_query_end(&query, fault);
}

enum fault_kind postgres_read_transfers_found(struct store_reader *reader, struct arena *arena,
                                              const struct transfer_filter *filter, size_t scan_max,
                                              size_t limit, struct transfer **transfers,
                                              size_t *count, struct transfer_id *next,
                                              struct fault *fault)
{
    struct query query;
    int64_t floor;
    invariant(filter->msisdn_count <= TRANSFER_FILTER_MSISDNS_MAX && scan_max > 0);
    if (floor_find(reader, arena, filter->merchant, filter->from, filter->before, scan_max, &floor,
                   fault) != FAULT_NONE)
        return fault->kind;
    pg_query_begin(&query, reader_of(reader),
                   filter->merchant.value == 0 ? STATEMENT_SEARCH : STATEMENT_SEARCH_OF, arena);
    pg_query_put(&query, filter->merchant.value);
    pg_query_put(&query, floor);
    pg_query_put(&query, filter->before.value);
    pg_query_put(&query, filter->states);
    pg_query_put(&query, filter->operator_number);
    pg_query_put_text(&query, filter->msisdn_count == 0
                                  ? ""
                                  : numbers_text(arena, filter->msisdns, filter->msisdn_count));
    pg_query_put_limit(&query, limit);
    enum fault_kind kind =
        pg_query_list(&query, TABLE_TRANSFER, sizeof(struct transfer), transfers, count, fault);
    next->value = kind == FAULT_NONE && *count > 0 && *count == limit
                      ? (*transfers)[limit - 1].id.value
                  : floor > filter->from.value ? floor
                                               : 0;
    return kind;
}

enum fault_kind postgres_read_transfer_counts(struct store_reader *reader, struct arena *arena,
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
    if (floor_find(reader, arena, merchant, from, before, scan_max, &floor, fault) != FAULT_NONE)
        return fault->kind;
    pg_query_begin(&query, reader_of(reader),
                   merchant.value == 0 ? STATEMENT_COUNTS : STATEMENT_COUNTS_OF, arena);
    pg_query_put(&query, merchant.value);
    pg_query_put(&query, floor);
    pg_query_put(&query, before.value);
    pg_query_put(&query, part_ids);
    while (pg_query_next(&query)) {
        struct transfer_count *row = pg_row_list_add(&list);
        row->part = pg_query_get(&query);
        row->operator_number = (int)pg_query_get(&query);
        row->state = (enum transfer_state)pg_query_get(&query);
        row->currency = (enum currency)pg_query_get(&query);
        row->count = pg_query_get(&query);
        row->amount_minor = pg_query_get(&query);
        row->pay_ms = pg_query_get(&query);
    }
    *counts = list.rows;
    *count = list.count;
    seen->value = floor > from.value ? floor : 0;
    return pg_query_end(&query, fault);
}

enum fault_kind postgres_read_lots(struct store_reader *reader, struct arena *arena,
                                   struct merchant_id merchant, struct lot_code before,
                                   size_t limit, struct lot **lots, size_t *count,
                                   struct fault *fault)
{
    struct query query;
    pg_query_begin(&query, reader_of(reader), STATEMENT_LOTS, arena);
    pg_query_put(&query, merchant.value);
    pg_query_put(&query, before.value > 0 ? before.value : INT64_MAX);
    pg_query_put_limit(&query, limit);
    return pg_query_list(&query, TABLE_LOT, sizeof(struct lot), lots, count, fault);
}

enum fault_kind postgres_read_contacts(struct store_reader *reader, struct arena *arena,
                                       struct merchant_id merchant, int64_t after, size_t limit,
                                       struct contact **contacts, size_t *count,
                                       struct fault *fault)
{
    struct query query;
    pg_query_begin(&query, reader_of(reader), STATEMENT_CONTACTS, arena);
    pg_query_put(&query, merchant.value);
    pg_query_put(&query, after);
    pg_query_put_limit(&query, limit);
    return pg_query_list(&query, TABLE_CONTACT, sizeof(struct contact), contacts, count, fault);
}

static int contact_compare(const void *a, const void *b)
{
    const struct contact *left = a, *right = b;
    return (left->msisdn > right->msisdn) - (left->msisdn < right->msisdn);
}

enum fault_kind postgres_read_contacts_of(struct store_reader *reader, struct arena *arena,
                                          struct merchant_id merchant, const int64_t *msisdns,
                                          size_t msisdn_count, struct contact **contacts,
                                          size_t *count, struct fault *fault)
{
    struct query query;
    pg_query_begin(&query, reader_of(reader), STATEMENT_CONTACTS_OF, arena);
    pg_query_put(&query, merchant.value);
    pg_query_put_text(&query, numbers_text(arena, msisdns, msisdn_count));
    enum fault_kind kind =
        pg_query_list(&query, TABLE_CONTACT, sizeof(struct contact), contacts, count, fault);
    if (kind == FAULT_NONE && *count > 0)
        qsort(*contacts, *count, sizeof **contacts, contact_compare);
    return kind;
}

#include "store/sqlite/sqlite.h"

static struct connection *connection_of(struct store_reader *reader)
{
    return &((struct sqlite_reader *)(void *)reader)->connection;
}

void row_get_screening(struct query *query, struct screening *screening)
{
    screening->transfer.value = query_get(query);
    screening->number = query_get_32(query);
    screening->verdict = (enum screening_state)query_get_enum(query, 0, SCREENING_STATE_END);
    screening->source = query_get_text(query);
    screening->version = query_get_text(query);
    screening->entry = query_get_text(query);
    screening->score = query_get_32(query);
    screening->at_ms = query_get(query);
}

enum fault_kind screening_add(struct connection *writer, const struct screening *screening,
                              struct fault *fault)
{
    struct query query;
    query_begin(&query, writer, STATEMENT_SCREENING_ADD, NULL);
    query_put(&query, screening->transfer.value);
    query_put(&query, screening->number);
    query_put(&query, screening->verdict);
    query_put_text(&query, screening->source);
    query_put_text(&query, screening->version);
    query_put_text(&query, screening->entry);
    query_put(&query, screening->score);
    query_put(&query, screening->at_ms);
    return query_run(&query, fault);
}

enum fault_kind sqlite_read_screenings(struct store_reader *reader, struct arena *arena,
                                       struct transfer_id transfer, struct screening **screenings,
                                       size_t *count, struct fault *fault)
{
    struct query query;
    struct row_list list = {.arena = arena, .size = sizeof(struct screening)};
    query_begin(&query, connection_of(reader), STATEMENT_SCREENINGS, arena);
    query_put(&query, transfer.value);
    while (query_next(&query))
        row_get_screening(&query, row_list_add(&list));
    *screenings = list.rows;
    *count = list.count;
    return query_end(&query, fault);
}

enum fault_kind sqlite_read_matched(struct store_reader *reader, struct arena *arena,
                                    struct merchant_id merchant, size_t limit,
                                    struct matched_transfer **matched, size_t *count,
                                    struct fault *fault)
{
    struct query query;
    struct row_list list = {.arena = arena, .size = sizeof(struct matched_transfer)};
    bool all = merchant.value == 0;
    query_begin(&query, connection_of(reader), all ? STATEMENT_MATCHED : STATEMENT_MATCHED_OF,
                arena);
    if (!all)
        query_put(&query, merchant.value);
    query_put_limit(&query, limit);
    while (query_next(&query)) {
        struct matched_transfer *row = row_list_add(&list);
        row_get_screening(&query, &row->screening);
        row_get_transfer(&query, &row->transfer);
        row->name = query_get_text(&query);
        row->surname = query_get_text(&query);
    }
    *matched = list.rows;
    *count = list.count;
    return query_end(&query, fault);
}

enum fault_kind sqlite_read_due_screenings(struct store_reader *reader, struct arena *arena,
                                           int64_t now_ms, size_t limit, struct due_screening **due,
                                           size_t *count, struct fault *fault)
{
    struct query query;
    struct row_list list = {.arena = arena, .size = sizeof(struct due_screening)};
    query_begin(&query, connection_of(reader), STATEMENT_SCREENINGS_DUE, arena);
    query_put(&query, now_ms);
    query_put_limit(&query, limit);
    while (query_next(&query)) {
        struct due_screening *row = row_list_add(&list);
        row_get_transfer(&query, &row->transfer);
        row->name = query_get_text(&query);
        row->surname = query_get_text(&query);
        if (row->name == NULL || row->surname == NULL) /* A contact never goes. */
            query.implausible = true;
    }
    *due = list.rows;
    *count = list.count;
    return query_end(&query, fault);
}

/* Reversals, as readers see them. */
#include "store/postgres/postgres.h"

static struct reader *reader_of(struct store_reader *reader)
{
    return (struct reader *)(void *)reader;
}

enum fault_kind postgres_read_reversals(struct store_reader *reader, struct arena *arena,
                                        struct transfer_id transfer, struct reversal **reversals,
                                        size_t *count, struct fault *fault)
{
    struct query query;
    pg_query_begin(&query, reader_of(reader), STATEMENT_REVERSALS, arena);
    pg_query_put(&query, transfer.value);
    return pg_query_list(&query, TABLE_REVERSAL, sizeof(struct reversal), reversals, count, fault);
}

enum fault_kind postgres_read_due_reversals(struct store_reader *reader, struct arena *arena,
                                            int64_t now_ms, size_t limit, struct due_reversal **due,
                                            size_t *count, struct fault *fault)
{
    struct query query;
    struct row_list list = {.arena = arena, .size = sizeof(struct due_reversal)};
    pg_query_begin(&query, reader_of(reader), STATEMENT_REVERSALS_DUE, arena);
    pg_query_put(&query, now_ms);
    pg_query_put_limit(&query, limit);
    pg_query_put(&query, reader->shards);
    while (pg_query_next(&query)) {
        struct due_reversal *row = pg_row_list_add(&list);
        row_get(&query, TABLE_REVERSAL, &row->reversal);
        row_get(&query, TABLE_TRANSFER, &row->transfer);
    }
    *due = list.rows;
    *count = list.count;
    return pg_query_end(&query, fault);
}

/* Reversals. Columns as in sqlite.h. */
#include "store/sqlite/sqlite.h"

void row_get_reversal(struct query *query, struct reversal *reversal)
{
    reversal->transfer.value = query_get(query);
    reversal->number = query_get_32(query);
    reversal->state =
        (enum reversal_state)query_get_enum(query, REVERSAL_PROPOSED, REVERSAL_STATE_END);
    reversal->person = row_get_text(query);
    reversal->evidence = row_get_text(query);
    reversal->second = row_get_text(query);
    reversal->operator_reference = row_get_text(query);
    reversal->step = (enum transfer_step)query_get_enum(query, STEP_NONE, STEP_ASK + 1);
    reversal->in_hand = (enum transfer_step)query_get_enum(query, STEP_NONE, STEP_ASK + 1);
    reversal->due_at_ms = query_get(query);
    reversal->attempts = query_get_32(query);
    reversal->asked_at_ms = query_get(query);
    reversal->changed_at_ms = query_get(query);
    reversal->ended_at_ms = query_get(query);
}

static void reversal_put(struct query *query, const struct reversal *reversal)
{
    query_put(query, reversal->transfer.value);
    query_put(query, reversal->number);
    query_put(query, reversal->state);
    query_put_text(query, reversal->person);
    query_put_text(query, reversal->evidence);
    query_put_text(query, reversal->second);
    query_put_text(query, reversal->operator_reference);
    query_put(query, reversal->step);
    query_put(query, reversal->in_hand);
    query_put(query, reversal->due_at_ms);
    query_put(query, reversal->attempts);
    query_put(query, reversal->asked_at_ms);
    query_put(query, reversal->changed_at_ms);
    query_put(query, reversal->ended_at_ms);
}

enum fault_kind reversal_load(struct connection *writer, struct book *book, struct fault *fault)
{
    enum fault_kind kind = FAULT_NONE;
    for (struct book_row *row = book->reversals.wanted; row != NULL && kind == FAULT_NONE;
         row = row->next) {
        struct reversal *reversal = &((struct reversal_row *)(void *)row)->reversal;
        struct query query;
        query_begin(&query, writer, STATEMENT_REVERSAL_FIND, book->arena);
        query_put(&query, reversal->transfer.value);
        query_put(&query, reversal->number);
        bool found = query_next(&query);
        row->state = found ? ROW_STORED : ROW_ABSENT;
        if (found)
            row_get_reversal(&query, reversal);
        kind = query_end(&query, fault);
    }
    return kind;
}

/* Those that ended first: the next one of the same transfer must find its place free. */
enum fault_kind reversal_save(struct connection *writer, struct book *book, struct fault *fault)
{
    static const enum row_state order[] = {ROW_CHANGED, ROW_NEW};
    enum fault_kind kind = FAULT_NONE;
    for (size_t i = 0; i < 2; i++)
        for (const struct book_row *row = book->reversals.first; row != NULL && kind == FAULT_NONE;
             row = row->next) {
            struct query query;
            if (row->state != order[i])
                continue;
            query_begin(&query, writer, STATEMENT_REVERSAL_SET, NULL);
            reversal_put(&query, &((const struct reversal_row *)(const void *)row)->reversal);
            kind = query_run(&query, fault);
        }
    return kind;
}

static struct connection *connection_of(struct store_reader *reader)
{
    return &((struct sqlite_reader *)(void *)reader)->connection;
}

enum fault_kind sqlite_read_reversals(struct store_reader *reader, struct arena *arena,
                                      struct transfer_id transfer, struct reversal **reversals,
                                      size_t *count, struct fault *fault)
{
    struct query query;
    struct row_list list = {.arena = arena, .size = sizeof(struct reversal)};
    query_begin(&query, connection_of(reader), STATEMENT_REVERSALS, arena);
    query_put(&query, transfer.value);
    while (query_next(&query))
        row_get_reversal(&query, row_list_add(&list));
    *reversals = list.rows;
    *count = list.count;
    return query_end(&query, fault);
}

enum fault_kind sqlite_read_due_reversals(struct store_reader *reader, struct arena *arena,
                                          int64_t now_ms, size_t limit, struct due_reversal **due,
                                          size_t *count, struct fault *fault)
{
    struct query query;
    struct row_list list = {.arena = arena, .size = sizeof(struct due_reversal)};
    query_begin(&query, connection_of(reader), STATEMENT_REVERSALS_DUE, arena);
    query_put(&query, now_ms);
    query_put_limit(&query, limit);
    while (query_next(&query)) {
        struct due_reversal *row = row_list_add(&list);
        row_get_reversal(&query, &row->reversal);
        row_get_transfer(&query, &row->transfer);
    }
    *due = list.rows;
    *count = list.count;
    return query_end(&query, fault);
}

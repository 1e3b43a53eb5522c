#include "store/postgres/postgres.h"

/* Of one number. */
enum { PARAMETER_BYTES_MAX = 4096 };

static struct reader *reader_of(struct store_reader *reader)
{
    return (struct reader *)(void *)reader;
}

enum fault_kind postgres_read_due_transfers(struct store_reader *reader, struct arena *arena,
                                            int64_t now_ms, size_t limit,
                                            struct transfer **transfers, size_t *count,
                                            struct fault *fault)
{
    struct query query;
    pg_query_begin(&query, reader_of(reader), STATEMENT_TRANSFERS_DUE, arena);
    pg_query_put(&query, now_ms);
    pg_query_put_limit(&query, limit);
    pg_query_put(&query, reader->shards);
    return pg_query_list(&query, TABLE_TRANSFER, sizeof(struct transfer), transfers, count, fault);
}

enum fault_kind postgres_read_due_screenings(struct store_reader *reader, struct arena *arena,
                                             int64_t now_ms, size_t limit,
                                             struct due_screening **due, size_t *count,
                                             struct fault *fault)
{
    struct query query;
    struct row_list list = {.arena = arena, .size = sizeof(struct due_screening)};
    pg_query_begin(&query, reader_of(reader), STATEMENT_SCREENINGS_DUE, arena);
    pg_query_put(&query, now_ms);
    pg_query_put_limit(&query, limit);
    while (pg_query_next(&query)) {
        struct due_screening *row = pg_row_list_add(&list);
        row_get(&query, TABLE_TRANSFER, &row->transfer);
        row->name = pg_query_get_text(&query);
        row->surname = pg_query_get_text(&query);
        if (row->name == NULL || row->surname == NULL) /* A contact never goes. */
            query.implausible = true;
    }
    *due = list.rows;
    *count = list.count;
    return pg_query_end(&query, fault);
}

enum fault_kind postgres_read_due_mails(struct store_reader *reader, struct arena *arena,
                                        int64_t now_ms, size_t limit, struct due_mail **due,
                                        size_t *count, struct fault *fault)
{
    struct query query;
    struct row_list list = {.arena = arena, .size = sizeof(struct due_mail)};
    pg_query_begin(&query, reader_of(reader), STATEMENT_MAILS_DUE, arena);
    pg_query_put(&query, now_ms);
    pg_query_put_limit(&query, limit);
    while (pg_query_next(&query)) {
        struct due_mail *row = pg_row_list_add(&list);
        row_get(&query, TABLE_MAIL, &row->mail);
        row_get(&query, TABLE_MERCHANT, &row->merchant);
        if (row->mail.lot.value < 0) { /* money/mail.h */
            row_skip(&query, TABLE_LOT);
            row_get(&query, TABLE_ENDPOINT, &row->endpoint);
        } else {
            row_get(&query, TABLE_LOT, &row->lot);
        }
    }
    *due = list.rows;
    *count = list.count;
    return pg_query_end(&query, fault);
}

enum fault_kind postgres_read_next_due(struct store_reader *reader, int64_t now_ms,
                                       struct next_due *next, struct fault *fault)
{
    struct query query;
    *next = (struct next_due){0};
    AUTO(arena_closep) struct arena *arena = arena_open(PARAMETER_BYTES_MAX);
    pg_query_begin(&query, reader_of(reader), STATEMENT_NEXT_DUE, arena);
    pg_query_put(&query, now_ms);
    pg_query_put(&query, reader->shards);
    if (pg_query_next(&query)) { /* min() of nothing is NULL, and that reads as 0: never. */
        next->transfer_at_ms = pg_query_get(&query);
        next->screening_at_ms = pg_query_get(&query);
        next->notification_at_ms = pg_query_get(&query);
        next->lot_at_ms = pg_query_get(&query);
        next->mail_at_ms = pg_query_get(&query);
        next->reversal_at_ms = pg_query_get(&query);
    }
    return pg_query_end(&query, fault);
}

enum fault_kind postgres_read_figures(struct store_reader *reader, struct store_figures *figures,
                                      struct fault *fault)
{
    struct query query;
    *figures = (struct store_figures){0};
    pg_query_begin(&query, reader_of(reader), STATEMENT_FIGURES, NULL);
    if (pg_query_next(&query)) {
        figures->oldest_unfinished_at_ms = pg_query_get(&query);
        figures->transfers_due = pg_query_get(&query);
        figures->screenings_due = pg_query_get(&query);
        figures->notifications_waiting = pg_query_get(&query);
        figures->contradictions = pg_query_get(&query);
        figures->notifications_dead = pg_query_get(&query);
        figures->proposals = pg_query_get(&query);
        figures->suspected = pg_query_get(&query);
        figures->matched = pg_query_get(&query);
        figures->notification_due_at_ms = pg_query_get(&query);
        figures->mails_waiting = pg_query_get(&query);
        figures->mails_dead = pg_query_get(&query);
        figures->callbacks = pg_query_get(&query);
        figures->database_bytes = pg_query_get(&query);
    }
    return pg_query_end(&query, fault);
}

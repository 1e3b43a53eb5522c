#include "store/sqlite/sqlite.h"

static struct connection *connection_of(struct store_reader *reader)
{
    return &((struct sqlite_reader *)(void *)reader)->connection;
}

enum fault_kind sqlite_read_due_transfers(struct store_reader *reader, struct arena *arena,
                                          int64_t now_ms, size_t limit, struct transfer **transfers,
                                          size_t *count, struct fault *fault)
{
    struct query query;
    struct row_list list = {.arena = arena, .size = sizeof(struct transfer)};
    query_begin(&query, connection_of(reader), STATEMENT_TRANSFERS_DUE, arena);
    query_put(&query, now_ms);
    query_put_limit(&query, limit);
    while (query_next(&query))
        row_get_transfer(&query, row_list_add(&list));
    *transfers = list.rows;
    *count = list.count;
    return query_end(&query, fault);
}

/* The lot or the endpoint that a mail is about. */
static enum fault_kind due_mail_subject(struct connection *connection, struct arena *arena,
                                        struct due_mail *due, struct fault *fault)
{
    struct query query;
    int64_t code = due->mail.lot.value; /* Below 0: an endpoint (money/mail.h). */
    query_begin(&query, connection, code < 0 ? STATEMENT_ENDPOINT_READ : STATEMENT_LOT_FIND, arena);
    query_put(&query, due->mail.merchant.value);
    query_put(&query, code < 0 ? -code : code);
    bool found = query_next(&query);
    if (found && code < 0)
        row_get_endpoint(&query, &due->endpoint);
    else if (found)
        row_get_lot(&query, &due->lot);
    enum fault_kind kind = query_end(&query, fault);
    if (kind != FAULT_NONE || found)
        return kind;
    return fault_set(fault, FAULT_FINAL, "a mail without what it is about");
}

/* What the mail tells of, which must be there: a lot, an endpoint and a merchant never go. */
static enum fault_kind due_mail_fill(struct connection *connection, struct arena *arena,
                                     struct due_mail *due, struct fault *fault)
{
    struct query query;
    enum fault_kind kind = due_mail_subject(connection, arena, due, fault);
    if (kind != FAULT_NONE)
        return kind;
    query_begin(&query, connection, STATEMENT_MERCHANT_FIND, arena);
    query_put(&query, due->mail.merchant.value);
    bool found = query_next(&query);
    if (found)
        row_get_merchant(&query, &due->merchant);
    kind = query_end(&query, fault);
    if (kind == FAULT_NONE && !found)
        kind = fault_set(fault, FAULT_FINAL, "a mail without its merchant");
    return kind;
}

static enum fault_kind due_mails_list(struct connection *connection, struct row_list *list,
                                      int64_t now_ms, size_t limit, struct fault *fault)
{
    struct query query;
    query_begin(&query, connection, STATEMENT_MAILS_DUE, list->arena);
    query_put(&query, now_ms);
    query_put_limit(&query, limit);
    while (query_next(&query)) {
        struct due_mail *row = row_list_add(list);
        row_get_mail(&query, &row->mail);
    }
    return query_end(&query, fault);
}

enum fault_kind sqlite_read_due_mails(struct store_reader *reader, struct arena *arena,
                                      int64_t now_ms, size_t limit, struct due_mail **due,
                                      size_t *count, struct fault *fault)
{
    struct connection *connection = connection_of(reader);
    struct row_list list = {.arena = arena, .size = sizeof(struct due_mail)};
    *due = NULL;
    *count = 0;
    enum fault_kind kind = connection_view_begin(connection, fault);
    if (kind != FAULT_NONE)
        return kind;
    kind = due_mails_list(connection, &list, now_ms, limit, fault);
    for (size_t i = 0; i < list.count && kind == FAULT_NONE; i++)
        kind = due_mail_fill(connection, arena, (struct due_mail *)list.rows + i, fault);
    connection_view_end(connection);
    *due = list.rows;
    *count = list.count;
    return kind;
}

enum fault_kind sqlite_read_mails(struct store_reader *reader, struct arena *arena,
                                  struct merchant_id merchant, struct lot_code lot,
                                  struct mail **mails, size_t *count, struct fault *fault)
{
    struct query query;
    struct row_list list = {.arena = arena, .size = sizeof(struct mail)};
    query_begin(&query, connection_of(reader), STATEMENT_MAILS, arena);
    query_put(&query, merchant.value);
    query_put(&query, lot.value);
    while (query_next(&query))
        row_get_mail(&query, row_list_add(&list));
    *mails = list.rows;
    *count = list.count;
    return query_end(&query, fault);
}

enum fault_kind sqlite_read_next_due(struct store_reader *reader, int64_t now_ms,
                                     struct next_due *next, struct fault *fault)
{
    struct query query;
    *next = (struct next_due){0};
    query_begin(&query, connection_of(reader), STATEMENT_NEXT_DUE, NULL);
    query_put(&query, now_ms);
    if (query_next(&query)) { /* min() of nothing is NULL, and that reads as 0: never. */
        next->transfer_at_ms = query_get(&query);
        next->screening_at_ms = query_get(&query);
        next->notification_at_ms = query_get(&query);
        next->lot_at_ms = query_get(&query);
        next->mail_at_ms = query_get(&query);
        next->reversal_at_ms = query_get(&query);
    }
    return query_end(&query, fault);
}

/* --- Figures --- */

/* Counts the transfers with a step, and finds the oldest of them: ids grow with time. */
static enum fault_kind figures_transfers(struct connection *connection,
                                         struct store_figures *figures, int64_t *oldest,
                                         struct fault *fault)
{
    struct query query;
    query_begin(&query, connection, STATEMENT_FIGURES_TRANSFERS, NULL);
    if (query_next(&query)) {
        figures->transfers_due = query_get(&query);
        *oldest = query_get(&query);
    }
    if (query_next(&query)) {
        figures->screenings_due = query_get(&query);
        int64_t id = query_get(&query);
        *oldest = *oldest == 0 || (id != 0 && id < *oldest) ? id : *oldest;
    }
    return query_end(&query, fault);
}

static enum fault_kind figures_rest(struct connection *connection, int64_t oldest,
                                    struct store_figures *figures, struct fault *fault)
{
    struct query query;
    query_begin(&query, connection, STATEMENT_FIGURES, NULL);
    query_put(&query, oldest);
    if (query_next(&query)) {
        figures->oldest_unfinished_at_ms = query_get(&query);
        figures->notifications_waiting = query_get(&query);
        figures->contradictions = query_get(&query);
        figures->notifications_dead = query_get(&query);
        figures->proposals = query_get(&query);
        figures->suspected = query_get(&query);
        figures->matched = query_get(&query);
        figures->notification_due_at_ms = query_get(&query);
        figures->mails_waiting = query_get(&query);
        figures->mails_dead = query_get(&query);
        figures->callbacks = query_get(&query);
        figures->database_bytes = query_get(&query);
    }
    return query_end(&query, fault);
}

enum fault_kind sqlite_read_figures(struct store_reader *reader, struct store_figures *figures,
                                    struct fault *fault)
{
    struct connection *connection = connection_of(reader);
    int64_t oldest = 0;
    *figures = (struct store_figures){0};
    enum fault_kind kind = connection_view_begin(connection, fault);
    if (kind != FAULT_NONE)
        return kind;
    kind = figures_transfers(connection, figures, &oldest, fault);
    if (kind == FAULT_NONE)
        kind = figures_rest(connection, oldest, figures, fault);
    connection_view_end(connection);
    return kind;
}

#include <string.h>

#include "store/sqlite/sqlite.h"

static struct sqlite_store *store_of(struct store *store)
{
    return (struct sqlite_store *)(void *)store;
}

/* Walks all rows of a table of the book, as pointers to the rows' own struct. */
#define EACH_ROW(book, table, type, each)                                                          \
    for (struct type *each = (struct type *)(void *)(book)->table.first; each != NULL;             \
         each = (struct type *)(void *)each->row.next)

static enum fault_kind transaction_begin(struct sqlite_store *store, struct fault *fault)
{
    if (store->in_transaction)
        return FAULT_NONE;
    invariant(store->checkpointer != NULL); /* It was opened to write. */
    checkpointer_batch_begin(store->checkpointer);
    struct query query;
    query_begin(&query, &store->writer, STATEMENT_BEGIN, NULL);
    enum fault_kind kind = query_run(&query, fault);
    store->in_transaction = kind == FAULT_NONE;
    if (kind != FAULT_NONE)
        checkpointer_batch_end(store->checkpointer);
    return kind;
}

/* The transaction is over: committed, or to be rolled back. */
static void transaction_end(struct sqlite_store *store)
{
    invariant(store->in_transaction);
    /* Some failures have rolled it back already. */
    if (sqlite3_get_autocommit(store->writer.db) == 0) {
        sqlite3_stmt *statement = store->writer.statements[STATEMENT_ROLLBACK];
        int code = sqlite3_step(statement);
        (void)sqlite3_reset(statement);
        /* With a transaction that can neither be kept nor dropped, nothing can be done. */
        if (code != SQLITE_DONE && sqlite3_get_autocommit(store->writer.db) == 0)
            connection_stop(&store->writer, code, connection_what(STATEMENT_ROLLBACK));
    }
    store->in_transaction = false;
    checkpointer_batch_end(store->checkpointer);
}

typedef enum fault_kind book_step(struct connection *writer, struct book *book,
                                  struct fault *fault);

static enum fault_kind steps_run(struct sqlite_store *store, struct book *book,
                                 book_step *const *steps, struct fault *fault)
{
    for (; *steps != NULL; steps++) {
        enum fault_kind kind = (*steps)(&store->writer, book, fault);
        if (kind != FAULT_NONE) {
            transaction_end(store);
            return kind;
        }
    }
    return FAULT_NONE;
}

static enum fault_kind load_run(struct sqlite_store *store, struct book *book, struct fault *fault)
{
    enum fault_kind kind = load_book(&store->writer, book, fault);
    if (kind != FAULT_NONE)
        transaction_end(store);
    return kind;
}

/* How the lane stands. */
static enum fault_kind load_last(struct sqlite_store *store, struct book *book, struct fault *fault)
{
    struct query query;
    query_begin(&query, &store->writer, STATEMENT_TRANSFER_LAST, NULL);
    book->last_transfer.value = query_next(&query) ? query_get(&query) : 0; /* NULL is 0. */
    enum fault_kind kind = query_end(&query, fault);
    if (kind != FAULT_NONE)
        transaction_end(store);
    return kind;
}

enum fault_kind sqlite_book_load(struct store *store, struct book *book, struct fault *fault)
{
    bool begins = !store_of(store)->in_transaction;
    enum fault_kind kind = transaction_begin(store_of(store), fault);
    if (kind == FAULT_NONE && begins)
        kind = load_last(store_of(store), book, fault);
    if (kind == FAULT_NONE)
        kind = load_run(store_of(store), book, fault);
    if (kind == FAULT_NONE)
        book_loaded(book);
    return kind;
}

void sqlite_book_reset(struct store *store, int lane)
{
    invariant(lane == 0);
    if (store_of(store)->in_transaction)
        transaction_end(store_of(store));
}

/* --- Saving --- */

static bool row_saved(const struct book_row *row)
{
    return row->state == ROW_NEW || row->state == ROW_CHANGED;
}

/* Runs a statement that writes exactly one row. */
static enum fault_kind write_run(struct query *query, struct fault *fault)
{
    enum fault_kind kind = query_run(query, fault);
    if (kind == FAULT_NONE)
        invariant(sqlite3_changes(query->connection->db) == 1); /* It was loaded a moment ago. */
    return kind;
}

static enum fault_kind save_merchants(struct connection *writer, struct book *book,
                                      struct fault *fault)
{
    enum fault_kind kind = FAULT_NONE;
    EACH_ROW(book, merchants, merchant_row, each)
    {
        const struct merchant *merchant = &each->merchant;
        struct query query;
        if (!row_saved(&each->row))
            continue;
        if (each->row.state == ROW_NEW) {
            query_begin(&query, writer, STATEMENT_MERCHANT_ADD, NULL);
            row_put_merchant(&query, merchant);
        } else {
            query_begin(&query, writer, STATEMENT_MERCHANT_CHANGE, NULL);
            query_put_text(&query, merchant->name);
            query_put_text(&query, merchant->password_hash);
            query_put_text(&query, merchant->secret_key);
            query_put(&query, merchant->lang);
            query_put(&query, merchant->suspended);
            query_put(&query, merchant->token_query_only);
            query_put(&query, merchant->flat_reply);
            query_put(&query, merchant->all_or_nothing);
            query_put_text(&query, merchant->notify_url);
            query_put_text(&query, merchant->ip_list);
            query_put(&query, merchant->lot_expiry_ms);
            query_put(&query, merchant->last_lot.value);
            query_put(&query, merchant->two_persons);
            query_put(&query, merchant->double_window_ms);
            row_put_terms(&query, merchant);
            query_put(&query, merchant->id.value);
        }
        if ((kind = write_run(&query, fault)) != FAULT_NONE)
            break;
    }
    return kind;
}

static enum fault_kind save_accounts(struct connection *writer, struct book *book,
                                     struct fault *fault)
{
    enum fault_kind kind = FAULT_NONE;
    EACH_ROW(book, accounts, account_row, each)
    {
        struct query query;
        if (!row_saved(&each->row))
            continue;
        query_begin(&query, writer,
                    each->row.state == ROW_NEW ? STATEMENT_ACCOUNT_ADD : STATEMENT_ACCOUNT_CHANGE,
                    NULL);
        query_put(&query, account_number(each->key));
        query_put(&query, each->balance_minor);
        if ((kind = write_run(&query, fault)) != FAULT_NONE)
            break;
    }
    return kind;
}

static enum fault_kind save_contacts(struct connection *writer, struct book *book,
                                     struct fault *fault)
{
    enum fault_kind kind = FAULT_NONE;
    EACH_ROW(book, contacts, contact_row, each)
    {
        struct query query;
        if (!row_saved(&each->row))
            continue;
        const struct contact *contact = &each->contact;
        bool new = each->row.state == ROW_NEW;
        query_begin(&query, writer, new ? STATEMENT_CONTACT_ADD : STATEMENT_CONTACT_CHANGE, NULL);
        if (new) {
            row_put_contact(&query, contact);
        } else {
            query_put_text(&query, contact->name);
            query_put_text(&query, contact->surname);
            query_put_text(&query, contact->email);
            query_put(&query, contact->listed_under);
            query_put(&query, contact->merchant.value);
            query_put(&query, contact->msisdn);
        }
        if ((kind = write_run(&query, fault)) != FAULT_NONE)
            break;
    }
    return kind;
}

static enum fault_kind save_lots(struct connection *writer, struct book *book, struct fault *fault)
{
    enum fault_kind kind = FAULT_NONE;
    EACH_ROW(book, lots, lot_row, each)
    {
        struct query query;
        if (!row_saved(&each->row))
            continue;
        if (each->row.state == ROW_NEW) {
            query_begin(&query, writer, STATEMENT_LOT_ADD, NULL);
            row_put_lot(&query, &each->lot);
        } else {
            query_begin(&query, writer, STATEMENT_LOT_CHANGE, NULL);
            query_put(&query, each->lot.state);
            query_put(&query, each->lot.expires_at_ms);
            query_put(&query, each->lot.decided_at_ms);
            query_put(&query, each->lot.merchant.value);
            query_put(&query, each->lot.code.value);
        }
        if ((kind = write_run(&query, fault)) != FAULT_NONE)
            break;
    }
    return kind;
}

/* What never changes of a transfer is not written again: its client_id's index is left alone. */
static void transfer_change_put(struct query *query, const struct transfer *transfer)
{
    query_put(query, transfer->confirmed);
    query_put(query, transfer->state);
    query_put(query, transfer->reason);
    query_put_text(query, transfer->operator_reference);
    query_put(query, transfer->step);
    query_put(query, transfer->due_at_ms);
    query_put(query, transfer->attempts);
    query_put(query, transfer->notifications);
    query_put(query, transfer->changed_at_ms);
    query_put(query, transfer->submitted_at_ms);
    query_put(query, transfer->validated_at_ms);
    query_put(query, transfer->suspected);
    query_put(query, transfer->screening);
    query_put(query, transfer->screenings);
    query_put(query, transfer->channel);
    query_put(query, transfer->channel_attempt);
    query_put(query, transfer->in_hand);
    query_put(query, transfer->called_back);
    query_put(query, transfer->wait_until_ms);
    query_put(query, transfer->reversals);
    query_put(query, transfer->id.value);
}

static enum fault_kind save_transfers(struct connection *writer, struct book *book,
                                      struct fault *fault)
{
    enum fault_kind kind = FAULT_NONE;
    EACH_ROW(book, transfers, transfer_row, each)
    {
        struct query query;
        if (!row_saved(&each->row))
            continue;
        if (each->row.state == ROW_NEW) {
            query_begin(&query, writer, STATEMENT_TRANSFER_ADD, NULL);
            row_put_transfer(&query, &each->transfer);
        } else {
            query_begin(&query, writer, STATEMENT_TRANSFER_CHANGE, NULL);
            transfer_change_put(&query, &each->transfer);
        }
        if ((kind = write_run(&query, fault)) != FAULT_NONE)
            break;
    }
    return kind;
}

static enum fault_kind save_fundings(struct connection *writer, struct book *book,
                                     struct fault *fault)
{
    enum fault_kind kind = FAULT_NONE;
    EACH_ROW(book, fundings, funding_row, each)
    {
        struct query query;
        if (!row_saved(&each->row))
            continue;
        invariant(each->row.state == ROW_NEW); /* What was funded stays as it was. */
        query_begin(&query, writer, STATEMENT_FUNDING_ADD, NULL);
        row_put_funding(&query, &each->funding);
        if ((kind = write_run(&query, fault)) != FAULT_NONE)
            break;
    }
    return kind;
}

static enum fault_kind save_closings(struct connection *writer, struct book *book,
                                     struct fault *fault)
{
    enum fault_kind kind = FAULT_NONE;
    EACH_ROW(book, closings, closing_row, each)
    {
        struct query query;
        if (!row_saved(&each->row))
            continue;
        query_begin(&query, writer, STATEMENT_CLOSING_CHANGE, NULL);
        query_put(&query, each->contradiction.closed_at_ms);
        query_put_text(&query, each->contradiction.person);
        query_put_text(&query, each->contradiction.note);
        query_put(&query, each->contradiction.id);
        if ((kind = write_run(&query, fault)) != FAULT_NONE)
            break;
    }
    return kind;
}

static enum fault_kind save_mails(struct connection *writer, struct book *book, struct fault *fault)
{
    enum fault_kind kind = FAULT_NONE;
    EACH_ROW(book, mails, mail_row, each)
    {
        struct query query;
        if (!row_saved(&each->row))
            continue;
        if (each->row.state == ROW_NEW) {
            query_begin(&query, writer, STATEMENT_MAIL_ADD, NULL);
            row_put_mail(&query, &each->mail);
        } else {
            query_begin(&query, writer, STATEMENT_MAIL_CHANGE, NULL);
            query_put(&query, each->mail.state);
            query_put(&query, each->mail.tries);
            query_put(&query, each->mail.due_at_ms);
            query_put(&query, each->mail.ended_at_ms);
            query_put_text(&query, each->mail.error);
            query_put(&query, each->mail.merchant.value);
            query_put(&query, each->mail.lot.value);
            query_put(&query, each->mail.number);
        }
        if ((kind = write_run(&query, fault)) != FAULT_NONE)
            break;
    }
    return kind;
}

static enum fault_kind save_usages(struct connection *writer, struct book *book,
                                   struct fault *fault)
{
    enum fault_kind kind = FAULT_NONE;
    EACH_ROW(book, usages, usage_row, each)
    {
        struct query query;
        if (!row_saved(&each->row))
            continue;
        query_begin(&query, writer, STATEMENT_USAGE_SET, NULL);
        row_put_usage(&query, &each->usage);
        if ((kind = write_run(&query, fault)) != FAULT_NONE)
            break;
    }
    return kind;
}

static enum fault_kind save_movements(struct connection *writer, struct book *book,
                                      struct fault *fault)
{
    struct query query;
    for (const struct movement_line *line = book->movements; line != NULL; line = line->next) {
        query_begin(&query, writer, STATEMENT_MOVEMENT_ADD, NULL);
        row_put_movement(&query, &line->movement);
        enum fault_kind kind = write_run(&query, fault);
        if (kind != FAULT_NONE)
            return kind;
    }
    if (book->movements == NULL)
        return FAULT_NONE;
    query_begin(&query, writer, STATEMENT_HEAD_ADD, NULL);
    query_put(&query, book->head.last_movement_id);
    query_put_bytes(&query, book->head.hash, sizeof book->head.hash);
    return write_run(&query, fault);
}

static enum fault_kind save_lines(struct connection *writer, struct book *book, struct fault *fault)
{
    struct query query;
    enum fault_kind kind = FAULT_NONE;
    for (const struct contradiction_line *line = book->contradictions;
         line != NULL && kind == FAULT_NONE; line = line->next) {
        query_begin(&query, writer, STATEMENT_CONTRADICTION_ADD, NULL);
        query_put(&query, line->contradiction.transfer.value);
        query_put(&query, line->contradiction.state);
        query_put(&query, line->contradiction.verdict);
        query_put_text(&query, line->contradiction.operator_reference);
        query_put(&query, line->contradiction.at_ms);
        kind = write_run(&query, fault);
    }
    for (const struct settlement_line *line = book->settled; line != NULL && kind == FAULT_NONE;
         line = line->next) {
        query_begin(&query, writer, STATEMENT_SETTLEMENT_ADD, NULL);
        row_put_settlement(&query, &line->settlement);
        kind = write_run(&query, fault);
    }
    for (const struct approval_line *line = book->approved; line != NULL && kind == FAULT_NONE;
         line = line->next) {
        query_begin(&query, writer, STATEMENT_APPROVAL_ADD, NULL);
        row_put_approval(&query, &line->approval);
        kind = write_run(&query, fault);
    }
    return kind;
}

static enum fault_kind save_screenings(struct connection *writer, struct book *book,
                                       struct fault *fault)
{
    enum fault_kind kind = FAULT_NONE;
    for (const struct screening_line *line = book->screenings; line != NULL && kind == FAULT_NONE;
         line = line->next)
        kind = screening_add(writer, &line->screening, fault);
    return kind;
}

static enum fault_kind save_mark(struct connection *writer,
                                 const uint8_t batch_key[STORE_BATCH_KEY_BYTES],
                                 struct fault *fault)
{
    struct query query;
    query_begin(&query, writer, STATEMENT_LANE_MARK, NULL);
    query_put_bytes(&query, batch_key, STORE_BATCH_KEY_BYTES);
    return write_run(&query, fault);
}

enum fault_kind sqlite_book_save(struct store *store, struct book *book,
                                 const uint8_t batch_key[STORE_BATCH_KEY_BYTES],
                                 struct fault *fault)
{
    /* Merchants first: others refer to them. */
    static book_step *const steps[] = {save_merchants,  save_accounts,  save_contacts,
                                       save_lots,       save_transfers, notifications_save,
                                       save_fundings,   save_closings,  save_usages,
                                       save_mails,      save_movements, save_lines,
                                       save_screenings, person_save,    endpoints_save,
                                       callback_save,   reversal_save,  NULL};
    struct sqlite_store *of = store_of(store);
    invariant(of->in_transaction);
    enum fault_kind kind = steps_run(of, book, steps, fault);
    if (kind != FAULT_NONE)
        return kind;
    kind = save_mark(&of->writer, batch_key, fault);
    if (kind == FAULT_NONE)
        kind = connection_commit(&of->writer, fault);
    transaction_end(of);
    return kind;
}

/* --- What the lane asks after --- */

enum fault_kind sqlite_batch_known(struct store *store, int lane,
                                   const uint8_t batch_key[STORE_BATCH_KEY_BYTES], bool *known,
                                   struct fault *fault)
{
    struct query query;
    uint8_t found[STORE_BATCH_KEY_BYTES];
    invariant(lane == 0);
    *known = false;
    query_begin(&query, &store_of(store)->writer, STATEMENT_LANE_FIND, NULL);
    if (query_next(&query)) {
        query_get_bytes(&query, found, sizeof found);
        *known = memcmp(found, batch_key, sizeof found) == 0;
    }
    return query_end(&query, fault);
}

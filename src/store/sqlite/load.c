#include <stdlib.h>
#include <string.h>

#include "store/sqlite/sqlite.h"

/* Walks what a table of the book wants, or all its rows, as pointers to the rows' own struct. */
#define EACH_WANTED(book, table, type, each)                                                       \
    for (struct type *each = (struct type *)(void *)(book)->table.wanted; each != NULL;            \
         each = (struct type *)(void *)each->row.next)

/* A point lookup a row; in-process, that is a walk down a tree. */

/* Runs a lookup whose key was put. True: its columns can be got. */
static bool found_next(struct query *query, struct book_row *row)
{
    bool found = query_next(query);
    row->state = found ? ROW_STORED : ROW_ABSENT;
    return found;
}

/* Where rows are many and their order is chance, they are looked up in the order of the table: what
 * stands near in it is then still near in the processor's caches. Returns the wanted rows sorted.
 */
static struct book_row **wanted_sorted(struct book *book, const struct book_table *table,
                                       int (*compare)(const void *a, const void *b), size_t *count)
{
    *count = 0;
    for (const struct book_row *row = table->wanted; row != NULL; row = row->next)
        ++*count;
    struct book_row **rows = arena_alloc(book->arena, *count + 1, sizeof *rows);
    size_t i = 0;
    for (struct book_row *row = table->wanted; row != NULL; row = row->next)
        rows[i++] = row;
    qsort(rows, *count, sizeof *rows, compare);
    return rows;
}

static int order(int64_t left, int64_t right)
{
    return (left > right) - (left < right);
}

static int contact_compare(const void *a, const void *b)
{
    const struct contact *left = &(*(const struct contact_row *const *)a)->contact;
    const struct contact *right = &(*(const struct contact_row *const *)b)->contact;
    int by_merchant = order(left->merchant.value, right->merchant.value);
    return by_merchant != 0 ? by_merchant : order(left->msisdn, right->msisdn);
}

static int client_compare(const void *a, const void *b)
{
    const struct client_row *left = *(const struct client_row *const *)a;
    const struct client_row *right = *(const struct client_row *const *)b;
    int by_merchant = order(left->merchant.value, right->merchant.value);
    return by_merchant != 0 ? by_merchant : strcmp(left->client_id, right->client_id);
}

static enum fault_kind load_merchants(struct connection *writer, struct book *book,
                                      struct fault *fault)
{
    enum fault_kind kind = FAULT_NONE;
    EACH_WANTED(book, merchants, merchant_row, each)
    {
        struct query query;
        query_begin(&query, writer, STATEMENT_MERCHANT_FIND, book->arena);
        query_put(&query, each->merchant.id.value);
        if (found_next(&query, &each->row))
            row_get_merchant(&query, &each->merchant);
        if ((kind = query_end(&query, fault)) != FAULT_NONE)
            break;
    }
    return kind;
}

static enum fault_kind load_accounts(struct connection *writer, struct book *book,
                                     struct fault *fault)
{
    enum fault_kind kind = FAULT_NONE;
    EACH_WANTED(book, accounts, account_row, each)
    {
        struct query query;
        query_begin(&query, writer, STATEMENT_ACCOUNT_FIND, NULL);
        query_put(&query, account_number(each->key));
        each->balance_minor = found_next(&query, &each->row) ? query_get(&query) : 0;
        each->loaded_minor = each->balance_minor;
        if ((kind = query_end(&query, fault)) != FAULT_NONE)
            break;
    }
    return kind;
}

static enum fault_kind load_contacts(struct connection *writer, struct book *book,
                                     struct fault *fault)
{
    enum fault_kind kind = FAULT_NONE;
    size_t count;
    struct book_row **rows = wanted_sorted(book, &book->contacts, contact_compare, &count);
    for (size_t i = 0; i < count; i++) {
        struct contact_row *each = (struct contact_row *)(void *)rows[i];
        struct query query;
        query_begin(&query, writer, STATEMENT_CONTACT_FIND, book->arena);
        query_put(&query, each->contact.merchant.value);
        query_put(&query, each->contact.msisdn);
        if (found_next(&query, &each->row))
            row_get_contact(&query, &each->contact);
        if ((kind = query_end(&query, fault)) != FAULT_NONE)
            break;
    }
    return kind;
}

static enum fault_kind load_clients(struct connection *writer, struct book *book,
                                    struct fault *fault)
{
    enum fault_kind kind = FAULT_NONE;
    size_t count;
    struct book_row **rows = wanted_sorted(book, &book->clients, client_compare, &count);
    for (size_t i = 0; i < count; i++) {
        struct client_row *each = (struct client_row *)(void *)rows[i];
        struct query query;
        query_begin(&query, writer, STATEMENT_CLIENT_FIND, NULL);
        query_put(&query, each->merchant.value);
        query_put_text(&query, each->client_id);
        if (found_next(&query, &each->row))
            each->transfer.value = query_get(&query);
        if ((kind = query_end(&query, fault)) != FAULT_NONE)
            break;
    }
    return kind;
}

static enum fault_kind load_transfers(struct connection *writer, struct book *book,
                                      struct fault *fault)
{
    enum fault_kind kind = FAULT_NONE;
    EACH_WANTED(book, transfers, transfer_row, each)
    {
        struct query query;
        query_begin(&query, writer, STATEMENT_TRANSFER_FIND, book->arena);
        query_put(&query, each->transfer.id.value);
        if (found_next(&query, &each->row))
            row_get_transfer(&query, &each->transfer);
        if ((kind = query_end(&query, fault)) != FAULT_NONE)
            break;
    }
    return kind;
}

static enum fault_kind load_lots(struct connection *writer, struct book *book, struct fault *fault)
{
    enum fault_kind kind = FAULT_NONE;
    EACH_WANTED(book, lots, lot_row, each)
    {
        struct query query;
        query_begin(&query, writer, STATEMENT_LOT_FIND, book->arena);
        query_put(&query, each->lot.merchant.value);
        query_put(&query, each->lot.code.value);
        if (found_next(&query, &each->row))
            row_get_lot(&query, &each->lot);
        if ((kind = query_end(&query, fault)) != FAULT_NONE)
            break;
    }
    return kind;
}

static enum fault_kind load_fundings(struct connection *writer, struct book *book,
                                     struct fault *fault)
{
    enum fault_kind kind = FAULT_NONE;
    EACH_WANTED(book, fundings, funding_row, each)
    {
        struct query query;
        query_begin(&query, writer, STATEMENT_FUNDING_FIND, book->arena);
        query_put(&query, each->funding.merchant.value);
        query_put_text(&query, each->funding.reference);
        if (found_next(&query, &each->row))
            row_get_funding(&query, &each->funding);
        if ((kind = query_end(&query, fault)) != FAULT_NONE)
            break;
    }
    return kind;
}

static enum fault_kind load_settlements(struct connection *writer, struct book *book,
                                        struct fault *fault)
{
    enum fault_kind kind = FAULT_NONE;
    EACH_WANTED(book, settlements, settlement_row, each)
    {
        struct query query;
        query_begin(&query, writer, STATEMENT_SETTLEMENT_FIND, book->arena);
        query_put(&query, each->settlement.transfer.value);
        if (found_next(&query, &each->row))
            row_get_settlement(&query, &each->settlement);
        if ((kind = query_end(&query, fault)) != FAULT_NONE)
            break;
    }
    return kind;
}

static enum fault_kind load_closings(struct connection *writer, struct book *book,
                                     struct fault *fault)
{
    enum fault_kind kind = FAULT_NONE;
    EACH_WANTED(book, closings, closing_row, each)
    {
        struct query query;
        query_begin(&query, writer, STATEMENT_CLOSING_FIND, book->arena);
        query_put(&query, each->contradiction.id);
        if (found_next(&query, &each->row))
            row_get_contradiction(&query, &each->contradiction);
        if ((kind = query_end(&query, fault)) != FAULT_NONE)
            break;
    }
    return kind;
}

static enum fault_kind load_sightings(struct connection *writer, struct book *book,
                                      struct fault *fault)
{
    enum fault_kind kind = FAULT_NONE;
    EACH_WANTED(book, sightings, sighting_row, each)
    {
        struct query query;
        query_begin(&query, writer, STATEMENT_SIGHTING_FIND, NULL);
        query_put(&query, each->merchant.value);
        query_put(&query, each->msisdn);
        query_put(&query, each->amount.minor);
        query_put(&query, each->since_ms);
        query_put(&query, each->amount.currency);
        if (found_next(&query, &each->row))
            each->transfer.value = query_get(&query);
        if ((kind = query_end(&query, fault)) != FAULT_NONE)
            break;
    }
    return kind;
}

static enum fault_kind load_usages(struct connection *writer, struct book *book,
                                   struct fault *fault)
{
    enum fault_kind kind = FAULT_NONE;
    EACH_WANTED(book, usages, usage_row, each)
    {
        struct query query;
        query_begin(&query, writer, STATEMENT_USAGE_FIND, NULL);
        query_put(&query, each->usage.merchant.value);
        query_put(&query, each->usage.msisdn);
        query_put(&query, each->usage.currency);
        if (found_next(&query, &each->row))
            row_get_usage(&query, &each->usage);
        if ((kind = query_end(&query, fault)) != FAULT_NONE)
            break;
    }
    return kind;
}

static enum fault_kind load_mails(struct connection *writer, struct book *book, struct fault *fault)
{
    enum fault_kind kind = FAULT_NONE;
    EACH_WANTED(book, mails, mail_row, each)
    {
        struct query query;
        query_begin(&query, writer, STATEMENT_MAIL_FIND, book->arena);
        query_put(&query, each->mail.merchant.value);
        query_put(&query, each->mail.lot.value);
        query_put(&query, each->mail.number);
        if (found_next(&query, &each->row))
            row_get_mail(&query, &each->mail);
        if ((kind = query_end(&query, fault)) != FAULT_NONE)
            break;
    }
    return kind;
}

static enum fault_kind load_approvals(struct connection *writer, struct book *book,
                                      struct fault *fault)
{
    enum fault_kind kind = FAULT_NONE;
    EACH_WANTED(book, approvals, approval_row, each)
    {
        struct query query;
        query_begin(&query, writer, STATEMENT_APPROVAL_FIND, book->arena);
        query_put(&query, each->approval.merchant.value);
        query_put(&query, each->approval.lot.value);
        if (found_next(&query, &each->row))
            row_get_approval(&query, &each->approval);
        if ((kind = query_end(&query, fault)) != FAULT_NONE)
            break;
    }
    return kind;
}

static enum fault_kind load_head(struct connection *writer, struct book *book, struct fault *fault)
{
    struct query query;
    book->head = (struct ledger_head){0};
    query_begin(&query, writer, STATEMENT_HEAD_FIND, NULL);
    if (query_next(&query))
        row_get_head(&query, &book->head);
    return query_end(&query, fault);
}

enum fault_kind load_book(struct connection *writer, struct book *book, struct fault *fault)
{
    static enum fault_kind (*const steps[])(struct connection * writer, struct book * book,
                                            struct fault * fault) = {
        load_merchants, load_accounts,  load_contacts, load_clients,       load_transfers,
        load_lots,      load_fundings,  load_head,     notifications_load, load_settlements,
        load_closings,  load_sightings, load_usages,   load_mails,         person_load,
        load_approvals, endpoints_load, callback_load, reversal_load};
    enum fault_kind kind = FAULT_NONE;
    for (size_t i = 0; i < sizeof steps / sizeof *steps && kind == FAULT_NONE; i++)
        kind = steps[i](writer, book, fault);
    return kind;
}

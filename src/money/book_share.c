/* That a batch leaves alone what is another lane's: two lanes may be committing at the same time,
 * and neither looks at what the other does. */
#include "base/fault.h"
#include "money/rules.h"

struct account_key book_platform(const struct book *book, enum account_kind kind,
                                 enum currency currency, int operator_number)
{
    invariant(!book_account_has_floor(kind));
    return (struct account_key){.merchant = {.value = book->share.lane},
                                .kind = kind,
                                .currency = currency,
                                .operator_number = operator_number};
}

static void check_merchant(const struct book *book, struct merchant_id merchant)
{
    invariant(share_lane_of(merchant, book->share.lanes) == book->share.lane);
}

static void check_transfer(struct book *book, struct transfer_id transfer)
{
    const struct transfer_row *row = book_transfer(book, transfer);
    invariant(book_row_exists(&row->row));
    check_merchant(book, row->transfer.merchant);
}

static bool row_written(const struct book_row *row)
{
    return row->state == ROW_NEW || row->state == ROW_CHANGED;
}

static bool table_written(const struct book_table *table)
{
    for (const struct book_row *row = table->first; row != NULL; row = row->next)
        if (row_written(row))
            return true;
    return false;
}

/* Rows that say whose they are. */
static void check_rows(const struct book *book)
{
#define OF(list, type, merchant) offsetof(struct book, list), offsetof(struct type, merchant)
    static const struct {
        size_t list, merchant;
    } kinds[] = {
        {OF(merchants, merchant_row, merchant.id)},
        {OF(contacts, contact_row, contact.merchant)},
        {OF(lots, lot_row, lot.merchant)},
        {OF(transfers, transfer_row, transfer.merchant)},
        {OF(notifications, notification_row, notification.merchant)},
        {OF(fundings, funding_row, funding.merchant)},
        {OF(usages, usage_row, usage.merchant)},
        {OF(mails, mail_row, mail.merchant)},
        {OF(endpoints, endpoints_row, merchant)},
    };
#undef OF
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const struct book_table *table =
            (const struct book_table *)(const void *)((const char *)book + kinds[i].list);
        for (const struct book_row *row = table->first; row != NULL; row = row->next)
            if (row_written(row))
                check_merchant(book,
                               *(const struct merchant_id *)(const void *)((const char *)row +
                                                                           kinds[i].merchant));
    }
}

/* A merchant's, or the platform's part that is this lane's. */
static void check_accounts(const struct book *book)
{
    for (const struct book_row *row = book->accounts.first; row != NULL; row = row->next) {
        const struct account_key key = ((const struct account_row *)(const void *)row)->key;
        if (!row_written(row))
            continue;
        if (book_account_has_floor(key.kind))
            check_merchant(book, key.merchant);
        else
            invariant(key.merchant.value == book->share.lane);
    }
}

/* What says only which transfer it is of. */
static void check_of_transfers(struct book *book)
{
    for (const struct book_row *row = book->reversals.first; row != NULL; row = row->next)
        if (row_written(row))
            check_transfer(book,
                           ((const struct reversal_row *)(const void *)row)->reversal.transfer);
    for (const struct settlement_line *line = book->settled; line != NULL; line = line->next)
        check_transfer(book, line->settlement.transfer);
    for (const struct screening_line *line = book->screenings; line != NULL; line = line->next)
        check_transfer(book, line->screening.transfer);
    for (const struct contradiction_line *line = book->contradictions; line != NULL;
         line = line->next)
        check_transfer(book, line->contradiction.transfer);
    for (const struct delivery_line *line = book->deliveries; line != NULL; line = line->next)
        check_merchant(book, book_notification(book, line->delivery.key)->notification.merchant);
}

void book_share_check(struct book *book)
{
    const struct share *share = &book->share;
    invariant(share_lanes_valid(share->lanes) && share->lane >= 0 && share->lane < share->lanes);
    invariant(!share->alone || share->lanes == 1);
    check_rows(book);
    check_accounts(book);
    check_of_transfers(book);
    for (const struct movement_line *line = book->movements; line != NULL; line = line->next)
        check_merchant(book, line->movement.merchant);
    for (const struct approval_line *line = book->approved; line != NULL; line = line->next)
        check_merchant(book, line->approval.merchant);
    if (share->lane == 0)
        return;
    /* The platform's. A contradiction is added by its transfer's lane, and closed by lane 0. */
    invariant(!table_written(&book->users) && !table_written(&book->callbacks));
    invariant(!table_written(&book->closings));
    invariant(book->sessions == NULL && book->switches == NULL && book->channel_accounts == NULL);
}

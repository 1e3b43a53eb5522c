#include "money/contact.h"

#include "base/fault.h"
#include "money/number.h"
#include "money/rules.h"

void contact_item_check(struct contact_item *item)
{
    struct number number;
    item->refusal = number_read(item->prefix, item->phone, &number);
    if (item->refusal == PAYOUT_OK)
        item->msisdn = number.msisdn;
}

void contact_add_want(const struct command *command, struct book *book)
{
    const struct contact_add *add = &command->contact_add;
    (void)book_merchant(book, add->merchant);
    for (size_t i = 0; i < add->count; i++)
        if (add->items[i].refusal == PAYOUT_OK)
            (void)book_contact(book, add->merchant, add->items[i].msisdn);
}

/* Makes the item a contact, or finds that it is one. *lot is made with the first new one. */
static void contact_item_decide(struct contact_item *item, struct book *book,
                                struct merchant_row *merchant, struct lot_code *lot, int64_t at_ms)
{
    struct contact_row *row = book_contact(book, merchant->merchant.id, item->msisdn);
    if (book_row_exists(&row->row)) {
        item->code = PAYOUT_ALREADY_MY_CONTACT;
        item->lot = row->contact.lot;
        return;
    }
    if (lot->value == 0) {
        *lot = lot_code_next(merchant->merchant.last_lot, at_ms);
        merchant->merchant.last_lot = *lot;
        book_row_change(&merchant->row);
    }
    row->contact = (struct contact){.merchant = merchant->merchant.id,
                                    .msisdn = item->msisdn,
                                    .prefix = item->prefix,
                                    .phone = item->phone,
                                    .name = item->name,
                                    .surname = item->surname,
                                    .email = item->email,
                                    .lot = *lot,
                                    .created_at_ms = at_ms};
    book_row_add(&row->row);
    item->code = PAYOUT_OK;
    item->lot = *lot;
}

void contact_add_decide(struct command *command, struct book *book)
{
    struct contact_add *add = &command->contact_add;
    invariant(add->count > 0 && add->count <= COMMAND_ITEMS_MAX);
    struct merchant_row *merchant = book_merchant(book, add->merchant);
    if (!book_row_exists(&merchant->row) || merchant->merchant.suspended) {
        command->code = PAYOUT_INVALID_USER;
        return;
    }
    struct lot_code lot = {0};
    bool any = false;
    for (size_t i = 0; i < add->count; i++) {
        struct contact_item *item = &add->items[i];
        item->code = item->refusal;
        item->lot = (struct lot_code){0};
        if (item->refusal != PAYOUT_OK)
            continue;
        contact_item_decide(item, book, merchant, &lot, command->at_ms);
        any = true;
    }
    command->code = any ? PAYOUT_OK : add->items[0].code;
}

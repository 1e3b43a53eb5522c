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

void contact_change_want(const struct command *command, struct book *book)
{
    const struct contact_change *change = &command->contact_change;
    const struct contact *contact = &change->contact;
    (void)book_contact(book, contact->merchant, contact->msisdn);
    if ((change->fields & CONTACT_FIELD_LISTED_UNDER) != 0 && contact->listed_under != 0)
        (void)book_contact(book, contact->merchant, contact->listed_under);
}

/* Under a contact that is there, is another one, and stands for itself: so there is no circle. */
static bool contact_may_list(const struct contact *contact, struct book *book)
{
    if (contact->listed_under == 0)
        return true;
    const struct contact_row *under = book_contact(book, contact->merchant, contact->listed_under);
    return book_row_exists(&under->row) && contact->listed_under != contact->msisdn &&
           under->contact.listed_under == 0;
}

static void contact_act(const struct command *command, struct book *book,
                        const struct contact *before, const struct contact *after)
{
    char phone[NUMBER_TEXT_BYTES];
    struct act_changes changes;
    act_changes_begin(&changes, false);
    act_change_text(&changes, "name", before->name, after->name);
    act_change_text(&changes, "surname", before->surname, after->surname);
    act_change_text(&changes, "email", before->email, after->email);
    act_change_number(&changes, "listed_under", before->listed_under, after->listed_under);
    number_e164_text(after->msisdn, phone);
    act_write(book, command, ACT_CONTACT_CHANGE, after->merchant, phone, &changes);
}

void contact_change_decide(struct command *command, struct book *book)
{
    struct contact_change *change = &command->contact_change;
    const struct contact *from = &change->contact;
    struct contact_row *row = book_contact(book, from->merchant, from->msisdn);
    command->code = PAYOUT_NOT_FOUND;
    if (!book_row_exists(&row->row))
        return;
    command->code = PAYOUT_NOT_ALLOWED;
    bool lists = (change->fields & CONTACT_FIELD_LISTED_UNDER) != 0;
    if (lists && !contact_may_list(from, book))
        return;
    const struct contact before = row->contact;
    struct contact *contact = &row->contact;
    contact->name = change->fields & CONTACT_FIELD_NAME ? from->name : before.name;
    contact->surname = change->fields & CONTACT_FIELD_SURNAME ? from->surname : before.surname;
    contact->email = change->fields & CONTACT_FIELD_EMAIL ? from->email : before.email;
    contact->listed_under = lists ? from->listed_under : before.listed_under;
    book_row_change(&row->row);
    contact_act(command, book, &before, contact);
    change->contact = *contact;
    command->code = PAYOUT_OK;
}

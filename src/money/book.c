#include "money/book.h"

#include <string.h>

#include "base/fault.h"
#include "money/rules.h"
#include "money/table.h"

void book_open(struct book *book, struct arena *arena)
{
    *book = (struct book){.arena = arena, .share = {.lanes = 1, .alone = true}};
}

/* Walks the rows of type that share hash, under the name `each`. */
#define EACH_ROW(type, each, table, hash)                                                          \
    for (struct type *each = (struct type *)(void *)table_first((table), (hash)); each != NULL;    \
         each = (struct type *)(void *)each->row.next_in_bucket)                                   \
        if (each->row.hash == (hash))

struct merchant_row *book_merchant(struct book *book, struct merchant_id id)
{
    uint64_t hash = table_hash(id.value, 0);
    EACH_ROW(merchant_row, each, &book->merchants, hash)
    {
        if (each->merchant.id.value == id.value)
            return each;
    }
    struct merchant_row *row = table_add(book->arena, &book->merchants, hash, sizeof *row);
    row->merchant.id = id;
    return row;
}

struct account_row *book_account(struct book *book, struct account_key key)
{
    int64_t number = account_number(key);
    uint64_t hash = table_hash(number, 0);
    EACH_ROW(account_row, each, &book->accounts, hash)
    {
        if (account_number(each->key) == number)
            return each;
    }
    struct account_row *row = table_add(book->arena, &book->accounts, hash, sizeof *row);
    row->key = key;
    return row;
}

struct contact_row *book_contact(struct book *book, struct merchant_id merchant, int64_t msisdn)
{
    uint64_t hash = table_hash(merchant.value, msisdn);
    EACH_ROW(contact_row, each, &book->contacts, hash)
    {
        if (each->contact.merchant.value == merchant.value && each->contact.msisdn == msisdn)
            return each;
    }
    struct contact_row *row = table_add(book->arena, &book->contacts, hash, sizeof *row);
    row->contact.merchant = merchant;
    row->contact.msisdn = msisdn;
    return row;
}

struct client_row *book_client(struct book *book, struct merchant_id merchant,
                               const char *client_id)
{
    uint64_t hash = table_hash_text(merchant, client_id);
    EACH_ROW(client_row, each, &book->clients, hash)
    {
        if (each->merchant.value == merchant.value && strcmp(each->client_id, client_id) == 0)
            return each;
    }
    struct client_row *row = table_add(book->arena, &book->clients, hash, sizeof *row);
    row->merchant = merchant;
    row->client_id = client_id;
    return row;
}

struct transfer_row *book_transfer(struct book *book, struct transfer_id id)
{
    uint64_t hash = table_hash(id.value, 0);
    EACH_ROW(transfer_row, each, &book->transfers, hash)
    {
        if (each->transfer.id.value == id.value)
            return each;
    }
    struct transfer_row *row = table_add(book->arena, &book->transfers, hash, sizeof *row);
    row->transfer.id = id;
    return row;
}

struct lot_row *book_lot(struct book *book, struct merchant_id merchant, struct lot_code code)
{
    uint64_t hash = table_hash(merchant.value, code.value);
    EACH_ROW(lot_row, each, &book->lots, hash)
    {
        if (each->lot.merchant.value == merchant.value && each->lot.code.value == code.value)
            return each;
    }
    struct lot_row *row = table_add(book->arena, &book->lots, hash, sizeof *row);
    row->lot.merchant = merchant;
    row->lot.code = code;
    return row;
}

static uint64_t notification_hash(struct notification_key key)
{
    return table_hash(key.transfer.value, (int64_t)key.endpoint << 32 | (uint32_t)key.number);
}

struct notification_row *book_notification_find(struct book *book, struct notification_key key)
{
    uint64_t hash = notification_hash(key);
    EACH_ROW(notification_row, each, &book->notifications, hash)
    {
        if (notification_key_compare(each->notification.key, key) == 0)
            return each;
    }
    return NULL;
}

struct notification_row *book_notification(struct book *book, struct notification_key key)
{
    struct notification_row *row = book_notification_find(book, key);
    if (row != NULL)
        return row;
    row = table_add(book->arena, &book->notifications, notification_hash(key), sizeof *row);
    row->notification.key = key;
    return row;
}

struct endpoints_row *book_endpoints(struct book *book, struct merchant_id merchant)
{
    uint64_t hash = table_hash(merchant.value, 0);
    EACH_ROW(endpoints_row, each, &book->endpoints, hash)
    {
        if (each->merchant.value == merchant.value)
            return each;
    }
    struct endpoints_row *row = table_add(book->arena, &book->endpoints, hash, sizeof *row);
    row->merchant = merchant;
    return row;
}

struct endpoint_line *book_endpoint(struct book *book, struct merchant_id merchant, int32_t number)
{
    const struct endpoints_row *row = book_endpoints(book, merchant);
    invariant(book_row_exists(&row->row));
    struct endpoint_line *line = row->first;
    while (line != NULL && line->endpoint.number != number)
        line = line->next;
    return line;
}

struct endpoint_line *book_endpoint_line(struct book *book, struct endpoints_row *row)
{
    struct endpoint_line *line = arena_alloc(book->arena, 1, sizeof *line);
    line->state = ROW_STORED;
    line->endpoint.merchant = row->merchant;
    if (row->last == NULL)
        row->first = line;
    else
        row->last->next = line;
    row->last = line;
    return line;
}

void book_endpoint_change(struct book *book, struct endpoint_line *line)
{
    struct endpoints_row *row = book_endpoints(book, line->endpoint.merchant);
    book_row_change(&row->row);
    if (line->state == ROW_STORED)
        line->state = ROW_CHANGED;
}

struct funding_row *book_funding(struct book *book, struct merchant_id merchant,
                                 const char *reference)
{
    uint64_t hash = table_hash_text(merchant, reference);
    EACH_ROW(funding_row, each, &book->fundings, hash)
    {
        if (each->funding.merchant.value == merchant.value &&
            strcmp(each->funding.reference, reference) == 0)
            return each;
    }
    struct funding_row *row = table_add(book->arena, &book->fundings, hash, sizeof *row);
    row->funding.merchant = merchant;
    row->funding.reference = reference;
    return row;
}

struct settlement_row *book_settlement(struct book *book, struct transfer_id transfer)
{
    uint64_t hash = table_hash(transfer.value, 0);
    EACH_ROW(settlement_row, each, &book->settlements, hash)
    {
        if (each->settlement.transfer.value == transfer.value)
            return each;
    }
    struct settlement_row *row = table_add(book->arena, &book->settlements, hash, sizeof *row);
    row->settlement.transfer = transfer;
    return row;
}

struct closing_row *book_closing(struct book *book, int64_t id)
{
    uint64_t hash = table_hash(id, 0);
    EACH_ROW(closing_row, each, &book->closings, hash)
    {
        if (each->contradiction.id == id)
            return each;
    }
    struct closing_row *row = table_add(book->arena, &book->closings, hash, sizeof *row);
    row->contradiction.id = id;
    return row;
}

struct sighting_row *book_sighting(struct book *book, struct merchant_id merchant, int64_t msisdn,
                                   struct amount amount)
{
    uint64_t hash = table_hash(merchant.value, msisdn) ^ table_hash(amount.minor, 2);
    EACH_ROW(sighting_row, each, &book->sightings, hash)
    {
        if (each->merchant.value == merchant.value && each->msisdn == msisdn &&
            each->amount.minor == amount.minor && each->amount.currency == amount.currency)
            return each;
    }
    struct sighting_row *row = table_add(book->arena, &book->sightings, hash, sizeof *row);
    row->merchant = merchant;
    row->msisdn = msisdn;
    row->amount = amount;
    return row;
}

struct user_row *book_user(struct book *book, const char *name)
{
    uint64_t hash = table_hash_text((struct merchant_id){0}, name);
    EACH_ROW(user_row, each, &book->users, hash)
    {
        if (strcmp(each->user.name, name) == 0)
            return each;
    }
    struct user_row *row = table_add(book->arena, &book->users, hash, sizeof *row);
    size_t length = strlen(name);
    invariant(length < sizeof row->user.name);
    memcpy(row->user.name, name, length + 1);
    return row;
}

struct usage_row *book_usage(struct book *book, struct merchant_id merchant, int64_t msisdn,
                             enum currency currency)
{
    uint64_t hash = table_hash(merchant.value, msisdn) ^ table_hash(currency, 3);
    EACH_ROW(usage_row, each, &book->usages, hash)
    {
        if (each->usage.merchant.value == merchant.value && each->usage.msisdn == msisdn &&
            each->usage.currency == currency)
            return each;
    }
    struct usage_row *row = table_add(book->arena, &book->usages, hash, sizeof *row);
    row->usage.merchant = merchant;
    row->usage.msisdn = msisdn;
    row->usage.currency = currency;
    return row;
}

struct mail_row *book_mail(struct book *book, struct merchant_id merchant, struct lot_code lot,
                           int32_t number)
{
    uint64_t hash = table_hash(merchant.value, lot.value) ^ table_hash(number, 4);
    EACH_ROW(mail_row, each, &book->mails, hash)
    {
        if (each->mail.merchant.value == merchant.value && each->mail.lot.value == lot.value &&
            each->mail.number == number)
            return each;
    }
    struct mail_row *row = table_add(book->arena, &book->mails, hash, sizeof *row);
    row->mail.merchant = merchant;
    row->mail.lot = lot;
    row->mail.number = number;
    return row;
}

struct approval_row *book_approval(struct book *book, struct merchant_id merchant,
                                   struct lot_code lot)
{
    uint64_t hash = table_hash(merchant.value, lot.value);
    EACH_ROW(approval_row, each, &book->approvals, hash)
    {
        if (each->approval.merchant.value == merchant.value &&
            each->approval.lot.value == lot.value)
            return each;
    }
    struct approval_row *row = table_add(book->arena, &book->approvals, hash, sizeof *row);
    row->approval.merchant = merchant;
    row->approval.lot = lot;
    return row;
}

struct reversal_row *book_reversal(struct book *book, struct transfer_id transfer, int32_t number)
{
    uint64_t hash = table_hash(transfer.value, number);
    EACH_ROW(reversal_row, each, &book->reversals, hash)
    {
        if (each->reversal.transfer.value == transfer.value && each->reversal.number == number)
            return each;
    }
    struct reversal_row *row = table_add(book->arena, &book->reversals, hash, sizeof *row);
    row->reversal.transfer = transfer;
    row->reversal.number = number;
    return row;
}

struct callback_row *book_callback(struct book *book, int channel,
                                   const uint8_t body_hash[SECRET_HASH_BYTES])
{
    int64_t first;
    memcpy(&first, body_hash, sizeof first);
    uint64_t hash = table_hash(channel, first);
    EACH_ROW(callback_row, each, &book->callbacks, hash)
    {
        if (each->callback.channel == channel &&
            memcmp(each->callback.hash, body_hash, sizeof each->callback.hash) == 0)
            return each;
    }
    struct callback_row *row = table_add(book->arena, &book->callbacks, hash, sizeof *row);
    row->callback.channel = channel;
    memcpy(row->callback.hash, body_hash, sizeof row->callback.hash);
    return row;
}

/* --- Loading and changing --- */

#define TABLE_COUNT 18
/* All tables, for what is done to each alike. */
static void tables_of(struct book *book, struct book_table *tables[TABLE_COUNT])
{
    struct book_table *all[TABLE_COUNT] = {
        &book->merchants,   &book->accounts,  &book->contacts,      &book->clients,
        &book->transfers,   &book->lots,      &book->notifications, &book->fundings,
        &book->settlements, &book->closings,  &book->sightings,     &book->usages,
        &book->mails,       &book->approvals, &book->users,         &book->endpoints,
        &book->callbacks,   &book->reversals,
    };
    memcpy(tables, all, sizeof all);
}

bool book_wants(const struct book *book)
{
    return book->merchants.wanted != NULL || book->accounts.wanted != NULL ||
           book->contacts.wanted != NULL || book->clients.wanted != NULL ||
           book->transfers.wanted != NULL || book->lots.wanted != NULL ||
           book->notifications.wanted != NULL || book->fundings.wanted != NULL ||
           book->settlements.wanted != NULL || book->closings.wanted != NULL ||
           book->sightings.wanted != NULL || book->usages.wanted != NULL ||
           book->mails.wanted != NULL || book->approvals.wanted != NULL ||
           book->users.wanted != NULL || book->endpoints.wanted != NULL ||
           book->callbacks.wanted != NULL || book->reversals.wanted != NULL;
}

void book_loaded(struct book *book)
{
    struct book_table *tables[TABLE_COUNT];
    tables_of(book, tables);
    for (size_t i = 0; i < TABLE_COUNT; i++) {
        for (const struct book_row *row = tables[i]->wanted; row != NULL; row = row->next)
            invariant(row->state == ROW_ABSENT || row->state == ROW_STORED);
        tables[i]->wanted = NULL;
    }
}

const char *book_text(struct book *book, const char *text, size_t length)
{
    char *copy = arena_alloc(book->arena, length + 1, 1);
    if (length > 0)
        memcpy(copy, text, length);
    return copy; /* The arena zeroed what follows. */
}

void book_row_add(struct book_row *row)
{
    invariant(row->state == ROW_ABSENT);
    row->state = ROW_NEW;
}

void book_row_change(struct book_row *row)
{
    invariant(book_row_exists(row));
    if (row->state == ROW_STORED)
        row->state = ROW_CHANGED;
}

bool book_row_exists(const struct book_row *row)
{
    invariant(row->state != ROW_WANTED); /* Whoever decides on it should have wanted it before. */
    return row->state != ROW_ABSENT;
}

void book_row_create(struct book_table *table, struct book_row *row)
{
    /* It was looked for a moment ago at the latest, or its key was made in this batch. */
    invariant(row->state == ROW_WANTED || row->state == ROW_ABSENT);
    row->state = ROW_NEW;
    if (table->wanted == row)
        table->wanted = row->next;
}

/* --- Moving money --- */

/* The row after a change of its balance. */
static void account_set(struct account_row *row, int64_t balance_minor)
{
    row->balance_minor = balance_minor;
    if (book_row_exists(&row->row))
        book_row_change(&row->row);
    else
        book_row_add(&row->row);
}

bool book_move(struct book *book, const struct movement *movement)
{
    invariant(movement->amount.minor > 0);
    invariant(movement->from.currency == movement->amount.currency);
    invariant(movement->to.currency == movement->amount.currency);
    struct account_row *from = book_account(book, movement->from);
    struct account_row *to = book_account(book, movement->to);
    invariant(from != to);
    invariant(from->row.state != ROW_WANTED && to->row.state != ROW_WANTED);

    int64_t from_after, to_after;
    if (__builtin_sub_overflow(from->balance_minor, movement->amount.minor, &from_after) ||
        __builtin_add_overflow(to->balance_minor, movement->amount.minor, &to_after))
        return false;
    if (from_after < 0 && book_account_has_floor(movement->from.kind))
        return false;

    struct movement_line *line = arena_alloc(book->arena, 1, sizeof *line);
    line->movement = *movement;
    if (book->movements_last == NULL)
        book->movements = line;
    else
        book->movements_last->next = line;
    book->movements_last = line;
    account_set(from, from_after);
    account_set(to, to_after);
    return true;
}

void book_deliver(struct book *book, const struct delivery *delivery)
{
    struct delivery_line *line = arena_alloc(book->arena, 1, sizeof *line);
    line->delivery = *delivery;
    if (book->deliveries_last == NULL)
        book->deliveries = line;
    else
        book->deliveries_last->next = line;
    book->deliveries_last = line;
}

void book_contradict(struct book *book, const struct contradiction *contradiction)
{
    struct contradiction_line *line = arena_alloc(book->arena, 1, sizeof *line);
    line->contradiction = *contradiction;
    if (book->contradictions_last == NULL)
        book->contradictions = line;
    else
        book->contradictions_last->next = line;
    book->contradictions_last = line;
}

void book_screen(struct book *book, const struct screening *screening)
{
    struct screening_line *line = arena_alloc(book->arena, 1, sizeof *line);
    line->screening = *screening;
    if (book->screenings_last == NULL)
        book->screenings = line;
    else
        book->screenings_last->next = line;
    book->screenings_last = line;
}

struct session_line *book_session(struct book *book, enum session_mark_kind kind,
                                  const struct session *session)
{
    struct session_line *line = arena_alloc(book->arena, 1, sizeof *line);
    line->kind = kind;
    line->session = *session;
    if (book->sessions_last == NULL)
        book->sessions = line;
    else
        book->sessions_last->next = line;
    book->sessions_last = line;
    return line;
}

void book_switch(struct book *book, const struct channel_switch *word)
{
    struct switch_line *line = arena_alloc(book->arena, 1, sizeof *line);
    line->word = *word;
    if (book->switches_last == NULL)
        book->switches = line;
    else
        book->switches_last->next = line;
    book->switches_last = line;
}

void book_channel_account(struct book *book, const struct channel_account *account)
{
    for (const struct channel_account_line *each = book->channel_accounts; each != NULL;
         each = each->next)
        invariant(each->account.channel != account->channel);
    struct channel_account_line *line = arena_alloc(book->arena, 1, sizeof *line);
    line->account = *account;
    line->next = book->channel_accounts;
    book->channel_accounts = line;
}

void book_act(struct book *book, const struct act *act)
{
    struct act_line *line = arena_alloc(book->arena, 1, sizeof *line);
    line->act = *act;
    if (book->acts_last == NULL)
        book->acts = line;
    else
        book->acts_last->next = line;
    book->acts_last = line;
}

void book_settle(struct book *book, struct settlement_row *row)
{
    invariant(row->settlement.number > 0 && row->settlement.at_ms > 0);
    struct settlement_line *line = arena_alloc(book->arena, 1, sizeof *line);
    line->settlement = row->settlement;
    if (book->settled_last == NULL)
        book->settled = line;
    else
        book->settled_last->next = line;
    book->settled_last = line;
    if (book_row_exists(&row->row))
        book_row_change(&row->row);
    else
        book_row_add(&row->row);
}

void book_approve(struct book *book, struct approval_row *row)
{
    invariant(row->approval.number > 0 && row->approval.at_ms > 0);
    struct approval_line *line = arena_alloc(book->arena, 1, sizeof *line);
    line->approval = row->approval;
    if (book->approved_last == NULL)
        book->approved = line;
    else
        book->approved_last->next = line;
    book->approved_last = line;
    if (book_row_exists(&row->row))
        book_row_change(&row->row);
    else
        book_row_add(&row->row);
}

#include "money/lot.h"

#include <string.h>

#include "base/fault.h"
#include "money/fee.h"
#include "money/number.h"
#include "money/rules.h"
#include "money/tariff.h"

/* --- The table of states --- */

bool lot_state_may(enum lot_state from, enum lot_state to)
{
    invariant(from >= LOT_WAITING && from < LOT_STATE_END);
    invariant(to >= LOT_WAITING && to < LOT_STATE_END);
    return from == LOT_WAITING && to != LOT_WAITING;
}

const char *lot_state_text(enum lot_state state)
{
    switch (state) {
#define STATE(name, number, meaning)                                                               \
    case LOT_##name:                                                                               \
        return #name;
        LOT_STATES(STATE)
#undef STATE
    case LOT_STATE_END:
        break;
    }
    invariant(!"a lot's state");
}

/* --- What was confirmed --- */

enum { HASH_NUMBERS_MAX = 7 };

/* Each as eight bytes, the highest first. */
static void hash_numbers(struct secret_digest *digest, const int64_t *numbers, size_t count)
{
    uint8_t bytes[8 * HASH_NUMBERS_MAX];
    invariant(count <= HASH_NUMBERS_MAX);
    for (size_t i = 0; i < 8 * count; i++)
        bytes[i] = (uint8_t)((uint64_t)numbers[i / 8] >> (56 - 8 * (i % 8)));
    secret_digest_add(digest, bytes, 8 * count);
}

void lot_hash_begin(struct secret_digest *digest, struct merchant_id merchant, struct lot_code code)
{
    static const char what[] = "payoutd lot 1"; /* With its NUL. */
    secret_digest_begin(digest);
    secret_digest_add(digest, what, sizeof what);
    const int64_t numbers[] = {merchant.value, code.value};
    hash_numbers(digest, numbers, sizeof numbers / sizeof *numbers);
}

void lot_hash_add(struct secret_digest *digest, const struct transfer *transfer)
{
    const int64_t numbers[] = {transfer->id.value,        transfer->msisdn,
                               transfer->operator_number, (int64_t)transfer->amount.currency,
                               transfer->amount.minor,    transfer->fee_minor,
                               (int64_t)transfer->payer};
    hash_numbers(digest, numbers, sizeof numbers / sizeof *numbers);
}

void lot_hash_end(struct secret_digest *digest, int32_t persons, const char *sender,
                  uint8_t hash[SECRET_HASH_BYTES])
{
    const int64_t number = persons;
    hash_numbers(digest, &number, 1);
    secret_digest_add(digest, sender, strlen(sender));
    secret_digest_end(digest, hash);
}

bool lot_hashed(const struct lot *lot)
{
    static const uint8_t none[SECRET_HASH_BYTES];
    return memcmp(lot->hash, none, sizeof none) != 0;
}

/* --- Checking an item by itself --- */

enum { AMOUNT_DIGITS_MAX = 18 }; /* 999,999,999,999,999,999 fits an int64_t. */

/* A positive whole number; 0 when text is not one. More digits than any tranche has become the
 * greatest number there is. */
static int64_t amount_read(const char *text)
{
    if (text == NULL || text[0] == '\0')
        return 0;
    while (text[0] == '0')
        text++;
    int64_t minor = 0;
    size_t length = strlen(text);
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return 0;
        if (i < AMOUNT_DIGITS_MAX)
            minor = minor * 10 + (text[i] - '0');
    }
    return length > AMOUNT_DIGITS_MAX ? INT64_MAX : minor;
}

static enum payout_code amount_check(int64_t minor, const struct country *country)
{
    if (minor <= 0)
        return PAYOUT_INVALID_AMOUNT;
    if (minor > country->maximum)
        return PAYOUT_AMOUNT_TOO_LARGE;
    if (minor % country->multiple != 0)
        return PAYOUT_INVALID_AMOUNT;
    return minor < country->minimum ? PAYOUT_AMOUNT_TOO_SMALL : PAYOUT_OK;
}

void send_item_check(struct send_item *item, const char *amount, const char *payment_method,
                     uint64_t operators_off)
{
    struct number number;
    item->refusal = number_read(item->prefix, item->phone, &number);
    if (item->refusal != PAYOUT_OK)
        return;
    item->msisdn = number.msisdn;
    const struct operator_entry *operator_entry;
    item->refusal = number_operator(&number, payment_method, &operator_entry);
    if (item->refusal != PAYOUT_OK)
        return;
    item->operator_number = operator_entry->number;
    item->amount =
        (struct amount){.minor = amount_read(amount), .currency = number.country->currency};
    item->refusal = amount_check(item->amount.minor, number.country);
    if (item->refusal == PAYOUT_OK && (operators_off >> operator_entry->number & 1) != 0)
        item->refusal = PAYOUT_OPERATOR_UNAVAILABLE;
}

/* Whether the item is right, and only its operator can't be had now: it could when the same id was
 * sent for the first time, and whoever asks again must not take that one for unpaid. */
static bool refused_for_now(const struct send_item *item)
{
    return item->amount.minor > 0 && (item->refusal == PAYOUT_OPERATOR_UNAVAILABLE ||
                                      item->refusal == PAYOUT_OPERATOR_NOT_AVAILABLE);
}

/* --- Sending a lot --- */

void lot_send_want(const struct command *command, struct book *book)
{
    const struct lot_send *send = &command->lot_send;
    const struct merchant_row *merchant = book_merchant(book, send->merchant);
    if (merchant->row.state == ROW_STORED) {
        twin_want(send, &merchant->merchant, book, command->at_ms);
        usage_want(send, &merchant->merchant.limits, book);
    }
    bool currencies[CURRENCY_END] = {false};
    for (size_t i = 0; i < send->count; i++) {
        const struct send_item *item = &send->items[i];
        if (item->refusal != PAYOUT_OK && !refused_for_now(item))
            continue;
        currencies[item->amount.currency] = true;
        (void)book_contact(book, send->merchant, item->msisdn);
        if (item->client_id == NULL)
            continue;
        const struct client_row *client = book_client(book, send->merchant, item->client_id);
        if (client->row.state == ROW_STORED)
            (void)book_transfer(book, client->transfer);
    }
    for (enum currency currency = CURRENCY_XOF; currency < CURRENCY_END; currency++) {
        if (currencies[currency]) {
            (void)book_account(book, account_available(send->merchant, currency));
            (void)book_account(book, account_held(send->merchant, currency));
        }
    }
}

/* The id is taken. Whoever sent the same again learns what became of the first. */
static void send_item_known(struct send_item *item, const struct client_row *client,
                            struct book *book, const struct send_item *items,
                            struct transfer_id first)
{
    item->code = PAYOUT_CLIENT_ID_EXISTS;
    if (client->transfer.value >= first.value) {
        /* An item of this very lot: its transfer is not made yet. */
        const struct send_item *earlier = items;
        while (earlier->code != PAYOUT_OK || earlier->transfer.value != client->transfer.value)
            earlier++;
        if (earlier->msisdn == item->msisdn && earlier->amount.minor == item->amount.minor) {
            item->transfer = earlier->transfer;
            item->state = TRANSFER_NEW;
        }
        return;
    }
    const struct transfer_row *known = book_transfer(book, client->transfer);
    invariant(book_row_exists(&known->row));
    const struct transfer *transfer = &known->transfer;
    if (transfer->msisdn == item->msisdn && transfer->amount.minor == item->amount.minor &&
        transfer->amount.currency == item->amount.currency) {
        item->transfer = transfer->id;
        item->state = transfer->state;
        item->lot = transfer->lot;
    }
}

/* Reckons what the item costs. Not OK: the receiver would pay it, and be left with less than the
 * tranche has. (What is left need not be one of its multiples: that is a rule for what is sent.) */
static enum payout_code send_item_cost(struct send_item *item, const struct fee_table *fees)
{
    const struct country *country = NULL;
    struct fee fee = fee_of(fees, item->operator_number, item->amount.minor);
    if (fee.payer == FEE_PAYER_RECEIVER) {
        (void)tariff_operator(item->operator_number, &country);
        invariant(country != NULL && country->minimum > 0);
        if (item->amount.minor - fee.minor < country->minimum)
            return PAYOUT_AMOUNT_TOO_SMALL;
    }
    item->fee_minor = fee.minor;
    item->payer = fee.payer;
    return PAYOUT_OK;
}

/* Decides one item, under the assumption that the lot goes through. */
static void send_item_decide(struct send_item *item, struct book *book,
                             const struct command *command, const struct merchant *merchant,
                             const struct fee_table *fees, struct transfer_id id)
{
    const struct lot_send *send = &command->lot_send;
    struct client_row *client = NULL;
    item->transfer = (struct transfer_id){0};
    item->lot = (struct lot_code){0};
    item->fee_minor = 0;
    item->payer = FEE_PAYER_MERCHANT;
    item->code = item->refusal;
    if (item->refusal != PAYOUT_OK && !refused_for_now(item))
        return;
    if (item->client_id != NULL) {
        client = book_client(book, send->merchant, item->client_id);
        if (item->refusal != PAYOUT_OK && book_row_exists(&client->row))
            send_item_known(item, client, book, send->items, send->first);
    }
    if (item->refusal != PAYOUT_OK)
        return;
    /* A person looks at what became of it; a program has to be told. */
    bool person = send->sender != NULL && send->sender[0] != '\0';
    if (item->notify_url[0] == '\0' && merchant->notify_url[0] == '\0' && !person) {
        item->code = PAYOUT_MISSING_NOTIFY_URL;
        return;
    }
    if (!book_row_exists(&book_contact(book, send->merchant, item->msisdn)->row)) {
        item->code = PAYOUT_NOT_MY_CONTACT;
        return;
    }
    if (client != NULL && book_row_exists(&client->row)) {
        send_item_known(item, client, book, send->items, send->first);
        return;
    }
    item->code = send_item_cost(item, fees);
    if (item->code == PAYOUT_OK)
        item->code = usage_item_check(book, merchant, item, command->at_ms);
    if (item->code != PAYOUT_OK)
        return;
    if (client != NULL) {
        client->transfer = id;
        book_row_add(&client->row);
    }
    item->transfer = id;
    item->state = TRANSFER_NEW;
}

/* The lot does not go through: the ids that its items took are free again, and no item may name a
 * transfer that will not be. */
static void send_refuse(struct command *command, struct book *book, enum payout_code code)
{
    struct lot_send *send = &command->lot_send;
    for (size_t i = 0; i < send->count; i++) {
        struct send_item *item = &send->items[i];
        if (item->code == PAYOUT_OK && item->client_id != NULL) {
            struct client_row *client = book_client(book, send->merchant, item->client_id);
            invariant(client->row.state == ROW_NEW);
            client->row.state = ROW_ABSENT;
        }
        if (item->transfer.value >= send->first.value)
            item->transfer = (struct transfer_id){0};
    }
    command->code = code;
}

/* Holds the money of all accepted items, or nothing. */
static bool send_hold(struct book *book, const struct lot_send *send,
                      const int64_t held_minor[CURRENCY_END], int64_t reserve_minor,
                      struct lot_code lot, int64_t at_ms)
{
    for (enum currency currency = CURRENCY_XOF; currency < CURRENCY_END; currency++)
        if (held_minor[currency] > 0 &&
            held_minor[currency] >
                book_account(book, account_available(send->merchant, currency))->balance_minor -
                    reserve_minor)
            return false;
    for (enum currency currency = CURRENCY_XOF; currency < CURRENCY_END; currency++) {
        if (held_minor[currency] == 0)
            continue;
        struct movement movement = {.kind = MOVEMENT_HOLD,
                                    .from = account_available(send->merchant, currency),
                                    .to = account_held(send->merchant, currency),
                                    .amount = {held_minor[currency], currency},
                                    .merchant = send->merchant,
                                    .reference = lot.value,
                                    .at_ms = at_ms};
        bool moved = book_move(book, &movement);
        invariant(moved);
    }
    return true;
}

/* How long its transfers may wait for an operator that is down; 0: as long as it takes. */
static int64_t transfer_wait_ms(const struct lot_send *send, const struct merchant *merchant)
{
    invariant(send->wait_ms >= LOT_WAITS_FOR_EVER && merchant->operator_wait_ms >= 0);
    if (send->wait_ms == LOT_WAITS_FOR_EVER)
        return 0;
    return send->wait_ms > 0 ? send->wait_ms : merchant->operator_wait_ms;
}

/* Makes the transfer of an item, which waits unless confirmed. */
static const struct transfer *transfer_create(struct book *book, const struct lot_send *send,
                                              const struct send_item *item,
                                              const struct merchant *merchant, bool confirmed,
                                              int64_t at_ms)
{
    struct transfer_row *row = book_transfer(book, item->transfer);
    row->transfer = (struct transfer){
        .id = item->transfer,
        .merchant = send->merchant,
        .lot = send->lot,
        .client_id = item->client_id,
        .prefix = item->prefix,
        .phone = item->phone,
        .msisdn = item->msisdn,
        .operator_number = item->operator_number,
        .amount = item->amount,
        .fee_minor = item->fee_minor,
        .payer = item->payer,
        .notify_url = item->notify_url[0] != '\0' ? item->notify_url : merchant->notify_url,
        .confirmed = confirmed,
        .state = TRANSFER_NEW,
        .operator_reference = "",
        .wait_ms = transfer_wait_ms(send, merchant),
        .created_at_ms = at_ms,
        .changed_at_ms = at_ms,
    };
    if (confirmed)
        transfer_plan_first(book, &row->transfer, at_ms);
    twin_check(book, merchant, &row->transfer);
    book_row_create(&book->transfers, &row->row);
    return &row->transfer;
}

/* What the accepted items of a lot are together. */
struct send_sum {
    int64_t count;
    int64_t total_minor[CURRENCY_END], fee_minor[CURRENCY_END]; /* Fees on top only. */
};

/* How many persons have to confirm the lot. */
static int32_t lot_persons(const struct lot_send *send, const struct merchant *merchant,
                           const struct send_sum *sum)
{
    for (enum currency currency = CURRENCY_XOF; currency < CURRENCY_END; currency++)
        if (merchant->approve_above_minor > 0 &&
            sum->total_minor[currency] > merchant->approve_above_minor)
            return 2;
    return send->listed ? 0 : 1;
}

/* Everything was decided, the money is held: write the lot and its transfers. */
static void lot_create(struct command *command, struct book *book, struct merchant_row *merchant,
                       const struct send_sum *sum)
{
    struct lot_send *send = &command->lot_send;
    merchant->merchant.last_lot = send->lot;
    book_row_change(&merchant->row);
    struct lot_row *row = book_lot(book, send->merchant, send->lot);
    int32_t persons = lot_persons(send, &merchant->merchant, sum);
    bool confirmed = persons == 0;
    struct secret_digest digest;
    row->lot = (struct lot){
        .merchant = send->merchant,
        .code = send->lot,
        .state = confirmed ? LOT_CONFIRMED : LOT_WAITING,
        .first = send->first,
        .count = sum->count,
        .created_at_ms = command->at_ms,
        .expires_at_ms = confirmed ? 0 : command->at_ms + merchant->merchant.lot_expiry_ms,
        .decided_at_ms = confirmed ? command->at_ms : 0,
        .source = send->source,
        .sender = send->sender == NULL ? "" : send->sender,
        .persons = persons,
        .listed = send->listed,
    };
    memcpy(row->lot.total_minor, sum->total_minor, sizeof row->lot.total_minor);
    memcpy(row->lot.fee_minor, sum->fee_minor, sizeof row->lot.fee_minor);
    if (row->lot.state == LOT_WAITING)
        mail_lot_waits(book, &row->lot, merchant->merchant.confirm_mail);
    book_row_create(&book->lots, &row->row);
    lot_hash_begin(&digest, send->merchant, send->lot);
    for (size_t i = 0; i < send->count; i++) {
        struct send_item *item = &send->items[i];
        if (item->code == PAYOUT_OK)
            lot_hash_add(&digest, transfer_create(book, send, item, &merchant->merchant, confirmed,
                                                  command->at_ms));
        if (item->transfer.value >= send->first.value)
            item->lot = send->lot;
    }
    lot_hash_end(&digest, persons, row->lot.sender, row->lot.hash);
    book->work_made = book->work_made || confirmed;
}

/* Decides all items, under the assumption that the lot goes through; the first refusal. */
static enum payout_code send_items_decide(struct command *command, struct book *book,
                                          const struct merchant *merchant, struct send_sum *sum)
{
    struct lot_send *send = &command->lot_send;
    struct fee_table fees = {.count = 0};
    enum payout_code refusal = PAYOUT_OK;
    bool readable = merchant->fees[0] == '\0' || fee_table_read(merchant->fees, &fees);
    invariant(readable); /* It was read before it was kept. */
    for (size_t i = 0; i < send->count; i++) {
        struct send_item *item = &send->items[i];
        send_item_decide(item, book, command, merchant, &fees,
                         (struct transfer_id){send->first.value + sum->count});
        if (item->code != PAYOUT_OK) {
            refusal = refusal == PAYOUT_OK ? item->code : refusal;
            continue;
        }
        sum->count++;
        /* A tranche's maximum, or the greatest fee, times COMMAND_ITEMS_MAX fits by far. */
        sum->total_minor[item->amount.currency] += item->amount.minor;
        if (item->payer == FEE_PAYER_MERCHANT)
            sum->fee_minor[item->amount.currency] += item->fee_minor;
    }
    return refusal;
}

/* The items are decided: OK, and the money is held, or why the lot does not go through. */
static enum payout_code send_lot_decide(struct command *command, struct book *book,
                                        const struct merchant *merchant, enum payout_code refusal,
                                        const struct send_sum *sum)
{
    struct lot_send *send = &command->lot_send;
    int64_t held_minor[CURRENCY_END];
    if (sum->count == 0 || (refusal != PAYOUT_OK && merchant->all_or_nothing))
        return refusal;
    if (!usage_lot_check(book, merchant, sum->total_minor, command->at_ms))
        return PAYOUT_INSUFFICIENT_BALANCE;
    for (size_t i = 0; i < CURRENCY_END; i++)
        held_minor[i] = sum->total_minor[i] + sum->fee_minor[i];
    send->lot = lot_code_next(merchant->last_lot, command->at_ms);
    bool held = send_hold(book, send, held_minor, merchant->limits.reserve_minor, send->lot,
                          command->at_ms);
    return held ? PAYOUT_OK : PAYOUT_INSUFFICIENT_BALANCE;
}

/* Writes down which person sent it, if one did. */
static void lot_send_act(const struct command *command, struct book *book,
                         const struct send_sum *sum)
{
    char subject[LOT_TEXT_BYTES];
    struct act_changes changes;
    lot_text(command->lot_send.merchant, command->lot_send.lot, subject);
    act_changes_begin(&changes, true);
    act_tell_number(&changes, "transfers", sum->count);
    act_write(book, command, ACT_LOT_SEND, command->lot_send.merchant, subject, &changes);
}

void lot_send_decide(struct command *command, struct book *book)
{
    struct lot_send *send = &command->lot_send;
    invariant(send->count > 0 && send->count <= COMMAND_ITEMS_MAX && send->first.value > 0);
    struct merchant_row *merchant = book_merchant(book, send->merchant);
    if (!book_row_exists(&merchant->row) || merchant->merchant.suspended) {
        command->code = PAYOUT_INVALID_USER;
        return;
    }
    struct send_sum sum = {0};
    enum payout_code refusal = send_items_decide(command, book, &merchant->merchant, &sum);
    command->code = send_lot_decide(command, book, &merchant->merchant, refusal, &sum);
    usage_lot_end(book, send, &merchant->merchant, sum.total_minor, command->code == PAYOUT_OK);
    if (command->code == PAYOUT_OK) {
        lot_create(command, book, merchant, &sum);
        lot_send_act(command, book, &sum);
    } else {
        send_refuse(command, book, command->code);
    }
}

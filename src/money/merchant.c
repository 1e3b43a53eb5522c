#include "money/merchant.h"

#include <string.h>

#include "base/fault.h"
#include "money/fee.h"
#include "money/rules.h"

void merchant_create_want(const struct command *command, struct book *book)
{
    (void)book_merchant(book, command->merchant_create.merchant.id);
}

static bool fees_valid(const char *fees)
{
    struct fee_table table;
    return fee_table_read(fees, &table);
}

/* Takes the limits that fields names over. */
static void limits_change(struct limits *to, const struct limits *from, unsigned fields)
{
    if (fields & MERCHANT_FIELD_DAY)
        to->day_minor = from->day_minor;
    if (fields & MERCHANT_FIELD_MONTH)
        to->month_minor = from->month_minor;
    if (fields & MERCHANT_FIELD_RECEIVER_DAY)
        to->receiver_day_minor = from->receiver_day_minor;
    if (fields & MERCHANT_FIELD_RECEIVER_MONTH)
        to->receiver_month_minor = from->receiver_month_minor;
    if (fields & MERCHANT_FIELD_RECEIVER_HOUR)
        to->receiver_hour_count = from->receiver_hour_count;
    if (fields & MERCHANT_FIELD_RESERVE)
        to->reserve_minor = from->reserve_minor;
}

/* Takes what keeps its doors, as fields names it, over. */
static void doors_change(struct merchant *to, const struct merchant *from, unsigned fields)
{
    if (fields & MERCHANT_FIELD_CONFIRM_MAIL)
        memcpy(to->confirm_mail, from->confirm_mail, sizeof to->confirm_mail);
    if (fields & MERCHANT_FIELD_APPROVE_ABOVE)
        to->approve_above_minor = from->approve_above_minor;
    if (fields & MERCHANT_FIELD_API_IP_LIST)
        memcpy(to->api_ip_list, from->api_ip_list, sizeof to->api_ip_list);
    if (fields & MERCHANT_FIELD_CALLS_PER_MINUTE)
        to->calls_per_minute = from->calls_per_minute;
    if (fields & MERCHANT_FIELD_PASSWORD_BEFORE) {
        memcpy(to->password_before, from->password_before, sizeof to->password_before);
        to->password_before_until_ms = from->password_before_until_ms;
    }
    if (fields & MERCHANT_FIELD_SECRET_BEFORE) {
        memcpy(to->secret_before, from->secret_before, sizeof to->secret_before);
        to->secret_before_until_ms = from->secret_before_until_ms;
    }
}

void merchant_create_decide(struct command *command, struct book *book)
{
    const struct merchant *created = &command->merchant_create.merchant;
    invariant(created->id.value >= MERCHANT_ID_MIN && created->id.value <= MERCHANT_ID_MAX);
    struct merchant_row *row = book_merchant(book, created->id);
    if (book_row_exists(&row->row)) {
        command->code = PAYOUT_DATA_NOT_VALID;
        return;
    }
    if (!fees_valid(created->fees)) {
        command->code = PAYOUT_DATA_NOT_VALID;
        return;
    }
    row->merchant = *created;
    row->merchant.last_lot = (struct lot_code){0};
    row->merchant.created_at_ms = command->at_ms;
    book_row_add(&row->row);
    command->code = PAYOUT_OK;
}

void merchant_change_want(const struct command *command, struct book *book)
{
    (void)book_merchant(book, command->merchant_change.merchant.id);
}

void merchant_change_decide(struct command *command, struct book *book)
{
    const struct merchant *from = &command->merchant_change.merchant;
    unsigned fields = command->merchant_change.fields;
    struct merchant_row *row = book_merchant(book, from->id);
    if (!book_row_exists(&row->row)) {
        command->code = PAYOUT_NOT_FOUND;
        return;
    }
    if ((fields & MERCHANT_FIELD_FEES) != 0 && !fees_valid(from->fees)) {
        command->code = PAYOUT_DATA_NOT_VALID;
        return;
    }
    struct merchant *to = &row->merchant;
    limits_change(&to->limits, &from->limits, fields);
    doors_change(to, from, fields);
    if (fields & MERCHANT_FIELD_FEES)
        memcpy(to->fees, from->fees, sizeof to->fees);
    if (fields & MERCHANT_FIELD_NAME)
        memcpy(to->name, from->name, sizeof to->name);
    if (fields & MERCHANT_FIELD_PASSWORD_HASH)
        memcpy(to->password_hash, from->password_hash, sizeof to->password_hash);
    if (fields & MERCHANT_FIELD_SECRET_KEY)
        memcpy(to->secret_key, from->secret_key, sizeof to->secret_key);
    if (fields & MERCHANT_FIELD_LANG)
        to->lang = from->lang;
    if (fields & MERCHANT_FIELD_SUSPENDED)
        to->suspended = from->suspended;
    if (fields & MERCHANT_FIELD_TOKEN_QUERY_ONLY)
        to->token_query_only = from->token_query_only;
    if (fields & MERCHANT_FIELD_FLAT_REPLY)
        to->flat_reply = from->flat_reply;
    if (fields & MERCHANT_FIELD_ALL_OR_NOTHING)
        to->all_or_nothing = from->all_or_nothing;
    if (fields & MERCHANT_FIELD_NOTIFY_URL)
        memcpy(to->notify_url, from->notify_url, sizeof to->notify_url);
    if (fields & MERCHANT_FIELD_IP_LIST)
        memcpy(to->ip_list, from->ip_list, sizeof to->ip_list);
    if (fields & MERCHANT_FIELD_LOT_EXPIRY)
        to->lot_expiry_ms = from->lot_expiry_ms;
    if (fields & MERCHANT_FIELD_TWO_PERSONS)
        to->two_persons = from->two_persons;
    if (fields & MERCHANT_FIELD_DOUBLE_WINDOW)
        to->double_window_ms = from->double_window_ms;
    book_row_change(&row->row);
    command->code = PAYOUT_OK;
}

struct account_key account_available(struct merchant_id merchant, enum currency currency)
{
    return (struct account_key){
        .merchant = merchant, .kind = ACCOUNT_AVAILABLE, .currency = currency};
}

struct account_key account_held(struct merchant_id merchant, enum currency currency)
{
    return (struct account_key){.merchant = merchant, .kind = ACCOUNT_HELD, .currency = currency};
}

struct account_key account_fees(enum currency currency)
{
    return (struct account_key){.kind = ACCOUNT_FEES, .currency = currency};
}

static struct account_key account_outside(enum currency currency)
{
    return (struct account_key){.kind = ACCOUNT_OUTSIDE, .currency = currency};
}

void fund_want(const struct command *command, struct book *book)
{
    const struct fund *fund = &command->fund;
    (void)book_merchant(book, fund->merchant);
    (void)book_funding(book, fund->merchant, fund->reference);
    (void)book_account(book, account_available(fund->merchant, fund->amount.currency));
    (void)book_account(book, account_outside(fund->amount.currency));
}

/* The movement of a funding, in its direction. */
static struct movement fund_movement(const struct fund *fund, int64_t at_ms)
{
    struct account_key inside = account_available(fund->merchant, fund->amount.currency);
    struct account_key outside = account_outside(fund->amount.currency);
    bool in = fund->kind == MOVEMENT_TOP_UP;
    return (struct movement){.kind = fund->kind,
                             .from = in ? outside : inside,
                             .to = in ? inside : outside,
                             .amount = fund->amount,
                             .merchant = fund->merchant,
                             .at_ms = at_ms};
}

void fund_decide(struct command *command, struct book *book)
{
    struct fund *fund = &command->fund;
    invariant(fund->kind == MOVEMENT_TOP_UP || fund->kind == MOVEMENT_WITHDRAW);
    fund->again = false;
    if (!book_row_exists(&book_merchant(book, fund->merchant)->row)) {
        command->code = PAYOUT_NOT_FOUND;
        return;
    }
    if (fund->amount.minor <= 0) {
        command->code = PAYOUT_INVALID_AMOUNT;
        return;
    }
    struct funding_row *row = book_funding(book, fund->merchant, fund->reference);
    if (book_row_exists(&row->row)) {
        fund->again = row->funding.kind == fund->kind &&
                      row->funding.amount.minor == fund->amount.minor &&
                      row->funding.amount.currency == fund->amount.currency;
        command->code = fund->again ? PAYOUT_OK : PAYOUT_CLIENT_ID_EXISTS;
        return;
    }
    struct movement movement = fund_movement(fund, command->at_ms);
    if (!book_move(book, &movement)) {
        command->code =
            fund->kind == MOVEMENT_WITHDRAW ? PAYOUT_INSUFFICIENT_BALANCE : PAYOUT_INVALID_AMOUNT;
        return;
    }
    row->funding = (struct funding){.merchant = fund->merchant,
                                    .reference = fund->reference,
                                    .kind = fund->kind,
                                    .amount = fund->amount,
                                    .at_ms = command->at_ms};
    book_row_add(&row->row);
    command->code = PAYOUT_OK;
}

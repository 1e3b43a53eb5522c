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
}

/* Takes the password and the secret over, and what is to be had of those of before. */
static void keys_change(struct merchant *to, const struct merchant *from, unsigned fields,
                        int64_t at_ms)
{
    _Static_assert(sizeof to->password_before == sizeof to->password_hash, "one is the other");
    _Static_assert(sizeof to->secret_before == sizeof to->secret_key, "one is the other");
    if (fields & MERCHANT_FIELD_PASSWORD_BEFORE) {
        bool named = from->password_before[0] != '\0' || from->password_before_until_ms == 0;
        memcpy(to->password_before, named ? from->password_before : to->password_hash,
               sizeof to->password_before);
        to->password_before_until_ms = from->password_before_until_ms;
    }
    if (fields & MERCHANT_FIELD_SECRET_BEFORE) {
        bool named = from->secret_before[0] != '\0' || from->secret_before_until_ms == 0;
        memcpy(to->secret_before, named ? from->secret_before : to->secret_key,
               sizeof to->secret_before);
        to->secret_before_until_ms = from->secret_before_until_ms;
    }
    if (fields & MERCHANT_FIELD_PASSWORD_HASH)
        memcpy(to->password_hash, from->password_hash, sizeof to->password_hash);
    if (fields & MERCHANT_FIELD_SECRET_KEY)
        memcpy(to->secret_key, from->secret_key, sizeof to->secret_key);
    if (to->password_before_until_ms <= at_ms) {
        memset(to->password_before, 0, sizeof to->password_before);
        to->password_before_until_ms = 0;
    }
    if (to->secret_before_until_ms <= at_ms) {
        memset(to->secret_before, 0, sizeof to->secret_before);
        to->secret_before_until_ms = 0;
    }
}

/* Writes down what a person made of a merchant's settings. before: NULL, there was none. */
static void merchant_act(const struct command *command, struct book *book,
                         const struct merchant *before, const struct merchant *after)
{
    static const struct merchant nothing = {0};
    const struct merchant *was = before == NULL ? &nothing : before;
    struct act_changes changes;
    if (command->actor.person == NULL)
        return;
    act_changes_begin(&changes, before == NULL);
    if (before == NULL) /* It never changes. */
        act_tell_text(&changes, "currency", currency_text(after->currency));
    const struct {
        const char *name, *was, *is;
    } texts[] = {
        {"name", was->name, after->name},
        {"notify_url", was->notify_url, after->notify_url},
        {"ip_list", was->ip_list, after->ip_list},
        {"api_ip_list", was->api_ip_list, after->api_ip_list},
        {"confirm_mail", was->confirm_mail, after->confirm_mail},
        {"fees", was->fees, after->fees},
        {"lang", was->lang == MERCHANT_LANG_EN ? "en" : "fr",
         after->lang == MERCHANT_LANG_EN ? "en" : "fr"},
    };
    const struct {
        const char *name;
        bool was, is;
    } flags[] = {
        {"suspended", was->suspended, after->suspended},
        {"token_query_only", was->token_query_only, after->token_query_only},
        {"flat_reply", was->flat_reply, after->flat_reply},
        {"all_or_nothing", was->all_or_nothing, after->all_or_nothing},
        {"two_persons", was->two_persons, after->two_persons},
    };
    const struct {
        const char *name;
        int64_t was, is;
    } numbers[] = {
        {"lot_expiry_ms", was->lot_expiry_ms, after->lot_expiry_ms},
        {"double_window_ms", was->double_window_ms, after->double_window_ms},
        {"operator_wait_ms", was->operator_wait_ms, after->operator_wait_ms},
        {"limit_day", was->limits.day_minor, after->limits.day_minor},
        {"limit_month", was->limits.month_minor, after->limits.month_minor},
        {"receiver_day", was->limits.receiver_day_minor, after->limits.receiver_day_minor},
        {"receiver_month", was->limits.receiver_month_minor, after->limits.receiver_month_minor},
        {"receiver_hour_count", was->limits.receiver_hour_count, after->limits.receiver_hour_count},
        {"reserve", was->limits.reserve_minor, after->limits.reserve_minor},
        {"approve_above", was->approve_above_minor, after->approve_above_minor},
        {"calls_per_minute", was->calls_per_minute, after->calls_per_minute},
        {"password_before_until_ms", was->password_before_until_ms,
         after->password_before_until_ms},
        {"secret_before_until_ms", was->secret_before_until_ms, after->secret_before_until_ms},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        act_change_text(&changes, texts[i].name, texts[i].was, texts[i].is);
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        act_change_flag(&changes, flags[i].name, flags[i].was, flags[i].is);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        act_change_number(&changes, numbers[i].name, numbers[i].was, numbers[i].is);
    act_change_secret(&changes, "password", was->password_hash, after->password_hash);
    act_change_secret(&changes, "secret_key", was->secret_key, after->secret_key);
    act_write(book, command, before == NULL ? ACT_MERCHANT_CREATE : ACT_MERCHANT_CHANGE, after->id,
              "", &changes);
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
    merchant_act(command, book, NULL, &row->merchant);
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
    const struct merchant before = *to;
    limits_change(&to->limits, &from->limits, fields);
    doors_change(to, from, fields);
    keys_change(to, from, fields, command->at_ms);
    if (fields & MERCHANT_FIELD_FEES)
        memcpy(to->fees, from->fees, sizeof to->fees);
    if (fields & MERCHANT_FIELD_NAME)
        memcpy(to->name, from->name, sizeof to->name);
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
    if (fields & MERCHANT_FIELD_OPERATOR_WAIT)
        to->operator_wait_ms = from->operator_wait_ms;
    book_row_change(&row->row);
    merchant_act(command, book, &before, to);
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

struct account_key account_fees(const struct book *book, enum currency currency)
{
    return book_platform(book, ACCOUNT_FEES, currency, 0);
}

static struct account_key account_outside(const struct book *book, enum currency currency)
{
    return book_platform(book, ACCOUNT_OUTSIDE, currency, 0);
}

void fund_want(const struct command *command, struct book *book)
{
    const struct fund *fund = &command->fund;
    (void)book_merchant(book, fund->merchant);
    (void)book_funding(book, fund->merchant, fund->reference);
    (void)book_account(book, account_available(fund->merchant, fund->amount.currency));
    (void)book_account(book, account_outside(book, fund->amount.currency));
}

/* The movement of a funding, in its direction. */
static struct movement fund_movement(const struct book *book, const struct fund *fund,
                                     int64_t at_ms)
{
    struct account_key inside = account_available(fund->merchant, fund->amount.currency);
    struct account_key outside = account_outside(book, fund->amount.currency);
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
    struct movement movement = fund_movement(book, fund, command->at_ms);
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
    struct act_changes changes;
    act_changes_begin(&changes, true);
    act_tell_text(&changes, "kind", movement_kind_text(fund->kind));
    act_tell_number(&changes, "amount", fund->amount.minor);
    act_tell_text(&changes, "currency", currency_text(fund->amount.currency));
    act_write(book, command, ACT_FUND, fund->merchant, fund->reference, &changes);
    command->code = PAYOUT_OK;
}

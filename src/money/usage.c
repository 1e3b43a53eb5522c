#include "money/usage.h"

#include "base/fault.h"
#include "money/rules.h"

#define HOUR_MS (INT64_C(3600) * 1000)
#define DAY_MS  (24 * HOUR_MS)

bool limits_of_merchant(const struct limits *limits)
{
    return limits->day_minor > 0 || limits->month_minor > 0;
}

bool limits_of_receiver(const struct limits *limits)
{
    return limits->receiver_day_minor > 0 || limits->receiver_month_minor > 0 ||
           limits->receiver_hour_count > 0;
}

/* --- Periods --- */

int64_t month_of(int64_t at_ms)
{
    invariant(at_ms >= 0);
    /* Years that begin in March have their leap day at the end; an era has 400 of them. */
    int64_t days = at_ms / DAY_MS + 719468;
    int64_t era = days / 146097, in_era = days % 146097;
    int64_t year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    int64_t in_year = in_era - (365 * year + year / 4 - year / 100);
    int64_t from_march = (5 * in_year + 2) / 153;
    return (era * 400 + year - 1970) * 12 + from_march + 2;
}

void usage_turn(struct usage *usage, int64_t at_ms)
{
    int64_t hour = at_ms / HOUR_MS, day = at_ms / DAY_MS, month = month_of(at_ms);
    if (hour > usage->hour) {
        usage->hour = hour;
        usage->hour_count = 0;
    }
    if (day > usage->day) {
        usage->day = day;
        usage->day_minor = 0;
    }
    if (month > usage->month) {
        usage->month = month;
        usage->month_minor = 0;
    }
    invariant(usage->hour_count >= 0 && usage->day_minor >= 0);
    invariant(usage->month_minor >= usage->day_minor);
}

/* --- A lot --- */

void usage_want(const struct lot_send *send, const struct limits *limits, struct book *book)
{
    bool of_merchant = limits_of_merchant(limits), of_receiver = limits_of_receiver(limits);
    if (!of_merchant && !of_receiver)
        return;
    for (size_t i = 0; i < send->count; i++) {
        const struct send_item *item = &send->items[i];
        if (item->refusal != PAYOUT_OK)
            continue;
        if (of_merchant)
            (void)book_usage(book, send->merchant, 0, item->amount.currency);
        if (of_receiver)
            (void)book_usage(book, send->merchant, item->msisdn, item->amount.currency);
    }
}

/* The row, as of at_ms; NULL when it was not looked up: the limit was set in this very batch,
 * beside this lot. */
static struct usage_row *usage_now(struct book *book, struct merchant_id merchant, int64_t msisdn,
                                   enum currency currency, int64_t at_ms)
{
    struct usage_row *row = book_usage(book, merchant, msisdn, currency);
    if (row->row.state == ROW_WANTED)
        return NULL;
    usage_turn(&row->usage, at_ms);
    return row;
}

/* Whether sum and more are together more than limit allows. */
static bool over(int64_t limit, int64_t sum, int64_t more)
{
    return limit > 0 && (sum > limit || more > limit - sum);
}

enum payout_code usage_item_check(struct book *book, const struct merchant *merchant,
                                  const struct send_item *item, int64_t at_ms)
{
    const struct limits *limits = &merchant->limits;
    if (!limits_of_receiver(limits))
        return PAYOUT_OK;
    struct usage_row *row =
        usage_now(book, merchant->id, item->msisdn, item->amount.currency, at_ms);
    if (row == NULL)
        return PAYOUT_OK;
    const struct usage *usage = &row->usage;
    int64_t more = row->lot_minor + item->amount.minor; /* With the lot's items before it. */
    if (over(limits->receiver_hour_count, usage->hour_count, row->lot_count + 1))
        return PAYOUT_NOT_ALLOWED;
    if (over(limits->receiver_day_minor, usage->day_minor, more) ||
        over(limits->receiver_month_minor, usage->month_minor, more))
        return PAYOUT_AMOUNT_TOO_LARGE;
    row->lot_minor = more;
    row->lot_count++;
    return PAYOUT_OK;
}

bool usage_lot_check(struct book *book, const struct merchant *merchant,
                     const int64_t total_minor[CURRENCY_END], int64_t at_ms)
{
    const struct limits *limits = &merchant->limits;
    if (!limits_of_merchant(limits))
        return true;
    for (enum currency currency = CURRENCY_XOF; currency < CURRENCY_END; currency++) {
        if (total_minor[currency] == 0)
            continue;
        const struct usage_row *row = usage_now(book, merchant->id, 0, currency, at_ms);
        if (row != NULL &&
            (over(limits->day_minor, row->usage.day_minor, total_minor[currency]) ||
             over(limits->month_minor, row->usage.month_minor, total_minor[currency])))
            return false;
    }
    return true;
}

static void usage_count(struct usage_row *row, int64_t count, int64_t minor)
{
    row->usage.hour_count += count;
    row->usage.day_minor += minor;
    row->usage.month_minor += minor;
    if (book_row_exists(&row->row))
        book_row_change(&row->row);
    else
        book_row_add(&row->row);
}

void usage_lot_end(struct book *book, const struct lot_send *send, const struct merchant *merchant,
                   const int64_t total_minor[CURRENCY_END], bool accepted)
{
    if (limits_of_receiver(&merchant->limits)) {
        for (size_t i = 0; i < send->count; i++) {
            const struct send_item *item = &send->items[i];
            if (item->refusal != PAYOUT_OK)
                continue;
            struct usage_row *row =
                book_usage(book, merchant->id, item->msisdn, item->amount.currency);
            if (accepted && row->lot_count > 0)
                usage_count(row, row->lot_count, row->lot_minor);
            row->lot_count = row->lot_minor = 0;
        }
    }
    if (!accepted || !limits_of_merchant(&merchant->limits))
        return;
    for (enum currency currency = CURRENCY_XOF; currency < CURRENCY_END; currency++) {
        if (total_minor[currency] == 0)
            continue;
        struct usage_row *row = book_usage(book, merchant->id, 0, currency);
        if (row->row.state != ROW_WANTED)
            usage_count(row, 0, total_minor[currency]);
    }
}

/* GET /console/v1/home: what a merchant has, what became of what it sent, and what waits for a
 * person. */
#include "base/clock.h"
#include "console/page.h"
#include "console/whose.h"
#include "http/admin.h"
#include "http/route.h"
#include "http/worker.h"
#include "money/tariff.h"
#include "wire/reply.h"

enum { HOURS_DEFAULT = 24, HOURS_MAX = 168, SCAN_MAX = 50000, WAITS_MAX = 100 };
#define HOUR_IDS (3600 * TRANSFER_IDS_PER_SECOND)

struct sums {
    int64_t count, amount_minor, paid, paid_minor, rejected, pay_ms;
};

static void sums_add(struct sums *sums, const struct transfer_count *count)
{
    sums->count += count->count;
    sums->amount_minor += count->amount_minor;
    if (count->state == TRANSFER_VAL) {
        sums->paid += count->count;
        sums->paid_minor += count->amount_minor;
        sums->pay_ms += count->pay_ms;
    } else if (count->state == TRANSFER_REJ) {
        sums->rejected += count->count;
    }
}

static void sums_write(struct buffer *text, const struct sums *sums)
{
    reply_int_member(text, "count", sums->count);
    reply_int_member(text, "paid", sums->paid);
    reply_int_member(text, "rejected", sums->rejected);
    reply_int_member(text, "under_way", sums->count - sums->paid - sums->rejected);
}

static void operator_members(struct buffer *text, int number)
{
    const struct country *country = NULL;
    const struct operator_entry *entry = tariff_operator(number, &country);
    reply_text_member(text, "operator", entry == NULL ? NULL : entry->name);
    reply_int_member(text, "operator_number", number);
    reply_text_member(text, "country", country == NULL ? NULL : country->code);
}

static void balances_write(struct buffer *text, const struct account_balance *accounts,
                           size_t count)
{
    int64_t sums[CURRENCY_END][2] = {{0}};
    bool there[CURRENCY_END] = {false};
    for (size_t i = 0; i < count; i++) {
        enum account_kind kind = accounts[i].key.kind;
        if (kind != ACCOUNT_AVAILABLE && kind != ACCOUNT_HELD)
            continue;
        there[accounts[i].key.currency] = true;
        sums[accounts[i].key.currency][kind == ACCOUNT_HELD] += accounts[i].balance_minor;
    }
    admin_open_member(text, "balances", '[');
    for (enum currency currency = CURRENCY_XOF; currency < CURRENCY_END; currency++) {
        if (!there[currency])
            continue;
        admin_comma(text);
        buffer_char(text, '{');
        reply_text_member(text, "currency", currency_text(currency));
        reply_int_member(text, "available", sums[currency][0]);
        reply_int_member(text, "held", sums[currency][1]);
        buffer_char(text, '}');
    }
    buffer_char(text, ']');
}

static void today_write(struct buffer *text, const struct transfer_count *counts, size_t count,
                        int64_t today_part)
{
    struct sums sums[CURRENCY_END] = {{0}};
    for (size_t i = 0; i < count; i++)
        if (counts[i].part >= today_part)
            sums_add(&sums[counts[i].currency], &counts[i]);
    admin_open_member(text, "today", '[');
    for (enum currency currency = CURRENCY_XOF; currency < CURRENCY_END; currency++) {
        if (sums[currency].count == 0)
            continue;
        admin_comma(text);
        buffer_char(text, '{');
        reply_text_member(text, "currency", currency_text(currency));
        reply_int_member(text, "amount", sums[currency].amount_minor);
        reply_int_member(text, "paid_amount", sums[currency].paid_minor);
        sums_write(text, &sums[currency]);
        buffer_char(text, '}');
    }
    buffer_char(text, ']');
}

/* The counts come by hour, then operator. */
static void series_write(struct buffer *text, const struct transfer_count *counts, size_t count,
                         int64_t first_part)
{
    admin_open_member(text, "series", '[');
    for (size_t i = 0; i < count;) {
        const struct transfer_count *first = &counts[i];
        struct sums sums = {0};
        for (; i < count && counts[i].part == first->part &&
               counts[i].operator_number == first->operator_number;
             i++)
            sums_add(&sums, &counts[i]);
        if (first->part < first_part)
            continue;
        admin_comma(text);
        buffer_char(text, '{');
        admin_time_member(text, "at", first->part * 3600 * 1000);
        operator_members(text, first->operator_number);
        sums_write(text, &sums);
        reply_int_member(text, "pay_ms", sums.pay_ms);
        buffer_char(text, '}');
    }
    buffer_char(text, ']');
}

/* Those that pay in a currency of the merchant's; all of them for the platform. */
static void operators_write(const struct request *request, struct buffer *text,
                            struct merchant_id merchant, const struct merchant *of)
{
    static const char *const statuses[] = {[HTTP_OPERATOR_AVAILABLE] = "AVAILABLE",
                                           [HTTP_OPERATOR_DOWN] = "DOWN",
                                           [HTTP_OPERATOR_OFF] = "OFF"};
    const struct http_channels *channels = &request->http->channels;
    admin_open_member(text, "operators", '[');
    for (int number = 1; number <= OPERATOR_NUMBER_MAX; number++) {
        const struct country *country = NULL;
        const struct operator_entry *entry = tariff_operator(number, &country);
        if (entry == NULL || (of != NULL && country->currency != of->currency))
            continue;
        struct http_operator answer = {.status = HTTP_OPERATOR_AVAILABLE};
        if (channels->operator_look != NULL)
            channels->operator_look(channels->context, merchant, number, &answer);
        admin_comma(text);
        buffer_char(text, '{');
        operator_members(text, number);
        reply_text_member(text, "payment_method", entry->payment_method);
        reply_text_member(text, "status", statuses[answer.status]);
        admin_time_member(text, "since", answer.since_ms);
        buffer_char(text, '}');
    }
    buffer_char(text, ']');
}

static enum fault_kind waits_write(struct request *request, struct store_reader *reader,
                                   struct buffer *text, struct merchant_id merchant,
                                   struct fault *fault)
{
    struct lot *lots;
    struct transfer *doubles;
    struct told_notification *dead;
    struct store_figures figures = {0};
    size_t lot_count, double_count, dead_count;
    const struct notification_filter filter = {.merchant = merchant,
                                               .dead = true,
                                               .endpoint = NOTIFICATION_ENDPOINT_ANY,
                                               .before = {INT64_MAX}};
    if (store_read_waiting_lots(reader, request->arena, merchant, WAITS_MAX, &lots, &lot_count,
                                fault) != FAULT_NONE ||
        store_read_suspected(reader, request->arena, merchant, WAITS_MAX, &doubles, &double_count,
                             fault) != FAULT_NONE ||
        store_read_told(reader, request->arena, &filter, WAITS_MAX, &dead, &dead_count, fault) !=
            FAULT_NONE)
        return fault->kind;
    bool ours = request->user->role == USER_PLATFORM;
    if (ours && store_read_figures(reader, &figures, fault) != FAULT_NONE)
        return fault->kind;
    admin_open_member(text, "waits", '{');
    reply_int_member(text, "lots", (int64_t)lot_count);
    reply_int_member(text, "doubles", (int64_t)double_count);
    reply_int_member(text, "notifications_dead", (int64_t)dead_count);
    reply_int_member(text, "contradictions", figures.contradictions);
    reply_int_member(text, "screening", figures.matched);
    reply_int_member(text, "proposals", figures.proposals);
    buffer_char(text, '}');
    return FAULT_NONE;
}

enum turn console_home(struct request *request)
{
    struct store_reader *reader;
    struct merchant_id merchant;
    struct merchant *of = NULL;
    struct account_balance *accounts;
    struct transfer_count *counts;
    struct transfer_id seen;
    size_t account_count, count;
    struct fault fault;
    int64_t hours, now_ms = clock_now_ms(), hour = now_ms / 1000 / 3600;
    if (!whose_any(request, &merchant) ||
        !admin_query_number(request, "hours", HOURS_DEFAULT, 1, HOURS_MAX, &hours))
        return TURN_REPLY;
    int64_t today = hour / 24 * 24, first = hour - hours + 1;
    int64_t from = today < first ? today : first;
    if (worker_reader(request->http, &reader, &fault) != FAULT_NONE ||
        (merchant.value != 0 &&
         worker_merchant(request->http, request->arena, merchant, &of, &fault) != FAULT_NONE) ||
        store_read_accounts(reader, request->arena, merchant, &accounts, &account_count, &fault) !=
            FAULT_NONE ||
        store_read_transfer_counts(reader, request->arena, merchant,
                                   (struct transfer_id){from * HOUR_IDS},
                                   (struct transfer_id){INT64_MAX}, HOUR_IDS, SCAN_MAX, &counts,
                                   &count, &seen, &fault) != FAULT_NONE)
        return route_fault(request, &fault);
    struct buffer *text = admin_begin(request);
    admin_time_member(text, "at", now_ms);
    balances_write(text, accounts, account_count);
    today_write(text, counts, count, today);
    reply_int_member(text, "hours", hours);
    bool cut = seen.value / HOUR_IDS > first; /* The hour that is cut is left out. */
    int64_t begins = cut ? seen.value / HOUR_IDS + 1 : first;
    admin_time_member(text, "series_from", begins * 3600 * 1000);
    reply_bool_member(text, "cut", cut);
    series_write(text, counts, count, begins);
    operators_write(request, text, merchant, of);
    if (waits_write(request, reader, text, merchant, &fault) != FAULT_NONE)
        return route_fault(request, &fault);
    return admin_end(request);
}

/* /admin/v1/notifications: those that were given up, and sending again what has ended, under the
 * id that it had. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "http/admin.h"
#include "http/endpoint.h"
#include "http/route.h"
#include "http/worker.h"
#include "wire/reply.h"

enum { BATCH_DEFAULT = 500, PLACE_BYTES = 96 };

/* --- Places in a list --- */

/* "4455764120.3402342342323.0.2": merchant, transfer, endpoint, number. */
static void place_text(const struct notification *notification, char text[PLACE_BYTES])
{
    (void)snprintf(text, PLACE_BYTES, "%" PRId64 ".%" PRId64 ".%" PRId32 ".%" PRId32,
                   notification->merchant.value, notification->key.transfer.value,
                   notification->key.endpoint, notification->key.number);
}

static bool place_read(const char *text, struct notification_filter *filter)
{
    int64_t numbers[4];
    for (size_t i = 0; i < 4; i++) {
        char digits[24];
        size_t length = strcspn(text, ".");
        if (length >= sizeof digits || (text[length] == '\0') != (i == 3))
            return false;
        memcpy(digits, text, length);
        digits[length] = '\0';
        if (!admin_number_read(digits, 0, i < 2 ? INT64_MAX : INT32_MAX, &numbers[i]))
            return false;
        text += length + 1;
    }
    filter->after_merchant.value = numbers[0];
    filter->after =
        (struct notification_key){{numbers[1]}, (int32_t)numbers[2], (int32_t)numbers[3]};
    return true;
}

static bool refused(struct request *request, const char *why)
{
    (void)admin_refuse(request, PAYOUT_INVALID_PARAM, why);
    return false;
}

/* A time in text as the first transfer id of its second; otherwise when there is none. */
static bool time_read(const char *text, int64_t otherwise, struct transfer_id *first)
{
    int64_t at_ms;
    first->value = otherwise;
    if (text == NULL)
        return true;
    if (!clock_text_read(text, &at_ms))
        return false;
    first->value = at_ms / 1000 * TRANSFER_IDS_PER_SECOND;
    return true;
}

/* Fills in what is common to both: texts may be NULL. False: refused. */
static bool filter_read(struct request *request, const char *from, const char *to,
                        const char *endpoint, const char *after, struct notification_filter *filter)
{
    int64_t number = NOTIFICATION_ENDPOINT_ANY;
    if (!time_read(from, 0, &filter->from) || !time_read(to, INT64_MAX, &filter->before))
        return refused(request, "from and to must be dates or times in UTC, as 2026-11-01 or "
                                "2026-11-01T12:00:00");
    if (endpoint != NULL && !admin_number_read(endpoint, 0, ENDPOINT_NUMBER_MAX, &number))
        return refused(request, "endpoint must be the number of one, or 0 for notify_urls");
    if (after != NULL && !place_read(after, filter))
        return refused(request, "after must be what `next` was");
    filter->endpoint = (int32_t)number;
    return true;
}

/* --- Dead ones --- */

static void told_write(struct buffer *text, const struct told_notification *told)
{
    const struct notification *notification = &told->notification;
    char id[TRANSFER_ID_TEXT_BYTES];
    transfer_id_text(notification->key.transfer, id);
    admin_comma(text);
    buffer_char(text, '{');
    reply_text_member(text, "transaction_id", id);
    reply_text_member(text, "client_transaction_id", told->transfer.client_id);
    reply_int_member(text, "merchant", notification->merchant.value);
    reply_int_member(text, "endpoint", notification->key.endpoint);
    reply_int_member(text, "number", notification->key.number);
    reply_text_member(text, "treatment_status", transfer_state_text(notification->transfer_state));
    if (notification->key.endpoint == 0)
        reply_text_member(text, "notify_url", told->transfer.notify_url);
    reply_int_member(text, "attempts", notification->attempts);
    reply_int_member(text, "redeliveries", notification->redeliveries);
    reply_int_member(text, "http_status", told->last.http_status);
    reply_text_member(text, "error", told->last.error);
    admin_time_member(text, "created_at", notification->created_at_ms);
    admin_time_member(text, "ended_at", notification->ended_at_ms);
    buffer_char(text, '}');
}

/* Where a list goes on, when it may. */
static void next_write(struct buffer *text, const struct told_notification *told, size_t count,
                       int64_t limit)
{
    char next[PLACE_BYTES];
    if (count == (size_t)limit)
        place_text(&told[count - 1].notification, next);
    reply_text_member(text, "next", count == (size_t)limit ? next : NULL);
}

enum turn admin_notifications_dead(struct request *request)
{
    struct notification_filter filter = {.dead = true};
    struct store_reader *reader;
    struct told_notification *told;
    size_t count;
    struct fault fault;
    int64_t limit;
    if (!admin_query_number(request, "merchant", 0, 0, MERCHANT_ID_MAX, &filter.merchant.value) ||
        !admin_query_number(request, "limit", ADMIN_PAGE_DEFAULT, 1, ADMIN_PAGE_MAX, &limit) ||
        !filter_read(request, form_query(request->form, "from"), form_query(request->form, "to"),
                     form_query(request->form, "endpoint"), form_query(request->form, "after"),
                     &filter))
        return TURN_REPLY;
    if (worker_reader(request->http, &reader, &fault) != FAULT_NONE ||
        store_read_told(reader, request->arena, &filter, (size_t)limit, &told, &count, &fault) !=
            FAULT_NONE)
        return route_fault(request, &fault);
    struct buffer *text = admin_begin(request);
    admin_open_member(text, "notifications", '[');
    for (size_t i = 0; i < count; i++)
        told_write(text, &told[i]);
    buffer_char(text, ']');
    next_write(text, told, count, limit);
    return admin_end(request);
}

/* --- Sending again --- */

/* Kept between the halves of a request. */
struct again {
    char next[PLACE_BYTES]; /* "": nothing is left. */
};

static int item_compare(const void *a, const void *b)
{
    return notification_key_compare(((const struct redeliver_item *)a)->key,
                                    ((const struct redeliver_item *)b)->key);
}

static enum turn redeliver_submit(struct request *request, struct redeliver_item *items,
                                  size_t count, struct merchant_id merchant, int64_t as_of_ms)
{
    qsort(items, count, sizeof *items, item_compare);
    request->job.command.kind = COMMAND_REDELIVER;
    request->job.command.redeliver = (struct redeliver){
        .merchant = merchant, .items = items, .count = count, .as_of_ms = as_of_ms};
    return TURN_LANE;
}

/* Those of one transfer: with that number, or the last for each that is told. */
static enum turn transfer_redeliver(struct request *request, const struct admin_input *input,
                                    const struct notification_filter *filter, int64_t as_of_ms)
{
    struct store_reader *reader;
    struct transfer_id id;
    struct transfer *transfer = NULL;
    struct notification *all;
    struct delivery *deliveries;
    size_t count, delivery_count, chosen = 0;
    struct fault fault;
    int64_t number = 0;
    const char *text = admin_input_text(input, "number");
    if (text != NULL && !admin_number_read(text, 1, INT32_MAX, &number))
        return admin_refuse(request, PAYOUT_INVALID_PARAM, "number must be a notification's");
    bool named = transfer_id_read(admin_input_text(input, "transaction_id"), &id);
    if (worker_reader(request->http, &reader, &fault) != FAULT_NONE ||
        (named && store_read_transfer(reader, request->arena, id, &transfer, &fault) != FAULT_NONE))
        return route_fault(request, &fault);
    if (transfer == NULL ||
        (filter->merchant.value != 0 && transfer->merchant.value != filter->merchant.value))
        return admin_refuse(request, PAYOUT_NOT_FOUND, "There is no such transfer");
    if (store_read_notifications(reader, request->arena, id, &all, &count, &deliveries,
                                 &delivery_count, &fault) != FAULT_NONE)
        return route_fault(request, &fault);
    struct redeliver_item *items = arena_alloc(request->arena, count + 1, sizeof *items);
    for (size_t i = 0; i < count; i++) {
        bool last = i + 1 == count || all[i + 1].key.endpoint != all[i].key.endpoint;
        bool fits = number == 0 ? last : all[i].key.number == number;
        if (fits && (filter->endpoint < 0 || all[i].key.endpoint == filter->endpoint))
            items[chosen++] =
                (struct redeliver_item){.key = all[i].key, .merchant = all[i].merchant};
    }
    if (chosen == 0 || chosen > REDELIVER_ITEMS_MAX)
        return admin_refuse(request, PAYOUT_NOT_FOUND, "There is no such notification");
    return redeliver_submit(request, items, chosen, transfer->merchant, as_of_ms);
}

/* A batch of a period's. */
static enum turn range_redeliver(struct request *request, const struct notification_filter *filter,
                                 int64_t limit, int64_t as_of_ms)
{
    struct again *again = request->work;
    struct store_reader *reader;
    struct told_notification *told;
    size_t count;
    struct fault fault;
    if (worker_reader(request->http, &reader, &fault) != FAULT_NONE ||
        store_read_told(reader, request->arena, filter, (size_t)limit, &told, &count, &fault) !=
            FAULT_NONE)
        return route_fault(request, &fault);
    if (count == (size_t)limit)
        place_text(&told[count - 1].notification, again->next);
    struct redeliver_item *items = arena_alloc(request->arena, count + 1, sizeof *items);
    for (size_t i = 0; i < count; i++)
        items[i] = (struct redeliver_item){.key = told[i].notification.key,
                                           .merchant = told[i].notification.merchant};
    return redeliver_submit(request, items, count, filter->merchant, as_of_ms);
}

/* The merchant whose notifications are meant: one's own, for its users. False: refused. */
static bool merchant_read(struct request *request, const struct admin_input *input,
                          struct merchant_id *merchant)
{
    const char *text = admin_input_text(input, "merchant");
    const struct user *user = request->user;
    merchant->value = 0;
    if (text != NULL &&
        !admin_number_read(text, MERCHANT_ID_MIN, MERCHANT_ID_MAX, &merchant->value))
        return refused(request, "merchant must be a merchant's id");
    if (user == NULL || user->role == USER_PLATFORM)
        return true;
    if (text != NULL && merchant->value != user->merchant.value) {
        (void)admin_refuse(request, PAYOUT_NOT_FOUND, "There is no such merchant");
        return false;
    }
    *merchant = user->merchant;
    return true;
}

enum turn admin_redeliver(struct request *request)
{
    static const char *const names[] = {"transaction_id", "number", "endpoint", "merchant",
                                        "from",           "to",     "all",      "after",
                                        "as_of",          "limit",  NULL};
    struct notification_filter filter = {.dead = true};
    struct admin_input input;
    bool sent, all = false;
    int64_t as_of_ms = clock_now_ms(), limit = BATCH_DEFAULT;
    request->work = arena_alloc(request->arena, 1, sizeof(struct again));
    if (!admin_input_read(request, names, &input) ||
        !merchant_read(request, &input, &filter.merchant) ||
        !admin_input_flag(&input, "all", &sent, &all) ||
        !filter_read(request, admin_input_text(&input, "from"), admin_input_text(&input, "to"),
                     admin_input_text(&input, "endpoint"), admin_input_text(&input, "after"),
                     &filter))
        return TURN_REPLY;
    const char *as_of = admin_input_text(&input, "as_of"),
               *most = admin_input_text(&input, "limit");
    if (as_of != NULL && !admin_number_read(as_of, 1, as_of_ms, &as_of_ms))
        return admin_refuse(request, PAYOUT_INVALID_PARAM,
                            "as_of must be what `as_of` of an answer was");
    if (most != NULL && !admin_number_read(most, 1, REDELIVER_ITEMS_MAX, &limit))
        return admin_refuse(request, PAYOUT_INVALID_PARAM, "limit must be from 1 to 1000");
    if (admin_input_text(&input, "transaction_id") != NULL)
        return transfer_redeliver(request, &input, &filter, as_of_ms);
    filter.dead = !all;
    if (all && (admin_input_text(&input, "from") == NULL || filter.merchant.value == 0))
        return admin_refuse(request, PAYOUT_INVALID_PARAM,
                            "With all, merchant and from say which are meant");
    return range_redeliver(request, &filter, limit, as_of_ms);
}

enum turn admin_redelivered(struct request *request)
{
    const struct redeliver *redeliver = &request->job.command.redeliver;
    const struct again *again = request->work;
    size_t counts[REDELIVERY_BEGUN + 1] = {0};
    if (request->job.command.code != PAYOUT_OK)
        return request_refuse(request, request->job.command.code);
    for (size_t i = 0; i < redeliver->count; i++)
        counts[redeliver->items[i].effect]++;
    struct buffer *text = admin_begin(request);
    reply_int_member(text, "redelivered", (int64_t)counts[REDELIVERY_BEGUN]);
    reply_int_member(text, "waiting", (int64_t)counts[REDELIVERY_WAITING]);
    reply_int_member(text, "again", (int64_t)counts[REDELIVERY_AGAIN]);
    reply_int_member(text, "off", (int64_t)counts[REDELIVERY_OFF]);
    reply_int_member(text, "as_of", redeliver->as_of_ms);
    reply_text_member(text, "next", again->next[0] == '\0' ? NULL : again->next);
    return admin_end(request);
}

/* POST /v1/transfer/money/send/contact: a lot of transfers. */
#include <string.h>

#include "http/access.h"
#include "http/endpoint.h"
#include "http/route.h"
#include "http/send.h"
#include "http/url.h"
#include "wire/reply.h"

/* The merchant's own id of an item; NULL when there is none. Some clients name the one item of a
 * request in the query instead. */
static const char *client_id_read(const struct request *request, size_t index)
{
    const char *id = item_text(request->items, index, "client_transaction_id");
    if (id != NULL && id[0] != '\0')
        return id;
    if (items_count(request->items) > 1)
        return NULL;
    id = form_query(request->form, "transaction_id");
    return id != NULL && id[0] != '\0' ? id : NULL;
}

/* What stands beside the phone and the amount: where it is to be notified, and its name. */
static enum payout_code item_rest_check(struct items *items, size_t index,
                                        const struct send_item *item)
{
    const char *const id = "client_transaction_id";
    if (item->client_id == NULL ? item_has(items, index, id) && item_text(items, index, id) == NULL
                                : strlen(item->client_id) > CLIENT_ID_BYTES_MAX)
        return PAYOUT_DATA_NOT_VALID;
    bool url_missing = item_text(items, index, "notify_url") == NULL;
    if (url_missing && item_has(items, index, "notify_url"))
        return PAYOUT_MISSING_NOTIFY_URL; /* It is there, and is no text. */
    if (item->notify_url[0] != '\0' && !url_valid(item->notify_url))
        return PAYOUT_MISSING_NOTIFY_URL;
    return PAYOUT_OK;
}

void send_fees(const struct request *request, struct fee_table *fees)
{
    *fees = (struct fee_table){0};
    const char *rules = request->merchant->fees;
    bool readable = rules[0] == '\0' || fee_table_read(rules, fees);
    invariant(readable); /* It was read before it was kept. */
}

enum payout_code send_way_check(const struct request *request, const struct send_item *item,
                                const struct fee_table *fees)
{
    const struct http_channels *channels = &request->http->channels;
    struct fee fee = fee_of(fees, item->operator_number, item->amount.minor);
    if (channels->transfer_check == NULL ||
        (fee.payer == FEE_PAYER_RECEIVER && fee.minor >= item->amount.minor))
        return PAYOUT_OK; /* The lane refuses the latter. */
    const struct transfer transfer = {.merchant = request->merchant_id,
                                      .operator_number = item->operator_number,
                                      .amount = item->amount,
                                      .fee_minor = fee.minor,
                                      .payer = fee.payer};
    return channels->transfer_check(channels->context, &transfer);
}

static void send_item_read(const struct request *request, size_t index,
                           const struct fee_table *fees, struct send_item *item)
{
    struct items *items = request->items;
    const char *url = item_text(items, index, "notify_url");
    item->client_id = client_id_read(request, index);
    item->notify_url = url == NULL ? "" : url;
    item->prefix = item_text(items, index, "prefix");
    item->phone = item_text(items, index, "phone");
    if (item->prefix == NULL || item->phone == NULL) {
        item->refusal = PAYOUT_DATA_NOT_VALID;
        return;
    }
    send_item_check(item, item_text(items, index, "amount"),
                    item_text(items, index, "payment_method"), request->settings->operators_off);
    if (item->refusal == PAYOUT_OK)
        item->refusal = item_rest_check(items, index, item);
    if (item->refusal == PAYOUT_OK)
        item->refusal = send_way_check(request, item, fees);
}

/* Our own field beside `data`, which the original does not have: for how many seconds the lot's
 * transfers may wait for an operator that is down, 0 for ever. Absent: as the merchant says. */
static bool send_wait_read(const struct request *request, int64_t *wait_ms)
{
    const char *text = request_text(request, "operator_wait");
    int64_t seconds = 0;
    *wait_ms = 0;
    if (text == NULL)
        return true;
    size_t digits = strspn(text, "0123456789");
    if (text[digits] != '\0' || digits > 9)
        return false;
    for (size_t i = 0; i < digits; i++)
        seconds = seconds * 10 + (text[i] - '0');
    *wait_ms = seconds == 0 ? LOT_WAITS_FOR_EVER : seconds * 1000;
    return seconds <= LOT_WAIT_SECONDS_MAX;
}

enum turn send_begin(struct request *request)
{
    int64_t wait_ms;
    if (!send_wait_read(request, &wait_ms))
        return request_refuse(request, PAYOUT_INVALID_PARAM);
    if (!request_items(request))
        return TURN_REPLY;
    struct fee_table fees;
    send_fees(request, &fees);
    size_t count = items_count(request->items);
    struct send_item *items = arena_alloc(request->arena, count, sizeof *items);
    for (size_t i = 0; i < count; i++)
        send_item_read(request, i, &fees, &items[i]);
    invariant(!items_failed(request->items));
    /* Nothing in it is good: the lane has nothing to decide, and others wait for it. */
    size_t bad = 0;
    while (bad < count && items[bad].refusal != PAYOUT_OK)
        bad++;
    if (bad == count)
        return request_refuse(request, items[0].refusal);
    request->job.command.kind = COMMAND_LOT_SEND;
    request->job.command.lot_send =
        (struct lot_send){.merchant = request->merchant_id,
                          .items = items,
                          .count = count,
                          .source = request->client_text,
                          .listed = access_listed(request, request->merchant),
                          .wait_ms = wait_ms};
    return TURN_LANE;
}

/* code: the item's, or the whole request's when that was refused and the item was good: nothing may
 * read as done that was not. */
static void send_item_write(const struct request *request, size_t index, enum payout_code code,
                            const struct send_item *item, struct buffer *text)
{
    char id[TRANSFER_ID_TEXT_BYTES], lot[LOT_TEXT_BYTES];
    struct item_member members[5] = {
        {"code", NULL, code},
        {"status", code == PAYOUT_OK ? "success" : payout_code_word(code), 0},
    };
    size_t count = 2;
    if (item->transfer.value > 0) { /* Its own, or the first one under the same id. */
        transfer_id_text(item->transfer, id);
        lot_text(request->merchant_id, item->lot, lot);
        members[count++] =
            (struct item_member){"treatment_status", transfer_state_text(item->state), 0};
        members[count++] = (struct item_member){"transaction_id", id, 0};
        members[count++] = (struct item_member){"lot", lot, 0};
    }
    item_write(request->items, index, members, count, text);
}

static void send_items_write(const struct request *request, struct buffer *text)
{
    const struct command *command = &request->job.command;
    const struct lot_send *send = &command->lot_send;
    request_results_begin(request, text);
    for (size_t i = 0; i < send->count; i++) {
        const struct send_item *item = &send->items[i];
        if (i > 0)
            buffer_char(text, ',');
        send_item_write(request, i, item->code == PAYOUT_OK ? command->code : item->code, item,
                        text);
    }
    request_results_end(request, text);
}

/* A whole request that was refused: `data` is empty, unless an item of it was sent before. Who
 * timed out and asks again must find its transfer here. */
static enum turn send_refused(struct request *request)
{
    const struct command *command = &request->job.command;
    bool known = false;
    for (size_t i = 0; i < command->lot_send.count && !known; i++)
        known = command->lot_send.items[i].transfer.value > 0;
    (void)request_refuse(request, command->code);
    if (!known)
        return TURN_REPLY;
    struct buffer *text = &request->answer.text;
    buffer_clear(text);
    reply_error_begin(text, command->code, request->lang);
    send_items_write(request, text);
    reply_end(text);
    return TURN_REPLY;
}

enum turn send_decided(struct request *request)
{
    if (request->job.command.code != PAYOUT_OK)
        return send_refused(request);
    struct buffer *text = request_data_begin(request);
    send_items_write(request, text);
    return request_data_end(request);
}

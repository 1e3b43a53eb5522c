/* GET and POST /v1/transfer/check/money: what became of a transfer, or of all of a lot. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "http/endpoint.h"
#include "http/route.h"
#include "http/worker.h"
#include "money/number.h"
#include "wire/reply.h"

enum { CHECK_PAGE = 500, CHECK_PAGE_BYTES_MAX = 32 * 1024 * 1024, RECEIVER_BYTES = 600 };

static const char *or_null(const char *text)
{
    return text == NULL || text[0] == '\0' ? NULL : text;
}

/* All members, always: strings or null, as integrations read them. */
static void transfer_write(const struct transfer *transfer, enum payout_lang lang,
                           struct buffer *text)
{
    char id[TRANSFER_ID_TEXT_BYTES], lot[LOT_TEXT_BYTES], e164[NUMBER_TEXT_BYTES];
    char amount[24], receiver[RECEIVER_BYTES], validated_at[CLOCK_TEXT_BYTES];
    const struct operator_entry *entry = tariff_operator(transfer->operator_number, NULL);
    bool validated = transfer->validated_at_ms > 0;
    transfer_id_text(transfer->id, id);
    lot_text(transfer->merchant, transfer->lot, lot);
    number_e164_text(transfer->msisdn, e164);
    (void)snprintf(amount, sizeof amount, "%lld", (long long)transfer->amount.minor);
    (void)snprintf(receiver, sizeof receiver, "%s%s", transfer->prefix, transfer->phone);
    if (validated)
        clock_text(transfer->validated_at_ms, validated_at);
    buffer_char(text, '{');
    reply_text_member(text, "transaction_id", id);
    reply_text_member(text, "client_transaction_id", transfer->client_id);
    reply_text_member(text, "lot", lot);
    reply_text_member(text, "amount", amount);
    reply_text_member(text, "receiver", receiver);
    reply_text_member(text, "receiver_e164", e164);
    reply_text_member(text, "operator", entry == NULL ? NULL : entry->name);
    reply_text_member(text, "sending_status", transfer_confirmed(transfer) ? "CONFIRM" : "PENDING");
    reply_text_member(text, "transfer_valid", transfer->state == TRANSFER_VAL ? "Y" : "N");
    reply_text_member(text, "treatment_status", transfer_state_text(transfer->state));
    reply_text_member(text, "comment", or_null(transfer_reason_text(transfer->reason, lang)));
    reply_text_member(text, "validated_at", validated ? validated_at : NULL);
    reply_text_member(text, "operator_transaction_id", or_null(transfer->operator_reference));
    buffer_char(text, '}');
}

static enum turn one_write(struct request *request, const struct transfer *transfer)
{
    /* Somebody else's is as unknown as none. */
    if (transfer == NULL || transfer->merchant.value != request->merchant_id.value)
        return request_refuse(request, PAYOUT_NOT_FOUND);
    struct buffer *text = request_data_begin(request);
    buffer_char(text, '[');
    transfer_write(transfer, request->lang, text);
    buffer_char(text, ']');
    return request_data_end(request);
}

static enum turn check_client_id(struct request *request, struct store_reader *reader,
                                 const char *client_id)
{
    struct transfer *transfer = NULL;
    struct fault fault;
    if (strlen(client_id) <= CLIENT_ID_BYTES_MAX &&
        store_read_transfer_by_client_id(reader, request->arena, request->merchant_id, client_id,
                                         &transfer, &fault) != FAULT_NONE)
        return route_fault(request, &fault);
    return one_write(request, transfer);
}

static enum turn check_id(struct request *request, struct store_reader *reader, const char *text)
{
    struct transfer_id id;
    struct transfer *transfer = NULL;
    struct fault fault;
    /* Clients that name their transfer by transaction_id when they send it ask by it too. */
    if (!transfer_id_read(text, &id))
        return check_client_id(request, reader, text);
    if (store_read_transfer(reader, request->arena, id, &transfer, &fault) != FAULT_NONE)
        return route_fault(request, &fault);
    return one_write(request, transfer);
}

/* A lot may have ten thousand: they are read and written page by page. */
static enum fault_kind lot_transfers_write(const struct request *request,
                                           struct store_reader *reader, const struct lot *lot,
                                           struct buffer *text, struct fault *fault)
{
    for (int64_t done = 0; done < lot->count; done += CHECK_PAGE) {
        AUTO(arena_closep) struct arena *arena = arena_open(CHECK_PAGE_BYTES_MAX);
        struct transfer_id first = {lot->first.value + done};
        int64_t count = lot->count - done < CHECK_PAGE ? lot->count - done : CHECK_PAGE;
        struct transfer *transfers;
        size_t found;
        if (store_read_transfers(reader, arena, first, count, &transfers, &found, fault) !=
            FAULT_NONE)
            return fault->kind;
        for (size_t i = 0; i < found; i++) {
            if (done > 0 || i > 0)
                buffer_char(text, ',');
            transfer_write(&transfers[i], request->lang, text);
        }
    }
    return FAULT_NONE;
}

static enum turn check_lot(struct request *request, struct store_reader *reader, const char *name)
{
    struct merchant_id merchant;
    struct lot_code code;
    struct lot *lot = NULL;
    struct fault fault;
    if (!lot_read(name, &merchant, &code) || merchant.value != request->merchant_id.value)
        return request_refuse(request, PAYOUT_NOT_FOUND);
    if (store_read_lot(reader, request->arena, merchant, code, &lot, &fault) != FAULT_NONE)
        return route_fault(request, &fault);
    if (lot == NULL)
        return request_refuse(request, PAYOUT_NOT_FOUND);
    struct buffer *text = request_data_begin(request);
    buffer_char(text, '[');
    if (lot_transfers_write(request, reader, lot, text, &fault) != FAULT_NONE)
        return route_fault(request, &fault);
    buffer_char(text, ']');
    return request_data_end(request);
}

enum turn check_begin(struct request *request)
{
    const char *id = request_text(request, "transaction_id");
    const char *client_id = request_text(request, "client_transaction_id");
    const char *lot = request_text(request, "lot");
    if (id == NULL && client_id == NULL && lot == NULL)
        return request_refuse(request, PAYOUT_INVALID_PARAM);
    struct store_reader *reader;
    struct fault fault;
    if (worker_reader(request->http, &reader, &fault) != FAULT_NONE)
        return route_fault(request, &fault);
    if (id != NULL)
        return check_id(request, reader, id);
    return client_id != NULL ? check_client_id(request, reader, client_id)
                             : check_lot(request, reader, lot);
}

/* /admin/v1/transfers: an operator's transfers of a period, page by page, for whoever holds them
 * against the operator's own list. */
#include <string.h>

#include "base/clock.h"
#include "http/admin.h"
#include "http/endpoint.h"
#include "http/route.h"
#include "http/worker.h"
#include "money/number.h"
#include "money/tariff.h"
#include "wire/reply.h"

enum { PAGE_DEFAULT = 1000, PAGE_MAX = 10000 };

/* What is asked for. */
struct period {
    const struct operator_entry *operator_entry; /* NULL: all. */
    struct transfer_id after, before;
    int64_t limit; /* How many are looked at, at most. */
};

bool admin_query_time(struct request *request, const char *name, struct transfer_id otherwise,
                      struct transfer_id *first)
{
    const char *text = form_query(request->form, name);
    int64_t at_ms;
    *first = otherwise;
    if (text == NULL)
        return true;
    if (!clock_text_read(text, &at_ms)) {
        (void)admin_refuse(request, PAYOUT_INVALID_PARAM,
                           "from and to must be dates or times in UTC, as 2026-11-01 or "
                           "2026-11-01T12:00:00");
        return false;
    }
    first->value = at_ms / 1000 * TRANSFER_IDS_PER_SECOND;
    return true;
}

static bool period_read(struct request *request, struct period *period)
{
    const char *method = form_query(request->form, "operator");
    const char *after = form_query(request->form, "after");
    struct transfer_id page = {0};
    *period = (struct period){0};
    if (!admin_query_time(request, "from", (struct transfer_id){0}, &period->after) ||
        !admin_query_time(request, "to", (struct transfer_id){INT64_MAX}, &period->before) ||
        !admin_query_number(request, "limit", PAGE_DEFAULT, 1, PAGE_MAX, &period->limit))
        return false;
    period->after.value--; /* The first one is meant too. */
    if (after != NULL && !transfer_id_read(after, &page)) {
        (void)admin_refuse(request, PAYOUT_INVALID_PARAM, "after must be a transaction_id");
        return false;
    }
    if (page.value > period->after.value)
        period->after = page;
    if (method != NULL)
        period->operator_entry = tariff_operator_named(method);
    if (method != NULL && period->operator_entry == NULL) {
        (void)admin_refuse(request, PAYOUT_INVALID_PARAM,
                           "operator must be an operator's payment_method, as OM or OMSN");
        return false;
    }
    return true;
}

static void transfer_write(struct buffer *text, const struct transfer *transfer)
{
    char id[TRANSFER_ID_TEXT_BYTES], e164[NUMBER_TEXT_BYTES];
    const struct operator_entry *entry = tariff_operator(transfer->operator_number, NULL);
    transfer_id_text(transfer->id, id);
    number_e164_text(transfer->msisdn, e164);
    admin_comma(text);
    buffer_char(text, '{');
    reply_text_member(text, "transaction_id", id);
    reply_int_member(text, "merchant", transfer->merchant.value);
    reply_text_member(text, "client_transaction_id", transfer->client_id);
    reply_text_member(text, "receiver_e164", e164);
    reply_text_member(text, "operator", entry == NULL ? NULL : entry->payment_method);
    reply_int_member(text, "amount", transfer->amount.minor);
    reply_int_member(text, "fee", transfer->fee_minor);
    reply_text_member(text, "fee_payer", fee_payer_text(transfer->payer));
    reply_int_member(text, "delivered", transfer_delivered(transfer).minor);
    reply_text_member(text, "currency", currency_text(transfer->amount.currency));
    reply_text_member(text, "state", transfer_state_text(transfer->state));
    reply_text_member(text, "operator_reference", transfer->operator_reference);
    admin_time_member(text, "created_at", transfer->created_at_ms);
    admin_time_member(text, "submitted_at", transfer->submitted_at_ms);
    admin_time_member(text, "validated_at", transfer->validated_at_ms);
    buffer_char(text, '}');
}

enum turn admin_transfers(struct request *request)
{
    struct store_reader *reader;
    struct period period;
    struct transfer *transfers;
    size_t count;
    struct fault fault;
    char next[TRANSFER_ID_TEXT_BYTES];
    if (!period_read(request, &period))
        return TURN_REPLY;
    if (worker_reader(request->http, &reader, &fault) != FAULT_NONE ||
        store_read_transfers_after(reader, request->arena, period.after, period.before,
                                   (size_t)period.limit, &transfers, &count, &fault) != FAULT_NONE)
        return route_fault(request, &fault);
    struct buffer *text = admin_begin(request);
    admin_open_member(text, "transfers", '[');
    for (size_t i = 0; i < count; i++)
        if (period.operator_entry == NULL ||
            transfers[i].operator_number == period.operator_entry->number)
            transfer_write(text, &transfers[i]);
    buffer_char(text, ']');
    /* A page may show fewer than it looked at, or none: only this says whether more may follow. */
    bool more = count == (size_t)period.limit;
    if (more)
        transfer_id_text(transfers[count - 1].id, next);
    reply_text_member(text, "next", more ? next : NULL);
    return admin_end(request);
}

/* GET /v1/transfer/check/balance: what a merchant has, holds and may send, in numbers. */
#include "http/endpoint.h"
#include "http/route.h"
#include "http/worker.h"
#include "wire/reply.h"

struct sums {
    bool any;
    int64_t available, held;
};

/* The money of each currency, from the merchant's accounts. */
static void sums_add(struct sums sums[CURRENCY_END], const struct account_balance *account)
{
    struct sums *sum = &sums[account->key.currency];
    if (account->key.kind == ACCOUNT_AVAILABLE)
        sum->available += account->balance_minor;
    else if (account->key.kind == ACCOUNT_HELD)
        sum->held += account->balance_minor;
    else
        return;
    sum->any = true;
}

static void sums_write(struct buffer *text, const struct sums *sums)
{
    reply_int_member(text, "amount", sums->available + sums->held);
    reply_int_member(text, "inUsing", sums->held);
    reply_int_member(text, "available", sums->available);
}

enum turn balance_begin(struct request *request)
{
    struct store_reader *reader;
    struct account_balance *accounts;
    size_t count;
    struct fault fault;
    if (worker_reader(request->http, &reader, &fault) != FAULT_NONE ||
        store_read_accounts(reader, request->arena, request->merchant_id, &accounts, &count,
                            &fault) != FAULT_NONE)
        return route_fault(request, &fault);
    struct sums sums[CURRENCY_END] = {{0}};
    for (size_t i = 0; i < count; i++)
        sums_add(sums, &accounts[i]);
    enum currency home = request->merchant->currency;
    sums[home].any = true;
    struct buffer *text = request_data_begin(request);
    buffer_char(text, '{');
    sums_write(text, &sums[home]);
    buffer_text_append(text, ",\"balances\":[");
    const char *comma = "";
    for (enum currency currency = CURRENCY_XOF; currency < CURRENCY_END; currency++) {
        if (!sums[currency].any)
            continue;
        buffer_text_append(text, comma);
        comma = ",";
        buffer_char(text, '{');
        reply_text_member(text, "currency", currency_text(currency));
        sums_write(text, &sums[currency]);
        buffer_char(text, '}');
    }
    buffer_text_append(text, "]}");
    return request_data_end(request);
}

#include "console/whose.h"

#include <string.h>

#include "http/admin.h"
#include "http/route.h"
#include "http/worker.h"

bool whose_any(struct request *request, struct merchant_id *merchant)
{
    return admin_query_number(request, "merchant", 0, 0, MERCHANT_ID_MAX, &merchant->value);
}

bool whose_merchant(struct request *request)
{
    struct merchant_id id;
    struct merchant *merchant = NULL;
    struct fault fault;
    if (!whose_any(request, &id))
        return false;
    if (id.value == 0) {
        (void)request_refuse_as(request, PAYOUT_INVALID_PARAM, 0, "De quel marchand ? merchant=…",
                                "Of which merchant? merchant=…");
        return false;
    }
    if (worker_merchant(request->http, request->arena, id, &merchant, &fault) != FAULT_NONE) {
        (void)route_fault(request, &fault);
        return false;
    }
    if (merchant == NULL) {
        (void)request_refuse(request, PAYOUT_NOT_FOUND);
        return false;
    }
    request->merchant = merchant;
    request->merchant_id = id;
    return true;
}

bool whose_sandbox(const struct request *request)
{
    const struct http_channels *channels = &request->http->channels;
    struct http_channel channel;
    if (channels->channel_look == NULL)
        return false;
    for (size_t i = 0; channels->channel_look(channels->context, i, &channel); i++)
        if (strcmp(channel.connector, "sandbox") == 0)
            return true;
    return false;
}

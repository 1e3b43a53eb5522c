/* /admin/v1/doubles and /admin/v1/transfers/{id}/release and /refuse: transfers that look like one
 * sent before wait for a person's word. */
#include "http/admin.h"
#include "http/endpoint.h"
#include "http/route.h"
#include "http/worker.h"
#include "wire/reply.h"

enum turn admin_doubles(struct request *request)
{
    struct store_reader *reader;
    struct transfer *transfers;
    size_t count;
    struct fault fault;
    int64_t merchant, limit;
    if (!admin_query_number(request, "merchant", 0, MERCHANT_ID_MIN, MERCHANT_ID_MAX, &merchant) ||
        !admin_query_number(request, "limit", ADMIN_PAGE_DEFAULT, 1, ADMIN_PAGE_MAX, &limit))
        return TURN_REPLY;
    if (worker_reader(request->http, &reader, &fault) != FAULT_NONE ||
        store_read_suspected(reader, request->arena, (struct merchant_id){merchant}, (size_t)limit,
                             &transfers, &count, &fault) != FAULT_NONE)
        return route_fault(request, &fault);
    struct buffer *text = admin_begin(request);
    admin_open_member(text, "doubles", '[');
    for (size_t i = 0; i < count; i++) {
        admin_comma(text);
        buffer_char(text, '{');
        admin_transfer_write(text, &transfers[i]);
        buffer_char(text, '}');
    }
    buffer_char(text, ']');
    return admin_end(request);
}

static enum turn double_submit(struct request *request, bool release)
{
    return admin_word_submit(request, COMMAND_TWIN_DECIDE, &request->job.command.twin_decide,
                             release);
}

enum turn admin_double_release(struct request *request)
{
    return double_submit(request, true);
}

enum turn admin_double_refuse(struct request *request)
{
    return double_submit(request, false);
}

enum turn admin_double_decided(struct request *request)
{
    return admin_word_decided(request, &request->job.command.twin_decide,
                              "It does not wait as a possible double, or its lot is still to be "
                              "confirmed");
}

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
    static const char *const names[] = {"evidence", "person", NULL};
    struct person_decide *decide = &request->job.command.twin_decide;
    struct admin_input input;
    if (!transfer_id_read(request->parameters[0], &decide->transfer))
        return admin_refuse(request, PAYOUT_NOT_FOUND, "There is no such transfer");
    if (!admin_input_read(request, names, &input))
        return TURN_REPLY;
    decide->person = admin_input_person(&input, SETTLEMENT_PERSON_BYTES_MAX,
                                        "person must say who decides, in 1 to 128 bytes");
    if (decide->person == NULL)
        return TURN_REPLY;
    decide->evidence = admin_input_words(&input, "evidence", SETTLEMENT_EVIDENCE_BYTES_MAX,
                                         "evidence must say what for, in 1 to 2000 bytes");
    if (decide->evidence == NULL)
        return TURN_REPLY;
    decide->release = release;
    request->job.command.kind = COMMAND_TWIN_DECIDE;
    return TURN_LANE;
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
    const struct command *command = &request->job.command;
    if (command->code == PAYOUT_NOT_FOUND)
        return admin_refuse(request, command->code, "There is no such transfer");
    if (command->code == PAYOUT_NOT_ALLOWED)
        return request_refuse_as(request, command->code, 409, NULL,
                                 "It does not wait as a possible double, or its lot is still to be "
                                 "confirmed");
    if (command->code != PAYOUT_OK)
        return request_refuse(request, command->code);
    struct buffer *text = admin_begin(request);
    reply_text_member(text, "transaction_id", request->parameters[0]);
    reply_text_member(text, "state", transfer_state_text(command->twin_decide.state));
    reply_bool_member(text, "again", command->twin_decide.again);
    return admin_end(request);
}

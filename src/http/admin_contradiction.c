/* /admin/v1/contradictions: what operators said against a state that nothing leads out of, whose
 * money is in question, and its closing by a person. Nothing here moves money. */
#include "http/admin.h"
#include "http/endpoint.h"
#include "http/route.h"
#include "http/worker.h"
#include "wire/reply.h"

static void contradiction_members_write(struct buffer *text,
                                        const struct contradiction *contradiction,
                                        const struct transfer *transfer)
{
    enum suspense suspense = contradiction_suspense(contradiction);
    reply_int_member(text, "id", contradiction->id);
    reply_text_member(text, "state", transfer_state_text(contradiction->state));
    reply_text_member(text, "said", verdict_text(contradiction->verdict));
    reply_text_member(text, "suspense", suspense_text(suspense));
    reply_int_member(text, "suspense_amount",
                     suspense == SUSPENSE_NONE ? 0 : transfer_delivered(transfer).minor);
    reply_text_member(text, "currency", currency_text(transfer->amount.currency));
    reply_text_member(text, "operator_reference", contradiction->operator_reference);
    admin_time_member(text, "at", contradiction->at_ms);
}

void admin_contradictions_write(struct buffer *text, const struct contradiction *contradictions,
                                size_t count, const struct transfer *transfer)
{
    admin_open_member(text, "contradictions", '[');
    for (size_t i = 0; i < count; i++) {
        admin_comma(text);
        buffer_char(text, '{');
        contradiction_members_write(text, &contradictions[i], transfer);
        admin_time_member(text, "closed_at", contradictions[i].closed_at_ms);
        reply_text_member(text, "person", contradictions[i].person);
        reply_text_member(text, "note", contradictions[i].note);
        buffer_char(text, '}');
    }
    buffer_char(text, ']');
}

enum turn admin_contradictions(struct request *request)
{
    struct store_reader *reader;
    struct open_contradiction *open;
    size_t count;
    struct fault fault;
    int64_t after, limit;
    if (!admin_query_number(request, "after", 0, 0, INT64_MAX, &after) ||
        !admin_query_number(request, "limit", ADMIN_PAGE_DEFAULT, 1, ADMIN_PAGE_MAX, &limit))
        return TURN_REPLY;
    if (worker_reader(request->http, &reader, &fault) != FAULT_NONE ||
        store_read_open_contradictions(reader, request->arena, after, (size_t)limit, &open, &count,
                                       &fault) != FAULT_NONE)
        return route_fault(request, &fault);
    struct buffer *text = admin_begin(request);
    admin_open_member(text, "contradictions", '[');
    for (size_t i = 0; i < count; i++) {
        char id[TRANSFER_ID_TEXT_BYTES];
        transfer_id_text(open[i].transfer.id, id);
        admin_comma(text);
        buffer_char(text, '{');
        contradiction_members_write(text, &open[i].contradiction, &open[i].transfer);
        reply_text_member(text, "transaction_id", id);
        reply_int_member(text, "merchant", open[i].transfer.merchant.value);
        buffer_char(text, '}');
    }
    buffer_char(text, ']');
    if (count == (size_t)limit) /* There may be more: ask with after. */
        reply_int_member(text, "next_after", open[count - 1].contradiction.id);
    return admin_end(request);
}

enum turn admin_contradiction_close(struct request *request)
{
    static const char *const names[] = {"person", "note", NULL};
    struct contradiction_close *close = &request->job.command.contradiction_close;
    struct admin_input input;
    if (!admin_number_read(request->parameters[0], 1, INT64_MAX, &close->id))
        return admin_refuse(request, PAYOUT_NOT_FOUND, "There is no such contradiction");
    if (!admin_input_read(request, names, &input))
        return TURN_REPLY;
    close->person = admin_input_person(&input, CONTRADICTION_PERSON_BYTES_MAX,
                                       "person must say who closes it, in 1 to 128 bytes");
    if (close->person == NULL)
        return TURN_REPLY;
    close->note = admin_input_words(&input, "note", CONTRADICTION_NOTE_BYTES_MAX,
                                    "note must say what came of it, in 1 to 2000 bytes");
    if (close->note == NULL)
        return TURN_REPLY;
    request->job.command.kind = COMMAND_CONTRADICTION_CLOSE;
    return TURN_LANE;
}

enum turn admin_contradiction_closed(struct request *request)
{
    const struct command *command = &request->job.command;
    if (command->code == PAYOUT_NOT_FOUND)
        return admin_refuse(request, command->code, "There is no such contradiction");
    if (command->code != PAYOUT_OK)
        return request_refuse(request, command->code);
    struct buffer *text = admin_begin(request);
    reply_int_member(text, "id", command->contradiction_close.id);
    reply_text_member(text, "state", "CLOSED");
    reply_bool_member(text, "again", command->contradiction_close.again);
    return admin_end(request);
}

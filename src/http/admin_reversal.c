/* /admin/v1/transfers/{id}/reverse: a person asks that a paid transfer is taken back at its
 * operator, or takes that back as long as nothing was sent. */
#include "http/admin.h"
#include "http/endpoint.h"
#include "http/route.h"
#include "http/worker.h"
#include "wire/reply.h"

/* False: refused. */
static bool ask_read(struct request *request, const struct admin_input *input)
{
    struct reversal_ask *ask = &request->job.command.reversal_ask;
    bool sent;
    if (!admin_input_flag(input, "withdraw", &sent, &ask->withdraw))
        return false;
    ask->person = admin_input_person(input, REVERSAL_PERSON_BYTES_MAX,
                                     "person must say who asks for it, in 1 to 128 bytes");
    if (ask->person == NULL)
        return false;
    ask->evidence = admin_input_words(input, "evidence", REVERSAL_EVIDENCE_BYTES_MAX,
                                      "evidence must say what for, in 1 to 2000 bytes");
    return ask->evidence != NULL;
}

/* Whether what the transfer went through takes anything back; of one that went through nothing yet
 * the lane says that it is not paid. */
static bool way_back(const struct request *request, const struct transfer *transfer)
{
    const struct http_channels *channels = &request->http->channels;
    return transfer->channel == 0 ||
           (channels->reverses != NULL && channels->reverses(channels->context, transfer->channel));
}

enum turn admin_transfer_reverse(struct request *request)
{
    static const char *const names[] = {"evidence", "person", "withdraw", NULL};
    struct reversal_ask *ask = &request->job.command.reversal_ask;
    struct store_reader *reader;
    struct transfer *transfer = NULL;
    struct admin_input input;
    struct fault fault;
    if (!admin_input_read(request, names, &input) || !ask_read(request, &input))
        return TURN_REPLY;
    bool named = transfer_id_read(request->parameters[0], &ask->transfer);
    if (named && (worker_reader(request->http, &reader, &fault) != FAULT_NONE ||
                  store_read_transfer(reader, request->arena, ask->transfer, &transfer, &fault) !=
                      FAULT_NONE))
        return route_fault(request, &fault);
    if (transfer == NULL)
        return admin_refuse(request, PAYOUT_NOT_FOUND, "There is no such transfer");
    if (!ask->withdraw && !way_back(request, transfer))
        return request_refuse_as(request, PAYOUT_NOT_ALLOWED, 409, NULL,
                                 "The operator that it went through takes nothing back, or there "
                                 "is no channel to it any more");
    request->job.command.merchant = transfer->merchant;
    request->job.command.kind = COMMAND_REVERSAL_ASK;
    return TURN_LANE;
}

static const char *refusal_words(const struct reversal_ask *ask)
{
    if (!ask->withdraw)
        return "Only a transfer that an operator paid (VAL) is taken back";
    if (ask->state == REVERSAL_STATE_END)
        return "Nobody asked that this transfer is taken back";
    return "Its operator may have been told, or it is over: nothing is left to withdraw";
}

enum turn admin_transfer_reversed(struct request *request)
{
    const struct command *command = &request->job.command;
    const struct reversal_ask *ask = &command->reversal_ask;
    if (command->code == PAYOUT_NOT_FOUND)
        return admin_refuse(request, command->code, "There is no such transfer");
    if (command->code == PAYOUT_NOT_ALLOWED)
        return request_refuse_as(request, command->code, 409, NULL, refusal_words(ask));
    if (command->code != PAYOUT_OK)
        return request_refuse(request, command->code);
    struct buffer *text = admin_begin(request);
    reply_text_member(text, "transaction_id", request->parameters[0]);
    reply_text_member(text, "reversal", reversal_state_text(ask->state));
    reply_bool_member(text, "again", ask->again);
    return admin_end(request);
}

void admin_reversals_write(struct buffer *text, const struct reversal *reversals, size_t count)
{
    admin_open_member(text, "reversals", '[');
    for (size_t i = 0; i < count; i++) {
        const struct reversal *reversal = &reversals[i];
        admin_comma(text);
        buffer_char(text, '{');
        reply_int_member(text, "number", reversal->number);
        reply_text_member(text, "state", reversal_state_text(reversal->state));
        reply_text_member(text, "person", reversal->person);
        reply_text_member(text, "evidence", reversal->evidence);
        reply_text_member(text, "second", reversal->second[0] == '\0' ? NULL : reversal->second);
        reply_text_member(text, "operator_reference", reversal->operator_reference);
        reply_int_member(text, "attempts", reversal->attempts);
        admin_time_member(text, "asked_at", reversal->asked_at_ms);
        admin_time_member(text, "changed_at", reversal->changed_at_ms);
        admin_time_member(text, "due_at", reversal->due_at_ms);
        admin_time_member(text, "ended_at", reversal->ended_at_ms);
        buffer_char(text, '}');
    }
    buffer_char(text, ']');
}

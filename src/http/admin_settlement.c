/* /admin/v1/transfers/{id}/settle and /withdraw, /admin/v1/settlements: persons decide what became
 * of transfers that no operator tells the end of. */
#include <string.h>

#include "http/admin.h"
#include "http/endpoint.h"
#include "http/route.h"
#include "http/worker.h"
#include "wire/reply.h"

static const char *outcome_text(enum transfer_state outcome)
{
    if (outcome == TRANSFER_NEW)
        return "released";
    return outcome == TRANSFER_VAL ? "paid" : "rejected";
}

/* What both calls have. False: refused. */
static bool settle_read(struct request *request, const struct admin_input *input)
{
    struct transfer_settle *settle = &request->job.command.transfer_settle;
    if (!transfer_id_read(request->parameters[0], &settle->transfer)) {
        (void)admin_refuse(request, PAYOUT_NOT_FOUND, "There is no such transfer");
        return false;
    }
    settle->person = admin_input_person(input, SETTLEMENT_PERSON_BYTES_MAX,
                                        "person must say who decides, in 1 to 128 bytes");
    if (settle->person == NULL)
        return false;
    settle->evidence = admin_input_words(input, "evidence", SETTLEMENT_EVIDENCE_BYTES_MAX,
                                         "evidence must say what for, in 1 to 2000 bytes");
    return settle->evidence != NULL && route_owner_find(request, settle->transfer);
}

enum turn admin_transfer_settle(struct request *request)
{
    static const char *const names[] = {"outcome", "evidence", "person", NULL};
    struct admin_input input;
    if (!admin_input_read(request, names, &input) || !settle_read(request, &input))
        return TURN_REPLY;
    const char *outcome = admin_input_text(&input, "outcome");
    if (outcome == NULL || (strcmp(outcome, "paid") != 0 && strcmp(outcome, "rejected") != 0))
        return admin_refuse(request, PAYOUT_INVALID_PARAM, "outcome must be paid or rejected");
    request->job.command.transfer_settle.outcome =
        strcmp(outcome, "paid") == 0 ? TRANSFER_VAL : TRANSFER_REJ;
    request->job.command.kind = COMMAND_TRANSFER_SETTLE;
    return TURN_LANE;
}

enum turn admin_transfer_withdraw(struct request *request)
{
    static const char *const names[] = {"evidence", "person", NULL};
    struct admin_input input;
    if (!admin_input_read(request, names, &input) || !settle_read(request, &input))
        return TURN_REPLY;
    request->job.command.transfer_settle.withdraw = true;
    request->job.command.kind = COMMAND_TRANSFER_SETTLE;
    return TURN_LANE;
}

static const char *refusal_words(const struct transfer_settle *settle)
{
    if (settle->withdraw)
        return "No proposal about this transfer waits";
    if (settle->act == SETTLEMENT_PROPOSED && !transfer_state_final(settle->state))
        return "Somebody proposed the other outcome: that has to be withdrawn first";
    return "Its outcome is not unknown: only a transfer that is NOS, or that was REC and neglected "
           "for an hour, is settled by a person";
}

enum turn admin_transfer_settled(struct request *request)
{
    const struct command *command = &request->job.command;
    const struct transfer_settle *settle = &command->transfer_settle;
    if (command->code == PAYOUT_NOT_FOUND)
        return admin_refuse(request, command->code, "There is no such transfer");
    if (command->code == PAYOUT_NOT_ALLOWED)
        return request_refuse_as(request, command->code, 409, NULL, refusal_words(settle));
    if (command->code != PAYOUT_OK)
        return request_refuse(request, command->code);
    struct buffer *text = admin_begin(request);
    reply_text_member(text, "transaction_id", request->parameters[0]);
    reply_text_member(text, "act", settlement_act_text(settle->act));
    if (!settle->withdraw)
        reply_text_member(text, "outcome", outcome_text(settle->outcome));
    reply_text_member(text, "state", transfer_state_text(settle->state));
    reply_bool_member(text, "again", settle->again);
    return admin_end(request);
}

static void settlement_members_write(struct buffer *text, const struct settlement *settlement)
{
    reply_int_member(text, "number", settlement->number);
    reply_text_member(text, "act", settlement_act_text(settlement->act));
    reply_text_member(text, "outcome", outcome_text(settlement->outcome));
    reply_text_member(text, "person", settlement->person);
    reply_text_member(text, "evidence", settlement->evidence);
    admin_time_member(text, "at", settlement->at_ms);
}

void admin_settlements_write(struct buffer *text, const struct settlement *settlements,
                             size_t count)
{
    admin_open_member(text, "settlements", '[');
    for (size_t i = 0; i < count; i++) {
        admin_comma(text);
        buffer_char(text, '{');
        settlement_members_write(text, &settlements[i]);
        buffer_char(text, '}');
    }
    buffer_char(text, ']');
}

enum turn admin_proposals(struct request *request)
{
    struct store_reader *reader;
    struct settlement *proposals;
    size_t count;
    struct fault fault;
    int64_t limit;
    if (!admin_query_number(request, "limit", ADMIN_PAGE_DEFAULT, 1, ADMIN_PAGE_MAX, &limit))
        return TURN_REPLY;
    if (worker_reader(request->http, &reader, &fault) != FAULT_NONE ||
        store_read_proposals(reader, request->arena, (size_t)limit, &proposals, &count, &fault) !=
            FAULT_NONE)
        return route_fault(request, &fault);
    struct buffer *text = admin_begin(request);
    admin_open_member(text, "proposals", '[');
    for (size_t i = 0; i < count; i++) {
        char id[TRANSFER_ID_TEXT_BYTES];
        transfer_id_text(proposals[i].transfer, id);
        admin_comma(text);
        buffer_char(text, '{');
        reply_text_member(text, "transaction_id", id);
        settlement_members_write(text, &proposals[i]);
        buffer_char(text, '}');
    }
    buffer_char(text, ']');
    return admin_end(request);
}

/* A person's word on a transfer that waits for one: who gives it, what for, and what came of it. */
#include "http/admin.h"
#include "http/route.h"
#include "money/command.h"
#include "wire/reply.h"

enum turn admin_word_submit(struct request *request, enum command_kind kind,
                            struct person_decide *decide, bool release)
{
    static const char *const names[] = {"evidence", "person", NULL};
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
    if (!route_owner_find(request, decide->transfer))
        return TURN_REPLY;
    decide->release = release;
    request->job.command.kind = kind;
    return TURN_LANE;
}

enum turn admin_word_decided(struct request *request, const struct person_decide *decide,
                             const char *not_allowed)
{
    const struct command *command = &request->job.command;
    if (command->code == PAYOUT_NOT_FOUND)
        return admin_refuse(request, command->code, "There is no such transfer");
    if (command->code == PAYOUT_NOT_ALLOWED)
        return request_refuse_as(request, command->code, 409, NULL, not_allowed);
    if (command->code != PAYOUT_OK)
        return request_refuse(request, command->code);
    struct buffer *text = admin_begin(request);
    reply_text_member(text, "transaction_id", request->parameters[0]);
    reply_text_member(text, "state", transfer_state_text(decide->state));
    reply_bool_member(text, "again", decide->again);
    return admin_end(request);
}

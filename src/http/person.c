#include "http/person.h"

#include <stdio.h>
#include <string.h>

#include "http/route.h"

enum { PERSON_NAMED_BYTES_MAX = 128 };

/* Whom the command itself names; NULL: nobody. */
static const char *person_named(const struct command *command)
{
    if (command->kind == COMMAND_TRANSFER_SETTLE)
        return command->transfer_settle.person;
    if (command->kind == COMMAND_CONTRADICTION_CLOSE)
        return command->contradiction_close.person;
    if (command->kind == COMMAND_TWIN_DECIDE)
        return command->twin_decide.person;
    if (command->kind == COMMAND_SCREENING_DECIDE)
        return command->screening_decide.person;
    if (command->kind == COMMAND_SWITCH_CHANNEL)
        return command->switch_channel.person;
    if (command->kind == COMMAND_LOT_DECIDE)
        return command->lot_decide.person;
    return NULL;
}

void person_act(struct request *request)
{
    struct command *command = &request->job.command;
    if (request->user != NULL) {
        command->actor = (struct actor){
            .person = request->user->name, .from = request->client_text, .request = request->id};
        return;
    }
    if (request->route->access != ACCESS_ADMIN)
        return;
    /* Whoever has the admin token may call himself what he likes: the act says whose word it is. */
    const char *name = person_named(command);
    if (name == NULL)
        name = form_query(request->form, "person");
    if (name != NULL && (name[0] == '\0' || strlen(name) > PERSON_NAMED_BYTES_MAX))
        name = NULL; /* Cut, it would be another one's. */
    char *person = arena_alloc(request->arena, ACT_PERSON_BYTES_MAX, 1);
    (void)snprintf(person, ACT_PERSON_BYTES_MAX, "admin-token%s%s", name == NULL ? "" : ":",
                   name == NULL ? "" : name);
    command->actor =
        (struct actor){.person = person, .from = request->client_text, .request = request->id};
}

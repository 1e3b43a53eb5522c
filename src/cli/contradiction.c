#include "cli/admin.h"
#include "cli/command.h"
#include "cli/print.h"
#include "client/transport.h"

enum { FORM_BYTES_MAX = 16 * 1024 };
enum { FLAG_NOTE = 0x200, FLAG_PERSON };

/* Begins with admin_id_input's members. */
struct close_input {
    struct settings *settings;
    const char *id;
    const char *note, *person;
};

static const struct argp_option close_flags[] = {
    {"note", FLAG_NOTE, "TEXT", 0, "What came of it", 0},
    {"person", FLAG_PERSON, "NAME", 0, "Who closes it", 0},
    {0},
};

static error_t close_parse(int key, char *value, struct argp_state *state)
{
    struct close_input *input = state->input;
    switch (key) {
    case FLAG_NOTE:
        input->note = value;
        return 0;
    case FLAG_PERSON:
        input->person = value;
        return 0;
    case ARGP_KEY_END:
        if (input->note == NULL || input->person == NULL)
            argp_failure(state, STATUS_USAGE, 0, "--note and --person are needed");
        break;
    default:
        break;
    }
    return admin_id_parse(key, value, state);
}

int command_contradiction_list(struct settings *settings, int argc, char **argv)
{
    static const struct argp argp = {
        .parser = command_nothing_parse,
        .doc = "Show what operators said against a final state, and whose money is in question "
               "(suspense): PLATFORM's, when they say they paid what was given back; the "
               "MERCHANT's, when they say they did not pay what it was charged for.",
        .children = settings_children};
    struct admin_id_input input = {.settings = settings};
    if (!command_parse(&argp, argc, argv, &input))
        return STATUS_USAGE;
    return admin_run(settings, "/admin/v1/contradictions?limit=1000", NULL);
}

int command_contradiction_close(struct settings *settings, int argc, char **argv)
{
    static const struct argp argp = {
        .options = close_flags,
        .parser = close_parse,
        .args_doc = "ID",
        .doc = "Close a contradiction that was dealt with: it counts no more. It moves no money. "
               "Twice is as good as once.",
        .children = settings_children};
    struct close_input input = {.settings = settings};
    struct buffer form;
    if (!command_parse(&argp, argc, argv, &input))
        return STATUS_USAGE;
    buffer_init(&form, FORM_BYTES_MAX);
    transport_field(&form, "note", input.note);
    transport_field(&form, "person", input.person);
    int status = STATUS_USAGE;
    if (buffer_ok(&form))
        status = admin_run_on(settings, "/admin/v1/contradictions", input.id, "/close", &form);
    else
        print_problem("this is too long");
    buffer_free(&form);
    return status;
}

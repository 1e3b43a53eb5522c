#include "cli/admin.h"
#include "cli/command.h"
#include "cli/print.h"
#include "client/transport.h"

enum { FORM_BYTES_MAX = 16 * 1024 };
enum { FLAG_EVIDENCE = 0x200, FLAG_PERSON };

/* Begins with admin_id_input's members. */
struct double_input {
    struct settings *settings;
    const char *id;
    const char *evidence, *person;
};

static const struct argp_option double_flags[] = {
    {"evidence", FLAG_EVIDENCE, "TEXT", 0, "What that is known from", 0},
    {"person", FLAG_PERSON, "NAME", 0, "Who decides", 0},
    {0},
};

static error_t double_parse(int key, char *value, struct argp_state *state)
{
    struct double_input *input = state->input;
    switch (key) {
    case FLAG_EVIDENCE:
        input->evidence = value;
        return 0;
    case FLAG_PERSON:
        input->person = value;
        return 0;
    case ARGP_KEY_END:
        if (input->evidence == NULL || input->person == NULL)
            argp_failure(state, STATUS_USAGE, 0, "--evidence and --person are needed");
        break;
    default:
        break;
    }
    return admin_id_parse(key, value, state);
}

/* path: of the admin API, before the transfer's id. */
static int double_run(struct settings *settings, int argc, char **argv, const struct argp *argp,
                      const char *path, const char *action)
{
    struct double_input input = {.settings = settings};
    struct buffer form;
    if (!command_parse(argp, argc, argv, &input))
        return STATUS_USAGE;
    buffer_init(&form, FORM_BYTES_MAX);
    transport_field(&form, "evidence", input.evidence);
    transport_field(&form, "person", input.person);
    int status = STATUS_USAGE;
    if (buffer_ok(&form))
        status = admin_run_on(settings, path, input.id, action, &form);
    else
        print_problem("this is too long");
    buffer_free(&form);
    return status;
}

int command_double_list(struct settings *settings, int argc, char **argv)
{
    static const struct argp argp = {
        .parser = command_nothing_parse,
        .doc = "Show the transfers that look like one sent before (the same merchant, person and "
               "amount within the merchant's window) and wait for a person's word.",
        .children = settings_children};
    struct admin_id_input input = {.settings = settings};
    if (!command_parse(&argp, argc, argv, &input))
        return STATUS_USAGE;
    return admin_run(settings, "/admin/v1/doubles?limit=1000", NULL);
}

int command_double_release(struct settings *settings, int argc, char **argv)
{
    static const struct argp argp = {
        .options = double_flags,
        .parser = double_parse,
        .args_doc = "TRANSACTION_ID",
        .doc = "It is no double: let it be paid. Twice is as good as once.",
        .children = settings_children};
    return double_run(settings, argc, argv, &argp, "/admin/v1/transfers", "/release");
}

int command_double_refuse(struct settings *settings, int argc, char **argv)
{
    static const struct argp argp = {
        .options = double_flags,
        .parser = double_parse,
        .args_doc = "TRANSACTION_ID",
        .doc = "It is a double: nobody is paid, its money goes back. Twice is as good as once.",
        .children = settings_children};
    return double_run(settings, argc, argv, &argp, "/admin/v1/transfers", "/refuse");
}

/* --- Names like one of a list: the same questions, asked of another door --- */

static const char screening_path[] = "/admin/v1/screening";

int command_screening_list(struct settings *settings, int argc, char **argv)
{
    static const struct argp argp = {
        .parser = command_nothing_parse,
        .doc = "Show the transfers whose receiver's name is like one of the list, and which wait "
               "for a person's word.",
        .children = settings_children};
    struct admin_id_input input = {.settings = settings};
    if (!command_parse(&argp, argc, argv, &input))
        return STATUS_USAGE;
    return admin_run(settings, "/admin/v1/screening?limit=1000", NULL);
}

int command_screening_release(struct settings *settings, int argc, char **argv)
{
    static const struct argp argp = {
        .options = double_flags,
        .parser = double_parse,
        .args_doc = "TRANSACTION_ID",
        .doc = "The receiver is not whom the list means: let it be paid. Twice is as good as once.",
        .children = settings_children};
    return double_run(settings, argc, argv, &argp, screening_path, "/release");
}

int command_screening_refuse(struct settings *settings, int argc, char **argv)
{
    static const struct argp argp = {
        .options = double_flags,
        .parser = double_parse,
        .args_doc = "TRANSACTION_ID",
        .doc = "Nobody is paid, its money goes back. Twice is as good as once.",
        .children = settings_children};
    return double_run(settings, argc, argv, &argp, screening_path, "/refuse");
}

int command_screening_check(struct settings *settings, int argc, char **argv)
{
    static const struct argp argp = {
        .parser = admin_id_parse,
        .args_doc = "NAME",
        .doc = "Say what the list in force says of a name (quote it when it has blanks).",
        .children = settings_children};
    struct admin_id_input input = {.settings = settings};
    struct buffer form;
    if (!command_parse(&argp, argc, argv, &input))
        return STATUS_USAGE;
    buffer_init(&form, FORM_BYTES_MAX);
    transport_field(&form, "name", input.id);
    int status = STATUS_USAGE;
    if (buffer_ok(&form))
        status = admin_run(settings, "/admin/v1/screening/check", &form);
    else
        print_problem("this is too long");
    buffer_free(&form);
    return status;
}

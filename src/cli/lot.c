#include <string.h>

#include "cli/admin.h"
#include "cli/command.h"
#include "cli/print.h"
#include "client/transport.h"

enum { QUERY_BYTES_MAX = 4096 };

struct list_input {
    struct settings *settings;
    const char *merchant, *limit;
};

enum { FLAG_MERCHANT = 0x200, FLAG_LIMIT };

static const struct argp_option list_flags[] = {
    {"merchant", FLAG_MERCHANT, "ID", 0, "Only this merchant's", 0},
    {"limit", FLAG_LIMIT, "N", 0, "How many at most (default 100)", 0},
    {0},
};

static error_t list_parse(int key, char *value, struct argp_state *state)
{
    struct list_input *input = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        settings_child(state);
        return 0;
    case FLAG_MERCHANT:
        input->merchant = value;
        return 0;
    case FLAG_LIMIT:
        input->limit = value;
        return 0;
    case ARGP_KEY_ARG:
        argp_usage(state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int command_lot_list(struct settings *settings, int argc, char **argv)
{
    static const struct argp argp = {.options = list_flags,
                                     .parser = list_parse,
                                     .doc = "Show the lots that wait for a confirmation.",
                                     .children = settings_children};
    struct list_input input = {.settings = settings};
    if (!command_parse(&argp, argc, argv, &input))
        return STATUS_USAGE;
    struct buffer path;
    buffer_init(&path, QUERY_BYTES_MAX);
    buffer_text_append(&path, "/admin/v1/lots?waiting=1");
    if (input.merchant != NULL)
        transport_field(&path, "merchant", input.merchant);
    if (input.limit != NULL)
        transport_field(&path, "limit", input.limit);
    int status = STATUS_USAGE;
    if (buffer_ok(&path))
        status = admin_run(settings, buffer_text(&path), NULL);
    else
        print_problem("this is too long");
    buffer_free(&path);
    return status;
}

/* A command that shows what its one argument, an id, names. */
static int on_id(struct settings *settings, int argc, char **argv, const struct argp *argp,
                 const char *prefix)
{
    struct admin_id_input input = {.settings = settings};
    if (!command_parse(argp, argc, argv, &input))
        return STATUS_USAGE;
    return admin_run_on(settings, prefix, input.id, NULL, NULL);
}

int command_lot_show(struct settings *settings, int argc, char **argv)
{
    static const struct argp argp = {.parser = admin_id_parse,
                                     .args_doc = "LOT",
                                     .doc =
                                         "Show a lot, who confirmed it, the mails about it and its "
                                         "first transfers (payout check --lot shows all).",
                                     .children = settings_children};
    return on_id(settings, argc, argv, &argp, "/admin/v1/lots");
}

/* Begins with admin_id_input's members. */
struct decide_input {
    struct settings *settings;
    const char *id;
    const char *person, *hash;
};

enum { FLAG_PERSON = 0x300, FLAG_HASH };

static const struct argp_option decide_flags[] = {
    {"person", FLAG_PERSON, "NAME", 0, "Who decides", 0},
    {"hash", FLAG_HASH, "HEX", 0,
     "Only the lot that has this hash (payout lot show): what was looked at", 0},
    {0},
};

static error_t decide_parse(int key, char *value, struct argp_state *state)
{
    struct decide_input *input = state->input;
    switch (key) {
    case FLAG_PERSON:
        input->person = value;
        return 0;
    case FLAG_HASH:
        input->hash = value;
        return 0;
    case ARGP_KEY_END:
        if (input->person == NULL)
            argp_failure(state, STATUS_USAGE, 0, "--person is needed");
        break;
    default:
        break;
    }
    return admin_id_parse(key, value, state);
}

static int decide_run(struct settings *settings, int argc, char **argv, const struct argp *argp,
                      const char *action)
{
    struct decide_input input = {.settings = settings};
    struct buffer form;
    if (!command_parse(argp, argc, argv, &input))
        return STATUS_USAGE;
    buffer_init(&form, QUERY_BYTES_MAX);
    transport_field(&form, "person", input.person);
    if (input.hash != NULL)
        transport_field(&form, "hash", input.hash);
    int status = STATUS_USAGE;
    if (buffer_ok(&form))
        status = admin_run_on(settings, "/admin/v1/lots", input.id, action, &form);
    else
        print_problem("this is too long");
    buffer_free(&form);
    return status;
}

int command_lot_confirm(struct settings *settings, int argc, char **argv)
{
    static const struct argp argp = {
        .options = decide_flags,
        .parser = decide_parse,
        .args_doc = "LOT",
        .doc = "Let a waiting lot be paid. One that needs two persons waits on until another one "
               "confirms it too. Twice is as good as once.",
        .children = settings_children};
    return decide_run(settings, argc, argv, &argp, "/confirm");
}

int command_lot_cancel(struct settings *settings, int argc, char **argv)
{
    static const struct argp argp = {.options = decide_flags,
                                     .parser = decide_parse,
                                     .args_doc = "LOT",
                                     .doc = "Give a waiting lot's money back: nobody in it is "
                                            "paid. Twice is as good as once.",
                                     .children = settings_children};
    return decide_run(settings, argc, argv, &argp, "/cancel");
}

int command_transfer_show(struct settings *settings, int argc, char **argv)
{
    static const struct argp argp = {.parser = admin_id_parse,
                                     .args_doc = "TRANSACTION_ID",
                                     .doc = "Show all that is known of a transfer, what its "
                                            "merchant was told of it, and every try to.",
                                     .children = settings_children};
    return on_id(settings, argc, argv, &argp, "/admin/v1/transfers");
}

int command_summary(struct settings *settings, int argc, char **argv)
{
    static const struct argp argp = {.parser = command_nothing_parse,
                                     .doc = "Show counts and sums over everything.",
                                     .children = settings_children};
    struct admin_id_input input = {.settings = settings};
    if (!command_parse(&argp, argc, argv, &input))
        return STATUS_USAGE;
    return admin_run(settings, "/admin/v1/summary", NULL);
}

#include "cli/admin.h"
#include "cli/command.h"
#include "cli/print.h"
#include "client/transport.h"

enum { FORM_BYTES_MAX = 16 * 1024, PATH_BYTES_MAX = 256 };
enum { FLAG_REASON = 0x200, FLAG_PERSON, FLAG_BEFORE };

#define CHANNELS "/admin/v1/channels"

int command_channel_list(struct settings *settings, int argc, char **argv)
{
    static const struct argp argp = {
        .parser = command_nothing_parse,
        .doc = "Show the channels to operators: whether each takes transfers and since when, who "
               "switched it off, what waits for it, and what is left there.",
        .children = settings_children};
    struct admin_id_input input = {.settings = settings};
    if (!command_parse(&argp, argc, argv, &input))
        return STATUS_USAGE;
    return admin_run(settings, CHANNELS, NULL);
}

int command_channel_show(struct settings *settings, int argc, char **argv)
{
    static const struct argp argp = {.parser = admin_id_parse,
                                     .args_doc = "NAME",
                                     .doc = "Show one channel.",
                                     .children = settings_children};
    struct admin_id_input input = {.settings = settings};
    if (!command_parse(&argp, argc, argv, &input))
        return STATUS_USAGE;
    return admin_run_on(settings, CHANNELS, input.id, NULL, NULL);
}

/* --- Switching --- */

/* Begins with admin_id_input's members. */
struct switch_input {
    struct settings *settings;
    const char *id;
    const char *reason, *person;
};

static const struct argp_option switch_flags[] = {
    {"reason", FLAG_REASON, "TEXT", 0, "Why", 0},
    {"person", FLAG_PERSON, "NAME", 0, "Who says so", 0},
    {0},
};

static error_t switch_parse(int key, char *value, struct argp_state *state)
{
    struct switch_input *input = state->input;
    switch (key) {
    case FLAG_REASON:
        input->reason = value;
        return 0;
    case FLAG_PERSON:
        input->person = value;
        return 0;
    case ARGP_KEY_END:
        if (input->reason == NULL || input->person == NULL)
            argp_failure(state, STATUS_USAGE, 0, "--reason and --person are needed");
        break;
    default:
        break;
    }
    return admin_id_parse(key, value, state);
}

static int channel_switch(struct settings *settings, const struct argp *argp, int argc, char **argv,
                          const char *to)
{
    struct switch_input input = {.settings = settings};
    struct buffer form;
    if (!command_parse(argp, argc, argv, &input))
        return STATUS_USAGE;
    buffer_init(&form, FORM_BYTES_MAX);
    transport_field(&form, "switch", to);
    transport_field(&form, "reason", input.reason);
    transport_field(&form, "person", input.person);
    int status = STATUS_USAGE;
    if (buffer_ok(&form))
        status = admin_run_on(settings, CHANNELS, input.id, "/switch", &form);
    else
        print_problem("this is too long");
    buffer_free(&form);
    return status;
}

int command_channel_off(struct settings *settings, int argc, char **argv)
{
    static const struct argp argp = {
        .options = switch_flags,
        .parser = switch_parse,
        .args_doc = "NAME",
        .doc = "Give nothing more to this channel, now and after a restart; what it has is asked "
               "about. When all channels of an operator are off, items for it are refused (804).",
        .children = settings_children};
    return channel_switch(settings, &argp, argc, argv, "off");
}

int command_channel_on(struct settings *settings, int argc, char **argv)
{
    static const struct argp argp = {.options = switch_flags,
                                     .parser = switch_parse,
                                     .args_doc = "NAME",
                                     .doc = "Take it into use again; what waited for it leaves.",
                                     .children = settings_children};
    return channel_switch(settings, &argp, argc, argv, "on");
}

/* --- What was parked --- */

struct callbacks_input {
    struct settings *settings;
    const char *before;
};

static const struct argp_option callbacks_flags[] = {
    {"before", FLAG_BEFORE, "ID", 0, "Only those with smaller ids: the next page", 0},
    {0},
};

static error_t callbacks_parse(int key, char *value, struct argp_state *state)
{
    struct callbacks_input *input = state->input;
    if (key != FLAG_BEFORE)
        return command_nothing_parse(key, value, state);
    input->before = value;
    return 0;
}

int command_callback_list(struct settings *settings, int argc, char **argv)
{
    static const struct argp argp = {
        .options = callbacks_flags,
        .parser = callbacks_parse,
        .doc = "Show what operators said that could not be placed, the newest first: calls about "
               "no transfer of ours, or about one of another channel.",
        .children = settings_children};
    struct callbacks_input input = {.settings = settings};
    struct buffer path;
    if (!command_parse(&argp, argc, argv, &input))
        return STATUS_USAGE;
    buffer_init(&path, PATH_BYTES_MAX);
    buffer_text_append(&path, "/admin/v1/callbacks?limit=1000");
    if (input.before != NULL)
        transport_field(&path, "before", input.before);
    int status = STATUS_USAGE;
    if (buffer_ok(&path))
        status = admin_run(settings, buffer_text(&path), NULL);
    else
        print_problem("this is too long");
    buffer_free(&path);
    return status;
}

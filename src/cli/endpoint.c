/* Servers of a merchant's that hear of all its transfers, besides each one's notify_url. */
#include "cli/admin.h"
#include "cli/command.h"
#include "cli/print.h"
#include "client/transport.h"

enum { FORM_BYTES_MAX = 16 * 1024, PATH_BYTES_MAX = 4096 };
enum { FLAG_URL = 0x200, FLAG_EVENTS, FLAG_FORMAT, FLAG_ENABLED, FLAG_OLD_VALID };

struct endpoint_input {
    struct settings *settings;
    bool numbered; /* It wants an endpoint's number, too. */
    const char *merchant, *number;
    const char *url, *events, *format, *enabled, *old_valid;
};

static error_t endpoint_parse(int key, char *value, struct argp_state *state)
{
    struct endpoint_input *input = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        settings_child(state);
        return 0;
    case FLAG_URL:
        input->url = value;
        return 0;
    case FLAG_EVENTS:
        input->events = value;
        return 0;
    case FLAG_FORMAT:
        input->format = value;
        return 0;
    case FLAG_ENABLED:
        input->enabled = value;
        return 0;
    case FLAG_OLD_VALID:
        input->old_valid = value;
        return 0;
    case ARGP_KEY_ARG:
        if (*value == '\0' || state->arg_num > (input->numbered ? 1U : 0U))
            argp_usage(state);
        *(state->arg_num == 0 ? &input->merchant : &input->number) = value;
        return 0;
    case ARGP_KEY_END:
        if (input->merchant == NULL || (input->numbered && input->number == NULL))
            argp_usage(state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

#define SETTING_FLAGS                                                                              \
    {"at", FLAG_URL, "URL", 0, "Where it is", 0},                                                  \
        {"events",                                                                                 \
         FLAG_EVENTS,                                                                              \
         "WORDS",                                                                                  \
         0,                                                                                        \
         "What it hears: some of NEW, REC, NOS, VAL, REJ; all when nothing is said",               \
         0},                                                                                       \
        {"format", FLAG_FORMAT, "form|json", 0, "How bodies are written", 0},                      \
    {                                                                                              \
        "enabled", FLAG_ENABLED, "true|false", 0,                                                  \
            "Whether it is told anything; true begins anew after it failed", 0                     \
    }

static void field(struct buffer *form, const char *name, const char *value)
{
    if (value != NULL)
        transport_field(form, name, value);
}

/* Calls the merchant's endpoints, or one of them, and what is done with it. post: with the fields
 * that were given. */
static int endpoint_run(const struct endpoint_input *input, const char *action, bool post)
{
    struct buffer path, form;
    int status = STATUS_USAGE;
    buffer_init(&path, PATH_BYTES_MAX);
    buffer_init(&form, FORM_BYTES_MAX);
    buffer_text_append(&path, "/admin/v1/merchants");
    admin_segment(&path, input->merchant);
    buffer_text_append(&path, "/endpoints");
    if (input->number != NULL)
        admin_segment(&path, input->number);
    buffer_text_append(&path, action);
    field(&form, "url", input->url);
    field(&form, "events", input->events);
    field(&form, "format", input->format);
    field(&form, "enabled", input->enabled);
    field(&form, "old_valid_seconds", input->old_valid);
    if (buffer_ok(&path) && buffer_ok(&form))
        status = admin_run(input->settings, buffer_text(&path), post ? &form : NULL);
    else
        print_problem("this is too long");
    buffer_free(&path);
    buffer_free(&form);
    return status;
}

int command_endpoint_add(struct settings *settings, int argc, char **argv)
{
    static const struct argp_option flags[] = {SETTING_FLAGS, {0}};
    static const struct argp argp = {
        .options = flags,
        .parser = endpoint_parse,
        .args_doc = "MERCHANT",
        .doc = "Make an endpoint, which is told of all the merchant's transfers from now on; shows "
               "the key that signs, once.",
        .children = settings_children};
    struct endpoint_input input = {.settings = settings};
    return command_parse(&argp, argc, argv, &input) ? endpoint_run(&input, "", true) : STATUS_USAGE;
}

int command_endpoint_list(struct settings *settings, int argc, char **argv)
{
    static const struct argp argp = {.parser = endpoint_parse,
                                     .args_doc = "MERCHANT",
                                     .doc = "Show a merchant's endpoints.",
                                     .children = settings_children};
    struct endpoint_input input = {.settings = settings};
    return command_parse(&argp, argc, argv, &input) ? endpoint_run(&input, "", false)
                                                    : STATUS_USAGE;
}

int command_endpoint_change(struct settings *settings, int argc, char **argv)
{
    static const struct argp_option flags[] = {SETTING_FLAGS, {0}};
    static const struct argp argp = {.options = flags,
                                     .parser = endpoint_parse,
                                     .args_doc = "MERCHANT NUMBER",
                                     .doc = "Change an endpoint, or switch it off and on.",
                                     .children = settings_children};
    struct endpoint_input input = {.settings = settings, .numbered = true};
    return command_parse(&argp, argc, argv, &input) ? endpoint_run(&input, "", true) : STATUS_USAGE;
}

int command_endpoint_remove(struct settings *settings, int argc, char **argv)
{
    static const struct argp argp = {
        .parser = endpoint_parse,
        .args_doc = "MERCHANT NUMBER",
        .doc = "Remove an endpoint for good: what waits for it is not sent any more.",
        .children = settings_children};
    struct endpoint_input input = {.settings = settings, .numbered = true};
    return command_parse(&argp, argc, argv, &input) ? endpoint_run(&input, "/remove", true)
                                                    : STATUS_USAGE;
}

int command_endpoint_rotate(struct settings *settings, int argc, char **argv)
{
    static const struct argp_option flags[] = {
        {"old-valid", FLAG_OLD_VALID, "SECONDS", 0,
         "For how long the old key signs as well; a day when nothing is said", 0},
        {0}};
    static const struct argp argp = {.options = flags,
                                     .parser = endpoint_parse,
                                     .args_doc = "MERCHANT NUMBER",
                                     .doc = "Give an endpoint a new secret key; shows it once.",
                                     .children = settings_children};
    struct endpoint_input input = {.settings = settings, .numbered = true};
    return command_parse(&argp, argc, argv, &input) ? endpoint_run(&input, "/rotate", true)
                                                    : STATUS_USAGE;
}

/* What persons did, as the platform's log of it says. */
#include "cli/admin.h"
#include "cli/command.h"
#include "cli/print.h"
#include "client/transport.h"

enum { PATH_BYTES_MAX = 4096 };
enum { FLAG_MERCHANT = 0x200, FLAG_PERSON, FLAG_SINCE, FLAG_BEFORE };

/* Begins as command_nothing_parse wants it. */
struct list_input {
    struct settings *settings;
    const char *merchant, *person, *since, *before;
};

static const struct argp_option list_flags[] = {
    {"merchant", FLAG_MERCHANT, "ID", 0, "Only what is this merchant's affair", 0},
    {"person", FLAG_PERSON, "NAME", 0, "Only what this person did", 0},
    {"since", FLAG_SINCE, "TIME", 0, "Only what was done then or later: 2026-11-24", 0},
    {"before", FLAG_BEFORE, "ID", 0, "Only acts with smaller ids: the next page", 0},
    {0},
};

static error_t list_parse(int key, char *value, struct argp_state *state)
{
    struct list_input *input = state->input;
    switch (key) {
    case FLAG_MERCHANT:
        input->merchant = value;
        return 0;
    case FLAG_PERSON:
        input->person = value;
        return 0;
    case FLAG_SINCE:
        input->since = value;
        return 0;
    case FLAG_BEFORE:
        input->before = value;
        return 0;
    default:
        return command_nothing_parse(key, value, state);
    }
}

int command_act_list(struct settings *settings, int argc, char **argv)
{
    static const struct argp argp = {
        .options = list_flags,
        .parser = list_parse,
        .doc = "Show what persons did, the newest first: who, from where, what, and what was there "
               "before and after. Nothing of it can be changed or taken away.",
        .children = settings_children};
    struct list_input input = {.settings = settings};
    struct buffer query, path;
    if (!command_parse(&argp, argc, argv, &input))
        return STATUS_USAGE;
    buffer_init(&query, PATH_BYTES_MAX);
    transport_field(&query, "limit", "1000");
    const struct {
        const char *name, *value;
    } filters[] = {{"merchant", input.merchant},
                   {"person", input.person},
                   {"since", input.since},
                   {"before", input.before}};
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++)
        if (filters[i].value != NULL)
            transport_field(&query, filters[i].name, filters[i].value);
    buffer_init(&path, PATH_BYTES_MAX);
    buffer_text_append(&path, "/admin/v1/acts?");
    buffer_text_append(&path, buffer_text(&query));
    int status = STATUS_USAGE;
    if (buffer_ok(&query) && buffer_ok(&path))
        status = admin_run(settings, buffer_text(&path), NULL);
    else
        print_problem("this is too long");
    buffer_free(&path);
    buffer_free(&query);
    return status;
}

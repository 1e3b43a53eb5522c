#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "cli/command.h"
#include "cli/print.h"
#include "cli/say.h"
#include "cli/table.h"

/* Enough for PEOPLE_ROWS_MAX rows. */
static const size_t arena_bytes_max = (size_t)4 * 1024 * 1024 * 1024;

const char *argp_program_version = "payout 0.1.0";

/* argp's filter: the list of commands stands behind the options. */
static char *help_filter(int key, const char *text, void *input)
{
    (void)input;
    if (key != ARGP_KEY_HELP_POST_DOC)
        return (char *)(uintptr_t)text;
    struct buffer list;
    buffer_init(&list, (size_t)64 * 1024);
    buffer_text_append(&list, say("Commands (`payout COMMAND --help` tells more):\n"));
    for (size_t i = 0; i < command_count; i++) {
        char name[COMMAND_NAME_BYTES];
        command_name(&commands[i], name);
        buffer_format(&list, "  %-20s %s\n", name, say(commands[i].help));
    }
    buffer_text_append(
        &list, say("\nExit status: 0 done, 1 some items refused, 2 usage, 3 the server can't be "
                   "reached, 4 refused, 5 outcome unknown. See payout(1)."));
    return list.bytes; /* argp frees it. */
}

struct line {
    struct settings *settings;
    int command_at; /* Index in argv. */
};

static error_t line_parse(int key, char *value, struct argp_state *state)
{
    struct line *line = state->input;
    (void)value;
    switch (key) {
    case ARGP_KEY_INIT:
        settings_child(state);
        return 0;
    case ARGP_KEY_ARG:
        /* The command's own parser takes it from here. */
        line->command_at = state->next - 1;
        state->next = state->argc;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_usage(state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp line_argp = {
    .parser = line_parse,
    .args_doc = "COMMAND [ARGUMENT...]",
    .doc = "Pay people through a payout platform.\v ",
    .children = settings_children,
    .help_filter = help_filter,
};

/* Runs the command that words names; words[0] on. -1: there is none. */
static int dispatch(struct settings *settings, int count, char **words)
{
    for (size_t i = 0; i < command_count; i++) {
        bool grouped = commands[i].group != NULL;
        int taken = grouped ? 2 : 1;
        if (count < taken || strcmp(words[taken - 1], commands[i].name) != 0 ||
            (grouped && strcmp(words[0], commands[i].group) != 0))
            continue;
        static char name[COMMAND_NAME_BYTES];
        (void)snprintf(name, sizeof name, "payout %s%s%s", grouped ? commands[i].group : "",
                       grouped ? " " : "", commands[i].name);
        words[taken - 1] = name;
        return commands[i].run(settings, count - taken + 1, words + taken - 1);
    }
    return -1;
}

int main(int argc, char **argv)
{
    static char program[] = "payout";
    struct settings settings = {.arena = arena_open(arena_bytes_max)};
    struct line line = {.settings = &settings};
    (void)setlocale(LC_CTYPE, "");
    say_begin(argc, argv);
    print_begin();
    secret_init();
    argp_err_exit_status = STATUS_USAGE;
    if (argc > 0)
        argv[0] = program;
    int status = STATUS_USAGE;
    if (argp_parse(&line_argp, argc, argv, ARGP_IN_ORDER, NULL, &line) == 0 &&
        line.command_at > 0) {
        status = dispatch(&settings, argc - line.command_at, argv + line.command_at);
        if (status < 0) {
            print_problem("there is no command \"%s%s%s\": see payout --help",
                          argv[line.command_at], argc - line.command_at > 1 ? " " : "",
                          argc - line.command_at > 1 ? argv[line.command_at + 1] : "");
            status = STATUS_USAGE;
        }
    }
    arena_close(settings.arena);
    return status;
}

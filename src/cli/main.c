#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "cli/command.h"
#include "cli/print.h"

enum { NAME_BYTES_MAX = 64 };
/* Enough for PEOPLE_ROWS_MAX rows. */
static const size_t arena_bytes_max = (size_t)4 * 1024 * 1024 * 1024;

static const struct {
    const char *group; /* NULL: the command is one word. */
    const char *name;
    command_function *run;
    const char *help;
} commands[] = {
    {NULL, "login", command_login, "log in and show the token"},
    {NULL, "balance", command_balance, "show the merchant's money"},
    {"contact", "add", command_contact_add, "add people to pay: one, or a CSV"},
    {NULL, "send", command_send, "pay one person, or everybody in a CSV"},
    {NULL, "check", command_check, "show what became of a transfer or a lot"},
    {NULL, "listen", command_listen, "receive notifications, print and verify them"},
    {NULL, "sandbox", command_sandbox, "show what the sandbox does with which number"},
    {"lot", "list", command_lot_list, "lots that wait to be confirmed"},
    {"lot", "show", command_lot_show, "one lot"},
    {"lot", "confirm", command_lot_confirm, "let a waiting lot be paid"},
    {"lot", "cancel", command_lot_cancel, "give a waiting lot's money back"},
    {"merchant", "create", command_merchant_create, "a new merchant; shows its keys once"},
    {"merchant", "list", command_merchant_list, "all merchants"},
    {"merchant", "show", command_merchant_show, "one merchant"},
    {"merchant", "set", command_merchant_set, "change a merchant's settings"},
    {"merchant", "topup", command_merchant_topup, "book money that a merchant paid in"},
    {"merchant", "withdraw", command_merchant_withdraw, "book money that a merchant took out"},
    {"merchant", "password", command_merchant_password, "a new API password; shows it once"},
    {"merchant", "secret", command_merchant_secret, "a new secret key; shows it once"},
    {"transfer", "show", command_transfer_show, "one transfer, with its delivery log"},
    {"transfer", "settle", command_transfer_settle, "decide a transfer of unknown outcome"},
    {"transfer", "withdraw", command_transfer_withdraw, "take a proposal back"},
    {"transfer", "reverse", command_transfer_reverse, "take a paid transfer back"},
    {"transfer", "proposals", command_transfer_proposals,
     "proposals that wait for a second person"},
    {"double", "list", command_double_list, "transfers that look like one sent before"},
    {"double", "release", command_double_release, "it is no double: pay it"},
    {"double", "refuse", command_double_refuse, "it is a double: give its money back"},
    {"screening", "list", command_screening_list, "transfers to names like one of a list"},
    {"screening", "release", command_screening_release, "it is somebody else: pay it"},
    {"screening", "refuse", command_screening_refuse, "do not pay it: give its money back"},
    {"screening", "check", command_screening_check, "what the list says of a name"},
    {"contradiction", "list", command_contradiction_list, "operators against final states"},
    {"contradiction", "close", command_contradiction_close, "one that was dealt with"},
    {"channel", "list", command_channel_list, "the channels to operators, and how each is"},
    {"channel", "show", command_channel_show, "one channel"},
    {"channel", "off", command_channel_off, "give it nothing more"},
    {"channel", "on", command_channel_on, "take it into use again"},
    {"callback", "list", command_callback_list, "what operators said and nobody could place"},
    {"user", "create", command_user_create, "a new user; shows its first password once"},
    {"user", "list", command_user_list, "who may log in"},
    {"user", "change", command_user_change, "another role or mail; disable it"},
    {"user", "password", command_user_password, "a new first password; shows it once"},
    {"user", "reset", command_user_reset, "take a lost second factor away"},
    {"user", "login", command_user_login, "log in as a person"},
    {"user", "logout", command_user_logout, "end a session"},
    {"me", "show", command_me_show, "who is logged in"},
    {"me", "password", command_me_password, "choose another password"},
    {"me", "totp", command_me_totp, "set up a second factor"},
    {"endpoint", "add", command_endpoint_add, "a server that hears of all transfers"},
    {"endpoint", "list", command_endpoint_list, "a merchant's endpoints, and how they do"},
    {"endpoint", "change", command_endpoint_change, "another URL, other events; on or off"},
    {"endpoint", "remove", command_endpoint_remove, "an endpoint that is no more"},
    {"endpoint", "rotate", command_endpoint_rotate, "a new secret key; shows it once"},
    {"notification", "dead", command_notification_dead, "notifications that were given up"},
    {"notification", "redeliver", command_notification_redeliver, "send what has ended again"},
    {"act", "list", command_act_list, "what persons did, the newest first"},
    {NULL, "reconcile", command_reconcile, "hold an operator's file against our transfers"},
    {NULL, "summary", command_summary, "counts and sums over everything"},
};
enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

const char *argp_program_version = "payout 0.1.0";

/* argp's filter: the list of commands stands behind the options. */
static char *help_filter(int key, const char *text, void *input)
{
    (void)input;
    if (key != ARGP_KEY_HELP_POST_DOC)
        return (char *)(uintptr_t)text;
    struct buffer list;
    buffer_init(&list, (size_t)64 * 1024);
    buffer_text_append(&list, "Commands (`payout COMMAND --help` tells more):\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        char name[NAME_BYTES_MAX];
        (void)snprintf(name, sizeof name, "%s%s%s",
                       commands[i].group != NULL ? commands[i].group : "",
                       commands[i].group != NULL ? " " : "", commands[i].name);
        buffer_format(&list, "  %-20s %s\n", name, commands[i].help);
    }
    buffer_text_append(&list, "\nExit status: 0 done, 1 some items refused, 2 usage, 3 the server "
                              "can't be reached, 4 refused, 5 outcome unknown. See payout(1).");
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
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        bool grouped = commands[i].group != NULL;
        int taken = grouped ? 2 : 1;
        if (count < taken || strcmp(words[taken - 1], commands[i].name) != 0 ||
            (grouped && strcmp(words[0], commands[i].group) != 0))
            continue;
        static char name[NAME_BYTES_MAX];
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

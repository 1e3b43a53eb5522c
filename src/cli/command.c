#include "cli/command.h"

#include "cli/print.h"

bool command_parse(const struct argp *argp, int argc, char **argv, void *input)
{
    struct settings *settings = *(struct settings **)input;
    if (settings->flags_take != NULL) {
        settings->flags_take(settings->flags_context, argp);
        return false;
    }
    return argp_parse(argp, argc, argv, 0, NULL, input) == 0 && settings_complete(settings);
}

error_t command_nothing_parse(int key, char *value, struct argp_state *state)
{
    (void)value;
    switch (key) {
    case ARGP_KEY_INIT:
        settings_child(state);
        return 0;
    case ARGP_KEY_ARG:
        argp_usage(state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int command_result_say(const struct payout_result *result)
{
    if (result == NULL) {
        print_problem("out of memory");
        return STATUS_UNREACHABLE;
    }
    switch (result->fault) {
    case PAYOUT_CLIENT_DONE:
        if (result->code == PAYOUT_OK)
            return STATUS_OK;
        print_problem("the server refused: %d %s%s%s", (int)result->code, result->message,
                      result->description[0] != '\0' ? ": " : "", result->description);
        return STATUS_REFUSED;
    case PAYOUT_CLIENT_BAD_ARGUMENT:
        print_problem("a value can't be sent: %s", result->text);
        return STATUS_USAGE;
    case PAYOUT_CLIENT_NO_MEMORY:
    case PAYOUT_CLIENT_UNREACHABLE:
    case PAYOUT_CLIENT_UNREADABLE:
        print_problem("nothing was done: %s", result->text);
        return STATUS_UNREACHABLE;
    case PAYOUT_CLIENT_UNKNOWN:
        print_problem("the outcome is unknown: %s", result->text);
        return STATUS_UNKNOWN;
    }
    return STATUS_UNKNOWN;
}

bool command_reply_print(const struct payout_result *result)
{
    struct buffer out;
    buffer_init(&out, result->reply_length + 1);
    buffer_append(&out, result->reply, result->reply_length);
    if (result->reply_length > 0 && result->reply[result->reply_length - 1] != '\n')
        buffer_char(&out, '\n');
    bool written = print_flush(&out);
    buffer_free(&out);
    return written;
}

#include <inttypes.h>
#include <stdio.h>

#include "cli/command.h"
#include "cli/print.h"

enum { NUMBER_BYTES = 24, OUT_BYTES_MAX = 64 * 1024 };

struct account_input {
    struct settings *settings;
};

static const struct argp login_argp = {
    .parser = command_nothing_parse,
    .doc = "Log in and show the token, which calls of other tools can use for some minutes.",
    .children = settings_children,
};
static const struct argp balance_argp = {
    .parser = command_nothing_parse,
    .doc = "Show the merchant's money: all of it, what is held for transfers, what is free.",
    .children = settings_children,
};

int command_login(struct settings *settings, int argc, char **argv)
{
    struct account_input input = {settings};
    struct payout_client *client = NULL;
    struct payout_result *result = NULL;
    if (!command_parse(&login_argp, argc, argv, &input) ||
        !settings_client(settings, false, &client))
        return STATUS_USAGE;
    (void)payout_login(client, &result);
    int status = command_result_say(result);
    if (status == STATUS_OK && settings->json && !command_reply_print(result))
        status = STATUS_USAGE;
    else if (status == STATUS_OK && !settings->json)
        printf("%s\n", result->token);
    payout_result_free(result);
    payout_client_close(client);
    return status;
}

static bool balances_print(struct settings *settings, const struct payout_result *result)
{
    struct table table;
    struct buffer out;
    table_init(&table, settings->arena);
    table_column(&table, "currency");
    table_column(&table, ">amount");
    table_column(&table, ">in use");
    table_column(&table, ">available");
    for (size_t i = 0; i < result->balance_count; i++) {
        const struct payout_balance *balance = &result->balances[i];
        const int64_t numbers[3] = {balance->amount, balance->in_using, balance->available};
        const char *cells[4] = {balance->currency != NULL ? balance->currency : "-"};
        for (size_t n = 0; n < 3; n++) {
            char *text = arena_alloc(settings->arena, NUMBER_BYTES, 1);
            (void)snprintf(text, NUMBER_BYTES, "%" PRId64, numbers[n]);
            cells[n + 1] = text;
        }
        table_row(&table, cells);
    }
    buffer_init(&out, OUT_BYTES_MAX);
    table_write(&table, &out);
    bool written = print_flush(&out);
    buffer_free(&out);
    return written;
}

int command_balance(struct settings *settings, int argc, char **argv)
{
    struct account_input input = {settings};
    struct payout_client *client = NULL;
    struct payout_result *result = NULL;
    if (!command_parse(&balance_argp, argc, argv, &input) ||
        !settings_client(settings, false, &client))
        return STATUS_USAGE;
    (void)payout_balance(client, &result);
    int status = command_result_say(result);
    if (status == STATUS_OK &&
        !(settings->json ? command_reply_print(result) : balances_print(settings, result)))
        status = STATUS_USAGE;
    payout_result_free(result);
    payout_client_close(client);
    return status;
}

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/print.h"

enum { NUMBER_BYTES = 24, OUT_BYTES_MAX = 64 * 1024 * 1024 };

struct check_input {
    struct settings *settings;
    struct payout_check_key key;
};

enum { FLAG_ID = 0x200, FLAG_LOT };

static const struct argp_option check_flags[] = {
    {"id", FLAG_ID, "ID", 0, "By your client_transaction_id", 0},
    {"lot", FLAG_LOT, "LOT", 0, "All transfers of a lot", 0},
    {0},
};

static error_t check_parse(int key, char *value, struct argp_state *state)
{
    struct check_input *input = state->input;
    bool given = input->key.transaction_id != NULL || input->key.client_transaction_id != NULL ||
                 input->key.lot != NULL;
    if ((key == FLAG_ID || key == FLAG_LOT || key == ARGP_KEY_ARG) && given)
        argp_error(state, "give one of TRANSACTION_ID, --id and --lot");
    switch (key) {
    case ARGP_KEY_INIT:
        settings_child(state);
        return 0;
    case FLAG_ID:
        input->key.client_transaction_id = value;
        return 0;
    case FLAG_LOT:
        input->key.lot = value;
        return 0;
    case ARGP_KEY_ARG:
        input->key.transaction_id = value;
        return 0;
    case ARGP_KEY_END:
        if (!given)
            argp_usage(state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp check_argp = {
    .options = check_flags,
    .parser = check_parse,
    .args_doc = "TRANSACTION_ID",
    .doc =
        "Show what became of a transfer, or of all transfers of a lot.\v"
        "NEW waits, REC is in process, VAL is paid, REJ is rejected and its money back, NOS waits "
        "for the operator to tell.",
    .children = settings_children,
};

static bool transfers_print(struct settings *settings, const struct payout_result *result)
{
    static const char *const heads[] = {"transaction", "your id",   "receiver",
                                        ">amount",     "operator",  "sending",
                                        "status",      "validated", "comment"};
    struct table table;
    struct buffer out;
    table_init(&table, settings->arena);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        table_column(&table, heads[i]);
    for (size_t i = 0; i < result->transfer_count; i++) {
        const struct payout_transfer_state *transfer = &result->transfers[i];
        char *amount = arena_alloc(settings->arena, NUMBER_BYTES, 1);
        (void)snprintf(amount, NUMBER_BYTES, "%" PRId64, transfer->amount);
        table_row(&table,
                  (const char *const[]){transfer->transaction_id, transfer->client_transaction_id,
                                        transfer->receiver, amount, transfer->operator_name,
                                        transfer->sending_status, transfer->treatment_status,
                                        transfer->validated_at, transfer->comment});
    }
    buffer_init(&out, OUT_BYTES_MAX);
    table_write(&table, &out);
    bool written = print_flush(&out);
    buffer_free(&out);
    return written;
}

int command_check(struct settings *settings, int argc, char **argv)
{
    struct check_input input = {.settings = settings};
    struct payout_client *client = NULL;
    struct payout_result *result = NULL;
    if (!command_parse(&check_argp, argc, argv, &input) ||
        !settings_client(settings, false, &client))
        return STATUS_USAGE;
    (void)payout_check(client, &input.key, &result);
    int status = command_result_say(result);
    if (status == STATUS_OK &&
        !(settings->json ? command_reply_print(result) : transfers_print(settings, result)))
        status = STATUS_USAGE;
    payout_result_free(result);
    payout_client_close(client);
    return status;
}

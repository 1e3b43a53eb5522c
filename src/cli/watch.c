/* payout watch: a lot until all its transfers have ended. */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/command.h"
#include "cli/print.h"
#include "cli/say.h"
#include "wire/reply.h"

enum {
    EVERY_MS = 2000,
    EVERY_MS_MAX = 3600 * 1000,
    SECONDS_MAX = 30 * 24 * 3600,
    OUT_BYTES_MAX = 64 * 1024 * 1024,
    TREATMENTS = PAYOUT_TREATMENT_NOS + 1,
};

struct watch_input {
    struct settings *settings;
    const char *lot;
    int64_t every_ms, seconds;
};

enum { FLAG_EVERY = 0x200, FLAG_SECONDS };

static const struct argp_option watch_flags[] = {
    {"every", FLAG_EVERY, "MS", 0, "How long to wait between two looks (default 2000)", 0},
    {"seconds", FLAG_SECONDS, "N", 0, "Give up after N seconds", 0},
    {0},
};

static error_t watch_parse(int key, char *value, struct argp_state *state)
{
    struct watch_input *input = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        settings_child(state);
        return 0;
    case FLAG_EVERY:
        input->every_ms = settings_number(value, EVERY_MS_MAX, state);
        return 0;
    case FLAG_SECONDS:
        input->seconds = settings_number(value, SECONDS_MAX, state);
        return 0;
    case ARGP_KEY_ARG:
        if (input->lot != NULL)
            argp_usage(state);
        input->lot = value;
        return 0;
    case ARGP_KEY_END:
        if (input->lot == NULL)
            argp_usage(state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp watch_argp = {
    .options = watch_flags,
    .parser = watch_parse,
    .args_doc = "LOT",
    .doc = "Watch a lot until all its transfers have ended; show each change.\v"
           "Exit status: 0 all were paid, 1 some were rejected, 4 all were, 5 not all have ended "
           "in the time that --seconds gives.",
    .children = settings_children,
};

struct watching {
    const struct watch_input *input;
    enum payout_treatment *before; /* One a transfer, as it was seen last. */
    size_t count, counts[TREATMENTS];
    struct progress progress;
    struct buffer out;
};

static bool has_ended(enum payout_treatment treatment)
{
    return treatment == PAYOUT_TREATMENT_VAL || treatment == PAYOUT_TREATMENT_REJ;
}

static void change_write(struct watching *watching, const struct payout_transfer_state *transfer)
{
    struct buffer *out = &watching->out;
    if (watching->input->settings->json) {
        buffer_char(out, '{');
        reply_text_member(out, "transaction_id", transfer->transaction_id);
        reply_text_member(out, "client_transaction_id", transfer->client_transaction_id);
        reply_text_member(out, "treatment_status", transfer->treatment_status);
        reply_text_member(out, "comment", transfer->comment);
        buffer_text_append(out, "}\n");
        return;
    }
    const char *const parts[] = {transfer->transaction_id, transfer->client_transaction_id,
                                 transfer->receiver, transfer->treatment_status, transfer->comment};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (i > 0)
            buffer_char(out, ' ');
        print_word(out, parts[i] == NULL || *parts[i] == '\0' ? "-" : parts[i]);
    }
    buffer_char(out, '\n');
}

/* Shows what changed since the last look; true when all have ended. */
static bool look_take(struct watching *watching, const struct payout_result *result)
{
    size_t ended = 0;
    if (watching->before == NULL) {
        watching->count = result->transfer_count;
        watching->before = arena_alloc(watching->input->settings->arena, watching->count + 1,
                                       sizeof *watching->before);
    }
    memset(watching->counts, 0, sizeof watching->counts);
    for (size_t i = 0; i < result->transfer_count && i < watching->count; i++) {
        const struct payout_transfer_state *transfer = &result->transfers[i];
        if (transfer->treatment != watching->before[i])
            change_write(watching, transfer);
        watching->before[i] = transfer->treatment;
        watching->counts[transfer->treatment]++;
        ended += has_ended(transfer->treatment);
    }
    progress_end(&watching->progress);
    progress_begin(&watching->progress, stderr, watching->count);
    bool printed = print_flush(&watching->out);
    progress_show(&watching->progress, ended, "");
    return ended == watching->count || !printed;
}

static int watching_end(struct watching *watching)
{
    size_t paid = watching->counts[PAYOUT_TREATMENT_VAL];
    size_t rejected = watching->counts[PAYOUT_TREATMENT_REJ];
    progress_end(&watching->progress);
    if (!watching->input->settings->json)
        buffer_format(&watching->out, say("%zu transfers: %zu paid, %zu rejected, %zu not ended\n"),
                      watching->count, paid, rejected, watching->count - paid - rejected);
    bool printed = print_flush(&watching->out);
    if (!printed || paid + rejected < watching->count)
        return STATUS_UNKNOWN;
    return rejected == 0 ? STATUS_OK : paid == 0 ? STATUS_REFUSED : STATUS_SOME_REFUSED;
}

/* Looks until all have ended, the time is over, or the server does not tell. */
static int watching_run(struct watching *watching, struct payout_client *client)
{
    const struct watch_input *input = watching->input;
    const struct payout_check_key key = {.lot = input->lot};
    int64_t end_us = clock_monotonic_us() + input->seconds * 1000000;
    for (;;) {
        struct payout_result *result = NULL;
        (void)payout_check(client, &key, &result);
        int status = command_result_say(result);
        bool over = status != STATUS_OK || look_take(watching, result);
        payout_result_free(result);
        if (status != STATUS_OK)
            return status;
        if (over || (input->seconds > 0 && clock_monotonic_us() >= end_us))
            return watching_end(watching);
        (void)poll(NULL, 0, (int)input->every_ms);
    }
}

int command_watch(struct settings *settings, int argc, char **argv)
{
    struct watch_input input = {.settings = settings, .every_ms = EVERY_MS};
    struct watching watching = {.input = &input};
    struct payout_client *client = NULL;
    if (!command_parse(&watch_argp, argc, argv, &input) ||
        !settings_client(settings, true, &client))
        return STATUS_USAGE;
    buffer_init(&watching.out, OUT_BYTES_MAX);
    progress_begin(&watching.progress, NULL, 0);
    int status = watching_run(&watching, client);
    buffer_free(&watching.out);
    payout_client_close(client);
    return status;
}

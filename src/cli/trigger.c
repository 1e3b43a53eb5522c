/* payout trigger: makes the sandbox send an event, by paying one of its numbers. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "cli/command.h"
#include "cli/pay.h"
#include "cli/print.h"
#include "cli/say.h"

enum {
    AMOUNT = 500,
    PHONE_BYTES = 16,
    NAME_BYTES = 16,
    ENDING_DIGITS = 4,
    ID_CHARACTERS = 20,
    OUT_BYTES_MAX = 64 * 1024,
};

/* The events by their names, as an endpoint's JSON says them; the others by their number's end. */
static const struct {
    const char *event, *ending, *help;
} events[] = {
    {"transfer.new", "0000", "confirmed, then paid at once"},
    {"transfer.val", "0000", "paid at once"},
    {"transfer.rec", "9905", "in progress (REC), paid after 1 s"},
    {"transfer.rej", "9950", "rejected: the operator gives no reason"},
    {"transfer.nos", "9965", "no answer (NOS), known to be paid after 10 s"},
#define ROW(ending, behaviour, reason, delay_ms, happens) {#ending, #ending, (happens)},
#include "payout/sandbox.def"
#undef ROW
};
enum { EVENT_COUNT = sizeof events / sizeof *events };

struct trigger_input {
    struct settings *settings;
    const char *event, *prefix, *phone, *amount;
    bool list, sandbox;
};

enum { FLAG_LIST = 0x200, FLAG_PREFIX, FLAG_PHONE, FLAG_AMOUNT, FLAG_SANDBOX };

static const struct argp_option trigger_flags[] = {
    {"list", FLAG_LIST, NULL, 0, "Show the events", 0},
    {"prefix", FLAG_PREFIX, "PREFIX", 0, "Country prefix (225)", 0},
    {"to", FLAG_PHONE, "PHONE", 0, "A number, whose last four digits are replaced", 0},
    {"amount", FLAG_AMOUNT, "AMOUNT", 0, "How much (500)", 0},
    {"sandbox", FLAG_SANDBOX, NULL, 0,
     "The server is a sandbox, although it is not on this machine", 0},
    {0},
};

static error_t trigger_parse(int key, char *value, struct argp_state *state)
{
    struct trigger_input *input = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        settings_child(state);
        return 0;
    case FLAG_LIST:
        input->list = true;
        return 0;
    case FLAG_PREFIX:
        input->prefix = value;
        return 0;
    case FLAG_PHONE:
        input->phone = value;
        return 0;
    case FLAG_AMOUNT:
        input->amount = value;
        return 0;
    case FLAG_SANDBOX:
        input->sandbox = true;
        return 0;
    case ARGP_KEY_ARG:
        if (input->event != NULL)
            argp_usage(state);
        input->event = value;
        return 0;
    case ARGP_KEY_END:
        if ((input->event == NULL) != input->list)
            argp_usage(state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp trigger_argp = {
    .options = trigger_flags,
    .parser = trigger_parse,
    .args_doc = "EVENT",
    .doc =
        "Make the sandbox send an event: pays somebody whose number makes it happen.\v"
        "EVENT is transfer.new, transfer.rec, transfer.nos, transfer.val or transfer.rej, or the "
        "four digits of a row of `payout sandbox`. It pays: elsewhere than on this machine it "
        "wants --sandbox.",
    .children = settings_children,
};

static bool list_print(struct arena *arena)
{
    struct buffer out;
    struct table table;
    table_init(&table, arena);
    table_column(&table, "event");
    table_column(&table, "what happens");
    for (size_t i = 0; i < EVENT_COUNT; i++)
        table_row(&table, (const char *const[]){events[i].event, events[i].help});
    buffer_init(&out, OUT_BYTES_MAX);
    table_write(&table, &out);
    bool printed = print_flush(&out);
    buffer_free(&out);
    return printed;
}

/* The digits that make it happen; NULL: said why. */
static const char *ending_find(const struct trigger_input *input)
{
    for (size_t i = 0; i < EVENT_COUNT; i++)
        if (strcmp(events[i].event, input->event) == 0)
            return events[i].ending;
    print_problem("there is no event \"%s\": see payout trigger --list", input->event);
    return NULL;
}

/* Whom to pay. False: said why. */
static bool person_make(const struct trigger_input *input, const char *ending,
                        struct person *person)
{
    struct arena *arena = input->settings->arena;
    char *id = arena_alloc(arena, ID_CHARACTERS + 1, 1);
    char *phone = arena_alloc(arena, PHONE_BYTES, 1);
    const char *given = input->phone != NULL ? input->phone : "0700000000";
    size_t length = strlen(given);
    random_text(id, ID_CHARACTERS + 1);
    *person = (struct person){
        .line = 1,
        .prefix = input->prefix != NULL ? input->prefix : "225",
        .phone = phone,
        .amount = AMOUNT,
        .client_transaction_id = id,
        .notify_url = input->settings->notify_url,
        .name = "Trigger",
        .surname = "Sandbox",
    };
    if (length <= ENDING_DIGITS || length >= PHONE_BYTES) {
        print_problem("--to: \"%s\" is not a phone number", given);
        return false;
    }
    if (input->phone == NULL) /* Another one each time: a second one alike would look doubled. */
        (void)snprintf(phone, PHONE_BYTES, "07%04u%s", random_below(10000), ending);
    else
        (void)snprintf(phone, PHONE_BYTES, "%.*s%s", (int)(length - ENDING_DIGITS), given, ending);
    if (input->amount != NULL && !people_amount_read(input->amount, &person->amount)) {
        print_problem("--amount: \"%s\" is not a whole number above 0", input->amount);
        return false;
    }
    return true;
}

/* True for http(s)://127.0.0.1…, localhost and [::1]. */
static bool is_here(const char *url)
{
    static const char *const hosts[] = {"127.", "localhost", "[::1]"};
    const char *host = strstr(url, "://");
    for (size_t i = 0; host != NULL && i < sizeof hosts / sizeof *hosts; i++)
        if (strncmp(host + 3, hosts[i], strlen(hosts[i])) == 0)
            return true;
    return false;
}

static int trigger_run(const struct trigger_input *input, const struct person *person)
{
    struct payout_client *client = NULL;
    struct progress progress;
    struct pay pay;
    struct buffer out;
    if (!settings_client(input->settings, true, &client))
        return STATUS_USAGE;
    progress_begin(&progress, NULL, 0);
    const struct pay_options options = {.arena = input->settings->arena,
                                        .client = client,
                                        .rows = person,
                                        .count = 1,
                                        .lot_size = 1,
                                        .add_contacts = true,
                                        .progress = &progress};
    pay_run(&options, &pay);
    payout_client_close(client);
    const struct pay_line *line = &pay.lines[0];
    buffer_init(&out, OUT_BYTES_MAX);
    if (input->settings->json)
        pay_line_json(person, line, &out);
    else
        buffer_format(&out, "%s %s %s", payout_outcome_word(line->outcome),
                      line->transaction_id != NULL ? line->transaction_id : "-", person->phone);
    buffer_char(&out, '\n');
    if (pay.why[0] != '\0')
        print_problem("it stopped while %s", pay.why);
    else if (line->outcome == PAYOUT_OUTCOME_REFUSED)
        print_problem("the server refused: %d %s", (int)line->code,
                      line->status != NULL ? line->status : "");
    bool printed = print_flush(&out);
    buffer_free(&out);
    return printed ? pay_status(&pay, 1) : STATUS_USAGE;
}

int command_trigger(struct settings *settings, int argc, char **argv)
{
    struct trigger_input input = {.settings = settings};
    struct person person;
    if (!command_parse(&trigger_argp, argc, argv, &input))
        return STATUS_USAGE;
    if (input.list)
        return list_print(settings->arena) ? STATUS_OK : STATUS_USAGE;
    const char *ending = ending_find(&input);
    if (ending == NULL || !person_make(&input, ending, &person))
        return STATUS_USAGE;
    if (!input.sandbox && !is_here(settings->url)) {
        print_problem("%s is not this machine: if it is a sandbox, say --sandbox", settings->url);
        return STATUS_USAGE;
    }
    return trigger_run(&input, &person);
}

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/random.h"
#include "base/secret.h"
#include "cli/command.h"
#include "cli/pay.h"
#include "cli/say.h"
#include "wire/reply.h"

enum {
    OUT_BYTES_MAX = 256 * 1024 * 1024,
    HEADER_BYTES_MAX = 1024,
    SHOWN_LINES_MAX = 20,
    ID_RANDOM_CHARACTERS = 20,
    NUMBER_BYTES = 24,
    ACCOUNT_BYTES = 8, /* Of a hash: enough to tell accounts apart. */
};

struct send_input {
    struct settings *settings;
    const char *to, *prefix, *amount, *id, *notify_url, *payment_method;
    const char *name, *surname, *email;
    const char *csv, *batch, *result, *journal;
    size_t lot_size;
    bool dry_run, add_contacts, ignore_columns;
    bool journaled; /* FILE was given, not --csv. */
};

enum {
    FLAG_TO = 0x200,
    FLAG_PREFIX,
    FLAG_AMOUNT,
    FLAG_ID,
    FLAG_NOTIFY_URL,
    FLAG_PAYMENT_METHOD,
    FLAG_NAME,
    FLAG_SURNAME,
    FLAG_EMAIL,
    FLAG_CSV,
    FLAG_BATCH,
    FLAG_RESULT,
    FLAG_JOURNAL,
    FLAG_LOT_SIZE,
    FLAG_DRY_RUN,
    FLAG_ADD_CONTACTS,
    FLAG_IGNORE_COLUMNS,
};

static const struct argp_option send_flags[] = {
    {NULL, 0, NULL, 0, "One person:", 1},
    {"to", FLAG_TO, "PHONE", 0, "Whom to pay", 1},
    {"amount", FLAG_AMOUNT, "AMOUNT", 0, "How much, a whole number", 1},
    {"id", FLAG_ID, "ID", 0, "The client_transaction_id (default: a random one, shown)", 1},
    {"name", FLAG_NAME, "NAME", 0, "With --add-contacts: the family name", 1},
    {"surname", FLAG_SURNAME, "NAME", 0, "With --add-contacts: the first names", 1},
    {"email", FLAG_EMAIL, "ADDRESS", 0, "With --add-contacts", 1},
    {NULL, 0, NULL, 0, "Many:", 2},
    {"csv", FLAG_CSV, "FILE", 0, "Everybody in a CSV with a header row (- is standard input)", 2},
    {"journal", FLAG_JOURNAL, "PATH", 0, "With FILE: where the journal is (default FILE.journal)",
     2},
    {"batch", FLAG_BATCH, "NAME", 0,
     "Name of this batch: makes the ids of rows without client_transaction_id", 2},
    {"lot-size", FLAG_LOT_SIZE, "N", 0, "Payments a request (default 500, at most 10000)", 2},
    {"result", FLAG_RESULT, "FILE", 0, "Write what became of each row, as CSV", 2},
    {"dry-run", FLAG_DRY_RUN, NULL, 0, "Read and check everything, send nothing", 2},
    {"ignore-columns", FLAG_IGNORE_COLUMNS, NULL, 0, "Leave out columns that mean nothing here", 2},
    {NULL, 0, NULL, 0, "Both:", 3},
    {"prefix", FLAG_PREFIX, "PREFIX", 0, "Country prefix, where a row has none (225)", 3},
    {"notify-url", FLAG_NOTIFY_URL, "URL", 0, "Whom to notify, where a row has none", 3},
    {"payment-method", FLAG_PAYMENT_METHOD, "WORD", 0, "The operator, where a row has none", 3},
    {"add-contacts", FLAG_ADD_CONTACTS, NULL, 0, "Add the people as contacts first", 3},
    {0},
};

/* The text flags and where they go. */
static const struct {
    int key;
    size_t offset;
} send_texts[] = {
    {FLAG_TO, offsetof(struct send_input, to)},
    {FLAG_PREFIX, offsetof(struct send_input, prefix)},
    {FLAG_AMOUNT, offsetof(struct send_input, amount)},
    {FLAG_ID, offsetof(struct send_input, id)},
    {FLAG_NOTIFY_URL, offsetof(struct send_input, notify_url)},
    {FLAG_PAYMENT_METHOD, offsetof(struct send_input, payment_method)},
    {FLAG_NAME, offsetof(struct send_input, name)},
    {FLAG_SURNAME, offsetof(struct send_input, surname)},
    {FLAG_EMAIL, offsetof(struct send_input, email)},
    {FLAG_CSV, offsetof(struct send_input, csv)},
    {FLAG_BATCH, offsetof(struct send_input, batch)},
    {FLAG_RESULT, offsetof(struct send_input, result)},
    {FLAG_JOURNAL, offsetof(struct send_input, journal)},
};

static void input_check(const struct send_input *input, struct argp_state *state)
{
    if ((input->csv == NULL) == (input->to == NULL))
        argp_error(state, "give FILE, --csv FILE or --to PHONE");
    if (input->to != NULL && (input->amount == NULL || input->prefix == NULL))
        argp_error(state, "--to needs --amount and --prefix");
    if (input->to != NULL && input->batch != NULL)
        argp_error(state, "--batch goes with FILE and --csv");
    if (input->journal != NULL && !input->journaled)
        argp_error(state, "--journal goes with FILE");
    if (input->csv != NULL && input->journaled && strcmp(input->csv, "-") == 0)
        argp_error(state, "standard input can't be gone on with: take --csv -");
    if (input->csv != NULL && (input->amount != NULL || input->id != NULL))
        argp_error(state, "--amount and --id go with --to");
    if (input->batch != NULL && !people_batch_valid(input->batch))
        argp_error(state, "--batch takes 1 to %d letters, digits, '.', '_' and '-'",
                   PEOPLE_BATCH_BYTES_MAX);
}

static error_t send_parse(int key, char *value, struct argp_state *state)
{
    struct send_input *input = state->input;
    for (size_t i = 0; i < sizeof send_texts / sizeof *send_texts; i++) {
        if (send_texts[i].key == key) {
            *(const char **)(void *)((char *)input + send_texts[i].offset) = value;
            return 0;
        }
    }
    switch (key) {
    case ARGP_KEY_INIT:
        settings_child(state);
        return 0;
    case FLAG_LOT_SIZE:
        input->lot_size = strtoul(value, NULL, 10);
        if (input->lot_size < 1 || input->lot_size > PAYOUT_ITEMS_MAX)
            argp_error(state, "--lot-size takes 1 to %d", PAYOUT_ITEMS_MAX);
        return 0;
    case FLAG_DRY_RUN:
        input->dry_run = true;
        return 0;
    case FLAG_ADD_CONTACTS:
        input->add_contacts = true;
        return 0;
    case FLAG_IGNORE_COLUMNS:
        input->ignore_columns = true;
        return 0;
    case ARGP_KEY_ARG:
        if (input->csv != NULL)
            argp_usage(state);
        input->csv = value;
        input->journaled = true;
        return 0;
    case ARGP_KEY_END:
        input_check(input, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp send_argp = {
    .options = send_flags,
    .parser = send_parse,
    .args_doc = "[FILE]",
    .doc =
        "Pay one person, or everybody in a CSV.\v"
        "A CSV's columns, in any order: prefix, phone, amount, client_transaction_id, notify_url, "
        "payment_method, name, surname, email. Nothing is sent while a row is wrong. "
        "With FILE a journal is kept, FILE.journal: after a cut, a kill or an unknown outcome "
        "(exit "
        "status 5) run the same command again; it asks what had arrived and pays the others. With "
        "--csv there is none, and every row needs an id, its own or the batch's.",
    .children = settings_children,
};

/* The rows of the CSV. False: said why. */
static bool csv_read(const struct send_input *input, const char *batch, struct people *people)
{
    const struct settings *settings = input->settings;
    const struct people_options options = {
        .path = strcmp(input->csv, "-") == 0 ? "standard input" : input->csv,
        .amounts = true,
        .ignore_unknown = input->ignore_columns,
        .prefix = input->prefix,
        .notify_url = input->notify_url != NULL ? input->notify_url : settings->notify_url,
        .payment_method = input->payment_method,
        .batch = batch,
    };
    return people_file_read(settings->arena, input->csv, &options, people);
}

/* Whose payments a journal is about. */
static const char *account_text(const struct settings *settings)
{
    uint8_t hash[SECRET_HASH_BYTES];
    struct buffer whole;
    char *text = arena_alloc(settings->arena, 2 * sizeof hash + 1, 1);
    buffer_init(&whole, HEADER_BYTES_MAX);
    buffer_format(&whole, "%s %s", settings->url, settings->apikey);
    secret_sha256(buffer_text(&whole), whole.length, hash);
    buffer_free(&whole);
    secret_hex(hash, ACCOUNT_BYTES, text);
    return text;
}

/* FILE, and the journal that goes with it. False: said why. */
static bool journaled_read(struct send_input *input, struct people *people,
                           struct journal **journal)
{
    struct settings *settings = input->settings;
    const char *path = input->journal;
    *journal = NULL;
    if (settings->apikey == NULL) {
        print_problem("no apikey: --apikey, PAYOUT_APIKEY or the settings file");
        return false;
    }
    if (path == NULL) {
        size_t size = strlen(input->csv) + sizeof ".journal";
        char *made = arena_alloc(settings->arena, size, 1);
        (void)snprintf(made, size, "%s.journal", input->csv);
        path = made;
    }
    *journal =
        journal_open(settings->arena, path, account_text(settings), input->batch, input->lot_size);
    if (*journal == NULL)
        return false;
    input->lot_size = journal_lot_size(*journal);
    if (csv_read(input, journal_batch(*journal), people) && journal_rows(*journal, people))
        return true;
    journal_close(*journal);
    return false;
}

/* The one person of --to. False: said why. */
static bool single_read(const struct send_input *input, struct people *people)
{
    struct settings *settings = input->settings;
    struct person *person = arena_alloc(settings->arena, 1, sizeof *person);
    *person = (struct person){
        .line = 1,
        .prefix = input->prefix,
        .phone = input->to,
        .client_transaction_id = input->id,
        .notify_url = input->notify_url != NULL ? input->notify_url : settings->notify_url,
        .payment_method = input->payment_method,
        .name = input->name,
        .surname = input->surname,
        .email = input->email,
    };
    if (!people_amount_read(input->amount, &person->amount)) {
        print_problem("--amount: \"%s\" is not a whole number above 0", input->amount);
        return false;
    }
    if (input->id == NULL) {
        char *id = arena_alloc(settings->arena, ID_RANDOM_CHARACTERS + 1, 1);
        random_text(id, ID_RANDOM_CHARACTERS + 1);
        person->client_transaction_id = id;
    }
    *people = (struct people){.rows = person, .count = 1, .total = person->amount};
    return true;
}

/* What the reader should do next, in one sentence; NULL: nothing. */
static const char *advice(const struct send_input *input, const struct pay *pay)
{
    if (pay->counts[PAYOUT_OUTCOME_UNKNOWN] == 0 && pay->counts[PAYOUT_OUTCOME_NOT_SENT] == 0)
        return NULL;
    if (input->csv != NULL)
        return say("run the same command again: what was sent is not sent twice");
    return say("run it again with the --id above: it is not sent twice");
}

static void counts_json(const struct pay *pay, const struct people *people, struct buffer *out)
{
    static const char *const names[PAY_OUTCOME_COUNT] = {"unknown", "accepted", "repeated",
                                                         "refused", "not_sent"};
    reply_int_member(out, "count", (int64_t)people->count);
    reply_int_member(out, "total", people->total);
    for (size_t i = 0; i < PAY_OUTCOME_COUNT; i++)
        reply_int_member(out, names[i], (int64_t)pay->counts[i]);
    reply_text_member(out, "stopped", pay->why[0] != '\0' ? pay->why : NULL);
}

static void json_write(const struct pay *pay, const struct people *people, struct buffer *out)
{
    buffer_char(out, '{');
    counts_json(pay, people, out);
    buffer_text_append(out, ",\"items\":[");
    for (size_t i = 0; i < people->count; i++) {
        if (i > 0)
            buffer_char(out, ',');
        pay_line_json(&people->rows[i], &pay->lines[i], out);
    }
    buffer_text_append(out, "]}\n");
}

/* The rows that a person has to look at; of a single payment always the one. */
static void lines_write(struct arena *arena, const struct pay *pay, const struct people *people,
                        struct buffer *out)
{
    static const char *const heads[] = {">line",   "phone", ">amount", "id",
                                        "outcome", ">code", "status",  "transaction"};
    struct table table;
    size_t shown = 0, bad = 0;
    table_init(&table, arena);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        table_column(&table, heads[i]);
    for (size_t i = 0; i < people->count; i++) {
        const struct person *person = &people->rows[i];
        const struct pay_line *line = &pay->lines[i];
        bool fine =
            line->outcome == PAYOUT_OUTCOME_ACCEPTED || line->outcome == PAYOUT_OUTCOME_REPEATED;
        bad += !fine;
        if ((fine && people->count > 1) || shown == SHOWN_LINES_MAX)
            continue;
        char *numbers = arena_alloc(arena, 3, NUMBER_BYTES);
        (void)snprintf(numbers, NUMBER_BYTES, "%" PRId64, person->line);
        (void)snprintf(numbers + NUMBER_BYTES, NUMBER_BYTES, "%" PRId64, person->amount);
        (void)snprintf(numbers + (size_t)2 * NUMBER_BYTES, NUMBER_BYTES, "%d", (int)line->code);
        table_row(&table, (const char *const[]){numbers, person->phone, numbers + NUMBER_BYTES,
                                                person->client_transaction_id,
                                                payout_outcome_word(line->outcome),
                                                line->outcome == PAYOUT_OUTCOME_NOT_SENT
                                                    ? NULL
                                                    : numbers + (size_t)2 * NUMBER_BYTES,
                                                line->status, line->transaction_id});
        shown++;
    }
    if (shown > 0)
        table_write(&table, out);
    if (bad > shown)
        buffer_format(out, "… and %zu more (--result FILE writes all)\n", bad - shown);
}

static void text_write(struct arena *arena, const struct pay *pay, const struct people *people,
                       struct buffer *out)
{
    lines_write(arena, pay, people, out);
    if (people->count > 1) {
        buffer_format(out, say("%zu payments, %lld in all: %zu accepted"), people->count,
                      (long long)people->total, pay->counts[PAYOUT_OUTCOME_ACCEPTED]);
        buffer_format(out, say(", %zu sent before, %zu refused, %zu unknown, %zu not sent\n"),
                      pay->counts[PAYOUT_OUTCOME_REPEATED], pay->counts[PAYOUT_OUTCOME_REFUSED],
                      pay->counts[PAYOUT_OUTCOME_UNKNOWN], pay->counts[PAYOUT_OUTCOME_NOT_SENT]);
    }
}

/* Says what would be sent. */
static int dry_run(const struct send_input *input, const struct people *people)
{
    struct buffer out;
    size_t lot_size = input->lot_size;
    buffer_init(&out, OUT_BYTES_MAX);
    if (input->settings->json) {
        buffer_char(&out, '{');
        reply_int_member(&out, "count", (int64_t)people->count);
        reply_int_member(&out, "total", people->total);
        reply_int_member(&out, "lots", (int64_t)((people->count + lot_size - 1) / lot_size));
        reply_bool_member(&out, "sent", false);
        buffer_text_append(&out, "}\n");
    } else {
        buffer_format(&out,
                      "%zu payments, %" PRId64 " in all, in %zu lot%s of %zu at most; ids from %s. "
                      "Nothing was sent.\n",
                      people->count, people->total, (people->count + lot_size - 1) / lot_size,
                      people->count <= lot_size ? "" : "s", lot_size,
                      people->derived ? "the batch's name" : "the file");
    }
    bool written = print_flush(&out);
    buffer_free(&out);
    return written ? STATUS_OK : STATUS_USAGE;
}

/* Opens the result file, with its header row. False: said why. It may not be the CSV itself. */
static bool result_open(const struct send_input *input, FILE **file)
{
    struct stat from, to;
    struct buffer header;
    *file = NULL;
    if (input->result == NULL)
        return true;
    if (input->csv != NULL && stat(input->csv, &from) == 0 && stat(input->result, &to) == 0 &&
        from.st_ino == to.st_ino && from.st_dev == to.st_dev) {
        print_problem("%s: the result can't be written over the CSV", input->result);
        return false;
    }
    *file = fopen(input->result, "we");
    buffer_init(&header, HEADER_BYTES_MAX);
    pay_header_write(&header);
    bool written = *file != NULL && fputs(buffer_text(&header), *file) >= 0 && fflush(*file) == 0;
    buffer_free(&header);
    if (!written)
        print_problem("%s: %s: nothing was sent", input->result, strerror(errno));
    if (!written && *file != NULL)
        (void)fclose(*file);
    return written;
}

/* Shows what became of the payments; the exit status. */
static int outcome_show(const struct send_input *input, const struct pay *pay,
                        const struct people *people)
{
    struct buffer out;
    buffer_init(&out, OUT_BYTES_MAX);
    if (input->settings->json)
        json_write(pay, people, &out);
    else
        text_write(input->settings->arena, pay, people, &out);
    if (!print_flush(&out))
        print_problem("standard output does not take the result");
    buffer_free(&out);
    const char *next = advice(input, pay);
    if (pay->why[0] != '\0')
        print_problem("it stopped while %s", pay->why);
    if (next != NULL)
        print_problem("%zu outcomes are unknown, %zu were not sent: %s",
                      pay->counts[PAYOUT_OUTCOME_UNKNOWN], pay->counts[PAYOUT_OUTCOME_NOT_SENT],
                      next);
    if (pay->result_lost)
        print_problem("%s: not all of it could be written", input->result);
    return pay_status(pay, people->count);
}

/* Sends what was read. */
static int people_send(const struct send_input *input, struct payout_client *client,
                       struct journal *journal, const struct people *people)
{
    struct progress progress;
    struct pay pay;
    FILE *result = NULL;
    if (!result_open(input, &result))
        return STATUS_USAGE;
    progress_begin(&progress, stderr, people->count > 1 ? people->count : 0);
    const struct pay_options options = {
        .arena = input->settings->arena,
        .client = client,
        .rows = people->rows,
        .count = people->count,
        .lot_size = input->lot_size,
        .add_contacts = input->add_contacts,
        .journal = journal,
        .result = result,
        .progress = &progress,
    };
    pay_run(&options, &pay);
    if (result != NULL && fclose(result) != 0)
        pay.result_lost = true;
    return outcome_show(input, &pay, people);
}

/* What --dry-run looks at needs no journal: ids that it would give don't count. */
static bool input_read(struct send_input *input, struct people *people, struct journal **journal)
{
    *journal = NULL;
    if (input->csv == NULL)
        return single_read(input, people);
    if (input->journaled && !input->dry_run)
        return journaled_read(input, people, journal);
    return csv_read(input, input->batch == NULL && input->journaled ? "dry-run" : input->batch,
                    people);
}

int command_send(struct settings *settings, int argc, char **argv)
{
    struct send_input input = {.settings = settings, .lot_size = PAY_LOT_SIZE_DEFAULT};
    struct payout_client *client = NULL;
    struct journal *journal;
    struct people people;
    if (!command_parse(&send_argp, argc, argv, &input) || !input_read(&input, &people, &journal))
        return STATUS_USAGE;
    if (input.dry_run)
        return dry_run(&input, &people);
    int status = STATUS_USAGE;
    if (settings_client(settings, true, &client))
        status = people_send(&input, client, journal, &people);
    payout_client_close(client);
    journal_close(journal);
    return status;
}

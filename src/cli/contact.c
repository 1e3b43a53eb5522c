#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/people.h"
#include "cli/print.h"
#include "wire/reply.h"

enum {
    OUT_BYTES_MAX = 256 * 1024 * 1024,
    ERRORS_BYTES_MAX = 256 * 1024,
    LOT_SIZE = 500,
    OUTCOME_COUNT = PAYOUT_OUTCOME_NOT_SENT + 1,
};

struct contact_input {
    struct settings *settings;
    struct payout_contact contact;
    const char *csv;
    bool ignore_columns;
};

enum { FLAG_PREFIX = 0x200, FLAG_NAME, FLAG_SURNAME, FLAG_EMAIL, FLAG_CSV, FLAG_IGNORE_COLUMNS };

static const struct argp_option contact_flags[] = {
    {"prefix", FLAG_PREFIX, "PREFIX", 0, "Country prefix (225)", 0},
    {"name", FLAG_NAME, "NAME", 0, "The family name", 0},
    {"surname", FLAG_SURNAME, "NAME", 0, "The first names", 0},
    {"email", FLAG_EMAIL, "ADDRESS", 0, "The mail address", 0},
    {"csv", FLAG_CSV, "FILE", 0, "Everybody in a CSV with a header row (- is standard input)", 0},
    {"ignore-columns", FLAG_IGNORE_COLUMNS, NULL, 0, "Leave out columns that mean nothing here", 0},
    {0},
};

static error_t contact_parse(int key, char *value, struct argp_state *state)
{
    struct contact_input *input = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        settings_child(state);
        return 0;
    case FLAG_PREFIX:
        input->contact.prefix = value;
        return 0;
    case FLAG_NAME:
        input->contact.name = value;
        return 0;
    case FLAG_SURNAME:
        input->contact.surname = value;
        return 0;
    case FLAG_EMAIL:
        input->contact.email = value;
        return 0;
    case FLAG_CSV:
        input->csv = value;
        return 0;
    case FLAG_IGNORE_COLUMNS:
        input->ignore_columns = true;
        return 0;
    case ARGP_KEY_ARG:
        if (input->contact.phone != NULL)
            argp_usage(state);
        input->contact.phone = value;
        return 0;
    case ARGP_KEY_END:
        if ((input->contact.phone == NULL) == (input->csv == NULL))
            argp_error(state, "give a PHONE or --csv FILE");
        if (input->contact.phone != NULL && input->contact.prefix == NULL)
            argp_error(state, "PHONE needs --prefix");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp contact_argp = {
    .options = contact_flags,
    .parser = contact_parse,
    .args_doc = "[PHONE]",
    .doc =
        "Add people as contacts: one, or everybody in a CSV with the columns prefix, phone, name, "
        "surname, email. Who is a contact already stays one.",
    .children = settings_children,
};

static bool rows_read(const struct contact_input *input, struct people *people)
{
    struct arena *arena = input->settings->arena;
    if (input->csv == NULL) {
        struct person *person = arena_alloc(arena, 1, sizeof *person);
        *person = (struct person){.line = 1,
                                  .prefix = input->contact.prefix,
                                  .phone = input->contact.phone,
                                  .name = input->contact.name,
                                  .surname = input->contact.surname,
                                  .email = input->contact.email};
        *people = (struct people){.rows = person, .count = 1};
        return true;
    }
    const struct people_options options = {
        .path = strcmp(input->csv, "-") == 0 ? "standard input" : input->csv,
        .ignore_unknown = input->ignore_columns,
        .prefix = input->contact.prefix,
    };
    return people_file_read(arena, input->csv, &options, people);
}

/* A table, or with --json an array, that grows lot by lot. */
struct report {
    struct settings *settings;
    struct table table;
    struct buffer json;
    size_t counts[OUTCOME_COUNT];
};

static void report_add(struct report *report, const struct person *person,
                       const struct payout_item *item, const struct payout_result *result)
{
    enum { NUMBER_BYTES = 24 };
    char *line = arena_alloc(report->settings->arena, 2, NUMBER_BYTES);
    (void)snprintf(line, NUMBER_BYTES, "%lld", (long long)person->line);
    (void)snprintf(line + NUMBER_BYTES, NUMBER_BYTES, "%d", (int)item->code);
    const char *status = item->status != NULL ? item->status : result->message;
    report->counts[item->outcome]++;
    table_row(&report->table,
              (const char *const[]){line, person->prefix, person->phone,
                                    payout_outcome_word(item->outcome), line + NUMBER_BYTES,
                                    settings_text(report->settings, status)});
    buffer_text_append(&report->json, report->json.length == 0 ? "[{" : ",{");
    reply_int_member(&report->json, "line", person->line);
    reply_text_member(&report->json, "prefix", person->prefix);
    reply_text_member(&report->json, "phone", person->phone);
    reply_text_member(&report->json, "outcome", payout_outcome_word(item->outcome));
    reply_int_member(&report->json, "code", (int)item->code);
    reply_text_member(&report->json, "status", status);
    reply_text_member(&report->json, "lot", item->lot);
    buffer_char(&report->json, '}');
}

/* Adds the rows from first on. False: whoever follows must not be tried; *status says why. */
static bool lot_add(struct report *report, struct payout_client *client, const struct person *rows,
                    size_t count, int *status)
{
    struct payout_contact *contacts = arena_alloc(report->settings->arena, count, sizeof *contacts);
    struct payout_result *result = NULL;
    for (size_t i = 0; i < count; i++)
        contacts[i] = (struct payout_contact){.prefix = rows[i].prefix,
                                              .phone = rows[i].phone,
                                              .name = rows[i].name,
                                              .surname = rows[i].surname,
                                              .email = rows[i].email};
    (void)payout_contact_add(client, contacts, count, &result);
    bool on = result != NULL && result->fault == PAYOUT_CLIENT_DONE &&
              (result->code == PAYOUT_OK || result->items[0].status != NULL);
    if (!on)
        *status = command_result_say(result);
    for (size_t i = 0; result != NULL && i < count; i++)
        report_add(report, &rows[i], &result->items[i], result);
    payout_result_free(result);
    return on;
}

static bool report_show(struct report *report)
{
    struct buffer out;
    buffer_init(&out, OUT_BYTES_MAX);
    if (report->settings->json) {
        buffer_append(&out, buffer_text(&report->json), report->json.length);
        buffer_text_append(&out, report->json.length == 0 ? "[]\n" : "]\n");
        out.failed = out.failed || !buffer_ok(&report->json);
    } else {
        table_write(&report->table, &out);
        buffer_format(&out, "%zu added, %zu there before, %zu refused\n",
                      report->counts[PAYOUT_OUTCOME_ACCEPTED],
                      report->counts[PAYOUT_OUTCOME_REPEATED],
                      report->counts[PAYOUT_OUTCOME_REFUSED]);
    }
    bool written = print_flush(&out);
    buffer_free(&out);
    return written;
}

static int contacts_add(struct settings *settings, struct payout_client *client,
                        const struct people *people)
{
    static const char *const heads[] = {">line", "prefix", "phone", "outcome", ">code", "status"};
    struct report report = {.settings = settings};
    int status = STATUS_OK;
    table_init(&report.table, settings->arena);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        table_column(&report.table, heads[i]);
    buffer_init(&report.json, OUT_BYTES_MAX);
    size_t done = 0;
    for (bool on = true; on && done < people->count;) {
        size_t rest = people->count - done, count = rest < LOT_SIZE ? rest : LOT_SIZE;
        on = lot_add(&report, client, people->rows + done, count, &status);
        done += count;
    }
    if (done < people->count)
        print_problem("%zu people were not tried", people->count - done);
    if (!report_show(&report) && status == STATUS_OK)
        status = STATUS_USAGE;
    buffer_free(&report.json);
    size_t good = report.counts[PAYOUT_OUTCOME_ACCEPTED] + report.counts[PAYOUT_OUTCOME_REPEATED];
    if (status == STATUS_OK && good < people->count)
        status = good == 0 ? STATUS_REFUSED : STATUS_SOME_REFUSED;
    return status;
}

int command_contact_add(struct settings *settings, int argc, char **argv)
{
    struct contact_input input = {.settings = settings};
    struct payout_client *client = NULL;
    struct people people;
    if (!command_parse(&contact_argp, argc, argv, &input) || !rows_read(&input, &people) ||
        !settings_client(settings, true, &client))
        return STATUS_USAGE;
    int status = contacts_add(settings, client, &people);
    payout_client_close(client);
    return status;
}

#include "cli/report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/csv.h"

enum {
    COMMAND_BYTES_MAX = 16 * 1024,
    COMMANDS_BYTES_MAX = 4 * 1024 * 1024,
    LINE_BYTES_MAX = 64 * 1024,
    DIFFERENCES_BYTES_MAX = 1024 * 1024 * 1024,
    NUMBER_BYTES = 24,
};

/* --- Proposals --- */

void shell_word_write(struct buffer *command, const char *text)
{
    buffer_char(command, '\'');
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            buffer_text_append(command, "'\\''");
        else
            buffer_char(command, (unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text);
    }
    buffer_char(command, '\'');
}

/* The operator's own reference of a row, as it can be shown. */
static void reference_clean(struct operator_file *file, const struct operator_row *row, char *text,
                            size_t size)
{
    struct buffer clean;
    buffer_init(&clean, 4 * (size_t)OPERATOR_FIELD_BYTES);
    print_clean(&clean, operator_file_field(file, row, MAPPING_OPERATOR_REFERENCE));
    (void)snprintf(text, size, "%s", buffer_text(&clean));
    buffer_free(&clean);
}

static void settle_write(struct operator_file *file, const struct finding *finding,
                         const char *outcome, struct buffer *command)
{
    char evidence[OPERATOR_FIELD_BYTES + 256], reference[OPERATOR_FIELD_BYTES];
    buffer_format(command, "payout transfer settle %s --%s --evidence ", finding->transfer->id,
                  outcome);
    if (finding->row == NULL) {
        (void)snprintf(evidence, sizeof evidence, "not in the operator's %.200s", file->path);
    } else {
        reference_clean(file, finding->row, reference, sizeof reference);
        (void)snprintf(evidence, sizeof evidence, "%.200s line %" PRId64 " %s", file->path,
                       finding->row->line, reference);
    }
    shell_word_write(command, evidence);
    buffer_text_append(command, " --person \"$USER\"");
}

/* The reference makes the command safe to repeat. */
static void fund_write(const struct our_transfer *transfer, const char *verb, const char *why,
                       struct buffer *command)
{
    buffer_format(
        command,
        "payout merchant %s %" PRId64 " --amount %" PRId64 " --currency %s --reference %s-%s", verb,
        transfer->merchant, transfer->charged, transfer->currency, why, transfer->id);
}

bool proposal_write(struct operator_file *file, const struct finding *finding,
                    struct buffer *command)
{
    const struct our_transfer *transfer = finding->transfer;
    if (transfer == NULL ||
        (finding->kind != FINDING_STATUS_DIFFERS && finding->kind != FINDING_MISSING_THERE))
        return false;
    bool open = transfer->state == OUR_NOS || transfer->state == OUR_REC;
    if (finding->kind == FINDING_MISSING_THERE) {
        if (open)
            settle_write(file, finding, "rejected", command);
        return open;
    }
    invariant(finding->row != NULL);
    invariant(finding->row != NULL); /* Its state differs from something. */
    bool paid = finding->row->said == SAID_PAID, rejected = finding->row->said == SAID_REJECTED;
    if (open && (paid || rejected))
        settle_write(file, finding, paid ? "paid" : "rejected", command);
    else if (paid && transfer->state == OUR_REJ)
        fund_write(transfer, "withdraw", "paid-after-all", command);
    else if (rejected && transfer->state == OUR_VAL)
        fund_write(transfer, "topup", "never-paid", command);
    else
        return false;
    return true;
}

/* --- Collecting --- */

void report_open(struct report *report)
{
    static const char *const heads[] = {"finding", "transaction_id", ">here", ">there",
                                        "state",   "said",           "line",  "operator reference"};
    table_init(&report->table, report->arena);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        table_column(&report->table, heads[i]);
    buffer_init(&report->commands, COMMANDS_BYTES_MAX);
    buffer_init(&report->differences, DIFFERENCES_BYTES_MAX);
    if (report->csv != NULL)
        (void)fputs("finding,transaction_id,client_transaction_id,merchant,currency,amount_here,"
                    "amount_there,state_here,said_there,operator_reference_here,"
                    "operator_reference_there,date_there,line,why,command\n",
                    report->csv);
}

void report_close(struct report *report)
{
    buffer_free(&report->commands);
    buffer_free(&report->differences);
}

/* A finding as texts; "" where there is nothing. */
struct line {
    const char *finding, *id, *client_id, *merchant, *currency, *here, *there, *state, *said,
        *reference_here, *reference_there, *date, *line, *why, *command;
};

static const char *text_keep(struct report *report, const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(arena_alloc(report->arena, size, 1), text, size);
}

static void table_add(struct report *report, const struct line *line)
{
    if (report->shown++ >= REPORT_SHOWN_MAX)
        return;
    const char *cells[] = {line->finding,
                           text_keep(report, line->id[0] != '\0' ? line->id : line->why),
                           text_keep(report, line->here),
                           text_keep(report, line->there),
                           text_keep(report, line->state),
                           line->said,
                           text_keep(report, line->line),
                           text_keep(report, line->reference_there[0] != '\0'
                                                 ? line->reference_there
                                                 : line->reference_here)};
    table_row(&report->table, cells);
}

static void command_add(struct report *report, const struct line *line)
{
    if (line->command[0] == '\0')
        return;
    if (report->commands_shown == REPORT_SHOWN_MAX) {
        report->commands_hidden++;
        return;
    }
    report->commands_shown++;
    print_clean(&report->commands, line->command);
    buffer_char(&report->commands, '\n');
}

static void csv_add(struct report *report, const struct line *line)
{
    const char *const fields[] = {line->finding,
                                  line->id,
                                  line->client_id,
                                  line->merchant,
                                  line->currency,
                                  line->here,
                                  line->there,
                                  line->state,
                                  line->said,
                                  line->reference_here,
                                  line->reference_there,
                                  line->date,
                                  line->line,
                                  line->why,
                                  line->command};
    struct buffer text;
    buffer_init(&text, LINE_BYTES_MAX);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        csv_field_write(&text, fields[i], i == 0);
    buffer_char(&text, '\n');
    (void)fputs(buffer_text(&text), report->csv); /* ferror tells, at the end. */
    buffer_free(&text);
}

/* Sets the member to the text, or to a number when it is one of ours; leaves it out when empty. */
static void json_member(json_t *object, const char *name, const char *text, bool number)
{
    if (text[0] != '\0' && number)
        (void)json_object_set_new(object, name, json_integer(strtoll(text, NULL, 10)));
    else if (text[0] != '\0')
        (void)json_object_set_new(object, name, json_string(text));
}

static void json_add(struct report *report, const struct line *line)
{
    json_t *object = json_object();
    json_member(object, "finding", line->finding, false);
    json_member(object, "transaction_id", line->id, false);
    json_member(object, "client_transaction_id", line->client_id, false);
    json_member(object, "merchant", line->merchant, true);
    json_member(object, "currency", line->currency, false);
    json_member(object, "amount_here", line->here, true);
    json_member(object, "amount_there", line->there, true);
    json_member(object, "state_here", line->state, false);
    json_member(object, "said_there", line->said, false);
    json_member(object, "operator_reference_here", line->reference_here, false);
    json_member(object, "operator_reference_there", line->reference_there, false);
    json_member(object, "date_there", line->date, false);
    json_member(object, "line", line->line, true);
    json_member(object, "why", line->why, false);
    json_member(object, "command", line->command, false);
    char *text = json_dumps(object, JSON_COMPACT);
    invariant(text != NULL);
    if (report->differences.length > 0)
        buffer_text_append(&report->differences, ",\n");
    buffer_text_append(&report->differences, text);
    free(text);
    json_decref(object);
}

static void difference_add(struct report *report, const struct finding *finding)
{
    const struct our_transfer *transfer = finding->transfer;
    const struct operator_row *row = finding->row;
    char merchant[NUMBER_BYTES] = "", here[NUMBER_BYTES] = "", there[NUMBER_BYTES] = "",
         number[NUMBER_BYTES] = "", date[CLOCK_TEXT_BYTES] = "", id[TRANSACTION_TEXT_BYTES] = "",
         reference[OPERATOR_FIELD_BYTES] = "";
    struct buffer command;
    buffer_init(&command, COMMAND_BYTES_MAX);
    int64_t at_line = row != NULL ? row->line : finding->line;
    if (at_line > 0)
        (void)snprintf(number, sizeof number, "%" PRId64, at_line);
    if (row != NULL) {
        (void)snprintf(there, sizeof there, "%" PRId64, row->amount);
        reference_clean(report->file, row, reference, sizeof reference);
        if (row->at_ms > 0)
            clock_iso_text(row->at_ms, date);
        if (row->key > 0)
            transaction_text(row->key, id);
    }
    if (transfer != NULL) {
        (void)snprintf(merchant, sizeof merchant, "%" PRId64, transfer->merchant);
        (void)snprintf(here, sizeof here, "%" PRId64, transfer->amount);
    }
    (void)proposal_write(report->file, finding, &command);
    const struct line line = {.finding = finding_word(finding->kind),
                              .id = transfer != NULL ? transfer->id : id,
                              .client_id = transfer != NULL ? transfer->client_id : "",
                              .merchant = merchant,
                              .currency = transfer != NULL ? transfer->currency : "",
                              .here = here,
                              .there = there,
                              .state = transfer != NULL ? transfer->state_text : "",
                              .said = row != NULL ? said_text(row->said) : "",
                              .reference_here =
                                  transfer != NULL ? transfer->operator_reference : "",
                              .reference_there = reference,
                              .date = date,
                              .line = number,
                              .why = finding->why != NULL ? finding->why : "",
                              .command = buffer_text(&command)};
    if (report->csv != NULL)
        csv_add(report, &line);
    if (report->json) {
        json_add(report, &line);
    } else {
        table_add(report, &line);
        command_add(report, &line);
    }
    buffer_free(&command);
}

void report_add(struct report *report, const struct finding *finding)
{
    report->counts[finding->kind]++;
    if (finding->transfer != NULL && finding->kind != FINDING_TWICE_THERE)
        report->here[finding->kind] += finding->transfer->amount;
    if (finding->row != NULL)
        report->there[finding->kind] += finding->row->amount;
    if (finding->kind != FINDING_MATCHED)
        difference_add(report, finding);
}

size_t report_differences(const struct report *report)
{
    size_t count = 0;
    for (size_t i = 0; i < FINDING_COUNT; i++)
        count += i == FINDING_MATCHED ? 0 : report->counts[i];
    return count;
}

/* --- Writing --- */

static const char *number_keep(struct report *report, int64_t number)
{
    char text[NUMBER_BYTES];
    (void)snprintf(text, sizeof text, "%" PRId64, number);
    return text_keep(report, text);
}

static void summary_write(struct report *report, struct buffer *out)
{
    char from[CLOCK_TEXT_BYTES], to[CLOCK_TEXT_BYTES];
    struct table table;
    clock_text(report->from_ms, from);
    clock_text(report->to_ms, to);
    print_clean(out, report->file->path);
    buffer_text_append(out, " against the transfers of ");
    print_clean(out, report->operator_method);
    buffer_format(out, ", %s to %s UTC\n\n", from, to);
    table_init(&table, report->arena);
    table_column(&table, "finding");
    table_column(&table, ">transfers");
    table_column(&table, ">sum here");
    table_column(&table, ">sum there");
    table_column(&table, "meaning");
    for (enum finding_kind kind = 0; kind < FINDING_COUNT; kind++) {
        if (kind != FINDING_MATCHED && report->counts[kind] == 0)
            continue;
        const char *cells[] = {finding_word(kind),
                               number_keep(report, (int64_t)report->counts[kind]),
                               number_keep(report, report->here[kind]),
                               number_keep(report, report->there[kind]), finding_meaning(kind)};
        table_row(&table, cells);
    }
    table_write(&table, out);
    if (report->file->ignored > 0)
        buffer_format(out, "%" PRId64 " rows were ignored, as the mapping says\n",
                      report->file->ignored);
    if (report->unverified > 0)
        buffer_format(
            out, "%" PRId64 " of those missing here were not looked for with other operators\n",
            report->unverified);
}

static void people_write(struct report *report, struct buffer *out)
{
    summary_write(report, out);
    if (report->shown > 0) {
        buffer_char(out, '\n');
        table_write(&report->table, out);
    }
    if (report->shown > REPORT_SHOWN_MAX)
        buffer_format(out, "... and %zu more: --csv FILE has them all\n",
                      report->shown - REPORT_SHOWN_MAX);
    if (report->commands_shown == 0)
        return;
    buffer_text_append(out, "\nNothing was changed. Once you are sure of it, each alone:\n\n");
    buffer_append(out, buffer_text(&report->commands), report->commands.length);
    if (report->commands_hidden > 0)
        buffer_format(out, "... and %zu more: --csv FILE has them all\n", report->commands_hidden);
}

static void json_write(struct report *report, struct buffer *out)
{
    char from[CLOCK_TEXT_BYTES], to[CLOCK_TEXT_BYTES];
    clock_iso_text(report->from_ms, from);
    clock_iso_text(report->to_ms, to);
    json_t *head = json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:{}}", "file", report->file->path,
                             "operator", report->operator_method, "from", from, "to", to, "ignored",
                             (json_int_t)report->file->ignored, "unverified",
                             (json_int_t)report->unverified, "summary");
    for (enum finding_kind kind = 0; kind < FINDING_COUNT; kind++)
        (void)json_object_set_new(json_object_get(head, "summary"), finding_word(kind),
                                  json_pack("{s:I, s:I, s:I}", "transfers",
                                            (json_int_t)report->counts[kind], "amount_here",
                                            (json_int_t)report->here[kind], "amount_there",
                                            (json_int_t)report->there[kind]));
    char *text = json_dumps(head, JSON_COMPACT);
    invariant(text != NULL);
    buffer_append(out, text, strlen(text) - 1); /* The differences come before its }. */
    buffer_text_append(out, ",\"differences\":[");
    buffer_append(out, buffer_text(&report->differences), report->differences.length);
    buffer_text_append(out, "]}\n");
    free(text);
    json_decref(head);
}

bool report_write(struct report *report)
{
    struct buffer out;
    buffer_init(&out, (size_t)DIFFERENCES_BYTES_MAX + COMMANDS_BYTES_MAX);
    if (report->json)
        json_write(report, &out);
    else
        people_write(report, &out);
    bool written = buffer_ok(&report->differences) && buffer_ok(&out) && print_flush(&out);
    buffer_free(&out);
    return written &&
           (report->csv == NULL || (ferror(report->csv) == 0 && fflush(report->csv) == 0));
}

/* payout reconcile: gets an operator's transfers page by page and holds its file against them. */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "cli/admin.h"
#include "cli/command.h"
#include "cli/report.h"
#include "client/transport.h"

enum {
    PATH_BYTES_MAX = 4096,
    PAGE_TRANSFERS = 10000,
    LOOKUPS_MAX = 10000, /* Of transfers outside the period, one by one. */
    REACH_DAYS_DEFAULT = 3,
    REACH_DAYS_MAX = 366,
};
#define DAY_MS (INT64_C(24) * 3600 * 1000)

enum { FLAG_MAPPING = 0x200, FLAG_OPERATOR, FLAG_FROM, FLAG_TO, FLAG_REACH, FLAG_CSV };

struct reconcile_input {
    struct settings *settings;
    const char *path, *mapping, *operator_method, *csv;
    int64_t from_ms, to_ms; /* -1: not given. */
    int64_t reach_days;
};

static const struct argp_option flags[] = {
    {"mapping", FLAG_MAPPING, "FILE", 0, "What the file's columns and words mean (INI)", 0},
    {"operator", FLAG_OPERATOR, "METHOD", 0, "Whose file: its payment_method, as OM or OMSN", 0},
    {"from", FLAG_FROM, "DATE", 0, "From when on the file tells, UTC (2026-11-01)", 0},
    {"to", FLAG_TO, "DATE", 0, "Until before when", 0},
    {"reach", FLAG_REACH, "DAYS", 0, "How long a transfer may be under way (default 3)", 0},
    {"csv", FLAG_CSV, "FILE", 0, "Write every difference there", 0},
    {0},
};

static error_t reconcile_parse(int key, char *value, struct argp_state *state)
{
    struct reconcile_input *input = state->input;
    char *end = NULL;
    switch (key) {
    case ARGP_KEY_INIT:
        settings_child(state);
        return 0;
    case FLAG_MAPPING:
        input->mapping = value;
        return 0;
    case FLAG_OPERATOR:
        input->operator_method = value;
        return 0;
    case FLAG_FROM:
    case FLAG_TO:
        if (!clock_text_read(value, key == FLAG_FROM ? &input->from_ms : &input->to_ms))
            argp_error(state, "%s: dates are written 2026-11-01 or 2026-11-01T12:00:00", value);
        return 0;
    case FLAG_REACH:
        input->reach_days = strtoll(value, &end, 10);
        if (end == value || *end != '\0' || input->reach_days < 0 ||
            input->reach_days > REACH_DAYS_MAX)
            argp_error(state, "--reach takes 0 to %d days", REACH_DAYS_MAX);
        return 0;
    case FLAG_CSV:
        input->csv = value;
        return 0;
    case ARGP_KEY_ARG:
        if (input->path != NULL)
            argp_usage(state);
        input->path = value;
        return 0;
    case ARGP_KEY_END:
        if (input->path == NULL || input->mapping == NULL)
            argp_failure(state, STATUS_USAGE, 0, "a file and --mapping are needed");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* --- Our side --- */

struct our_side {
    struct settings *settings;
    struct transport *transport;
    struct report *report;
    int status;    /* STATUS_OK, or why there is no answer. */
    json_t *found; /* The last answer of a look-up: its texts are in use ... */
    char found_id[TRANSACTION_TEXT_BYTES]; /* ... and this one. */
    int64_t lookups;
    int64_t from_ms, to_ms; /* What is got page by page: transfers made from then to then. */
};

static const char *member_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text == NULL ? "" : text;
}

static int64_t member_time(const json_t *object, const char *name)
{
    int64_t at_ms = 0;
    return clock_text_read(member_text(object, name), &at_ms) ? at_ms : 0;
}

static bool state_read(const char *text, enum our_state *state)
{
    static const char *const states[] = {[OUR_NEW] = "NEW",
                                         [OUR_REC] = "REC",
                                         [OUR_NOS] = "NOS",
                                         [OUR_VAL] = "VAL",
                                         [OUR_REJ] = "REJ"};
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (strcmp(states[i], text) == 0) {
            *state = (enum our_state)i;
            return true;
        }
    return false;
}

/* The id is written anew, into id, and the currency looked at: both stand in commands. False: this
 * is no transfer as the admin API shows one. */
static bool transfer_read(const json_t *object, char id[TRANSACTION_TEXT_BYTES],
                          struct our_transfer *transfer)
{
    *transfer = (struct our_transfer){
        .key = transaction_key(member_text(object, "transaction_id")),
        .id = id,
        .client_id = member_text(object, "client_transaction_id"),
        .operator_method = member_text(object, "operator"),
        .operator_reference = member_text(object, "operator_reference"),
        .currency = member_text(object, "currency"),
        .state_text = member_text(object, "state"),
        .merchant = json_integer_value(json_object_get(object, "merchant")),
        .amount = json_integer_value(json_object_get(object, "delivered")),
        .charged = json_integer_value(json_object_get(object, "delivered")) +
                   json_integer_value(json_object_get(object, "fee")),
        .submitted_at_ms = member_time(object, "submitted_at"),
        .validated_at_ms = member_time(object, "validated_at"),
    };
    if (transfer->key <= 0 || transfer->amount <= 0 ||
        strspn(transfer->currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 3 ||
        strlen(transfer->currency) != 3 || !state_read(transfer->state_text, &transfer->state))
        return false;
    transaction_text(transfer->key, id);
    return true;
}

static void answer_unreadable(struct our_side *ours)
{
    print_problem("the server's answer is not the admin API's");
    ours->status = STATUS_UNREACHABLE;
}

/* For the reconciliation: a transfer that did not come by. */
static bool transfer_find(void *context, int64_t key, struct our_transfer *transfer)
{
    struct our_side *ours = context;
    char before[TRANSACTION_TEXT_BYTES], path[PATH_BYTES_MAX];
    if (ours->status != STATUS_OK)
        return false;
    if (ours->lookups++ >= LOOKUPS_MAX) {
        ours->report->unverified++;
        return false;
    }
    transaction_text(key - 1, before);
    (void)snprintf(path, sizeof path, "/admin/v1/transfers?limit=1&after=%s", before);
    json_decref(ours->found);
    ours->status = admin_get(ours->settings, ours->transport, path, &ours->found);
    const json_t *first = json_array_get(json_object_get(ours->found, "transfers"), 0);
    return first != NULL && transfer_read(first, ours->found_id, transfer) && transfer->key == key;
}

/* The path of the page that follows next; NULL: of the first. */
static void page_path(const struct our_side *ours, const char *next, struct buffer *path)
{
    char from[CLOCK_TEXT_BYTES], to[CLOCK_TEXT_BYTES];
    clock_iso_text(ours->from_ms, from);
    clock_iso_text(ours->to_ms, to);
    buffer_clear(path);
    buffer_format(path, "/admin/v1/transfers?limit=%d", (int)PAGE_TRANSFERS);
    transport_field(path, "operator", ours->report->operator_method);
    transport_field(path, "from", from);
    transport_field(path, "to", to);
    if (next != NULL)
        transport_field(path, "after", next);
}

static void page_take(struct our_side *ours, const json_t *page,
                      struct reconciliation *reconciliation)
{
    const json_t *transfers = json_object_get(page, "transfers"), *object;
    size_t index;
    json_array_foreach(transfers, index, object)
    {
        struct our_transfer transfer;
        char id[TRANSACTION_TEXT_BYTES];
        if (!transfer_read(object, id, &transfer)) {
            answer_unreadable(ours);
            return;
        }
        reconciliation_take(reconciliation, &transfer);
        if (ours->status != STATUS_OK)
            return;
    }
}

static void pages_take(struct our_side *ours, struct reconciliation *reconciliation)
{
    struct buffer path;
    json_t *page = NULL;
    const char *next = NULL;
    buffer_init(&path, PATH_BYTES_MAX);
    do {
        page_path(ours, next, &path);
        json_decref(page); /* With it goes next. */
        ours->status = admin_get(ours->settings, ours->transport, buffer_text(&path), &page);
        if (ours->status == STATUS_OK)
            page_take(ours, page, reconciliation);
        next = json_string_value(json_object_get(page, "next"));
    } while (ours->status == STATUS_OK && next != NULL);
    json_decref(page);
    buffer_free(&path);
}

/* --- The period --- */

/* What the file's dates, or else the ids in it, span, in whole days; a day that is not over yet
 * ends with its last row. False: it has neither. */
static bool period_guess(const struct operator_file *file, int64_t *from_ms, int64_t *to_ms)
{
    int64_t first = INT64_MAX, last = -1, now_ms = clock_now_ms();
    for (size_t i = 0; i < file->count; i++) {
        const struct operator_row *row = &file->rows[i];
        int64_t at_ms = row->at_ms > 0 ? row->at_ms : transaction_at_ms(row->key);
        if (at_ms > 0 && at_ms < first)
            first = at_ms;
        if (at_ms > last)
            last = at_ms;
    }
    if (last <= 0)
        return false;
    *from_ms = first / DAY_MS * DAY_MS;
    *to_ms = (last / DAY_MS + 1) * DAY_MS;
    if (*to_ms > now_ms)
        *to_ms = last + 1000;
    return true;
}

static bool period_set(const struct reconcile_input *input, const struct operator_file *file,
                       struct report *report)
{
    bool guessed = period_guess(file, &report->from_ms, &report->to_ms);
    if (input->from_ms >= 0)
        report->from_ms = input->from_ms;
    if (input->to_ms >= 0)
        report->to_ms = input->to_ms;
    if (!guessed && (input->from_ms < 0 || input->to_ms < 0)) {
        print_problem("%s does not say of which time it is: --from and --to", input->path);
        return false;
    }
    if (report->to_ms <= report->from_ms) {
        print_problem("--to must be after --from");
        return false;
    }
    return true;
}

/* --- The command --- */

static void finding_add(void *context, const struct finding *finding)
{
    struct our_side *ours = context;
    report_add(ours->report, finding);
}

/* Rows that can't be read are told before all others. */
static void unreadable_add(void *context, int64_t line, const char *why)
{
    report_add(context, &(struct finding){.kind = FINDING_UNREADABLE, .line = line, .why = why});
}

/* All that may have ended in the period, and all that the file names, but for what it names from so
 * far back that it is quicker looked up. */
static void span_set(struct our_side *ours, const struct operator_file *file, int64_t reach_ms)
{
    const struct report *report = ours->report;
    ours->from_ms = report->from_ms > reach_ms ? report->from_ms - reach_ms : 0;
    ours->to_ms = report->to_ms;
    size_t keyless = 0;
    while (keyless < file->count && file->rows[keyless].key == 0)
        keyless++;
    if (keyless == file->count)
        return;
    size_t before = keyless;
    while (before < file->count && transaction_at_ms(file->rows[before].key) < ours->from_ms)
        before++;
    if (before - keyless > LOOKUPS_MAX / 2)
        ours->from_ms = transaction_at_ms(file->rows[keyless].key);
    int64_t last_ms = transaction_at_ms(file->rows[file->count - 1].key) + 1000;
    if (last_ms > ours->to_ms)
        ours->to_ms = last_ms;
}

static int compare_all(struct reconcile_input *input, struct report *report)
{
    struct our_side ours = {.settings = input->settings, .report = report};
    ours.status = admin_open(input->settings, &ours.transport);
    if (ours.status != STATUS_OK)
        return ours.status;
    struct reconciliation reconciliation = {.file = report->file,
                                            .operator_method = report->operator_method,
                                            .from_ms = report->from_ms,
                                            .to_ms = report->to_ms,
                                            .context = &ours,
                                            .found = finding_add,
                                            .find = transfer_find};
    span_set(&ours, report->file, input->reach_days * DAY_MS);
    reconciliation_begin(&reconciliation);
    pages_take(&ours, &reconciliation);
    if (ours.status == STATUS_OK)
        reconciliation_end(&reconciliation);
    json_decref(ours.found);
    transport_close(ours.transport);
    if (ours.status != STATUS_OK) {
        print_problem("there is no report%s", input->csv == NULL ? "" : ": the CSV is not whole");
        return ours.status;
    }
    if (!report_write(report)) {
        print_problem("the report can't be written");
        return STATUS_USAGE;
    }
    return report_differences(report) == 0 ? STATUS_OK : STATUS_SOME_REFUSED;
}

static int file_compare(struct reconcile_input *input, const struct mapping *mapping,
                        struct report *report)
{
    int status = STATUS_USAGE;
    report_open(report);
    if (operator_file_open(report->file, input->path, mapping, unreadable_add, report)) {
        if (period_set(input, report->file, report))
            status = compare_all(input, report);
        operator_file_close(report->file);
    }
    report_close(report);
    return status;
}

int command_reconcile(struct settings *settings, int argc, char **argv)
{
    static const struct argp argp = {
        .options = flags,
        .parser = reconcile_parse,
        .args_doc = "FILE",
        .doc = "Hold an operator's CSV of what it paid against our transfers, and show what does "
               "not agree and which commands would put it right. It changes nothing.",
        .children = settings_children};
    struct reconcile_input input = {
        .settings = settings, .from_ms = -1, .to_ms = -1, .reach_days = REACH_DAYS_DEFAULT};
    struct mapping mapping;
    if (!command_parse(&argp, argc, argv, &input) ||
        !mapping_read(settings->arena, input.mapping, &mapping))
        return STATUS_USAGE;
    struct operator_file file;
    struct report report = {.arena = settings->arena,
                            .file = &file,
                            .operator_method = input.operator_method != NULL
                                                   ? input.operator_method
                                                   : mapping.operator_method,
                            .json = settings->json};
    if (report.operator_method == NULL) {
        print_problem("whose file is it? --operator, or [match] operator in %s", input.mapping);
        return STATUS_USAGE;
    }
    if (input.csv != NULL && (report.csv = fopen(input.csv, "we")) == NULL) {
        print_problem("%s: %s", input.csv, strerror(errno));
        return STATUS_USAGE;
    }
    int status = file_compare(&input, &mapping, &report);
    if (report.csv != NULL && fclose(report.csv) != 0) {
        print_problem("%s: %s", input.csv, strerror(errno));
        status = STATUS_USAGE;
    }
    return status;
}

/* Notifications that were given up, and sending again what has ended. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/admin.h"
#include "cli/command.h"
#include "cli/print.h"
#include "client/transport.h"

enum { FORM_BYTES_MAX = 16 * 1024 };
enum {
    FLAG_MERCHANT = 0x200,
    FLAG_ENDPOINT,
    FLAG_NUMBER,
    FLAG_FROM,
    FLAG_TO,
    FLAG_ALL,
    FLAG_AFTER,
    FLAG_LIMIT
};

struct told_input {
    struct settings *settings;
    const char *id, *number;
    const char *merchant, *endpoint, *from, *to, *all, *after, *limit;
};

static error_t told_parse(int key, char *value, struct argp_state *state)
{
    struct told_input *input = state->input;
    const struct {
        int key;
        const char **text;
    } flags[] = {
        {FLAG_MERCHANT, &input->merchant},
        {FLAG_ENDPOINT, &input->endpoint},
        {FLAG_NUMBER, &input->number},
        {FLAG_FROM, &input->from},
        {FLAG_TO, &input->to},
        {FLAG_AFTER, &input->after},
        {FLAG_LIMIT, &input->limit},
    };
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (flags[i].key == key) {
            *flags[i].text = value;
            return 0;
        }
    if (key == FLAG_ALL) {
        input->all = "true";
        return 0;
    }
    return command_nothing_parse(key, value, state);
}

#define PERIOD_FLAGS                                                                               \
    {"merchant", FLAG_MERCHANT, "ID", 0, "Only this merchant's", 0},                               \
        {"endpoint", FLAG_ENDPOINT, "NUMBER", 0, "Only to this endpoint; 0: to notify_urls", 0},   \
        {"from", FLAG_FROM, "TIME", 0, "Only of transfers accepted then or later: 2026-11-24", 0}, \
    {                                                                                              \
        "to", FLAG_TO, "TIME", 0, "Only of transfers accepted before", 0                           \
    }

/* The fields that were given. */
static void fields_write(struct buffer *form, const struct told_input *input)
{
    const struct {
        const char *name, *value;
    } fields[] = {
        {"transaction_id", input->id}, {"number", input->number}, {"merchant", input->merchant},
        {"endpoint", input->endpoint}, {"from", input->from},     {"to", input->to},
        {"all", input->all},           {"after", input->after},   {"limit", input->limit}};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (fields[i].value != NULL)
            transport_field(form, fields[i].name, fields[i].value);
}

int command_notification_dead(struct settings *settings, int argc, char **argv)
{
    static const struct argp_option flags[] = {
        PERIOD_FLAGS,
        {"after", FLAG_AFTER, "PLACE", 0, "What `next` was: the next page", 0},
        {"limit", FLAG_LIMIT, "COUNT", 0, "So many at most; 1000 when nothing is said", 0},
        {0}};
    static const struct argp argp = {.options = flags,
                                     .parser = told_parse,
                                     .doc = "Show the notifications that were given up.",
                                     .children = settings_children};
    struct told_input input = {.settings = settings, .limit = "1000"};
    struct buffer path;
    if (!command_parse(&argp, argc, argv, &input))
        return STATUS_USAGE;
    buffer_init(&path, FORM_BYTES_MAX);
    buffer_text_append(&path, "/admin/v1/notifications/dead?");
    fields_write(&path, &input);
    int status = STATUS_USAGE;
    if (buffer_ok(&path))
        status = admin_run(settings, buffer_text(&path), NULL);
    else
        print_problem("this is too long");
    buffer_free(&path);
    return status;
}

/* --- Sending again --- */

struct sums {
    json_int_t redelivered, waiting, again, off;
};

static void sums_add(struct sums *sums, const json_t *answer)
{
    sums->redelivered += json_integer_value(json_object_get(answer, "redelivered"));
    sums->waiting += json_integer_value(json_object_get(answer, "waiting"));
    sums->again += json_integer_value(json_object_get(answer, "again"));
    sums->off += json_integer_value(json_object_get(answer, "off"));
}

/* One batch. *place is where the next one begins, "" at the end; as_of is kept from the first. */
static int batch_run(struct told_input *input, struct transport *transport, char place[128],
                     char as_of[24], struct sums *sums)
{
    struct buffer form;
    json_t *answer = NULL;
    buffer_init(&form, FORM_BYTES_MAX);
    input->after = place[0] == '\0' ? NULL : place;
    fields_write(&form, input);
    if (as_of[0] != '\0')
        transport_field(&form, "as_of", as_of);
    int status = STATUS_USAGE;
    if (buffer_ok(&form))
        status = admin_post(input->settings, transport, "/admin/v1/notifications/redeliver", &form,
                            &answer);
    else
        print_problem("this is too long");
    buffer_free(&form);
    if (status != STATUS_OK)
        return status;
    const char *next = json_string_value(json_object_get(answer, "next"));
    sums_add(sums, answer);
    (void)snprintf(place, 128, "%s", next == NULL ? "" : next);
    (void)snprintf(as_of, 24, "%" JSON_INTEGER_FORMAT,
                   json_integer_value(json_object_get(answer, "as_of")));
    json_decref(answer);
    return STATUS_OK;
}

static error_t redeliver_parse(int key, char *value, struct argp_state *state)
{
    struct told_input *input = state->input;
    if (key == ARGP_KEY_ARG && input->id == NULL && *value != '\0') {
        input->id = value;
        return 0;
    }
    if (key == ARGP_KEY_END && input->id == NULL && input->merchant == NULL && input->from == NULL)
        argp_failure(state, STATUS_USAGE, 0, "TRANSACTION_ID, --merchant or --from is needed");
    return told_parse(key, value, state);
}

int command_notification_redeliver(struct settings *settings, int argc, char **argv)
{
    static const struct argp_option flags[] = {
        PERIOD_FLAGS,
        {"number", FLAG_NUMBER, "NUMBER", 0, "Of a transfer: this notification, not the last", 0},
        {"all", FLAG_ALL, NULL, 0, "Also those that were delivered, not only dead ones", 0},
        {0}};
    static const struct argp argp = {
        .options = flags,
        .parser = redeliver_parse,
        .args_doc = "[TRANSACTION_ID]",
        .doc = "Send notifications again that have ended, under the ids that they had: the last of "
               "a transfer for each that is told, or all dead ones of a period.",
        .children = settings_children};
    struct told_input input = {.settings = settings};
    struct transport *transport = NULL;
    char place[128] = "", as_of[24] = "";
    struct sums sums = {0};
    if (!command_parse(&argp, argc, argv, &input))
        return STATUS_USAGE;
    int status = admin_open(settings, &transport);
    while (status == STATUS_OK) {
        status = batch_run(&input, transport, place, as_of, &sums);
        if (place[0] == '\0')
            break;
    }
    transport_close(transport);
    if (settings->json)
        printf("{\"ok\":%s,\"redelivered\":%" JSON_INTEGER_FORMAT
               ",\"waiting\":%" JSON_INTEGER_FORMAT ",\"again\":%" JSON_INTEGER_FORMAT
               ",\"off\":%" JSON_INTEGER_FORMAT "}\n",
               status == STATUS_OK ? "true" : "false", sums.redelivered, sums.waiting, sums.again,
               sums.off);
    else
        printf("%" JSON_INTEGER_FORMAT " sent again, %" JSON_INTEGER_FORMAT
               " were waiting and are tried now, %" JSON_INTEGER_FORMAT
               " to endpoints that are off\n",
               sums.redelivered, sums.waiting, sums.off);
    return status;
}

#include <stdio.h>
#include <string.h>

#include "cli/admin.h"
#include "cli/command.h"
#include "cli/print.h"
#include "client/transport.h"

enum { FORM_BYTES_MAX = 16 * 1024, ID_BYTES_MAX = 256 };

/* A flag that becomes a field of the form. */
struct field {
    const char *name;
    int key;
};

enum {
    FLAG_NAME = 0x200,
    FLAG_CURRENCY,
    FLAG_MERCHANT_LANG,
    FLAG_SUSPENDED,
    FLAG_TOKEN_QUERY_ONLY,
    FLAG_FLAT_REPLY,
    FLAG_ALL_OR_NOTHING,
    FLAG_NOTIFY_URL,
    FLAG_IP_LIST,
    FLAG_LOT_EXPIRY,
    FLAG_TWO_PERSONS,
    FLAG_DOUBLE_WINDOW,
    FLAG_OPERATOR_WAIT,
    FLAG_FEES,
    FLAG_LIMIT_DAY,
    FLAG_LIMIT_MONTH,
    FLAG_RECEIVER_DAY,
    FLAG_RECEIVER_MONTH,
    FLAG_RECEIVER_HOUR,
    FLAG_RESERVE,
    FLAG_CONFIRM_MAIL,
    FLAG_APPROVE_ABOVE,
    FLAG_API_IP_LIST,
    FLAG_CALLS_PER_MINUTE,
    FLAG_AMOUNT,
    FLAG_REFERENCE,
    FLAG_OLD_VALID,
};

static const struct field fields[] = {
    {"name", FLAG_NAME},
    {"currency", FLAG_CURRENCY},
    {"lang", FLAG_MERCHANT_LANG},
    {"suspended", FLAG_SUSPENDED},
    {"token_query_only", FLAG_TOKEN_QUERY_ONLY},
    {"flat_reply", FLAG_FLAT_REPLY},
    {"all_or_nothing", FLAG_ALL_OR_NOTHING},
    {"notify_url", FLAG_NOTIFY_URL},
    {"ip_list", FLAG_IP_LIST},
    {"lot_expiry_seconds", FLAG_LOT_EXPIRY},
    {"two_persons", FLAG_TWO_PERSONS},
    {"double_window_seconds", FLAG_DOUBLE_WINDOW},
    {"fees", FLAG_FEES},
    {"limit_day", FLAG_LIMIT_DAY},
    {"limit_month", FLAG_LIMIT_MONTH},
    {"receiver_day", FLAG_RECEIVER_DAY},
    {"receiver_month", FLAG_RECEIVER_MONTH},
    {"receiver_hour_count", FLAG_RECEIVER_HOUR},
    {"reserve", FLAG_RESERVE},
    {"confirm_mail", FLAG_CONFIRM_MAIL},
    {"approve_above", FLAG_APPROVE_ABOVE},
    {"api_ip_list", FLAG_API_IP_LIST},
    {"calls_per_minute", FLAG_CALLS_PER_MINUTE},
    {"amount", FLAG_AMOUNT},
    {"reference", FLAG_REFERENCE},
};

/* Begins with admin_id_input's members. */
struct merchant_input {
    struct settings *settings;
    const char *id;
    bool wants_id;
    struct buffer form;
};

/* Flags that take a time. */
static const struct span {
    int key;
    const char *flag, *name;
} spans[] = {
    {FLAG_OLD_VALID, "--old-valid", "old_valid_seconds"},
    {FLAG_OPERATOR_WAIT, "--operator-wait", "operator_wait_seconds"},
};

/* "90", "90s", "30m", "24h" or "7d" as seconds, into the form. */
static void span_take(struct merchant_input *input, const struct span *span, const char *value,
                      struct argp_state *state)
{
    static const struct {
        char unit;
        int64_t seconds;
    } units[] = {{'\0', 1}, {'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
    int64_t number = 0;
    size_t digits = strspn(value, "0123456789");
    if (digits > 0 && digits <= 9 && (value[digits] == '\0' || value[digits + 1] == '\0')) {
        for (size_t i = 0; i < digits; i++)
            number = number * 10 + (value[i] - '0');
        for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
            if (units[i].unit != value[digits])
                continue;
            char seconds[BUFFER_DIGITS];
            transport_field(&input->form, span->name,
                            buffer_digits(number * units[i].seconds, seconds));
            return;
        }
    }
    argp_error(state, "%s takes a time as 24h, 90m, 3600s or 7d; 0: no such time", span->flag);
}

static error_t merchant_parse(int key, char *value, struct argp_state *state)
{
    struct merchant_input *input = state->input;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (fields[i].key == key) {
            transport_field(&input->form, fields[i].name, value);
            return 0;
        }
    }
    for (size_t i = 0; i < sizeof spans / sizeof *spans; i++) {
        if (spans[i].key == key) {
            span_take(input, &spans[i], value, state);
            return 0;
        }
    }
    switch (key) {
    case ARGP_KEY_INIT:
        settings_child(state);
        return 0;
    case ARGP_KEY_ARG:
        if (!input->wants_id || input->id != NULL || *value == '\0')
            argp_usage(state);
        input->id = value;
        return 0;
    case ARGP_KEY_END:
        if (input->wants_id && input->id == NULL)
            argp_usage(state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* FLAG(name, key, value, help): the settings that a new merchant and an old one can be given. */
#define SETTINGS(FLAG)                                                                             \
    FLAG("merchant-lang", FLAG_MERCHANT_LANG, "fr|en", "Language of what the merchant is sent")    \
    FLAG("notify-url", FLAG_NOTIFY_URL, "URL", "Where a transfer has none; empty: none")           \
    FLAG("ip-list", FLAG_IP_LIST, "LIST",                                                          \
         "Addresses and networks whose lots are confirmed at once (* is everywhere)")              \
    FLAG("lot-expiry", FLAG_LOT_EXPIRY, "SECONDS", "How long a lot waits to be confirmed")         \
    FLAG("suspended", FLAG_SUSPENDED, "true|false", "May do nothing any more")                     \
    FLAG("token-query-only", FLAG_TOKEN_QUERY_ONLY, "true|false",                                  \
         "Take the token from the query only")                                                     \
    FLAG("flat-reply", FLAG_FLAT_REPLY, "true|false", "Answer items in one array, not two")        \
    FLAG("all-or-nothing", FLAG_ALL_OR_NOTHING, "true|false",                                      \
         "Refuse a whole lot for one bad item")                                                    \
    FLAG("two-persons", FLAG_TWO_PERSONS, "true|false",                                            \
         "What one person settles, another one has to say too")                                    \
    FLAG("double-window", FLAG_DOUBLE_WINDOW, "SECONDS",                                           \
         "The same amount to the same person again within it waits for a person; 0: it does not")  \
    FLAG("operator-wait", FLAG_OPERATOR_WAIT, "TIME",                                              \
         "How long a transfer waits for a down operator, as 2h; then it is refunded; 0: for ever") \
    FLAG("fees", FLAG_FEES, "RULES",                                                               \
         "METHOD:FROM:FIXED:PER_MILLE:MIN:MAX[:PAYER] ...; empty: none")                           \
    FLAG("limit-day", FLAG_LIMIT_DAY, "AMOUNT", "What it may send in a day; 0: no limit")          \
    FLAG("limit-month", FLAG_LIMIT_MONTH, "AMOUNT", "What it may send in a month")                 \
    FLAG("receiver-day", FLAG_RECEIVER_DAY, "AMOUNT", "... to one person in a day")                \
    FLAG("receiver-month", FLAG_RECEIVER_MONTH, "AMOUNT", "... to one person in a month")          \
    FLAG("receiver-hour", FLAG_RECEIVER_HOUR, "N", "How often to one person in an hour")           \
    FLAG("reserve", FLAG_RESERVE, "AMOUNT", "What every lot has to leave available")               \
    FLAG("confirm-mail", FLAG_CONFIRM_MAIL, "LIST",                                                \
         "Mail addresses of those who confirm lots; empty: none")                                  \
    FLAG("approve-above", FLAG_APPROVE_ABOVE, "AMOUNT",                                            \
         "A lot of more than it needs two persons; 0: none does")                                  \
    FLAG("api-ip-list", FLAG_API_IP_LIST, "LIST",                                                  \
         "Addresses and networks from which its keys work; empty: everywhere")                     \
    FLAG("calls-per-minute", FLAG_CALLS_PER_MINUTE, "N",                                           \
         "How often it may call; 0: what the server says")
#define SETTING_FLAG(name, key, value, help) {name, key, value, 0, help, 0},

static const struct argp_option create_flags[] = {
    {"currency", FLAG_CURRENCY, "XOF|XAF|GNF|CDF", 0, "The home currency (default XOF)", 0},
    SETTINGS(SETTING_FLAG){0},
};
static const struct argp_option set_flags[] = {
    {"name", FLAG_NAME, "NAME", 0, "What it is called", 0},
    SETTINGS(SETTING_FLAG){0},
};
static const struct argp_option fund_flags[] = {
    {"amount", FLAG_AMOUNT, "AMOUNT", 0, "How much, a whole number", 0},
    {"currency", FLAG_CURRENCY, "XOF|XAF|GNF|CDF", 0, "Of which currency", 0},
    {"reference", FLAG_REFERENCE, "TEXT", 0,
     "Yours, unique: the same one again moves nothing again", 0},
    {0},
};

static bool form_has(const struct merchant_input *input, const char *name)
{
    char start[32];
    (void)snprintf(start, sizeof start, "%s=", name);
    for (const char *at = buffer_text(&input->form); at != NULL; at = strchr(at, '&')) {
        at += *at == '&';
        if (strncmp(at, start, strlen(start)) == 0)
            return true;
    }
    return false;
}

/* Parses, then calls merchants[/id][action] with the form. */
static int merchant_run(struct settings *settings, int argc, char **argv, const struct argp *argp,
                        const char *action, const char *const *needed)
{
    struct merchant_input input = {.settings = settings, .wants_id = true};
    int status = STATUS_USAGE;
    buffer_init(&input.form, FORM_BYTES_MAX);
    bool ready = command_parse(argp, argc, argv, &input);
    for (; ready && needed != NULL && *needed != NULL; needed++) {
        if (!form_has(&input, *needed)) {
            print_problem("--%s is missing", *needed);
            ready = false;
        }
    }
    if (ready && !buffer_ok(&input.form)) {
        print_problem("these settings are too long");
        ready = false;
    }
    if (ready)
        status = admin_run_on(settings, "/admin/v1/merchants", input.id, action, &input.form);
    buffer_free(&input.form);
    return status;
}

int command_merchant_create(struct settings *settings, int argc, char **argv)
{
    static const struct argp argp = {
        .options = create_flags,
        .parser = merchant_parse,
        .args_doc = "NAME",
        .doc = "Make a merchant. Its API password and secret key are shown this once.",
        .children = settings_children};
    /* The name stands where others have an id. */
    struct merchant_input input = {.settings = settings, .wants_id = true};
    int status = STATUS_USAGE;
    buffer_init(&input.form, FORM_BYTES_MAX);
    if (command_parse(&argp, argc, argv, &input)) {
        transport_field(&input.form, "name", input.id);
        if (buffer_ok(&input.form))
            status = admin_run(settings, "/admin/v1/merchants", &input.form);
        else
            print_problem("these settings are too long");
    }
    buffer_free(&input.form);
    return status;
}

int command_merchant_list(struct settings *settings, int argc, char **argv)
{
    static const struct argp argp = {.parser = command_nothing_parse,
                                     .doc = "Show all merchants (the first 1000).",
                                     .children = settings_children};
    struct admin_id_input input = {.settings = settings};
    if (!command_parse(&argp, argc, argv, &input))
        return STATUS_USAGE;
    return admin_run(settings, "/admin/v1/merchants?limit=1000", NULL);
}

int command_merchant_show(struct settings *settings, int argc, char **argv)
{
    static const struct argp argp = {.parser = admin_id_parse,
                                     .args_doc = "MERCHANT",
                                     .doc = "Show a merchant's settings and accounts.",
                                     .children = settings_children};
    struct admin_id_input input = {.settings = settings};
    if (!command_parse(&argp, argc, argv, &input))
        return STATUS_USAGE;
    return admin_run_on(settings, "/admin/v1/merchants", input.id, NULL, NULL);
}

int command_merchant_set(struct settings *settings, int argc, char **argv)
{
    static const struct argp argp = {.options = set_flags,
                                     .parser = merchant_parse,
                                     .args_doc = "MERCHANT",
                                     .doc = "Change a merchant's settings.",
                                     .children = settings_children};
    return merchant_run(settings, argc, argv, &argp, NULL, NULL);
}

static const char *const fund_needed[] = {"amount", "currency", "reference", NULL};

int command_merchant_topup(struct settings *settings, int argc, char **argv)
{
    static const struct argp argp = {.options = fund_flags,
                                     .parser = merchant_parse,
                                     .args_doc = "MERCHANT",
                                     .doc = "Book money that a merchant paid in.",
                                     .children = settings_children};
    return merchant_run(settings, argc, argv, &argp, "/topup", fund_needed);
}

int command_merchant_withdraw(struct settings *settings, int argc, char **argv)
{
    static const struct argp argp = {.options = fund_flags,
                                     .parser = merchant_parse,
                                     .args_doc = "MERCHANT",
                                     .doc = "Book money that a merchant took out.",
                                     .children = settings_children};
    return merchant_run(settings, argc, argv, &argp, "/withdraw", fund_needed);
}

static const struct argp_option rotation_flags[] = {
    {"old-valid", FLAG_OLD_VALID, "TIME", 0,
     "How long the old one holds on: 24h, 90m, 7d; 0: not at all (default: a password 0, a secret "
     "key 24h)",
     0},
    {0},
};

int command_merchant_password(struct settings *settings, int argc, char **argv)
{
    static const struct argp argp = {.options = rotation_flags,
                                     .parser = merchant_parse,
                                     .args_doc = "MERCHANT",
                                     .doc = "Make a new API password and show it this once; the "
                                            "old one ends, unless --old-valid.",
                                     .children = settings_children};
    return merchant_run(settings, argc, argv, &argp, "/password", NULL);
}

int command_merchant_secret(struct settings *settings, int argc, char **argv)
{
    static const struct argp argp = {.options = rotation_flags,
                                     .parser = merchant_parse,
                                     .args_doc = "MERCHANT",
                                     .doc = "Make a new secret key, which signs notifications, and "
                                            "show it this once; the old one signs beside it for a "
                                            "day, or --old-valid.",
                                     .children = settings_children};
    return merchant_run(settings, argc, argv, &argp, "/secret", NULL);
}

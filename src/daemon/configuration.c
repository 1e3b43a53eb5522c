#include "daemon/configuration.h"

#include <argp.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "money/tariff.h"
#include "screening/screener.h"

/* One line a setting:
 * name in the struct, section, name, type, minimum, maximum, default, choices, reloads, help */
#define S(member, section, name, type, minimum, maximum, fallback, choices, reloads, help)         \
    {                                                                                              \
        section, name, type, offsetof(struct configuration, member), minimum, maximum, fallback,   \
            choices, reloads, help                                                                 \
    }
#define TEXT(member, section, name, fallback, reloads, help)                                       \
    S(member, section, name, CONFIG_TEXT, 0, sizeof(((struct configuration *)0)->member),          \
      fallback, NULL, reloads, help)
#define LIST(member, section, name, fallback, reloads, help)                                       \
    S(member, section, name, CONFIG_LIST, 0, sizeof(((struct configuration *)0)->member),          \
      fallback, NULL, reloads, help)
#define YES     true
#define NO      false
#define HOUR_MS ((int64_t)3600 * 1000)

static const struct config_entry entries[] = {
    TEXT(daemon_user, "daemon", "user", "", NO,
         "Who it becomes, for good, when root starts it: once it has its port, and before it opens "
         "anything else."),
    S(daemon_core_dumps, "daemon", "core_dumps", CONFIG_SWITCH, 0, 0, "no", NULL, NO,
      "Let the system keep its memory, with keys in it, when it crashes."),
    S(daemon_role, "daemon", "role", CONFIG_CHOICE, 0, 0, "both", "both api worker", NO,
      "With a store in PostgreSQL: api answers requests, worker pays and notifies (and answers "
      "health, metrics and operators' callbacks only)."),

    TEXT(store_url, "store", "url", "sqlite:/var/lib/payoutd/payoutd.db", NO,
         "Where everything is kept: sqlite:/a/file, or postgresql://user@host/database."),
    S(store_migrate, "store", "migrate", CONFIG_SWITCH, 0, 0, "yes", NULL, NO,
      "Bring an older store's schema up to date at the start; no: refuse it, payoutd migrate does "
      "it."),

    TEXT(http_listen, "http", "listen", HTTP_LISTEN_DEFAULT, NO,
         "Address and port: 127.0.0.1:8086, [::]:80, :8086 for every address."),
    S(http_threads, "http", "threads", CONFIG_NUMBER, 0, HTTP_THREADS_MAX, "0", NULL, NO,
      "Threads of the listener; 0: one a core."),
    S(http_password_threads, "http", "password_threads", CONFIG_NUMBER, 1, 16, "1", NULL, NO,
      "Threads that check passwords (each check takes 19 MiB for a moment)."),
    S(http_connections_max, "http", "connections_max", CONFIG_NUMBER, 8, 100000, "4096", NULL, NO,
      "Connections at once."),
    S(http_connections_per_ip_max, "http", "connections_per_ip_max", CONFIG_NUMBER, 0, 100000, "0",
      NULL, NO,
      "Connections at once from one address (of IPv6: one /64) that is no trusted proxy; 0: no "
      "limit."),
    S(http_idle_ms, "http", "idle", CONFIG_DURATION_MS, 1000, 24 * HOUR_MS, "60s", NULL, NO,
      "A connection may be silent so long."),
    S(http_request_ms, "http", "request", CONFIG_DURATION_MS, 1000, 24 * HOUR_MS, "60s", NULL, NO,
      "How long a request, head and body, may take to come, and its answer to be read."),
    S(http_drain_ms, "http", "drain", CONFIG_DURATION_MS, 0, HOUR_MS, "10s", NULL, NO,
      "How long a stop waits for replies on their way."),
    S(http_body_bytes_max, "http", "body_max", CONFIG_BYTES, 1024, INT64_C(256) * 1024 * 1024, "8M",
      NULL, NO, "The longest body of a request; longer ones get 413."),
    S(http_held_bytes_max, "http", "memory_max", CONFIG_BYTES, INT64_C(16) * 1024 * 1024,
      INT64_C(1024) * 1024 * 1024 * 1024, "256M", NULL, NO,
      "What requests may hold in memory together; beyond it those of more than 16 kB get 503."),
    S(http_items_max, "http", "items_max", CONFIG_NUMBER, 1, COMMAND_ITEMS_MAX, "10000", NULL, YES,
      "Items of one request."),
    LIST(http_trusted_proxies, "http", "trusted_proxies", "", YES,
         "Addresses and networks whose X-Forwarded-For is believed."),
    LIST(http_metrics_from, "http", "metrics_from", "127.0.0.0/8 ::1", YES,
         "Who may read /metrics."),
    S(http_logins_per_minute, "http", "logins_per_minute", CONFIG_NUMBER, -1, 1000000, "60", NULL,
      YES,
      "Logins of one apikey from one address; -1: no limit, and no growing wait after wrong ones."),
    S(http_address_logins_per_minute, "http", "address_logins_per_minute", CONFIG_NUMBER, -1,
      1000000, "60", NULL, YES,
      "Logins from one address (of IPv6: one /64), whatever the apikey; -1: no limit."),
    S(http_calls_per_minute, "http", "calls_per_minute", CONFIG_NUMBER, 0, 1000000, "0", NULL, YES,
      "Calls of one merchant that has no limit of its own; 0: no limit."),
    TEXT(http_tls_certificate_file, "http", "tls_certificate_file", "", YES,
         "The certificate of TLS, in PEM, with those between it and its root; empty: plain HTTP."),
    TEXT(http_tls_key_file, "http", "tls_key_file", "", YES,
         "Its private key, in PEM, without a passphrase, readable for payoutd and not for "
         "everybody."),
    S(http_tls_look_ms, "http", "tls_look", CONFIG_DURATION_MS, 20, 24 * HOUR_MS, "60s", NULL, YES,
      "How often it looks whether the certificate or its key was replaced."),
    S(http_hsts_ms, "http", "hsts", CONFIG_DURATION_MS, 0, INT64_C(3660) * 24 * HOUR_MS, "365d",
      NULL, YES, "How long clients shall speak TLS only, said over TLS; 0s: not said."),
    S(http_status_always_200, "http", "status_always_200", CONFIG_SWITCH, 0, 0, "no", NULL, YES,
      "Answer 200 to everything, for clients that read only the body's code."),
    LIST(http_status, "http", "status", "", YES,
         "Other HTTP statuses for codes of the API: 602:402 805:200."),
    S(http_access_log, "http", "access_log", CONFIG_SWITCH, 0, 0, "yes", NULL, YES,
      "A line in the log for each request."),

    TEXT(token_key_file, "token", "key_file", "/var/lib/payoutd/token.key", NO,
         "Signs tokens: every payoutd of an installation has the same. Made when it is not there."),
    TEXT(token_issuer, "token", "issuer", "payoutd", NO, "The claim iss of tokens."),
    S(token_lifetime_ms, "token", "lifetime", CONFIG_DURATION_MS, 1000, 24 * HOUR_MS, "5m", NULL,
      NO, "How long a token lives."),

    TEXT(secrets_key_file, "secrets", "key_file", "/var/lib/payoutd/secrets.key", NO,
         "Seals the secrets in the store: keep a copy apart from its backups. Made on first use; "
         "empty: they lie open."),

    TEXT(admin_token_file, "admin", "token_file", "/var/lib/payoutd/admin.token", YES,
         "Holds the token of the admin API. Made when it is not there; empty: there is no admin "
         "API."),
    S(admin_token, "admin", "token", CONFIG_SWITCH, 0, 0, "yes", NULL, YES,
      "Take that token; no: only persons who log in may call the admin API."),
    S(admin_require_totp, "admin", "require_totp", CONFIG_SWITCH, 0, 0, "yes", NULL, YES,
      "Owners and the platform's users can do nothing before they set up a second factor."),
    LIST(admin_from, "admin", "from", "127.0.0.0/8 ::1", YES, "Who may call the admin API."),

    S(console, "console", "enabled", CONFIG_SWITCH, 0, 0, "yes", NULL, NO,
      "Serve the console, where persons log in, at /console."),

    LIST(operator_off, "operator", "off", "", YES,
         "Operators that are switched off, by payment_method: items for them get 804."),
    TEXT(operator_channels_dir, "operator", "channels_dir", CONFIGURATION_CHANNELS_DIR, NO,
         "Holds a file NAME.conf for each channel to an operator; none or empty: the sandbox pays "
         "nobody."),
    TEXT(operator_public_url, "operator", "public_url", "", NO,
         "Where operators reach this payoutd with their callbacks: https://pay.example.com; empty: "
         "they can't."),
    S(operator_lease_ms, "operator", "lease", CONFIG_DURATION_MS, 5000, HOUR_MS, "60s", NULL, NO,
      "After so long without a word a transfer that was given out is asked about."),
    S(operator_alarm_after_ms, "operator", "alarm_after", CONFIG_DURATION_MS, 60000,
      INT64_C(365) * 24 * HOUR_MS, "24h", NULL, NO,
      "When the oldest transfer that has not ended is so old, the log says so every hour, and the "
      "metric payoutd_unfinished_alarm is 1."),
    S(operator_sandbox_percent, "operator", "sandbox_percent", CONFIG_NUMBER, 0, 1000000, "100",
      NULL, NO, "Scales every delay of the sandbox operator."),
    S(operator_pace_percent, "operator", "pace_percent", CONFIG_NUMBER, 1, 100, "100", NULL, NO,
      "For tests against a simulator: scales the waits between questions, of a channel whose "
      "operator "
      "does not answer, and of one that is throttled. Operators want all of them."),

    S(notify_timeout_ms, "notify", "timeout", CONFIG_DURATION_MS, 100, 120000, "15s", NULL, NO,
      "How long a merchant's server may take to answer."),
    S(notify_retry_first_ms, "notify", "retry_first", CONFIG_DURATION_MS, 10, HOUR_MS, "10s", NULL,
      NO, "The wait before the second try; it doubles up to an hour, for three days."),
    S(notify_per_host_max, "notify", "per_host_max", CONFIG_NUMBER, 1, 1000, "16", NULL, NO,
      "Notifications at once to one host."),
    S(notify_under_way_max, "notify", "under_way_max", CONFIG_NUMBER, 1, 20000, "512", NULL, NO,
      "Notifications at once in all."),
    LIST(notify_private_allowed, "notify", "private_allowed", "", NO,
         "Private addresses and networks that a notify_url may name all the same."),

    TEXT(
        mail_url, "mail", "url", "", NO,
        "The mail server: smtp://host:587, smtps://host:465; empty: no mail is sent, and lots wait "
        "for the admin API."),
    TEXT(mail_public_url, "mail", "public_url", "", NO,
         "Where people's browsers reach this payoutd, as links in mails begin: "
         "https://pay.example.com."),
    TEXT(mail_from, "mail", "from", "", NO, "The address that mails come from."),
    TEXT(mail_user, "mail", "user", "", NO, "Who logs in at the mail server; empty: nobody."),
    TEXT(mail_password_file, "mail", "password_file", "", NO,
         "Holds that user's password; only its owner may read it."),
    S(mail_starttls, "mail", "starttls", CONFIG_CHOICE, 0, 0, "required", "required optional none",
      NO, "Whether smtp: turns to TLS; with a user it is required, but on this machine."),
    TEXT(mail_ca_file, "mail", "ca_file", "", NO,
         "Certificates that the mail server's must lead to; empty: the system's."),
    S(mail_timeout_ms, "mail", "timeout", CONFIG_DURATION_MS, 100, HOUR_MS, "60s", NULL, NO,
      "How long one mail may take."),
    S(mail_retry_first_ms, "mail", "retry_first", CONFIG_DURATION_MS, 10, HOUR_MS, "30s", NULL, NO,
      "The wait before the second try; it doubles up to an hour, until the lot expires or a day "
      "is over."),

    TEXT(screening_list_file, "screening", "list_file", "", NO,
         "Names that nobody is paid under before a person has looked: a CSV file. Taken over when "
         "it changes. Empty, and no url: names are not screened."),
    TEXT(screening_url, "screening", "url", "", NO,
         "A service that is asked about names instead of a list; it may be private."),
    TEXT(screening_bearer_file, "screening", "bearer_file", "", NO,
         "Holds the token that is shown to that service; empty: none."),
    TEXT(screening_key_file, "screening", "key_file", "", NO,
         "Holds the key that signs what it is asked, as notifications are; empty: not signed."),
    S(screening_threshold, "screening", "threshold", CONFIG_NUMBER, 50, 100, "85", NULL, NO,
      "A name that is so like one of the list, from 0 to 100, waits for a person."),
    S(screening_timeout_ms, "screening", "timeout", CONFIG_DURATION_MS, 100, 120000, "5s", NULL, NO,
      "How long the service may take to answer."),
    S(screening_under_way_max, "screening", "under_way_max", CONFIG_NUMBER, 1,
      SCREENER_UNDER_WAY_MAX, "16", NULL, NO, "Questions to the service at once."),

    TEXT(worker_name, "worker", "name", "", NO,
         "What this process, and no other of its store, is called: it takes over at once what one "
         "of that name had. Empty: its host's name and its number."),
    S(worker_lease_ms, "worker", "lease", CONFIG_DURATION_MS, 1000, HOUR_MS, "15s", NULL, NO,
      "A process that was not heard of for so long loses its shares of the work to others."),

    S(log_level, "log", "level", CONFIG_CHOICE, 0, 0, "info", "error warning info debug", YES,
      "What is logged."),
    S(log_format, "log", "format", CONFIG_CHOICE, 0, 0, "text", "text json", YES, "How."),
};
enum { ENTRIES = sizeof entries / sizeof *entries };

const struct config configuration_table = {entries, ENTRIES, "PAYOUTD_"};

/* What is otherwise in the sandbox: everything in one folder, notifications to this machine. */
static const char *const sandbox_values[][2] = {
    {"store.url", "sqlite:payoutd-sandbox/payoutd.db"},
    {"token.key_file", "payoutd-sandbox/token.key"},
    {"secrets.key_file", "payoutd-sandbox/secrets.key"},
    {"admin.token_file", "payoutd-sandbox/admin.token"},
    {"admin.require_totp", "no"},
    {"operator.channels_dir", ""},
    {"notify.private_allowed", "127.0.0.0/8 ::1 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16"},
    {"notify.retry_first", "2s"},
};

/* --- The command line --- */

enum {
    KEY_SANDBOX = 0x800,
    KEY_CHECK,
    KEY_SHOW,
    KEY_CHANNEL,
    KEY_OPENAPI,
    KEY_FLAG = 0x900,
    KEY_SETTING = 0x1000
};
enum { FLAG_BYTES = 48, OPTIONS_MAX = ENTRIES + FLAG_COUNT + 8 };
enum { LINE_WRONG = 2 }; /* The exit status of a command line that means nothing. */

struct parsing {
    struct configuration_line *line; /* NULL when only settings are read. */
    struct configuration *settings;  /* NULL when only the line is. */
    struct buffer *errors;
    bool good;
};

static char flag_names[ENTRIES][FLAG_BYTES];
static struct argp_option options[OPTIONS_MAX];

/* What payoutd does instead of serving; needs: its arguments, NULL behind the last. */
static const struct {
    const char *word, *needs[CONFIGURATION_ARGUMENTS_MAX];
    enum configuration_task task;
} tasks[] = {
    {"audit", {NULL}, TASK_AUDIT},
    {"backup", {"the file that it shall write"}, TASK_BACKUP},
    {"restore", {"the file that it shall restore from"}, TASK_RESTORE},
    {"copy", {"the store to copy from", "the store to copy into"}, TASK_COPY},
    {"migrate", {NULL}, TASK_MIGRATE},
    {"export", {NULL}, TASK_EXPORT},
    {"rekey", {NULL}, TASK_REKEY},
    {"seal", {"the file that a channel names for a secret"}, TASK_SEAL},
    {"accept-channel", {"the name of a channel"}, TASK_ACCEPT_CHANNEL},
};
enum { TASKS = sizeof tasks / sizeof *tasks };

static const struct {
    const char *name, *value, *help;
    enum configuration_task task;
} flags[FLAG_COUNT] = {
    [FLAG_FORCE] = {"force", NULL, "restore: keep a store that is there under another name",
                    TASK_RESTORE},
    [FLAG_MERCHANT] = {"merchant", "ID", "export: whose statement", TASK_EXPORT},
    [FLAG_FROM] = {"from", "DATE", "export: from when on, UTC (2026-11-01); default: its beginning",
                   TASK_EXPORT},
    [FLAG_TO] = {"to", "DATE", "export: until before when; default: now", TASK_EXPORT},
    [FLAG_FORMAT] = {"format", "csv|json", "export: how; default: csv", TASK_EXPORT},
    [FLAG_PERSON] = {"person", "NAME", "accept-channel: who says so", TASK_ACCEPT_CHANNEL},
    [FLAG_AGAIN] = {"again", NULL, "copy: what an earlier copy left unfinished may go", TASK_COPY},
    [FLAG_DRY_RUN] = {"dry-run", NULL, "migrate: say what would be done, and change nothing",
                      TASK_MIGRATE},
};

/* The index of the line's task in tasks; TASKS when it serves. */
static size_t task_index(const struct configuration_line *line)
{
    size_t index = 0;
    while (index < TASKS && tasks[index].task != line->task)
        index++;
    return index;
}

static void task_take(struct argp_state *state, struct configuration_line *line, const char *word)
{
    size_t index = task_index(line), named = 0;
    for (size_t i = 0; index < TASKS && i < CONFIGURATION_ARGUMENTS_MAX; i++)
        if (tasks[index].needs[i] != NULL && line->arguments[i] == NULL) {
            line->arguments[i] = word;
            return;
        }
    while (named < TASKS && strcmp(tasks[named].word, word) != 0)
        named++;
    if (index == TASKS && line->task == TASK_SERVE && named < TASKS)
        line->task = tasks[named].task;
    else
        argp_error(state,
                   "\"%s\" is no task: audit, backup FILE, restore FILE, copy FROM-URL TO-URL, "
                   "migrate, export, rekey, seal FILE or accept-channel NAME",
                   word);
}

/* Everything was read: says what does not go together. */
static void task_check(struct argp_state *state, const struct configuration_line *line)
{
    size_t index = task_index(line);
    for (size_t i = 0; index < TASKS && i < CONFIGURATION_ARGUMENTS_MAX; i++)
        if (tasks[index].needs[i] != NULL && line->arguments[i] == NULL)
            argp_error(state, "%s needs %s", tasks[index].word, tasks[index].needs[i]);
    for (size_t i = 0; i < FLAG_COUNT; i++)
        if (line->flags[i] != NULL && line->task != flags[i].task)
            argp_error(state, "--%s is not for this", flags[i].name);
}

static error_t option_take(int key, char *value, struct argp_state *state)
{
    struct parsing *parsing = state->input;
    struct configuration_line *line = parsing->line;
    if (key >= KEY_SETTING && key < KEY_SETTING + ENTRIES) {
        char origin[FLAG_BYTES + 2];
        (void)snprintf(origin, sizeof origin, "--%s", flag_names[key - KEY_SETTING]);
        if (parsing->settings != NULL)
            parsing->good &= config_set(&configuration_table, &entries[key - KEY_SETTING], value,
                                        origin, parsing->settings, parsing->errors);
        return 0;
    }
    if (line == NULL) /* The command line was read for its tasks before. */
        return key == ARGP_KEY_ARG || key == 'c' || (key >= KEY_SANDBOX && key <= KEY_OPENAPI) ||
                       (key >= KEY_FLAG && key < KEY_FLAG + FLAG_COUNT)
                   ? 0
                   : ARGP_ERR_UNKNOWN;
    if (key >= KEY_FLAG && key < KEY_FLAG + FLAG_COUNT) {
        line->flags[key - KEY_FLAG] = value == NULL ? "" : value;
        return 0;
    }
    switch (key) {
    case 'c':
        line->config_path = value;
        return 0;
    case KEY_SANDBOX:
        line->sandbox = true;
        return 0;
    case ARGP_KEY_ARG:
        task_take(state, line, value);
        return 0;
    case ARGP_KEY_END:
        task_check(state, line);
        return 0;
    case KEY_CHECK:
        line->task = TASK_CHECK_CONFIG;
        return 0;
    case KEY_SHOW:
        line->task = TASK_SHOW_CONFIG;
        return 0;
    case KEY_CHANNEL:
        line->task = TASK_SHOW_CHANNEL;
        return 0;
    case KEY_OPENAPI:
        line->task = TASK_SHOW_OPENAPI;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp *argp_made(void)
{
    static struct argp argp = {
        .options = options,
        .parser = option_take,
        .args_doc = "[audit | backup FILE | restore FILE | copy FROM-URL TO-URL | migrate | export "
                    "--merchant ID | "
                    "rekey | seal FILE | accept-channel NAME]",
        .doc =
            "payoutd: a mobile-money payout platform that speaks the CinetPay Payout API v1.1.0."
            "\v`payoutd --sandbox` needs no configuration: it makes a merchant, money and keys "
            "in ./payoutd-sandbox and prints them. `payoutd audit` proves the ledger, `payoutd "
            "backup FILE` copies the store while it runs, `payoutd restore FILE` puts such a "
            "copy in its place, `payoutd copy FROM-URL TO-URL` takes an installation into "
            "another store, `payoutd migrate` brings a store's schema up to date, `payoutd export` "
            "writes a merchant's statement, `payoutd rekey` "
            "puts a new key before those that seal secrets, `payoutd seal FILE` seals what it "
            "reads "
            "as the secret that a channel has in FILE, `payoutd accept-channel NAME` says that a "
            "channel's account is the one that its number always stood for, under another "
            "address."};
    size_t count = 0;
    options[count++] =
        (struct argp_option){"config", 'c', "FILE", 0, "Read settings from this INI file", 1};
    options[count++] = (struct argp_option){
        "sandbox", KEY_SANDBOX, NULL, 0, "Run a sandbox in ./payoutd-sandbox", 1};
    options[count++] = (struct argp_option){
        "check-config", KEY_CHECK, NULL, 0, "Say what is wrong with the settings, and end", 1};
    options[count++] = (struct argp_option){
        "show-config", KEY_SHOW, NULL, 0, "Print the settings as an INI file, and end", 1};
    options[count++] = (struct argp_option){"show-channel",
                                            KEY_CHANNEL,
                                            NULL,
                                            0,
                                            "Print what the file of a channel may set, and end",
                                            1};
    options[count++] = (struct argp_option){
        "show-openapi", KEY_OPENAPI, NULL, 0, "Print the Payout API as OpenAPI 3.1, and end", 1};
    for (int i = 0; i < FLAG_COUNT; i++)
        options[count++] =
            (struct argp_option){flags[i].name, KEY_FLAG + i, flags[i].value, 0, flags[i].help, 1};
    options[count++] = (struct argp_option){
        .doc = "Settings (each also [section] name in the file, PAYOUTD_SECTION_NAME in the "
               "environment):",
        .group = 2};
    for (int i = 0; i < ENTRIES; i++) {
        invariant(config_flag_name(&entries[i], flag_names[i], FLAG_BYTES));
        options[count++] =
            (struct argp_option){flag_names[i], KEY_SETTING + i, "VALUE", 0, entries[i].help, 2};
    }
    options[count] = (struct argp_option){0};
    return &argp;
}

void configuration_line(int argc, char **argv, struct configuration_line *line)
{
    *line = (struct configuration_line){.argc = argc, .argv = argv};
    struct parsing parsing = {.line = line};
    argp_err_exit_status = LINE_WRONG; /* As of wrong settings. */
    if (argp_parse(argp_made(), argc, argv, 0, NULL, &parsing) != 0)
        exit(LINE_WRONG);
}

static const struct config_entry *entry_named(const char *name)
{
    const char *dot = strchr(name, '.');
    for (int i = 0; i < ENTRIES; i++)
        if (strncmp(entries[i].section, name, (size_t)(dot - name)) == 0 &&
            strcmp(entries[i].name, dot + 1) == 0)
            return &entries[i];
    invariant(!"a setting of that name");
}

bool configuration_read(const struct configuration_line *line, struct configuration *settings,
                        struct buffer *errors)
{
    *settings = (struct configuration){0};
    bool good = config_defaults(&configuration_table, settings, errors);
    for (size_t i = 0; line->sandbox && i < sizeof sandbox_values / sizeof *sandbox_values; i++)
        good &= config_set(&configuration_table, entry_named(sandbox_values[i][0]),
                           sandbox_values[i][1], "the sandbox", settings, errors);
    if (line->config_path != NULL)
        good &= config_file(&configuration_table, line->config_path, settings, errors);
    good &= config_environment(&configuration_table, settings, errors);
    struct parsing parsing = {.settings = settings, .errors = errors, .good = true};
    if (argp_parse(argp_made(), line->argc, line->argv, ARGP_SILENT, NULL, &parsing) != 0)
        good = false;
    good &= parsing.good;
    uint64_t operators_off;
    struct http_status_override overrides[HTTP_STATUS_OVERRIDES_MAX];
    size_t count;
    good &= configuration_operators_off(settings, &operators_off, errors);
    good &= configuration_status_overrides(settings, overrides, &count, errors);
    return good;
}

/* --- Texts that mean something --- */

/* The next word of a list; NULL when there is none. */
static const char *word_next(const char **at, char *word, size_t size)
{
    *at += strspn(*at, " ,\t");
    size_t length = strcspn(*at, " ,\t");
    if (length == 0)
        return NULL;
    (void)snprintf(word, size, "%.*s", (int)length, *at);
    *at += length;
    return word;
}

bool configuration_operators_off(const struct configuration *settings, uint64_t *operators_off,
                                 struct buffer *errors)
{
    bool good = true;
    char word[64];
    *operators_off = 0;
    for (const char *at = settings->operator_off; word_next(&at, word, sizeof word) != NULL;) {
        const struct operator_entry *entry = tariff_operator_named(word);
        if (entry == NULL) {
            buffer_format(errors, "[operator] off: no operator has the payment_method \"%s\"\n",
                          word);
            good = false;
            continue;
        }
        *operators_off |= UINT64_C(1) << entry->number;
    }
    return good;
}

static bool code_known(int number)
{
#define CODE(name, value, word, http, fr, en)                                                      \
    if (number == (value))                                                                         \
        return true;
#include "payout/code.def"
#undef CODE
    return false;
}

bool configuration_status_overrides(
    const struct configuration *settings,
    struct http_status_override overrides[HTTP_STATUS_OVERRIDES_MAX], size_t *count,
    struct buffer *errors)
{
    bool good = true;
    char word[64];
    *count = 0;
    for (const char *at = settings->http_status; word_next(&at, word, sizeof word) != NULL;) {
        char *colon = NULL, *end = NULL;
        long code = strtol(word, &colon, 10);
        long status = colon != word && *colon == ':' ? strtol(colon + 1, &end, 10) : 0;
        if (end == NULL || *end != '\0' || status < 200 || status > 599 || code < -1 ||
            code > 999 || !code_known((int)code) || *count == HTTP_STATUS_OVERRIDES_MAX) {
            buffer_format(errors,
                          "[http] status: \"%s\" is no code of the API and status, as 602:402\n",
                          word);
            good = false;
            continue;
        }
        overrides[(*count)++] = (struct http_status_override){(enum payout_code)code, (int)status};
    }
    return good;
}

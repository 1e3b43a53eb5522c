#include "daemon/channel_file.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "money/tariff.h"
#include "operators/connectors.h"

#define S(member, name, type, minimum, maximum, fallback, choices, help)                           \
    {                                                                                              \
        "channel", name, type, offsetof(struct channel_file, member), minimum, maximum, fallback,  \
            choices, false, help                                                                   \
    }
#define TEXT(member, name, help)                                                                   \
    S(member, name, CONFIG_TEXT, 0, sizeof(((struct channel_file *)0)->member), "", NULL, help)
#define LIST(member, name, help)                                                                   \
    S(member, name, CONFIG_LIST, 0, sizeof(((struct channel_file *)0)->member), "", NULL, help)
#define MINUTE_MS ((int64_t)60 * 1000)
enum { AMOUNT_MAX = 1000000000 };

/* One line a setting. */
static const struct config_entry entries[] = {
    TEXT(connector, "connector", "Which protocol: the name of a connector."),
    S(number, "number", CONFIG_NUMBER, 0, CHANNEL_NUMBER_MAX, "0", NULL,
      "Stored with every transfer that went through it: from 2 on, its own for ever; 1 is the "
      "sandbox."),
    LIST(operators, "operators",
         "Which operators it reaches, by payment_method; all of one "
         "currency."),
    TEXT(currency, "currency", "Of its float; empty: that of its operators."),
    TEXT(url, "url", "The operator's server: https://; http:// to this machine only."),
    TEXT(account, "account", "Who we are there: an API user, a client id, an account."),
    TEXT(environment, "environment", "Which of its environments, where it has several."),
    TEXT(secret_files[CHANNEL_SECRET_FIRST], "secret_file", "Holds the API key or password."),
    TEXT(secret_files[CHANNEL_SECRET_SECOND], "secret_second_file",
         "Holds a subscription key, or a key that signs."),
    TEXT(secret_files[CHANNEL_SECRET_CALLBACK], "callback_secret_file",
         "Holds what proves that a callback is the operator's."),
    S(amount_min_minor, "amount_min", CONFIG_NUMBER, 0, AMOUNT_MAX, "0", NULL,
      "The least that may be delivered through it."),
    S(amount_max_minor, "amount_max", CONFIG_NUMBER, 0, AMOUNT_MAX, "0", NULL,
      "The most that may be delivered through it; 0: no bound."),
    LIST(merchants, "merchants", "Ids of the merchants that it is for; empty: all."),
    S(priority, "priority", CONFIG_NUMBER, 0, 1000, "100", NULL,
      "Of several that fit, the open ones of the smallest are taken."),
    S(weight, "weight", CONFIG_NUMBER, 1, 1000, "100", NULL,
      "Its share among those of its priority."),
    S(calls_per_second, "calls_per_second", CONFIG_NUMBER, 0, 100000, "0", NULL,
      "What the operator bears; 0: no limit."),
    S(under_way_max, "under_way_max", CONFIG_NUMBER, 1, 10000, "32", NULL, "Calls at once."),
    S(timeout_ms, "timeout", CONFIG_DURATION_MS, 1000, 10 * MINUTE_MS, "30s", NULL,
      "How long a call may take; shorter than [operator] lease."),
    S(connect_timeout_ms, "connect_timeout", CONFIG_DURATION_MS, 100, MINUTE_MS, "10s", NULL,
      "How long of it the connection may take."),
    S(batch_max, "batch_max", CONFIG_NUMBER, 1, 10000, "1", NULL,
      "Transfers in one call, where the connector can."),
    S(validate, "validate", CONFIG_SWITCH, 0, 0, "no", NULL,
      "Ask before each transfer whether its receiver has an account, where the operator tells."),
    S(name_least, "name_least", CONFIG_NUMBER, 0, 100, "0", NULL,
      "With validate: a name of the account that is less like the contact's is refused; 0: any "
      "goes."),
    S(float_ask_ms, "float_ask", CONFIG_DURATION_MS, 0, INT64_C(24) * 60 * MINUTE_MS, "5m", NULL,
      "How often it is asked what is left there; 0s: never."),
    S(float_alarm_minor, "float_alarm", CONFIG_NUMBER, 0, INT64_C(1000000) * AMOUNT_MAX, "0", NULL,
      "When less is left an alarm is raised; 0: none."),
};
enum { ENTRIES = sizeof entries / sizeof *entries };

const struct config channel_file_table = {entries, ENTRIES, ""};

const char *channel_secret_setting(enum channel_secret secret)
{
    static const char *const settings[CHANNEL_SECRETS] = {"secret", "secret_second",
                                                          "callback_secret"};
    return settings[secret];
}

bool channel_file_named(const char *file, char name[CHANNEL_NAME_BYTES], struct buffer *errors)
{
    size_t length = strlen(file), end = strlen(".conf");
    if (length < end || strcmp(file + length - end, ".conf") != 0)
        return false;
    length -= end;
    size_t good = strspn(file, "abcdefghijklmnopqrstuvwxyz0123456789-");
    if (length == 0 || length >= CHANNEL_NAME_BYTES || good < length) {
        buffer_format(errors, "%s: a channel's name has 1 to %d letters a to z, digits and -\n",
                      file, CHANNEL_NAME_BYTES - 1);
        return false;
    }
    memcpy(name, file, length);
    name[length] = '\0';
    return true;
}

/* --- Reading --- */

struct reading {
    struct channel_file *file;
    struct channel *channel;
    struct buffer *errors;
    int lines[ENTRIES];
    bool good;
};

static int line_of(const struct reading *reading, const char *name)
{
    for (size_t i = 0; i < ENTRIES; i++)
        if (strcmp(entries[i].name, name) == 0)
            return reading->lines[i];
    invariant(!"a setting of that name");
}

/* "path:12: number: ", or without the line when none sets it. A sentence is to follow. */
static struct buffer *wrong(struct reading *reading, const char *name)
{
    int line = line_of(reading, name);
    reading->good = false;
    if (line > 0)
        buffer_format(reading->errors, "%s:%d: %s: ", reading->file->path, line, name);
    else
        buffer_format(reading->errors, "%s: %s: ", reading->file->path, name);
    return reading->errors;
}

/* The next word of a list; false when there is none. What is longer than word is cut. */
static bool word_next(const char **at, char *word, size_t size)
{
    *at += strspn(*at, " ,\t");
    size_t length = strcspn(*at, " ,\t");
    (void)snprintf(word, size, "%.*s", (int)length, *at);
    *at += length;
    return length > 0;
}

static void connector_take(struct reading *reading)
{
    const struct channel_file *file = reading->file;
    reading->channel->connector = connector_named(file->connector);
    if (reading->channel->connector == NULL) {
        struct buffer *errors = wrong(reading, "connector");
        buffer_format(errors, "\"%s\" is none of:", file->connector);
        const struct operator_connector *each;
        for (size_t i = 0; (each = connector_at(i)) != NULL; i++)
            buffer_format(errors, " %s", each->name);
        buffer_char(errors, '\n');
        return;
    }
    bool sandbox = strcmp(file->connector, "sandbox") == 0;
    if (file->number == 0)
        buffer_text_append(wrong(reading, "number"), "a channel needs one\n");
    else if (sandbox != (file->number == CHANNEL_SANDBOX))
        buffer_text_append(wrong(reading, "number"), "1 is the sandbox's, and no other's\n");
    reading->channel->number = (int)file->number;
}

/* All operators for a sandbox that names none. */
static void operators_take(struct reading *reading)
{
    struct channel *channel = reading->channel;
    enum currency own = 0;
    char word[64];
    if (reading->file->currency[0] != '\0' && !currency_read(reading->file->currency, &own))
        buffer_format(wrong(reading, "currency"), "\"%s\" is none\n", reading->file->currency);
    for (const char *at = reading->file->operators; word_next(&at, word, sizeof word);) {
        const struct operator_entry *entry = tariff_operator_named(word);
        const struct country *country = NULL;
        if (entry == NULL || tariff_operator(entry->number, &country) == NULL) {
            buffer_format(wrong(reading, "operators"),
                          "no operator has the payment_method \"%s\"\n", word);
            continue;
        }
        channel->operators |= UINT64_C(1) << entry->number;
        if (own == 0)
            own = country->currency;
        else if (own != country->currency)
            buffer_format(wrong(reading, "operators"), "%s is paid in %s, and not in %s\n", word,
                          currency_text(country->currency), currency_text(own));
    }
    channel->currency = own;
    if (channel->operators != 0)
        return;
    if (channel->number == CHANNEL_SANDBOX)
        channel->operators = ~UINT64_C(0);
    else if (reading->file->operators[0] == '\0')
        buffer_text_append(wrong(reading, "operators"), "a channel needs one at least\n");
}

static void merchants_take(struct reading *reading)
{
    struct channel *channel = reading->channel;
    char word[64], *end = NULL;
    for (const char *at = reading->file->merchants; word_next(&at, word, sizeof word);) {
        long long id = strtoll(word, &end, 10);
        if (*end != '\0' || id < 1 || id == LLONG_MAX)
            buffer_format(wrong(reading, "merchants"), "\"%s\" is no id of a merchant\n", word);
        else if (channel->merchant_count == CHANNEL_MERCHANTS_MAX)
            buffer_format(wrong(reading, "merchants"), "there are more than %d\n",
                          CHANNEL_MERCHANTS_MAX);
        else
            channel->merchants[channel->merchant_count++] = id;
    }
}

/* What was sent in the open could be read by all between us and the operator. */
static bool url_safe(const char *url)
{
    static const char *const here[] = {"http://127.0.0.1", "http://localhost", "http://[::1]"};
    for (const char *at = url; *at != '\0'; at++)
        if (isgraph((unsigned char)*at) == 0 || strchr("?#@\"\\<>", *at) != NULL)
            return false;
    if (strncmp(url, "https://", 8) == 0)
        return isalnum((unsigned char)url[8]) != 0 || url[8] == '[';
    for (size_t i = 0; i < sizeof here / sizeof *here; i++) {
        size_t length = strlen(here[i]);
        if (strncmp(url, here[i], length) == 0 &&
            (url[length] == '\0' || url[length] == ':' || url[length] == '/'))
            return true;
    }
    return false;
}

static void url_take(struct reading *reading)
{
    char *url = reading->channel->url;
    memcpy(url, reading->file->url, sizeof reading->channel->url);
    for (size_t length = strlen(url); length > 0 && url[length - 1] == '/'; length--)
        url[length - 1] = '\0';
    if (url[0] != '\0' && !url_safe(url))
        buffer_text_append(wrong(reading, "url"),
                           "it begins with https:// and a host, or http:// and this machine, and "
                           "has no user, ? or #\n");
}

static void limits_take(struct reading *reading, int64_t lease_ms)
{
    const struct channel_file *file = reading->file;
    struct channel *channel = reading->channel;
    channel->amount_min_minor = file->amount_min_minor;
    channel->amount_max_minor = file->amount_max_minor;
    channel->priority = (int)file->priority;
    channel->weight = (int)file->weight;
    channel->calls_per_second = file->calls_per_second;
    channel->under_way_max = file->under_way_max;
    channel->timeout_ms = file->timeout_ms;
    channel->connect_timeout_ms = file->connect_timeout_ms;
    channel->batch_max = file->batch_max;
    channel->validate = file->validate;
    channel->name_least = file->name_least;
    channel->float_ask_ms = file->float_ask_ms;
    channel->float_alarm_minor = file->float_alarm_minor;
    if (file->amount_max_minor != 0 && file->amount_max_minor < file->amount_min_minor)
        buffer_text_append(wrong(reading, "amount_max"), "it is less than amount_min\n");
    if (file->timeout_ms >= lease_ms)
        buffer_text_append(wrong(reading, "timeout"), "it must be shorter than [operator] lease\n");
    if (file->connect_timeout_ms > file->timeout_ms)
        buffer_text_append(wrong(reading, "connect_timeout"), "it is longer than timeout\n");
    if (file->name_least > 0 && !file->validate)
        buffer_text_append(wrong(reading, "name_least"), "without validate no name is asked for\n");
}

static void abilities_check(struct reading *reading)
{
    const struct channel_file *file = reading->file;
    const struct operator_connector *connector = reading->channel->connector;
    if (connector == NULL)
        return;
    if (file->batch_max > 1 && (size_t)file->batch_max > connector->batch_max)
        buffer_format(wrong(reading, "batch_max"), "%s takes %zu at most\n", connector->name,
                      connector->batch_max == 0 ? 1 : connector->batch_max);
    if (file->validate && (connector->abilities & OPERATOR_VALIDATES) == 0)
        buffer_format(wrong(reading, "validate"), "%s can't\n", connector->name);
    if (file->float_alarm_minor > 0 && (connector->abilities & OPERATOR_TELLS_FLOAT) == 0)
        buffer_format(wrong(reading, "float_alarm"), "%s does not tell what is left\n",
                      connector->name);
}

bool channel_file_read(const char *path, const char *name, int64_t lease_ms,
                       struct channel_file *file, struct channel *channel, struct buffer *errors)
{
    struct reading reading = {.file = file, .channel = channel, .errors = errors};
    *file = (struct channel_file){0};
    *channel = (struct channel){0};
    invariant(strlen(path) < sizeof file->path && strlen(name) < sizeof file->name);
    memcpy(file->path, path, strlen(path) + 1);
    memcpy(file->name, name, strlen(name) + 1);
    memcpy(channel->name, name, strlen(name) + 1);
    reading.good = config_defaults(&channel_file_table, file, errors);
    reading.good &= config_file_lines(&channel_file_table, path, file, reading.lines, errors);
    file->number_line = line_of(&reading, "number");
    connector_take(&reading);
    operators_take(&reading);
    merchants_take(&reading);
    url_take(&reading);
    memcpy(channel->account, file->account, sizeof channel->account);
    memcpy(channel->environment, file->environment, sizeof channel->environment);
    limits_take(&reading, lease_ms);
    abilities_check(&reading);
    return reading.good;
}

void channel_sandbox(struct channel *channel)
{
    *channel = (struct channel){.number = CHANNEL_SANDBOX,
                                .name = "sandbox",
                                .connector = connector_named("sandbox"),
                                .operators = ~UINT64_C(0),
                                .priority = 1000,
                                .weight = 1,
                                .under_way_max = 10000,
                                .timeout_ms = 30000,
                                .connect_timeout_ms = 10000};
}

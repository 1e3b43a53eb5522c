#include "base/config.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES = 96, ENTRIES_MAX = 256, LIST_LINE_BYTES = 100, ORIGIN_BYTES = 1200 };

static void *value_at(const struct config_entry *entry, void *settings)
{
    return (char *)settings + entry->offset;
}

static int64_t number_at(const struct config_entry *entry, const void *settings)
{
    int64_t number;
    memcpy(&number, (const char *)settings + entry->offset, sizeof number);
    return number;
}

bool config_flag_name(const struct config_entry *entry, char *name, size_t size)
{
    int length = snprintf(name, size, "%s-%s", entry->section, entry->name);
    for (char *at = name; *at != '\0'; at++)
        if (*at == '_')
            *at = '-';
    return length > 0 && (size_t)length < size;
}

/* Reads digits and a unit of the table into *number. */
struct unit {
    const char *name;
    int64_t factor;
};
static const struct unit number_units[] = {{"", 1}, {NULL, 0}};
static const struct unit byte_units[] = {
    {"", 1}, {"K", 1 << 10}, {"M", 1 << 20}, {"G", 1 << 30}, {NULL, 0}};
static const struct unit duration_units[] = {{"ms", 1},
                                             {"s", 1000},
                                             {"m", INT64_C(60) * 1000},
                                             {"h", INT64_C(3600) * 1000},
                                             {"d", INT64_C(24) * 3600 * 1000},
                                             {NULL, 0}};

static bool measure_read(const char *text, const struct unit *units, int64_t *number)
{
    char *end = NULL;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (end == text || errno != 0 || isspace((unsigned char)text[0]) != 0)
        return false;
    for (; units->name != NULL; units++)
        if (strcasecmp(end, units->name) == 0)
            return !__builtin_mul_overflow((int64_t)value, units->factor, number);
    return false;
}

static const struct unit *units_of(enum config_type type)
{
    switch (type) {
    case CONFIG_BYTES:
        return byte_units;
    case CONFIG_DURATION_MS:
        return duration_units;
    case CONFIG_TEXT:
    case CONFIG_LIST:
    case CONFIG_NUMBER:
    case CONFIG_SWITCH:
    case CONFIG_CHOICE:
        break;
    }
    return number_units;
}

static bool measure_set(const struct config_entry *entry, const char *text, void *settings)
{
    int64_t number = 0;
    if (!measure_read(text, units_of(entry->type), &number) || number < entry->minimum ||
        number > entry->maximum)
        return false;
    memcpy(value_at(entry, settings), &number, sizeof number);
    return true;
}

static bool switch_set(const struct config_entry *entry, const char *text, void *settings)
{
    static const char *const words[2][4] = {{"no", "false", "off", "0"},
                                            {"yes", "true", "on", "1"}};
    for (int on = 0; on < 2; on++)
        for (int i = 0; i < 4; i++)
            if (strcasecmp(text, words[on][i]) == 0) {
                *(bool *)value_at(entry, settings) = on == 1;
                return true;
            }
    return false;
}

static bool choice_set(const struct config_entry *entry, const char *text, void *settings)
{
    size_t length = strlen(text);
    int64_t number = 0;
    for (const char *at = entry->choices; length > 0 && *at != '\0'; number++) {
        size_t word = strcspn(at, " ");
        if (word == length && strncasecmp(at, text, length) == 0) {
            memcpy(value_at(entry, settings), &number, sizeof number);
            return true;
        }
        at += word + (at[word] == ' ' ? 1 : 0);
    }
    return false;
}

static bool text_set(const struct config_entry *entry, const char *text, void *settings)
{
    size_t length = strlen(text);
    if (length >= (size_t)entry->maximum)
        return false;
    memcpy(value_at(entry, settings), text, length + 1);
    return true;
}

static bool value_set(const struct config_entry *entry, const char *text, void *settings)
{
    switch (entry->type) {
    case CONFIG_TEXT:
    case CONFIG_LIST:
        return text_set(entry, text, settings);
    case CONFIG_NUMBER:
    case CONFIG_BYTES:
    case CONFIG_DURATION_MS:
        return measure_set(entry, text, settings);
    case CONFIG_SWITCH:
        return switch_set(entry, text, settings);
    case CONFIG_CHOICE:
        return choice_set(entry, text, settings);
    }
    return false;
}

static void measure_write(const struct config_entry *entry, int64_t number, struct buffer *text)
{
    const struct unit *best = units_of(entry->type); /* Its first is the smallest. */
    for (const struct unit *unit = best; unit->name != NULL; unit++)
        if (number != 0 && number % unit->factor == 0)
            best = unit;
    buffer_format(text, "%" PRId64 "%s", number / best->factor, best->name);
}

/* What the entry takes, for an error or a comment. */
static void expectation_write(const struct config_entry *entry, struct buffer *text)
{
    switch (entry->type) {
    case CONFIG_TEXT:
        buffer_format(text, "a text of at most %" PRId64 " bytes", entry->maximum - 1);
        break;
    case CONFIG_LIST:
        buffer_format(text, "a list of at most %" PRId64 " bytes", entry->maximum - 1);
        break;
    case CONFIG_SWITCH:
        buffer_text_append(text, "yes or no");
        break;
    case CONFIG_CHOICE:
        buffer_format(text, "one of: %s", entry->choices);
        break;
    case CONFIG_NUMBER:
    case CONFIG_BYTES:
    case CONFIG_DURATION_MS:
        measure_write(entry, entry->minimum, text);
        buffer_text_append(text, " to ");
        measure_write(entry, entry->maximum, text);
        break;
    }
}

bool config_set(const struct config *config, const struct config_entry *entry, const char *value,
                const char *origin, void *settings, struct buffer *errors)
{
    invariant(entry >= config->entries && entry < config->entries + config->count);
    if (value_set(entry, value, settings))
        return true;
    buffer_format(errors, "%s: \"%.80s\" is not what [%s] %s takes: ", origin, value,
                  entry->section, entry->name);
    expectation_write(entry, errors);
    buffer_char(errors, '\n');
    return false;
}

bool config_defaults(const struct config *config, void *settings, struct buffer *errors)
{
    bool good = true;
    for (size_t i = 0; i < config->count; i++)
        good &= config_set(config, &config->entries[i], config->entries[i].fallback, "default",
                           settings, errors);
    return good;
}

struct file_reading {
    const struct config *config;
    void *settings;
    struct buffer *errors;
    const char *path;
    FILE *file;
    int *lines;     /* Of each entry; NULL: nobody asks. */
    int line;       /* The number of the one that was read last. */
    bool line_open; /* It has not ended yet. */
    int line_long;  /* The last one that was too long; 0: none. */
    bool good;
    bool seen[ENTRIES_MAX]; /* By the entry's index. */
};

/* "/etc/payoutd/payoutd.conf:12" */
static const char *origin_write(const struct file_reading *reading, char origin[ORIGIN_BYTES])
{
    (void)snprintf(origin, ORIGIN_BYTES, "%s:%d", reading->path, reading->line);
    return origin;
}

/* inih's reader, as fgets. Counts lines, which inih's handler is not told, and refuses those that
 * inih would cut in two and take for two. */
static char *line_read(char *text, int size, void *context)
{
    struct file_reading *reading = context;
    bool goes_on = reading->line_open;
    if (fgets(text, size, reading->file) == NULL)
        return NULL;
    size_t length = strlen(text);
    reading->line_open = length > 0 && text[length - 1] != '\n';
    if (!goes_on) {
        reading->line++;
        return text;
    }
    char origin[ORIGIN_BYTES];
    if (reading->line_long != reading->line)
        buffer_format(reading->errors, "%s: a line has at most %d bytes\n",
                      origin_write(reading, origin), size - 1);
    reading->line_long = reading->line;
    reading->good = false;
    text[0] = '\0';
    return text;
}

/* One more line of a list. */
static bool list_join(const struct config_entry *entry, const char *value, void *settings)
{
    char *list = value_at(entry, settings);
    size_t had = strlen(list), more = strlen(value);
    if (had + 1 + more >= (size_t)entry->maximum)
        return false;
    list[had] = ' ';
    memcpy(list + had + 1, value, more + 1);
    return true;
}

static bool line_set(struct file_reading *reading, size_t index, const char *value)
{
    const struct config_entry *entry = &reading->config->entries[index];
    bool again = reading->seen[index];
    char origin[ORIGIN_BYTES];
    reading->seen[index] = true;
    if (reading->lines != NULL)
        reading->lines[index] = reading->line;
    if (!again)
        return config_set(reading->config, entry, value, origin_write(reading, origin),
                          reading->settings, reading->errors);
    if (entry->type == CONFIG_LIST && list_join(entry, value, reading->settings))
        return true;
    buffer_format(reading->errors, "%s: [%s] %s %s\n", origin_write(reading, origin),
                  entry->section, entry->name,
                  entry->type == CONFIG_LIST ? "is too long" : "is set twice, or goes on");
    return false;
}

/* inih's handler; it goes on after a mistake, so that all of them are told. */
static int line_take(void *context, const char *section, const char *name, const char *value)
{
    struct file_reading *reading = context;
    for (size_t i = 0; i < reading->config->count; i++) {
        const struct config_entry *entry = &reading->config->entries[i];
        if (strcmp(entry->section, section) != 0 || strcmp(entry->name, name) != 0)
            continue;
        reading->good &= line_set(reading, i, value == NULL ? "" : value);
        return 1;
    }
    char origin[ORIGIN_BYTES];
    buffer_format(reading->errors, "%s: there is no setting [%s] %s\n",
                  origin_write(reading, origin), section, name);
    reading->good = false;
    return 1;
}

bool config_file_lines(const struct config *config, const char *path, void *settings, int *lines,
                       struct buffer *errors)
{
    struct file_reading reading = {.config = config,
                                   .settings = settings,
                                   .errors = errors,
                                   .path = path,
                                   .lines = lines,
                                   .good = true};
    invariant(config->count <= ENTRIES_MAX);
    reading.file = fopen(path, "re");
    if (reading.file == NULL) {
        buffer_format(errors, "%s: can't be read: %s\n", path, strerror(errno));
        return false;
    }
    int line = ini_parse_stream(line_read, &reading, line_take, &reading);
    bool failed = ferror(reading.file) != 0;
    (void)fclose(reading.file);
    if (failed || line < 0) {
        buffer_format(errors, "%s: can't be read to its end\n", path);
        return false;
    }
    if (line > 0) {
        buffer_format(errors, "%s:%d: it is neither a [section], a name = value nor a comment\n",
                      path, line);
        return false;
    }
    return reading.good;
}

bool config_file(const struct config *config, const char *path, void *settings,
                 struct buffer *errors)
{
    return config_file_lines(config, path, settings, NULL, errors);
}

bool config_environment(const struct config *config, void *settings, struct buffer *errors)
{
    bool good = true;
    for (size_t i = 0; i < config->count; i++) {
        const struct config_entry *entry = &config->entries[i];
        char name[NAME_BYTES];
        int length =
            snprintf(name, sizeof name, "%s%s_%s", config->prefix, entry->section, entry->name);
        invariant(length > 0 && length < NAME_BYTES);
        for (char *at = name; *at != '\0'; at++)
            *at = (char)toupper((unsigned char)*at);
        const char *value = getenv(name);
        if (value != NULL)
            good &= config_set(config, entry, value, name, settings, errors);
    }
    return good;
}

static void choice_write(const struct config_entry *entry, int64_t number, struct buffer *text)
{
    const char *at = entry->choices;
    for (; number > 0; number--)
        at += strcspn(at, " ") + 1;
    buffer_append(text, at, strcspn(at, " "));
}

/* inih reads lines of at most 199 bytes: a long list is written on several. */
static void list_write(const char *list, struct buffer *text)
{
    static const char separators[] = " \t,";
    size_t line = 0;
    for (const char *at = list + strspn(list, separators); *at != '\0';) {
        size_t word = strcspn(at, separators);
        if (line > 0 && line + word > LIST_LINE_BYTES) {
            buffer_text_append(text, "\n   ");
            line = 0;
        }
        if (at != list)
            buffer_char(text, ' ');
        buffer_append(text, at, word);
        line += word + 1;
        at += word;
        at += strspn(at, separators);
    }
}

static void value_write(const struct config_entry *entry, const void *settings, struct buffer *text)
{
    const char *at = (const char *)settings + entry->offset;
    switch (entry->type) {
    case CONFIG_TEXT:
        buffer_text_append(text, at);
        break;
    case CONFIG_LIST:
        list_write(at, text);
        break;
    case CONFIG_SWITCH:
        buffer_text_append(text, *(const bool *)at ? "yes" : "no");
        break;
    case CONFIG_CHOICE:
        choice_write(entry, number_at(entry, settings), text);
        break;
    case CONFIG_NUMBER:
    case CONFIG_BYTES:
    case CONFIG_DURATION_MS:
        measure_write(entry, number_at(entry, settings), text);
        break;
    }
}

void config_write(const struct config *config, const void *settings, struct buffer *text)
{
    const char *section = "";
    for (size_t i = 0; i < config->count; i++) {
        const struct config_entry *entry = &config->entries[i];
        if (strcmp(section, entry->section) != 0)
            buffer_format(text, "%s[%s]\n", i == 0 ? "" : "\n", entry->section);
        section = entry->section;
        buffer_format(text, "; %s (", entry->help);
        expectation_write(entry, text);
        buffer_format(
            text, "; default: %s)%s\n%s = ", entry->fallback[0] == '\0' ? "none" : entry->fallback,
            entry->reloads ? " Reloads." : "", entry->name);
        value_write(entry, settings, text);
        buffer_char(text, '\n');
    }
}

static size_t value_size(const struct config_entry *entry)
{
    switch (entry->type) {
    case CONFIG_SWITCH:
        return sizeof(bool);
    case CONFIG_TEXT:
    case CONFIG_LIST:
    case CONFIG_NUMBER:
    case CONFIG_BYTES:
    case CONFIG_DURATION_MS:
    case CONFIG_CHOICE:
        break;
    }
    return sizeof(int64_t);
}

bool config_differs(const struct config *config, const void *before, const void *after,
                    struct buffer *names)
{
    bool differs = false;
    for (size_t i = 0; i < config->count; i++) {
        const struct config_entry *entry = &config->entries[i];
        if (entry->reloads)
            continue;
        const char *was = (const char *)before + entry->offset;
        const char *is = (const char *)after + entry->offset;
        bool same = entry->type == CONFIG_TEXT ? strcmp(was, is) == 0
                                               : memcmp(was, is, value_size(entry)) == 0;
        if (same)
            continue;
        char name[NAME_BYTES];
        invariant(config_flag_name(entry, name, sizeof name));
        buffer_format(names, "%s%s", differs ? " " : "", name);
        differs = true;
    }
    return differs;
}

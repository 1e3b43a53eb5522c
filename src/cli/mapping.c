#include "cli/mapping.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/clock.h"
#include "cli/print.h"

enum { SKIP_LINES_MAX = 1000, AMOUNT_DIGITS_MAX = 15, UTC_OFFSET_HOURS_MAX = 14 };

const char *said_text(enum said said)
{
    switch (said) {
    case SAID_PAID:
        return "paid";
    case SAID_REJECTED:
        return "rejected";
    case SAID_PENDING:
        return "pending";
    case SAID_IGNORED:
        return "ignored";
    case SAID_UNKNOWN:
        return "unknown";
    }
    return "unknown";
}

struct reading {
    struct arena *arena;
    struct mapping *mapping;
    char why[200]; /* What is wrong; "": nothing is. */
};

static const char *text_keep(struct arena *arena, const char *text, size_t length)
{
    return memcpy(arena_alloc(arena, length + 1, 1), text, length);
}

size_t mapping_trim(const char **text)
{
    for (;;) {
        if (**text == ' ' || **text == '\t')
            (*text)++;
        else if (strncmp(*text, "\xC2\xA0", 2) == 0)
            *text += 2;
        else
            break;
    }
    size_t length = strlen(*text);
    for (;;) {
        if (length > 0 && strchr(" \t\r\n", (*text)[length - 1]) != NULL)
            length--;
        else if (length > 1 && memcmp(*text + length - 2, "\xC2\xA0", 2) == 0)
            length -= 2;
        else
            return length;
    }
}

/* --- The INI file; each setter returns what is wrong, NULL when nothing is --- */

static const char *column_set(struct reading *reading, const char *name, const char *value)
{
    static const char *const names[MAPPING_COLUMN_COUNT] = {
        [MAPPING_REFERENCE] = "reference",
        [MAPPING_AMOUNT] = "amount",
        [MAPPING_STATUS] = "status",
        [MAPPING_DATE] = "date",
        [MAPPING_OPERATOR_REFERENCE] = "operator_reference",
    };
    for (size_t i = 0; i < MAPPING_COLUMN_COUNT; i++)
        if (strcmp(names[i], name) == 0) {
            reading->mapping->columns[i] = text_keep(reading->arena, value, strlen(value));
            return NULL;
        }
    return "columns are reference, amount, status, date, operator_reference";
}

static const char *words_set(struct reading *reading, const char *name, const char *value)
{
    enum said said = SAID_PAID;
    while (said < SAID_UNKNOWN && strcmp(said_text(said), name) != 0)
        said++;
    if (said == SAID_UNKNOWN)
        return "statuses are paid, rejected, pending, ignored";
    for (const char *at = value; *at != '\0';) {
        size_t length = strcspn(at, ",");
        const char *word = text_keep(reading->arena, at, length);
        at += length + (at[length] == ',');
        length = mapping_trim(&word);
        if (length == 0)
            continue;
        if (reading->mapping->word_count == MAPPING_WORDS_MAX)
            return "these are too many words";
        reading->mapping->words[reading->mapping->word_count++] =
            (struct mapping_word){text_keep(reading->arena, word, length), said};
    }
    return NULL;
}

static const char *switch_set(const char *value, bool *target)
{
    bool yes = strcasecmp(value, "yes") == 0, no = strcasecmp(value, "no") == 0;
    *target = yes;
    return yes || no ? NULL : "this is yes or no";
}

static const char *character_set(const char *value, const char *const names[], const char *values,
                                 char *target)
{
    for (size_t i = 0; names[i] != NULL; i++)
        if (strcasecmp(names[i], value) == 0) {
            *target = values[i];
            return NULL;
        }
    return "this word is not known here";
}

/* "+01:00" */
static const char *offset_set(const char *value, int64_t *offset_s)
{
    static const char pattern[] = "+00:00";
    for (size_t i = 0; i < sizeof pattern; i++)
        if (i == 0              ? value[i] != '+' && value[i] != '-'
            : pattern[i] == '0' ? !isdigit((unsigned char)value[i])
                                : value[i] != pattern[i])
            return "utc_offset is written +01:00";
    int64_t hours = (value[1] - '0') * INT64_C(10) + (value[2] - '0');
    int64_t minutes = (value[4] - '0') * INT64_C(10) + (value[5] - '0');
    *offset_s = (value[0] == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
    return hours > UTC_OFFSET_HOURS_MAX || minutes > 59 ? "utc_offset is written +01:00" : NULL;
}

static const char *lines_set(const char *value, int64_t *lines)
{
    *lines = 0;
    for (const char *at = value; *at != '\0'; at++) {
        if (*at < '0' || *at > '9' || *lines > SKIP_LINES_MAX)
            return "skip_lines is a number, 1000 at most";
        *lines = *lines * 10 + (*at - '0');
    }
    return *lines > SKIP_LINES_MAX ? "skip_lines is a number, 1000 at most" : NULL;
}

static const char *other_set(struct reading *reading, const char *section, const char *name,
                             const char *value)
{
    static const char *const separators[] = {"comma", "semicolon", "tab", NULL};
    static const char *const decimals[] = {"point", "comma", NULL};
    struct mapping *mapping = reading->mapping;
    char full[64];
    (void)snprintf(full, sizeof full, "%.30s.%.30s", section, name);
    if (strcmp(full, "file.separator") == 0)
        return character_set(value, separators, ",;\t", &mapping->separator);
    if (strcmp(full, "file.header") == 0)
        return switch_set(value, &mapping->header);
    if (strcmp(full, "file.skip_lines") == 0)
        return lines_set(value, &mapping->skip_lines);
    if (strcmp(full, "format.decimal") == 0)
        return character_set(value, decimals, ".,", &mapping->decimal);
    if (strcmp(full, "format.negative") == 0)
        return switch_set(value, &mapping->negative);
    if (strcmp(full, "format.utc_offset") == 0)
        return offset_set(value, &mapping->utc_offset_s);
    if (strcmp(full, "format.date") == 0) {
        mapping->date_format = text_keep(reading->arena, value, strlen(value));
        return NULL;
    }
    if (strcmp(full, "match.operator") == 0) {
        mapping->operator_method = text_keep(reading->arena, value, strlen(value));
        return NULL;
    }
    return "there is no such setting";
}

static int member_take(void *context, const char *section, const char *name, const char *value)
{
    struct reading *reading = context;
    const char *wrong;
    if (*value == '\0')
        wrong = "it is empty";
    else if (strcmp(section, "columns") == 0)
        wrong = column_set(reading, name, value);
    else if (strcmp(section, "status") == 0)
        wrong = words_set(reading, name, value);
    else
        wrong = other_set(reading, section, name, value);
    if (wrong != NULL && reading->why[0] == '\0')
        (void)snprintf(reading->why, sizeof reading->why, "[%.30s] %.30s: %s", section, name,
                       wrong);
    return 1;
}

static void whole_check(struct reading *reading)
{
    const struct mapping *mapping = reading->mapping;
    const char *wrong = NULL;
    if (mapping->columns[MAPPING_AMOUNT] == NULL)
        wrong = "[columns] amount: it is missing";
    else if (mapping->columns[MAPPING_REFERENCE] == NULL &&
             mapping->columns[MAPPING_OPERATOR_REFERENCE] == NULL)
        wrong = "[columns] needs reference or operator_reference";
    else if (mapping->columns[MAPPING_STATUS] != NULL && mapping->word_count == 0)
        wrong = "[status] is missing: which words mean paid?";
    else if (mapping->columns[MAPPING_STATUS] == NULL && mapping->word_count > 0)
        wrong = "[columns] status: it is missing, and there are words for it";
    if (wrong != NULL)
        (void)snprintf(reading->why, sizeof reading->why, "%s", wrong);
}

bool mapping_read(struct arena *arena, const char *path, struct mapping *mapping)
{
    struct reading reading = {.arena = arena, .mapping = mapping};
    *mapping = (struct mapping){.header = true, .decimal = '.'};
    int line = ini_parse(path, member_take, &reading);
    if (line < 0) {
        print_problem("%s: %s", path, strerror(errno));
        return false;
    }
    if (line > 0)
        (void)snprintf(reading.why, sizeof reading.why, "line %d is no line of an INI file", line);
    if (reading.why[0] == '\0')
        whole_check(&reading);
    if (reading.why[0] != '\0')
        print_problem("%s: %s", path, reading.why);
    return reading.why[0] == '\0';
}

/* --- What a row's fields mean --- */

enum said mapping_said(const struct mapping *mapping, const char *word)
{
    size_t length = mapping_trim(&word);
    for (size_t i = 0; i < mapping->word_count; i++)
        if (strlen(mapping->words[i].text) == length &&
            strncasecmp(mapping->words[i].text, word, length) == 0)
            return mapping->words[i].said;
    return SAID_UNKNOWN;
}

/* How many bytes stand between thousands here: blanks of any kind, an apostrophe, or the mark that
 * is not the decimal one. */
static size_t between_thousands(const struct mapping *mapping, const char *at)
{
    if (*at == ' ' || *at == '\'' || *at == (mapping->decimal == '.' ? ',' : '.'))
        return 1;
    if (strncmp(at, "\xC2\xA0", 2) == 0)
        return 2;
    return strncmp(at, "\xE2\x80\xAF", 3) == 0 ? 3 : 0;
}

/* True for what may follow an amount: cents that are none, blanks, a currency's letters. */
static bool amount_ends(const struct mapping *mapping, const char *at)
{
    if (*at == mapping->decimal) {
        at++;
        at += strspn(at, "0");
    }
    for (size_t skip; (skip = *at == '\0' ? 0 : between_thousands(mapping, at)) > 0;)
        at += skip;
    while (isalpha((unsigned char)*at))
        at++;
    return *at == '\0';
}

bool mapping_amount(const struct mapping *mapping, const char *text, int64_t *amount)
{
    int64_t number = 0;
    int digits = 0;
    char trimmed[64];
    size_t length = mapping_trim(&text);
    if (length == 0 || length >= sizeof trimmed)
        return false;
    (void)snprintf(trimmed, sizeof trimmed, "%.*s", (int)length, text);
    const char *at = trimmed;
    if (*at == '+' || (*at == '-' && mapping->negative))
        at++;
    while (isalpha((unsigned char)*at) || (digits == 0 && *at == ' '))
        at++; /* "XOF 1 500" */
    for (; digits <= AMOUNT_DIGITS_MAX; digits++) {
        size_t skip = *at == '\0' || digits == 0 ? 0 : between_thousands(mapping, at);
        if (!isdigit((unsigned char)at[skip]))
            break;
        number = number * 10 + (at[skip] - '0');
        at += skip + 1;
    }
    if (digits == 0 || digits > AMOUNT_DIGITS_MAX || !amount_ends(mapping, at))
        return false;
    *amount = number;
    return true;
}

bool mapping_date(const struct mapping *mapping, const char *text, int64_t *at_ms)
{
    char trimmed[64];
    size_t length = mapping_trim(&text);
    (void)snprintf(trimmed, sizeof trimmed, "%.*s", (int)length, text);
    if (length >= sizeof trimmed)
        return false;
    if (mapping->date_format == NULL) {
        if (!clock_text_read(trimmed, at_ms))
            return false;
    } else {
        struct tm tm = {.tm_mday = 1};
        const char *end = strptime(trimmed, mapping->date_format, &tm);
        if (end == NULL || *end != '\0' || tm.tm_year < 70)
            return false;
        *at_ms = 1000 * clock_join((struct clock_parts){.year = tm.tm_year + 1900,
                                                        .month = tm.tm_mon + 1,
                                                        .day = tm.tm_mday,
                                                        .hour = tm.tm_hour,
                                                        .minute = tm.tm_min,
                                                        .second = tm.tm_sec});
    }
    *at_ms -= mapping->utc_offset_s * 1000;
    return *at_ms >= 0;
}

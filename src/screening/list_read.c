#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/secret.h"
#include "screening/list_own.h"

enum { FIELDS = 5, DIGITS_MAX = 8 };

struct reading {
    struct name_list *list;
    struct fault *fault;
    int64_t line;
    int64_t promised;                         /* Entries; -1: the file does not say. */
    char bytes[NAME_LIST_LINE_BYTES_MAX + 1]; /* The line's fields, unquoted. */
    const char *fields[FIELDS];
};

static enum fault_kind line_fault(struct reading *reading, const char *what)
{
    return fault_set(reading->fault, FAULT_FINAL, "line %lld: %s", (long long)reading->line, what);
}

static const char *text_keep(struct name_list *list, const char *text)
{
    size_t length = strlen(text);
    if (length == 0)
        return "";
    char *copy = arena_alloc(list->arena, length + 1, 1);
    memcpy(copy, text, length);
    return copy;
}

/* One field into text, NUL-terminated; *at moves behind it. NULL, or what is wrong. */
static const char *field_read(const char **at, const char *end, char **text)
{
    bool quoted = *at < end && **at == '"';
    if (quoted)
        ++*at;
    while (*at < end && (quoted || **at != ',')) {
        char character = *(*at)++;
        if (character == '"') {
            if (!quoted)
                return "a quote in a field without quotes";
            if (*at == end || **at != '"') {
                quoted = false;
                if (*at < end && **at != ',')
                    return "something behind a closing quote";
                break;
            }
            ++*at;
        }
        *(*text)++ = character;
    }
    if (quoted)
        return "a quote that nothing closes";
    *(*text)++ = '\0';
    return NULL;
}

/* Splits a line into reading->fields; absent ones are "". */
static enum fault_kind fields_read(struct reading *reading, const char *line, const char *end)
{
    char *text = reading->bytes;
    for (int i = 0; i < FIELDS; i++)
        reading->fields[i] = "";
    for (int i = 0;; i++) {
        if (i == FIELDS)
            return line_fault(reading, "more than five fields");
        reading->fields[i] = text;
        const char *wrong = field_read(&line, end, &text);
        if (wrong != NULL)
            return line_fault(reading, wrong);
        if (line == end)
            return FAULT_NONE;
        line++; /* The comma; one at the end has an empty field behind it. */
    }
}

/* A name must have letters that can be compared. */
static bool name_readable(const char *text)
{
    struct name_words words;
    name_fold(text, strlen(text), &words);
    return words.count > 0 && !words.overflowing;
}

static enum fault_kind aliases_add(struct reading *reading, const char *aliases)
{
    char alias[NAME_LIST_LINE_BYTES_MAX + 1];
    while (*aliases != '\0') {
        size_t length = strcspn(aliases, ";");
        memcpy(alias, aliases, length);
        alias[length] = '\0';
        aliases += length + (aliases[length] == ';');
        if (alias[strspn(alias, " \t")] == '\0')
            continue;
        if (!name_readable(alias))
            return line_fault(reading, "an alias that is no name");
        list_spelling_add(reading->list, text_keep(reading->list, alias));
    }
    return FAULT_NONE;
}

static enum fault_kind entry_add(struct reading *reading)
{
    struct name_list *list = reading->list;
    if (reading->fields[0][0] == '\0')
        return line_fault(reading, "an entry without an id");
    if (!name_readable(reading->fields[1]))
        return line_fault(reading, "an entry without a name that can be read");
    if (list->entry_count == NAME_LIST_ENTRIES_MAX)
        return line_fault(reading, "more than 1000000 entries");
    list->entries =
        list_grow(list->entries, list->entry_count, &list->entry_room, sizeof *list->entries);
    struct list_entry *entry = &list->entries[list->entry_count++];
    *entry = (struct list_entry){.id = text_keep(list, reading->fields[0]),
                                 .name = text_keep(list, reading->fields[1]),
                                 .country = text_keep(list, reading->fields[3]),
                                 .born = text_keep(list, reading->fields[4])};
    list_spelling_add(list, entry->name);
    return aliases_add(reading, reading->fields[2]);
}

/* "# entries: 123" */
static enum fault_kind promise_read(struct reading *reading, const char *line, const char *end)
{
    static const char words[] = "entries:";
    for (line++; line < end && *line == ' '; line++)
        ;
    if ((size_t)(end - line) < sizeof words - 1 || strncasecmp(line, words, sizeof words - 1) != 0)
        return FAULT_NONE;
    for (line += sizeof words - 1; line < end && *line == ' '; line++)
        ;
    reading->promised = 0;
    if (line == end || end - line > DIGITS_MAX)
        return line_fault(reading, "\"# entries:\" without a number");
    for (; line < end; line++) {
        if (*line < '0' || *line > '9')
            return line_fault(reading, "\"# entries:\" without a number");
        reading->promised = reading->promised * 10 + (*line - '0');
    }
    return FAULT_NONE;
}

static enum fault_kind line_read(struct reading *reading, const char *line, const char *end)
{
    while (end > line && (end[-1] == '\r' || end[-1] == ' ' || end[-1] == '\t'))
        end--;
    if (line == end)
        return FAULT_NONE;
    if (*line == '#')
        return promise_read(reading, line, end);
    if (end - line > NAME_LIST_LINE_BYTES_MAX - FIELDS)
        return line_fault(reading, "it is too long");
    enum fault_kind kind = fields_read(reading, line, end);
    if (kind != FAULT_NONE)
        return kind;
    if (reading->list->entry_count == 0 && strcasecmp(reading->fields[0], "id") == 0 &&
        strcasecmp(reading->fields[1], "name") == 0)
        return FAULT_NONE;
    return entry_add(reading);
}

static enum fault_kind lines_read(struct reading *reading, const char *bytes, const char *end)
{
    static const char mark[] = "\xEF\xBB\xBF";
    if (end - bytes >= 3 && memcmp(bytes, mark, 3) == 0)
        bytes += 3;
    while (bytes < end) {
        const char *newline = memchr(bytes, '\n', (size_t)(end - bytes));
        const char *line_end = newline == NULL ? end : newline;
        reading->line++;
        enum fault_kind kind = line_read(reading, bytes, line_end);
        if (kind != FAULT_NONE)
            return kind;
        bytes = newline == NULL ? end : newline + 1;
    }
    int64_t count = (int64_t)reading->list->entry_count;
    if (count == 0)
        return fault_set(reading->fault, FAULT_FINAL, "there is no entry in it");
    if (reading->promised >= 0 && reading->promised != count)
        return fault_set(reading->fault, FAULT_FINAL,
                         "it says that it has %lld entries, and has %lld",
                         (long long)reading->promised, (long long)count);
    return FAULT_NONE;
}

static enum fault_kind bytes_check(const char *bytes, size_t length, struct fault *fault)
{
    if (length > NAME_LIST_BYTES_MAX)
        return fault_set(fault, FAULT_FINAL, "it is longer than 256 MiB");
    if (memchr(bytes, '\0', length) != NULL)
        return fault_set(fault, FAULT_FINAL, "there is a NUL in it: it is no text");
    if (!name_text_valid(bytes, length))
        return fault_set(fault, FAULT_FINAL, "it is not UTF-8");
    return FAULT_NONE;
}

static void version_write(struct name_list *list, const char *bytes, size_t length)
{
    uint8_t hash[SECRET_HASH_BYTES];
    char hex[2 * SECRET_HASH_BYTES + 1];
    secret_sha256(bytes, length, hash);
    secret_hex(hash, sizeof hash, hex);
    (void)snprintf(list->version, sizeof list->version, "sha256:%.16s", hex);
}

enum fault_kind name_list_read(const char *bytes, size_t length, struct name_list **list,
                               struct fault *fault)
{
    *list = NULL;
    if (length == 0)
        bytes = "";
    enum fault_kind kind = bytes_check(bytes, length, fault);
    if (kind != FAULT_NONE)
        return kind;
    struct name_list *opened = calloc(1, sizeof *opened);
    struct reading *reading = calloc(1, sizeof *reading);
    invariant(opened != NULL && reading != NULL);
    *reading = (struct reading){.list = opened, .fault = fault, .promised = -1};
    /* Texts and words are parts of the file; the least takes two bytes there and 32 here. */
    opened->arena = arena_open(length * 64 + ((size_t)1 << 20));
    kind = lines_read(reading, bytes, bytes + length);
    free(reading);
    if (kind != FAULT_NONE) {
        name_list_close(opened);
        return kind;
    }
    version_write(opened, bytes, length);
    list_index(opened);
    *list = opened;
    return FAULT_NONE;
}

void name_list_close(struct name_list *list)
{
    if (list == NULL)
        return;
    arena_close(list->arena);
    free(list->entries);
    free(list->spellings);
    free(list->words);
    free(list->refs);
    free(list->postings);
    free(list->buckets);
    free(list->traces);
    free(list->dictionary);
    free(list->notes);
    free(list->candidates);
    free(list);
}

size_t name_list_count(const struct name_list *list)
{
    return list->entry_count;
}

const char *name_list_version(const struct name_list *list)
{
    return list->version;
}

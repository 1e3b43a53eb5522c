#include "cli/print.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "cli/say.h"

enum { ERROR_BYTES = 1024, BAR_CELLS = 30, DEPTH_MAX = 6, CELL_BYTES_MAX = 1024 };

/* How many bytes the character at text has, 0 when it is not UTF-8. */
static size_t character_bytes(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    size_t length = at[0] < 0x80                    ? 1
                    : at[0] >= 0xC2 && at[0] < 0xE0 ? 2
                    : (at[0] & 0xF0) == 0xE0        ? 3
                    : at[0] >= 0xF0 && at[0] < 0xF5 ? 4
                                                    : 0;
    for (size_t i = 1; i < length; i++)
        if ((at[i] & 0xC0) != 0x80)
            return 0;
    return length;
}

/* C0, DEL, C1 (two bytes in UTF-8), and the marks that turn the direction of a line around. */
static bool is_control(const char *text, size_t length)
{
    const unsigned char *at = (const unsigned char *)text;
    if (length == 1)
        return at[0] < 0x20 || at[0] == 0x7F;
    if (length == 2)
        return at[0] == 0xC2 && at[1] < 0xA0;
    return length == 3 && at[0] == 0xE2 &&
           ((at[1] == 0x80 && at[2] >= 0xA8 && at[2] <= 0xAE) ||
            (at[1] == 0x81 && at[2] >= 0xA6 && at[2] <= 0xA9));
}

void print_clean(struct buffer *out, const char *text)
{
    while (*text != '\0') {
        size_t length = character_bytes(text);
        if (length == 0 || is_control(text, length))
            buffer_char(out, '?');
        else
            buffer_append(out, text, length);
        text += length == 0 ? 1 : length;
    }
}

size_t print_width(const char *text)
{
    size_t width = 0;
    for (; *text != '\0'; width++) {
        size_t length = character_bytes(text);
        text += length == 0 ? 1 : length;
    }
    return width;
}

static bool colours;

void print_begin(void)
{
    const char *never = getenv("NO_COLOR"), *terminal = getenv("TERM");
    colours = isatty(STDOUT_FILENO) == 1 && (never == NULL || *never == '\0') && terminal != NULL &&
              strcmp(terminal, "dumb") != 0;
}

/* SGR's numbers of the words that have a colour. */
static const struct {
    const char *word, *colour;
} words[] = {
    {"VAL", "32"},     {"ACCEPTED", "32"}, {"ok", "32"},       {"success", "32"},
    {"UP", "32"},      {"REJ", "31"},      {"REFUSED", "31"},  {"WRONG", "31"},
    {"DOWN", "31"},    {"FAILED", "31"},   {"UNKNOWN", "33"},  {"NOS", "33"},
    {"warning", "33"}, {"NOT_SENT", "33"}, {"REPEATED", "36"}, {"REC", "36"},
};

void print_word(struct buffer *out, const char *text)
{
    const char *colour = NULL;
    for (size_t i = 0; colours && i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].word, text) == 0)
            colour = words[i].colour;
    if (colour != NULL)
        buffer_format(out, "\x1b[%sm", colour);
    print_clean(out, text);
    if (colour != NULL)
        buffer_text_append(out, "\x1b[0m");
}

void print_problem(const char *format, ...)
{
    char line[ERROR_BYTES];
    struct buffer clean;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(line, sizeof line, say(format), arguments);
    va_end(arguments);
    buffer_init(&clean, (size_t)4 * ERROR_BYTES);
    print_clean(&clean, line);
    fprintf(stderr, "payout: %s\n", buffer_text(&clean));
    buffer_free(&clean);
}

struct table_row {
    struct table_row *next;
    const char *cells[];
};

void table_init(struct table *table, struct arena *arena)
{
    *table = (struct table){.arena = arena};
    table->last = &table->first;
}

void table_column(struct table *table, const char *head)
{
    invariant(table->column_count < PRINT_COLUMNS_MAX);
    table->right[table->column_count] = head[0] == '>';
    table->heads[table->column_count++] = head[0] == '>' ? head + 1 : head;
}

void table_row(struct table *table, const char *const *cells)
{
    struct table_row *row =
        arena_alloc(table->arena, 1, sizeof *row + table->column_count * sizeof row->cells[0]);
    for (size_t i = 0; i < table->column_count; i++)
        row->cells[i] = cells[i] != NULL ? cells[i] : "";
    *table->last = row;
    table->last = &row->next;
}

static void blanks_write(struct buffer *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buffer_char(out, ' ');
}

static void line_write(const struct table *table, const char *const *cells, const size_t *widths,
                       struct buffer *out)
{
    for (size_t i = 0; i < table->column_count; i++) {
        size_t gap = widths[i] - print_width(cells[i]);
        if (table->right[i])
            blanks_write(out, gap);
        print_word(out, cells[i]);
        if (i + 1 < table->column_count)
            blanks_write(out, (table->right[i] ? 0 : gap) + 2);
    }
    buffer_char(out, '\n');
}

void table_write(const struct table *table, struct buffer *out)
{
    size_t widths[PRINT_COLUMNS_MAX] = {0};
    const char *heads[PRINT_COLUMNS_MAX] = {0};
    for (size_t i = 0; i < table->column_count; i++) {
        heads[i] = say(table->heads[i]);
        widths[i] = print_width(heads[i]);
    }
    for (const struct table_row *row = table->first; row != NULL; row = row->next)
        for (size_t i = 0; i < table->column_count; i++)
            if (print_width(row->cells[i]) > widths[i])
                widths[i] = print_width(row->cells[i]);
    if (colours)
        buffer_text_append(out, "\x1b[1m");
    line_write(table, heads, widths, out);
    if (colours)
        buffer_text_append(out, "\x1b[0m");
    for (const struct table_row *row = table->first; row != NULL; row = row->next)
        line_write(table, row->cells, widths, out);
}

/* A value that has no parts, as text in arena. */
static const char *scalar_text(struct arena *arena, const json_t *value)
{
    if (json_is_string(value))
        return json_string_value(value);
    if (value == NULL || json_is_null(value))
        return "";
    if (json_is_boolean(value))
        return json_is_true(value) ? "yes" : "no";
    enum { NUMBER_BYTES = 40 };
    char *text = arena_alloc(arena, NUMBER_BYTES, 1);
    if (json_is_integer(value))
        (void)snprintf(text, NUMBER_BYTES, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_real(value))
        (void)snprintf(text, NUMBER_BYTES, "%g", json_real_value(value));
    else if (json_is_array(value))
        (void)snprintf(text, NUMBER_BYTES, "%zu", json_array_size(value));
    return text;
}

/* What stands in a cell: of an object "XOF 500, XAF 20". */
static const char *cell_text(struct arena *arena, const json_t *value)
{
    struct buffer text;
    const char *name;
    json_t *member;
    if (!json_is_object(value))
        return scalar_text(arena, value);
    buffer_init(&text, CELL_BYTES_MAX);
    json_object_foreach((json_t *)(uintptr_t)value, name, member) buffer_format(
        &text, "%s%s %s", text.length > 0 ? ", " : "", name, scalar_text(arena, member));
    char *kept = arena_alloc(arena, text.length + 1, 1);
    memcpy(kept, buffer_text(&text), text.length);
    buffer_free(&text);
    return kept;
}

static bool has_parts(const json_t *value)
{
    return json_is_object(value) || json_is_array(value);
}

/* An array of objects: a column for every member of the first one. */
static void list_write(struct arena *arena, const json_t *list, struct buffer *out)
{
    struct table table;
    const char *name;
    json_t *member;
    const json_t *first = json_array_get(list, 0);
    table_init(&table, arena);
    json_object_foreach((json_t *)(uintptr_t)first, name, member)
    {
        if (table.column_count == PRINT_COLUMNS_MAX)
            break;
        table_column(&table, name);
        table.right[table.column_count - 1] = json_is_number(member);
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *cells[PRINT_COLUMNS_MAX];
        for (size_t c = 0; c < table.column_count; c++)
            cells[c] = cell_text(arena, json_object_get(json_array_get(list, i), table.heads[c]));
        table_row(&table, cells);
    }
    table_write(&table, out);
}

static void value_write(struct arena *arena, const json_t *value, int depth, struct buffer *out);

static void object_write(struct arena *arena, const json_t *object, int depth, struct buffer *out)
{
    size_t width = 0;
    const char *name;
    json_t *member;
    json_t *shown =
        (json_t *)(uintptr_t)object; /* jansson's loop wants it so; it changes nothing. */
    json_object_foreach(shown, name, member) if (!has_parts(member) && print_width(name) > width)
        width = print_width(name);
    json_object_foreach(shown, name, member)
    {
        if (has_parts(member))
            continue;
        print_clean(out, name);
        blanks_write(out, width - print_width(name) + 2);
        print_clean(out, scalar_text(arena, member));
        buffer_char(out, '\n');
    }
    json_object_foreach(shown, name, member)
    {
        if (!has_parts(member))
            continue;
        if (out->length > 0)
            buffer_char(out, '\n');
        print_clean(out, name);
        buffer_text_append(out, ":\n");
        value_write(arena, member, depth + 1, out);
    }
}

static void value_write(struct arena *arena, const json_t *value, int depth, struct buffer *out)
{
    if (depth >= DEPTH_MAX || !has_parts(value)) {
        print_clean(out, scalar_text(arena, value));
        buffer_char(out, '\n');
    } else if (json_is_object(value)) {
        object_write(arena, value, depth, out);
    } else if (json_array_size(value) == 0) {
        buffer_text_append(out, "(none)\n");
    } else if (json_is_object(json_array_get(value, 0))) {
        list_write(arena, value, out);
    } else {
        for (size_t i = 0; i < json_array_size(value); i++)
            value_write(arena, json_array_get(value, i), depth + 1, out);
    }
}

void print_value(struct arena *arena, const json_t *value, struct buffer *out)
{
    value_write(arena, value, 0, out);
}

bool print_flush(struct buffer *out)
{
    bool written = buffer_ok(out) &&
                   fwrite(buffer_text(out), 1, out->length, stdout) == out->length &&
                   fflush(stdout) == 0;
    buffer_clear(out);
    return written;
}

void progress_begin(struct progress *progress, FILE *file, size_t total)
{
    bool shown = file != NULL && isatty(fileno(file)) == 1 && total > 0;
    *progress = (struct progress){.file = shown ? file : NULL, .total = total};
}

void progress_write(const struct progress *progress, size_t done, struct buffer *out)
{
    size_t cells = progress->total == 0 ? 0 : done * BAR_CELLS / progress->total;
    buffer_char(out, '[');
    for (size_t i = 0; i < BAR_CELLS; i++)
        buffer_char(out, i < cells ? '#' : '.');
    buffer_format(out, "] %zu / %zu", done, progress->total);
}

void progress_show(const struct progress *progress, size_t done, const char *note)
{
    if (progress->file == NULL)
        return;
    struct buffer line;
    buffer_init(&line, ERROR_BYTES);
    progress_write(progress, done, &line);
    /* Back to the line's first column; what was there is wiped. */
    fprintf(progress->file, "\r\x1b[K%s %s", buffer_text(&line), note);
    fflush(progress->file);
    buffer_free(&line);
}

void progress_end(const struct progress *progress)
{
    if (progress->file == NULL)
        return;
    fprintf(progress->file, "\r\x1b[K");
    fflush(progress->file);
}

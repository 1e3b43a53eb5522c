#include "cli/csv.h"

#include <string.h>

#include "base/fault.h"

static bool ends_line(char byte)
{
    return byte == '\n' || byte == '\r';
}

static bool at_end(const struct csv *csv)
{
    return csv->at >= csv->length;
}

/* Steps over one line ending; \r\n is one. */
static void newline_skip(struct csv *csv)
{
    if (at_end(csv) || !ends_line(csv->bytes[csv->at]))
        return;
    bool both =
        csv->bytes[csv->at] == '\r' && csv->at + 1 < csv->length && csv->bytes[csv->at + 1] == '\n';
    csv->at += both ? 2 : 1;
    csv->line++;
}

/* The separator that the first line has most of, outside quotes; a comma in doubt. */
static char separator_guess(const struct csv *csv)
{
    static const char separators[] = {',', ';', '\t'};
    size_t counts[sizeof separators] = {0};
    bool quoted = false;
    for (size_t i = csv->at; i < csv->length && (quoted || !ends_line(csv->bytes[i])); i++) {
        quoted = quoted != (csv->bytes[i] == '"');
        for (size_t s = 0; s < sizeof separators; s++)
            if (!quoted && csv->bytes[i] == separators[s])
                counts[s]++;
    }
    size_t best = 0;
    for (size_t s = 1; s < sizeof separators; s++)
        if (counts[s] > counts[best])
            best = s;
    return separators[best];
}

void csv_open(struct csv *csv, const char *bytes, size_t length)
{
    *csv = (struct csv){.bytes = bytes, .length = length, .line = 1};
    buffer_init(&csv->text, CSV_ROW_BYTES_MAX);
    if (length >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0)
        csv->at = 3;
    if (length - csv->at >= 5 && memcmp(bytes + csv->at, "sep=", 4) == 0 &&
        (length - csv->at == 5 || ends_line(bytes[csv->at + 5])) &&
        !ends_line(bytes[csv->at + 4]) && bytes[csv->at + 4] != '"') {
        csv->separator = bytes[csv->at + 4];
        csv->at += 5;
        newline_skip(csv);
    } else {
        csv->separator = separator_guess(csv);
    }
}

void csv_close(struct csv *csv)
{
    buffer_free(&csv->text);
}

const char *csv_result_text(enum csv_result result)
{
    switch (result) {
    case CSV_ROW:
    case CSV_END:
        return "";
    case CSV_QUOTE_OPEN:
        return "a quote is opened and never closed";
    case CSV_QUOTE_STRAY:
        return "a quote stands where none may be (a quote in a field is written twice, and the "
               "field in quotes)";
    case CSV_TOO_LONG:
        return "the row is too long";
    case CSV_NUL:
        return "this is not text in UTF-8";
    }
    return "";
}

/* Takes one field, from its first byte to its separator or end of line, neither included. */
static enum csv_result field_take(struct csv *csv)
{
    bool quoted = csv->bytes[csv->at] == '"';
    if (quoted)
        csv->at++;
    for (; !at_end(csv); csv->at++) {
        char byte = csv->bytes[csv->at];
        if (byte == '\0')
            return CSV_NUL;
        if (quoted && byte == '"') {
            if (csv->at + 1 >= csv->length || csv->bytes[csv->at + 1] != '"') {
                csv->at++;
                bool closed = at_end(csv) || csv->bytes[csv->at] == csv->separator ||
                              ends_line(csv->bytes[csv->at]);
                return closed ? CSV_ROW : CSV_QUOTE_STRAY;
            }
            csv->at++;
        } else if (!quoted && (byte == csv->separator || ends_line(byte))) {
            return CSV_ROW;
        } else if (!quoted && byte == '"') {
            return CSV_QUOTE_STRAY;
        }
        if (byte == '\n' ||
            (byte == '\r' && !(csv->at + 1 < csv->length && csv->bytes[csv->at + 1] == '\n')))
            csv->line++;
        buffer_char(&csv->text, byte);
        if (!buffer_ok(&csv->text))
            return CSV_TOO_LONG;
    }
    return quoted ? CSV_QUOTE_OPEN : CSV_ROW;
}

/* Goes on behind a broken row: at the next line. */
static enum csv_result row_skip(struct csv *csv, struct csv_row *row, enum csv_result why)
{
    row->count = 0;
    if (why == CSV_QUOTE_OPEN) {
        csv->at = csv->length; /* All that follows is in the quote. */
        return why;
    }
    row->line = csv->line;
    while (!at_end(csv) && !ends_line(csv->bytes[csv->at]))
        csv->at++;
    newline_skip(csv);
    return why;
}

enum csv_result csv_next(struct csv *csv, struct csv_row *row)
{
    size_t offsets[CSV_FIELDS_MAX];
    *row = (struct csv_row){0};
    while (!at_end(csv) && ends_line(csv->bytes[csv->at]))
        newline_skip(csv);
    row->line = csv->line;
    if (at_end(csv))
        return CSV_END;
    buffer_clear(&csv->text);
    for (bool more = true; more;) {
        if (row->count == CSV_FIELDS_MAX)
            return row_skip(csv, row, CSV_TOO_LONG);
        offsets[row->count++] = csv->text.length;
        enum csv_result result = at_end(csv) ? CSV_ROW : field_take(csv);
        buffer_char(&csv->text, '\0');
        if (result == CSV_ROW && !buffer_ok(&csv->text))
            result = CSV_TOO_LONG;
        if (result != CSV_ROW)
            return row_skip(csv, row, result);
        more = !at_end(csv) && csv->bytes[csv->at] == csv->separator;
        if (more)
            csv->at++;
    }
    newline_skip(csv);
    for (size_t i = 0; i < row->count; i++)
        row->fields[i] = csv->text.bytes + offsets[i];
    return CSV_ROW;
}

void csv_field_write(struct buffer *text, const char *value, bool first)
{
    if (!first)
        buffer_char(text, ',');
    if (strpbrk(value, ",;\t\"\r\n") == NULL) {
        buffer_text_append(text, value);
        return;
    }
    buffer_char(text, '"');
    for (const char *at = value; *at != '\0'; at++) {
        if (*at == '"')
            buffer_char(text, '"');
        buffer_char(text, *at);
    }
    buffer_char(text, '"');
}

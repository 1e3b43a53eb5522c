/* csv: tables as people keep them: RFC 4180 with what spreadsheets make of it. Commas, semicolons
 * or tabs; a byte order mark; any line ending; "sep=;" in front. It must never guess at a broken
 * row: that is an error with its line. Pure; one thread at a time. */
#ifndef PAYOUT_CLI_CSV_H
#define PAYOUT_CLI_CSV_H
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

enum { CSV_FIELDS_MAX = 64, CSV_ROW_BYTES_MAX = 64 * 1024 };

struct csv {
    const char *bytes; /* Borrowed. */
    size_t length, at;
    int64_t line; /* Of the byte at at; from 1. */
    char separator;
    struct buffer text; /* The row's fields, each with its NUL. */
};

/* count fields as texts; valid until the next csv_next or csv_close. A row without its last
 * separators has fewer fields than the header: the caller decides what that means. */
struct csv_row {
    int64_t line; /* On which the row begins. */
    size_t count;
    const char *fields[CSV_FIELDS_MAX];
};

enum csv_result {
    CSV_ROW,
    CSV_END,
    CSV_QUOTE_OPEN,  /* A quote is opened and never closed; nothing can be read after it. */
    CSV_QUOTE_STRAY, /* A quote in the middle of a field, or something after a closing one. */
    CSV_TOO_LONG,    /* More than CSV_ROW_BYTES_MAX, or CSV_FIELDS_MAX fields, or no memory. */
    CSV_NUL,         /* A NUL byte: this is no text (UTF-16?). */
};

/* Begins to read; bytes must outlive it. csv_close. */
void csv_open(struct csv *csv, const char *bytes, size_t length);
void csv_close(struct csv *csv);
/* The next row that is not empty. After an error it goes on with the next line; row->line is then
 * the line of the error. */
MUST_USE enum csv_result csv_next(struct csv *csv, struct csv_row *row);
/* What an error means, for a person. */
const char *csv_result_text(enum csv_result result);
/* Appends value as one field, quoted where it must be; with a separator in front unless first. */
void csv_field_write(struct buffer *text, const char *value, bool first);
#endif

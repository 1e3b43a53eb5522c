/* print: what a person sees: tables, a progress bar, errors. It must never let a text that came
 * from elsewhere move a terminal's cursor or colour. One thread. */
#ifndef PAYOUT_CLI_PRINT_H
#define PAYOUT_CLI_PRINT_H
#include <jansson.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/buffer.h"

enum { PRINT_COLUMNS_MAX = 24 };

/* Finds out whether standard output takes colours: a terminal, and neither NO_COLOR nor TERM=dumb.
 */
void print_begin(void);
/* Appends text as print_clean, in its colour when it is a word that has one (VAL, REJ, REFUSED …)
 * and there are colours. */
void print_word(struct buffer *out, const char *text);
/* "payout: …" and a line end, on standard error. */
void print_problem(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Appends text with control characters, and bytes that are not UTF-8, made visible as '?'. */
void print_clean(struct buffer *out, const char *text);
/* How many columns text takes on a terminal, one a character. */
size_t print_width(const char *text);

/* A table of texts; columns as wide as their widest. Rows are borrowed until it is written. */
struct table {
    struct arena *arena;
    size_t column_count;
    const char *heads[PRINT_COLUMNS_MAX];
    bool right[PRINT_COLUMNS_MAX]; /* Numbers: set to the right. */
    struct table_row *first, **last;
};
void table_init(struct table *table, struct arena *arena);
/* Heads must outlive the table. A head that begins with '>' (cut off) is a column of numbers. */
void table_column(struct table *table, const char *head);
/* cells: one a column; NULL is shown as nothing. */
void table_row(struct table *table, const char *const *cells);
void table_write(const struct table *table, struct buffer *out);

/* Appends value as people read it: an object as lines "name  value", an array of objects as a
 * table, members that are arrays or objects below with their name above. */
void print_value(struct arena *arena, const json_t *value, struct buffer *out);
/* Writes and empties out. False when standard output does not take it. */
MUST_USE bool print_flush(struct buffer *out);

/* "[#########.....]  1 234 / 10 000" on a terminal's last line; nothing when file is none. */
struct progress {
    FILE *file; /* NULL: it isn't shown. */
    size_t total;
};
void progress_begin(struct progress *progress, FILE *file, size_t total);
void progress_show(const struct progress *progress, size_t done, const char *note);
void progress_end(const struct progress *progress);
/* The bar itself, for progress_show and its test. */
void progress_write(const struct progress *progress, size_t done, struct buffer *out);
#endif

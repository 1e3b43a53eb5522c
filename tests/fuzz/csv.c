/* Any bytes as a CSV of people: read to its end, no field out of bounds, every error with its line;
 * and what is read, written as CSV again, is the same. */
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/secret.h"
#include "cli/csv.h"
#include "cli/people.h"
#include "fuzz.h"

enum { ARENA_BYTES_MAX = 256 * 1024 * 1024, ERRORS_BYTES_MAX = 256 * 1024 };

/* Writes a row as commas would have it, reads it back, and compares. */
static void row_again(const struct csv_row *row)
{
    struct buffer text;
    struct csv csv;
    struct csv_row again;
    bool empty = true;
    /* "sep=" and a byte order mark mean something in front of a file: a row of ours stands there.
     */
    buffer_init(&text, (size_t)4 * CSV_ROW_BYTES_MAX);
    buffer_text_append(&text, "\"a\",\"b\"\n");
    for (size_t i = 0; i < row->count; i++) {
        empty = empty && row->fields[i][0] == '\0';
        csv_field_write(&text, row->fields[i], i == 0);
    }
    invariant(buffer_ok(&text));
    csv_open(&csv, buffer_text(&text), text.length);
    csv.separator = ','; /* The guess counts only the first line's; it has one. */
    invariant(csv_next(&csv, &again) == CSV_ROW);
    enum csv_result result = csv_next(&csv, &again);
    if (row->count > 1 || !empty) {
        invariant(result == CSV_ROW);
        invariant(again.count == row->count);
        for (size_t i = 0; i < row->count; i++)
            invariant(strcmp(again.fields[i], row->fields[i]) == 0);
    }
    csv_close(&csv);
    buffer_free(&text);
}

static void rows_read(const char *bytes, size_t length)
{
    struct csv csv;
    struct csv_row row;
    int64_t line = 0;
    csv_open(&csv, bytes, length);
    for (enum csv_result result; (result = csv_next(&csv, &row)) != CSV_END;) {
        invariant(row.line >= line);
        line = row.line;
        if (result == CSV_ROW)
            row_again(&row);
        else
            invariant(csv_result_text(result)[0] != '\0');
    }
    csv_close(&csv);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct people_options options = {
        .path = "people.csv", .amounts = true, .prefix = "225", .batch = "fuzz"};
    struct arena *arena = arena_open(ARENA_BYTES_MAX);
    struct buffer errors;
    struct people people;
    secret_init();
    rows_read((const char *)data, size);
    buffer_init(&errors, ERRORS_BYTES_MAX);
    bool read = people_read(arena, (const char *)data, size, &options, &people, &errors);
    invariant(read == (people.error_count == 0));
    invariant(read == (errors.length == 0) || !buffer_ok(&errors));
    for (size_t i = 0; read && i < people.count; i++) {
        invariant(people.rows[i].amount > 0);
        invariant(people.rows[i].phone != NULL && people.rows[i].prefix != NULL);
        invariant(people.rows[i].client_transaction_id != NULL);
        invariant(strlen(people.rows[i].client_transaction_id) <= PEOPLE_ID_BYTES_MAX);
    }
    buffer_free(&errors);
    arena_close(arena);
    return 0;
}

#include "cli/operator_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/secret.h"
#include "cli/print.h"

/* --- transaction_ids --- */

enum { CENTURY = 2000, SUFFIX_DIGITS = 1000000 };
#define KEYS_PER_SECOND INT64_C(26000000)

static bool is_transaction(const char *text)
{
    static const char pattern[] = "EA000000.000000.A000000";
    for (size_t i = 0; i < sizeof pattern - 1; i++) {
        bool digit = text[i] >= '0' && text[i] <= '9', letter = text[i] >= 'A' && text[i] <= 'Z';
        if (pattern[i] == '0' ? !digit : i == 16 ? !letter : text[i] != pattern[i])
            return false;
    }
    return true;
}

static int pair_read(const char *text)
{
    return (text[0] - '0') * 10 + (text[1] - '0');
}

/* False for a 31 February and a 25 o'clock: their seconds are another time's. */
static bool parts_real(const struct clock_parts *parts, int64_t second)
{
    struct clock_parts again = clock_split(second < 0 ? 0 : second);
    return again.year == parts->year && again.month == parts->month && again.day == parts->day &&
           again.hour == parts->hour && again.minute == parts->minute &&
           again.second == parts->second;
}

int64_t transaction_key(const char *text)
{
    for (; (text = strstr(text, "EA")) != NULL; text++) {
        if (!is_transaction(text))
            continue;
        struct clock_parts parts = {.year = CENTURY + pair_read(text + 2),
                                    .month = pair_read(text + 4),
                                    .day = pair_read(text + 6),
                                    .hour = pair_read(text + 9),
                                    .minute = pair_read(text + 11),
                                    .second = pair_read(text + 13)};
        int64_t second = clock_join(parts);
        if (!parts_real(&parts, second))
            continue;
        int64_t suffix = (text[16] - 'A') * (int64_t)SUFFIX_DIGITS;
        return second * KEYS_PER_SECOND + suffix + pair_read(text + 17) * INT64_C(10000) +
               pair_read(text + 19) * INT64_C(100) + pair_read(text + 21);
    }
    return 0;
}

int64_t transaction_at_ms(int64_t key)
{
    return key / KEYS_PER_SECOND * 1000;
}

void transaction_text(int64_t key, char text[TRANSACTION_TEXT_BYTES])
{
    struct clock_parts at = clock_split(key / KEYS_PER_SECOND);
    int suffix = (int)(key % KEYS_PER_SECOND);
    (void)snprintf(text, TRANSACTION_TEXT_BYTES, "EA%02d%02d%02d.%02d%02d%02d.%c%06d",
                   at.year % 100, at.month, at.day, at.hour, at.minute, at.second,
                   (char)('A' + suffix / SUFFIX_DIGITS), suffix % SUFFIX_DIGITS);
}

/* --- The file --- */

/* 0 for one that is empty. */
static uint64_t reference_hash(const char *reference)
{
    size_t length = mapping_trim(&reference);
    if (length == 0)
        return 0;
    uint64_t hash = secret_table_hash(reference, length);
    return hash == 0 ? 1 : hash;
}

/* Maps the file. False: said why. */
static bool file_map(struct operator_file *file)
{
    struct stat about;
    int descriptor = open(file->path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0 || fstat(descriptor, &about) != 0) {
        print_problem("%s: %s", file->path, strerror(errno));
        if (descriptor >= 0)
            (void)close(descriptor);
        return false;
    }
    void *mapped = MAP_FAILED;
    if (S_ISREG(about.st_mode) && about.st_size > 0)
        mapped = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    (void)close(descriptor);
    if (mapped == MAP_FAILED) {
        print_problem("%s: it is empty, or no file that can be mapped", file->path);
        return false;
    }
    file->bytes = mapped;
    file->length = (size_t)about.st_size;
    return true;
}

/* The index of the column of that name, or number, in the header row. */
static size_t column_find(const struct mapping *mapping, const char *name,
                          const struct csv_row *header)
{
    if (!mapping->header) {
        char *end = NULL;
        unsigned long number = strtoul(name, &end, 10);
        return end != name && *end == '\0' && number >= 1 && number <= CSV_FIELDS_MAX
                   ? number - 1
                   : CSV_FIELDS_MAX;
    }
    for (size_t i = 0; i < header->count; i++) {
        const char *field = header->fields[i];
        size_t length = mapping_trim(&field);
        if (length == strlen(name) && strncasecmp(field, name, length) == 0)
            return i;
    }
    return CSV_FIELDS_MAX;
}

/* Begins to read behind the lines that are to be skipped, and finds the columns. False: said why.
 */
static bool columns_find(struct operator_file *file, struct csv *csv)
{
    const struct mapping *mapping = file->mapping;
    struct csv_row header = {0};
    size_t at = 0;
    for (int64_t i = 0; i < mapping->skip_lines && at < file->length; i++) {
        const char *end = memchr(file->bytes + at, '\n', file->length - at);
        at = end == NULL ? file->length : (size_t)(end - file->bytes) + 1;
    }
    csv_open(csv, file->bytes + at, file->length - at);
    csv->bytes = file->bytes; /* So that offsets are the file's. */
    csv->length = file->length;
    csv->at += at;
    csv->line += mapping->skip_lines;
    if (mapping->separator != '\0')
        csv->separator = mapping->separator;
    file->separator = csv->separator;
    if (mapping->header && csv_next(csv, &header) != CSV_ROW) {
        print_problem("%s: it has no header row", file->path);
        return false;
    }
    for (size_t i = 0; i < MAPPING_COLUMN_COUNT; i++) {
        file->columns[i] = CSV_FIELDS_MAX;
        if (mapping->columns[i] == NULL)
            continue;
        file->columns[i] = column_find(mapping, mapping->columns[i], &header);
        if (file->columns[i] == CSV_FIELDS_MAX) {
            print_problem("%s: it has no column \"%s\"", file->path, mapping->columns[i]);
            return false;
        }
    }
    return true;
}

static const char *field_of(const struct operator_file *file, const struct csv_row *row,
                            enum mapping_column column)
{
    size_t index = file->columns[column];
    return index < row->count ? row->fields[index] : "";
}

/* Makes a row of the fields. What is wrong with them; NULL: nothing. */
static const char *row_read(const struct operator_file *file, const struct csv_row *fields,
                            struct operator_row *row)
{
    const struct mapping *mapping = file->mapping;
    row->said = SAID_PAID;
    if (mapping->columns[MAPPING_STATUS] != NULL)
        row->said = mapping_said(mapping, field_of(file, fields, MAPPING_STATUS));
    if (row->said == SAID_IGNORED)
        return NULL;
    if (row->said == SAID_UNKNOWN)
        return "its status is none of the mapping's words";
    if (!mapping_amount(mapping, field_of(file, fields, MAPPING_AMOUNT), &row->amount))
        return "its amount is no whole amount";
    if (mapping->columns[MAPPING_DATE] != NULL &&
        !mapping_date(mapping, field_of(file, fields, MAPPING_DATE), &row->at_ms))
        return "its date is not written as the mapping says";
    row->key = transaction_key(field_of(file, fields, MAPPING_REFERENCE));
    row->reference_hash = reference_hash(field_of(file, fields, MAPPING_OPERATOR_REFERENCE));
    return NULL;
}

static size_t lines_count(const struct operator_file *file)
{
    size_t count = 1;
    for (const char *at = file->bytes, *end = at + file->length; at < end; at++)
        count += *at == '\n' || *at == '\r';
    return count;
}

static void rows_read(struct operator_file *file, struct csv *csv,
                      operator_file_unreadable *unreadable, void *context)
{
    struct csv_row fields;
    for (;;) {
        struct operator_row row = {.offset = csv->at};
        enum csv_result result = csv_next(csv, &fields);
        if (result == CSV_END)
            return;
        row.line = fields.line;
        const char *wrong =
            result == CSV_ROW ? row_read(file, &fields, &row) : csv_result_text(result);
        if (wrong != NULL)
            unreadable(context, row.line, wrong);
        else if (row.said == SAID_IGNORED)
            file->ignored++;
        else
            file->rows[file->count++] = row;
    }
}

/* --- Order --- */

static int row_compare(const void *a, const void *b)
{
    const struct operator_row *left = a, *right = b;
    if (left->key != right->key)
        return left->key < right->key ? -1 : 1;
    return (left->line > right->line) - (left->line < right->line);
}

static int hash_compare(const void *a, const void *b, void *rows)
{
    const struct operator_row *left = (const struct operator_row *)rows + *(const size_t *)a;
    const struct operator_row *right = (const struct operator_row *)rows + *(const size_t *)b;
    if (left->reference_hash != right->reference_hash)
        return left->reference_hash < right->reference_hash ? -1 : 1;
    return (left->line > right->line) - (left->line < right->line);
}

static void rows_sort(struct operator_file *file)
{
    qsort(file->rows, file->count, sizeof *file->rows, row_compare);
    size_t keyless = 0;
    while (keyless < file->count && file->rows[keyless].key == 0)
        keyless++;
    file->by_reference = calloc(keyless + 1, sizeof *file->by_reference);
    invariant(file->by_reference != NULL);
    for (size_t i = 0; i < keyless; i++)
        if (file->rows[i].reference_hash != 0)
            file->by_reference[file->by_reference_count++] = i;
    qsort_r(file->by_reference, file->by_reference_count, sizeof *file->by_reference, hash_compare,
            file->rows);
}

bool operator_file_open(struct operator_file *file, const char *path, const struct mapping *mapping,
                        operator_file_unreadable *unreadable, void *context)
{
    struct csv csv;
    *file = (struct operator_file){.mapping = mapping, .path = path};
    if (!file_map(file))
        return false;
    bool found = columns_find(file, &csv);
    if (found) {
        file->rows = calloc(lines_count(file), sizeof *file->rows);
        invariant(file->rows != NULL);
        rows_read(file, &csv, unreadable, context);
        rows_sort(file);
    }
    csv_close(&csv);
    csv_open(&file->again, file->bytes, file->length);
    file->again.separator = file->separator;
    if (!found)
        operator_file_close(file);
    return found;
}

void operator_file_close(struct operator_file *file)
{
    csv_close(&file->again);
    (void)munmap((void *)(uintptr_t)file->bytes, file->length);
    free(file->rows);
    free(file->by_reference);
    *file = (struct operator_file){0};
}

const char *operator_file_field(struct operator_file *file, const struct operator_row *row,
                                enum mapping_column column)
{
    struct csv_row fields;
    file->again.at = row->offset;
    if (csv_next(&file->again, &fields) != CSV_ROW)
        return "";
    const char *field = field_of(file, &fields, column);
    size_t length = mapping_trim(&field);
    (void)snprintf(file->field, sizeof file->field, "%.*s", (int)length, field);
    return file->field;
}

struct operator_row *operator_file_find(struct operator_file *file, const char *reference)
{
    uint64_t hash = reference_hash(reference);
    size_t low = 0, high = file->by_reference_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (file->rows[file->by_reference[middle]].reference_hash < hash)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < file->by_reference_count; low++) {
        struct operator_row *row = &file->rows[file->by_reference[low]];
        if (row->reference_hash != hash)
            return NULL;
        if (!row->met &&
            strcmp(operator_file_field(file, row, MAPPING_OPERATOR_REFERENCE), reference) == 0)
            return row;
    }
    return NULL;
}

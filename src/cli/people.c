#include "cli/people.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/secret.h"
#include "cli/csv.h"

enum { AMOUNT_DIGITS_MAX = 15, PREFIX_DIGITS_MAX = 4, PHONE_DIGITS_MIN = 6, PHONE_DIGITS_MAX = 15 };

enum column {
    COLUMN_PREFIX,
    COLUMN_PHONE,
    COLUMN_AMOUNT,
    COLUMN_CLIENT_ID,
    COLUMN_NOTIFY_URL,
    COLUMN_PAYMENT_METHOD,
    COLUMN_NAME,
    COLUMN_SURNAME,
    COLUMN_EMAIL,
    COLUMN_COUNT,
    COLUMN_IGNORED,
    COLUMN_UNKNOWN,
};

/* The first name of a column is the API's; the others are what people write. */
static const struct {
    const char *name;
    enum column column;
} column_names[] = {
    {"prefix", COLUMN_PREFIX},
    {"phone", COLUMN_PHONE},
    {"amount", COLUMN_AMOUNT},
    {"client_transaction_id", COLUMN_CLIENT_ID},
    {"notify_url", COLUMN_NOTIFY_URL},
    {"payment_method", COLUMN_PAYMENT_METHOD},
    {"name", COLUMN_NAME},
    {"surname", COLUMN_SURNAME},
    {"email", COLUMN_EMAIL},
    {"indicatif", COLUMN_PREFIX},
    {"telephone", COLUMN_PHONE},
    {"téléphone", COLUMN_PHONE},
    {"montant", COLUMN_AMOUNT},
    {"nom", COLUMN_NAME},
    {"prenom", COLUMN_SURNAME},
    {"prénom", COLUMN_SURNAME},
    /* What `payout send --result` adds: its file can be sent again. */
    {"line", COLUMN_IGNORED},
    {"outcome", COLUMN_IGNORED},
    {"code", COLUMN_IGNORED},
    {"status", COLUMN_IGNORED},
    {"transaction_id", COLUMN_IGNORED},
    {"lot", COLUMN_IGNORED},
    {"treatment_status", COLUMN_IGNORED},
};

/* Which rows have an id, or a number's how many payments: open addressing, in the arena. */
struct seen {
    const char *key; /* NULL: free. */
    int64_t line;    /* Of the first. */
    int64_t count;
};

struct reading {
    struct arena *arena;
    const struct people_options *options;
    struct people *people;
    struct buffer *errors;
    enum column columns[CSV_FIELDS_MAX];
    size_t column_count;
    size_t rows_size;
    struct seen *seen;
    size_t seen_size, seen_count;
};

static void wrong(struct reading *reading, int64_t line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void wrong(struct reading *reading, int64_t line, const char *format, ...)
{
    char text[512];
    va_list arguments;
    if (reading->people->error_count++ >= PEOPLE_ERRORS_MAX)
        return;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    buffer_format(reading->errors, "%s:%" PRId64 ": %s\n", reading->options->path, line, text);
}

/* The row of seen for key, made when there is none. key must outlive the arena. */
static struct seen *seen_find(struct reading *reading, const char *key)
{
    if (reading->seen_count * 2 >= reading->seen_size) {
        struct seen *old = reading->seen;
        size_t old_size = reading->seen_size;
        reading->seen_size = old_size == 0 ? 1024 : old_size * 2;
        reading->seen = arena_alloc(reading->arena, reading->seen_size, sizeof *reading->seen);
        reading->seen_count = 0;
        for (size_t i = 0; i < old_size; i++)
            if (old[i].key != NULL)
                *seen_find(reading, old[i].key) = old[i];
    }
    size_t at = secret_table_hash(key, strlen(key)) & (reading->seen_size - 1);
    while (reading->seen[at].key != NULL && strcmp(reading->seen[at].key, key) != 0)
        at = (at + 1) & (reading->seen_size - 1);
    if (reading->seen[at].key == NULL) {
        reading->seen[at].key = key;
        reading->seen_count++;
    }
    return &reading->seen[at];
}

/* A copy without the blanks around it (the no-break ones too); NULL when nothing is left. */
static const char *trimmed(struct arena *arena, const char *text)
{
    const char *end = text + strlen(text);
    for (;;) {
        if (*text == ' ' || *text == '\t')
            text++;
        else if (strncmp(text, "\xC2\xA0", 2) == 0)
            text += 2;
        else
            break;
    }
    for (;;) {
        if (end > text && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\n' || end[-1] == '\r'))
            end--;
        else if (end - text >= 2 && memcmp(end - 2, "\xC2\xA0", 2) == 0)
            end -= 2;
        else
            break;
    }
    if (end <= text)
        return NULL;
    size_t length = (size_t)(end - text);
    return memcpy(arena_alloc(arena, length + 1, 1), text, length);
}

static enum column column_find(const char *name)
{
    for (size_t i = 0; name != NULL && i < sizeof column_names / sizeof *column_names; i++)
        if (strcasecmp(column_names[i].name, name) == 0)
            return column_names[i].column;
    return name == NULL ? COLUMN_IGNORED : COLUMN_UNKNOWN;
}

static bool has_column(const struct reading *reading, enum column column)
{
    for (size_t i = 0; i < reading->column_count; i++)
        if (reading->columns[i] == column)
            return true;
    return false;
}

/* Reads the header row. */
static void header_read(struct reading *reading, const struct csv_row *row)
{
    for (size_t i = 0; i < row->count; i++) {
        const char *name = trimmed(reading->arena, row->fields[i]);
        enum column column = column_find(name);
        if (column == COLUMN_UNKNOWN && !reading->options->ignore_unknown)
            wrong(reading, row->line,
                  "there is no column \"%s\": prefix, phone, amount, client_transaction_id, "
                  "notify_url, payment_method, name, surname, email (or --ignore-columns)",
                  name);
        if (column < COLUMN_COUNT && has_column(reading, column))
            wrong(reading, row->line, "the column \"%s\" is there twice", name);
        reading->columns[reading->column_count++] = column;
    }
    if (!has_column(reading, COLUMN_PHONE))
        wrong(reading, row->line, "the header row has no column \"phone\"");
    if (!has_column(reading, COLUMN_PREFIX) && reading->options->prefix == NULL)
        wrong(reading, row->line, "the header row has no column \"prefix\" (or give --prefix)");
    if (reading->options->amounts && !has_column(reading, COLUMN_AMOUNT))
        wrong(reading, row->line, "the header row has no column \"amount\"");
}

static size_t digits_in(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++)
        count += *text >= '0' && *text <= '9';
    return count;
}

static const char *prefix_check(struct reading *reading, int64_t line, const char *prefix)
{
    if (prefix == NULL)
        prefix = reading->options->prefix;
    if (prefix == NULL) {
        wrong(reading, line, "prefix: it is empty");
        return NULL;
    }
    if (*prefix == '+')
        prefix++;
    else if (strncmp(prefix, "00", 2) == 0)
        prefix += 2;
    size_t digits = digits_in(prefix);
    if (digits == 0 || digits > PREFIX_DIGITS_MAX || digits != strlen(prefix))
        wrong(reading, line, "prefix: \"%s\" is no country's prefix like 225", prefix);
    return prefix;
}

static void phone_check(struct reading *reading, int64_t line, const char *phone)
{
    size_t digits = phone == NULL ? 0 : digits_in(phone);
    if (phone == NULL)
        wrong(reading, line, "phone: it is empty");
    else if (strpbrk(phone, "Ee") != NULL && digits > 0)
        wrong(reading, line, "phone: \"%s\" was changed by a spreadsheet: make its cells text",
              phone);
    else if (phone[strspn(phone, "+0123456789 .-/()")] != '\0' || digits < PHONE_DIGITS_MIN ||
             digits > PHONE_DIGITS_MAX)
        wrong(reading, line, "phone: \"%s\" is not a phone number", phone);
}

bool people_amount_read(const char *text, int64_t *amount)
{
    size_t length = strspn(text, "0123456789");
    int64_t value = 0;
    if (length == 0 || length > AMOUNT_DIGITS_MAX || text[length] != '\0')
        return false;
    for (size_t i = 0; i < length; i++)
        value = value * 10 + (text[i] - '0');
    *amount = value;
    return value > 0;
}

bool people_batch_valid(const char *name)
{
    size_t length =
        strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
    return length > 0 && length <= PEOPLE_BATCH_BYTES_MAX && name[length] == '\0';
}

static void amount_check(struct reading *reading, const char *text, struct person *person)
{
    if (text == NULL)
        wrong(reading, person->line, "amount: it is empty");
    else if (!people_amount_read(text, &person->amount))
        wrong(reading, person->line, "amount: \"%s\" is not a whole number above 0", text);
    else if (__builtin_add_overflow(reading->people->total, person->amount,
                                    &reading->people->total))
        wrong(reading, person->line, "amount: the sum of all is too large to be counted");
}

/* "BATCH-2250707895086-1" for the first payment to that number. */
static void id_derive(struct reading *reading, struct person *person)
{
    char number[PREFIX_DIGITS_MAX + PHONE_DIGITS_MAX + 2];
    size_t length = 0;
    if (person->prefix == NULL || person->phone == NULL)
        return; /* It was said already. */
    for (const char *at = person->prefix; *at != '\0'; at++)
        if (length < PREFIX_DIGITS_MAX)
            number[length++] = *at;
    for (const char *at = person->phone; *at != '\0'; at++)
        if (*at >= '0' && *at <= '9' && length + 1 < sizeof number)
            number[length++] = *at;
    number[length] = '\0';
    /* A blank in front: no id of the file begins with one, so that the two can't meet. */
    char *key = arena_alloc(reading->arena, length + 2, 1);
    key[0] = ' ';
    memcpy(key + 1, number, length);
    struct seen *seen = seen_find(reading, key);
    char id[PEOPLE_ID_BYTES_MAX + 1];
    int id_length =
        snprintf(id, sizeof id, "%s-%s-%" PRId64, reading->options->batch, number, ++seen->count);
    invariant(id_length > 0 && (size_t)id_length < sizeof id);
    person->client_transaction_id =
        memcpy(arena_alloc(reading->arena, (size_t)id_length + 1, 1), id, (size_t)id_length + 1);
    reading->people->derived = true;
}

static void id_check(struct reading *reading, struct person *person)
{
    if (person->client_transaction_id == NULL && reading->options->batch == NULL) {
        wrong(reading, person->line,
              "client_transaction_id: it is empty: fill it in, or name the batch by --batch");
        return;
    }
    if (person->client_transaction_id == NULL)
        id_derive(reading, person);
    const char *id = person->client_transaction_id;
    if (id == NULL)
        return;
    if (strlen(id) > PEOPLE_ID_BYTES_MAX) {
        wrong(reading, person->line, "client_transaction_id: it has more than %d bytes",
              PEOPLE_ID_BYTES_MAX);
        return;
    }
    struct seen *seen = seen_find(reading, id);
    if (seen->line != 0)
        wrong(reading, person->line, "client_transaction_id: \"%s\" is on line %" PRId64 " already",
              id, seen->line);
    else
        seen->line = person->line;
}

static struct person *person_add(struct reading *reading)
{
    struct people *people = reading->people;
    if (people->count == reading->rows_size) {
        struct person *old = people->rows;
        reading->rows_size = reading->rows_size == 0 ? 1024 : reading->rows_size * 2;
        people->rows = arena_alloc(reading->arena, reading->rows_size, sizeof *people->rows);
        if (people->count > 0)
            memcpy(people->rows, old, people->count * sizeof *old);
    }
    return &people->rows[people->count++];
}

static void row_read(struct reading *reading, const struct csv_row *row)
{
    const char *values[COLUMN_COUNT] = {NULL};
    bool empty = true;
    for (size_t i = 0; i < row->count && i < reading->column_count; i++) {
        const char *value = trimmed(reading->arena, row->fields[i]);
        empty = empty && value == NULL;
        if (reading->columns[i] < COLUMN_COUNT)
            values[reading->columns[i]] = value;
    }
    if (row->count > reading->column_count) {
        wrong(reading, row->line, "it has %zu fields, the header row %zu", row->count,
              reading->column_count);
        return;
    }
    if (empty)
        return; /* A spreadsheet's ",,,,". */
    if (reading->people->count == PEOPLE_ROWS_MAX) {
        wrong(reading, row->line, "more than %d rows: split the file", PEOPLE_ROWS_MAX);
        return;
    }
    const struct people_options *options = reading->options;
    struct person *person = person_add(reading);
    *person = (struct person){
        .line = row->line,
        .prefix = prefix_check(reading, row->line, values[COLUMN_PREFIX]),
        .phone = values[COLUMN_PHONE],
        .client_transaction_id = values[COLUMN_CLIENT_ID],
        .notify_url =
            values[COLUMN_NOTIFY_URL] != NULL ? values[COLUMN_NOTIFY_URL] : options->notify_url,
        .payment_method = values[COLUMN_PAYMENT_METHOD] != NULL ? values[COLUMN_PAYMENT_METHOD]
                                                                : options->payment_method,
        .name = values[COLUMN_NAME],
        .surname = values[COLUMN_SURNAME],
        .email = values[COLUMN_EMAIL],
    };
    phone_check(reading, row->line, person->phone);
    if (options->amounts) {
        amount_check(reading, values[COLUMN_AMOUNT], person);
        id_check(reading, person);
    }
}

bool people_read(struct arena *arena, const char *bytes, size_t length,
                 const struct people_options *options, struct people *people, struct buffer *errors)
{
    struct reading reading = {
        .arena = arena, .options = options, .people = people, .errors = errors};
    struct csv csv;
    struct csv_row row;
    bool headed = false;
    *people = (struct people){0};
    csv_open(&csv, bytes, length);
    for (enum csv_result result; (result = csv_next(&csv, &row)) != CSV_END;) {
        if (result != CSV_ROW) {
            wrong(&reading, row.line, "%s", csv_result_text(result));
        } else if (!headed) {
            header_read(&reading, &row);
            if (people->error_count > 0)
                break; /* Every row would be wrong. */
        } else {
            row_read(&reading, &row);
        }
        headed = true;
    }
    csv_close(&csv);
    if (people->error_count == 0 && people->count == 0)
        wrong(&reading, 1, "there is no row to read");
    if (people->error_count > PEOPLE_ERRORS_MAX)
        buffer_format(errors, "%s: %zu more errors\n", options->path,
                      people->error_count - PEOPLE_ERRORS_MAX);
    return people->error_count == 0;
}

/* Rows as arrays, in PostgreSQL's binary form: nothing has to be escaped, and nothing is read as
 * text. Integers are of 8 bytes, the highest first. */
#include <stdio.h>
#include <string.h>

#include "store/postgres/postgres.h"

/* Stable numbers of types: pg_type.dat. */
enum { TYPE_BYTEA = 17, TYPE_INT8 = 20, TYPE_TEXT = 25 };
/* Before the elements: dimensions, whether there are NULLs, the type, how many, the first's number.
 */
enum { ARRAY_HEADER_BYTES = 5 * 4, NUMBER_BYTES = 8 };

bool column_found_by(const struct column *column)
{
    return (column->use & KEY) != 0;
}

bool column_added(const struct column *column)
{
    return (column->use & GIVEN) == 0;
}

bool column_changed(const struct column *column)
{
    return (column->use & (KEY | CHANGES)) != 0;
}

static uint8_t *write_32(uint8_t *at, uint32_t number)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        *at++ = (uint8_t)(number >> shift);
    return at;
}

static uint8_t *write_64(uint8_t *at, uint64_t number)
{
    at = write_32(at, (uint32_t)(number >> 32));
    return write_32(at, (uint32_t)number);
}

/* --- A column's value in a row --- */

static int64_t number_of(const struct column *column, const void *member)
{
    int64_t number = 0;
    int32_t small = 0;
    bool flag = false;
    if (column->kind == COLUMN_ACCOUNT) {
        struct account_key key;
        memcpy(&key, member, sizeof key);
        return account_number(key);
    }
    switch (column->size) {
    case sizeof number:
        memcpy(&number, member, sizeof number);
        return number;
    case sizeof small:
        memcpy(&small, member, sizeof small);
        return small;
    default:
        invariant(column->size == sizeof flag);
        memcpy(&flag, member, sizeof flag);
        return flag;
    }
}

static bool column_is_number(const struct column *column)
{
    return column->kind == COLUMN_NUMBER || column->kind == COLUMN_ENUM ||
           column->kind == COLUMN_ACCOUNT;
}

/* Its bytes, NULL when it is NULL: of a column that is no number. */
static const void *bytes_of(const struct column *column, const void *row, size_t *length)
{
    const char *member = (const char *)row + column->offset;
    if (column->kind == COLUMN_BYTES) {
        *length = column->size;
        return member;
    }
    const char *text = member;
    if (column->kind != COLUMN_CHARS)
        memcpy(&text, member, sizeof text); /* The member is a pointer. */
    *length = text == NULL ? 0 : strlen(text);
    invariant(text != NULL || column->kind == COLUMN_TEXT_OR_NULL);
    return text;
}

static size_t array_bytes(const struct column *column, const void *const *rows, size_t count)
{
    size_t bytes = ARRAY_HEADER_BYTES + count * 4, length;
    if (column_is_number(column))
        return bytes + count * NUMBER_BYTES;
    for (size_t i = 0; i < count; i++) {
        (void)bytes_of(column, rows[i], &length);
        bytes += length;
    }
    return bytes;
}

static uint8_t *element_write(uint8_t *at, const struct column *column, const void *row)
{
    if (column_is_number(column)) {
        at = write_32(at, NUMBER_BYTES);
        return write_64(at, (uint64_t)number_of(column, (const char *)row + column->offset));
    }
    size_t length;
    const void *bytes = bytes_of(column, row, &length);
    if (bytes == NULL)
        return write_32(at, UINT32_MAX); /* -1: NULL. */
    at = write_32(at, (uint32_t)length);
    memcpy(at, bytes, length);
    return at + length;
}

static void array_put(struct values *values, struct arena *arena, const struct column *column,
                      const void *const *rows, size_t count)
{
    size_t bytes = array_bytes(column, rows, count);
    invariant(values->count < VALUES_MAX && bytes <= INT32_MAX);
    uint8_t *array = arena_alloc(arena, bytes, 1), *at = array;
    at = write_32(at, 1);
    at = write_32(at, column->kind == COLUMN_TEXT_OR_NULL);
    at = write_32(at, column_is_number(column)       ? TYPE_INT8
                      : column->kind == COLUMN_BYTES ? TYPE_BYTEA
                                                     : TYPE_TEXT);
    at = write_32(at, (uint32_t)count);
    at = write_32(at, 1);
    for (size_t i = 0; i < count; i++)
        at = element_write(at, column, rows[i]);
    invariant(at == array + bytes);
    values->of[values->count] = (const char *)array;
    values->lengths[values->count] = (int)bytes;
    values->formats[values->count++] = 1;
}

void set_put(struct values *values, struct arena *arena, const struct table *table,
             bool (*put)(const struct column *column), const void *const *rows, size_t count)
{
    for (size_t i = 0; i < table->count; i++)
        if (put(&table->columns[i]))
            array_put(values, arena, &table->columns[i], rows, count);
}

/* --- Single values: as text, so that the server sees its own type in it --- */

enum { DIGITS_BYTES = 24 };

void value_put_number(struct values *values, struct arena *arena, int64_t number)
{
    char *digits = arena_alloc(arena, DIGITS_BYTES, 1);
    (void)snprintf(digits, DIGITS_BYTES, "%lld", (long long)number);
    value_put_text(values, digits);
}

void value_put_text(struct values *values, const char *text)
{
    invariant(values->count < VALUES_MAX);
    values->of[values->count] = text;
    values->lengths[values->count] = 0; /* Its NUL ends it. */
    values->formats[values->count++] = 0;
}

void value_put_bytes(struct values *values, const void *bytes, size_t length)
{
    invariant(values->count < VALUES_MAX && length <= INT32_MAX);
    values->of[values->count] = bytes;
    values->lengths[values->count] = (int)length;
    values->formats[values->count++] = 1;
}

#include "wire/field.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "wire/document.h"

/* --- The list and its memory --- */

/* Room for length bytes of decoded text, for the ends of names and values, and for what a number
 * may grow by when it is written. */
static bool pool_open(struct field_list *list, size_t length)
{
    list->size = length + (size_t)FORM_FIELDS_MAX * (2 + DOCUMENT_NUMBER_BYTES);
    list->pool = memory_take(list->size);
    return list->pool != NULL;
}

void fields_free(struct field_list *list)
{
    memory_give(list->pool);
    memory_give(list->raw);
    list->pool = list->raw = NULL;
}

const struct field *field_find(const struct field_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct field *field = &list->fields[i];
        if (field->name != NULL && strcmp(field->name, name) == 0)
            return field;
    }
    return NULL;
}

static bool blank(char character)
{
    return character == ' ' || character == '\t' || character == '\r' || character == '\n';
}

/* Copies length bytes of text into the pool, NUL-terminated. */
static char *pool_copy(struct field_list *list, const char *text, size_t length)
{
    invariant(list->size - list->used > length);
    char *copy = list->pool + list->used;
    if (length > 0)
        memcpy(copy, text, length);
    copy[length] = '\0';
    list->used += length + 1;
    return copy;
}

/* A name from length bytes of the pool's end on: trimmed; NULL when no client can mean it. */
static const char *name_trim(char *name, size_t length)
{
    while (length > 0 && blank(name[length - 1]))
        name[--length] = '\0';
    while (length > 0 && blank(name[0])) {
        name++;
        length--;
    }
    bool good = length > 0 && length <= FORM_NAME_BYTES_MAX && memchr(name, '\0', length) == NULL;
    return good ? name : NULL;
}

/* The next field, still empty; NULL, and the list marked, when it is full. */
static struct field *field_add(struct field_list *list)
{
    if (list->count == FORM_FIELDS_MAX) {
        list->too_many = true;
        return NULL;
    }
    struct field *field = &list->fields[list->count++];
    *field = (struct field){0};
    return field;
}

static void field_set(struct field *field, const char *value, size_t length)
{
    field->length = length;
    field->value = memchr(value, '\0', length) == NULL ? value : NULL;
}

/* --- application/x-www-form-urlencoded --- */

static int hex_digit(char character)
{
    if (character >= '0' && character <= '9')
        return character - '0';
    if (character >= 'A' && character <= 'F')
        return character - 'A' + 10;
    if (character >= 'a' && character <= 'f')
        return character - 'a' + 10;
    return -1;
}

/* The byte that the escape at text stands for; -1 when there is no whole one. */
static int escape_read(const char *text, size_t length)
{
    if (length < 3 || text[0] != '%')
        return -1;
    int high = hex_digit(text[1]), low = hex_digit(text[2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/* Decodes text into the pool; what is no escape stays as it is. *decoded is its length. */
static char *pool_decode(struct field_list *list, const char *text, size_t length, size_t *decoded)
{
    invariant(list->size - list->used > length);
    char *start = list->pool + list->used, *to = start;
    for (size_t at = 0; at < length; at++) {
        int byte = text[at] == '%' ? escape_read(text + at, length - at) : -1;
        if (byte >= 0)
            at += 2;
        else
            byte = text[at] == '+' ? ' ' : (unsigned char)text[at];
        *to++ = (char)byte;
    }
    *to = '\0';
    *decoded = (size_t)(to - start);
    list->used += *decoded + 1;
    return start;
}

/* True when a JSON text was surely sent without being encoded: no encoder leaves a quote as it is,
 * and there is not one escape. A + in it is a +. */
static bool never_encoded(const char *text, size_t length)
{
    if (memchr(text, '"', length) == NULL)
        return false;
    const char *end = text + length;
    for (const char *at = text; (at = memchr(at, '%', (size_t)(end - at))) != NULL; at++)
        if (escape_read(at, (size_t)(end - at)) >= 0)
            return false;
    return true;
}

/* The length of an unencoded JSON text at text that goes on past the next &, at piece; 0 when there
 * is none: then the & ends the value, as everywhere else. */
static size_t unencoded_length(struct field_list *list, const char *text, size_t length,
                               size_t piece)
{
    size_t skip = document_blanks(text, length);
    size_t extent = document_extent(text + skip, length - skip);
    if (extent == 0 || skip + extent <= piece)
        return 0;
    size_t whole = skip + extent;
    whole += document_blanks(text + whole, length - whole);
    if (whole < length && text[whole] != '&')
        return 0; /* It goes on as no field does. */
    size_t used = list->used, decoded_length;
    const char *decoded = pool_decode(list, text, piece, &decoded_length);
    list->used = used;
    skip = document_blanks(decoded, decoded_length);
    /* What is a JSON text up to the & is not looked at again. */
    return document_extent(decoded + skip, decoded_length - skip) != 0 ? 0 : whole;
}

/* Keeps the value of `data` as it came, where that can be a JSON text too. */
static bool raw_keep(struct field_list *list, struct field *field, const char *text, size_t length)
{
    if (list->raw != NULL || memchr(text, '"', length) == NULL)
        return true;
    list->raw = memory_take(length);
    if (list->raw == NULL)
        return false;
    memcpy(list->raw, text, length);
    field->raw = list->raw;
    field->raw_length = length;
    return true;
}

/* Reads the value at text into field, and returns its length before decoding; SIZE_MAX when memory
 * ran out. */
static size_t value_read(struct field_list *list, struct field *field, const char *text,
                         size_t length)
{
    const char *ampersand = memchr(text, '&', length);
    size_t piece = ampersand == NULL ? length : (size_t)(ampersand - text);
    bool data = field->name != NULL && strcmp(field->name, "data") == 0;
    size_t whole = data && ampersand != NULL ? unencoded_length(list, text, length, piece) : 0;
    if (whole > 0 || (data && never_encoded(text, piece))) {
        piece = whole > 0 ? whole : piece;
        field_set(field, pool_copy(list, text, piece), piece);
        return piece;
    }
    size_t decoded_length;
    const char *decoded = pool_decode(list, text, piece, &decoded_length);
    field_set(field, decoded, decoded_length);
    return data && !raw_keep(list, field, text, piece) ? SIZE_MAX : piece;
}

bool fields_urlencoded(struct field_list *list, const char *text, size_t length)
{
    while (length > 0 && blank(text[length - 1]))
        length--; /* A line's end after the body: nothing that is encoded ends so. */
    if (!pool_open(list, length))
        return false;
    for (size_t at = 0; at < length; at++) { /* Each round ends at an &, or at the end. */
        if (text[at] == '&')
            continue;
        struct field *field = field_add(list);
        if (field == NULL)
            return true;
        size_t name_length = 0;
        while (at + name_length < length && text[at + name_length] != '=' &&
               text[at + name_length] != '&')
            name_length++;
        size_t decoded_length;
        char *name = pool_decode(list, text + at, name_length, &decoded_length);
        field->name = name_trim(name, decoded_length);
        at += name_length;
        bool valued = at < length && text[at] == '=';
        at += valued ? 1 : 0;
        size_t value_length = valued ? value_read(list, field, text + at, length - at) : 0;
        if (value_length == SIZE_MAX)
            return false;
        if (!valued)
            field_set(field, "", 0);
        at += value_length;
    }
    return true;
}

/* --- multipart/form-data --- */

/* Finds the parameter name in a header's value ("form-data; name=x; filename=\"y\""); NULL when it
 * is not there. */
static const char *parameter_find(const char *text, size_t length, const char *name,
                                  size_t *value_length)
{
    size_t name_length = strlen(name);
    bool quoted = false;
    for (size_t at = 0; at < length; at++) {
        if (text[at] == '"')
            quoted = !quoted;
        if (quoted || text[at] != ';')
            continue;
        size_t start = at + 1;
        while (start < length && blank(text[start]))
            start++;
        if (length - start <= name_length || text[start + name_length] != '=' ||
            strncasecmp(text + start, name, name_length) != 0)
            continue;
        const char *value = text + start + name_length + 1, *end = text + length;
        bool quotes = value < end && *value == '"';
        value += quotes ? 1 : 0;
        const char *to = value;
        while (to < end && (quotes ? *to != '"' : *to != ';' && !blank(*to)))
            to++;
        *value_length = (size_t)(to - value);
        return value;
    }
    return NULL;
}

enum { BOUNDARY_BYTES_MAX = 200 };
struct boundary {
    char bytes[BOUNDARY_BYTES_MAX + 3]; /* "\n--" and the boundary. */
    size_t length;
};

/* False when neither the header nor the body says what divides the parts. */
static bool boundary_read(struct boundary *boundary, const char *content_type, const char *text,
                          size_t length)
{
    size_t named_length = 0;
    const char *named =
        parameter_find(content_type, strlen(content_type), "boundary", &named_length);
    if (named == NULL || named_length == 0) {
        if (length < 3 || memcmp(text, "--", 2) != 0)
            return false;
        named = text + 2;
        while (named_length < length - 2 && !blank(named[named_length]))
            named_length++;
    }
    if (named_length == 0 || named_length > BOUNDARY_BYTES_MAX)
        return false;
    memcpy(boundary->bytes, "\n--", 3);
    memcpy(boundary->bytes + 3, named, named_length);
    boundary->length = named_length + 3;
    return true;
}

/* The length of the line at text with its end. */
static size_t line_length(const char *text, size_t length)
{
    const char *end = memchr(text, '\n', length);
    return end == NULL ? length : (size_t)(end - text) + 1;
}

/* Reads a part, its headers and its value, into the list. */
static void part_read(struct field_list *list, const char *text, size_t length)
{
    static const char disposition[] = "content-disposition:";
    const char *name = NULL;
    size_t name_length = 0, at = 0, line;
    for (; at < length; at += line) {
        line = line_length(text + at, length - at);
        if (line == 1 || (line == 2 && text[at] == '\r')) {
            at += line;
            break;
        }
        if (line >= sizeof disposition &&
            strncasecmp(text + at, disposition, sizeof disposition - 1) == 0)
            name = parameter_find(text + at, line, "name", &name_length);
    }
    if (name == NULL)
        return;
    struct field *field = field_add(list);
    if (field == NULL)
        return;
    field->name = name_trim(pool_copy(list, name, name_length), name_length);
    field_set(field, pool_copy(list, text + at, length - at), length - at);
}

bool fields_multipart(struct field_list *list, const char *content_type, const char *text,
                      size_t length)
{
    struct boundary boundary;
    if (!pool_open(list, length))
        return false;
    if (!boundary_read(&boundary, content_type, text, length))
        return true; /* Nothing can be told apart: there are no fields. */
    const char *end = text + length, *at = text;
    /* The first boundary may stand at the very beginning. */
    if (length >= boundary.length - 1 &&
        memcmp(text, boundary.bytes + 1, boundary.length - 1) == 0) {
        at += boundary.length - 1;
    } else {
        at = memmem(text, length, boundary.bytes, boundary.length);
        at = at == NULL ? end : at + boundary.length;
    }
    while (at < end && !list->too_many) {
        if (end - at >= 2 && memcmp(at, "--", 2) == 0)
            break;
        at += line_length(at, (size_t)(end - at));
        const char *next = memmem(at, (size_t)(end - at), boundary.bytes, boundary.length);
        const char *stop = next == NULL ? end : next;
        size_t part = (size_t)(stop - at);
        if (part > 0 && at[part - 1] == '\r')
            part--;
        part_read(list, at, part);
        at = next == NULL ? end : next + boundary.length;
    }
    return true;
}

/* --- JSON --- */

bool fields_json(struct field_list *list, json_t *object)
{
    const char *key;
    json_t *value;
    size_t length = 0;
    json_object_foreach(object, key, value)
    {
        length += strlen(key) + 1;
    }
    if (!pool_open(list, length))
        return false;
    json_object_foreach(object, key, value)
    {
        struct field *field = field_add(list);
        if (field == NULL)
            return true;
        size_t name_length = strlen(key);
        field->name = name_trim(pool_copy(list, key, name_length), name_length);
        field->json = value;
        if (json_is_string(value)) {
            field_set(field, json_string_value(value), json_string_length(value));
        } else if (json_is_number(value)) {
            char number[DOCUMENT_NUMBER_BYTES];
            document_number_text(value, number);
            field_set(field, pool_copy(list, number, strlen(number)), strlen(number));
        }
    }
    return true;
}

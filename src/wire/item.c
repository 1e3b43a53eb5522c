#include "wire/item.h"

#include <jansson.h>
#include <string.h>

#include "base/memory.h"
#include "wire/document.h"
#include "wire/reply.h"

/* Texts that had to be made: numbers, and what was trimmed at its end. */
struct piece {
    struct piece *next;
    char bytes[];
};

struct items {
    json_t *array; /* Of objects only. */
    struct piece *pieces;
    bool failed;
};

struct items *items_open(struct json_t *array)
{
    struct items *items = memory_take_zero(1, sizeof *items);
    if (items == NULL) {
        json_decref(array);
        return NULL;
    }
    items->array = array;
    return items;
}

void items_close(struct items *items)
{
    if (items == NULL)
        return;
    for (struct piece *piece = items->pieces, *next; piece != NULL; piece = next) {
        next = piece->next;
        memory_give(piece);
    }
    json_decref(items->array);
    memory_give(items);
}

void items_closep(struct items **items)
{
    items_close(*items);
}

size_t items_count(const struct items *items)
{
    return json_array_size(items->array);
}

bool items_failed(const struct items *items)
{
    return items->failed;
}

static const char *piece_make(struct items *items, const char *text, size_t length)
{
    struct piece *piece = memory_take(sizeof *piece + length + 1);
    if (piece == NULL) {
        items->failed = true;
        return NULL;
    }
    memcpy(piece->bytes, text, length);
    piece->bytes[length] = '\0';
    piece->next = items->pieces;
    items->pieces = piece;
    return piece->bytes;
}

static bool blank(char character)
{
    return character == ' ' || (character >= '\t' && character <= '\r');
}

const char *item_text(struct items *items, size_t index, const char *name)
{
    const json_t *value = json_object_get(json_array_get(items->array, index), name);
    if (json_is_number(value)) {
        char number[DOCUMENT_NUMBER_BYTES];
        document_number_text(value, number);
        return piece_make(items, number, strlen(number));
    }
    if (!json_is_string(value))
        return NULL;
    const char *text = json_string_value(value);
    size_t length = json_string_length(value);
    while (length > 0 && blank(text[0])) {
        text++;
        length--;
    }
    if (length == 0 || !blank(text[length - 1]))
        return text;
    while (blank(text[length - 1]))
        length--;
    return piece_make(items, text, length);
}

bool item_has(const struct items *items, size_t index, const char *name)
{
    const json_t *value = json_object_get(json_array_get(items->array, index), name);
    return value != NULL && !json_is_null(value);
}

/* --- The echo --- */

static int dump_append(const char *bytes, size_t length, void *text)
{
    buffer_append(text, bytes, length);
    return 0;
}

static void value_write(const json_t *value, struct buffer *text)
{
    char number[DOCUMENT_NUMBER_BYTES];
    switch (json_typeof(value)) {
    case JSON_STRING:
        reply_text(text, json_string_value(value));
        break;
    case JSON_INTEGER:
    case JSON_REAL:
        document_number_text(value, number);
        buffer_text_append(text, number);
        break;
    case JSON_TRUE:
        buffer_text_append(text, "true");
        break;
    case JSON_FALSE:
        buffer_text_append(text, "false");
        break;
    case JSON_NULL:
        buffer_text_append(text, "null");
        break;
    case JSON_OBJECT:
    case JSON_ARRAY:
        if (json_dump_callback(value, dump_append, text,
                               JSON_COMPACT | JSON_REAL_PRECISION(DOCUMENT_REAL_DIGITS)) != 0)
            text->failed = true;
        break;
    }
}

static bool named(const struct item_member *members, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(members[i].name, name) == 0)
            return true;
    return false;
}

void item_write(const struct items *items, size_t index, const struct item_member *members,
                size_t count, struct buffer *text)
{
    const char *key;
    json_t *value;
    buffer_char(text, '{');
    bool first = true;
    json_object_foreach(json_array_get(items->array, index), key, value)
    {
        if (named(members, count, key))
            continue;
        if (!first)
            buffer_char(text, ',');
        first = false;
        reply_text(text, key);
        buffer_char(text, ':');
        value_write(value, text);
    }
    for (size_t i = 0; i < count; i++) {
        if (members[i].text != NULL)
            reply_text_member(text, members[i].name, members[i].text);
        else
            reply_int_member(text, members[i].name, members[i].number);
    }
    buffer_char(text, '}');
}

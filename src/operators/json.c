#include "operators/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* A real number as jansson writes it: 15 digits and a point tell every whole amount exactly. */
enum { NUMBER_TEXT_BYTES = 40, REAL_DIGITS = 17 };

static json_t *json_of(const char *bytes, size_t length, json_type type)
{
    json_t *value = length > 0 ? json_loadb(bytes, length, JSON_REJECT_DUPLICATES, NULL) : NULL;
    if (value != NULL && json_typeof(value) == type)
        return value;
    json_decref(value);
    return NULL;
}

json_t *operator_json_object(const char *bytes, size_t length)
{
    return json_of(bytes, length, JSON_OBJECT);
}

json_t *operator_json_array(const char *bytes, size_t length)
{
    return json_of(bytes, length, JSON_ARRAY);
}

void operator_json_free(json_t **value)
{
    json_decref(*value);
}

const char *operator_json_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "";
}

/* The member's text, or its number written down; NULL: it is neither. */
static const char *number_or_text(const json_t *object, const char *name,
                                  char number[NUMBER_TEXT_BYTES])
{
    const json_t *value = json_object_get(object, name);
    if (json_is_string(value))
        return json_string_value(value);
    if (json_is_integer(value)) {
        (void)snprintf(number, NUMBER_TEXT_BYTES, "%" PRId64, (int64_t)json_integer_value(value));
        return number;
    }
    if (json_is_real(value)) {
        size_t length = json_dumpb(value, number, NUMBER_TEXT_BYTES - 1,
                                   JSON_ENCODE_ANY | JSON_REAL_PRECISION(REAL_DIGITS));
        if (length == 0 || length >= NUMBER_TEXT_BYTES)
            return NULL;
        number[length] = '\0';
        return number;
    }
    return NULL;
}

bool operator_json_word(const json_t *object, const char *name, char *word, size_t size)
{
    char number[NUMBER_TEXT_BYTES];
    const json_t *value = json_object_get(object, name);
    const char *text = json_is_real(value) ? NULL : number_or_text(object, name, number);
    word[0] = '\0';
    if (text == NULL || !operator_word_fits(text, size - 1))
        return false;
    memcpy(word, text, strlen(text) + 1);
    return true;
}

bool operator_json_is(const json_t *object, const char *name, const char *word)
{
    char number[NUMBER_TEXT_BYTES];
    const char *text = number_or_text(object, name, number);
    return text != NULL && strcmp(text, word) == 0;
}

bool operator_json_agrees(const json_t *object, const char *name, const char *text)
{
    const json_t *value = json_object_get(object, name);
    return value == NULL || json_is_null(value) || operator_json_is(object, name, text);
}

/* --- Numbers --- */

/* Reads the digits at *at, and moves it past them. False: there are none, or too many. */
static bool digits_read(const char **at, int64_t *number)
{
    const char *first = *at;
    int64_t read = 0;
    for (; **at >= '0' && **at <= '9'; (*at)++)
        if (__builtin_mul_overflow(read, (int64_t)10, &read) ||
            __builtin_add_overflow(read, (int64_t)(**at - '0'), &read))
            return false;
    *number = read;
    return *at > first;
}

/* "500", "500.00"; whole: nothing but zeros after the point. */
static bool amount_read(const char *text, bool whole, int64_t *minor)
{
    int64_t read;
    if (!digits_read(&text, &read))
        return false;
    if (*text == '.') {
        const char *first = ++text;
        for (; *text >= '0' && *text <= '9'; text++)
            if (whole && *text != '0')
                return false;
        if (text == first)
            return false;
    }
    if (*text != '\0')
        return false;
    *minor = read;
    return true;
}

int64_t operator_json_integer(const json_t *object, const char *name, int64_t otherwise)
{
    char number[NUMBER_TEXT_BYTES];
    int64_t read;
    const char *text = number_or_text(object, name, number);
    if (text == NULL)
        return otherwise;
    bool negative = text[0] == '-';
    text += negative;
    if (!digits_read(&text, &read) || *text != '\0')
        return otherwise;
    return negative ? -read : read;
}

bool operator_json_amount(const json_t *object, const char *name, int64_t *minor)
{
    char number[NUMBER_TEXT_BYTES];
    const char *text = number_or_text(object, name, number);
    return text != NULL && amount_read(text, true, minor);
}

bool operator_json_balance(const json_t *object, const char *name, int64_t *minor)
{
    char number[NUMBER_TEXT_BYTES];
    const char *text = number_or_text(object, name, number);
    if (text == NULL)
        return false;
    bool negative = text[0] == '-';
    if (!amount_read(text + negative, false, minor))
        return false;
    *minor = negative ? -*minor : *minor;
    return true;
}

/* --- What we say --- */

static int bytes_append(const char *bytes, size_t length, void *context)
{
    buffer_append(context, bytes, length);
    return 0;
}

void operator_json_write(json_t *value, struct buffer *body)
{
    invariant(value != NULL);
    invariant(json_dump_callback(value, bytes_append, body, JSON_COMPACT) == 0);
    json_decref(value);
}

void operator_say(struct operator_result *result, int status, const char *code, const char *words)
{
    char said[sizeof result->said];
    size_t length = 0;
    (void)snprintf(said, sizeof said, "%d%s%s%s%s", status, code[0] != '\0' ? " " : "", code,
                   words[0] != '\0' ? ": " : "", words);
    /* A character that was cut in two, or is none of ASCII's, is left out. */
    for (const char *at = said; *at != '\0'; at++)
        if (*at >= ' ' && *at <= '~')
            result->said[length++] = *at;
    result->said[length] = '\0';
}

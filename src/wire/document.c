#include "wire/document.h"

#include <string.h>

size_t document_blanks(const char *text, size_t length)
{
    size_t at = length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    while (at < length &&
           (text[at] == ' ' || text[at] == '\t' || text[at] == '\r' || text[at] == '\n'))
        at++;
    return at;
}

bool document_begins(const char *text, size_t length)
{
    size_t at = document_blanks(text, length);
    return at < length && (text[at] == '{' || text[at] == '[');
}

/* The index of the quote that ends the string begun before at; length when there is none. */
static size_t string_end(const char *text, size_t length, size_t at)
{
    while (at < length && text[at] != '"')
        at += text[at] == '\\' ? 2 : 1;
    return at < length ? at : length;
}

size_t document_extent(const char *text, size_t length)
{
    size_t depth = 0, containers = 0, values = 0;
    for (size_t at = 0; at < length; at++) {
        switch (text[at]) {
        case '"':
            at = string_end(text, length, at + 1);
            if (at == length)
                return 0;
            break;
        case '{':
        case '[':
            if (++depth > DOCUMENT_DEPTH_MAX || ++containers > DOCUMENT_CONTAINERS_MAX)
                return 0;
            break;
        case '}':
        case ']':
            if (depth == 0)
                return 0;
            depth--;
            break;
        case ',':
            if (++values > DOCUMENT_VALUES_MAX)
                return 0;
            break;
        default:
            break;
        }
        if (depth == 0) /* The first byte's value ends here; any other first byte begins none. */
            return text[0] == '"' || text[0] == '{' || text[0] == '[' ? at + 1 : 0;
    }
    return 0;
}

enum document_result document_read(const char *text, size_t length, json_t **value)
{
    size_t skip = document_blanks(text, length);
    text += skip;
    length -= skip;
    if (length == 0)
        return DOCUMENT_UNREADABLE;
    /* Limits first; numbers and words nest nothing. */
    if ((text[0] == '{' || text[0] == '[' || text[0] == '"') && document_extent(text, length) == 0)
        return DOCUMENT_UNREADABLE;
    json_error_t error;
    json_t *read = json_loadb(text, length, JSON_DECODE_ANY, &error);
    if (read == NULL) {
        /* Whatever is wrong with a text has a code; only a failed allocation may have none. */
        enum json_error_code code = json_error_code(&error);
        return code == json_error_out_of_memory || code == json_error_unknown ? DOCUMENT_NO_MEMORY
                                                                              : DOCUMENT_UNREADABLE;
    }
    *value = read;
    return DOCUMENT_READ;
}

void document_number_text(const json_t *value, char text[DOCUMENT_NUMBER_BYTES])
{
    size_t length = 0;
    if (json_is_number(value))
        length = json_dumpb(value, text, DOCUMENT_NUMBER_BYTES - 1,
                            JSON_ENCODE_ANY | JSON_REAL_PRECISION(DOCUMENT_REAL_DIGITS));
    text[length < DOCUMENT_NUMBER_BYTES ? length : 0] = '\0';
}

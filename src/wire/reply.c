#include "wire/reply.h"

#include <string.h>

#include "wire/utf8.h"

void reply_begin(struct buffer *text)
{
    buffer_text_append(text, "{\"code\":0,\"message\":");
    reply_text(text, payout_code_word(PAYOUT_OK));
    buffer_text_append(text, ",\"data\":");
}

void reply_end(struct buffer *text)
{
    buffer_char(text, '}');
}

void reply_error_begin(struct buffer *text, enum payout_code code, enum payout_lang lang)
{
    invariant(code != PAYOUT_OK);
    buffer_text_append(text, "{\"code\":\"");
    buffer_int(text, code);
    buffer_text_append(text, "\",\"message\":");
    reply_text(text, payout_code_word(code));
    buffer_text_append(text, ",\"description\":");
    reply_text(text, payout_code_text(code, lang));
    buffer_text_append(text, ",\"data\":");
}

void reply_error(struct buffer *text, enum payout_code code, enum payout_lang lang)
{
    reply_error_begin(text, code, lang);
    buffer_text_append(text, "[]");
    reply_end(text);
}

/* True when the byte stands in a JSON string as it is, and is a character by itself. */
static bool plain(unsigned char byte)
{
    return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

/* Appends one ASCII character that can't stand as it is. */
static void escape_append(struct buffer *text, unsigned char byte)
{
    static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
    static const char hex[] = "0123456789abcdef";
    const char *known = strchr(from, byte);
    char escape[6] = {'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]};
    if (known != NULL)
        escape[1] = to[known - from];
    buffer_append(text, escape, known == NULL ? 6 : 2);
}

void reply_text(struct buffer *text, const char *value)
{
    if (value == NULL) {
        buffer_text_append(text, "null");
        return;
    }
    buffer_char(text, '"');
    size_t length = strlen(value), at = 0;
    while (at < length) {
        size_t run = at, step = 1;
        while (run < length && step > 0) {
            step = plain((unsigned char)value[run])    ? 1
                   : (unsigned char)value[run] >= 0x80 ? utf8_length(value + run, length - run)
                                                       : 0;
            run += step;
        }
        buffer_append(text, value + at, run - at);
        at = run;
        if (at == length)
            break;
        if ((unsigned char)value[at] >= 0x80)
            buffer_text_append(text, "\xef\xbf\xbd");
        else
            escape_append(text, (unsigned char)value[at]);
        at++;
    }
    buffer_char(text, '"');
}

/* Appends the comma that stands before a member, where there is one before it, and its name. */
static void member_begin(struct buffer *text, const char *name)
{
    char last = text->length == 0 ? '{' : text->bytes[text->length - 1];
    if (last != '{' && last != '[')
        buffer_char(text, ',');
    reply_text(text, name);
    buffer_char(text, ':');
}

void reply_text_member(struct buffer *text, const char *name, const char *value)
{
    member_begin(text, name);
    reply_text(text, value);
}

void reply_int_member(struct buffer *text, const char *name, int64_t value)
{
    member_begin(text, name);
    buffer_int(text, value);
}

void reply_bool_member(struct buffer *text, const char *name, bool value)
{
    member_begin(text, name);
    buffer_text_append(text, value ? "true" : "false");
}

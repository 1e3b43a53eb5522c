#include "delivery/mime.h"

#include <string.h>

#include "base/clock.h"

enum {
    LINE_MAX_QUOTED = 76, /* RFC 2045, 6.7 (5): with the "=" of a soft break. */
    WORD_BYTES = 45, /* Of one encoded word: 60 characters of base64, 72 with what is around. */
};

/* --- Headers --- */

static bool header_plain(const char *value)
{
    size_t length = 0;
    for (const char *at = value; *at != '\0'; at++, length++)
        if (*at < ' ' || *at >= 0x7f)
            return false;
    return length <= LINE_MAX_QUOTED && strstr(value, "=?") == NULL;
}

static void base64_append(struct buffer *mail, const unsigned char *bytes, size_t length)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < length; i += 3) {
        size_t left = length - i;
        uint32_t three = (uint32_t)bytes[i] << 16;
        three |= left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0;
        three |= left > 2 ? bytes[i + 2] : 0;
        buffer_char(mail, alphabet[three >> 18 & 63]);
        buffer_char(mail, alphabet[three >> 12 & 63]);
        buffer_char(mail, left > 1 ? alphabet[three >> 6 & 63] : '=');
        buffer_char(mail, left > 2 ? alphabet[three & 63] : '=');
    }
}

/* How much of value goes into one encoded word: whole characters of UTF-8. */
static size_t word_length(const char *value)
{
    size_t length = strlen(value);
    if (length <= WORD_BYTES)
        return length;
    length = WORD_BYTES;
    while (length > WORD_BYTES - 4 && ((unsigned char)value[length] & 0xc0) == 0x80)
        length--;
    return length;
}

void mime_header(struct buffer *mail, const char *name, const char *value)
{
    buffer_text_append(mail, name);
    buffer_text_append(mail, ": ");
    if (header_plain(value)) {
        buffer_text_append(mail, value);
        buffer_text_append(mail, "\r\n");
        return;
    }
    while (*value != '\0') {
        size_t length = word_length(value);
        unsigned char word[WORD_BYTES];
        for (size_t i = 0; i < length; i++)
            word[i] =
                (unsigned char)value[i] < ' ' || value[i] == 0x7f ? ' ' : (unsigned char)value[i];
        buffer_text_append(mail, "=?UTF-8?B?");
        base64_append(mail, word, length);
        value += length;
        buffer_text_append(mail, *value == '\0' ? "?=" : "?=\r\n ");
    }
    buffer_text_append(mail, "\r\n");
}

void mime_date(struct buffer *mail, int64_t at_ms)
{
    static const char days[] = "ThuFriSatSunMonTueWed"; /* 1970 began on a Thursday. */
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    int64_t seconds = at_ms / 1000;
    struct clock_parts parts = clock_split(seconds);
    buffer_format(mail, "Date: %.3s, %d %.3s %d %02d:%02d:%02d +0000\r\n",
                  days + seconds / 86400 % 7 * 3, parts.day, months + (size_t)(parts.month - 1) * 3,
                  parts.year, parts.hour, parts.minute, parts.second);
}

/* --- Bodies --- */

void mime_quoted(struct buffer *mail, const char *text)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t column = 0;
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte == '\n') {
            buffer_text_append(mail, "\r\n");
            column = 0;
            continue;
        }
        bool last = text[1] == '\n' || text[1] == '\0';
        /* A dot alone, or "From", would mean something to programs on the way. */
        bool plain = (byte > ' ' && byte < 0x7f && byte != '=' &&
                      !(column == 0 && (byte == '.' || byte == 'F'))) ||
                     (byte == ' ' && !last);
        size_t width = plain ? 1 : 3;
        if (column + width > LINE_MAX_QUOTED - (last ? 0 : 1)) {
            buffer_text_append(mail, "=\r\n");
            column = 0;
            width = plain ? 1 : 3;
        }
        if (plain)
            buffer_char(mail, (char)byte);
        else
            buffer_append(mail, (char[]){'=', hex[byte >> 4], hex[byte & 15]}, 3);
        column += width;
    }
    if (column > 0)
        buffer_text_append(mail, "\r\n");
}

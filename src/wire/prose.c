#include "wire/prose.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "wire/utf8.h"

/* --- Names --- */

/* The code point of a character of UTF-8 that has this length. */
static uint32_t code_point(const char *text, size_t length)
{
    static const uint8_t masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t point = (uint8_t)text[0] & masks[length];
    for (size_t i = 1; i < length; i++)
        point = point << 6 | ((uint8_t)text[i] & 0x3f);
    return point;
}

static bool point_between(uint32_t point, uint32_t first, uint32_t last)
{
    return point >= first && point <= last;
}

static bool point_blank(uint32_t point)
{
    return point <= 0x20 || point_between(point, 0x7f, 0xa0) || point == 0x1680 ||
           point_between(point, 0x2000, 0x200a) || point == 0x2028 || point == 0x2029 ||
           point == 0x202f || point == 0x205f || point == 0x3000;
}

/* What does not show, or makes other things show otherwise: marks of direction, joiners, soft
 * hyphens, variation selectors, tags. */
static bool point_hidden(uint32_t point)
{
    return point == 0xad || point == 0x34f || point == 0x61c ||
           point_between(point, 0x115f, 0x1160) || point_between(point, 0x17b4, 0x17b5) ||
           point_between(point, 0x180b, 0x180f) || point_between(point, 0x200b, 0x200f) ||
           point_between(point, 0x202a, 0x202e) || point_between(point, 0x2060, 0x206f) ||
           point == 0x3164 || point_between(point, 0xfe00, 0xfe0f) || point == 0xfeff ||
           point == 0xffa0 || point_between(point, 0xfff0, 0xfffb) ||
           point_between(point, 0xe0000, 0xe0fff);
}

void prose_name(struct buffer *text, const char *name)
{
    size_t left = strlen(name), characters = 0;
    bool blank = false;
    uint32_t before = 0;
    while (left > 0) {
        size_t length = utf8_length(name, left), taken = length == 0 ? 1 : length;
        uint32_t point = length == 0 ? 0xfffd : code_point(name, length);
        const char *bytes = name;
        name += taken;
        left -= taken;
        if (point_hidden(point))
            continue;
        if (point_blank(point)) {
            blank = characters > 0;
            continue;
        }
        if (characters == PROSE_NAME_CHARACTERS_MAX) {
            buffer_text_append(text, "…");
            return;
        }
        if (blank || (before == '.' && point != '.') || (before == ':' && point == '/'))
            buffer_char(text, ' ');
        if (length == 0)
            buffer_text_append(text, "\xef\xbf\xbd");
        else
            buffer_append(text, bytes, length);
        characters++;
        blank = false;
        before = point;
    }
}

/* --- HTML --- */

void prose_html(struct buffer *html, const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '&':
            buffer_text_append(html, "&amp;");
            break;
        case '<':
            buffer_text_append(html, "&lt;");
            break;
        case '>':
            buffer_text_append(html, "&gt;");
            break;
        case '"':
            buffer_text_append(html, "&quot;");
            break;
        case '\'':
            buffer_text_append(html, "&#39;");
            break;
        default:
            buffer_char(html, *text);
        }
    }
}

/* --- Numbers and times --- */

void prose_number(struct buffer *text, int64_t number, enum payout_lang lang)
{
    char digits[BUFFER_DIGITS];
    const char *at = buffer_digits(number, digits);
    if (*at == '-')
        buffer_char(text, *at++);
    for (size_t left = strlen(at); left > 0; left--) {
        buffer_char(text, *at++);
        if (left > 1 && left % 3 == 1)
            buffer_text_append(text, lang == PAYOUT_FR ? "\u202f" : ",");
    }
}

void prose_money(struct buffer *text, int64_t minor, const char *currency, enum payout_lang lang)
{
    prose_number(text, minor, lang);
    buffer_text_append(text, "\u00a0");
    buffer_text_append(text, currency);
}

void prose_time(struct buffer *text, int64_t at_ms, enum payout_lang lang)
{
    static const char *const months[][2] = {
        {"janvier", "January"}, {"février", "February"},  {"mars", "March"},
        {"avril", "April"},     {"mai", "May"},           {"juin", "June"},
        {"juillet", "July"},    {"août", "August"},       {"septembre", "September"},
        {"octobre", "October"}, {"novembre", "November"}, {"décembre", "December"}};
    struct clock_parts parts = clock_split(at_ms < 0 ? 0 : at_ms / 1000);
    const char *day = lang == PAYOUT_FR && parts.day == 1 ? "1er" : NULL;
    if (day != NULL)
        buffer_text_append(text, day);
    else
        buffer_int(text, parts.day);
    buffer_format(text, " %s %d%s %02d:%02d UTC", months[parts.month - 1][lang == PAYOUT_EN],
                  parts.year, lang == PAYOUT_FR ? " à" : ",", parts.hour, parts.minute);
}

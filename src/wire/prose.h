/* prose: what people read, in mails and on pages: names that others gave, made harmless, HTML,
 * numbers and dates as French or English write them. Pure; any thread. */
#ifndef PAYOUT_WIRE_PROSE_H
#define PAYOUT_WIRE_PROSE_H
#include <stdint.h>

#include "base/buffer.h"
#include "payout/code.h"

enum { PROSE_NAME_CHARACTERS_MAX = 80 };

/* Appends a text that somebody gave as one line that shows as what it is: every control character,
 * line break and run of blanks is one blank, what turns the direction of writing or does not show
 * is left out, bytes that are not UTF-8 are U+FFFD, a dot gets a blank behind it, as does the colon
 * of "://" (so that no reader makes a link of it), and what is longer than
 * PROSE_NAME_CHARACTERS_MAX is cut with "…". */
void prose_name(struct buffer *text, const char *name);
/* Appends text (UTF-8) for HTML's content and its quoted attributes. */
void prose_html(struct buffer *html, const char *text);
/* "1 250 000" with U+202F between, or "1,250,000". */
void prose_number(struct buffer *text, int64_t number, enum payout_lang lang);
/* The number and the currency's word behind it: "1,250,000 XOF". */
void prose_money(struct buffer *text, int64_t minor, const char *currency, enum payout_lang lang);
/* "25 novembre 2026 à 20:08 UTC", "25 November 2026, 20:08 UTC" */
void prose_time(struct buffer *text, int64_t at_ms, enum payout_lang lang);
#endif

/* clock: the one door through which time comes in. The simulator and the tests put their own source
 * behind it; nobody else calls the system's clocks. */
#ifndef PAYOUT_BASE_CLOCK_H
#define PAYOUT_BASE_CLOCK_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

/* Milliseconds since 1970-01-01T00:00:00Z. Any thread. May step back when the machine's clock is
 * set: what must never go back (ids, the ledger) does not lean on it alone. */
int64_t clock_now_ms(void);
/* Microseconds of a clock that never goes back, for measuring spans. Any thread. */
int64_t clock_monotonic_us(void);

/* Puts a source of wall time behind clock_now_ms; NULL puts the system's back. Call it before any
 * other thread runs. */
void clock_source_set(int64_t (*now_ms)(void *context), void *context);

enum { CLOCK_TEXT_BYTES = 32 };
/* Writes "2018-10-25 11:25:07" (UTC, which is Abidjan's and Dakar's time too) into text. */
void clock_text(int64_t at_ms, char text[CLOCK_TEXT_BYTES]);
/* Writes "2018-10-25T11:25:07.123Z" into text. */
void clock_iso_text(int64_t at_ms, char text[CLOCK_TEXT_BYTES]);
/* Reads "2026-11-24", which is its first moment, or "2026-11-24T11:25:07" with a blank instead of
 * the T and with a Z, or .123Z, behind it if it likes; UTC. False, *at_ms untouched, for anything
 * else, days that no month has, and what is before 1970. */
MUST_USE bool clock_text_read(const char *text, int64_t *at_ms);

struct clock_parts {
    int year, month, day, hour, minute, second; /* UTC; month and day from 1. */
};
/* Splits whole seconds since 1970 into a date and time of day, UTC. seconds must be >= 0. */
struct clock_parts clock_split(int64_t seconds);
/* The reverse; parts out of range are folded as timegm does. */
int64_t clock_join(struct clock_parts parts);
#endif

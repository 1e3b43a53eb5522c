/* buffer: a byte string that knows its limit from birth. Appending never fails visibly: when memory
 * or the limit runs out the buffer is marked as failed, keeps what it held, and swallows the rest;
 * the writer asks once, at the end (buffer_ok). Shared with libpayout, so it never stops the
 * process. Not thread-safe: one owner at a time. */
#ifndef PAYOUT_BASE_BUFFER_H
#define PAYOUT_BASE_BUFFER_H
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

struct buffer {
    char *bytes; /* NUL-terminated once something was appended; NULL before. Owned by the buffer. */
    size_t length; /* Without the NUL. */
    size_t size;
    size_t limit; /* length never passes it. */
    bool failed;
};

/* Makes an empty buffer that will hold at most limit bytes; allocates nothing yet. */
void buffer_init(struct buffer *buffer, size_t limit);
/* Frees what it holds; it is empty and usable again, with the same limit. */
void buffer_free(struct buffer *buffer);
/* For AUTO(buffer_free) on a struct buffer. Forgets the content, keeps the memory and the limit;
 * the failure mark goes. */
void buffer_clear(struct buffer *buffer);
/* True when everything that was appended is there. */
MUST_USE bool buffer_ok(const struct buffer *buffer);
/* Its text, "" when nothing was appended. Valid until the next append. */
const char *buffer_text(const struct buffer *buffer);

void buffer_append(struct buffer *buffer, const void *bytes, size_t length);
void buffer_text_append(struct buffer *buffer, const char *text);
void buffer_char(struct buffer *buffer, char character);
void buffer_int(struct buffer *buffer, int64_t number);
/* Writes number in decimal to the end of digits; returns where it begins. */
enum { BUFFER_DIGITS = 24 };
const char *buffer_digits(int64_t number, char digits[BUFFER_DIGITS]);
void buffer_format(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
#endif

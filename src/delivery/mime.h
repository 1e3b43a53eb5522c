/* mime: how what people read travels in a mail's seven bits (RFC 2045, 2047, 5322). It must never
 * let a text end the line it stands in. Pure; any thread. */
#ifndef PAYOUT_DELIVERY_MIME_H
#define PAYOUT_DELIVERY_MIME_H
#include <stdint.h>

#include "base/buffer.h"

/* Appends "name: value" and CRLF. value (UTF-8) becomes encoded words where it must; a control
 * character in it becomes a blank. */
void mime_header(struct buffer *mail, const char *name, const char *value);
/* Appends "Date: Wed, 25 Nov 2026 20:08:00 +0000" and CRLF. */
void mime_date(struct buffer *mail, int64_t at_ms);
/* Appends text (UTF-8, lines ended by "\n") as quoted-printable, lines ended by CRLF. */
void mime_quoted(struct buffer *mail, const char *text);
#endif

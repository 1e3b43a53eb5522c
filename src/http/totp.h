/* totp: the second factor of RFC 6238: HMAC-SHA-1 over steps of 30 seconds, six digits, as every
 * authenticator takes it. Its secret is text in base 32. Any thread. */
#ifndef PAYOUT_HTTP_TOTP_H
#define PAYOUT_HTTP_TOTP_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

enum { TOTP_SECRET_BYTES = 20, TOTP_TEXT_BYTES = 33, TOTP_DIGITS = 6, TOTP_STEP_MS = 30000 };

/* A new secret. Wipe it when done. */
void totp_make(char secret[TOTP_TEXT_BYTES]);
/* The code of a step, NUL-terminated. False: secret is no secret of ours. */
MUST_USE bool totp_code(const char *secret, int64_t step, char code[TOTP_DIGITS + 1]);
/* The step whose code this is, of now's, the one before it and the one after it; 0: none's. All
 * three are looked at, always. */
int64_t totp_match(const char *secret, const char *code, int64_t now_ms);
/* Appends what an authenticator reads: otpauth://totp/… */
void totp_uri(struct buffer *text, const char *secret, const char *name);
#endif

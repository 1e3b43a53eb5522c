/* token: what a merchant shows with every call after its login: a JWT (HS256) that any payoutd with
 * the same key can check by itself, without a table of sessions. Only tokens of exactly the form
 * that we write are read: the header is ours byte for byte, so that no other algorithm (or none)
 * can be asked for. Pure: the time is given. Any thread. */
#ifndef PAYOUT_HTTP_TOKEN_H
#define PAYOUT_HTTP_TOKEN_H
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "money/id.h"
#include "payout/code.h"

enum {
    TOKEN_KEY_BYTES_MIN = 32,
    TOKEN_KEY_BYTES_MAX = 128,
    TOKEN_ISSUER_BYTES_MAX = 64,
    TOKEN_TEXT_BYTES = 512,  /* With the NUL. */
    TOKEN_SKEW_SECONDS = 30, /* How far the clocks of two payoutd may be apart (nbf). */
};

struct token_key {
    uint8_t bytes[TOKEN_KEY_BYTES_MAX];
    size_t length;                           /* TOKEN_KEY_BYTES_MIN at least. */
    char issuer[TOKEN_ISSUER_BYTES_MAX + 1]; /* iss: letters, digits, '.', '-', '_', ':' and '/'. */
};

/* Writes a token for merchant that is valid from now_ms on for lifetime_ms. */
void token_write(const struct token_key *key, struct merchant_id merchant, int64_t now_ms,
                 int64_t lifetime_ms, char text[TOKEN_TEXT_BYTES]);
/* PAYOUT_OK and whose it is; PAYOUT_EXPIRED_TOKEN when it was one of ours once; else
 * PAYOUT_INVALID_TOKEN. text need not be valid in any way. */
MUST_USE enum payout_code token_read(const struct token_key *key, const char *text, size_t length,
                                     int64_t now_ms, struct merchant_id *merchant);
#endif

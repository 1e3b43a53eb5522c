/* link: the token in the address of a lot's confirmation page. It names the lot, the mail that
 * carries it (and so the person), when it runs out and what the lot held, under HMAC-SHA-256 with a
 * key that is used for nothing else: it can't be guessed, nor changed, and nothing is kept of it.
 * Whether it still means anything is for the lot to say. Pure; any thread. */
#ifndef PAYOUT_WIRE_LINK_H
#define PAYOUT_WIRE_LINK_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

enum {
    LINK_KEY_BYTES = 32,
    LINK_HASH_BYTES = 16, /* The beginning of the lot's hash. */
    LINK_TEXT_BYTES = 93, /* 92 characters of base64url, without a bit to spare. */
    LINK_PROOF_BYTES = 44,
    LINK_NUMBER_MAX = 255,
};

struct link_key {
    uint8_t bytes[LINK_KEY_BYTES];
};
/* A link: numbers are as money/id.h has them. */
struct link {
    int64_t merchant, lot;
    int32_t number;        /* Of the mail; 1 to LINK_NUMBER_MAX. */
    int64_t expires_at_ms; /* The lot's; 0 to 2^48 - 1. */
    uint8_t hash[LINK_HASH_BYTES];
};

/* The key of links that belongs to the key that signs tokens (or any other, of any length). */
void link_key_make(const void *key, size_t length, struct link_key *link_key);
void link_write(const struct link_key *key, const struct link *link, char text[LINK_TEXT_BYTES]);
/* False, *link untouched, for anything that link_write did not write under this key. text need not
 * be valid in any way. */
MUST_USE bool link_read(const struct link_key *key, const char *text, struct link *link);

/* What a form on the link's page carries: nobody has it who was not shown that page. */
void link_proof(const struct link_key *key, const char *text, char proof[LINK_PROOF_BYTES]);
/* False also for NULL. */
MUST_USE bool link_proof_matches(const struct link_key *key, const char *text, const char *proof);
#endif

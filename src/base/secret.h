/* secret: keyed hashes, password hashes and comparisons that take the same time whatever they find.
 * Thin over libsodium; no algorithm of our own. Any thread after secret_init. */
#ifndef PAYOUT_BASE_SECRET_H
#define PAYOUT_BASE_SECRET_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"

enum { SECRET_HMAC_BYTES = 32, SECRET_HASH_BYTES = 32, SECRET_PASSWORD_BYTES = 128 };

/* Must be called once before any other function here and in random.h. */
void secret_init(void);

/* HMAC-SHA-256 of message under key, both of any length. */
void secret_hmac(const void *key, size_t key_length, const void *message, size_t length,
                 uint8_t mac[SECRET_HMAC_BYTES]);
/* SHA-256, in one piece. */
void secret_sha256(const void *message, size_t length, uint8_t hash[SECRET_HASH_BYTES]);
/* SHA-256 piece by piece. A struct secret_digest holds no pointer and may be copied. */
struct secret_digest {
    _Alignas(16) unsigned char state[128];
};
void secret_digest_begin(struct secret_digest *digest);
void secret_digest_add(struct secret_digest *digest, const void *bytes, size_t length);
void secret_digest_end(struct secret_digest *digest, uint8_t hash[SECRET_HASH_BYTES]);
/* A hash for tables in memory, under a key of this process: what a client chooses can't make it
 * collide. Never stored. */
uint64_t secret_table_hash(const void *bytes, size_t length);
/* True when the two byte strings are equal; the time does not tell where they differ. */
MUST_USE bool secret_equal(const void *a, const void *b, size_t length);

/* Writes an Argon2id hash of password (any bytes up to length) with its salt and cost into text.
 * Takes tens of milliseconds and about 19 MiB (OWASP's minimum: t=2, m=19 MiB, p=1): never on the
 * thread of a listener. */
void secret_password_hash(const char *password, size_t length, char text[SECRET_PASSWORD_BYTES]);
/* True when password is the hash's. A NULL hash takes as long as a real one and is false. */
MUST_USE bool secret_password_matches(const char *hash, const char *password, size_t length);

/* Memory for keys, all zero: never swapped out where the system allows it to be locked, in no core
 * dump, with pages around it that can't be touched. For few and long-lived things: it takes four
 * pages at least. Stops the process when there is none. */
void *secret_alloc(size_t size);
/* Wipes and frees it. NULL is fine. */
void secret_free(void *memory);
/* Overwrites bytes so that the compiler does not leave it out. */
void secret_wipe(void *bytes, size_t length);
/* Lower-case hexadecimal; text holds 2 * length + 1. */
void secret_hex(const void *bytes, size_t length, char *text);
#endif

#include "base/secret.h"

#include <sodium.h>
#include <string.h>

static const unsigned long long password_passes = 2;
static const size_t password_memory_bytes = (size_t)19 * 1024 * 1024;
/* Both are written once in secret_init, then only read. */
static char nobodys_hash[SECRET_PASSWORD_BYTES];
static unsigned char table_key[crypto_shorthash_KEYBYTES];

void secret_init(void)
{
    invariant(sodium_init() >= 0);
    _Static_assert(SECRET_PASSWORD_BYTES >= crypto_pwhash_STRBYTES, "a hash fits");
    if (nobodys_hash[0] != '\0')
        return;
    randombytes_buf(table_key, sizeof table_key);
    secret_password_hash("nobody", 6, nobodys_hash);
}

void secret_hmac(const void *key, size_t key_length, const void *message, size_t length,
                 uint8_t mac[SECRET_HMAC_BYTES])
{
    crypto_auth_hmacsha256_state state;
    (void)crypto_auth_hmacsha256_init(&state, key, key_length);
    (void)crypto_auth_hmacsha256_update(&state, message, length);
    (void)crypto_auth_hmacsha256_final(&state, mac);
    sodium_memzero(&state, sizeof state);
}

void secret_sha256(const void *message, size_t length, uint8_t hash[SECRET_HASH_BYTES])
{
    (void)crypto_hash_sha256(hash, message, length);
}

_Static_assert(sizeof(struct secret_digest) >= sizeof(crypto_hash_sha256_state), "the state fits");

void secret_digest_begin(struct secret_digest *digest)
{
    (void)crypto_hash_sha256_init((crypto_hash_sha256_state *)(void *)digest->state);
}

void secret_digest_add(struct secret_digest *digest, const void *bytes, size_t length)
{
    (void)crypto_hash_sha256_update((crypto_hash_sha256_state *)(void *)digest->state, bytes,
                                    length);
}

void secret_digest_end(struct secret_digest *digest, uint8_t hash[SECRET_HASH_BYTES])
{
    (void)crypto_hash_sha256_final((crypto_hash_sha256_state *)(void *)digest->state, hash);
}

uint64_t secret_table_hash(const void *bytes, size_t length)
{
    uint64_t hash;
    _Static_assert(sizeof hash == crypto_shorthash_BYTES, "a hash fits");
    (void)crypto_shorthash((unsigned char *)&hash, bytes, length, table_key);
    return hash;
}

bool secret_equal(const void *a, const void *b, size_t length)
{
    return sodium_memcmp(a, b, length) == 0;
}

void secret_password_hash(const char *password, size_t length, char text[SECRET_PASSWORD_BYTES])
{
    memset(text, 0, SECRET_PASSWORD_BYTES);
    int failed = crypto_pwhash_str_alg(text, password, length, password_passes,
                                       password_memory_bytes, crypto_pwhash_ALG_ARGON2ID13);
    invariant(failed == 0); /* It fails only when the machine has no memory left. */
}

bool secret_password_matches(const char *hash, const char *password, size_t length)
{
    invariant(nobodys_hash[0] != '\0');
    bool known = hash != NULL;
    bool matches = crypto_pwhash_str_verify(known ? hash : nobodys_hash, password, length) == 0;
    return known && matches;
}

void *secret_alloc(size_t size)
{
    void *memory = sodium_malloc(size);
    invariant(memory != NULL);
    memset(memory, 0, size);
    return memory;
}

void secret_free(void *memory)
{
    sodium_free(memory);
}

void secret_wipe(void *bytes, size_t length)
{
    sodium_memzero(bytes, length);
}

void secret_hex(const void *bytes, size_t length, char *text)
{
    (void)sodium_bin2hex(text, 2 * length + 1, bytes, length);
}

#include "wire/link.h"

#include <sodium.h>
#include <string.h>

#include "base/secret.h"

enum {
    VERSION = 1,
    VERSION_BYTES = 1,
    MERCHANT_BYTES = 5,
    LOT_BYTES = 8,
    NUMBER_BYTES = 1,
    EXPIRY_BYTES = 6,
    SAID_BYTES =
        VERSION_BYTES + MERCHANT_BYTES + LOT_BYTES + NUMBER_BYTES + EXPIRY_BYTES + LINK_HASH_BYTES,
    LINK_BYTES = SAID_BYTES + SECRET_HMAC_BYTES,
};
_Static_assert(LINK_BYTES % 3 == 0, "every character of base64 counts whole");
_Static_assert(LINK_TEXT_BYTES == LINK_BYTES / 3 * 4 + 1, "the text fits");
_Static_assert((int)LINK_KEY_BYTES == (int)SECRET_HMAC_BYTES, "the key is an HMAC");

/* What keeps these keyed hashes apart from each other and from those of tokens. */
static const char key_domain[] = "payoutd link key 1";
static const char proof_domain[] = "payoutd link form 1";

void link_key_make(const void *key, size_t length, struct link_key *link_key)
{
    secret_hmac(key, length, key_domain, sizeof key_domain - 1, link_key->bytes);
}

static uint8_t *number_put(uint8_t *at, int64_t number, size_t bytes)
{
    invariant(number >= 0 && (bytes >= sizeof number || number >> (8 * bytes) == 0));
    for (size_t i = bytes; i-- > 0; number >>= 8)
        at[i] = (uint8_t)(number & 0xff);
    return at + bytes;
}

static const uint8_t *number_get(const uint8_t *at, int64_t *number, size_t bytes)
{
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; i++)
        value = value << 8 | at[i];
    *number = (int64_t)value;
    return at + bytes;
}

void link_write(const struct link_key *key, const struct link *link, char text[LINK_TEXT_BYTES])
{
    uint8_t bytes[LINK_BYTES];
    invariant(link->number >= 1 && link->number <= LINK_NUMBER_MAX);
    uint8_t *at = number_put(bytes, VERSION, VERSION_BYTES);
    at = number_put(at, link->merchant, MERCHANT_BYTES);
    at = number_put(at, link->lot, LOT_BYTES);
    at = number_put(at, link->number, NUMBER_BYTES);
    at = number_put(at, link->expires_at_ms, EXPIRY_BYTES);
    memcpy(at, link->hash, LINK_HASH_BYTES);
    secret_hmac(key->bytes, sizeof key->bytes, bytes, SAID_BYTES, bytes + SAID_BYTES);
    (void)sodium_bin2base64(text, LINK_TEXT_BYTES, bytes, sizeof bytes,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

bool link_read(const struct link_key *key, const char *text, struct link *link)
{
    uint8_t bytes[LINK_BYTES], mac[SECRET_HMAC_BYTES];
    size_t length = 0;
    if (strlen(text) != LINK_TEXT_BYTES - 1 ||
        sodium_base642bin(bytes, sizeof bytes, text, LINK_TEXT_BYTES - 1, NULL, &length, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        length != sizeof bytes)
        return false;
    secret_hmac(key->bytes, sizeof key->bytes, bytes, SAID_BYTES, mac);
    if (!secret_equal(mac, bytes + SAID_BYTES, sizeof mac) || bytes[0] != VERSION)
        return false;
    int64_t number;
    const uint8_t *at = number_get(bytes + VERSION_BYTES, &link->merchant, MERCHANT_BYTES);
    at = number_get(at, &link->lot, LOT_BYTES);
    at = number_get(at, &number, NUMBER_BYTES);
    at = number_get(at, &link->expires_at_ms, EXPIRY_BYTES);
    link->number = (int32_t)number;
    memcpy(link->hash, at, LINK_HASH_BYTES);
    return true;
}

void link_proof(const struct link_key *key, const char *text, char proof[LINK_PROOF_BYTES])
{
    uint8_t bytes[sizeof proof_domain + LINK_TEXT_BYTES], mac[SECRET_HMAC_BYTES];
    size_t length = strlen(text);
    invariant(length < LINK_TEXT_BYTES);
    memcpy(bytes, proof_domain, sizeof proof_domain);
    memcpy(bytes + sizeof proof_domain, text, length);
    secret_hmac(key->bytes, sizeof key->bytes, bytes, sizeof proof_domain + length, mac);
    (void)sodium_bin2base64(proof, LINK_PROOF_BYTES, mac, sizeof mac,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

bool link_proof_matches(const struct link_key *key, const char *text, const char *proof)
{
    char right[LINK_PROOF_BYTES];
    link_proof(key, text, right);
    return proof != NULL && strlen(proof) == sizeof right - 1 &&
           secret_equal(proof, right, sizeof right - 1);
}

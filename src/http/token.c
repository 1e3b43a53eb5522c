#include "http/token.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "base/secret.h"

enum {
    CLAIMS_BYTES = 320,
    JTI_CHARACTERS = 16,
    /* What 32 bytes of signature are in base64url, without padding. */
    SIGNATURE_CHARACTERS = 43,
};

/* {"alg":"HS256","typ":"JWT"} */
static const char header[] = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";
enum { HEADER_CHARACTERS = sizeof header - 1 };

static void signature_write(const struct token_key *key, const char *text, size_t length,
                            char signature[SIGNATURE_CHARACTERS + 1])
{
    invariant(key->length >= TOKEN_KEY_BYTES_MIN && key->length <= TOKEN_KEY_BYTES_MAX);
    uint8_t mac[SECRET_HMAC_BYTES];
    secret_hmac(key->bytes, key->length, text, length, mac);
    (void)sodium_bin2base64(signature, SIGNATURE_CHARACTERS + 1, mac, sizeof mac,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

void token_write(const struct token_key *key, struct merchant_id merchant, int64_t now_ms,
                 int64_t lifetime_ms, char text[TOKEN_TEXT_BYTES])
{
    invariant(now_ms > 0 && lifetime_ms >= 1000);
    char jti[JTI_CHARACTERS + 1];
    random_text(jti, sizeof jti);
    long long now = now_ms / 1000;
    char claims[CLAIMS_BYTES];
    int length = snprintf(claims, sizeof claims,
                          "{\"sub\":%lld,\"iss\":\"%s\",\"iat\":%lld,\"exp\":%lld,\"nbf\":%lld,"
                          "\"jti\":\"%s\"}",
                          (long long)merchant.value, key->issuer, now,
                          now + (long long)(lifetime_ms / 1000), now, jti);
    invariant(length > 0 && length < CLAIMS_BYTES);

    memcpy(text, header, HEADER_CHARACTERS);
    text[HEADER_CHARACTERS] = '.';
    char *encoded = text + HEADER_CHARACTERS + 1;
    (void)sodium_bin2base64(encoded, TOKEN_TEXT_BYTES - HEADER_CHARACTERS - 1,
                            (const unsigned char *)claims, (size_t)length,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    size_t signed_length = HEADER_CHARACTERS + 1 + strlen(encoded);
    invariant(signed_length + 1 + SIGNATURE_CHARACTERS < TOKEN_TEXT_BYTES);
    char signature[SIGNATURE_CHARACTERS + 1];
    signature_write(key, text, signed_length, signature);
    text[signed_length] = '.';
    memcpy(text + signed_length + 1, signature, sizeof signature);
}

/* Steps over word when *at begins with it. */
static bool word_skip(const char **at, const char *word)
{
    size_t length = strlen(word);
    if (strncmp(*at, word, length) != 0)
        return false;
    *at += length;
    return true;
}

/* Reads 1 to 15 digits. */
static bool number_skip(const char **at, int64_t *number)
{
    const char *begin = *at;
    int64_t value = 0;
    while (**at >= '0' && **at <= '9' && *at - begin < 16)
        value = value * 10 + (*(*at)++ - '0');
    *number = value;
    return *at > begin && *at - begin < 16;
}

struct claims {
    int64_t subject, issued_at, expires_at, not_before; /* Seconds since 1970. */
};

/* The claims as token_write writes them, and nothing else: they were signed, so anything else is of
 * somebody who has our key and is not payoutd. */
static bool claims_read(const struct token_key *key, const char *text, struct claims *claims)
{
    const char *at = text;
    if (!word_skip(&at, "{\"sub\":") || !number_skip(&at, &claims->subject) ||
        !word_skip(&at, ",\"iss\":\"") || !word_skip(&at, key->issuer) ||
        !word_skip(&at, "\",\"iat\":") || !number_skip(&at, &claims->issued_at) ||
        !word_skip(&at, ",\"exp\":") || !number_skip(&at, &claims->expires_at) ||
        !word_skip(&at, ",\"nbf\":") || !number_skip(&at, &claims->not_before) ||
        !word_skip(&at, ",\"jti\":\""))
        return false;
    for (int i = 0; i < JTI_CHARACTERS; i++, at++)
        if (*at == '"' || *at == '\\' || *at == '\0')
            return false;
    return strcmp(at, "\"}") == 0 && claims->subject >= MERCHANT_ID_MIN &&
           claims->subject <= MERCHANT_ID_MAX;
}

enum payout_code token_read(const struct token_key *key, const char *text, size_t length,
                            int64_t now_ms, struct merchant_id *merchant)
{
    size_t around = HEADER_CHARACTERS + 1 + 1 + SIGNATURE_CHARACTERS;
    if (length <= around || length >= TOKEN_TEXT_BYTES || text[HEADER_CHARACTERS] != '.' ||
        memcmp(text, header, HEADER_CHARACTERS) != 0)
        return PAYOUT_INVALID_TOKEN;
    size_t signed_length = length - SIGNATURE_CHARACTERS - 1;
    char signature[SIGNATURE_CHARACTERS + 1];
    signature_write(key, text, signed_length, signature);
    /* The texts are compared, not the bytes: the last character of base64 has bits to spare. */
    if (text[signed_length] != '.' ||
        !secret_equal(signature, text + signed_length + 1, SIGNATURE_CHARACTERS))
        return PAYOUT_INVALID_TOKEN;

    char plain[CLAIMS_BYTES];
    size_t plain_length = 0;
    const char *encoded = text + HEADER_CHARACTERS + 1;
    if (sodium_base642bin((unsigned char *)plain, sizeof plain - 1, encoded,
                          signed_length - HEADER_CHARACTERS - 1, NULL, &plain_length, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return PAYOUT_INVALID_TOKEN;
    plain[plain_length] = '\0';
    struct claims claims;
    if (!claims_read(key, plain, &claims))
        return PAYOUT_INVALID_TOKEN;
    int64_t now = now_ms / 1000;
    if (claims.not_before > now + TOKEN_SKEW_SECONDS)
        return PAYOUT_INVALID_TOKEN;
    if (claims.expires_at <= now)
        return PAYOUT_EXPIRED_TOKEN;
    merchant->value = claims.subject;
    return PAYOUT_OK;
}

#include "http/totp.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "base/secret.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

void totp_make(char secret[TOTP_TEXT_BYTES])
{
    uint8_t drawn[TOTP_TEXT_BYTES - 1]; /* 32 letters of 5 bits: 20 bytes. */
    random_bytes(drawn, sizeof drawn);
    for (size_t i = 0; i < sizeof drawn; i++)
        secret[i] = alphabet[drawn[i] & 31];
    secret[TOTP_TEXT_BYTES - 1] = '\0';
    secret_wipe(drawn, sizeof drawn);
}

static bool secret_read(const char *secret, uint8_t bytes[TOTP_SECRET_BYTES])
{
    uint32_t bits = 0;
    unsigned held = 0;
    size_t length = 0;
    if (strlen(secret) != TOTP_TEXT_BYTES - 1)
        return false;
    for (; *secret != '\0'; secret++) {
        const char *at = strchr(alphabet, *secret);
        if (at == NULL)
            return false;
        bits = bits << 5 | (uint32_t)(at - alphabet);
        held += 5;
        if (held < 8)
            continue;
        held -= 8;
        bytes[length++] = (uint8_t)(bits >> held);
    }
    return length == TOTP_SECRET_BYTES;
}

bool totp_code(const char *secret, int64_t step, char code[TOTP_DIGITS + 1])
{
    uint8_t key[TOTP_SECRET_BYTES], message[8], mac[20];
    bool good = secret_read(secret, key);
    for (size_t i = 0; i < sizeof message; i++)
        message[i] = (uint8_t)((uint64_t)step >> (56 - 8 * i));
    if (good)
        good =
            gnutls_hmac_fast(GNUTLS_MAC_SHA1, key, sizeof key, message, sizeof message, mac) == 0;
    secret_wipe(key, sizeof key);
    if (!good)
        return false;
    const uint8_t *at = mac + (mac[19] & 15);
    uint32_t number = (uint32_t)(at[0] & 127) << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 |
                      (uint32_t)at[3];
    (void)snprintf(code, TOTP_DIGITS + 1, "%06u", (unsigned)(number % 1000000));
    return true;
}

int64_t totp_match(const char *secret, const char *code, int64_t now_ms)
{
    char shown[TOTP_DIGITS] = {0};
    size_t length = code == NULL ? 0 : strlen(code);
    int64_t now = now_ms / TOTP_STEP_MS, found = 0;
    if (length == TOTP_DIGITS)
        memcpy(shown, code, TOTP_DIGITS);
    for (int64_t step = now - 1; step <= now + 1; step++) {
        char right[TOTP_DIGITS + 1];
        if (!totp_code(secret, step, right))
            return 0;
        if (secret_equal(shown, right, TOTP_DIGITS))
            found = step;
        secret_wipe(right, sizeof right);
    }
    return found;
}

void totp_uri(struct buffer *text, const char *secret, const char *name)
{
    buffer_text_append(text, "otpauth://totp/payoutd:");
    for (; *name != '\0'; name++) {
        if (strchr("@+", *name) != NULL)
            buffer_format(text, "%%%02X", (unsigned char)*name);
        else
            buffer_char(text, *name);
    }
    buffer_format(text, "?secret=%s&issuer=payoutd&algorithm=SHA1&digits=6&period=30", secret);
}

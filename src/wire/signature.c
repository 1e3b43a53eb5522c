#include "wire/signature.h"

#include <ctype.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "base/secret.h"

enum { SECRET_RANDOM_BYTES = 24, KEY_BYTES_MAX = 512 };
static const char secret_mark[] = "whsec_";
_Static_assert(SIGNATURE_HEX_BYTES == 2 * SECRET_HMAC_BYTES + 1, "a token in hex fits");
_Static_assert(crypto_auth_hmacsha256_BYTES == SECRET_HMAC_BYTES, "one size");

/* --- The body --- */

static void value_encode(const char *value, struct buffer *body)
{
    static const char hex[] = "0123456789ABCDEF";
    for (; *value != '\0'; value++) {
        unsigned char byte = (unsigned char)*value;
        bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                     (byte >= '0' && byte <= '9') || strchr("-_.*", byte) != NULL;
        if (plain)
            buffer_char(body, *value);
        else if (byte == ' ')
            buffer_char(body, '+');
        else
            buffer_append(body, (char[]){'%', hex[byte >> 4], hex[byte & 15]}, 3);
    }
}

void notice_write(const struct notice *notice, struct buffer *body)
{
    const char *separator = "";
#define FIELD(member)                                                                              \
    buffer_text_append(body, separator);                                                           \
    buffer_text_append(body, #member "=");                                                         \
    value_encode(notice->member == NULL ? "" : notice->member, body);                              \
    separator = "&";
    NOTICE_FIELDS(FIELD)
#undef FIELD
    (void)separator;
}

void notice_type(const char *treatment_status, char type[NOTICE_TYPE_BYTES])
{
    (void)snprintf(type, NOTICE_TYPE_BYTES, "transfer.%s", treatment_status);
    for (char *at = type; *at != '\0'; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
}

/* --- x-token --- */

void signature_token(const struct notice *notice, const char *secret_key,
                     char hex[SIGNATURE_HEX_BYTES])
{
    crypto_auth_hmacsha256_state state;
    (void)crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret_key,
                                      strlen(secret_key));
#define FIELD(member)                                                                              \
    if (notice->member != NULL)                                                                    \
        (void)crypto_auth_hmacsha256_update(&state, (const unsigned char *)notice->member,         \
                                            strlen(notice->member));
    NOTICE_FIELDS(FIELD)
#undef FIELD
    uint8_t mac[SECRET_HMAC_BYTES];
    (void)crypto_auth_hmacsha256_final(&state, mac);
    secret_wipe(&state, sizeof state);
    secret_hex(mac, sizeof mac, hex);
}

bool signature_token_matches(const struct notice *notice, const char *secret_key, const char *hex)
{
    char right[SIGNATURE_HEX_BYTES], given[SIGNATURE_HEX_BYTES];
    if (hex == NULL || strlen(hex) != sizeof given - 1)
        return false;
    for (size_t i = 0; i < sizeof given; i++)
        given[i] = (char)tolower((unsigned char)hex[i]);
    signature_token(notice, secret_key, right);
    return secret_equal(right, given, sizeof right);
}

/* --- Standard Webhooks --- */

/* Begins an HMAC under the key that secret_key stands for. */
static void webhook_begin(crypto_auth_hmacsha256_state *state, const char *secret_key)
{
    unsigned char key[KEY_BYTES_MAX];
    size_t length = strlen(secret_key), mark = sizeof secret_mark - 1, decoded;
    bool encoded = strncmp(secret_key, secret_mark, mark) == 0;
    if (encoded) {
        const char *text = secret_key + mark;
        size_t text_length = length - mark;
        while (text_length > 0 && text[text_length - 1] == '=')
            text_length--; /* Written with or without its padding, it is the same key. */
        encoded = sodium_base642bin(key, sizeof key, text, text_length, NULL, &decoded, NULL,
                                    sodium_base64_VARIANT_ORIGINAL_NO_PADDING) == 0;
    }
    if (encoded)
        (void)crypto_auth_hmacsha256_init(state, key, decoded);
    else
        (void)crypto_auth_hmacsha256_init(state, (const unsigned char *)secret_key, length);
    secret_wipe(key, sizeof key);
}

void signature_webhook(const char *secret_key, const char *id, int64_t timestamp_seconds,
                       const char *body, size_t length, char text[SIGNATURE_WEBHOOK_BYTES])
{
    crypto_auth_hmacsha256_state state;
    webhook_begin(&state, secret_key);
    char timestamp[32];
    (void)snprintf(timestamp, sizeof timestamp, ".%lld.", (long long)timestamp_seconds);
    (void)crypto_auth_hmacsha256_update(&state, (const unsigned char *)id, strlen(id));
    (void)crypto_auth_hmacsha256_update(&state, (const unsigned char *)timestamp,
                                        strlen(timestamp));
    (void)crypto_auth_hmacsha256_update(&state, (const unsigned char *)body, length);
    uint8_t mac[SECRET_HMAC_BYTES];
    (void)crypto_auth_hmacsha256_final(&state, mac);
    secret_wipe(&state, sizeof state);
    memcpy(text, "v1,", 3);
    (void)sodium_bin2base64(text + 3, SIGNATURE_WEBHOOK_BYTES - 3, mac, sizeof mac,
                            sodium_base64_VARIANT_ORIGINAL);
}

bool signature_webhook_matches(const char *secret_key, const char *id, int64_t timestamp_seconds,
                               const char *body, size_t length, const char *header)
{
    char right[SIGNATURE_WEBHOOK_BYTES];
    if (header == NULL)
        return false;
    signature_webhook(secret_key, id, timestamp_seconds, body, length, right);
    size_t right_length = strlen(right);
    bool matches = false;
    while (*header != '\0') {
        size_t given = strcspn(header, " ");
        matches = (given == right_length && secret_equal(header, right, right_length)) || matches;
        header += given;
        header += strspn(header, " ");
    }
    return matches;
}

void signature_secret_make(char text[SIGNATURE_SECRET_BYTES])
{
    unsigned char bytes[SECRET_RANDOM_BYTES];
    random_bytes(bytes, sizeof bytes);
    memcpy(text, secret_mark, sizeof secret_mark - 1);
    (void)sodium_bin2base64(text + sizeof secret_mark - 1,
                            SIGNATURE_SECRET_BYTES - (sizeof secret_mark - 1), bytes, sizeof bytes,
                            sodium_base64_VARIANT_ORIGINAL);
    secret_wipe(bytes, sizeof bytes);
}

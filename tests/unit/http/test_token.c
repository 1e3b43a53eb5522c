#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "base/secret.h"
#include "http/token.h"

static const struct token_key key = {
    .bytes = "0123456789abcdef0123456789abcdef", .length = 32, .issuer = "https://pay.example"};
static const struct merchant_id merchant = {MERCHANT_ID_MIN + 7};
static const int64_t now_ms = INT64_C(1700000000500), life_ms = 300000;

static enum payout_code read_at(const char *text, int64_t at_ms)
{
    struct merchant_id read = {0};
    enum payout_code code = token_read(&key, text, strlen(text), at_ms, &read);
    assert_int_equal(read.value, code == PAYOUT_OK ? merchant.value : 0);
    return code;
}

static void a_token_says_whose_it_is_for_its_lifetime(void **state)
{
    (void)state;
    char text[TOKEN_TEXT_BYTES];
    token_write(&key, merchant, now_ms, life_ms, text);
    assert_int_equal(read_at(text, now_ms), PAYOUT_OK);
    assert_int_equal(read_at(text, now_ms + life_ms - 1000), PAYOUT_OK);
    assert_int_equal(read_at(text, now_ms + life_ms), PAYOUT_EXPIRED_TOKEN);
    /* Another payoutd's clock may be a little behind, not much. */
    assert_int_equal(read_at(text, now_ms - 20000), PAYOUT_OK);
    assert_int_equal(read_at(text, now_ms - 40000), PAYOUT_INVALID_TOKEN);
}

static void a_token_needs_no_escaping_and_has_the_claims_of_the_original(void **state)
{
    (void)state;
    char text[TOKEN_TEXT_BYTES], claims[400] = {0};
    token_write(&key, merchant, now_ms, life_ms, text);
    assert_int_equal(strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                  "-_."),
                     strlen(text));
    const char *begin = strchr(text, '.') + 1;
    size_t length = 0;
    assert_int_equal(sodium_base642bin((unsigned char *)claims, sizeof claims - 1, begin,
                                       (size_t)(strchr(begin, '.') - begin), NULL, &length, NULL,
                                       sodium_base64_VARIANT_URLSAFE_NO_PADDING),
                     0);
    const char *const expected = "{\"sub\":1000000007,\"iss\":\"https://pay.example\","
                                 "\"iat\":1700000000,\"exp\":1700000300,\"nbf\":1700000000,"
                                 "\"jti\":\"";
    assert_int_equal(strncmp(claims, expected, strlen(expected)), 0);
    assert_int_equal(strlen(claims), strlen(expected) + 16 + 2);
}

static void no_byte_of_a_token_can_be_changed(void **state)
{
    (void)state;
    char text[TOKEN_TEXT_BYTES];
    token_write(&key, merchant, now_ms, life_ms, text);
    for (size_t i = 0; text[i] != '\0'; i++) {
        for (int bit = 0; bit < 7; bit++) {
            text[i] = (char)(text[i] ^ (1 << bit));
            assert_int_equal(read_at(text, now_ms), PAYOUT_INVALID_TOKEN);
            text[i] = (char)(text[i] ^ (1 << bit));
        }
    }
    for (size_t length = strlen(text); length-- > 0;) {
        struct merchant_id read;
        assert_int_equal(token_read(&key, text, length, now_ms, &read), PAYOUT_INVALID_TOKEN);
    }
}

static void another_key_or_issuer_is_not_believed(void **state)
{
    (void)state;
    char text[TOKEN_TEXT_BYTES];
    struct token_key other = key;
    struct merchant_id read;
    token_write(&key, merchant, now_ms, life_ms, text);
    other.bytes[0] ^= 1;
    assert_int_equal(token_read(&other, text, strlen(text), now_ms, &read), PAYOUT_INVALID_TOKEN);
    other = key;
    (void)snprintf(other.issuer, sizeof other.issuer, "someone");
    token_write(&other, merchant, now_ms, life_ms, text);
    assert_int_equal(read_at(text, now_ms), PAYOUT_INVALID_TOKEN);
}

/* A signature that is right over a header that is not ours: "alg":"none" and its kin. */
static void only_our_own_header_is_read(void **state)
{
    (void)state;
    char text[TOKEN_TEXT_BYTES], forged[TOKEN_TEXT_BYTES];
    token_write(&key, merchant, now_ms, life_ms, text);
    const char *claims = strchr(text, '.');
    (void)snprintf(forged, sizeof forged, "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0%.*s",
                   (int)(strrchr(text, '.') - claims), claims);
    uint8_t mac[SECRET_HMAC_BYTES];
    secret_hmac(key.bytes, key.length, forged, strlen(forged), mac);
    size_t length = strlen(forged);
    forged[length++] = '.';
    (void)sodium_bin2base64(forged + length, sizeof forged - length, mac, sizeof mac,
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    assert_int_equal(read_at(forged, now_ms), PAYOUT_INVALID_TOKEN);
    forged[length] = '\0'; /* And without any signature. */
    assert_int_equal(read_at(forged, now_ms), PAYOUT_INVALID_TOKEN);
}

static void two_tokens_of_one_second_differ(void **state)
{
    (void)state;
    char one[TOKEN_TEXT_BYTES], two[TOKEN_TEXT_BYTES];
    token_write(&key, merchant, now_ms, life_ms, one);
    token_write(&key, merchant, now_ms, life_ms, two);
    assert_string_not_equal(one, two);
}

int main(void)
{
    secret_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_says_whose_it_is_for_its_lifetime),
        cmocka_unit_test(a_token_needs_no_escaping_and_has_the_claims_of_the_original),
        cmocka_unit_test(no_byte_of_a_token_can_be_changed),
        cmocka_unit_test(another_key_or_issuer_is_not_believed),
        cmocka_unit_test(only_our_own_header_is_read),
        cmocka_unit_test(two_tokens_of_one_second_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

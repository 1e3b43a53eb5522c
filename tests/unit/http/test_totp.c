#include "../dies.h"

#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "http/totp.h"

/* RFC 6238, appendix B: SHA-1 over "12345678901234567890", the last six of its eight digits. */
static const char rfc_secret[] = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

static void the_vectors_of_the_rfc_hold(void **state)
{
    static const struct {
        int64_t at_s;
        const char *code;
    } vectors[] = {{59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
                   {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"}};
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        char code[TOTP_DIGITS + 1];
        assert_true(totp_code(rfc_secret, vectors[i].at_s / 30, code));
        assert_string_equal(code, vectors[i].code);
    }
}

static void a_code_is_good_for_its_step_and_the_ones_beside_it(void **state)
{
    const int64_t step = 41152263, at_ms = step * TOTP_STEP_MS;
    char code[TOTP_DIGITS + 1];
    (void)state;
    assert_true(totp_code(rfc_secret, step, code));
    assert_int_equal(totp_match(rfc_secret, code, at_ms), step);
    assert_int_equal(totp_match(rfc_secret, code, at_ms + 2 * TOTP_STEP_MS - 1), step);
    assert_int_equal(totp_match(rfc_secret, code, at_ms - 1), step);
    assert_int_equal(totp_match(rfc_secret, code, at_ms + 2 * TOTP_STEP_MS), 0);
    assert_int_equal(totp_match(rfc_secret, code, at_ms - TOTP_STEP_MS - 1), 0);
    assert_int_equal(totp_match(rfc_secret, NULL, at_ms), 0);
    assert_int_equal(totp_match(rfc_secret, "", at_ms), 0);
    assert_int_equal(totp_match(rfc_secret, "00592", at_ms), 0);
    assert_int_equal(totp_match(rfc_secret, "0059244", at_ms), 0);
    assert_int_equal(totp_match("no secret", code, at_ms), 0);
}

static void a_secret_is_new_and_readable(void **state)
{
    char one[TOTP_TEXT_BYTES], other[TOTP_TEXT_BYTES], code[TOTP_DIGITS + 1];
    AUTO(buffer_free) struct buffer uri;
    (void)state;
    totp_make(one);
    totp_make(other);
    assert_string_not_equal(one, other);
    assert_true(totp_code(one, 1, code));
    buffer_init(&uri, 512);
    totp_uri(&uri, rfc_secret, "awa@example.com");
    assert_string_equal(buffer_text(&uri),
                        "otpauth://totp/payoutd:awa%40example.com?secret="
                        "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=payoutd&algorithm=SHA1&digits=6"
                        "&period=30");
}

int main(void)
{
    secret_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vectors_of_the_rfc_hold),
        cmocka_unit_test(a_code_is_good_for_its_step_and_the_ones_beside_it),
        cmocka_unit_test(a_secret_is_new_and_readable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "../dies.h"

#include <string.h>

#include "base/secret.h"

static void hex_is(const void *bytes, size_t length, const char *expected)
{
    char hex[129];
    assert_true(length <= 64);
    secret_hex(bytes, length, hex);
    assert_string_equal(hex, expected);
}

/* RFC 4231, cases 1, 2 and 6; FIPS 180-2. */
static void the_standards_own_examples_come_out(void **state)
{
    (void)state;
    uint8_t mac[SECRET_HMAC_BYTES], key[131];
    memset(key, 0x0b, 20);
    secret_hmac(key, 20, "Hi There", 8, mac);
    hex_is(mac, sizeof mac, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    secret_hmac("Jefe", 4, "what do ya want for nothing?", 28, mac);
    hex_is(mac, sizeof mac, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof key);
    secret_hmac(key, sizeof key, "Test Using Larger Than Block-Size Key - Hash Key First", 54, mac);
    hex_is(mac, sizeof mac, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    uint8_t hash[SECRET_HASH_BYTES];
    secret_sha256("abc", 3, hash);
    hex_is(hash, sizeof hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    secret_sha256("", 0, hash);
    hex_is(hash, sizeof hash, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void a_digest_in_pieces_is_the_digest(void **state)
{
    (void)state;
    char text[300];
    memset(text, 'q', sizeof text);
    uint8_t whole[SECRET_HASH_BYTES], pieces[SECRET_HASH_BYTES], copied[SECRET_HASH_BYTES];
    secret_sha256(text, sizeof text, whole);
    for (size_t cut = 0; cut <= sizeof text; cut += 13) {
        struct secret_digest digest;
        secret_digest_begin(&digest);
        secret_digest_add(&digest, text, cut);
        struct secret_digest copy = digest;
        secret_digest_add(&digest, text + cut, sizeof text - cut);
        secret_digest_end(&digest, pieces);
        assert_memory_equal(whole, pieces, sizeof whole);
        secret_digest_add(&copy, text + cut, sizeof text - cut);
        secret_digest_end(&copy, copied);
        assert_memory_equal(whole, copied, sizeof whole);
    }
}

static void equal_is_equal_in_every_byte(void **state)
{
    (void)state;
    uint8_t a[32] = {0}, b[32] = {0};
    assert_true(secret_equal(a, b, sizeof a));
    assert_true(secret_equal("x", "y", 0));
    for (size_t i = 0; i < sizeof a; i++) {
        b[i] ^= 0x80;
        assert_false(secret_equal(a, b, sizeof a));
        b[i] ^= 0x80;
    }
}

static void a_password_is_told_from_others(void **state)
{
    (void)state;
    char first[SECRET_PASSWORD_BYTES], second[SECRET_PASSWORD_BYTES];
    secret_password_hash("p\0w", 3, first);
    secret_password_hash("p\0w", 3, second);
    assert_string_not_equal(first, second); /* Salted. */
    assert_ptr_equal(strstr(first, "$argon2id$v=19$m=19456,t=2,p=1$"), first);
    assert_true(secret_password_matches(first, "p\0w", 3));
    assert_true(secret_password_matches(second, "p\0w", 3));
    assert_false(secret_password_matches(first, "p", 1));
    assert_false(secret_password_matches(first, "p\0x", 3));
    assert_false(secret_password_matches(first, "", 0));
    assert_false(secret_password_matches(NULL, "nobody", 6)); /* Not even the stand-in's own. */
    assert_false(secret_password_matches("", "p", 1));
    assert_false(secret_password_matches("no hash", "p", 1));
}

static void a_table_hash_is_one_for_one_text(void **state)
{
    (void)state;
    assert_int_equal(secret_table_hash("abc", 3), secret_table_hash("abc", 3));
    assert_true(secret_table_hash("abc", 3) != secret_table_hash("abd", 3));
    assert_true(secret_table_hash("abc", 3) != secret_table_hash("abc", 2));
}

static void what_is_wiped_is_gone(void **state)
{
    (void)state;
    char secret[8] = "secret!";
    secret_wipe(secret, sizeof secret);
    for (size_t i = 0; i < sizeof secret; i++)
        assert_int_equal(secret[i], 0);
    hex_is("\x00\x0f\xff", 3, "000fff");
    hex_is("", 0, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_standards_own_examples_come_out),
        cmocka_unit_test(a_digest_in_pieces_is_the_digest),
        cmocka_unit_test(equal_is_equal_in_every_byte),
        cmocka_unit_test(a_password_is_told_from_others),
        cmocka_unit_test(a_table_hash_is_one_for_one_text),
        cmocka_unit_test(what_is_wiped_is_gone),
    };
    secret_init();
    secret_init(); /* Twice is once. */
    return cmocka_run_group_tests_name("base/secret", tests, NULL, NULL);
}

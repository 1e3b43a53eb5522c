#include "given.h"

#include "base/secret.h"
#include "wire/link.h"

static const struct link whole = {.merchant = 9999999999,
                                  .lot = INT64_C(1795639200000001),
                                  .number = 255,
                                  .expires_at_ms = INT64_C(1795898400123),
                                  .hash = "0123456789abcde"};

static struct link_key key_of(const char *text)
{
    struct link_key key;
    link_key_make(text, strlen(text), &key);
    return key;
}

static void a_link_reads_back_as_it_was(void **state)
{
    (void)state;
    struct link_key key = key_of("a key of tokens, 32 bytes or more");
    char text[LINK_TEXT_BYTES];
    struct link read;
    memset(&read, 0, sizeof read);
    link_write(&key, &whole, text);
    assert_int_equal(strlen(text), LINK_TEXT_BYTES - 1);
    assert_int_equal(
        strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"),
        LINK_TEXT_BYTES - 1);
    assert_true(link_read(&key, text, &read));
    assert_int_equal(read.merchant, whole.merchant);
    assert_int_equal(read.lot, whole.lot);
    assert_int_equal(read.number, whole.number);
    assert_int_equal(read.expires_at_ms, whole.expires_at_ms);
    assert_memory_equal(read.hash, whole.hash, LINK_HASH_BYTES);
}

static void a_link_is_the_hmac_that_is_written_down(void **state)
{
    (void)state;
    /* Computed with Python's hmac and base64. */
    struct link_key key = key_of("a key of tokens, 32 bytes or more");
    char text[LINK_TEXT_BYTES];
    link_write(&key, &whole, text);
    assert_string_equal(text, "AQJUC-P_AAZhH9SpKAH_AaIj4t17MDEyMzQ1Njc4OWFiY2"
                              "RlAOhYjhmxOOHNdiKP_lLDAhMRPkUhxcPdUktVr-YHj8Vc");
    char proof[LINK_PROOF_BYTES];
    link_proof(&key, text, proof);
    assert_string_equal(proof, "u7VWmYb8FddTQp-IV7h8F95bVZ3f6yrSMhg4_qAnn1Y");
}

static void no_other_character_makes_the_same_link(void **state)
{
    (void)state;
    static const char alphabet[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_+/=. %";
    struct link_key key = key_of("a key of tokens, 32 bytes or more");
    char text[LINK_TEXT_BYTES];
    struct link read = {.number = 77};
    link_write(&key, &whole, text);
    for (size_t at = 0; at < LINK_TEXT_BYTES - 1; at++)
        for (const char *other = alphabet; *other != '\0'; other++) {
            char right = text[at];
            if (*other == right)
                continue;
            text[at] = *other;
            assert_false(link_read(&key, text, &read));
            text[at] = right;
        }
    assert_int_equal(read.number, 77);
}

static void what_is_cut_or_longer_is_no_link(void **state)
{
    (void)state;
    struct link_key key = key_of("a key of tokens, 32 bytes or more");
    char text[LINK_TEXT_BYTES + 4];
    struct link read;
    link_write(&key, &whole, text);
    memcpy(text + LINK_TEXT_BYTES - 1, "AAA", 4);
    for (size_t length = 0; length < LINK_TEXT_BYTES + 3; length++) {
        char cut[LINK_TEXT_BYTES + 4] = "";
        memcpy(cut, text, length);
        assert_int_equal(link_read(&key, cut, &read), length == LINK_TEXT_BYTES - 1);
    }
    assert_false(link_read(&key, "", &read));
    assert_false(link_read(&key, "\xff\xfe", &read));
}

static void another_key_signs_another_link(void **state)
{
    (void)state;
    struct link_key key = key_of("a key of tokens, 32 bytes or more");
    struct link_key other = key_of("A key of tokens, 32 bytes or more");
    char text[LINK_TEXT_BYTES], proof[LINK_PROOF_BYTES];
    struct link read;
    link_write(&key, &whole, text);
    assert_false(link_read(&other, text, &read));
    link_proof(&key, text, proof);
    assert_true(link_proof_matches(&key, text, proof));
    assert_false(link_proof_matches(&other, text, proof));
}

static void a_proof_is_of_one_link(void **state)
{
    (void)state;
    struct link_key key = key_of("a key of tokens, 32 bytes or more");
    struct link next = whole;
    char text[LINK_TEXT_BYTES], next_text[LINK_TEXT_BYTES], proof[LINK_PROOF_BYTES];
    next.number = 1;
    link_write(&key, &whole, text);
    link_write(&key, &next, next_text);
    link_proof(&key, text, proof);
    assert_false(link_proof_matches(&key, next_text, proof));
    assert_false(link_proof_matches(&key, text, NULL));
    assert_false(link_proof_matches(&key, text, ""));
    proof[LINK_PROOF_BYTES - 2] = '\0';
    assert_false(link_proof_matches(&key, text, proof));
}

int main(void)
{
    secret_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_link_reads_back_as_it_was),
        cmocka_unit_test(a_link_is_the_hmac_that_is_written_down),
        cmocka_unit_test(no_other_character_makes_the_same_link),
        cmocka_unit_test(what_is_cut_or_longer_is_no_link),
        cmocka_unit_test(another_key_signs_another_link),
        cmocka_unit_test(a_proof_is_of_one_link),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

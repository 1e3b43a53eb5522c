#include "../dies.h"

#include <string.h>

#include "base/secret.h"
#include "base/vault.h"

#define KEY_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define KEY_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
static const struct vault_place place = {"merchant", 12, "secret_key"};
static const char secret[] = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

enum { TEXT_BYTES = VAULT_TEXT_BYTES(VAULT_SECRET_MAX) };

static struct vault *vault_of(const char *content)
{
    struct fault fault = {0};
    struct vault *vault = vault_make(content, &fault);
    assert_non_null(vault);
    return vault;
}

static void opens(const struct vault *vault, struct vault_place where, const char *text,
                  const char *expected)
{
    struct fault fault = {0};
    char opened[VAULT_SECRET_MAX + 1];
    assert_int_equal(vault_open(vault, where, text, opened, sizeof opened, &fault), FAULT_NONE);
    assert_string_equal(opened, expected);
}

static void does_not_open(const struct vault *vault, struct vault_place where, const char *text,
                          const char *because)
{
    struct fault fault = {0};
    char opened[VAULT_SECRET_MAX + 1] = "what was here before";
    assert_int_equal(vault_open(vault, where, text, opened, sizeof opened, &fault), FAULT_FINAL);
    assert_string_equal(opened, "");
    assert_non_null(strstr(fault.text, because));
    assert_null(strstr(fault.text, "whsec_"));
}

static void what_is_sealed_opens_and_does_not_show(void **state)
{
    (void)state;
    AUTO(vault_closep) struct vault *vault = vault_of(KEY_A "\n");
    char first[TEXT_BYTES], second[TEXT_BYTES], longest[VAULT_SECRET_MAX + 1];
    vault_seal(vault, place, secret, first, sizeof first);
    vault_seal(vault, place, secret, second, sizeof second);
    assert_int_equal(strlen(first) + 1, VAULT_TEXT_BYTES(strlen(secret)));
    assert_string_not_equal(first, second);
    assert_null(strstr(first, secret));
    assert_true(vault_sealed(first) && vault_current(vault, first));
    assert_int_equal(strncmp(first + 3, vault_id(vault), VAULT_ID_BYTES - 1), 0);
    opens(vault, place, first, secret);
    opens(vault, place, second, secret);
    memset(longest, 'x', VAULT_SECRET_MAX);
    longest[VAULT_SECRET_MAX] = '\0';
    vault_seal(vault, place, longest, first, sizeof first);
    opens(vault, place, first, longest);
    vault_seal(vault, place, "", first, sizeof first);
    assert_string_equal(first, "");
    opens(vault, place, "", "");
}

static void a_place_is_a_part_of_it(void **state)
{
    (void)state;
    AUTO(vault_closep) struct vault *vault = vault_of(KEY_A);
    char text[TEXT_BYTES];
    vault_seal(vault, place, secret, text, sizeof text);
    const struct vault_place others[] = {{"merchant", 13, "secret_key"},
                                         {"merchant", 1, "2/secret_key"},
                                         {"merchant", 12, "secret"},
                                         {"user", 12, "secret_key"}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        does_not_open(vault, others[i], text, "another place");
}

static void every_changed_character_is_noticed(void **state)
{
    (void)state;
    AUTO(vault_closep) struct vault *vault = vault_of(KEY_A);
    char text[TEXT_BYTES];
    vault_seal(vault, place, secret, text, sizeof text);
    size_t length = strlen(text);
    for (size_t i = 0; i < length; i++) {
        char kept = text[i];
        text[i] = kept == 'A' ? 'B' : 'A';
        does_not_open(vault, place, text, "open merchant/12/secret_key: ");
        text[i] = kept;
    }
    while (--length > 0) { /* Cut off at every place. */
        text[length] = '\0';
        does_not_open(vault, place, text, "open merchant/12/secret_key: ");
    }
    does_not_open(vault, place, secret, "it is not sealed");
    memset(text, 'A', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    (void)snprintf(text, sizeof text, "v1:%s:", vault_id(vault));
    text[strlen(text)] = 'A'; /* Longer than any. */
    does_not_open(vault, place, text, "damaged");
}

static void an_older_key_opens_and_the_first_seals(void **state)
{
    (void)state;
    AUTO(vault_closep) struct vault *old = vault_of(KEY_A);
    AUTO(vault_closep) struct vault *both = vault_of("# new\r\n" KEY_B "\r\n\n# old\n" KEY_A "\n");
    AUTO(vault_closep) struct vault *new = vault_of(KEY_B);
    char of_old[TEXT_BYTES], of_both[TEXT_BYTES];
    vault_seal(old, place, secret, of_old, sizeof of_old);
    vault_seal(both, place, secret, of_both, sizeof of_both);
    opens(both, place, of_old, secret);
    assert_true(vault_current(old, of_old) && vault_sealed(of_old));
    assert_false(vault_current(both, of_old));
    assert_true(vault_current(both, of_both));
    opens(new, place, of_both, secret);
    char because[64];
    (void)snprintf(because, sizeof because, "sealed under the key %s, which is not there",
                   vault_id(old));
    does_not_open(new, place, of_old, because);
    assert_string_equal(vault_id(both), vault_id(new));
}

static void without_a_vault_nothing_is_sealed(void **state)
{
    (void)state;
    AUTO(vault_closep) struct vault *vault = vault_of(KEY_A);
    char text[TEXT_BYTES], opened[TEXT_BYTES];
    struct fault fault;
    vault_seal(NULL, place, secret, text, sizeof text);
    assert_string_equal(text, secret);
    opens(NULL, place, secret, secret);
    assert_true(vault_current(NULL, secret) && vault_current(NULL, ""));
    assert_false(vault_current(vault, secret));
    /* What was stored so is sealed once, when a key came; not silently ever after. */
    assert_int_equal(vault_open_old(vault, place, secret, opened, sizeof opened, &fault),
                     FAULT_NONE);
    assert_string_equal(opened, secret);
    vault_seal(vault, place, secret, text, sizeof text);
    assert_int_equal(vault_open_old(vault, place, text, opened, sizeof opened, &fault), FAULT_NONE);
    assert_string_equal(opened, secret);
    does_not_open(NULL, place, text, "there is no key to open it");
    assert_false(vault_current(NULL, text));
}

static void a_secret_too_long_for_its_place_is_refused(void **state)
{
    (void)state;
    AUTO(vault_closep) struct vault *vault = vault_of(KEY_A);
    char text[TEXT_BYTES], small[4], enough[5];
    struct fault fault;
    vault_seal(vault, place, "four", text, sizeof text);
    assert_int_equal(vault_open(vault, place, text, enough, sizeof enough, &fault), FAULT_NONE);
    assert_int_equal(vault_open(vault, place, text, small, sizeof small, &fault), FAULT_FINAL);
    assert_string_equal(small, "");
    assert_int_equal(vault_open(NULL, place, "four", small, sizeof small, &fault), FAULT_FINAL);
}

static void a_key_file_that_is_none_is_refused(void **state)
{
    (void)state;
    const struct {
        const char *content, *because;
    } cases[] = {
        {"", "no key"},
        {"# only words\n\n", "no key"},
        {"short", "line 1: a key has"},
        {KEY_A "\n" KEY_B "\n" KEY_A, "line 3: this key was there"},
        {"\n" KEY_A " " KEY_B, "line 2: a key is one line without blanks"},
        {KEY_A KEY_A KEY_A KEY_A, "line 1: a key has"},
        {"1" KEY_A "\n2" KEY_A "\n3" KEY_A "\n4" KEY_A "\n5" KEY_A "\n6" KEY_A "\n7" KEY_A
         "\n8" KEY_A "\n9" KEY_A,
         "line 9: there are more than 8 keys"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fault fault = {0};
        assert_null(vault_make(cases[i].content, &fault));
        assert_int_equal(fault.kind, FAULT_FINAL);
        assert_non_null(strstr(fault.text, cases[i].because));
        assert_null(strstr(fault.text, "aaaa"));
    }
    vault_close(NULL);
    assert_string_equal(vault_id(NULL), "");
}

static void seal_too_long(void *context)
{
    char text[TEXT_BYTES], longer[VAULT_SECRET_MAX + 2];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    vault_seal(context, place, longer, text, sizeof text);
}

static void seal_into_too_little(void *context)
{
    char text[VAULT_TEXT_BYTES(4) - 1];
    vault_seal(context, place, "four", text, sizeof text);
}

static void what_does_not_fit_is_our_mistake(void **state)
{
    (void)state;
    AUTO(vault_closep) struct vault *vault = vault_of(KEY_A);
    assert_dies(seal_too_long, vault);
    assert_dies(seal_into_too_little, vault);
}

/* The form is a promise to every store that there is: this text was sealed by the first version. */
static void what_the_first_version_sealed_opens(void **state)
{
    (void)state;
    AUTO(vault_closep) struct vault *vault = vault_of(KEY_A);
    opens(vault, place,
          "v1:1ee98932:kwtRH2gOTYjffL61uvfluwYi1XmgXYPoGNJr_vCKEpWl3AW-si_SKSjQNj6lkta40kyr09_"
          "SyJgAuulWDqmgRssqXqEtfDlwPOG9zf6p",
          secret);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_sealed_opens_and_does_not_show),
        cmocka_unit_test(a_place_is_a_part_of_it),
        cmocka_unit_test(every_changed_character_is_noticed),
        cmocka_unit_test(an_older_key_opens_and_the_first_seals),
        cmocka_unit_test(without_a_vault_nothing_is_sealed),
        cmocka_unit_test(a_secret_too_long_for_its_place_is_refused),
        cmocka_unit_test(a_key_file_that_is_none_is_refused),
        cmocka_unit_test(what_does_not_fit_is_our_mistake),
        cmocka_unit_test(what_the_first_version_sealed_opens),
    };
    secret_init();
    return cmocka_run_group_tests_name("base/vault", tests, NULL, NULL);
}

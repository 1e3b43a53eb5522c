#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "money/number.h"

static void reads(const char *prefix, const char *phone, const char *national, int64_t msisdn)
{
    struct number number;
    if (number_read(prefix, phone, &number) != PAYOUT_OK)
        fail_msg("(%s) %s should be %s", prefix, phone, national);
    if (strcmp(number.national, national) != 0)
        fail_msg("(%s) %s is %s, not %s", prefix, phone, number.national, national);
    assert_int_equal(number.msisdn, msisdn);
}

static void refuses(const char *prefix, const char *phone)
{
    struct number number = {.msisdn = -1}, before = number;
    if (number_read(prefix, phone, &number) != PAYOUT_INVALID_PHONE)
        fail_msg("(%s) %s should be refused, and is %s", prefix, phone, number.national);
    assert_memory_equal(&number, &before, sizeof number);
}

/* --- Cleaning --- */

static void one_number_in_all_its_spellings_is_one_number(void **state)
{
    (void)state;
    static const char *const phones[] = {
        "0707895086",
        "07 07 89 50 86",
        "07.07.89.50.86",
        "07-07-89-50-86",
        "(07) 07 89 50 86",
        "+2250707895086",
        "+225 07.07-89 50 86",
        "+ 225 0707895086",
        "(+225) 07 07 89 50 86",
        "002250707895086",
        "00 225 07 07 89 50 86",
        "2250707895086",
        "225-07-07-89-50-86",
        "\t0707895086\r\n",
        "07\xc2\xa0"
        "07\xc2\xa0"
        "89 50 86",
        "\xe2\x80\xaa+225 07 07 89 50 86\xe2\x80\xac",
        "07\xe2\x80\x91"
        "07\xe2\x80\x93"
        "895086",
        /* The old plan, with and without the country. */
        "07895086",
        "07 89 50 86",
        "+22507895086",
        "0022507895086",
        "22507895086",
    };
    static const char *const prefixes[] = {"225",   "+225",  "00225", " 225 ",
                                           "(225)", "+ 225", "2-25"};
    for (size_t i = 0; i < sizeof phones / sizeof *phones; i++)
        for (size_t j = 0; j < sizeof prefixes / sizeof *prefixes; j++)
            reads(prefixes[j], phones[i], "0707895086", INT64_C(2250707895086));
}

static void what_is_no_number_is_refused(void **state)
{
    (void)state;
    static const char *const phones[] = {
        "",
        " ",
        "+",
        "00",
        "++2250707895086",
        "+00225070789508",
        "07078950866",
        "070789508",
        "0707895o86",
        "07/07895086",
        "0707895086x",
        "07+07895086",
        "0707895086+",
        "tel:0707895086",
        "+2210707895086",
        "002210707895086",
        "+0707895086",
        "000707895086",
        "225",
        "225225",
        "2252250707895086",
        "٠٧٠٧٨٩٥٠٨٦",
        "\xff",
        "07\xc2",
        "\xe2\x80",
        "99999999999999999999999",
        "1234567890",
        "9707895086",
        "77000000x",
    };
    for (size_t i = 0; i < sizeof phones / sizeof *phones; i++)
        refuses("225", phones[i]);
    refuses("225", NULL);
    char longest[400];
    memset(longest, ' ', sizeof longest);
    memcpy(longest, "0707895086", 10);
    longest[299] = '\0';
    reads("225", longest, "0707895086", INT64_C(2250707895086));
    longest[299] = ' ';
    longest[300] = '\0';
    refuses("225", longest);
}

static void a_prefix_that_is_no_country_is_refused(void **state)
{
    (void)state;
    static const char *const prefixes[] = {"",   "+",   "00",     "22",   "2255", "999",
                                           "CI", "+33", "225225", "0225", "225a"};
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        refuses(prefixes[i], "0707895086");
    refuses(NULL, "0707895086");
    refuses(NULL, "+2250707895086");  /* It names its country itself; the client named none. */
    refuses("221", "+2250707895086"); /* And here it named another. */
}

/* Togo's landlines begin with 22, Mali's with 2: what looks like the prefix is the number. */
static void a_whole_number_keeps_digits_that_look_like_its_prefix(void **state)
{
    (void)state;
    reads("228", "22812345", "22812345", INT64_C(22822812345));
    reads("228", "22822812345", "22812345", INT64_C(22822812345));
    reads("228", "+22822812345", "22812345", INT64_C(22822812345));
    reads("223", "22345678", "22345678", INT64_C(22322345678));
    reads("225", "2252123456", "2252123456", INT64_C(2252252123456));
    refuses("228", "+22812345"); /* With a plus, the prefix is said to be there. */
    refuses("228", "0022812345");
}

/* --- Old plans --- */

static void old_ivorian_numbers_are_carried_by_their_first_two_digits(void **state)
{
    (void)state;
    static const char *const operators[][2] = {
        {"01", "01 02 03 40 41 42 43 50 51 52 53 70 71 72 73"},
        {"05", "04 05 06 44 45 46 54 55 56 64 65 66 74 75 76 84 85 86 94 95 96"},
        {"07", "07 08 09 47 48 49 57 58 59 67 68 69 77 78 79 87 88 89 97 98 99"},
    };
    char front[100] = "";
    for (size_t i = 0; i < 3; i++)
        for (const char *pair = operators[i][1]; strlen(pair) >= 2; pair += pair[2] == '\0' ? 2 : 3)
            front[(pair[0] - '0') * 10 + pair[1] - '0'] = operators[i][0][1];
    size_t carried = 0;
    for (int first = 0; first < 100; first++) {
        char old[16], now[24];
        (void)snprintf(old, sizeof old, "%02d123456", first);
        (void)snprintf(now, sizeof now, "0%c%02d123456", front[first], first);
        if (front[first] == '\0') {
            refuses("225", old);
            continue;
        }
        int64_t msisdn = 0;
        assert_int_equal(sscanf(now, "%" SCNd64, &msisdn), 1);
        reads("225", old, now, INT64_C(2250000000000) + msisdn);
        carried++;
    }
    assert_int_equal(carried, 15 + 21 + 21);
    reads("225", "53798590", "0153798590", INT64_C(2250153798590)); /* The original's own three. */
    reads("225", "77895086", "0777895086", INT64_C(2250777895086));
    reads("225", "07895086", "0707895086", INT64_C(2250707895086));
}

static void old_beninese_numbers_get_01_in_front(void **state)
{
    (void)state;
    reads("229", "97123456", "0197123456", INT64_C(2290197123456));
    reads("229", "+229 97 12 34 56", "0197123456", INT64_C(2290197123456));
    reads("229", "0197123456", "0197123456", INT64_C(2290197123456));
    refuses("229", "9712345678");
}

static void other_countries_have_one_plan(void **state)
{
    (void)state;
    reads("221", "771234567", "771234567", INT64_C(221771234567));
    refuses("221", "71234567");
    reads("237", "699123456", "699123456", INT64_C(237699123456));
    refuses("226", "+22600123456"); /* Read again without its prefix, it would lead abroad. */
    refuses("237", "99123456");     /* Cameroon's 8 digits of before 2014 are not carried. */
    reads("243", "810000000", "810000000", INT64_C(243810000000));
    refuses("243", "0810000000");
}

/* --- Properties, over random input from one seed --- */

static uint64_t seed;
static uint32_t draw(uint32_t limit)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(seed >> 33) % limit;
}

static void cleaning_twice_is_cleaning_once(void **state)
{
    (void)state;
    static const char alphabet[] = "00000122234567890123456789 .-()+\xc2\xa0x";
    size_t count, read = 0;
    const struct country *countries = tariff_countries(&count);
    seed = 20181025;
    for (int round = 0; round < 200000; round++) {
        const struct country *country = &countries[draw((uint32_t)count)];
        char phone[40] = "";
        size_t length = 0;
        if (draw(2) == 0)
            length = (size_t)snprintf(phone, sizeof phone, "%s%s",
                                      (const char *[]){"", "+", "00"}[draw(3)], country->prefix);
        size_t wanted = length + 6 + draw(7);
        while (length < wanted)
            phone[length++] = alphabet[draw(draw(8) == 0 ? sizeof alphabet - 1 : 26)];
        phone[length] = '\0';
        struct number number, again;
        if (number_read(country->prefix, phone, &number) != PAYOUT_OK)
            continue;
        read++;
        assert_ptr_equal(number.country, country);
        assert_int_equal(strspn(number.national, "0123456789"), country->digits);
        assert_int_equal(strlen(number.national), country->digits);
        char whole[NUMBER_TEXT_BYTES * 2], e164[NUMBER_TEXT_BYTES];
        (void)snprintf(whole, sizeof whole, "+%s%s", country->prefix, number.national);
        number_e164_text(number.msisdn, e164);
        assert_string_equal(e164, whole);
        const char *const spellings[] = {number.national, e164, e164 + 1};
        for (size_t i = 0; i < 3; i++) {
            assert_int_equal(number_read(country->prefix, spellings[i], &again), PAYOUT_OK);
            assert_string_equal(again.national, number.national);
            assert_int_equal(again.msisdn, number.msisdn);
        }
    }
    assert_true(read > 20000); /* The property was asked of something. */
}

static void any_bytes_are_refused_or_read(void **state)
{
    (void)state;
    seed = 1;
    for (int round = 0; round < 200000; round++) {
        char phone[24], prefix[8];
        for (size_t i = 0; i < sizeof phone; i++)
            phone[i] = (char)draw(256);
        for (size_t i = 0; i < sizeof prefix; i++)
            prefix[i] = (char)draw(256);
        phone[draw(sizeof phone)] = '\0';
        prefix[sizeof prefix - 1] = '\0';
        struct number number;
        enum payout_code code = number_read(draw(2) == 0 ? "225" : prefix, phone, &number);
        assert_true(code == PAYOUT_OK || code == PAYOUT_INVALID_PHONE);
    }
}

/* --- Operators --- */

static enum payout_code serves(const char *prefix, const char *phone, const char *method,
                               const char **name)
{
    struct number number;
    assert_int_equal(number_read(prefix, phone, &number), PAYOUT_OK);
    const struct operator_entry *entry = NULL;
    enum payout_code code = number_operator(&number, method, &entry);
    assert_true((code == PAYOUT_OK) == (entry != NULL));
    *name = entry == NULL ? NULL : entry->payment_method;
    return code;
}

static void the_operator_is_the_numbers_or_the_named_one(void **state)
{
    (void)state;
    static const struct {
        const char *prefix, *phone, *method;
        enum payout_code code;
        const char *served;
    } cases[] = {
        {"225", "0707895086", NULL, PAYOUT_OK, "OM"},
        {"225", "0707895086", "", PAYOUT_OK, "OM"},
        {"225", "0507895086", NULL, PAYOUT_OK, "MOMO"},
        {"225", "0107895086", NULL, PAYOUT_OK, "FLOOZ"},
        {"225", "2721000000", NULL, PAYOUT_OPERATOR_NOT_AVAILABLE, NULL},
        {"225", "0707895086", "OM", PAYOUT_OK, "OM"},
        {"225", "0707895086", "om", PAYOUT_OK, "OM"},
        {"225", "0707895086", "WAVECI", PAYOUT_OK, "WAVECI"},
        {"225", "0507895086", "WAVECI", PAYOUT_OK, "WAVECI"},
        {"225", "0707895086", "MOMO", PAYOUT_INVALID_PAYMENT_METHOD, NULL},
        {"225", "0707895086", "OMSN", PAYOUT_INVALID_PAYMENT_METHOD, NULL},
        {"225", "0707895086", "CASH", PAYOUT_INVALID_PAYMENT_METHOD, NULL},
        {"221", "771234567", NULL, PAYOUT_OK, "OMSN"},
        {"221", "761234567", NULL, PAYOUT_OK, "FREESN"},
        {"221", "701234567", NULL, PAYOUT_OPERATOR_NOT_AVAILABLE, NULL},
        {"221", "701234567", "WAVESN", PAYOUT_OK, "WAVESN"},
        {"237", "650123456", NULL, PAYOUT_OK, "MTNCM"},
        {"237", "655123456", NULL, PAYOUT_OK, "OMCM"},
        {"223", "79123456", NULL, PAYOUT_OK, "OMML"},
        {"229", "97123456", NULL, PAYOUT_OK, "MTNBJ"},
        {"229", "0195123456", NULL, PAYOUT_OK, "MOOVBJ"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *name;
        enum payout_code code = serves(cases[i].prefix, cases[i].phone, cases[i].method, &name);
        assert_int_equal(code, cases[i].code);
        assert_true(cases[i].served == NULL || strcmp(name, cases[i].served) == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_number_in_all_its_spellings_is_one_number),
        cmocka_unit_test(what_is_no_number_is_refused),
        cmocka_unit_test(a_prefix_that_is_no_country_is_refused),
        cmocka_unit_test(a_whole_number_keeps_digits_that_look_like_its_prefix),
        cmocka_unit_test(old_ivorian_numbers_are_carried_by_their_first_two_digits),
        cmocka_unit_test(old_beninese_numbers_get_01_in_front),
        cmocka_unit_test(other_countries_have_one_plan),
        cmocka_unit_test(cleaning_twice_is_cleaning_once),
        cmocka_unit_test(any_bytes_are_refused_or_read),
        cmocka_unit_test(the_operator_is_the_numbers_or_the_named_one),
    };
    return cmocka_run_group_tests_name("money/number", tests, NULL, NULL);
}

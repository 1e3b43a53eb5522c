#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/name.h"

/* The words of name with blanks between them. */
static const char *folded(const char *name)
{
    static char text[2 * NAME_BYTES_MAX];
    static struct name_words words;
    size_t letters = 0;
    name_fold(name, strlen(name), &words);
    text[0] = '\0';
    for (size_t i = 0; i < words.count; i++) {
        assert_int_equal(strlen(words.words[i]), words.lengths[i]);
        letters += words.lengths[i];
        if (i > 0)
            strncat(text, " ", sizeof text - strlen(text) - 1);
        strncat(text, words.words[i], sizeof text - strlen(text) - 1);
    }
    assert_int_equal(letters, words.letters);
    return text;
}

static void names_become_words_without_accents(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"Mamadou DIALLO", "mamadou diallo"},
        {"  N'Guessan   Koné-Aya ", "nguessan kone aya"},
        {"N’Guessan", "nguessan"},
        {"Nʼdiaye", "ndiaye"},
        {"Éléonore Ñandú Çelik", "eleonore nandu celik"},
        {"Straße Łódź Ægir Œuvre Þór", "strasse lodz aegir oeuvre thor"},
        {"Ɓalde Ɗiallo Ɛba Ɔla Ŋom Ɲama Ƴero Ƙano", "balde diallo eba ola nom nama yero kano"},
        {"e\xCC\x81mile", "emile"}, /* A combining accent. */
        {"Nguyễn Thị Ẹbùn", "nguyen thi ebun"},
        {"ＤＩＡＬＬＯ", "diallo"},           /* Full width. */
        {"M\xD0\xB0mad\xD0\xBEu", "mamadou"}, /* Cyrillic a and o. */
        {"Dia\xE2\x80\x8Bllo", "diallo"},     /* A blank without width. */
        {"Dia\xC2\xADllo", "diallo"},         /* A soft hyphen. */
        {"Jean\xE2\x80\x91"
         "Claude",
         "jean claude"},
        {"J.P. Kouassi, 3e", "j p kouassi 3e"},
        {"محمد علي", "محمد علي"},
        {"مُحَمَّد", "محمد"},
        {"a\xFF"
         "b\xC3",
         "a b"}, /* No UTF-8. */
        {"\xC0\xAF\xED\xA0\x80", ""},
        {"--- '' ...", ""},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(folded(cases[i][0]), cases[i][1]);
}

static void what_is_too_much_is_cut_and_said(void **state)
{
    (void)state;
    struct name_words words;
    char long_name[2 * NAME_BYTES_MAX];
    memset(long_name, 'a', sizeof long_name);
    name_fold(long_name, 300, &words);
    assert_int_equal(words.count, 1);
    assert_int_equal(words.lengths[0], NAME_WORD_BYTES_MAX);
    assert_false(words.overflowing);
    name_fold(long_name, sizeof long_name, &words);
    assert_true(words.overflowing);
    for (size_t i = 1; i < sizeof long_name; i += 2)
        long_name[i] = ' ';
    name_fold(long_name, 2 * NAME_WORDS_MAX, &words);
    assert_int_equal(words.count, NAME_WORDS_MAX);
    assert_false(words.overflowing);
    name_fold(long_name, 2 * NAME_WORDS_MAX + 1, &words);
    assert_int_equal(words.count, NAME_WORDS_MAX);
    assert_true(words.overflowing);
}

static int distance(const char *a, const char *b, int limit)
{
    int there = name_distance(a, strlen(a), b, strlen(b), limit);
    assert_int_equal(there, name_distance(b, strlen(b), a, strlen(a), limit));
    return there;
}

static void letters_that_differ_are_counted_up_to_the_limit(void **state)
{
    (void)state;
    assert_int_equal(distance("diallo", "diallo", 2), 0);
    assert_int_equal(distance("diallo", "dialo", 2), 1);
    assert_int_equal(distance("diallo", "dialol", 2), 1); /* Swapped. */
    assert_int_equal(distance("diallo", "dyallo", 2), 1);
    assert_int_equal(distance("abdoulaye", "abdulaye", 2), 1);
    assert_int_equal(distance("mamadou", "mahamadou", 2), 2);
    assert_int_equal(distance("mamadou", "mahamadou", 1), 2);
    assert_int_equal(distance("abcdef", "ghijkl", 2), 3);
    assert_int_equal(distance("", "ab", 2), 2);
    assert_int_equal(distance("", "", 0), 0);
    assert_int_equal(distance("a", "b", 0), 1);
}

static void only_utf8_is_valid_text(void **state)
{
    (void)state;
    static const char *const bad[] = {"\xFF",     "\xC0\x80",         "\xED\xA0\x80",
                                      "\xE2\x82", "\xF4\x90\x80\x80", "\xF0\x80\x80\x80",
                                      "\x80"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(name_text_valid(bad[i], strlen(bad[i])));
    assert_true(name_text_valid("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", 10));
    assert_true(name_text_valid("", 0));
}

static void how_like_two_names_are_is_the_same_both_ways(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        int least, most;
    } rows[] = {
        {"Awa Koné", "KONE AWA", 100, 100},
        {"Jean-Claude N'Guessan", "NGUESSAN JEANCLAUDE", 100, 100},
        {"Awa Koné", "Awa Marie Koné", 90, 99},
        {"Awa Kone", "Awa Konné", 80, 99},
        {"Awa Koné", "Moussa Traoré", 0, 0},
        {"Awa Koné", "Awa Traoré", 0, 0}, /* One of two words says little. */
        {"Awa", "Awa Koné", 1, 60},
        {"", "Awa Koné", 0, 0},
        {"", "", 0, 0},
        {"***", "Awa Koné", 0, 0},
        {"\xff\xfe", "\xff\xfe", 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int likeness = name_likeness(rows[i].a, rows[i].b);
        assert_true(likeness >= rows[i].least && likeness <= rows[i].most);
        assert_int_equal(name_likeness(rows[i].b, rows[i].a), likeness);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_become_words_without_accents),
        cmocka_unit_test(what_is_too_much_is_cut_and_said),
        cmocka_unit_test(letters_that_differ_are_counted_up_to_the_limit),
        cmocka_unit_test(only_utf8_is_valid_text),
        cmocka_unit_test(how_like_two_names_are_is_the_same_both_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

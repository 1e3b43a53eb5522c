#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/secret.h"
#include "screening/list.h"

static const char people[] =
    "\xEF\xBB\xBFid,name,aliases,country,born\r\n"
    "# entries: 6\n"
    "\n"
    "S1,Mamadou Saliou DIALLO,\"Modi Diallo; Le Vieux, dit \"\"Kaba\"\"\",GN,1961\r\n"
    "S2,N'Guessan Koffi,,CI\n"
    "S3,Jeanclaude Kouassi\n"
    "S4,El Hadj Oumar Tall,;;,SN,\n"
    "S5,Aboubacar Konaté,Boubacar Konate\n"
    "S6,Zorro";

static struct name_list *list_of(const char *text)
{
    struct name_list *list = NULL;
    struct fault fault = {0};
    if (name_list_read(text, strlen(text), &list, &fault) != FAULT_NONE)
        fail_msg("%s", fault.text);
    return list;
}

static struct name_match found(struct name_list *list, const char *name)
{
    struct name_match match;
    struct name_words words;
    name_fold(name, strlen(name), &words);
    name_list_find(list, &words, &match);
    return match;
}

static void a_list_is_read_as_it_is_written(void **state)
{
    (void)state;
    struct name_list *list = list_of(people);
    assert_int_equal(name_list_count(list), 6);
    assert_int_equal(strlen(name_list_version(list)), strlen("sha256:0123456789abcdef"));
    struct name_match match = found(list, "kaba le vieux dit");
    assert_int_equal(match.score, 100);
    assert_string_equal(match.id, "S1");
    assert_string_equal(match.name, "Mamadou Saliou DIALLO");
    assert_string_equal(match.spelled, " Le Vieux, dit \"Kaba\"");
    assert_string_equal(match.country, "GN");
    assert_string_equal(match.born, "1961");
    name_list_close(list);
}

static void names_are_found_however_they_are_written(void **state)
{
    (void)state;
    static const struct {
        const char *name, *id;
        int least, most;
    } cases[] = {
        {"DIALLO Mamadou Saliou", "S1", 100, 100},
        {"Diallo Mamadou", "S1", 98, 98}, /* One word less. */
        {"Diallo-Mamadou saliou", "S1", 100, 100},
        {"Dialo Mamadou", "S1", 85, 95},   /* One letter less. */
        {"Dailло Mamadou", "S1", 0, 0},    /* Other letters. */
        {"Diallo Mahamadou", "S1", 0, 84}, /* That is another name. */
        {"Fatou Diallo", "S1", 0, 0},      /* One word is not enough. */
        {"Diallo", "S1", 0, 84},
        {"Nguessan Koffi", "S2", 100, 100},
        {"N Guessan Koffi", "S2", 100, 100},
        {"N’Guéssan KOFFI", "S2", 100, 100},
        {"Koffi Nguesan", "S2", 85, 95},
        {"Jean-Claude Kouassi", "S3", 100, 100},
        {"Kouassi Jean Claude", "S3", 100, 100},
        {"Oumar Tall Elhadj", "S4", 100, 100},
        {"Omar Tall", "S4", 80, 95},
        {"Aboubakar Konate", "S5", 90, 99},
        {"zorro", "S6", 100, 100},
        {"Zorro Diego", "S6", 0, 60},
        {"Awa Traoré", NULL, 0, 0},
        {"", NULL, 0, 0},
    };
    struct name_list *list = list_of(people);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct name_match match = found(list, cases[i].name);
        if (match.score < cases[i].least || match.score > cases[i].most)
            fail_msg("%s: %d", cases[i].name, match.score);
        if (match.score > 0)
            assert_string_equal(match.id, cases[i].id);
        else
            assert_null(match.id);
    }
    name_list_close(list);
}

static void a_broken_list_is_none(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", "there is no entry in it"},
        {"id,name\n# nobody\n", "there is no entry in it"},
        {"S1,Ali Ba\nS2", "line 2: an entry without a name that can be read"},
        {"S1,---\n", "line 1: an entry without a name that can be read"},
        {",Ali Ba\n", "line 1: an entry without an id"},
        {"S1,\"Ali Ba\n", "line 1: a quote that nothing closes"},
        {"S1,Ali \"Ba\n", "line 1: a quote in a field without quotes"},
        {"S1,\"Ali\" Ba\n", "line 1: something behind a closing quote"},
        {"S1,Ali Ba,,,1960,more\n", "line 1: more than five fields"},
        {"S1,Ali Ba,--;\n", "line 1: an alias that is no name"},
        {"S1,Ali \xFF\n", "it is not UTF-8"},
        {"# entries: 2\nS1,Ali Ba\n", "it says that it has 2 entries, and has 1"},
        {"# entries: many\nS1,Ali Ba\n", "line 1: \"# entries:\" without a number"},
        {"# entries:\nS1,Ali Ba\n", "line 1: \"# entries:\" without a number"},
        {"S1,a b c d e f g h i j k l m n o p q r s t u v w x y\n",
         "line 1: an entry without a name that can be read"},
    };
    struct name_list *list = NULL;
    struct fault fault = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(name_list_read(cases[i][0], strlen(cases[i][0]), &list, &fault),
                         FAULT_FINAL);
        assert_string_equal(fault.text, cases[i][1]);
        assert_null(list);
    }
    assert_int_equal(name_list_read("S1,Ali\0Ba\n", 10, &list, &fault), FAULT_FINAL);
    static char line[2 * NAME_LIST_LINE_BYTES_MAX];
    memset(line, 'a', sizeof line);
    memcpy(line, "S1,", 3);
    assert_int_equal(name_list_read(line, sizeof line, &list, &fault), FAULT_FINAL);
    assert_string_equal(fault.text, "line 1: it is too long");
}

/* --- Against a plain search through everything --- */

static uint32_t chance = 1;

static uint32_t below(uint32_t limit)
{
    chance = chance * 1664525u + 1013904223u;
    return (chance >> 8) % limit;
}

/* A word that sounds like one. */
static void word_make(char word[16])
{
    static const char first[] = "bdfgklmnst", second[] = "aeiou";
    size_t length = 2 * (1 + below(5));
    for (size_t i = 0; i < length; i += 2) {
        word[i] = first[below(sizeof first - 1)];
        word[i + 1] = second[below(sizeof second - 1)];
    }
    word[length] = '\0';
}

enum { MADE = 400, LOOKED_FOR = 400 };

static void the_index_misses_nothing(void **state)
{
    (void)state;
    static char names[MADE][40], text[MADE * 48];
    struct name_list *all, *one[MADE];
    size_t length = 0;
    for (int i = 0; i < MADE; i++) {
        char a[16], b[16], line[64];
        word_make(a);
        word_make(b);
        (void)snprintf(names[i], sizeof names[i], "%s %s", a, b);
        (void)snprintf(line, sizeof line, "%05d,%s\n", i, names[i]);
        one[i] = list_of(line);
        length += (size_t)snprintf(text + length, sizeof text - length, "%s", line);
    }
    all = list_of(text);
    for (int i = 0; i < LOOKED_FOR; i++) {
        char name[40];
        (void)snprintf(name, sizeof name, "%s", names[below(MADE)]);
        for (uint32_t wrong = below(4); wrong > 0; wrong--)
            name[below((uint32_t)strlen(name))] = (char)('a' + below(26));
        struct name_match match = found(all, name), best = {.score = 0};
        for (int j = 0; j < MADE; j++) {
            struct name_match each = found(one[j], name);
            if (each.score > best.score)
                best = each;
        }
        if (best.score >= 60 || match.score >= 60) {
            assert_int_equal(match.score, best.score);
            assert_string_equal(match.id, best.id);
        }
    }
    for (int i = 0; i < MADE; i++)
        name_list_close(one[i]);
    name_list_close(all);
}

static int set_up(void **state)
{
    (void)state;
    secret_init();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_is_read_as_it_is_written),
        cmocka_unit_test(names_are_found_however_they_are_written),
        cmocka_unit_test(a_broken_list_is_none),
        cmocka_unit_test(the_index_misses_nothing),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}

/* names: how long it takes to look a name up in a list of so many: names [ENTRIES] [LOOKUPS]. Names
 * are made as they come in the region: few family names, many bearers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/secret.h"
#include "screening/list.h"

enum { NAME_BYTES = 64, FIRST_NAMES = 3000, FAMILY_NAMES = 20000 };

static const char *const syllables[] = {"ma", "dou", "di",  "al", "lo", "kou", "as", "si",  "ko",
                                        "na", "te",  "tra", "re", "fa", "tou", "ba", "ou",  "mar",
                                        "sy", "la",  "cis", "se", "ke", "i",   "ta", "nia", "gue"};

/* Number n's name, the same each time. */
static void word_write(char *text, size_t size, uint32_t n)
{
    uint32_t mixed = n * 2654435761u;
    size_t length = 0;
    for (uint32_t i = 0; i < 2 + n % 3; i++) {
        length += (size_t)snprintf(text + length, size - length, "%s",
                                   syllables[mixed % (sizeof syllables / sizeof *syllables)]);
        mixed = mixed / 27 + n * 40503u;
    }
}

/* The less a number, the more bear its name. */
static uint32_t skewed(uint32_t limit)
{
    uint32_t below = random_below(limit) + 1;
    return random_below(below);
}

static void name_write(char text[NAME_BYTES])
{
    char first[NAME_BYTES / 2], family[NAME_BYTES / 2 - 2];
    word_write(first, sizeof first, skewed(FIRST_NAMES));
    word_write(family, sizeof family, FIRST_NAMES + skewed(FAMILY_NAMES));
    (void)snprintf(text, NAME_BYTES, "%s %s", first, family);
}

int main(int argc, char **argv)
{
    long entries = argc > 1 ? strtol(argv[1], NULL, 10) : 100000;
    long lookups = argc > 2 ? strtol(argv[2], NULL, 10) : 20000;
    struct name_list *list = NULL;
    struct fault fault = {0};
    AUTO(buffer_free) struct buffer text;
    char name[NAME_BYTES], alias[NAME_BYTES];
    secret_init();
    buffer_init(&text, NAME_LIST_BYTES_MAX);
    for (long i = 0; i < entries; i++) {
        name_write(name);
        name_write(alias);
        buffer_format(&text, "N%ld,%s,%s,ML,\n", i, name, alias);
    }
    int64_t began_us = clock_monotonic_us();
    if (name_list_read(buffer_text(&text), text.length, &list, &fault) != FAULT_NONE) {
        fprintf(stderr, "names: %s\n", fault.text);
        return 1;
    }
    int64_t read_us = clock_monotonic_us();
    long matches = 0;
    int64_t longest_us = 0;
    for (long i = 0; i < lookups; i++) {
        struct name_words words;
        struct name_match match;
        int64_t before_us = clock_monotonic_us();
        name_write(name);
        name_fold(name, strlen(name), &words);
        name_list_find(list, &words, &match);
        matches += match.score >= 85;
        int64_t took_us = clock_monotonic_us() - before_us;
        longest_us = took_us > longest_us ? took_us : longest_us;
    }
    int64_t all_us = clock_monotonic_us() - read_us;
    printf("%ld entries read in %lld ms; %ld names looked up, %lld us each, the longest %lld us; "
           "%ld are like one of the list\n",
           entries, (long long)(read_us - began_us) / 1000, lookups,
           (long long)(all_us / (lookups > 0 ? lookups : 1)), (long long)longest_us, matches);
    name_list_close(list);
    return 0;
}

/* name: a person's name as words that can be compared, and how like two names are: small letters
 * without accents, neither punctuation nor hyphens, apostrophes closed up ("N'Guessan Koné-Aya" is
 * nguessan, kone, aya). It must never decide whether two names are one's. Pure; any thread. */
#ifndef PAYOUT_BASE_NAME_H
#define PAYOUT_BASE_NAME_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    NAME_BYTES_MAX = 1024,    /* What is longer is cut. */
    NAME_WORDS_MAX = 24,      /* Nobody is called more; of a list's organisations few are. */
    NAME_WORD_BYTES_MAX = 40, /* A longer word is cut, whoever's it is. */
};

struct name_words {
    size_t count;
    size_t letters;                    /* Bytes of all words. */
    bool overflowing;                  /* There were more words, or more bytes, than fit. */
    const char *words[NAME_WORDS_MAX]; /* NUL-terminated, in text. */
    uint8_t lengths[NAME_WORDS_MAX];
    char text[NAME_BYTES_MAX + NAME_WORDS_MAX + 1];
};

/* Splits length bytes, which need not be UTF-8: what is none separates words. Latin letters lose
 * their accents, letters that only look Latin become it, those of other scripts stay as they are.
 */
void name_fold(const char *name, size_t length, struct name_words *words);
bool name_text_valid(const char *text, size_t length); /* UTF-8? */
/* How many of text's bytes, most at most, are whole characters. */
size_t name_text_cut(const char *text, size_t length, size_t most);
/* Letters left out, put in, exchanged or swapped with their neighbour between two words; more than
 * limit: limit + 1. */
int name_distance(const char *a, size_t a_length, const char *b, size_t b_length, int limit);
/* So many of these may differ in two words, the shorter of which is so long. */
int name_distance_allowed(size_t length);

/* --- How like two names are (base/name_like.c) --- */

/* Words of a name, two of which may have been made one. */
struct name_side {
    size_t count, letters;
    const char *words[NAME_WORDS_MAX]; /* Borrowed, but for joined. */
    size_t lengths[NAME_WORDS_MAX];
    char joined[NAME_WORD_BYTES_MAX];
};
void name_side_add(struct name_side *side, const char *word, size_t length);
/* from with its words at and at + 1 as one; false when that is too long a word. */
bool name_side_join(const struct name_side *from, size_t at, struct name_side *side);
/* How like two words are: 0 to 1000. */
int name_words_like(const char *a, size_t a_length, const char *b, size_t b_length);
/* 0 to 100. 100: the same words, in any order. Two words are like each other when few letters
 * differ (name_distance_allowed); of names of two words and more at least two must be. What counts
 * are the letters of the shorter name that are found in the longer one; words that only the longer
 * one has cost two points each. A name of one word is measured by the longer name. Two words of one
 * name may be one of the other (Jean Claude, Jeanclaude). */
int name_sides_like(const struct name_side *a, const struct name_side *b);
/* The same of two names as they are written; 0 when either has no words. */
int name_likeness(const char *a, const char *b);
#endif

/* list_own: what a list of names is made of. The room's own; list.h says what it is for.
 * list_read.c reads the file, list_index.c makes it searchable, list_find.c searches.
 *
 * A spelling is a name or an alias of an entry, as words of the list's dictionary. So that a word
 * with a wrong letter is found without looking at all words, each word stands in the table of
 * traces under itself and under all that is left of its beginning when one or two letters are taken
 * out: two words that are near enough share one of these. */
#ifndef PAYOUT_SCREENING_LIST_OWN_H
#define PAYOUT_SCREENING_LIST_OWN_H
#include "base/arena.h"
#include "screening/list.h"

struct list_entry {
    const char *id, *name, *country, *born;
};
struct list_spelling {
    uint32_t entry;
    uint32_t first; /* Its words are refs[first … first + count - 1]. */
    uint16_t letters;
    uint8_t count;
    const char *text;
};
struct list_word {
    const char *text;
    uint32_t first, count; /* Spellings with it: postings[first … first + count - 1]. */
    uint64_t seen;         /* The last probe that found it. */
    uint8_t length;
};
/* What a search notes of a spelling. */
struct list_note {
    uint64_t search;
    uint32_t found; /* Which words of the name, a bit each. */
};

struct name_list {
    struct arena *arena; /* Texts. */
    char version[NAME_LIST_VERSION_BYTES];
    struct list_entry *entries;
    struct list_spelling *spellings;
    struct list_word *words;
    uint32_t *refs;     /* Words of spellings. */
    uint32_t *postings; /* Spellings of words. */
    uint32_t *buckets;  /* traces[buckets[b] … buckets[b + 1] - 1] are the words in bucket b. */
    uint32_t *traces;
    uint32_t *dictionary; /* Open addressing: word + 1; 0: free. */
    size_t entry_count, entry_room, spelling_count, spelling_room, word_count, word_room, ref_count,
        ref_room, dictionary_size, bucket_count;
    /* Of searches: */
    uint64_t search, probe;  /* The last one's number. */
    struct list_note *notes; /* Of each spelling. */
    uint32_t *candidates;    /* Room for all spellings. */
    size_t candidate_count;
};

/* Room for one more, at rows[count]; rows may move. */
void *list_grow(void *rows, size_t count, size_t *room, size_t size);
/* list_read.c's part is done: adds a spelling of the last entry. */
void list_spelling_add(struct name_list *list, const char *text);
/* All spellings are there. */
void list_index(struct name_list *list);

/* The word's number; word_count: it is none. */
size_t list_word_find(const struct name_list *list, const char *word, size_t length);
/* Calls each with the bucket of every trace of a word. */
typedef void list_trace(void *context, size_t bucket);
void list_traces(const struct name_list *list, const char *word, size_t length, list_trace *each,
                 void *context);
#endif

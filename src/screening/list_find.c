#include <string.h>

#include "screening/list_own.h"

/* --- How like two names are --- */

static int spelling_score(const struct name_list *list, const struct name_side *name,
                          const struct list_spelling *spelling)
{
    struct name_side listed = {.count = 0};
    for (size_t i = 0; i < spelling->count; i++) {
        const struct list_word *word = &list->words[list->refs[spelling->first + i]];
        name_side_add(&listed, word->text, word->length);
    }
    return name_sides_like(name, &listed);
}

/* --- Which names may be like it --- */

struct probing {
    struct name_list *list;
    const char *word;
    size_t length;
    uint32_t bits; /* Of the name's words that it is, or is made of. */
};

static void word_note(struct name_list *list, const struct list_word *word, uint32_t bits)
{
    for (uint32_t i = 0; i < word->count; i++) {
        uint32_t spelling = list->postings[word->first + i];
        struct list_note *note = &list->notes[spelling];
        if (note->search != list->search) {
            *note = (struct list_note){.search = list->search};
            list->candidates[list->candidate_count++] = spelling;
        }
        note->found |= bits;
    }
}

static void bucket_probe(void *context, size_t bucket)
{
    const struct probing *probing = context;
    struct name_list *list = probing->list;
    for (uint32_t i = list->buckets[bucket]; i < list->buckets[bucket + 1]; i++) {
        struct list_word *word = &list->words[list->traces[i]];
        if (word->seen == list->probe)
            continue;
        word->seen = list->probe;
        if (name_words_like(probing->word, probing->length, word->text, word->length) > 0)
            word_note(list, word, probing->bits);
    }
}

static void word_probe(struct name_list *list, const char *word, size_t length, uint32_t bits)
{
    struct probing probing = {list, word, length, bits};
    list->probe++;
    list_traces(list, word, length, bucket_probe, &probing);
}

/* Words that two of the list's, one behind the other, make. */
static void word_split(struct name_list *list, const char *word, size_t length, uint32_t bits)
{
    for (size_t i = 1; i < length; i++) {
        size_t first = list_word_find(list, word, i);
        size_t second = list_word_find(list, word + i, length - i);
        if (first < list->word_count && second < list->word_count) {
            word_note(list, &list->words[first], bits);
            word_note(list, &list->words[second], bits);
        }
    }
}

void name_list_find(struct name_list *list, const struct name_words *words,
                    struct name_match *match)
{
    struct name_side name = {.count = 0}, joined;
    *match = (struct name_match){.score = 0};
    for (size_t i = 0; i < words->count; i++)
        name_side_add(&name, words->words[i], words->lengths[i]);
    list->search++;
    list->candidate_count = 0;
    for (size_t i = 0; i < name.count; i++) {
        word_probe(list, name.words[i], name.lengths[i], UINT32_C(1) << i);
        word_split(list, name.words[i], name.lengths[i], UINT32_C(1) << i);
        if (i + 1 < name.count && name_side_join(&name, i, &joined))
            word_probe(list, joined.words[i], joined.lengths[i], UINT32_C(3) << i);
    }
    for (size_t i = 0; i < list->candidate_count; i++) {
        uint32_t number = list->candidates[i];
        const struct list_spelling *spelling = &list->spellings[number];
        const struct list_entry *entry = &list->entries[spelling->entry];
        if (name.count > 1 && spelling->count > 1 &&
            __builtin_popcount(list->notes[number].found) < 2)
            continue; /* At least two words of either are like each other. */
        int score = spelling_score(list, &name, spelling);
        if (score > match->score ||
            (score > 0 && score == match->score && strcmp(entry->id, match->id) < 0))
            *match = (struct name_match){.score = score,
                                         .id = entry->id,
                                         .name = entry->name,
                                         .spelled = spelling->text,
                                         .country = entry->country,
                                         .born = entry->born};
    }
}

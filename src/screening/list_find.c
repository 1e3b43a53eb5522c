#include <string.h>

#include "screening/list_own.h"

enum {
    MORE_WORD_COSTS = 2,
    JOINED_WORDS_MAX = 12, /* Of names with more, no two words are tried as one. */
    SCALE = 1000,
};

/* --- How like two names are --- */

/* Words of a name, two of which may have been made one. */
struct side {
    size_t count, letters;
    const char *words[NAME_WORDS_MAX];
    size_t lengths[NAME_WORDS_MAX];
    char joined[NAME_WORD_BYTES_MAX];
};

static void side_add(struct side *side, const char *word, size_t length)
{
    side->words[side->count] = word;
    side->lengths[side->count++] = length;
    side->letters += length;
}

/* from with its words at and at + 1 as one; false when that is too long a word. */
static bool side_join(const struct side *from, size_t at, struct side *side)
{
    size_t length = from->lengths[at] + from->lengths[at + 1];
    if (length > NAME_WORD_BYTES_MAX)
        return false;
    memcpy(side->joined, from->words[at], from->lengths[at]);
    memcpy(side->joined + from->lengths[at], from->words[at + 1], from->lengths[at + 1]);
    side->count = side->letters = 0;
    for (size_t i = 0; i < from->count; i++)
        if (i != at + 1)
            side_add(side, i == at ? side->joined : from->words[i],
                     i == at ? length : from->lengths[i]);
    return true;
}

/* 0 … SCALE. */
static int words_like(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t shorter = a_length < b_length ? a_length : b_length;
    size_t longer = a_length < b_length ? b_length : a_length;
    int allowed = name_distance_allowed(shorter);
    invariant(shorter > 0 && longer > 0);
    int distance = name_distance(a, a_length, b, b_length, allowed);
    if (distance > allowed)
        return 0;
    return SCALE * ((int)longer - distance) / (int)longer;
}

/* How many points the words of a, of which those found in b are, make of 100. */
static int side_points(const struct side *measured, const int like[NAME_WORDS_MAX])
{
    int64_t found = 0;
    for (size_t i = 0; i < measured->count; i++)
        found += (int64_t)like[i] * (int64_t)measured->lengths[i];
    return (int)(100 * found / (SCALE * (int64_t)measured->letters));
}

static int sides_score(const struct side *a, const struct side *b)
{
    int like[NAME_WORDS_MAX][NAME_WORDS_MAX];
    int a_like[NAME_WORDS_MAX] = {0}, b_like[NAME_WORDS_MAX] = {0};
    size_t pairs = 0, fewer = a->count < b->count ? a->count : b->count;
    for (size_t i = 0; i < a->count; i++)
        for (size_t j = 0; j < b->count; j++)
            like[i][j] = words_like(a->words[i], a->lengths[i], b->words[j], b->lengths[j]);
    for (;; pairs++) { /* The two that are most like each other belong together. */
        int best = 0;
        size_t best_i = 0, best_j = 0;
        for (size_t i = 0; i < a->count; i++)
            for (size_t j = 0; a_like[i] == 0 && j < b->count; j++)
                if (b_like[j] == 0 && like[i][j] > best)
                    best = like[best_i = i][best_j = j];
        if (best == 0)
            break;
        a_like[best_i] = b_like[best_j] = best;
    }
    if (pairs == 0 || (fewer > 1 && pairs < 2))
        return 0;
    bool a_is_less = a->letters < b->letters;
    if (fewer == 1)
        return a_is_less ? side_points(b, b_like) : side_points(a, a_like);
    int points = a_is_less ? side_points(a, a_like) : side_points(b, b_like);
    points -= MORE_WORD_COSTS * (int)((a->count > b->count ? a->count : b->count) - pairs);
    return points < 0 ? 0 : points;
}

static int spelling_score(const struct name_list *list, const struct side *name,
                          const struct list_spelling *spelling)
{
    struct side listed = {.count = 0}, joined;
    for (size_t i = 0; i < spelling->count; i++) {
        const struct list_word *word = &list->words[list->refs[spelling->first + i]];
        side_add(&listed, word->text, word->length);
    }
    int best = sides_score(name, &listed);
    if (name->count > JOINED_WORDS_MAX || listed.count > JOINED_WORDS_MAX)
        return best;
    for (size_t i = 0; i + 1 < name->count && best < 100; i++) {
        int score = side_join(name, i, &joined) ? sides_score(&joined, &listed) : 0;
        best = score > best ? score : best;
    }
    for (size_t i = 0; i + 1 < listed.count && best < 100; i++) {
        int score = side_join(&listed, i, &joined) ? sides_score(name, &joined) : 0;
        best = score > best ? score : best;
    }
    return best;
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
        if (words_like(probing->word, probing->length, word->text, word->length) > 0)
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
    struct side name = {.count = 0}, joined;
    *match = (struct name_match){.score = 0};
    for (size_t i = 0; i < words->count; i++)
        side_add(&name, words->words[i], words->lengths[i]);
    list->search++;
    list->candidate_count = 0;
    for (size_t i = 0; i < name.count; i++) {
        word_probe(list, name.words[i], name.lengths[i], UINT32_C(1) << i);
        word_split(list, name.words[i], name.lengths[i], UINT32_C(1) << i);
        if (i + 1 < name.count && side_join(&name, i, &joined))
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

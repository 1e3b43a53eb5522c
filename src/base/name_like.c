#include <string.h>

#include "base/fault.h"
#include "base/name.h"

enum {
    MORE_WORD_COSTS = 2,
    JOINED_WORDS_MAX = 12, /* Of names with more, no two words are tried as one. */
    SCALE = 1000,
};

void name_side_add(struct name_side *side, const char *word, size_t length)
{
    side->words[side->count] = word;
    side->lengths[side->count++] = length;
    side->letters += length;
}

bool name_side_join(const struct name_side *from, size_t at, struct name_side *side)
{
    size_t length = from->lengths[at] + from->lengths[at + 1];
    if (length > NAME_WORD_BYTES_MAX)
        return false;
    memcpy(side->joined, from->words[at], from->lengths[at]);
    memcpy(side->joined + from->lengths[at], from->words[at + 1], from->lengths[at + 1]);
    side->count = side->letters = 0;
    for (size_t i = 0; i < from->count; i++)
        if (i != at + 1)
            name_side_add(side, i == at ? side->joined : from->words[i],
                          i == at ? length : from->lengths[i]);
    return true;
}

int name_words_like(const char *a, size_t a_length, const char *b, size_t b_length)
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
static int side_points(const struct name_side *measured, const int like[NAME_WORDS_MAX])
{
    int64_t found = 0;
    for (size_t i = 0; i < measured->count; i++)
        found += (int64_t)like[i] * (int64_t)measured->lengths[i];
    return (int)(100 * found / (SCALE * (int64_t)measured->letters));
}

static int sides_score(const struct name_side *a, const struct name_side *b)
{
    int like[NAME_WORDS_MAX][NAME_WORDS_MAX];
    int a_like[NAME_WORDS_MAX] = {0}, b_like[NAME_WORDS_MAX] = {0};
    size_t pairs = 0, fewer = a->count < b->count ? a->count : b->count;
    for (size_t i = 0; i < a->count; i++)
        for (size_t j = 0; j < b->count; j++)
            like[i][j] = name_words_like(a->words[i], a->lengths[i], b->words[j], b->lengths[j]);
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

int name_sides_like(const struct name_side *a, const struct name_side *b)
{
    struct name_side joined;
    if (a->count == 0 || b->count == 0)
        return 0;
    int best = sides_score(a, b);
    if (a->count > JOINED_WORDS_MAX || b->count > JOINED_WORDS_MAX)
        return best;
    for (size_t i = 0; i + 1 < a->count && best < 100; i++) {
        int score = name_side_join(a, i, &joined) ? sides_score(&joined, b) : 0;
        best = score > best ? score : best;
    }
    for (size_t i = 0; i + 1 < b->count && best < 100; i++) {
        int score = name_side_join(b, i, &joined) ? sides_score(a, &joined) : 0;
        best = score > best ? score : best;
    }
    return best;
}

static void side_make(const struct name_words *words, struct name_side *side)
{
    side->count = side->letters = 0;
    for (size_t i = 0; i < words->count; i++)
        name_side_add(side, words->words[i], words->lengths[i]);
}

int name_likeness(const char *a, const char *b)
{
    struct name_words a_words, b_words;
    struct name_side a_side, b_side;
    name_fold(a, strlen(a), &a_words);
    name_fold(b, strlen(b), &b_words);
    side_make(&a_words, &a_side);
    side_make(&b_words, &b_side);
    return name_sides_like(&a_side, &b_side);
}

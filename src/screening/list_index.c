#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "screening/list_own.h"

enum { ROOM_FIRST = 256, TRACE_BYTES = 7 /* So much of a word's beginning leaves traces. */ };

void *list_grow(void *rows, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return rows;
    *room = *room == 0 ? ROOM_FIRST : *room * 2;
    rows = realloc(rows, *room * size);
    invariant(rows != NULL);
    return rows;
}

static void *rows_make(size_t count, size_t size)
{
    void *rows = calloc(count + 1, size);
    invariant(rows != NULL);
    return rows;
}

/* --- The dictionary --- */

/* Where the word is, or would be. */
static size_t dictionary_place(const struct name_list *list, const char *word, size_t length)
{
    size_t place = secret_table_hash(word, length) & (list->dictionary_size - 1);
    for (;; place = (place + 1) & (list->dictionary_size - 1)) {
        uint32_t found = list->dictionary[place];
        if (found == 0)
            return place;
        const struct list_word *each = &list->words[found - 1];
        if (each->length == length && memcmp(each->text, word, length) == 0)
            return place;
    }
}

static void dictionary_grow(struct name_list *list)
{
    if (list->word_count * 2 < list->dictionary_size)
        return;
    list->dictionary_size =
        list->dictionary_size == 0 ? (size_t)4 * ROOM_FIRST : list->dictionary_size * 2;
    free(list->dictionary);
    list->dictionary = rows_make(list->dictionary_size, sizeof *list->dictionary);
    for (size_t i = 0; i < list->word_count; i++)
        list->dictionary[dictionary_place(list, list->words[i].text, list->words[i].length)] =
            (uint32_t)i + 1;
}

static uint32_t word_number(struct name_list *list, const char *word, size_t length)
{
    dictionary_grow(list);
    size_t place = dictionary_place(list, word, length);
    if (list->dictionary[place] != 0)
        return list->dictionary[place] - 1;
    char *text = arena_alloc(list->arena, length + 1, 1);
    memcpy(text, word, length);
    list->words = list_grow(list->words, list->word_count, &list->word_room, sizeof *list->words);
    list->words[list->word_count] = (struct list_word){.text = text, .length = (uint8_t)length};
    list->dictionary[place] = (uint32_t)++list->word_count;
    return (uint32_t)list->word_count - 1;
}

size_t list_word_find(const struct name_list *list, const char *word, size_t length)
{
    uint32_t found = list->dictionary[dictionary_place(list, word, length)];
    return found == 0 ? list->word_count : found - 1;
}

void list_spelling_add(struct name_list *list, const char *text)
{
    struct name_words words;
    name_fold(text, strlen(text), &words);
    invariant(words.count > 0 && list->entry_count > 0);
    list->spellings = list_grow(list->spellings, list->spelling_count, &list->spelling_room,
                                sizeof *list->spellings);
    list->spellings[list->spelling_count++] =
        (struct list_spelling){.entry = (uint32_t)list->entry_count - 1,
                               .first = (uint32_t)list->ref_count,
                               .letters = (uint16_t)words.letters,
                               .count = (uint8_t)words.count,
                               .text = text};
    for (size_t i = 0; i < words.count; i++) {
        list->refs = list_grow(list->refs, list->ref_count, &list->ref_room, sizeof *list->refs);
        list->refs[list->ref_count++] = word_number(list, words.words[i], words.lengths[i]);
    }
}

/* --- Traces --- */

void list_traces(const struct name_list *list, const char *word, size_t length, list_trace *each,
                 void *context)
{
    char left[TRACE_BYTES];
    int allowed = name_distance_allowed(length);
    size_t mask = list->bucket_count - 1;
    if (allowed == 0) {
        each(context, secret_table_hash(word, length) & mask);
        return;
    }
    if (length > TRACE_BYTES)
        length = TRACE_BYTES;
    each(context, secret_table_hash(word, length) & mask);
    for (size_t i = 0; i < length; i++) {
        memcpy(left, word, i);
        memcpy(left + i, word + i + 1, length - i - 1);
        each(context, secret_table_hash(left, length - 1) & mask);
        for (size_t j = i; allowed > 1 && j < length - 1; j++) {
            char less[TRACE_BYTES];
            memcpy(less, left, j);
            memcpy(less + j, left + j + 1, length - 1 - j - 1);
            each(context, secret_table_hash(less, length - 2) & mask);
        }
    }
}

struct filling {
    struct name_list *list;
    uint32_t word;
};

static void trace_count(void *context, size_t bucket)
{
    const struct filling *filling = context;
    filling->list->buckets[bucket]++;
}

/* Each bucket's end moves down to its beginning. */
static void trace_put(void *context, size_t bucket)
{
    const struct filling *filling = context;
    filling->list->traces[--filling->list->buckets[bucket]] = filling->word;
}

static void traces_fill(struct name_list *list, list_trace *each)
{
    for (size_t i = 0; i < list->word_count; i++) {
        struct filling filling = {list, (uint32_t)i};
        list_traces(list, list->words[i].text, list->words[i].length, each, &filling);
    }
}

static void traces_index(struct name_list *list)
{
    list->bucket_count = ROOM_FIRST;
    while (list->bucket_count < list->word_count * 8)
        list->bucket_count *= 2;
    list->buckets = rows_make(list->bucket_count + 1, sizeof *list->buckets);
    traces_fill(list, trace_count);
    for (size_t i = 0; i < list->bucket_count; i++)
        list->buckets[i + 1] += list->buckets[i];
    list->traces = rows_make(list->buckets[list->bucket_count], sizeof *list->traces);
    traces_fill(list, trace_put);
}

/* --- Postings --- */

static void postings_index(struct name_list *list)
{
    list->postings = rows_make(list->ref_count, sizeof *list->postings);
    for (size_t i = 0; i < list->ref_count; i++)
        list->words[list->refs[i]].count++;
    uint32_t first = 0;
    for (size_t i = 0; i < list->word_count; i++) {
        list->words[i].first = first;
        first += list->words[i].count;
        list->words[i].count = 0; /* Counted again while they are put. */
    }
    for (size_t i = 0; i < list->spelling_count; i++) {
        const struct list_spelling *spelling = &list->spellings[i];
        for (size_t j = 0; j < spelling->count; j++) {
            struct list_word *word = &list->words[list->refs[spelling->first + j]];
            list->postings[word->first + word->count++] = (uint32_t)i;
        }
    }
}

void list_index(struct name_list *list)
{
    postings_index(list);
    traces_index(list);
    list->notes = rows_make(list->spelling_count, sizeof *list->notes);
    list->candidates = rows_make(list->spelling_count, sizeof *list->candidates);
}

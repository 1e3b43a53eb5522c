#include "simulator/marks.h"

#include <stdlib.h>

#include "base/fault.h"

enum { MARKS_FIRST = 1024 };

/* FNV-1a, and splitmix64's last steps so that every bit counts. Two texts of one hash would be one
 * mark: with 64 bits and millions of marks that is one chance in millions, of a test that fails. */
uint64_t mark_hash(uint64_t seed, const char *text)
{
    uint64_t hash = seed ^ UINT64_C(0xcbf29ce484222325);
    for (; *text != 0; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    hash += UINT64_C(0x9e3779b97f4a7c15);
    hash = (hash ^ (hash >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    hash = (hash ^ (hash >> 27)) * UINT64_C(0x94d049bb133111eb);
    return hash ^ (hash >> 31);
}

static int64_t *find(const struct marks *marks, uint64_t hash)
{
    if (marks->size == 0)
        return NULL;
    for (int64_t at = marks->buckets[hash % (uint64_t)marks->size]; at >= 0;
         at = marks->marks[at].next)
        if (marks->marks[at].hash == hash)
            return &marks->marks[at].value;
    return NULL;
}

int64_t *mark_find(const struct marks *marks, int kind, const char *text)
{
    return find(marks, mark_hash((uint64_t)kind, text));
}

static void link_in(struct marks *marks, int64_t at)
{
    int64_t *bucket = &marks->buckets[marks->marks[at].hash % (uint64_t)marks->size];
    marks->marks[at].next = *bucket;
    *bucket = at;
}

static void grow(struct marks *marks)
{
    marks->size = marks->size == 0 ? MARKS_FIRST : 2 * marks->size;
    marks->marks = realloc(marks->marks, (size_t)marks->size * sizeof *marks->marks);
    free(marks->buckets);
    marks->buckets = malloc((size_t)marks->size * sizeof *marks->buckets);
    invariant(marks->marks != NULL && marks->buckets != NULL);
    for (int64_t i = 0; i < marks->size; i++)
        marks->buckets[i] = -1;
    for (int64_t i = 0; i < marks->count; i++)
        link_in(marks, i);
}

int64_t *mark_put(struct marks *marks, int kind, const char *text)
{
    uint64_t hash = mark_hash((uint64_t)kind, text);
    int64_t *found = find(marks, hash);
    if (found != NULL)
        return found;
    if (marks->count == marks->size)
        grow(marks);
    marks->marks[marks->count] = (struct mark){.hash = hash};
    link_in(marks, marks->count);
    return &marks->marks[marks->count++].value;
}

void marks_free(struct marks *marks)
{
    free(marks->marks);
    free(marks->buckets);
    *marks = (struct marks){0};
}

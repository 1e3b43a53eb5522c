#include "delivery/notebook.h"

#include <stdlib.h>

struct notebook {
    size_t max, count, bucket_count; /* bucket_count is a power of two. */
    struct note *notes;
    struct note *free;
    struct note **buckets;
};

struct notebook *notebook_open(size_t max)
{
    struct notebook *notebook = calloc(1, sizeof *notebook);
    invariant(notebook != NULL && max > 0);
    notebook->max = max;
    notebook->bucket_count = 64;
    while (notebook->bucket_count < 2 * max)
        notebook->bucket_count *= 2;
    notebook->notes = calloc(max, sizeof *notebook->notes);
    notebook->buckets = calloc(notebook->bucket_count, sizeof(struct note *));
    invariant(notebook->notes != NULL && notebook->buckets != NULL);
    for (size_t i = max; i-- > 0;) {
        letter_init(&notebook->notes[i].letter);
        notebook->notes[i].next = notebook->free;
        notebook->free = &notebook->notes[i];
    }
    return notebook;
}

void notebook_close(struct notebook *notebook)
{
    if (notebook == NULL)
        return;
    for (size_t i = 0; i < notebook->max; i++)
        letter_free(&notebook->notes[i].letter);
    free(notebook->notes);
    free(notebook->buckets);
    free(notebook);
}

size_t notebook_room(const struct notebook *notebook)
{
    return notebook->max - notebook->count;
}

size_t notebook_count(const struct notebook *notebook)
{
    return notebook->count;
}

static struct note **bucket_of(struct notebook *notebook, struct notification_key key)
{
    uint64_t number =
        (uint64_t)key.transfer.value + ((uint64_t)key.endpoint << 32) + (uint64_t)key.number;
    uint64_t hash = number * UINT64_C(0x9e3779b97f4a7c15);
    return &notebook->buckets[(hash >> 32) & (notebook->bucket_count - 1)];
}

struct note *notebook_find(struct notebook *notebook, struct notification_key key)
{
    struct note *note = *bucket_of(notebook, key);
    while (note != NULL && notification_key_compare(note->at.key, key) != 0)
        note = note->bucket;
    return note;
}

struct note *notebook_take(struct notebook *notebook, const struct notification *notification)
{
    struct note *note = notebook->free;
    struct note **bucket = bucket_of(notebook, notification->key);
    invariant(note != NULL);
    notebook->free = note->next;
    note->next = NULL;
    note->target = NULL;
    note->queue = NULL;
    note->at = notebook_place(notification);
    note->merchant = notification->merchant;
    note->tries = notification_tries(notification);
    note->since_ms = notification_since_ms(notification);
    note->bucket = *bucket;
    *bucket = note;
    notebook->count++;
    return note;
}

void notebook_release(struct notebook *notebook, struct note *note)
{
    struct note **at = bucket_of(notebook, note->at.key);
    while (*at != note) {
        invariant(*at != NULL);
        at = &(*at)->bucket;
    }
    *at = note->bucket;
    note->next = notebook->free;
    notebook->free = note;
    notebook->count--;
}

int notebook_compare(struct notification_cursor left, struct notification_cursor right)
{
    if (left.due_at_ms != right.due_at_ms)
        return left.due_at_ms < right.due_at_ms ? -1 : 1;
    return notification_key_compare(left.key, right.key);
}

struct notification_cursor notebook_place(const struct notification *notification)
{
    return (struct notification_cursor){notification->due_at_ms, notification->key};
}

#include "operators/attempts.h"

#include <stdlib.h>

struct attempts {
    size_t max, count, bucket_count; /* bucket_count is a power of two. */
    struct attempt_held *held;       /* max of them. */
    struct attempt_held *free;
    struct attempt_held **buckets;
    struct attempt_held **heap; /* The earliest answer first. */
    size_t heap_count;
};

struct attempts *attempts_open(size_t max)
{
    struct attempts *attempts = calloc(1, sizeof *attempts);
    invariant(attempts != NULL && max > 0);
    attempts->max = max;
    attempts->bucket_count = 64;
    while (attempts->bucket_count < 2 * max)
        attempts->bucket_count *= 2;
    attempts->held = calloc(max, sizeof *attempts->held);
    attempts->heap = calloc(max, sizeof(struct attempt_held *));
    attempts->buckets = calloc(attempts->bucket_count, sizeof(struct attempt_held *));
    invariant(attempts->held != NULL && attempts->heap != NULL && attempts->buckets != NULL);
    for (size_t i = max; i-- > 0;) {
        attempts->held[i].next = attempts->free;
        attempts->free = &attempts->held[i];
    }
    return attempts;
}

void attempts_close(struct attempts *attempts)
{
    if (attempts == NULL)
        return;
    free(attempts->buckets);
    free(attempts->heap);
    free(attempts->held);
    free(attempts);
}

size_t attempts_room(const struct attempts *attempts)
{
    return attempts->max - attempts->count;
}

size_t attempts_count(const struct attempts *attempts)
{
    return attempts->count;
}

static struct attempt_held **bucket_of(struct attempts *attempts, struct transfer_id transfer)
{
    uint64_t hash = (uint64_t)transfer.value * UINT64_C(0x9e3779b97f4a7c15);
    return &attempts->buckets[(hash >> 32) & (attempts->bucket_count - 1)];
}

struct attempt_held *attempts_find(struct attempts *attempts, struct transfer_id transfer)
{
    struct attempt_held *held = *bucket_of(attempts, transfer);
    while (held != NULL && held->transfer.value != transfer.value)
        held = held->bucket;
    return held;
}

struct attempt_held *attempts_hold(struct attempts *attempts, const struct transfer *transfer)
{
    invariant(attempts->free != NULL);
    invariant(attempts_find(attempts, transfer->id) == NULL);
    struct attempt_held *held = attempts->free;
    struct attempt_held **bucket = bucket_of(attempts, transfer->id);
    attempts->free = held->next;
    *held = (struct attempt_held){
        .transfer = transfer->id, .merchant = transfer->merchant, .bucket = *bucket};
    *bucket = held;
    attempts->count++;
    return held;
}

void attempts_release(struct attempts *attempts, struct attempt_held *held)
{
    struct attempt_held **at = bucket_of(attempts, held->transfer);
    while (*at != held) {
        invariant(*at != NULL);
        at = &(*at)->bucket;
    }
    *at = held->bucket;
    held->next = attempts->free;
    attempts->free = held;
    attempts->count--;
}

/* --- The heap --- */

void attempts_wait(struct attempts *attempts, struct attempt_held *held, int64_t at_ms)
{
    invariant(attempts->heap_count < attempts->max);
    held->answers_at_ms = at_ms;
    size_t at = attempts->heap_count++;
    while (at > 0 && attempts->heap[(at - 1) / 2]->answers_at_ms > at_ms) {
        attempts->heap[at] = attempts->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    attempts->heap[at] = held;
}

int64_t attempts_next_ms(const struct attempts *attempts)
{
    return attempts->heap_count == 0 ? INT64_MAX : attempts->heap[0]->answers_at_ms;
}

struct attempt_held *attempts_answered(struct attempts *attempts, int64_t now_ms)
{
    if (attempts_next_ms(attempts) > now_ms || attempts->heap_count == 0)
        return NULL;
    struct attempt_held *first = attempts->heap[0];
    struct attempt_held *moved = attempts->heap[--attempts->heap_count];
    size_t at = 0;
    for (size_t child = 1; child < attempts->heap_count; child = 2 * at + 1) {
        if (child + 1 < attempts->heap_count &&
            attempts->heap[child + 1]->answers_at_ms < attempts->heap[child]->answers_at_ms)
            child++;
        if (attempts->heap[child]->answers_at_ms >= moved->answers_at_ms)
            break;
        attempts->heap[at] = attempts->heap[child];
        at = child;
    }
    attempts->heap[at] = moved;
    return first;
}

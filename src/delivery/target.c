#include "delivery/target.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "delivery/notebook.h"

enum { BUCKETS = 4096 };

/* --- Targets --- */

struct targets {
    size_t max, count, hand; /* hand: where the search for one to forget goes on. */
    struct target *all;
    struct target *buckets[BUCKETS];
};

struct targets *targets_open(size_t max)
{
    struct targets *targets = calloc(1, sizeof *targets);
    invariant(targets != NULL && max > 0);
    targets->max = max;
    targets->all = calloc(max, sizeof *targets->all);
    invariant(targets->all != NULL);
    return targets;
}

void targets_close(struct targets *targets)
{
    if (targets == NULL)
        return;
    free(targets->all);
    free(targets);
}

static struct target **target_bucket(struct targets *targets, const char *key)
{
    return &targets->buckets[secret_table_hash(key, strlen(key)) % BUCKETS];
}

/* A place that nobody needs; NULL: there is none. */
static struct target *target_place(struct targets *targets)
{
    if (targets->count < targets->max)
        return &targets->all[targets->count++];
    for (size_t tried = 0; tried < targets->max; tried++) {
        struct target *target = &targets->all[targets->hand];
        targets->hand = (targets->hand + 1) % targets->max;
        if (target->held > 0 || target->ready || target->state == TARGET_PINGING)
            continue;
        struct target **at = target_bucket(targets, target->key);
        while (*at != target)
            at = &(*at)->bucket;
        *at = target->bucket;
        return target;
    }
    return NULL;
}

struct target *targets_get(struct targets *targets, const char *key)
{
    struct target **bucket = target_bucket(targets, key);
    for (struct target *each = *bucket; each != NULL; each = each->bucket)
        if (strcmp(each->key, key) == 0)
            return each;
    struct target *target = target_place(targets);
    if (target == NULL)
        return NULL;
    bucket = target_bucket(targets, key); /* Whose place it was may have been in it. */
    *target = (struct target){.bucket = *bucket};
    memcpy(target->key, key, strlen(key) + 1);
    *bucket = target;
    return target;
}

void target_push(struct target *target, struct note *note)
{
    note->next = NULL;
    if (target->first == NULL)
        target->first = note;
    else
        target->last->next = note;
    target->last = note;
}

struct note *target_pop(struct target *target)
{
    struct note *note = target->first;
    if (note != NULL)
        target->first = note->next;
    return note;
}

/* --- Queues --- */

struct queues {
    size_t max, count, hand;
    struct queue *all;
    struct queue *buckets[BUCKETS];
};

struct queues *queues_open(size_t max)
{
    struct queues *queues = calloc(1, sizeof *queues);
    invariant(queues != NULL && max > 0);
    queues->max = max;
    queues->all = calloc(max, sizeof *queues->all);
    invariant(queues->all != NULL);
    return queues;
}

void queues_close(struct queues *queues)
{
    if (queues == NULL)
        return;
    free(queues->all);
    free(queues);
}

static struct queue **queue_bucket(struct queues *queues, int64_t number)
{
    return &queues->buckets[secret_table_hash(&number, sizeof number) % BUCKETS];
}

/* A place of which nothing is in hand; rather one that is not behind. */
static struct queue *queue_place(struct queues *queues, bool *forgotten)
{
    if (queues->count < queues->max)
        return &queues->all[queues->count++];
    for (size_t tried = 0; tried < 2 * queues->max; tried++) {
        struct queue *queue = &queues->all[queues->hand];
        queues->hand = (queues->hand + 1) % queues->max;
        if (queue->held > 0 || (queue->behind && tried < queues->max))
            continue;
        *forgotten = *forgotten || queue->behind;
        struct queue **at = queue_bucket(queues, queue->number);
        while (*at != queue)
            at = &(*at)->bucket;
        *at = queue->bucket;
        return queue;
    }
    return NULL;
}

struct queue *queues_get(struct queues *queues, int64_t number, bool *forgotten)
{
    for (struct queue *each = *queue_bucket(queues, number); each != NULL; each = each->bucket)
        if (each->number == number)
            return each;
    struct queue *queue = queue_place(queues, forgotten);
    if (queue == NULL)
        return NULL;
    struct queue **bucket = queue_bucket(queues, number);
    *queue = (struct queue){.bucket = *bucket, .number = number};
    *bucket = queue;
    return queue;
}

struct queue *queues_next(struct queues *queues, size_t *index)
{
    return *index < queues->count ? &queues->all[(*index)++] : NULL;
}

void queue_fall_behind(struct queue *queue, struct notification_cursor from)
{
    if (!queue->behind || notebook_compare(from, queue->behind_from) < 0)
        queue->behind_from = from;
    queue->behind = true;
}

#include "delivery/target.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

enum { BUCKETS = 2048 };

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

static struct target **bucket_of(struct targets *targets, const char *key)
{
    return &targets->buckets[secret_table_hash(key, strlen(key)) % BUCKETS];
}

/* A place that nobody needs; NULL: there is none. */
static struct target *place_find(struct targets *targets)
{
    if (targets->count < targets->max)
        return &targets->all[targets->count++];
    for (size_t tried = 0; tried < targets->max; tried++) {
        struct target *target = &targets->all[targets->hand];
        targets->hand = (targets->hand + 1) % targets->max;
        if (target->held > 0 || target->behind || target->ready || target->state == TARGET_PINGING)
            continue;
        struct target **at = bucket_of(targets, target->key);
        while (*at != target)
            at = &(*at)->bucket;
        *at = target->bucket;
        return target;
    }
    return NULL;
}

struct target *targets_get(struct targets *targets, const char *key)
{
    struct target **bucket = bucket_of(targets, key);
    for (struct target *each = *bucket; each != NULL; each = each->bucket)
        if (strcmp(each->key, key) == 0)
            return each;
    struct target *target = place_find(targets);
    if (target == NULL)
        return NULL;
    *target = (struct target){.bucket = *bucket};
    memcpy(target->key, key, strlen(key) + 1);
    *bucket = target;
    return target;
}

struct target *targets_next(struct targets *targets, size_t *index)
{
    return *index < targets->count ? &targets->all[(*index)++] : NULL;
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

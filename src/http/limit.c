#include "http/limit.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

#include "base/fault.h"
#include "base/random.h"

/* A bucket is one number: when it will be full again if nobody calls (the "theoretical arrival
 * time" of the generic cell rate algorithm). One in the past is full, and as good as none. */
struct bucket {
    uint64_t key;
    int64_t full_at_us;
};

enum { WAYS = 8, SETS = LIMIT_BUCKETS / WAYS, LOCKS = 64, MINUTE_US = 60 * 1000 * 1000 };

struct limit {
    unsigned char hash_key[crypto_shorthash_KEYBYTES]; /* So that nobody can aim at a set. */
    pthread_mutex_t locks[LOCKS];
    struct bucket buckets[SETS][WAYS];
};

struct limit *limit_open(void)
{
    struct limit *limit = calloc(1, sizeof *limit);
    invariant(limit != NULL);
    random_bytes(limit->hash_key, sizeof limit->hash_key);
    for (int i = 0; i < LOCKS; i++)
        invariant(pthread_mutex_init(&limit->locks[i], NULL) == 0);
    return limit;
}

void limit_close(struct limit *limit)
{
    if (limit == NULL)
        return;
    for (int i = 0; i < LOCKS; i++)
        (void)pthread_mutex_destroy(&limit->locks[i]);
    free(limit);
}

/* The key's bucket, or the one of its set that is nearest to full, made the key's. */
static struct bucket *bucket_find(struct bucket set[WAYS], uint64_t key)
{
    struct bucket *rested = &set[0];
    for (int i = 0; i < WAYS; i++) {
        if (set[i].key == key)
            return &set[i];
        if (set[i].full_at_us < rested->full_at_us)
            rested = &set[i];
    }
    *rested = (struct bucket){.key = key};
    return rested;
}

struct limit_result limit_take(struct limit *limit, char kind, const void *key, size_t length,
                               int per_minute, int64_t now_us)
{
    invariant(per_minute > 0 && per_minute <= MINUTE_US);
    unsigned char bytes[8];
    uint64_t hash = 0;
    (void)crypto_shorthash(bytes, key, length, limit->hash_key);
    for (int i = 0; i < 8; i++)
        hash = hash << 8 | bytes[i];
    hash = (hash ^ (uint64_t)(unsigned char)kind) * UINT64_C(0x9e3779b97f4a7c15) | 1;

    size_t set = (size_t)(hash >> 40) % SETS;
    int64_t each_us = MINUTE_US / per_minute, whole_us = each_us * per_minute;
    pthread_mutex_t *lock = &limit->locks[set % LOCKS];
    struct limit_result result = {.allowed = true};
    (void)pthread_mutex_lock(lock);
    struct bucket *bucket = bucket_find(limit->buckets[set], hash);
    int64_t full_at_us = bucket->full_at_us < now_us ? now_us : bucket->full_at_us;
    if (full_at_us - now_us + each_us > whole_us) {
        result.allowed = false;
        int64_t wait_us = full_at_us - now_us + each_us - whole_us;
        result.retry_after_seconds = (wait_us + 999999) / 1000000;
    } else {
        full_at_us += each_us;
        bucket->full_at_us = full_at_us;
    }
    (void)pthread_mutex_unlock(lock);
    result.remaining = (int)((whole_us - (full_at_us - now_us)) / each_us);
    return result;
}

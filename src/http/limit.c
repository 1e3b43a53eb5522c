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

/* Who guessed wrong. One whose until_us is long past is as good as none. */
struct guesser {
    uint64_t key;
    int64_t until_us; /* No guess is taken before; when it was the last, while guesses are free. */
    unsigned wrong;   /* In a row. */
};

enum {
    WAYS = 8,
    SETS = LIMIT_BUCKETS / WAYS,
    GUESS_SETS = LIMIT_GUESSERS / WAYS,
    LOCKS = 64,
    SECOND_US = 1000 * 1000,
    MINUTE_US = 60 * SECOND_US,
};

struct limit {
    unsigned char hash_key[crypto_shorthash_KEYBYTES]; /* So that nobody can aim at a set. */
    pthread_mutex_t locks[LOCKS];
    struct bucket buckets[SETS][WAYS];
    struct guesser guessers[GUESS_SETS][WAYS];
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

static uint64_t key_hash(const struct limit *limit, char kind, const void *key, size_t length)
{
    unsigned char bytes[crypto_shorthash_BYTES];
    uint64_t hash = 0;
    (void)crypto_shorthash(bytes, key, length, limit->hash_key);
    for (size_t i = 0; i < sizeof bytes; i++)
        hash = hash << 8 | bytes[i];
    return (hash ^ (uint64_t)(unsigned char)kind) * UINT64_C(0x9e3779b97f4a7c15) | 1;
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
    uint64_t hash = key_hash(limit, kind, key, length);
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

/* --- Guesses --- */

/* The wait after so many wrong guesses in a row. */
static int64_t guess_wait_us(unsigned wrong)
{
    if (wrong < LIMIT_GUESSES_FREE)
        return 0;
    unsigned doublings = wrong - LIMIT_GUESSES_FREE;
    int64_t seconds = doublings < 16 ? INT64_C(1) << doublings : LIMIT_GUESS_SECONDS_MAX;
    return (seconds < LIMIT_GUESS_SECONDS_MAX ? seconds : LIMIT_GUESS_SECONDS_MAX) * SECOND_US;
}

/* The key's, locked; NULL when it has none and none is to be made. One is made of the one of its
 * set that ends first. */
static struct guesser *guesser_lock(struct limit *limit, uint64_t key, bool make,
                                    pthread_mutex_t **lock)
{
    size_t set = (size_t)(key >> 40) % GUESS_SETS;
    struct guesser *ways = limit->guessers[set], *first = &ways[0];
    *lock = &limit->locks[set % LOCKS];
    (void)pthread_mutex_lock(*lock);
    for (int i = 0; i < WAYS; i++) {
        if (ways[i].key == key)
            return &ways[i];
        if (ways[i].until_us < first->until_us)
            first = &ways[i];
    }
    if (!make)
        return NULL;
    *first = (struct guesser){.key = key};
    return first;
}

static bool guesser_forgotten(const struct guesser *guesser, int64_t now_us)
{
    return guesser->until_us + INT64_C(1) * LIMIT_GUESS_FORGOTTEN_SECONDS * SECOND_US <= now_us;
}

int64_t limit_guess_begin(struct limit *limit, char kind, const void *key, size_t length,
                          int64_t now_us)
{
    pthread_mutex_t *lock;
    int64_t left_us = 0;
    struct guesser *guesser = guesser_lock(limit, key_hash(limit, kind, key, length), false, &lock);
    if (guesser != NULL && !guesser_forgotten(guesser, now_us) &&
        guesser->wrong >= LIMIT_GUESSES_FREE) {
        left_us = guesser->until_us > now_us ? guesser->until_us - now_us : 0;
        /* As if it were wrong already: many at the same moment must not all be let through. */
        if (left_us == 0)
            guesser->until_us = now_us + guess_wait_us(guesser->wrong);
    }
    (void)pthread_mutex_unlock(lock);
    return (left_us + SECOND_US - 1) / SECOND_US;
}

void limit_guess_end(struct limit *limit, char kind, const void *key, size_t length, bool right,
                     int64_t now_us)
{
    pthread_mutex_t *lock;
    struct guesser *guesser =
        guesser_lock(limit, key_hash(limit, kind, key, length), !right, &lock);
    if (guesser != NULL && right) {
        *guesser = (struct guesser){0};
    } else if (guesser != NULL) {
        if (guesser_forgotten(guesser, now_us))
            guesser->wrong = 0;
        guesser->wrong++;
        guesser->until_us = now_us + guess_wait_us(guesser->wrong);
    }
    (void)pthread_mutex_unlock(lock);
}

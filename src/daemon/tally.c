#include "daemon/tally.h"

#include <stdlib.h>

#include "base/fault.h"
#include "base/secret.h"

enum { BUCKETS = 1 << 16, KEYS_MAX = 1 << 18 };

struct kept {
    struct tally_key key;
    uint64_t sum;
    bool used;
};

struct tally {
    uint64_t sums[BUCKETS];
    bool again;
    struct kept *kept; /* KEYS_MAX places, open addressing; in the second reading only. */
    size_t kept_count;
};

struct tally *tally_open(void)
{
    struct tally *tally = calloc(1, sizeof *tally);
    invariant(tally != NULL);
    return tally;
}

void tally_close(struct tally *tally)
{
    if (tally != NULL)
        free(tally->kept);
    free(tally);
}

static struct kept *kept_find(struct tally *tally, struct tally_key key, uint64_t hash)
{
    size_t at = (size_t)(hash >> 32) & (KEYS_MAX - 1);
    while (tally->kept[at].used && (tally->kept[at].key.parts[0] != key.parts[0] ||
                                    tally->kept[at].key.parts[1] != key.parts[1]))
        at = (at + 1) & (KEYS_MAX - 1);
    return &tally->kept[at];
}

void tally_add(struct tally *tally, struct tally_key key, uint64_t print)
{
    uint64_t hash = secret_table_hash(&key, sizeof key);
    uint64_t *sum = &tally->sums[hash % BUCKETS];
    if (!tally->again) {
        *sum += print;
        return;
    }
    if (*sum == 0 || tally->kept == NULL)
        return;
    struct kept *kept = kept_find(tally, key, hash);
    if (!kept->used) {
        if (tally->kept_count == KEYS_MAX / 2)
            return; /* So many are wrong that some tell enough. */
        tally->kept_count++;
        *kept = (struct kept){.key = key, .used = true};
    }
    kept->sum += print;
}

bool tally_begin_again(struct tally *tally)
{
    bool wrong = false;
    for (size_t i = 0; i < BUCKETS; i++)
        wrong = wrong || tally->sums[i] != 0;
    tally->again = true;
    if (wrong) {
        tally->kept = calloc(KEYS_MAX, sizeof *tally->kept);
        invariant(tally->kept != NULL);
    }
    return wrong;
}

bool tally_again(const struct tally *tally)
{
    return tally->again;
}

void tally_tell(const struct tally *tally, void (*tell)(void *context, struct tally_key key),
                void *context)
{
    for (size_t i = 0; tally->kept != NULL && i < KEYS_MAX; i++)
        if (tally->kept[i].used && tally->kept[i].sum != 0)
            tell(context, tally->kept[i].key);
}

#include "store/shares.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/fault.h"

struct holding {
    uint32_t held, busy;
    int64_t until_us;
    bool seen; /* Whoever works has seen what is held since it was set. */
};

struct shares {
    bool alone;
    pthread_mutex_t mutex; /* Guards what follows. */
    struct holding of[DUTY_END];
};

const char *duty_word(enum duty duty)
{
    static const char *const words[DUTY_END] = {"",      "operators", "notifications",
                                                "mails", "screening", "janitor"};
    invariant(duty >= DUTY_OPERATORS && duty < DUTY_END);
    return words[duty];
}

uint32_t duty_shards(enum duty duty)
{
    return duty == DUTY_OPERATORS || duty == DUTY_NOTIFICATIONS ? SHARDS_ALL : 1;
}

struct shares *shares_open(bool alone)
{
    struct shares *opened = calloc(1, sizeof *opened);
    invariant(opened != NULL);
    opened->alone = alone;
    invariant(pthread_mutex_init(&opened->mutex, NULL) == 0);
    return opened;
}

void shares_close(struct shares *shares)
{
    if (shares == NULL)
        return;
    invariant(pthread_mutex_destroy(&shares->mutex) == 0);
    free(shares);
}

static struct holding *holding_lock(struct shares *shares, enum duty duty)
{
    invariant(duty >= DUTY_OPERATORS && duty < DUTY_END);
    invariant(pthread_mutex_lock(&shares->mutex) == 0);
    return &shares->of[duty];
}

static void holding_unlock(struct shares *shares)
{
    invariant(pthread_mutex_unlock(&shares->mutex) == 0);
}

static uint32_t held_now(const struct holding *holding)
{
    return clock_monotonic_us() < holding->until_us ? holding->held : 0;
}

uint32_t shares_use(struct shares *shares, enum duty duty, uint32_t busy)
{
    if (shares == NULL || shares->alone)
        return duty_shards(duty);
    struct holding *holding = holding_lock(shares, duty);
    holding->busy = busy;
    holding->seen = true;
    uint32_t held = held_now(holding);
    holding_unlock(shares);
    return held;
}

uint32_t shares_held(struct shares *shares, enum duty duty)
{
    if (shares == NULL || shares->alone)
        return duty_shards(duty);
    uint32_t held = held_now(holding_lock(shares, duty));
    holding_unlock(shares);
    return held;
}

void shares_set(struct shares *shares, enum duty duty, uint32_t held, int64_t until_us)
{
    invariant((held & ~duty_shards(duty)) == 0);
    struct holding *holding = holding_lock(shares, duty);
    if ((holding->held & ~held) != 0)
        holding->seen = false;
    holding->held = held;
    holding->until_us = until_us;
    holding_unlock(shares);
}

uint32_t shares_idle(struct shares *shares, enum duty duty, uint32_t shards)
{
    const struct holding *holding = holding_lock(shares, duty);
    uint32_t idle = holding->seen ? shards & ~holding->held & ~holding->busy : 0;
    holding_unlock(shares);
    return idle;
}

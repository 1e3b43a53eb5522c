#include "delivery/merchant_cache.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"

enum { ARENA_BYTES = 1 << 20 };

/* Puts the secret in the place of what is kept of it; "" when that does not open: nothing is ever
 * signed with what is not the merchant's. */
static void secret_open(const struct vault *vault, struct merchant_id id,
                        char secret[MERCHANT_SEALED_BYTES])
{
    char opened[MERCHANT_KEY_BYTES];
    struct fault fault;
    if (vault_open(vault, merchant_secret_place(id), secret, opened, sizeof opened, &fault) !=
        FAULT_NONE)
        log_event(LOG_LEVEL_ERROR, "secret does not open", LOG_TEXT("why", fault.text));
    memcpy(secret, opened, sizeof opened);
    secret_wipe(opened, sizeof opened);
}

const struct merchant *merchant_cache_get(struct merchant_cache *cache, struct store_reader *reader,
                                          const struct vault *vault, struct merchant_id id,
                                          struct fault *fault)
{
    size_t place = (size_t)((uint64_t)id.value % MERCHANT_CACHE_PLACES);
    struct merchant *kept = &cache->places[place].merchant;
    int64_t now_us = clock_monotonic_us();
    if (kept->id.value == id.value &&
        now_us - cache->places[place].read_at_us < MERCHANT_CACHE_US_MAX)
        return kept;
    AUTO(arena_closep) struct arena *arena = arena_open(ARENA_BYTES);
    struct merchant *found = NULL;
    if (store_read_merchant(reader, arena, id, &found, fault) != FAULT_NONE)
        return NULL;
    if (found == NULL) {
        (void)fault_set(fault, FAULT_FINAL, "merchant %lld is not there", (long long)id.value);
        return NULL;
    }
    *kept = *found;
    secret_open(vault, id, kept->secret_key);
    secret_open(vault, id, kept->secret_before);
    cache->places[place].read_at_us = now_us;
    return kept;
}

void merchant_cache_close(struct merchant_cache *cache)
{
    secret_wipe(cache, sizeof *cache);
}

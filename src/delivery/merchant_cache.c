#include "delivery/merchant_cache.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"

enum { ARENA_BYTES = 1 << 20 };

/* Puts the secret in the place of what is kept of it; "" when that does not open: nothing is ever
 * signed with what is not its owner's. */
static void secret_open(const struct vault *vault, struct vault_place place,
                        char secret[MERCHANT_SEALED_BYTES])
{
    char opened[MERCHANT_KEY_BYTES];
    struct fault fault;
    if (vault_open(vault, place, secret, opened, sizeof opened, &fault) != FAULT_NONE)
        log_event(LOG_LEVEL_ERROR, "secret does not open", LOG_TEXT("why", fault.text));
    memcpy(secret, opened, sizeof opened);
    secret_wipe(opened, sizeof opened);
}

/* Reads a merchant and its endpoints. */
static enum fault_kind hearers_read(struct store_reader *reader, const struct vault *vault,
                                    struct merchant_id id, struct hearers *hearers,
                                    struct fault *fault)
{
    AUTO(arena_closep) struct arena *arena = arena_open(ARENA_BYTES);
    struct merchant *merchant = NULL;
    struct endpoint *endpoints = NULL;
    if (store_read_merchant(reader, arena, id, &merchant, fault) != FAULT_NONE ||
        store_read_endpoints(reader, arena, id, &endpoints, &hearers->endpoint_count, fault) !=
            FAULT_NONE)
        return fault->kind;
    if (merchant == NULL)
        return fault_set(fault, FAULT_FINAL, "merchant %lld is not there", (long long)id.value);
    if (hearers->endpoint_count > ENDPOINTS_MAX)
        return fault_set(fault, FAULT_FINAL, "merchant %lld has too many endpoints",
                         (long long)id.value);
    hearers->merchant = *merchant;
    secret_open(vault, merchant_secret_place(id), hearers->merchant.secret_key);
    secret_open(vault, merchant_secret_place(id), hearers->merchant.secret_before);
    for (size_t i = 0; i < hearers->endpoint_count; i++) {
        struct endpoint *endpoint = &hearers->endpoints[i];
        *endpoint = endpoints[i];
        secret_open(vault, endpoint_secret_place(endpoint->id), endpoint->secret_key);
        secret_open(vault, endpoint_secret_place(endpoint->id), endpoint->secret_before);
    }
    return FAULT_NONE;
}

const struct hearers *merchant_cache_get(struct merchant_cache *cache, struct store_reader *reader,
                                         const struct vault *vault, struct merchant_id id,
                                         struct fault *fault)
{
    size_t place = (size_t)((uint64_t)id.value % MERCHANT_CACHE_PLACES);
    struct hearers *kept = &cache->places[place].hearers;
    int64_t now_us = clock_monotonic_us();
    if (kept->merchant.id.value == id.value &&
        now_us - cache->places[place].read_at_us < MERCHANT_CACHE_US_MAX)
        return kept;
    kept->merchant.id.value = 0; /* Half of it must not be taken for it. */
    if (hearers_read(reader, vault, id, kept, fault) != FAULT_NONE) {
        kept->merchant.id.value = 0;
        return NULL;
    }
    cache->places[place].read_at_us = now_us;
    return kept;
}

const struct endpoint *hearers_endpoint(const struct hearers *hearers, int32_t number)
{
    for (size_t i = 0; i < hearers->endpoint_count; i++)
        if (hearers->endpoints[i].number == number)
            return &hearers->endpoints[i];
    return NULL;
}

void merchant_cache_close(struct merchant_cache *cache)
{
    secret_wipe(cache, sizeof *cache);
}

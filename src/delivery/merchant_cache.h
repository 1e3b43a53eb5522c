/* merchant_cache: whose secret signs and whose language is spoken, read at most every two seconds,
 * its secrets opened. One thread. */
#ifndef PAYOUT_DELIVERY_MERCHANT_CACHE_H
#define PAYOUT_DELIVERY_MERCHANT_CACHE_H
#include "base/vault.h"
#include "store/store.h"

enum { MERCHANT_CACHE_PLACES = 64, MERCHANT_CACHE_US_MAX = 2000000 };

struct merchant_cache {
    struct {
        int64_t read_at_us;
        struct merchant merchant;
    } places[MERCHANT_CACHE_PLACES];
};

/* The merchant, valid until the next call; NULL with *fault when it can't be read. Its secret_key
 * is what signs, "" when what is kept does not open: the log says why. Its secret_before is what
 * signs beside it until then, "" when nothing does. */
const struct merchant *merchant_cache_get(struct merchant_cache *cache, struct store_reader *reader,
                                          const struct vault *vault, struct merchant_id id,
                                          struct fault *fault);
/* Forgets all secrets. */
void merchant_cache_close(struct merchant_cache *cache);
#endif

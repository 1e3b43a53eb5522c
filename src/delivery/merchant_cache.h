/* merchant_cache: whose secret signs and whose language is spoken, read at most every two seconds.
 * One thread. */
#ifndef PAYOUT_DELIVERY_MERCHANT_CACHE_H
#define PAYOUT_DELIVERY_MERCHANT_CACHE_H
#include "store/store.h"

enum { MERCHANT_CACHE_PLACES = 64, MERCHANT_CACHE_US_MAX = 2000000 };

struct merchant_cache {
    struct {
        int64_t read_at_us;
        struct merchant merchant;
    } places[MERCHANT_CACHE_PLACES];
};

/* The merchant, valid until the next call; NULL with *fault when it can't be read. */
const struct merchant *merchant_cache_get(struct merchant_cache *cache, struct store_reader *reader,
                                          struct merchant_id id, struct fault *fault);
/* Forgets all secrets. */
void merchant_cache_close(struct merchant_cache *cache);
#endif

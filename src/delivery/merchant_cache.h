/* merchant_cache: whose secret signs, whose language is spoken and which endpoints there are, read
 * at most every two seconds, the secrets opened. One thread. */
#ifndef PAYOUT_DELIVERY_MERCHANT_CACHE_H
#define PAYOUT_DELIVERY_MERCHANT_CACHE_H
#include "base/vault.h"
#include "store/store.h"

enum { MERCHANT_CACHE_PLACES = 64, MERCHANT_CACHE_US_MAX = 2000000 };

/* Who hears of a merchant's transfers. Of each, secret_key is what signs, "" when what is kept does
 * not open (the log says why), and secret_before what signs beside it until then, "" when nothing
 * does. */
struct hearers {
    struct merchant merchant;
    struct endpoint endpoints[ENDPOINTS_MAX];
    size_t endpoint_count;
};
struct merchant_cache {
    struct {
        int64_t read_at_us;
        struct hearers hearers;
    } places[MERCHANT_CACHE_PLACES];
};

/* The merchant's, valid until the next call; NULL with *fault when they can't be read. */
const struct hearers *merchant_cache_get(struct merchant_cache *cache, struct store_reader *reader,
                                         const struct vault *vault, struct merchant_id id,
                                         struct fault *fault);
/* The endpoint with that number; NULL: there is none, or no more. */
const struct endpoint *hearers_endpoint(const struct hearers *hearers, int32_t number);
/* Forgets all secrets. */
void merchant_cache_close(struct merchant_cache *cache);
#endif

/* shard: the parts into which work is divided between the processes of one store. A merchant's
 * transfers are all in one, and so is what waits for one server of a merchant's: a server's health,
 * and how much it is told at once, are one process's to know. Sets of them are bits. */
#ifndef PAYOUT_STORE_SHARD_H
#define PAYOUT_STORE_SHARD_H
#include <stdint.h>

#include "money/id.h"

enum { SHARDS = 16, SHARDS_ALL = 0xffff };

static inline uint32_t shard_of_merchant(struct merchant_id merchant)
{
    return UINT32_C(1) << ((uint64_t)merchant.value & (SHARDS - 1));
}

/* Not the last bits: the numbers of endpoints' queues are a million a merchant apart. */
static inline uint32_t shard_of_queue(int64_t queue)
{
    return UINT32_C(1) << ((uint64_t)queue >> 6 & (SHARDS - 1));
}
#endif

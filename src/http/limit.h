/* limit: how often somebody may call in a minute. A bounded table of buckets, keyed by any bytes
 * (an apikey and an address, a merchant's id). When it is full the bucket that has rested longest
 * goes: forgetting errs in favour of the caller. Any thread. */
#ifndef PAYOUT_HTTP_LIMIT_H
#define PAYOUT_HTTP_LIMIT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct limit;

enum { LIMIT_BUCKETS = 32768 }; /* Half a megabyte. */

struct limit_result {
    bool allowed;
    int remaining;               /* How many more may come now. */
    int64_t retry_after_seconds; /* When the next one may come; 0 when allowed. */
};

/* The caller owns it: limit_close. */
struct limit *limit_open(void);
void limit_close(struct limit *limit);
/* Takes one of the per_minute calls (> 0) that key (with kind, a letter that keeps keys of
 * different sorts apart) has; they come back one by one. now_us: clock_monotonic_us(). */
struct limit_result limit_take(struct limit *limit, char kind, const void *key, size_t length,
                               int per_minute, int64_t now_us);
#endif

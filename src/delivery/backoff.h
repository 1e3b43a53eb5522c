/* backoff: when what failed is tried again. Pure but for chance; any thread. */
#ifndef PAYOUT_DELIVERY_BACKOFF_H
#define PAYOUT_DELIVERY_BACKOFF_H
#include <stdint.h>

#define BACKOFF_WAIT_MS_MAX INT64_C(3600000)   /* Before jitter. */
#define BACKOFF_GIVE_UP_MS  INT64_C(259200000) /* Three days after it was made. */

/* When to try again what was made at created_at_ms and failed for the failures-th time (from 1) at
 * now_ms; 0: it is given up. The wait is first_ms, doubled by each failure up to an hour, then
 * anything from half of that to one and a half: what failed together must not come back together.
 * The last try is when three days are over. */
int64_t backoff_next_ms(int64_t first_ms, int32_t failures, int64_t created_at_ms, int64_t now_ms);
#endif

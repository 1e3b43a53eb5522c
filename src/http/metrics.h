/* metrics: what the server counts of itself, and /metrics, which shows it with the lane's and the
 * store's figures as Prometheus text. Counting is a few atomic additions. Any thread. */
#ifndef PAYOUT_HTTP_METRICS_H
#define PAYOUT_HTTP_METRICS_H
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/fault.h"

enum {
    METRICS_ROUTES_MAX = 160,
    METRICS_STATUSES =
        15,               /* The statuses that are counted by themselves, and one for all others. */
    METRICS_BUCKETS = 14, /* Of the latency histogram, with the one that has no bound. */
};

struct metrics_route {
    atomic_uint_fast64_t by_status[METRICS_STATUSES];
    atomic_uint_fast64_t by_latency[METRICS_BUCKETS];
    atomic_uint_fast64_t latency_us_sum;
};
struct metrics {
    struct metrics_route routes[METRICS_ROUTES_MAX];
    atomic_uint_fast64_t limited, logins_refused, hasher_full;
    atomic_uint_fast64_t callbacks_hastened, callbacks_known, callbacks_parked, callbacks_forged;
};

/* Counts one request of the route with this index (route_index), answered with status. */
void metrics_count(struct metrics *metrics, size_t route, int status, int64_t duration_us);

struct http;
struct store_reader;
/* Writes all there is. */
MUST_USE enum fault_kind metrics_write(struct http *http, struct store_reader *reader,
                                       struct buffer *text, struct fault *fault);
#endif

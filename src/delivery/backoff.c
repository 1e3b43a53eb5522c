#include "delivery/backoff.h"

#include "base/fault.h"
#include "base/random.h"

int64_t backoff_next_ms(int64_t first_ms, int32_t failures, int64_t created_at_ms, int64_t now_ms)
{
    invariant(first_ms > 0 && failures > 0);
    int64_t span_ms = first_ms, end_ms = created_at_ms + BACKOFF_GIVE_UP_MS;
    for (int32_t each = 1; each < failures && span_ms < BACKOFF_WAIT_MS_MAX; each++)
        span_ms *= 2;
    if (span_ms > BACKOFF_WAIT_MS_MAX)
        span_ms = BACKOFF_WAIT_MS_MAX;
    int64_t wait_ms = span_ms / 2 + random_below((uint32_t)span_ms + 1);
    if (now_ms >= end_ms)
        return 0;
    return now_ms + wait_ms < end_ms ? now_ms + wait_ms : end_ms;
}

#include "http/held.h"

bool held_take(struct held *held, size_t *mine, size_t bytes)
{
    size_t all = atomic_fetch_add(&held->bytes, bytes) + bytes;
    if (all > held->bytes_max && *mine + bytes > HELD_SMALL_BYTES) {
        (void)atomic_fetch_sub(&held->bytes, bytes);
        (void)atomic_fetch_add_explicit(&held->refused, 1, memory_order_relaxed);
        return false;
    }
    *mine += bytes;
    return true;
}

void held_add(struct held *held, size_t *mine, size_t bytes)
{
    (void)atomic_fetch_add(&held->bytes, bytes);
    *mine += bytes;
}

void held_release(struct held *held, size_t *mine)
{
    size_t before = atomic_fetch_sub(&held->bytes, *mine);
    invariant(before >= *mine);
    *mine = 0;
}

/* held: what all requests hold in memory together (bodies that are coming in, answers that are on
 * their way out), and its bound: without one a few thousand clients that send slowly, or don't
 * read, could take all there is. Small requests always have room; connections_max bounds them. Any
 * thread. */
#ifndef PAYOUT_HTTP_HELD_H
#define PAYOUT_HTTP_HELD_H
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"

enum { HELD_SMALL_BYTES = 16 * 1024 };

struct held {
    atomic_size_t bytes;
    atomic_uint_fast64_t refused; /* Requests that found no room. */
    size_t bytes_max;             /* Set before any thread runs. */
};

/* More bytes of a request that is coming in; *mine is what it holds already. False: there is no
 * room for them, nothing was counted but a refusal. */
MUST_USE bool held_take(struct held *held, size_t *mine, size_t bytes);
/* An answer of so many bytes: it is there, so it counts, room or not. Whoever comes next waits. */
void held_add(struct held *held, size_t *mine, size_t bytes);
/* All that the request holds is freed. */
void held_release(struct held *held, size_t *mine);
#endif

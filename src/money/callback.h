/* callback: an operator calls us about a transfer. It is believed that it called, and nothing else:
 * the transfer is asked about sooner. What can't be placed is parked, for a person to look at, and
 * never answered as if it had been. */
#ifndef PAYOUT_MONEY_CALLBACK_H
#define PAYOUT_MONEY_CALLBACK_H
#include <stdint.h>

#include "base/secret.h"

enum {
    CALLBACK_REFERENCE_BYTES_MAX = 64, /* Without the NUL, like the others. */
    CALLBACK_WHY_BYTES_MAX = 160,
    CALLBACK_BODY_BYTES_MAX = 16 * 1024,
    CALLBACKS_PARKED_MAX = 100000, /* Of those that a store keeps the oldest go beyond it. */
};

/* One that was parked. */
struct callback {
    int64_t id; /* Given by the store, growing: the order in which they first came. */
    int channel;
    uint8_t hash[SECRET_HASH_BYTES]; /* Of its body as it came, whole; with channel its key. */
    const char *reference;           /* What it says that it is about; "": nothing. */
    const char *why;                 /* It could not be placed. */
    const char *body;                /* What it said, as far as there is room. */
    int64_t first_at_ms, last_at_ms;
    int64_t times; /* How often the same came. */
};

enum callback_effect {
    CALLBACK_HASTENED, /* Its transfer is asked about at once, or when who has it in hand has said
                          his word. */
    CALLBACK_KNOWN,    /* It changes nothing: its transfer is final, or the same was said before. */
    CALLBACK_PARKED,
    CALLBACK_MISPLACED, /* Nothing was done: it can't be placed, and its lane parks none. The same
                           again with callback_elsewhere goes to the one that does. */
};
#endif

/* channel_switch: a person's word that a channel to an operator is off, or on again. Off, nothing
 * more is submitted through it, now and after a restart; what it has is asked about as ever. Only
 * the last word about each channel is kept; all of them are acts. */
#ifndef PAYOUT_MONEY_CHANNEL_SWITCH_H
#define PAYOUT_MONEY_CHANNEL_SWITCH_H
#include <stdbool.h>
#include <stdint.h>

enum {
    CHANNEL_SWITCH_REASON_BYTES_MAX = 500, /* Without the NUL. */
    CHANNEL_SWITCH_PERSON_BYTES_MAX = 128,
};

struct channel_switch {
    int channel; /* Its number: 1 to 255. */
    bool off;
    const char *person, *reason; /* Who says so, and why. Never NULL. */
    int64_t at_ms;
};
#endif

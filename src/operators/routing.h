/* routing: through which channel a transfer goes: of those that are for its operator, its amount
 * and its merchant, and are open, the ones of the smallest priority, shared out by their weights.
 * Pure: it keeps nothing but the order of the channels, and is never changed after routing_open, so
 * that any thread may ask. Which channel is open is its caller's knowledge (operators/health.h). */
#ifndef PAYOUT_OPERATORS_ROUTING_H
#define PAYOUT_OPERATORS_ROUTING_H
#include <stdbool.h>
#include <stddef.h>

#include "money/transfer.h"
#include "operators/channel.h"

struct routing;

/* Whether a channel takes something now. */
typedef bool routing_open_function(void *context, const struct channel *channel);

/* Over channels, which must outlive it and never change; their numbers differ. The caller owns it:
 * routing_close. */
struct routing *routing_open(const struct channel *channels, size_t count);
void routing_close(struct routing *routing); /* NULL is fine. */

/* The channel for a transfer: the one that it has (transfer->channel), when that is open, and never
 * another; else one of those that are for it and open, always the same for the same transfer as
 * long as the same are open. NULL: there is none now; routing_covers tells whether there ever can
 * be one. is_open is asked of each channel once at most. */
const struct channel *routing_choose(const struct routing *routing, const struct transfer *transfer,
                                     routing_open_function *is_open, void *context);
/* Whether channel is for this merchant's transfers to this operator, whatever their amount. */
bool routing_reaches(const struct channel *channel, struct merchant_id merchant,
                     int operator_number);
/* Whether channel may carry a transfer that has none yet: its operator, what is delivered, its
 * merchant. */
bool routing_fits(const struct channel *channel, const struct transfer *transfer);
/* Whether any channel may, be it open or not. False: it would wait for ever. */
bool routing_covers(const struct routing *routing, const struct transfer *transfer);

/* The channel with this number (transfer->channel); NULL: there is none, or none any more. */
const struct channel *routing_channel(const struct routing *routing, int number);
/* The channel with this name; NULL: there is none. */
const struct channel *routing_named(const struct routing *routing, const char *name);
/* All of them, by priority and then by number; index from 0. NULL beyond the last. */
const struct channel *routing_at(const struct routing *routing, size_t index);
#endif

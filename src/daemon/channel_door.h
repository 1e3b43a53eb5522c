/* channel_door: between http, which knows no channels, and the operators' room, which knows no
 * requests: what http asks of channels (http/channels.h) is answered here, and what persons
 * switched off is remembered for all who ask. */
#ifndef PAYOUT_DAEMON_CHANNEL_DOOR_H
#define PAYOUT_DAEMON_CHANNEL_DOOR_H
#include "http/channels.h"
#include "operators/routing.h"
#include "store/store.h"

struct channel_door;

/* routing must outlive it. The caller owns it: channel_door_close. */
struct channel_door *channel_door_open(const struct routing *routing);
void channel_door_close(struct channel_door *door); /* NULL is fine. */
/* What http is to be given; the door's. */
const struct http_channels *channel_door_http(struct channel_door *door);
/* Reads what persons said before (store_read_channel_switches). */
MUST_USE enum fault_kind channel_door_read(struct channel_door *door, struct store *store,
                                           struct fault *fault);
/* Whether a person switched the channel off. Any thread. */
bool channel_door_off(const struct channel_door *door, const struct channel *channel);
#endif

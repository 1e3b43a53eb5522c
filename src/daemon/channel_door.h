/* channel_door: between http, which knows no channels, and the operators' room, which knows no
 * requests: what http asks of channels (http/channels.h) is answered here, and what persons
 * switched off is remembered for all who ask. */
#ifndef PAYOUT_DAEMON_CHANNEL_DOOR_H
#define PAYOUT_DAEMON_CHANNEL_DOOR_H
#include "http/channels.h"
#include "operators/routing.h"
#include "store/store.h"

struct channel_door;
struct operator_worker;
struct steward;

/* Over routing and store, which must outlive it; what persons said before is read from it. The
 * caller owns *door, which is there after a fault too: channel_door_close. */
MUST_USE enum fault_kind channel_door_open(const struct routing *routing, struct store *store,
                                           struct channel_door **door, struct fault *fault);
void channel_door_close(struct channel_door *door); /* NULL is fine. */
/* What http is to be given; the door's. */
const struct http_channels *channel_door_http(struct channel_door *door);
/* Whether a person switched the channel off. Any thread; context is the door
 * (operator_worker_options.off). */
bool channel_door_off(void *door, const struct channel *channel);
/* Reads again what persons said: another process may have heard them. Any thread. */
MUST_USE enum fault_kind channel_door_look(struct channel_door *door, struct fault *fault);
/* Whoever is told when persons say something to this process; NULL: nobody. The same. */
void channel_door_steward(struct channel_door *door, struct steward *steward);
/* Who knows how channels are. Before any thread of http's runs. */
void channel_door_worker(struct channel_door *door, struct operator_worker *worker);
#endif

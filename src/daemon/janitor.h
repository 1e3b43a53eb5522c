/* janitor: the thread that does what only time asks for: lots that nobody confirmed expire, and
 * their money goes back. */
#ifndef PAYOUT_DAEMON_JANITOR_H
#define PAYOUT_DAEMON_JANITOR_H
#include "lane/lane.h"
#include "store/store.h"

struct janitor;
/* Starts the thread. store and lane must outlive it. The caller owns it: janitor_close. */
MUST_USE enum fault_kind janitor_open(struct store *store, struct lane *lane,
                                      struct janitor **janitor, struct fault *fault);
/* Ends the thread. Before lane_stop. Idempotent. */
void janitor_stop(struct janitor *janitor);
void janitor_close(struct janitor *janitor); /* After stop. NULL is fine. */
#endif

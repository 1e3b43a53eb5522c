/* janitor: the thread that does what only time asks for: lots that nobody confirmed expire, and
 * their money goes back; transfers that don't end for too long raise an alarm; passwords and
 * secrets that held on beside new ones are wiped; endpoints that have failed for long are switched
 * off, and their merchants told; tables of months to come are made. */
#ifndef PAYOUT_DAEMON_JANITOR_H
#define PAYOUT_DAEMON_JANITOR_H
#include "base/buffer.h"
#include "lane/lane.h"
#include "store/shares.h"
#include "store/store.h"

struct janitor;
/* Starts the thread. store, lane and shares (NULL: it is alone) must outlive it. alarm_after_ms:
 * how old a transfer may become without an alarm. The caller owns it: janitor_close. */
MUST_USE enum fault_kind janitor_open(struct store *store, struct lane *lane, struct shares *shares,
                                      int64_t alarm_after_ms, struct janitor **janitor,
                                      struct fault *fault);
/* Appends lines of Prometheus text. Any thread. */
void janitor_metrics(const struct janitor *janitor, struct buffer *text);
/* Ends the thread. Before lane_stop. Idempotent. */
void janitor_stop(struct janitor *janitor);
void janitor_close(struct janitor *janitor); /* After stop. NULL is fine. */
#endif

/* restore: `payoutd restore FILE`: puts a backup in the place of the store, after the audit has
 * proved it. It must never touch a store that a payoutd holds, nor throw a store away. */
#ifndef PAYOUT_DAEMON_RESTORE_H
#define PAYOUT_DAEMON_RESTORE_H
#include <stdbool.h>

/* force: a store that is there is kept under a dated name; else it refuses. Returns the process's
 * exit status. */
int restore_run(const char *store_url, const char *path, bool force);
#endif

/* upgrade: `payoutd migrate [--dry-run]`: says what a store's schema is and what it becomes, does
 * it as a whole or not at all, and proves the store by the audit. */
#ifndef PAYOUT_DAEMON_UPGRADE_H
#define PAYOUT_DAEMON_UPGRADE_H
#include <stdbool.h>

#include "store/store.h"

/* Returns the process's exit status: 1 when it could not be, or the audit finds anything. */
int upgrade_run(const char *store_url, bool dry_run);
/* Opens the store to write to it; may_migrate: with an older schema too, which it brings up to date
 * ([store] migrate). */
MUST_USE enum fault_kind upgrade_store_open(const char *store_url, bool may_migrate,
                                            struct store **store, struct fault *fault);
#endif

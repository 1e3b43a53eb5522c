/* backup: `payoutd backup FILE`: a consistent copy of the store, made while payoutd runs. */
#ifndef PAYOUT_DAEMON_BACKUP_H
#define PAYOUT_DAEMON_BACKUP_H

/* Returns the process's exit status. */
int backup_run(const char *store_url, const char *path);
#endif

/* copy: `payoutd copy FROM-URL TO-URL`: takes a whole installation from one store into another,
 * holds the two against each other row for row, and proves the new one by the audit before it may
 * be opened as a store. */
#ifndef PAYOUT_DAEMON_COPY_H
#define PAYOUT_DAEMON_COPY_H
#include <stdbool.h>

/* Says on standard output what it does and what has to be taken along by hand. again: what an
 * earlier copy left unfinished may go. Returns the process's exit status. */
int copy_run(const char *from, const char *into, bool again);
#endif

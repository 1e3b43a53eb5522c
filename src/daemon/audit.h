/* audit: `payoutd audit`: reads the whole store, row by row, in one consistent view, and proves
 * that every balance is what its movements say, that all accounts sum to zero, that held money
 * stands for live transfers, that every ended transfer moved its money once, that lots are whole,
 * that no movement is missing, and that the chain over the ledger holds. Its memory grows with
 * accounts, not with movements or transfers. It must never lean on the code that decides (money/):
 * it knows the promises only. */
#ifndef PAYOUT_DAEMON_AUDIT_H
#define PAYOUT_DAEMON_AUDIT_H
#include <stdbool.h>

struct store;

/* Prints what it found in an open store, and the head of the chain, which can be published. True:
 * all is right. */
bool audit_store(struct store *store);
/* The same of the store at store_url; the process's exit status: 0 when all is right, 1 when
 * anything is wrong or can't be read. */
int audit_run(const char *store_url);
#endif

/* hardening: what a payoutd gives up before it works, for the day on which it is made to do what it
 * should not. What the system can take away from outside (calls, files, networks) is
 * deploy/payoutd.service's. */
#ifndef PAYOUT_DAEMON_HARDENING_H
#define PAYOUT_DAEMON_HARDENING_H
#include "base/fault.h"

/* First of all: standard input, output and error are open, so that no file takes their place; what
 * it makes is its user's alone; nothing that it might run gets more rights than it has. */
void hardening_begin(void);
/* From now on its memory is neither dumped when it crashes nor shown to others of its user. */
void hardening_hide(void);
/* Becomes user, with the groups that user has, for good. "": stays who it is. Before there are
 * threads. FAULT_FINAL when there is no such user, or it can't be had: then nothing may go on. */
MUST_USE enum fault_kind hardening_drop(const char *user, struct fault *fault);
#endif

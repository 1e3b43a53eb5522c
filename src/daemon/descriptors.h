/* descriptors: how many connections this process can have. One too many and accept() fails: whoever
 * comes then, good or bad, hangs in the queue until somebody leaves. */
#ifndef PAYOUT_DAEMON_DESCRIPTORS_H
#define PAYOUT_DAEMON_DESCRIPTORS_H
#include <stdint.h>

/* Raises the process's limit of open files as far as it goes, and returns how many of the wanted
 * connections it leaves beside others_max files of other kinds; at least 1. Says so in the log when
 * that is fewer. */
int64_t descriptors_connections(int64_t wanted, int64_t others_max);
#endif

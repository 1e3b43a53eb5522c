/* hasher: the threads that check and make password hashes. Argon2id takes tens of milliseconds and
 * much memory on purpose, so it must never run on a listener's thread; and no more of it may wait
 * than can be done in a few seconds. */
#ifndef PAYOUT_HTTP_HASHER_H
#define PAYOUT_HTTP_HASHER_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/secret.h"
#include "http/crew.h"

struct hasher;

/* The submitter owns it, and must leave it alone from hasher_submit until done was called. */
struct hasher_job {
    struct crew_job job;     /* The hasher's own. */
    bool make;               /* Make a hash of password into made; else check it against hash. */
    const char *hash;        /* NULL: nobody's. It takes as long and does not match. */
    const char *hash_before; /* Another that will do. NULL: there is none. Both are always checked:
                                the time does not tell which of them was right. */
    const char *password;    /* Both in the submitter's memory. */
    size_t password_length;
    bool matches;                         /* Out, of a check. */
    char made[SECRET_PASSWORD_BYTES];     /* Out, of a making. */
    void (*done)(struct hasher_job *job); /* Called once, on the hasher's thread. Must be short. */
    void *context;                        /* The submitter's own. */
};

enum { HASHER_THREADS_MAX = CREW_THREADS_MAX, HASHER_QUEUE_MAX = 64 };

/* Starts threads (1 to HASHER_THREADS_MAX). The caller owns it: hasher_close. */
struct hasher *hasher_open(int threads);
/* Queues the job. False when HASHER_QUEUE_MAX wait already, or it is stopping: done will not be
 * called. Any thread. */
MUST_USE bool hasher_submit(struct hasher *hasher, struct hasher_job *job);
/* Does what has queued, takes nothing more, ends the threads. Idempotent. */
void hasher_stop(struct hasher *hasher);
/* Stops it and frees it. NULL is fine. */
void hasher_close(struct hasher *hasher);
#endif

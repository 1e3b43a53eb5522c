/* crew: threads that take jobs off one queue, in order, each job by one of them: for what must not
 * run on a listener's thread. */
#ifndef PAYOUT_HTTP_CREW_H
#define PAYOUT_HTTP_CREW_H
#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"

struct crew;

/* The submitter owns it, and must leave it alone from crew_submit until run is called. */
struct crew_job {
    void (*run)(struct crew_job *job); /* Called once, on a thread of the crew. */
    struct crew_job *next;             /* The crew's own. */
};

enum { CREW_THREADS_MAX = 16 };

/* Starts threads (1 to CREW_THREADS_MAX); at most waiting_max jobs wait for one. The caller owns
 * it: crew_close. */
struct crew *crew_open(int threads, size_t waiting_max);
/* Queues the job. False when waiting_max wait already, or it is stopping: run will not be called.
 * Any thread. */
MUST_USE bool crew_submit(struct crew *crew, struct crew_job *job);
/* Does what has queued, takes nothing more, ends the threads. Idempotent. */
void crew_stop(struct crew *crew);
/* Stops it and frees it. NULL is fine. */
void crew_close(struct crew *crew);
#endif

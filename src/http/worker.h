/* worker: what each of the listener's threads has for itself: a reader of the store, and copies of
 * the merchants that it saw last, so that a burst of calls reads its merchant once. */
#ifndef PAYOUT_HTTP_WORKER_H
#define PAYOUT_HTTP_WORKER_H
#include "base/arena.h"
#include "http/http.h"

/* The calling thread's reader, opened when it is first asked for. It lives until workers_close. */
MUST_USE enum fault_kind worker_reader(struct http *http, struct store_reader **reader,
                                       struct fault *fault);
/* The merchant, in arena; NULL when there is none. It is as it was WORKER_STALE_MS ago at worst,
 * and what this process changed is seen at once: what must be exact is decided by the lane. */
enum { WORKER_STALE_MS = 1000 };
MUST_USE enum fault_kind worker_merchant(struct http *http, struct arena *arena,
                                         struct merchant_id id, struct merchant **merchant,
                                         struct fault *fault);
/* Closes every thread's reader: after the threads ended. */
void workers_close(struct http *http);
#endif

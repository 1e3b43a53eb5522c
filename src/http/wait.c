#include "http/wait.h"

#include <microhttpd.h>
#include <stddef.h>

#include "base/clock.h"
#include "http/guest.h"
#include "http/pool.h"
#include "http/route.h"

/* --- Counting what is under way --- */

void wait_count(struct http *http, size_t *count, int by)
{
    invariant(pthread_mutex_lock(&http->lock) == 0);
    invariant(by > 0 || *count > 0);
    *count = by > 0 ? *count + 1 : *count - 1;
    if (*count == 0)
        invariant(pthread_cond_broadcast(&http->emptied) == 0);
    invariant(pthread_mutex_unlock(&http->lock) == 0);
}

/* False when the server is ending: nothing may begin to wait any more. */
static bool wait_begin(struct http *http)
{
    invariant(pthread_mutex_lock(&http->lock) == 0);
    bool may = !http->closing;
    if (may)
        http->requests_waiting++;
    invariant(pthread_mutex_unlock(&http->lock) == 0);
    return may;
}

/* On the lane's, the hasher's or the crew's thread. */
static void request_wake(struct request *request)
{
    struct http *http = request->http;
    const struct looper *looper = request->looper;
    MHD_resume_connection(request->connection);
    looper_wake(looper);
    /* From here on the request may be gone. */
    wait_count(http, &http->requests_waiting, -1);
}

/* What it waited for is done: it goes on, on the thread that has the time for it. */
static void request_go_on(struct request *request)
{
    if (!request->heavy) {
        request_wake(request);
        return;
    }
    bool taken = crew_submit(request->http->crew, &request->crew);
    invariant(taken); /* It stops when nothing waits any more. */
}

static void job_done(struct lane_job *job)
{
    request_go_on(job->context);
}

static void hash_done(struct hasher_job *job)
{
    request_go_on(job->context);
}

void wait_submit(struct request *request, enum turn turn)
{
    struct http *http = request->http;
    request->waits_for = turn;
    /* Once it is submitted it may be answered, and gone, before the next line. */
    bool taken;
    if (turn == TURN_LANE) {
        request->job.done = job_done;
        request->job.context = request;
        taken = lane_submit(http->lane, &request->job);
    } else {
        request->hash.done = hash_done;
        request->hash.context = request;
        taken = hasher_submit(http->hasher, &request->hash);
        if (!taken)
            (void)atomic_fetch_add(&http->metrics.hasher_full, 1);
    }
    if (!taken) {
        (void)route_busy(request);
        request->waits_for = TURN_REPLY;
        request_wake(request);
    }
}

bool wait_suspend(struct request *request)
{
    if (!wait_begin(request->http))
        return false;
    request->stage = STAGE_WAITING;
    guest_turn(request->guest, GUEST_WAITS, 0);
    MHD_suspend_connection(request->connection);
    return true;
}

bool wait_pause(struct request *request)
{
    if (!wait_begin(request->http))
        return false;
    guest_turn(request->guest, GUEST_WAITS, 0);
    MHD_suspend_connection(request->connection);
    return true;
}

void wait_unpause(struct request *request)
{
    guest_turn(request->guest, GUEST_READS, clock_monotonic_us());
    request_wake(request);
}

/* --- What is no small request --- */

/* On a thread of the crew: as far as it goes. */
static void heavy_run(struct crew_job *job)
{
    struct request *request =
        (struct request *)(void *)((char *)job - offsetof(struct request, crew));
    enum turn turn = request->waits_for == TURN_CREW ? route_begin(request) : route_resume(request);
    if (turn == TURN_REPLY) {
        request->waits_for = TURN_REPLY;
        request_wake(request);
    } else {
        wait_submit(request, turn);
    }
}

bool wait_heave(struct request *request)
{
    if (request->body.length <= HELD_SMALL_BYTES || !wait_suspend(request))
        return false;
    request->heavy = true;
    request->waits_for = TURN_CREW;
    request->crew.run = heavy_run;
    request_go_on(request);
    return true;
}

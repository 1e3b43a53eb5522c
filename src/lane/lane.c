#include "lane/lane.h"

#include <pthread.h>
#include <stdlib.h>

#include "lane/split.h"
#include "lane/strand.h"

struct lane {
    struct strand *strands[LANES_MAX];
    int count;
    bool starts_later, started, stopped;
};

enum fault_kind lane_open(struct store *store, const struct lane_options *options,
                          struct lane **lane, struct fault *fault)
{
    struct lane *opened = calloc(1, sizeof *opened);
    struct share share = store_share(store);
    invariant(opened != NULL);
    invariant(share.lane == 0 && share_lanes_valid(share.lanes));
    opened->starts_later = options->starts_later;
    for (; share.lane < share.lanes; share.lane++) {
        if (strand_open(store, share, options, &opened->strands[opened->count], fault) !=
            FAULT_NONE) {
            lane_close(opened);
            return fault_wrap(fault, "open the lane");
        }
        opened->count++;
    }
    *lane = opened;
    return FAULT_NONE;
}

bool lane_submit(struct lane *lane, struct lane_job *job)
{
    if (lane->count > 1 && split_needed(&job->command, lane->count))
        return split_submit(lane->strands, lane->count, job);
    struct strand *strand = lane->strands[command_lane(&job->command, lane->count)];
    return strands_submit(&strand, &job, 1);
}

bool lane_step(struct lane *lane)
{
    bool any = false;
    for (int i = 0; i < lane->count; i++)
        any = strand_step(lane->strands[i]) || any;
    return any;
}

void lane_start(struct lane *lane)
{
    invariant(!lane->started);
    lane->started = true;
    for (int i = 0; i < lane->count; i++)
        strand_start(lane->strands[i]);
}

struct call {
    pthread_mutex_t mutex;
    pthread_cond_t answered;
    bool done;
};

static void call_done(struct lane_job *job)
{
    struct call *call = job->context;
    invariant(pthread_mutex_lock(&call->mutex) == 0);
    call->done = true;
    invariant(pthread_cond_signal(&call->answered) == 0);
    invariant(pthread_mutex_unlock(&call->mutex) == 0);
}

enum fault_kind lane_call(struct lane *lane, struct lane_job *job)
{
    struct call call = {.mutex = PTHREAD_MUTEX_INITIALIZER, .answered = PTHREAD_COND_INITIALIZER};
    job->done = call_done;
    job->context = &call;
    if (!lane_submit(lane, job)) {
        job->fault = FAULT_AGAIN;
        return FAULT_AGAIN;
    }
    if (!lane->starts_later && !lane->started)
        while (!call.done && lane_step(lane))
            continue;
    invariant(pthread_mutex_lock(&call.mutex) == 0);
    while (!call.done)
        invariant(pthread_cond_wait(&call.answered, &call.mutex) == 0);
    invariant(pthread_mutex_unlock(&call.mutex) == 0);
    return job->fault;
}

void lane_stop(struct lane *lane)
{
    if (lane->stopped)
        return;
    lane->stopped = true;
    for (int i = 0; i < lane->count; i++)
        strand_stop_begin(lane->strands[i]);
    for (int i = 0; i < lane->count; i++)
        strand_stop_end(lane->strands[i]);
}

void lane_close(struct lane *lane)
{
    if (lane == NULL)
        return;
    lane_stop(lane);
    for (int i = 0; i < lane->count; i++)
        strand_close(lane->strands[i]);
    free(lane);
}

void lane_read_figures(const struct lane *lane, struct lane_figures *figures)
{
    *figures = (struct lane_figures){0};
    for (int i = 0; i < lane->count; i++)
        strand_add_figures(lane->strands[i], figures);
}

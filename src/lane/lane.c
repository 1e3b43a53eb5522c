#include "lane/lane.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "lane/batch.h"

struct lane {
    struct lane_options options;
    struct batch *batch; /* The lane's thread only, or who steps. */
    pthread_mutex_t mutex;
    pthread_cond_t filled;
    pthread_t thread;
    bool started, stopped;
    /* Under the mutex: */
    bool stopping;
    struct lane_job *first, *last;
    size_t queue_weight;
    struct lane_figures figures;
};

enum fault_kind lane_open(struct store *store, const struct lane_options *options,
                          struct lane **lane, struct fault *fault)
{
    struct lane *opened = calloc(1, sizeof *opened);
    invariant(opened != NULL);
    opened->options = *options;
    if (opened->options.queue_weight_max == 0)
        opened->options.queue_weight_max = LANE_QUEUE_WEIGHT_MAX;
    enum fault_kind kind = batch_open(store, options->screening, &opened->batch, fault);
    if (kind != FAULT_NONE) {
        free(opened);
        return fault_wrap(fault, "open the lane");
    }
    invariant(pthread_mutex_init(&opened->mutex, NULL) == 0);
    invariant(pthread_cond_init(&opened->filled, NULL) == 0);
    *lane = opened;
    return FAULT_NONE;
}

bool lane_submit(struct lane *lane, struct lane_job *job)
{
    size_t weight = command_weight(&job->command);
    job->next = NULL;
    job->fault = FAULT_NONE;
    job->queued_at_us = clock_monotonic_us();
    invariant(pthread_mutex_lock(&lane->mutex) == 0);
    /* One command heavier than the whole limit may pass when nothing else waits. */
    size_t most = lane->options.queue_weight_max;
    bool full = lane->queue_weight > 0 &&
                (lane->queue_weight >= most || weight > most - lane->queue_weight);
    bool taken = !lane->stopping && !full;
    if (taken) {
        if (lane->last == NULL)
            lane->first = job;
        else
            lane->last->next = job;
        lane->last = job;
        lane->queue_weight += weight;
        invariant(pthread_cond_signal(&lane->filled) == 0);
    } else {
        lane->figures.refused_full++;
    }
    invariant(pthread_mutex_unlock(&lane->mutex) == 0);
    return taken;
}

/* Takes what has queued, up to a batch's weight; NULL when there is nothing (and, with wait, the
 * lane is stopping). */
static struct lane_job *lane_take(struct lane *lane, bool wait)
{
    invariant(pthread_mutex_lock(&lane->mutex) == 0);
    while (wait && lane->first == NULL && !lane->stopping)
        invariant(pthread_cond_wait(&lane->filled, &lane->mutex) == 0);
    struct lane_job *first = lane->first, *last = NULL;
    size_t weight = 0;
    for (struct lane_job *job = first; job != NULL; job = job->next) {
        size_t more = command_weight(&job->command);
        if (last != NULL && weight + more > LANE_BATCH_WEIGHT_MAX)
            break;
        weight += more;
        last = job;
    }
    if (last != NULL) {
        lane->first = last->next;
        if (lane->first == NULL)
            lane->last = NULL;
        last->next = NULL;
        invariant(lane->queue_weight >= weight);
        lane->queue_weight -= weight;
    }
    invariant(pthread_mutex_unlock(&lane->mutex) == 0);
    return first;
}

static size_t histogram_bucket(int64_t wait_us)
{
    size_t bucket = 0;
    while (bucket + 1 < LANE_HISTOGRAM_BUCKETS && wait_us >= INT64_C(1) << bucket)
        bucket++;
    return bucket;
}

/* Counts a batch that has ended, before its submitters hear of it. */
static void lane_count(struct lane *lane, const struct lane_job *jobs, uint64_t contradictions)
{
    int64_t now_us = clock_monotonic_us();
    invariant(pthread_mutex_lock(&lane->mutex) == 0);
    struct lane_figures *figures = &lane->figures;
    figures->batches++;
    figures->contradictions += contradictions;
    for (const struct lane_job *job = jobs; job != NULL; job = job->next) {
        int64_t wait_us = now_us - job->queued_at_us;
        figures->commands++;
        figures->commands_by_kind[job->command.kind]++;
        figures->faults += job->fault != FAULT_NONE;
        figures->wait_us_buckets[histogram_bucket(wait_us)]++;
        figures->wait_us_sum += (uint64_t)wait_us;
    }
    invariant(pthread_mutex_unlock(&lane->mutex) == 0);
}

static void lane_answer(struct lane_job *jobs)
{
    for (struct lane_job *job = jobs, *next; job != NULL; job = next) {
        next = job->next;
        job->done(job); /* It may free the job. */
    }
}

/* One batch, from taking to answering. False when there was nothing to take. */
static bool lane_turn(struct lane *lane, bool wait)
{
    struct lane_job *jobs = lane_take(lane, wait);
    if (jobs == NULL)
        return false;
    struct batch_effect effect = batch_commit(lane->batch, jobs);
    lane_count(lane, jobs, effect.contradictions);
    lane_answer(jobs);
    if (effect.work_made && lane->options.work_made != NULL)
        lane->options.work_made(lane->options.context);
    if (effect.notifications_made && lane->options.notifications_made != NULL)
        lane->options.notifications_made(lane->options.context, effect.at_ms);
    if (effect.mails_made && lane->options.mails_made != NULL)
        lane->options.mails_made(lane->options.context, effect.at_ms);
    return true;
}

bool lane_step(struct lane *lane)
{
    invariant(!lane->started);
    return lane_turn(lane, false);
}

static void *lane_run(void *argument)
{
    struct lane *lane = argument;
    while (lane_turn(lane, true))
        continue;
    return NULL;
}

void lane_start(struct lane *lane)
{
    invariant(!lane->started);
    lane->started = true;
    invariant(pthread_create(&lane->thread, NULL, lane_run, lane) == 0);
    (void)pthread_setname_np(lane->thread, "lane");
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
    if (!lane->options.starts_later && !lane->started)
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
    invariant(pthread_mutex_lock(&lane->mutex) == 0);
    lane->stopping = true;
    invariant(pthread_cond_broadcast(&lane->filled) == 0);
    invariant(pthread_mutex_unlock(&lane->mutex) == 0);
    if (lane->started)
        invariant(pthread_join(lane->thread, NULL) == 0);
    while (lane_turn(lane, false))
        continue;
}

void lane_close(struct lane *lane)
{
    if (lane == NULL)
        return;
    lane_stop(lane);
    batch_close(lane->batch);
    invariant(pthread_cond_destroy(&lane->filled) == 0);
    invariant(pthread_mutex_destroy(&lane->mutex) == 0);
    free(lane);
}

void lane_read_figures(const struct lane *lane, struct lane_figures *figures)
{
    pthread_mutex_t *mutex = (pthread_mutex_t *)(uintptr_t)&lane->mutex; /* Const but for this. */
    invariant(pthread_mutex_lock(mutex) == 0);
    *figures = lane->figures;
    figures->queue_weight = lane->queue_weight;
    invariant(pthread_mutex_unlock(mutex) == 0);
}

#include "lane/strand.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "lane/batch.h"

struct strand {
    struct lane_options options;
    struct share share;
    struct batch *batch; /* Its thread only, or who steps. */
    pthread_mutex_t mutex;
    pthread_cond_t filled;
    pthread_t thread;
    bool started;
    /* Under the mutex: */
    bool stopping;
    struct lane_job *first, *last;
    size_t queue_weight;
    struct lane_figures figures;
};

enum fault_kind strand_open(struct store *store, struct share share,
                            const struct lane_options *options, struct strand **strand,
                            struct fault *fault)
{
    struct strand *opened = calloc(1, sizeof *opened);
    invariant(opened != NULL);
    opened->options = *options;
    opened->share = share;
    if (opened->options.queue_weight_max == 0)
        opened->options.queue_weight_max = LANE_QUEUE_WEIGHT_MAX;
    enum fault_kind kind = batch_open(store, share, &opened->options, &opened->batch, fault);
    if (kind != FAULT_NONE) {
        free(opened);
        return kind;
    }
    invariant(pthread_mutex_init(&opened->mutex, NULL) == 0);
    invariant(pthread_cond_init(&opened->filled, NULL) == 0);
    *strand = opened;
    return FAULT_NONE;
}

/* Under the mutex. One command heavier than the whole limit may pass when nothing else waits. */
static bool strand_has_room(const struct strand *strand, size_t weight)
{
    size_t most = strand->options.queue_weight_max;
    if (strand->stopping)
        return false;
    return strand->queue_weight == 0 ||
           (strand->queue_weight < most && weight <= most - strand->queue_weight);
}

/* Under the mutex. */
static void strand_add(struct strand *strand, struct lane_job *job)
{
    if (strand->last == NULL)
        strand->first = job;
    else
        strand->last->next = job;
    strand->last = job;
    strand->queue_weight += command_weight(&job->command);
    invariant(pthread_cond_signal(&strand->filled) == 0);
}

bool strands_submit(struct strand *const *strands, struct lane_job *const *jobs, size_t count)
{
    bool room = true;
    for (size_t i = 0; i < count; i++) { /* In the order of lanes: nobody waits in a circle. */
        jobs[i]->next = NULL;
        jobs[i]->fault = FAULT_NONE;
        jobs[i]->queued_at_us = clock_monotonic_us();
        invariant(pthread_mutex_lock(&strands[i]->mutex) == 0);
        room = room && strand_has_room(strands[i], command_weight(&jobs[i]->command));
    }
    for (size_t i = 0; i < count; i++) {
        if (room)
            strand_add(strands[i], jobs[i]);
        else
            strands[i]->figures.refused_full++;
    }
    for (size_t i = 0; i < count; i++)
        invariant(pthread_mutex_unlock(&strands[i]->mutex) == 0);
    return room;
}

/* Takes what has queued, up to a batch's weight; NULL when there is nothing (and, with wait, the
 * strand is stopping). */
static struct lane_job *strand_take(struct strand *strand, bool wait)
{
    invariant(pthread_mutex_lock(&strand->mutex) == 0);
    while (wait && strand->first == NULL && !strand->stopping)
        invariant(pthread_cond_wait(&strand->filled, &strand->mutex) == 0);
    struct lane_job *first = strand->first, *last = NULL;
    size_t weight = 0;
    for (struct lane_job *job = first; job != NULL; job = job->next) {
        size_t more = command_weight(&job->command);
        if (last != NULL && weight + more > LANE_BATCH_WEIGHT_MAX)
            break;
        weight += more;
        last = job;
    }
    if (last != NULL) {
        strand->first = last->next;
        if (strand->first == NULL)
            strand->last = NULL;
        last->next = NULL;
        invariant(strand->queue_weight >= weight);
        strand->queue_weight -= weight;
    }
    invariant(pthread_mutex_unlock(&strand->mutex) == 0);
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
static void strand_count(struct strand *strand, const struct lane_job *jobs,
                         uint64_t contradictions)
{
    int64_t now_us = clock_monotonic_us();
    invariant(pthread_mutex_lock(&strand->mutex) == 0);
    struct lane_figures *figures = &strand->figures;
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
    invariant(pthread_mutex_unlock(&strand->mutex) == 0);
}

static void strand_answer(struct lane_job *jobs)
{
    for (struct lane_job *job = jobs, *next; job != NULL; job = next) {
        next = job->next;
        job->done(job); /* It may free the job. */
    }
}

/* One batch, from taking to answering. False when there was nothing to take. */
static bool strand_turn(struct strand *strand, bool wait)
{
    struct lane_job *jobs = strand_take(strand, wait);
    if (jobs == NULL)
        return false;
    struct batch_effect effect = batch_commit(strand->batch, jobs);
    strand_count(strand, jobs, effect.contradictions);
    strand_answer(jobs);
    if (effect.work != 0 && strand->options.work_made != NULL)
        strand->options.work_made(strand->options.context, effect.work);
    if (effect.notifications != 0 && strand->options.notifications_made != NULL)
        strand->options.notifications_made(strand->options.context, effect.notifications,
                                           effect.at_ms);
    if (effect.mails_made && strand->options.mails_made != NULL)
        strand->options.mails_made(strand->options.context, effect.at_ms);
    return true;
}

bool strand_step(struct strand *strand)
{
    invariant(!strand->started);
    return strand_turn(strand, false);
}

static void *strand_run(void *argument)
{
    struct strand *strand = argument;
    while (strand_turn(strand, true))
        continue;
    return NULL;
}

void strand_start(struct strand *strand)
{
    char name[16] = "lane";
    invariant(!strand->started);
    strand->started = true;
    if (strand->share.lanes > 1)
        (void)snprintf(name, sizeof name, "lane %d", strand->share.lane);
    invariant(pthread_create(&strand->thread, NULL, strand_run, strand) == 0);
    (void)pthread_setname_np(strand->thread, name);
}

void strand_stop_begin(struct strand *strand)
{
    invariant(pthread_mutex_lock(&strand->mutex) == 0);
    strand->stopping = true;
    invariant(pthread_cond_broadcast(&strand->filled) == 0);
    invariant(pthread_mutex_unlock(&strand->mutex) == 0);
}

void strand_stop_end(struct strand *strand)
{
    invariant(strand->stopping);
    if (strand->started)
        invariant(pthread_join(strand->thread, NULL) == 0);
    while (strand_turn(strand, false))
        continue;
}

void strand_close(struct strand *strand)
{
    batch_close(strand->batch);
    invariant(pthread_cond_destroy(&strand->filled) == 0);
    invariant(pthread_mutex_destroy(&strand->mutex) == 0);
    free(strand);
}

void strand_add_figures(struct strand *strand, struct lane_figures *sum)
{
    invariant(pthread_mutex_lock(&strand->mutex) == 0);
    const struct lane_figures *of = &strand->figures;
    sum->batches += of->batches;
    sum->commands += of->commands;
    sum->faults += of->faults;
    sum->refused_full += of->refused_full;
    for (size_t i = 0; i < COMMAND_KIND_COUNT; i++)
        sum->commands_by_kind[i] += of->commands_by_kind[i];
    for (size_t i = 0; i < LANE_HISTOGRAM_BUCKETS; i++)
        sum->wait_us_buckets[i] += of->wait_us_buckets[i];
    sum->wait_us_sum += of->wait_us_sum;
    sum->queue_weight += strand->queue_weight;
    sum->contradictions += of->contradictions;
    invariant(pthread_mutex_unlock(&strand->mutex) == 0);
}

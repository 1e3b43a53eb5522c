#include "operators/works.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"

enum { LANE_FULL_MS = 10 }; /* Before the lane is asked again. */

struct works {
    struct lane *lane;
    void (*wake)(void *context);
    void *context;
    pthread_mutex_t mutex;
    struct work *ended; /* By the lane, under the mutex; the last first. */
    /* The worker's own: */
    struct work *taken_over; /* Of ended, the first first. */
    struct work *free_claims, *free_outcomes;
    struct work *refused, *refused_last; /* By a full lane, or to be tried again. */
    int64_t refused_until_us;
    size_t away;
    atomic_uint_fast64_t refused_count;
    struct work all[2 * WORKS_OF_A_KIND];
};

struct works *works_open(struct lane *lane, void (*wake)(void *context), void *context)
{
    struct works *works = calloc(1, sizeof *works);
    invariant(works != NULL);
    works->lane = lane;
    works->wake = wake;
    works->context = context;
    invariant(pthread_mutex_init(&works->mutex, NULL) == 0);
    for (int i = 0; i < 2 * WORKS_OF_A_KIND; i++) {
        struct work **list = i < WORKS_OF_A_KIND ? &works->free_claims : &works->free_outcomes;
        works->all[i].works = works;
        works->all[i].next = *list;
        *list = &works->all[i];
    }
    return works;
}

void works_close(struct works *works)
{
    if (works == NULL)
        return;
    invariant(pthread_mutex_destroy(&works->mutex) == 0);
    free(works);
}

static struct work **free_list(struct works *works, enum command_kind kind)
{
    return kind == COMMAND_TRANSFER_CLAIM ? &works->free_claims : &works->free_outcomes;
}

/* On the lane's thread. */
static void work_done(struct lane_job *job)
{
    struct work *work = job->context;
    struct works *works = work->works;
    invariant(pthread_mutex_lock(&works->mutex) == 0);
    work->next = works->ended;
    works->ended = work;
    works->wake(works->context); /* Still under the mutex: who takes it may close all this. */
    invariant(pthread_mutex_unlock(&works->mutex) == 0);
}

struct work *works_take(struct works *works, enum command_kind kind)
{
    struct work **list = free_list(works, kind);
    struct work *work = *list;
    if (work == NULL)
        return NULL;
    *list = work->next;
    work->count = 0;
    work->job = (struct lane_job){.command.kind = kind, .done = work_done, .context = work};
    works->away++;
    return work;
}

void works_free(struct works *works, struct work *work)
{
    struct work **list = free_list(works, work->job.command.kind);
    arena_close(work->arena);
    work->arena = NULL;
    work->next = *list;
    *list = work;
    works->away--;
}

static void work_wait(struct works *works, struct work *work, int64_t wait_ms)
{
    work->next = NULL;
    if (works->refused == NULL)
        works->refused = work;
    else
        works->refused_last->next = work;
    works->refused_last = work;
    works->refused_until_us = clock_monotonic_us() + wait_ms * 1000;
}

void works_again(struct works *works, struct work *work)
{
    work_wait(works, work, WORKS_AGAIN_MS);
}

void works_submit(struct works *works, struct work *work)
{
    if (works->refused == NULL && lane_submit(works->lane, &work->job))
        return;
    atomic_fetch_add_explicit(&works->refused_count, 1, memory_order_relaxed);
    work_wait(works, work, LANE_FULL_MS);
}

struct work *works_ended(struct works *works)
{
    if (works->taken_over == NULL) {
        invariant(pthread_mutex_lock(&works->mutex) == 0);
        struct work *ended = works->ended;
        works->ended = NULL;
        invariant(pthread_mutex_unlock(&works->mutex) == 0);
        for (struct work *next; ended != NULL; ended = next) {
            next = ended->next;
            ended->next = works->taken_over;
            works->taken_over = ended;
        }
    }
    struct work *work = works->taken_over;
    if (work != NULL)
        works->taken_over = work->next;
    return work;
}

void works_retry(struct works *works, bool stopping, bool last)
{
    int64_t now_us = clock_monotonic_us();
    while (works->refused != NULL && (stopping || now_us >= works->refused_until_us)) {
        struct work *work = works->refused;
        struct work *next = work->next; /* The work may be done before lane_submit returns. */
        bool dropped = stopping && (last || work->job.command.kind == COMMAND_TRANSFER_CLAIM);
        if (!dropped && now_us < works->refused_until_us)
            return;
        works->refused = next;
        if (dropped) {
            work->job.fault = FAULT_AGAIN;
            work->next = works->taken_over;
            works->taken_over = work;
        } else if (!lane_submit(works->lane, &work->job)) {
            works->refused = work;
            works->refused_until_us = now_us + INT64_C(1000) * LANE_FULL_MS;
            return;
        }
    }
}

int64_t works_retry_at_us(const struct works *works)
{
    return works->refused == NULL ? INT64_MAX : works->refused_until_us;
}

bool works_claimable(const struct works *works)
{
    return works->free_claims != NULL && works->refused == NULL;
}

size_t works_away(const struct works *works)
{
    return works->away;
}

uint64_t works_refused(const struct works *works)
{
    return atomic_load_explicit(&works->refused_count, memory_order_relaxed);
}

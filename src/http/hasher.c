#include "http/hasher.h"

#include <pthread.h>
#include <stdlib.h>

struct hasher {
    pthread_mutex_t lock; /* Guards all below but the threads. */
    pthread_cond_t filled;
    struct hasher_job *first, *last;
    size_t waiting;
    bool stopping;
    pthread_t threads[HASHER_THREADS_MAX];
    int thread_count; /* 0 once they ended. */
};

/* The next job, or NULL when there is none and none will come. */
static struct hasher_job *job_take(struct hasher *hasher)
{
    (void)pthread_mutex_lock(&hasher->lock);
    while (hasher->first == NULL && !hasher->stopping)
        (void)pthread_cond_wait(&hasher->filled, &hasher->lock);
    struct hasher_job *job = hasher->first;
    if (job != NULL) {
        hasher->first = job->next;
        if (hasher->first == NULL)
            hasher->last = NULL;
        hasher->waiting--;
    }
    (void)pthread_mutex_unlock(&hasher->lock);
    return job;
}

static void password_check(struct hasher_job *job)
{
    bool before = job->hash_before != NULL &&
                  secret_password_matches(job->hash_before, job->password, job->password_length);
    job->matches =
        secret_password_matches(job->hash, job->password, job->password_length) || before;
}

static void *thread_run(void *context)
{
    struct hasher *hasher = context;
    for (struct hasher_job *job = job_take(hasher); job != NULL; job = job_take(hasher)) {
        if (job->make)
            secret_password_hash(job->password, job->password_length, job->made);
        else
            password_check(job);
        job->done(job);
    }
    return NULL;
}

struct hasher *hasher_open(int threads)
{
    invariant(threads >= 1 && threads <= HASHER_THREADS_MAX);
    struct hasher *hasher = calloc(1, sizeof *hasher);
    invariant(hasher != NULL);
    invariant(pthread_mutex_init(&hasher->lock, NULL) == 0);
    invariant(pthread_cond_init(&hasher->filled, NULL) == 0);
    hasher->thread_count = threads;
    for (int i = 0; i < threads; i++)
        invariant(pthread_create(&hasher->threads[i], NULL, thread_run, hasher) == 0);
    return hasher;
}

bool hasher_submit(struct hasher *hasher, struct hasher_job *job)
{
    (void)pthread_mutex_lock(&hasher->lock);
    bool taken = !hasher->stopping && hasher->waiting < HASHER_QUEUE_MAX;
    if (taken) {
        job->next = NULL;
        if (hasher->last == NULL)
            hasher->first = job;
        else
            hasher->last->next = job;
        hasher->last = job;
        hasher->waiting++;
        (void)pthread_cond_signal(&hasher->filled);
    }
    (void)pthread_mutex_unlock(&hasher->lock);
    return taken;
}

void hasher_stop(struct hasher *hasher)
{
    (void)pthread_mutex_lock(&hasher->lock);
    hasher->stopping = true;
    (void)pthread_cond_broadcast(&hasher->filled);
    (void)pthread_mutex_unlock(&hasher->lock);
    for (int i = 0; i < hasher->thread_count; i++)
        (void)pthread_join(hasher->threads[i], NULL);
    hasher->thread_count = 0;
}

void hasher_close(struct hasher *hasher)
{
    if (hasher == NULL)
        return;
    hasher_stop(hasher);
    (void)pthread_cond_destroy(&hasher->filled);
    (void)pthread_mutex_destroy(&hasher->lock);
    free(hasher);
}

#include "http/crew.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* Whoever listens, and the lane, come first where there are too few cores for all. */
enum { NICE = 5 };

struct crew {
    pthread_mutex_t lock; /* Guards all below but the threads. */
    pthread_cond_t filled;
    struct crew_job *first, *last;
    size_t waiting, waiting_max;
    bool stopping;
    pthread_t threads[CREW_THREADS_MAX];
    int thread_count; /* 0 once they ended. */
};

/* The next job, or NULL when there is none and none will come. */
static struct crew_job *job_take(struct crew *crew)
{
    (void)pthread_mutex_lock(&crew->lock);
    while (crew->first == NULL && !crew->stopping)
        (void)pthread_cond_wait(&crew->filled, &crew->lock);
    struct crew_job *job = crew->first;
    if (job != NULL) {
        crew->first = job->next;
        if (crew->first == NULL)
            crew->last = NULL;
        crew->waiting--;
    }
    (void)pthread_mutex_unlock(&crew->lock);
    return job;
}

static void *thread_run(void *context)
{
    struct crew *crew = context;
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICE); /* Linux: of this thread alone. */
    for (struct crew_job *job = job_take(crew); job != NULL; job = job_take(crew))
        job->run(job);
    return NULL;
}

struct crew *crew_open(int threads, size_t waiting_max)
{
    invariant(threads >= 1 && threads <= CREW_THREADS_MAX);
    struct crew *crew = calloc(1, sizeof *crew);
    invariant(crew != NULL);
    invariant(pthread_mutex_init(&crew->lock, NULL) == 0);
    invariant(pthread_cond_init(&crew->filled, NULL) == 0);
    crew->waiting_max = waiting_max;
    crew->thread_count = threads;
    for (int i = 0; i < threads; i++)
        invariant(pthread_create(&crew->threads[i], NULL, thread_run, crew) == 0);
    return crew;
}

bool crew_submit(struct crew *crew, struct crew_job *job)
{
    (void)pthread_mutex_lock(&crew->lock);
    bool taken = !crew->stopping && crew->waiting < crew->waiting_max;
    if (taken) {
        job->next = NULL;
        if (crew->last == NULL)
            crew->first = job;
        else
            crew->last->next = job;
        crew->last = job;
        crew->waiting++;
        (void)pthread_cond_signal(&crew->filled);
    }
    (void)pthread_mutex_unlock(&crew->lock);
    return taken;
}

void crew_stop(struct crew *crew)
{
    (void)pthread_mutex_lock(&crew->lock);
    crew->stopping = true;
    (void)pthread_cond_broadcast(&crew->filled);
    (void)pthread_mutex_unlock(&crew->lock);
    for (int i = 0; i < crew->thread_count; i++)
        (void)pthread_join(crew->threads[i], NULL);
    crew->thread_count = 0;
}

void crew_close(struct crew *crew)
{
    if (crew == NULL)
        return;
    crew_stop(crew);
    (void)pthread_cond_destroy(&crew->filled);
    (void)pthread_mutex_destroy(&crew->lock);
    free(crew);
}

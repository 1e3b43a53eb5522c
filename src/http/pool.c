#include "http/pool.h"

#include <errno.h>
#include <limits.h>
#include <microhttpd.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct looper {
    struct pool *pool;
    struct MHD_Daemon *daemon;
    int events; /* Readable when the daemon has something to do. */
    int wake;   /* An eventfd: readable when the pool has news. */
    pthread_t thread;
    /* The thread's own: */
    bool quiesced;
    uint64_t moves, moves_seen; /* How often looper_moved was called; when we last looked. */
    int still;                  /* Runs without such a call since then. */
};

struct pool {
    void *owner;
    pool_tend *tend;
    pthread_mutex_t lock; /* Guards the three below. */
    pthread_cond_t changed;
    bool quiescing, stopping;
    int quiesced; /* How many threads are. */
    int count;
    struct looper loopers[];
};

/* A run may move what libmicrohttpd and GnuTLS hold already, without a byte from outside: so it may
 * happen some times in a row; not often, since each run tries every handshake that waits. */
enum { STILL_RUNS_MAX = 4, PACE_MS = 10 };

static _Thread_local struct looper *looper_now;

struct looper *pool_looper(void)
{
    return looper_now;
}

void *looper_owner(const struct looper *looper)
{
    return looper->pool->owner;
}

int looper_index(const struct looper *looper)
{
    return (int)(looper - looper->pool->loopers);
}

void looper_wake(const struct looper *looper)
{
    uint64_t one = 1;
    ssize_t written = write(looper->wake, &one, sizeof one);
    invariant(written == sizeof one);
}

/* Does what the pool asked for. False: end. */
static bool news_take(struct looper *looper)
{
    struct pool *pool = looper->pool;
    uint64_t times;
    ssize_t got = read(looper->wake, &times, sizeof times);
    invariant(got == sizeof times);
    invariant(pthread_mutex_lock(&pool->lock) == 0);
    bool quiesce = pool->quiescing && !looper->quiesced;
    bool stopping = pool->stopping;
    invariant(pthread_mutex_unlock(&pool->lock) == 0);
    if (quiesce) {
        /* On this thread, since the daemon changes its epoll set without a lock. */
        (void)close(MHD_quiesce_daemon(looper->daemon));
        looper->quiesced = true;
        invariant(pthread_mutex_lock(&pool->lock) == 0);
        pool->quiesced++;
        invariant(pthread_cond_signal(&pool->changed) == 0);
        invariant(pthread_mutex_unlock(&pool->lock) == 0);
    }
    return !stopping;
}

static unsigned connections_of(const struct looper *looper)
{
    return MHD_get_daemon_info(looper->daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS)
        ->num_connections;
}

/* Does what is to be done. At its limit of connections a daemon does not listen, and begins again
 * only with the run after the one in which a connection ended: so that one may not wait. */
static void looper_turn(const struct looper *looper)
{
    unsigned before;
    do {
        before = connections_of(looper);
        invariant(MHD_run(looper->daemon) == MHD_YES);
    } while (connections_of(looper) < before);
}

void looper_moved(struct looper *looper)
{
    looper->moves++;
}

/* How long a thread waits that could run again at once. */
static int looper_pace(struct looper *looper)
{
    if (looper->moves == 0) /* There is no TLS. */
        return 0;
    if (looper->moves != looper->moves_seen) {
        looper->moves_seen = looper->moves;
        looper->still = 0;
        return 0;
    }
    if (looper->still >= STILL_RUNS_MAX)
        return PACE_MS;
    looper->still++;
    return 0;
}

static void *looper_run(void *argument)
{
    struct looper *looper = looper_now = argument;
    for (;;) {
        struct pollfd ready[2] = {{.fd = looper->events, .events = POLLIN},
                                  {.fd = looper->wake, .events = POLLIN}};
        MHD_UNSIGNED_LONG_LONG timeout_ms;
        int wait_ms = -1;
        if (MHD_get_timeout(looper->daemon, &timeout_ms) == MHD_YES)
            wait_ms = timeout_ms < INT_MAX ? (int)timeout_ms : INT_MAX;
        if (wait_ms == 0)
            wait_ms = looper_pace(looper);
        int tend_ms = looper->pool->tend(looper->pool->owner, looper);
        if (tend_ms >= 0 && (wait_ms < 0 || wait_ms > tend_ms))
            wait_ms = tend_ms;
        int found = poll(ready, 2, wait_ms);
        invariant(found >= 0 || errno == EINTR);
        if (found > 0 && ready[1].revents != 0 && !news_take(looper))
            return NULL;
        looper_turn(looper);
    }
}

static enum fault_kind looper_open(struct looper *looper, int listener, pool_start *start,
                                   void *context, struct fault *fault)
{
    int copy = dup(listener);
    looper->wake = eventfd(0, EFD_CLOEXEC);
    if (copy < 0 || looper->wake < 0)
        return fault_set(fault, FAULT_FINAL, "start the listener: %s", strerror(errno));
    looper->daemon = start(context, copy);
    if (looper->daemon == NULL) {
        int why = errno;
        (void)close(copy);
        return fault_set(fault, FAULT_FINAL, "start the listener: %s", strerror(why));
    }
    looper->events = MHD_get_daemon_info(looper->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    invariant(looper->events >= 0);
    invariant(pthread_create(&looper->thread, NULL, looper_run, looper) == 0);
    (void)pthread_setname_np(looper->thread, "http");
    return FAULT_NONE;
}

enum fault_kind pool_open(int listener, int threads, pool_start *start, void *context,
                          pool_tend *tend, void *owner, struct pool **pool, struct fault *fault)
{
    invariant(threads > 0);
    struct pool *opened = calloc(1, sizeof *opened + (size_t)threads * sizeof *opened->loopers);
    invariant(opened != NULL);
    opened->owner = owner;
    opened->tend = tend;
    invariant(pthread_mutex_init(&opened->lock, NULL) == 0);
    invariant(pthread_cond_init(&opened->changed, NULL) == 0);
    for (int i = 0; i < threads; i++) {
        opened->loopers[i] = (struct looper){.pool = opened, .wake = -1};
        opened->count++;
        if (looper_open(&opened->loopers[i], listener, start, context, fault) != FAULT_NONE) {
            pool_close(opened);
            return fault->kind;
        }
    }
    *pool = opened;
    return FAULT_NONE;
}

/* Sets a flag and wakes every thread that runs. */
static void pool_tell(struct pool *pool, bool *flag)
{
    invariant(pthread_mutex_lock(&pool->lock) == 0);
    *flag = true;
    invariant(pthread_mutex_unlock(&pool->lock) == 0);
    for (int i = 0; i < pool->count; i++)
        if (pool->loopers[i].daemon != NULL)
            looper_wake(&pool->loopers[i]);
}

void pool_quiesce(struct pool *pool)
{
    pool_tell(pool, &pool->quiescing);
    invariant(pthread_mutex_lock(&pool->lock) == 0);
    while (pool->quiesced < pool->count)
        invariant(pthread_cond_wait(&pool->changed, &pool->lock) == 0);
    invariant(pthread_mutex_unlock(&pool->lock) == 0);
}

void pool_close(struct pool *pool)
{
    if (pool == NULL)
        return;
    pool_tell(pool, &pool->stopping);
    for (int i = 0; i < pool->count; i++) {
        struct looper *looper = &pool->loopers[i];
        if (looper->daemon != NULL) {
            invariant(pthread_join(looper->thread, NULL) == 0);
            MHD_stop_daemon(looper->daemon);
        }
        if (looper->wake >= 0)
            (void)close(looper->wake);
    }
    invariant(pthread_cond_destroy(&pool->changed) == 0);
    invariant(pthread_mutex_destroy(&pool->lock) == 0);
    free(pool);
}

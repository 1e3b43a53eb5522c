/* pool: the listener's threads. Each runs a libmicrohttpd daemon of its own, without a thread
 * inside, over the same listening socket.
 *
 * Why not libmicrohttpd's own pool: when exactly 128 events are ready at once, the epoll loop of
 * 0.9.75 (Debian 12's) asks for more without a limit of time before it looks at those (MHD_epoll in
 * daemon.c: while (MAX_EVENTS == num_events)), and everybody waits until something else happens, a
 * minute at worst. MHD_run never waits; we do. bench/load with 512 connections showed it. */
#ifndef PAYOUT_HTTP_POOL_H
#define PAYOUT_HTTP_POOL_H
#include "base/fault.h"

struct pool;
struct looper; /* A thread of a pool. */
struct MHD_Daemon;

/* Starts a daemon with MHD_USE_EPOLL and no thread on listener, which is its own from then on.
 * NULL: it can't be started, and listener is the caller's still. */
typedef struct MHD_Daemon *pool_start(void *context, int listener);
/* Called by each thread after each run of its daemon: says how many milliseconds it may wait at
 * most before the next one, -1: as long as it likes. */
typedef int pool_tend(void *owner, const struct looper *looper);

/* Starts threads (> 0) on copies of listener. context is start's; owner is tend's, and what
 * looper_owner tells. The caller owns *pool: pool_close. */
MUST_USE enum fault_kind pool_open(int listener, int threads, pool_start *start, void *context,
                                   pool_tend *tend, void *owner, struct pool **pool,
                                   struct fault *fault);
/* The pool's thread that calls this; never NULL in a callback of its daemon. */
struct looper *pool_looper(void);
void *looper_owner(const struct looper *looper);
int looper_index(const struct looper *looper); /* From 0, below threads. */
/* Bytes went over a TLS connection of this thread, or one began, or gave us some of its request.
 * With TLS, 0.9.75 tries a handshake that waits for its client again at every run, and wants the
 * next run at once: a single client that is silent would keep a core busy. So a thread that was
 * told this once, and has heard nothing of it for some runs, lets the next ones wait for an event,
 * or a moment. In a callback of its daemon. */
void looper_moved(struct looper *looper);
/* After MHD_resume_connection: a daemon without a thread inside does not notice by itself. Any
 * thread, until pool_close. */
void looper_wake(const struct looper *looper);
/* Returns when no thread takes a new connection any more. Once, from one thread. */
void pool_quiesce(struct pool *pool);
/* Ends the threads and stops the daemons: no connection may be suspended. NULL is fine. */
void pool_close(struct pool *pool);
#endif

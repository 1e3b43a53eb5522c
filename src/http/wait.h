/* wait: how a request waits, with its connection suspended, for the lane, for the hasher, or for a
 * thread of the crew, which runs what is no small request. Every wait is counted: libmicrohttpd
 * must not be stopped with a connection suspended. The room's own, for server.c. */
#ifndef PAYOUT_HTTP_WAIT_H
#define PAYOUT_HTTP_WAIT_H
#include "http/request.h"

/* Changes one of the counts that http_drain waits for, by 1 or -1. Any thread. */
void wait_count(struct http *http, size_t *count, int by);
/* Suspends the connection, on its listener's thread. False: the server is ending. */
MUST_USE bool wait_suspend(struct request *request);
/* Suspends and resumes a connection whose answer goes on, on its listener's thread. False: the
 * server is ending. */
MUST_USE bool wait_pause(struct request *request);
void wait_unpause(struct request *request);
/* Gives the request, whose connection is suspended, to what turn (LANE or HASH) waits for. It may
 * be answered, and gone, before this returns. */
void wait_submit(struct request *request, enum turn turn);
/* A request that is complete and no small one is suspended and given to the crew: thousands of
 * items take milliseconds to be read and written, for which all other connections of a listener's
 * thread would wait. False: it is small, or the server is ending. */
MUST_USE bool wait_heave(struct request *request);
#endif

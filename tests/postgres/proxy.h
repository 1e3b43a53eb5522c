/* proxy: stands between a store and its server, and loses what it is told to lose. One thread of
 * its own; the functions are called by one other. */
#ifndef PAYOUT_TESTS_POSTGRES_PROXY_H
#define PAYOUT_TESTS_POSTGRES_PROXY_H
#include <stddef.h>

struct proxy;

/* Begins to pass on what comes to it, to the server of url; proxied is the same URL, through it. */
struct proxy *proxy_open(const char *url, char *proxied, size_t size);
void proxy_close(struct proxy *proxy);
/* Of the connections that there are: what the server answers next is lost, and the connection with
 * it. */
void proxy_swallow(struct proxy *proxy);
/* ... after the next whole request the store's side is closed, and the server's stays open. */
void proxy_hang_up(struct proxy *proxy);
/* How many whole requests went through it on the connections that there are: round trips. */
size_t proxy_requests(struct proxy *proxy);
/* Closes what stayed open. */
void proxy_forget(struct proxy *proxy);
#endif

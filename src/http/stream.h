/* stream: answers that go on: files that are made while they are read, and server-sent events. A
 * listener that waits has its connection suspended, and costs neither a thread nor a look until
 * what it follows changes. wait.c counts it as waiting; server.c sends what it says. */
#ifndef PAYOUT_HTTP_STREAM_H
#define PAYOUT_HTTP_STREAM_H
#include "http/request.h"

enum {
    STREAM_LISTENERS_MAX = 128,
    STREAM_EVERY_MS = 250,  /* A listener hears of changes no more often ... */
    STREAM_BEAT_MS = 15000, /* ... and of nothing no less often. */
};

enum stream_turn {
    STREAM_MORE, /* There is more to say at once. */
    STREAM_WAIT, /* Not before something changed, or STREAM_BEAT_MS have gone. */
    STREAM_END,
    STREAM_CUT, /* It could not go on: the connection is cut, so that nobody takes it for whole. */
};
/* Appends what comes next; on the thread of the connection. */
typedef enum stream_turn stream_fill(struct request *request, struct buffer *text);

/* What a listener follows: a lot and its transfers. */
struct stream_topic {
    struct merchant_id merchant;
    struct lot_code lot;
    struct transfer_id first;
    int64_t count;
};

struct streams;
struct streams *streams_open(void);
void streams_close(struct streams *streams); /* NULL is fine. */

/* For handlers: the answer is what fill says until it ends. */
enum turn stream_begin(struct request *request, stream_fill *fill, const char *content_type);
/* The same with waiting. Refused with 503 when too many listen. */
enum turn stream_follow(struct request *request, stream_fill *fill, const char *content_type,
                        const struct stream_topic *topic);

/* What a batch wrote: wakes who follows it. Any thread. */
void streams_changed(struct streams *streams, const struct book *book);
/* Wakes all, for their end. Any thread. */
void streams_wake(struct streams *streams);

/* server.c's own, on the connection's thread: the next bytes, 0 when it waits (it has been
 * suspended), or what libmicrohttpd calls its end. */
long stream_read(struct request *request, char *bytes, size_t most);
/* The request is over. */
void stream_end(struct request *request);
/* Lets those of this thread go on that may: milliseconds until the next one may, -1: no one waits
 * for a time. */
int streams_tend(struct http *http, const struct looper *looper);
#endif

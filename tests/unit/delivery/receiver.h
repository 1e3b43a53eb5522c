/* receiver: a merchant's server on loopback, with a thread of its own (libmicrohttpd), that keeps
 * what it got and answers as a test tells it. */
#ifndef PAYOUT_TESTS_RECEIVER_H
#define PAYOUT_TESTS_RECEIVER_H
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

enum { RECEIVED_MAX = 20000 };

struct received {
    char method[8], url[256];
    char body[1024];
    char content_type[64], token[80], id[48], timestamp[24], signature[96], agent[32];
    int status; /* As it was answered. */
};
struct receiver {
    struct MHD_Daemon *daemon;
    int port;
    pthread_mutex_t mutex;
    /* Under the mutex: */
    int ping_status, post_status;
    int fail_first; /* So many POSTs get 500 before. */
    bool mute;      /* Nobody is answered until this ends. */
    struct received *all;
    size_t count, pings, posts;
    size_t open, open_max; /* Requests at once. */
    struct MHD_Connection *muted[64];
    size_t muted_count;
};
void receiver_open(struct receiver *receiver);
void receiver_close(struct receiver *receiver);
/* A copy of the number-th POST (from 0) that came. */
struct received receiver_post(struct receiver *receiver, size_t number);
size_t receiver_posts(struct receiver *receiver);
size_t receiver_pings(struct receiver *receiver);
void receiver_mute(struct receiver *receiver, bool mute);
#endif

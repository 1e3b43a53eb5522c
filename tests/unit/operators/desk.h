/* desk: an operator on loopback, with a thread of its own, that keeps books and does what a test
 * tells it; and the connector that speaks to it, in words as plain as can be:
 *
 *   POST /token              200 "token-1 60000"     the token and how long it lasts, in ms
 *   POST /pay  a line each   200 "PAID\nREJECTED\n"  "reference number name" in, a verdict out
 *   GET  /ask/REFERENCE      200 "PAID"
 *   GET  /who/NUMBER         200 "FOUND Awa Koné"    or NONE, OTHER, UNCLEAR
 *   POST /back/REFERENCE     200 "PAID"              the money came back
 *   GET  /backask/REFERENCE  200 "PAID"
 *   GET  /float              200 "5000"
 *
 * All but /token carry "Authorization: Bearer token-1"; 401 when it is another, 429 and 503 as
 * usual. */
#ifndef PAYOUT_TESTS_DESK_H
#define PAYOUT_TESTS_DESK_H
#include <pthread.h>
#include <stdbool.h>

#include "operators/operator.h"

enum { DESK_PEOPLE_MAX = 4000, DESK_CONNECTIONS_MAX = 64, DESK_BATCH_MAX = 10 };
#define DESK_FIRST_MSISDN INT64_C(2250700000000)

enum desk_mood {
    DESK_WELL,
    DESK_DOWN,   /* 500 to all but tokens, and nothing is done. */
    DESK_CUTS,   /* Does what it is told, and hangs up instead of answering. */
    DESK_SILENT, /* Does what it is told, and does not answer. */
    DESK_HELD,   /* Does nothing until it is in another mood. */
};

struct desk {
    pthread_t thread;
    int listener, port, wake[2];
    pthread_mutex_t mutex;
    /* Under the mutex, by desk_set or in desk's own functions: */
    enum desk_mood mood;
    int token;        /* The one that holds: "token-1". */
    int token_status; /* Of /token; 0: 200. */
    int moody;        /* So many calls more are treated as the mood says; -1: all. */
    int refuse;       /* So many calls more get 401 whatever they carry. */
    int throttle;     /* So many calls more get 429, with Retry-After when retry_after is set. */
    const char *retry_after;
    const char
        *words[8];     /* What becomes of payments, in turn; the last from then on; NULL: PAID. */
    const char *asked; /* What is said when asked; NULL: what became of it. */
    const char *who;   /* What /who says; NULL: FOUND. */
    const char *back;  /* What /back says; NULL: PAID. */
    long float_left;
    bool public; /* The connector takes no token. */
    /* Its books: */
    int submits[DESK_PEOPLE_MAX], paid[DESK_PEOPLE_MAX], asks[DESK_PEOPLE_MAX],
        lookups[DESK_PEOPLE_MAX], backs[DESK_PEOPLE_MAX];
    int calls, pays, tokens, floats; /* Requests; those to /pay; … */
    int batch_most, open, open_most;
    int said; /* Words that were used up. */
    struct desk_connection {
        int socket; /* -1: free. */
        char text[65536];
        size_t length;
        bool held;
    } connections[DESK_CONNECTIONS_MAX];
};

void desk_open(struct desk *desk);
void desk_close(struct desk *desk);
/* Between these its books and moods may be read and changed. */
void desk_lock(struct desk *desk);
void desk_unlock(struct desk *desk);
/* Sets its mood, for so many calls (-1: until the next), and answers what was held. */
void desk_mood(struct desk *desk, enum desk_mood mood, int calls);
/* The sum of a book over the first count people; most: the greatest instead. */
int desk_sum(struct desk *desk, const int *book, size_t count);
int desk_most(struct desk *desk, const int *book, size_t count);

/* Speaks to a desk: a channel's url is where. Its abilities may be changed between tests. */
extern struct operator_connector desk_connector;
/* Fills in a channel that leads to desk. */
void desk_channel(const struct desk *desk, struct channel *channel, int number, const char *name);
#endif

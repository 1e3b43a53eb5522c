/* screener: the thread that finds out about receivers' names before money goes to them: from a list
 * (watch) or from a service, which it asks over HTTP, several at once (inquiry). What was answered
 * goes through the lane, which alone decides what follows. Nobody answers: the transfer waits, and
 * is asked about again (fail closed). With neither list nor service, screening is off: what was
 * left from when it was on is let go, and that is written down.
 *
 * It claims nothing: one thread of one process asks, and asking twice is harmless. */
#ifndef PAYOUT_SCREENING_SCREENER_H
#define PAYOUT_SCREENING_SCREENER_H
#include "base/buffer.h"
#include "lane/lane.h"
#include "screening/watch.h"
#include "store/shares.h"
#include "store/store.h"

struct screener;
struct screener_options {
    struct store *store; /* Both must outlive it. */
    struct lane *lane;
    struct shares *shares; /* Whether it asks; NULL: it does. Outlives it. */
    struct watch *watch;   /* The list; NULL: there is none. Must outlive it. */
    const char *url;       /* The service, without a list; NULL: there is none. Texts are copied. */
    const char *bearer;    /* Shown to it; "" or NULL: none. */
    const char *secret;    /* Signs what it is asked, as notifications are; "" or NULL: nothing. */
    int64_t threshold;     /* A score of the list from here on is a match; 1 to 100. */
    int64_t timeout_ms;    /* Of one question; 0: 5 s. */
    size_t under_way_max;  /* Questions at once; 0: 16, at most SCREENER_UNDER_WAY_MAX. */
};
enum { SCREENER_UNDER_WAY_MAX = 256, SCREENER_KEY_BYTES_MAX = 255, SCREENER_URL_BYTES_MAX = 1023 };

/* Starts the thread. The caller owns it: screener_close. */
MUST_USE enum fault_kind screener_open(const struct screener_options *options,
                                       struct screener **screener, struct fault *fault);
/* There may be something to ask. Any thread; context is the screener. */
void screener_wake(void *screener);
/* Asks nothing more, cuts off what is under way, ends the thread. Before lane_stop. Idempotent. */
void screener_stop(struct screener *screener);
void screener_close(struct screener *screener); /* After stop. NULL is fine. */
/* Appends its counters as Prometheus text. Any thread. */
void screener_metrics(const struct screener *screener, struct buffer *text);
#endif

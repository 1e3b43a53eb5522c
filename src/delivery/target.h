/* target: a merchant's server, as one key (base/host.h): whether it is up, what waits for it, and
 * how much it bears. queue: what waits in the store for one server or endpoint (money/
 * notification.h), and how much of it is in hand. A target or a queue is forgotten when its place
 * is needed. One thread. */
#ifndef PAYOUT_DELIVERY_TARGET_H
#define PAYOUT_DELIVERY_TARGET_H
#include "base/host.h"
#include "delivery/letter.h"
#include "net/exchange.h"

struct sender;

struct queue {
    struct queue *bucket;
    int64_t number;
    size_t held; /* Its notes, wherever they are. */
    size_t most; /* So many of it may be in hand: what its target bears, as it was last seen. */
    bool behind; /* Due notifications of it were passed over, all of them after behind_from. */
    struct notification_cursor behind_from;
    int64_t rests_until_ms; /* Nothing of it is read before: its target rests, or is down. */
};

/* A notification in hand: read from the store, not yet known to be written down. */
struct note {
    struct note *next;   /* At its target, of the results or the dropped, or free. */
    struct note *bucket; /* The next of its bucket. */
    struct sender *sender;
    struct queue *queue;
    struct target *target;
    struct notification_cursor at; /* Its key, and its place among what is due. */
    struct merchant_id merchant;   /* Whose it is. */
    int32_t tries;                 /* Before this one, since since_ms. */
    int64_t since_ms;              /* When it was made, or redelivered. */
    struct letter letter;
    struct exchange_call call;
    struct delivery_item result;
};

enum target_state {
    TARGET_STRANGE, /* It has to be pinged first. */
    TARGET_PINGING, /* Or waits for its turn to be. */
    TARGET_UP,      /* Until until_ms; then it is strange again. */
    TARGET_DOWN,    /* Until until_ms, in the same way. */
};
struct target {
    struct target *bucket;
    char key[HOST_KEY_BYTES];
    enum target_state state;
    int64_t until_ms;
    struct exchange_call ping;
    size_t held;               /* Its notes, wherever they are. */
    size_t in_flight;          /* POSTs under way. */
    size_t share;              /* So many may be: one more for each that arrives, half as many for
                                  each that does not. */
    int failures;              /* In a row. */
    int rests;                 /* In a row; the next is twice as long. */
    int64_t rests_until_ms;    /* Nothing is sent before: it has failed too often. */
    struct note *first, *last; /* Its notes that wait, in order. */
    bool ready;                /* It is in the list of those that may send, or be pinged. */
    struct target *next_ready;
};

struct targets;
struct targets *targets_open(size_t max);
void targets_close(struct targets *targets); /* NULL is fine. */
/* The target with this key, a strange one when it was not known. NULL: the table is full of such as
 * are needed. */
struct target *targets_get(struct targets *targets, const char *key);
void target_push(struct target *target, struct note *note);
struct note *target_pop(struct target *target); /* NULL: none waits. */

struct queues;
struct queues *queues_open(size_t max);
void queues_close(struct queues *queues); /* NULL is fine. */
/* The queue with this number. When the table is full, one that only waits in the store is
 * forgotten for it, and *forgotten set. NULL: something of all of them is in hand. */
struct queue *queues_get(struct queues *queues, int64_t number, bool *forgotten);
/* Walks all there is: *index starts at 0; NULL at the end. */
struct queue *queues_next(struct queues *queues, size_t *index);
/* Something of it was passed over after `from`. */
void queue_fall_behind(struct queue *queue, struct notification_cursor from);
#endif

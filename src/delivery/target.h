/* target: a merchant's server, as one key (net/host.h): whether it is up, what waits for it, and
 * how far the reading of its notifications came. A table with bounds: one that nothing waits for is
 * forgotten when its place is needed. One thread. */
#ifndef PAYOUT_DELIVERY_TARGET_H
#define PAYOUT_DELIVERY_TARGET_H
#include "delivery/letter.h"
#include "net/exchange.h"
#include "net/host.h"

struct target;
struct sender;

/* A notification in hand: read from the store, not yet known to be written down. */
struct note {
    struct note *next;   /* At its target, of the results, or free. */
    struct note *bucket; /* The next of its bucket. */
    struct sender *sender;
    struct target *target;
    struct notification_cursor at; /* Its key, and its place among what is due. */
    int32_t attempts;              /* Before this one. */
    int64_t created_at_ms;
    struct letter letter;
    struct exchange_call call;
    struct delivery_item result;
};

enum target_state {
    TARGET_STRANGE, /* It has to be pinged first. */
    TARGET_PINGING,
    TARGET_UP,   /* Until until_ms; then it is strange again. */
    TARGET_DOWN, /* Until until_ms, in the same way. */
};
struct target {
    struct target *bucket;
    char key[HOST_KEY_BYTES];
    enum target_state state;
    int64_t until_ms;
    struct exchange_call ping;
    size_t held;               /* Its notes, wherever they are. */
    size_t in_flight;          /* POSTs under way. */
    struct note *first, *last; /* Its notes that wait, in order. */
    bool ready;                /* It is in the list of those that may send. */
    struct target *next_ready;
    bool behind; /* Due notifications of it were passed over, all of them after behind_from. */
    struct notification_cursor behind_from;
};

struct targets;
struct targets *targets_open(size_t max);
void targets_close(struct targets *targets); /* NULL is fine. */
/* The target with this key, a strange one when it was not known. NULL: the table is full of such as
 * are needed. */
struct target *targets_get(struct targets *targets, const char *key);
/* Walks all there is: *index starts at 0; NULL at the end. */
struct target *targets_next(struct targets *targets, size_t *index);
void target_push(struct target *target, struct note *note);
struct note *target_pop(struct target *target); /* NULL: none waits. */
#endif

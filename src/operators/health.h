/* health: what the worker knows of one channel: whether its operator answers (a breaker for what is
 * submitted, one for questions), how many calls may go now, and when those that can't go come back.
 * It must never call out or look at a clock: every time is told, in microseconds of
 * clock_monotonic_us, so that it can be tested and fuzzed. One thread; what other threads may see
 * is its picture (operators/board.h). */
#ifndef PAYOUT_OPERATORS_HEALTH_H
#define PAYOUT_OPERATORS_HEALTH_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "operators/channel.h"
#include "store/shard.h"

enum {
    HEALTH_FAILURES_MAX = 5,      /* In a row: then the breaker opens. */
    HEALTH_WINDOW = 20,           /* Or a half of so many calls … */
    HEALTH_WINDOW_LEAST = 10,     /* … of at least so many. */
    HEALTH_OPEN_FIRST_MS = 2000,  /* It opens for so long, then for twice that … */
    HEALTH_OPEN_MOST_MS = 300000, /* … to five minutes, each between 3/4 and 5/4 of it. */
    HEALTH_OFF_MS = 30000,        /* What waits for a person to switch it on looks so often. */
    HEALTH_HURRY_MS = 100,        /* What can go so soon is not put off. */
    HEALTH_NEAR_MS = 60000,       /* For so long it is foreseen when each can go … */
    HEALTH_FAR_A_SECOND = 500,    /* … the others look in so often, all together. */
    HEALTH_CALL_FIRST_MS = 50,    /* A call's time, before there was one. */
};

/* What is let in: breakers are apart, since an operator that takes nothing may well answer. */
enum health_kind { HEALTH_SUBMITS, HEALTH_ASKS, HEALTH_KIND_COUNT };

enum health_door {
    HEALTH_OPEN,
    HEALTH_FULL,   /* It bears no more at this moment. */
    HEALTH_CLOSED, /* It is down, switched off, or said when to come back. */
};

enum health_outcome {
    HEALTH_ANSWERED,
    HEALTH_FAILED,  /* Nothing came back, or a 5xx. */
    HEALTH_DOWN,    /* It says that it is down: the breaker opens at once. */
    HEALTH_NEITHER, /* Too many calls, a token that was not taken, or the call was not made. */
};

enum breaker_state { BREAKER_CLOSED, BREAKER_OPEN, BREAKER_HALF_OPEN };
const char *breaker_state_text(enum breaker_state state); /* "half-open" */

struct breaker {
    enum breaker_state state;
    uint32_t window; /* The last calls, the newest in bit 0: 1 failed. */
    int calls;       /* In window. */
    int failures;    /* In a row. */
    int opened;      /* How often in a row. */
    bool probing;    /* HALF_OPEN: the one call is under way. */
    int64_t open_until_us;
};

struct health {
    const struct channel *channel;
    size_t batch;       /* Attempts of one call. > 0 */
    int64_t calls_each; /* Calls that go before a submit, for each attempt. */
    int share;          /* Of SHARDS parts of the channel's rate and places, so many are ours. */
    bool off;           /* A person switched it off: nothing is submitted. */
    struct breaker breakers[HEALTH_KIND_COUNT];
    int64_t throttled_until_us;
    int64_t rate_us;   /* By then all calls that were made will have been due (GCRA). */
    int64_t call_us;   /* What a call takes, on average. */
    size_t calls;      /* Under way. */
    size_t reserved;   /* Calls of what is being claimed. */
    size_t waiting;    /* Attempts that were claimed and wait for a call. */
    size_t group_left; /* Attempts that still fit into the last call that was reserved. */
    size_t slot_taken[HEALTH_KIND_COUNT]; /* By so many: those of a batch come together. */
    int64_t slot_us[HEALTH_KIND_COUNT];   /* The next that is put off comes back then … */
    int64_t again_us;                     /* … or, when it has waited its turn already, then. */
};

/* batch: attempts of one call; calls_each: calls that each attempt needs besides. */
void health_init(struct health *health, const struct channel *channel, size_t batch,
                 int64_t calls_each);

/* So many of SHARDS parts of the channel are this process's own: of its calls a second, and of its
 * places, one of which it always has. At first: all. */
void health_share(struct health *health, int share);
/* Whether one more attempt of this kind may be claimed now. */
enum health_door health_door(const struct health *health, enum health_kind kind, int64_t now_us);
/* How long the door stays as it is, about; 0: it is open. */
int64_t health_wait_us(const struct health *health, enum health_kind kind, int64_t now_us);

/* One attempt is being claimed: it takes its share of the rate and, when *place is set, a place,
 * until health_unreserve. *probe is set when it is the one that a half-open breaker waits for: what
 * becomes of it must be told. The door must be open. */
void health_reserve(struct health *health, enum health_kind kind, int64_t now_us, bool *place,
                    bool *probe);
void health_unreserve(struct health *health);
/* The next attempt begins another call. */
void health_group_end(struct health *health);

/* How long an attempt that can't go now is put off. hurry_us is the caller's, 0 at the beginning of
 * each look at what is due: 0 is returned for those that will go so soon that they need not be.
 * turn: it was put off before, and this was to be its turn. */
int64_t health_put_off_us(struct health *health, enum health_kind kind, int64_t now_us, bool turn,
                          int64_t *hurry_us);
/* Whether others wait before one that has just come. */
bool health_queue(const struct health *health, enum health_kind kind, int64_t now_us);

/* Whether a call may begin: there is a place, and nothing said to wait. */
bool health_may_call(const struct health *health, int64_t now_us);
void health_call_begin(struct health *health);
/* duration_us: what it took. */
void health_call_end(struct health *health, int64_t duration_us);
/* A call that no claim has paid for (a token, a question about the float, the same once more). */
void health_spend(struct health *health, int64_t now_us);
/* What a call, or the probe, came to. chance: from 0 to UINT32_MAX, spreads when it is tried again.
 */
void health_tell(struct health *health, enum health_kind kind, enum health_outcome outcome,
                 bool probe, uint32_t chance, int64_t now_us);
/* No call for so long. */
void health_throttle(struct health *health, int64_t wait_us, int64_t now_us);
#endif

/* caller: carries what was claimed to operators and brings back what they say: a token first where
 * one is needed, then the receiver's account where that is wanted, then the attempt itself, several
 * in one call where the operator takes them so; and asks for floats. It must never make a call for
 * an attempt that is not claimed, nor the same submit twice. One thread. */
#ifndef PAYOUT_OPERATORS_CALLER_H
#define PAYOUT_OPERATORS_CALLER_H
#include "operators/attempts.h"
#include "operators/line.h"

struct caller;

struct caller_options {
    struct line *lines; /* Borrowed, as is all that follows. */
    size_t count;
    size_t connections; /* caller_connections */
    int64_t lease_ms;
    const char *name; /* Told in User-Agent; NULL: nothing is. Copied. */
    /* Called once for each attempt that was given, from caller_step or caller_give: its answer is
     * filled in, and settled (operators/answer.h). */
    void (*ended)(void *context, struct attempt_held *held);
    void *context;
};

/* An attempt that is claimed. */
struct caller_order {
    struct line *line;
    struct attempt_held *held;       /* Its number is set. */
    const struct transfer *transfer; /* As claimed; copied. */
    enum operator_task task;         /* SUBMIT, ASK, REVERSE or ASK_REVERSAL. */
    const char *receiver_name;       /* Copied, as much as OPERATOR_NAME_BYTES take. */
    const char *reversal_reference;  /* As struct attempt has it; copied. */
    int64_t until_us;                /* It must have ended by then: its claim ends later. */
    bool probe;                      /* health_reserve's. */
};

/* How many connections a caller for these channels opens at most. */
size_t caller_connections(const struct channel *channels, size_t count);
MUST_USE enum fault_kind caller_open(const struct caller_options *options, struct caller **caller,
                                     struct fault *fault);
/* Cuts off what is under way: each such attempt ends as one that was not answered. NULL is fine. */
void caller_close(struct caller *caller);

/* Takes an attempt; it leaves with caller_send at the earliest. */
void caller_give(struct caller *caller, const struct caller_order *order);
/* Begins what calls can begin. */
void caller_send(struct caller *caller);
/* Moves calls on, for up to wait_ms if nothing happens, and begins others. */
void caller_step(struct caller *caller, int64_t wait_ms);
/* Ends a waiting caller_step. The only function for any thread. */
void caller_wake(struct caller *caller);
/* How long until something has to be done without a call that ends; INT64_MAX: nothing. */
int64_t caller_next_us(const struct caller *caller, int64_t now_us);
/* From now on nothing new leaves: what waits for a call ends as not sent. */
void caller_stop(struct caller *caller);
/* Whether a call ended since this was asked last: there may be a place, or a token. */
bool caller_moved(struct caller *caller);
/* Calls that are under way. */
size_t caller_under_way(const struct caller *caller);
/* Sees to it that line has a token, if it needs one: false when it has none yet. One is fetched
 * then, unless its breaker says no. */
bool caller_token(struct caller *caller, struct line *line);
#endif

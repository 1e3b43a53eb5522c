/* call: one request to an operator and what came back: written and read by the channel's connector,
 * carried by net/exchange.h. It must never decide what follows from it. One thread. */
#ifndef PAYOUT_OPERATORS_CALL_H
#define PAYOUT_OPERATORS_CALL_H
#include "net/exchange.h"
#include "operators/operator.h"

struct errand;

struct call {
    struct call *next;  /* Its owner's. */
    void *owner, *line; /* Its owner, and whose call it is. */
    struct operator_call about;
    struct operator_result result; /* Valid when answered. */
    bool answered;                 /* The other side said something, whatever it was. */
    size_t attempt_max;
    struct attempt *attempts;       /* about.count of them. */
    struct verdict_answer *answers; /* One for each. */
    struct errand **errands;        /* Its owner's: one for each. */
    char token[OPERATOR_TOKEN_BYTES];
    struct operator_request request;
    struct exchange_call exchange; /* status, left, duration_ms: how it went. */
    void (*done)(struct call *call);
};

/* One that holds attempt_max attempts. The caller owns it: call_close. */
struct call *call_open(size_t attempt_max);
void call_close(struct call *call); /* Not while it is under way. NULL is fine. */

/* Writes the request for about.task and starts it. Before: about (but for token and attempts),
 * attempts, token. done is called once, with result and answers, from exchange_step or
 * exchange_close. */
void call_start(struct call *call, struct exchange *exchange, int64_t timeout_ms,
                void (*done)(struct call *call));
#endif

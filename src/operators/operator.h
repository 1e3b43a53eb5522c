/* operators: what pays. A connector is a file with one struct operator_connector; the worker alone
 * owns time-outs, leases, retries and the network, so that no connector can pay twice. A connector
 * must never keep state that a payment's safety leans on: it may be asked by another process, after
 * a restart.
 *
 * A transfer is given out under one reference for its whole life: its transaction_id. */
#ifndef PAYOUT_OPERATORS_OPERATOR_H
#define PAYOUT_OPERATORS_OPERATOR_H
#include <stdbool.h>
#include <stdint.h>

#include "money/transfer.h"

/* What is to be paid is transfer_delivered(transfer), and never its amount, of which the receiver
 * may have to pay a fee. */
struct attempt {
    const struct transfer *transfer; /* As claimed; submitted_at_ms tells when it first went out. */
    char reference[TRANSFER_ID_TEXT_BYTES];
    int32_t number; /* From 1: submits and asks together. */
    int64_t now_ms;
};

/* What a connector says of an attempt. */
struct verdict_answer {
    enum verdict verdict;
    enum transfer_reason reason;
    char operator_reference[64];
    int64_t answer_after_ms; /* The operator takes this long to answer: the worker waits, not a
                                thread. */
    int64_t ask_after_ms;    /* PENDING, UNKNOWN: when to ask, NEVER_SEEN, NOT_SENT: when to submit
                                again, from now; 0: the worker's backoff. */
    int answers;             /* How often it says so: an operator that answers twice; 0 is 1. */
    enum verdict afterwards; /* What it says after that, unasked: an operator that contradicts
                                itself; 0: nothing. */
};

struct operator_connector {
    const char *name; /* "sandbox" */
    bool
        reference_is_idempotent; /* It takes one reference only once: NEVER_SEEN may be believed. */
    /* How long the transfer has to wait before it can be given to the operator (which is down);
     * 0: it can go now. */
    int64_t (*wait_ms)(const struct transfer *transfer, int64_t now_ms);
    /* Connectors without a network answer at once. */
    void (*submit)(const struct attempt *attempt, struct verdict_answer *answer);
    void (*ask)(const struct attempt *attempt, struct verdict_answer *answer);
};
#endif

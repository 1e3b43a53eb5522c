/* errand: an attempt that is claimed and on its way through the caller: what connectors are shown
 * of it, and how far it has come. One thread. */
#ifndef PAYOUT_OPERATORS_ERRAND_H
#define PAYOUT_OPERATORS_ERRAND_H
#include "operators/call.h"
#include "operators/caller.h"

struct errand {
    struct errand *next;
    struct attempt_held *held;
    enum operator_task task;
    struct attempt attempt; /* Of the copies below. */
    struct transfer transfer;
    int64_t until_us; /* It must have ended by then. */
    /* It may have left before: then it may be on its way, and no word on its receiver may end it
     * any more, nor keep it from being submitted again. */
    bool later;
    bool introduced; /* Its receiver was found, and fits; or it is later. */
    bool again;      /* Its token was refused once. */
    bool probe;      /* A breaker waits for what becomes of it. */
    char receiver_name[OPERATOR_NAME_BYTES];
    char reversal_reference[sizeof((struct verdict_answer){0}).operator_reference];
    char texts[]; /* The transfer's. */
};

struct errand *errand_open(const struct caller_order *order);
void errand_close(struct errand *errand);
/* What has to be believed of it when the call that it was in was not answered: left, when some of
 * the request may have arrived. */
struct verdict_answer errand_unanswered(const struct errand *errand, bool left);
/* What became of it by its VALIDATE: verdict 0 when it may be submitted now. Nothing was sent for
 * it till now. */
struct verdict_answer errand_validated(const struct errand *errand, const struct call *call,
                                       const struct channel *channel);
#endif

/* approval: how persons decide on a lot that waits. Every act is a line that is only ever added:
 * who, from where, what, when. A lot of more than its merchant's approve_above_minor needs two
 * persons who are not one, and neither of whom sent it; how many it needs is written down with the
 * lot, so that no later setting weakens it. */
#ifndef PAYOUT_MONEY_APPROVAL_H
#define PAYOUT_MONEY_APPROVAL_H
#include <stdbool.h>
#include <stdint.h>

#include "money/lot.h"

enum {
    APPROVAL_PERSON_BYTES_MAX = 254, /* A mail address fits. Without the NUL, as the next. */
    APPROVAL_FROM_BYTES_MAX = 64,
};

/* ACT(name, stored number, meaning) */
#define APPROVAL_ACTS(ACT)                                                                         \
    ACT(GIVEN, 1, "one person confirmed it, another one has to")                                   \
    ACT(CONFIRMED, 2, "the last person who had to confirm it did")                                 \
    ACT(CANCELLED, 3, "a person cancelled it")                                                     \
    ACT(EXPIRED, 4, "its time ran out")

enum approval_act {
#define ACT(name, number, meaning) APPROVAL_##name = (number),
    APPROVAL_ACTS(ACT)
#undef ACT
        APPROVAL_ACT_END
};
const char *approval_act_text(enum approval_act act); /* "GIVEN" */

struct approval {
    struct merchant_id merchant;
    struct lot_code lot;
    int32_t number; /* 1, 2, 3 … of its lot: with it and the merchant its key. 0: there is none. */
    enum approval_act act;
    const char *person; /* "" with EXPIRED. Never NULL, nor is from. */
    const char *from;   /* The address it was said from, as text; "" when that is unknown. */
    int64_t at_ms;
};

/* Why a lot can't be decided on so. REFUSAL(name, what a person reads) */
#define APPROVAL_REFUSALS(REFUSAL)                                                                 \
    REFUSAL(NONE, "")                                                                              \
    REFUSAL(DECIDED, "The lot was decided otherwise")                                              \
    REFUSAL(TOO_LATE, "The lot's time has run out")                                                \
    REFUSAL(TOO_EARLY, "The lot's time has not run out")                                           \
    REFUSAL(OTHER_HASH, "The lot is not what was shown: its hash is another one")                  \
    REFUSAL(SENDER, "The lot needs two persons, and who sent it is none of them")                  \
    REFUSAL(DAMAGED, "The lot's transfers are not what was sent: payoutd audit tells more")

enum approval_refusal {
#define REFUSAL(name, text) APPROVAL_REFUSAL_##name,
    APPROVAL_REFUSALS(REFUSAL)
#undef REFUSAL
        APPROVAL_REFUSAL_END
};
const char *approval_refusal_text(enum approval_refusal refusal); /* A sentence without its dot. */

/* Whether the acts of a lot, in order, are what its state, its sender and the number of persons
 * that it needs allow. A lot of before approvals were written down (it has no hash) may have none.
 * For audits. */
bool approval_right(const struct lot *lot, const struct approval *approvals, int64_t count);
#endif

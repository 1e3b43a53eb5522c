/* settlement: how a person decides what became of a transfer that no operator tells the end of.
 * Every act is a line that is only ever added: who, what, on what evidence, when. Where a merchant
 * wants two persons, the first one's word is a proposal that stays open until another person says
 * the same, somebody withdraws it, or the operator answers after all: each of these is a line too.
 */
#ifndef PAYOUT_MONEY_SETTLEMENT_H
#define PAYOUT_MONEY_SETTLEMENT_H
#include <stdbool.h>
#include <stdint.h>

#include "money/transfer.h"

enum { SETTLEMENT_PERSON_BYTES_MAX = 128, SETTLEMENT_EVIDENCE_BYTES_MAX = 2000 };
/* A transfer that was given to an operator and that nobody asked about for so long after it was due
 * may be settled too. */
#define SETTLEMENT_NEGLECTED_MS (INT64_C(3600) * 1000)

/* ACT(name, stored number, meaning) */
#define SETTLEMENT_ACTS(ACT)                                                                       \
    ACT(PROPOSED, 1, "one person said how it ended, another one has to say the same")              \
    ACT(SETTLED, 2, "it ended so")                                                                 \
    ACT(WITHDRAWN, 3, "the proposal before it counts no more")                                     \
    ACT(OVERTAKEN, 4, "the operator's answer came before the second person's")                     \
    ACT(RELEASED, 5, "it looked like a double and is none: it goes its way")                       \
    ACT(REFUSED, 6, "it is a double, and not paid")                                                \
    ACT(NAME_RELEASED, 7, "its receiver's name is like one of a list, and it goes its way")        \
    ACT(NAME_REFUSED, 8, "its receiver's name is like one of a list, and it is not paid")

enum settlement_act {
#define ACT(name, number, meaning) SETTLEMENT_##name = (number),
    SETTLEMENT_ACTS(ACT)
#undef ACT
        SETTLEMENT_ACT_END
};
const char *settlement_act_text(enum settlement_act act); /* "PROPOSED" */

struct settlement {
    struct transfer_id transfer;
    int32_t number; /* 1, 2, 3 … with the transfer its key. 0: there is none. */
    enum settlement_act act;
    enum transfer_state outcome; /* VAL or REJ: what was said, or what the operator's answer made;
                                    NEW with RELEASED and NAME_RELEASED. */
    const char *person;          /* "" with OVERTAKEN. Never NULL, nor is evidence. */
    const char *evidence;
    int64_t at_ms;
};

/* True when a person may say how the transfer ended: its outcome is unknown, or it is with an
 * operator and was neglected. */
bool settlement_allowed(const struct transfer *transfer, int64_t at_ms);
/* True when a proposal waits for a second person. */
bool settlement_open(const struct settlement *last);
/* Whether two names are one person's: neither case nor blanks around make another one of it. */
bool settlement_same_person(const char *a, const char *b);
#endif

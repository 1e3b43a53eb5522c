/* reversal: a paid transfer that is taken back at its operator. A person asks for it, never the
 * server; it is given to the operator of the transfer's channel, under a reference of its own, and
 * asked about until it is known. Its transfer stays VAL; when the money came back, what was
 * delivered is booked back to the merchant, once (MOVEMENT_REVERSE). What the transfer cost stays
 * earned. */
#ifndef PAYOUT_MONEY_REVERSAL_H
#define PAYOUT_MONEY_REVERSAL_H
#include <stdbool.h>
#include <stdint.h>

#include "money/transfer.h"

enum { REVERSAL_PERSON_BYTES_MAX = 128, REVERSAL_EVIDENCE_BYTES_MAX = 2000 };

/* The numbers are stored: never reused. */
#define REVERSAL_STATES(STATE)                                                                     \
    STATE(PROPOSED, 1, "one person asks for it, and another one has to")                           \
    STATE(ASKED, 2, "asked for, not yet given to the operator")                                    \
    STATE(SENT, 3, "given to the operator, outcome awaited")                                       \
    STATE(UNKNOWN, 4, "may have been done: the operator is being asked")                           \
    STATE(DONE, 5, "the money came back: final")                                                   \
    STATE(REFUSED, 6, "the operator does not do it, the transfer stays paid: final")               \
    STATE(WITHDRAWN, 7, "a person took it back before anything was sent: final")

enum reversal_state {
#define STATE(name, number, meaning) REVERSAL_##name = (number),
    REVERSAL_STATES(STATE)
#undef STATE
        REVERSAL_STATE_END
};
const char *reversal_state_text(enum reversal_state state); /* "PROPOSED" */

struct reversal {
    struct transfer_id transfer; /* With number its key. */
    int32_t number; /* 1, 2, 3 … of its transfer: only the last may be live or DONE. */
    enum reversal_state state;
    const char *person, *evidence;  /* Who asked for it first, and what for. Never NULL, nor are the
                                       other texts. */
    const char *second;             /* Who asked for it, too; "": nobody had to, or has yet. */
    const char *operator_reference; /* The operator's own id of it; "" until known. */
    enum transfer_step step;        /* STEP_SUBMIT or STEP_ASK; STEP_NONE: nothing. */
    enum transfer_step in_hand;     /* As a transfer's. */
    int64_t due_at_ms;              /* When step is due, or the end of a lease; 0 without. */
    int32_t attempts;
    int64_t asked_at_ms, changed_at_ms;
    int64_t ended_at_ms; /* 0 before its end. */
};

bool reversal_final(const struct reversal *reversal);
#endif

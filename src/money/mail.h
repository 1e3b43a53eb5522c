/* mail: what is to be sent to a person by mail about a lot or an endpoint: a row for each address,
 * written in the same commit as what it tells. Sending it is for others; what became of it comes
 * back as a command. No mail moves money. Pure; any thread. */
#ifndef PAYOUT_MONEY_MAIL_H
#define PAYOUT_MONEY_MAIL_H
#include <stdbool.h>
#include <stdint.h>

#include "money/id.h"

enum { MAIL_ERROR_BYTES_MAX = 500 }; /* Without the NUL. */

/* The numbers are stored: never reused. KIND(name, number, meaning) */
#define MAIL_KINDS(KIND)                                                                           \
    KIND(LOT_WAITING, 1, "a lot waits for a confirmation")                                         \
    KIND(ENDPOINT_FAILED, 2, "an endpoint failed for long and was switched off")

enum mail_kind {
#define KIND(name, number, meaning) MAIL_##name = (number),
    MAIL_KINDS(KIND)
#undef KIND
        MAIL_KIND_END
};
const char *mail_kind_text(enum mail_kind kind); /* "LOT_WAITING" */

/* The numbers are stored: never reused. WAITING leads to the other three; from them nothing leads
 * on: what is heard of a mail after its lot was decided changes nothing. */
#define MAIL_STATES(STATE)                                                                         \
    STATE(WAITING, 1, "to be sent when it is due")                                                 \
    STATE(SENT, 2, "the mail server took it")                                                      \
    STATE(DEAD, 3, "given up")                                                                     \
    STATE(OVERTAKEN, 4, "its lot was decided before it was known to have left")

enum mail_state {
#define STATE(name, number, meaning) MAIL_##name = (number),
    MAIL_STATES(STATE)
#undef STATE
        MAIL_STATE_END
};
const char *mail_state_text(enum mail_state state); /* "WAITING" */

struct mail {
    struct merchant_id merchant;
    struct lot_code lot; /* Of LOT_WAITING; else mail_endpoint_subject: what it is about. */
    int32_t number;      /* 1, 2, 3 … of its lot: with it and the merchant its key. */
    enum mail_kind kind;
    enum mail_state state;
    const char *to;                     /* One address; as money/mail_address.h has them. */
    int32_t tries;                      /* That ended. */
    int64_t due_at_ms;                  /* When it is to be sent; 0 unless WAITING. */
    int64_t created_at_ms, ended_at_ms; /* ended_at_ms: 0 while WAITING. */
    const char *error; /* Of the last try: why it failed; "" when it did not. Never NULL. */
};

/* What stands in the place of a lot's code in a mail about an endpoint: no lot's, which are greater
 * than 0. */
struct lot_code mail_endpoint_subject(int32_t endpoint);
/* The endpoint that a mail is about; 0: it is about a lot. */
int32_t mail_endpoint(const struct mail *mail);
#endif

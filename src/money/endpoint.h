/* endpoint: a server of a merchant's that is told of all its transfers, besides each transfer's own
 * notify_url: where it is, what it wants to hear, what signs, and how it has been doing. Pure; any
 * thread. It must never decide when anything is sent: a notification of it is a row like others. */
#ifndef PAYOUT_MONEY_ENDPOINT_H
#define PAYOUT_MONEY_ENDPOINT_H
#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/vault.h"
#include "money/merchant.h"
#include "money/transfer.h"

enum {
    ENDPOINTS_MAX = 8,            /* Of a merchant, those that were removed not counted. */
    ENDPOINT_NUMBER_MAX = 999999, /* Numbers are never given twice. */
    ENDPOINT_URL_BYTES = 1001,
    ENDPOINT_EVENTS_BYTES = 32, /* Of the longest list of events, with its NUL. */
    /* When it has failed for long: so many tries in a row, over three days without one that
     * arrived; or of a whole day's tries, when they were as many, this share. */
    ENDPOINT_FAILURES_MIN = 12,
    ENDPOINT_DAY_TRIES_MIN = 100,
    ENDPOINT_DAY_FAILED_PER_CENT = 95,
};
#define ENDPOINT_FAILING_MS (INT64_C(3) * 24 * 3600 * 1000)
#define ENDPOINT_DAY_MS     (INT64_C(24) * 3600 * 1000)

/* The numbers are stored. STATE(name, number, meaning) */
#define ENDPOINT_STATES(STATE)                                                                     \
    STATE(ON, 1, "it is told")                                                                     \
    STATE(OFF, 2, "a person switched it off: nothing is made for it")                              \
    STATE(FAILED, 3, "it failed for long: what is made for it is dead at once")                    \
    STATE(REMOVED, 4, "it is gone for good")
enum endpoint_state {
#define STATE(name, number, meaning) ENDPOINT_##name = (number),
    ENDPOINT_STATES(STATE)
#undef STATE
        ENDPOINT_STATE_END
};
const char *endpoint_state_text(enum endpoint_state state); /* "ON" */

/* How a body is written; the numbers are stored. */
enum endpoint_format {
    ENDPOINT_FORM = 1, /* As for a notify_url. */
    ENDPOINT_JSON = 2,
    ENDPOINT_FORMAT_END
};
const char *endpoint_format_text(enum endpoint_format format); /* "form" */
MUST_USE bool endpoint_format_read(const char *text, enum endpoint_format *format);

/* Which changes it hears: a bit for the state that a change leads to (NEW: its sending_status
 * became CONFIRM). */
#define ENDPOINT_EVENT(state) (1u << (state))
#define ENDPOINT_EVENTS_ALL                                                                        \
    (ENDPOINT_EVENT(TRANSFER_NEW) | ENDPOINT_EVENT(TRANSFER_REC) | ENDPOINT_EVENT(TRANSFER_NOS) |  \
     ENDPOINT_EVENT(TRANSFER_VAL) | ENDPOINT_EVENT(TRANSFER_REJ))
/* "NEW REC NOS VAL REJ" */
void endpoint_events_text(unsigned events, char text[ENDPOINT_EVENTS_BYTES]);
/* Words with blanks or commas between, each once or more, CONFIRM as good as NEW. False: another
 * word, or none. */
MUST_USE bool endpoint_events_read(const char *text, unsigned *events);

struct endpoint {
    struct merchant_id merchant;
    int32_t number; /* 1, 2, 3 … of its merchant: with it its key. */
    int64_t id;     /* Drawn; what its secrets are bound to. */
    enum endpoint_state state;
    enum endpoint_format format;
    unsigned events;
    char url[ENDPOINT_URL_BYTES];
    char secret_key[MERCHANT_SEALED_BYTES];    /* As it is kept: sealed. */
    char secret_before[MERCHANT_SEALED_BYTES]; /* Signs beside it until then; "": nothing does. */
    int64_t secret_before_until_ms;
    int64_t created_at_ms, changed_at_ms; /* changed_at_ms: of its state. */
    /* How it has been doing: */
    int32_t failures;         /* Tries that failed since the last one that arrived. */
    int64_t failing_since_ms; /* The first of those; 0: the last one arrived. */
    int64_t day;              /* Since 1970; of the two counts. */
    int32_t day_tries, day_failures;
    int64_t bad_day; /* The last day that failed as a whole; 0: the last one did not. */
    int32_t mails;   /* How many were made for it. */
};

/* What its secret_key and secret_before are sealed for. */
static inline struct vault_place endpoint_secret_place(int64_t id)
{
    return (struct vault_place){"endpoint", id, "secret_key"};
}

/* Takes a secret over; the one there was signs beside it until until_ms (0: it does not). */
void endpoint_secret_change(struct endpoint *endpoint, const char *secret_key, int64_t until_ms);
/* Counts a try. */
void endpoint_tried(struct endpoint *endpoint, bool delivered, int64_t at_ms);
/* Whether it has failed for long: it is to be switched off. */
MUST_USE bool endpoint_failed(const struct endpoint *endpoint, int64_t now_ms);
#endif

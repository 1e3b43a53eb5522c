/* channel: an account of the platform's with an operator, and how it is reached: which connector,
 * which server, with what credentials, for which transfers, how much and how fast. Channels are
 * read at start (daemon) and never change while payoutd runs; whether one is open, switched off or
 * tired is the worker's knowledge (operators/health.h), not in here. */
#ifndef PAYOUT_OPERATORS_CHANNEL_H
#define PAYOUT_OPERATORS_CHANNEL_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "money/amount.h"

enum {
    CHANNEL_NUMBER_MAX = 255, /* Numbers are stored with transfers. 0: none yet. */
    CHANNEL_SANDBOX = 1,      /* The number that is always the sandbox's. */
    CHANNEL_NAME_BYTES = 33,
    CHANNEL_TEXT_BYTES = 256,
    CHANNEL_SECRET_BYTES = 4097,
    CHANNEL_MERCHANTS_MAX = 64,
};

struct operator_connector;

struct channel {
    int number; /* 1 to CHANNEL_NUMBER_MAX; never used again for another account. */
    char name[CHANNEL_NAME_BYTES]; /* "mtn-ci": [a-z0-9-] */
    const struct operator_connector *connector;

    /* What a connector reads. What each means to it says the head of its file. "" where not set. */
    char url[CHANNEL_TEXT_BYTES];     /* The operator's server, without a slash at its end. */
    char account[CHANNEL_TEXT_BYTES]; /* Who we are there: an API user, a client id, an account. */
    char environment[CHANNEL_TEXT_BYTES];       /* "sandbox", "mtnivorycoast" */
    char callback_url[CHANNEL_TEXT_BYTES];      /* Where the operator can reach us, whole, with the
                                                   channel's name; "": it can't. */
    char secret[CHANNEL_SECRET_BYTES];          /* An API key, a password. */
    char secret_second[CHANNEL_SECRET_BYTES];   /* A subscription key, a key that signs. */
    char callback_secret[CHANNEL_SECRET_BYTES]; /* Proves that a callback is the operator's. */
    enum currency currency; /* Of its float, and all that goes through it; 0, any: the sandbox. */

    /* Which transfers may go through it (operators/routing.h). */
    uint64_t operators; /* Bit n: operator number n of money/tariff.h (and so its country). */
    int64_t amount_min_minor, amount_max_minor; /* Of what is delivered; max 0: no bound. */
    int64_t merchants[CHANNEL_MERCHANTS_MAX];   /* Only theirs; none: everybody's. */
    size_t merchant_count;
    int priority; /* The smallest that is open is taken … */
    int weight;   /* … and of several such, each by its weight, 1 to 1000. */

    /* How much it bears. */
    int64_t calls_per_second; /* 0: no limit. */
    int64_t under_way_max;    /* Calls at once. > 0 */
    int64_t timeout_ms, connect_timeout_ms;
    int64_t batch_max; /* Attempts of one call, if the connector can; 0, 1: one. */

    /* Receivers are validated before money goes, where the operator can. */
    bool validate;
    int64_t
        name_least; /* 1 to 100: a name that is less like the contact's is refused; 0: any goes. */

    /* The float is asked for every so often, and an alarm raised below this. */
    int64_t float_ask_ms; /* 0: never. */
    int64_t float_alarm_minor;
};
#endif

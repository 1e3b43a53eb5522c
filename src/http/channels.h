/* channels: what http has to ask of the platform's channels to operators, which it knows nothing
 * of: their names, what a callback means, whether a transfer could go anywhere, and how they are.
 * The daemon fills it in (daemon/channel_door.h). */
#ifndef PAYOUT_HTTP_CHANNELS_H
#define PAYOUT_HTTP_CHANNELS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "money/transfer.h"
#include "payout/code.h"

/* A callback as it came in. */
struct http_callback {
    const char *channel; /* Its name, as the path has it. */
    const char *rest;    /* What follows the name and a slash in the path; "": nothing. */
    const char *method;  /* "POST" */
    const char *body;    /* With a NUL behind it. */
    size_t length;
    int64_t now_ms;
    /* The value of a header, whatever its case; NULL: there is none. */
    const char *(*header)(void *context, const char *name);
    void *context;
};
enum http_callback_word {
    HTTP_CALLBACK_NOBODY,  /* There is no such channel, or its operator does not call. */
    HTTP_CALLBACK_FORGED,  /* What proves its sender is missing or wrong. */
    HTTP_CALLBACK_UNCLEAR, /* Authentic, but about nothing that could be told. */
    HTTP_CALLBACK_ABOUT,   /* About the transfer told, which need not exist. */
};
struct http_callback_said {
    enum http_callback_word word;
    int channel; /* Its number. */
    char reference[TRANSFER_ID_TEXT_BYTES];
};

/* A channel, for the platform's people. Texts live as long as the channel. */
struct http_channel {
    int number;
    const char *name, *connector, *url;
    enum currency currency; /* 0: any. */
    uint64_t operators;     /* Bit n: operator number n. */
    int priority, weight;
    bool off; /* A person switched it off. */
    const char
        *state; /* Whether its operator takes transfers: "open", "throttled", "tried", "down" … */
    const char *asks_state;   /* … and answers questions. */
    int64_t since_ms;         /* Of state; 0: since the start. */
    int64_t waiting;          /* Transfers that are claimed, and wait for their call. */
    int64_t under_way;        /* Calls at this moment. */
    int64_t put_off;          /* How often one was put off, … */
    int64_t answered, failed; /* … calls to pay were answered, failed: since the start. */
    bool float_known;
    int64_t float_minor, float_at_ms;
    int64_t float_alarm_minor; /* 0: none. */
};

/* Whether what a merchant sends to an operator leaves. */
enum http_operator_status {
    HTTP_OPERATOR_AVAILABLE,
    HTTP_OPERATOR_DOWN, /* It is taken, and waits. */
    HTTP_OPERATOR_OFF,  /* It is refused: persons switched it off, or no channel reaches it. */
};
struct http_operator {
    enum http_operator_status status;
    int64_t since_ms; /* 0: not known: since the start, or as the settings say. */
};

/* Any thread, and at once, but switched: nothing else here waits for anybody. */
struct http_channels {
    void *context;
    /* Whether a transfer like this one (its merchant, operator, amount, fee) could ever go
     * anywhere: OK, OPERATOR_NOT_AVAILABLE when no channel is for it, OPERATOR_UNAVAILABLE when
     * persons have switched off all that are. One that is merely down refuses nobody. */
    enum payout_code (*transfer_check)(void *context, const struct transfer *transfer);
    void (*callback_read)(void *context, const struct http_callback *callback,
                          struct http_callback_said *said);
    /* index from 0; false beyond the last. */
    bool (*channel_look)(void *context, size_t index, struct http_channel *channel);
    void (*operator_look)(void *context, struct merchant_id merchant, int operator_number,
                          struct http_operator *answer);
    /* Whether the operator behind the channel with this number can take a paid transfer back; false
     * when there is no such channel any more. */
    bool (*reverses)(void *context, int channel);
    /* A person's word on a channel was committed: reads the last words anew. */
    enum fault_kind (*switched)(void *context, struct fault *fault);
};
#endif

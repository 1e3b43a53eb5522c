/* channels: what http has to ask of the platform's channels to operators, which it knows nothing
 * of: their names, what a callback means, whether a transfer could go anywhere, and how they are.
 * The daemon fills it in (daemon/channel_door.h). */
#ifndef PAYOUT_HTTP_CHANNELS_H
#define PAYOUT_HTTP_CHANNELS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

/* Any thread, and at once: nothing here waits for anybody. */
struct http_channels {
    void *context;
    /* Whether a transfer like this one (its merchant, operator, amount, fee) could ever go
     * anywhere: OK, OPERATOR_NOT_AVAILABLE when no channel is for it, OPERATOR_UNAVAILABLE when
     * persons have switched off all that are. One that is merely down refuses nobody. */
    enum payout_code (*transfer_check)(void *context, const struct transfer *transfer);
    void (*callback_read)(void *context, const struct http_callback *callback,
                          struct http_callback_said *said);
};
#endif

/* notification: what a merchant is told of a transfer: a picture of it at one change, made in the
 * same commit as the change. Those of one transfer go out in order. */
#ifndef PAYOUT_MONEY_NOTIFICATION_H
#define PAYOUT_MONEY_NOTIFICATION_H
#include <stdbool.h>
#include <stdint.h>

#include "money/transfer.h"

/* The numbers are stored. */
enum notification_state {
    NOTIFICATION_BLOCKED = 1,   /* Waits for the one before it. */
    NOTIFICATION_DUE = 2,       /* To be delivered at due_at_ms. */
    NOTIFICATION_DELIVERED = 3, /* Answered 2xx. */
    NOTIFICATION_DEAD = 4,      /* Given up after three days; can be sent again by a person. */
};

struct notification {
    struct transfer_id transfer;
    int32_t number; /* 1, 2, 3 … with the transfer its key. */
    struct merchant_id merchant;
    enum notification_state state;
    int64_t due_at_ms; /* 0 unless DUE. */
    int32_t attempts;
    int64_t created_at_ms, ended_at_ms;
    /* What it tells, beside what never changes of the transfer. */
    enum transfer_state transfer_state;
    bool confirmed;
    enum transfer_reason reason;
    const char *operator_reference;
    int64_t validated_at_ms;
};

/* One try to deliver, for the delivery log. */
struct delivery {
    struct transfer_id transfer;
    int32_t number, attempt; /* attempt from 1. */
    int64_t at_ms, duration_ms;
    int http_status;   /* 0: there was no answer. */
    const char *error; /* "" or why there was none. */
};
#endif

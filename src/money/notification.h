/* notification: what a merchant is told of a transfer: a picture of it at one change, made in the
 * same commit as the change; one for the transfer's own notify_url and one for each of the
 * merchant's endpoints that wants to hear of it. Those of one transfer to one of them go out in
 * order. */
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

/* Which notification it is. */
struct notification_key {
    struct transfer_id transfer;
    int32_t endpoint; /* Who is told: 0, the transfer's own notify_url; else the endpoint of the
                         merchant's with that number. */
    int32_t number; /* Which change of the transfer it tells: 1, 2, 3 … An endpoint has none of a
                       change that it did not want to hear. */
};
/* The order of their keys: negative, 0 or positive. */
int notification_key_compare(struct notification_key left, struct notification_key right);

struct notification {
    struct notification_key key;
    struct merchant_id merchant;
    int64_t queue; /* In which it waits for its turn; see notification_queue_of_url. */
    enum notification_state state;
    int64_t due_at_ms;   /* 0 unless DUE. */
    int32_t next_number; /* Of the one that is BLOCKED until this has ended; 0: none is. */
    int32_t attempts;
    int64_t created_at_ms, ended_at_ms;
    /* What it tells, beside what never changes of the transfer. */
    enum transfer_state transfer_state;
    bool confirmed;
    enum transfer_reason reason;
    const char *operator_reference;
    int64_t validated_at_ms;
    int32_t redeliveries;      /* How often a person had it sent again after it had ended. */
    int64_t redelivered_at_ms; /* The last time; 0: never. */
    int32_t attempts_before;   /* Those before that. */
};

/* Queues: what is told to one server waits in one, and no queue waits for another. That of all
 * notify_urls with the same scheme, host and port is one; each endpoint has its own, which stays
 * the same when its URL changes. Never 0. */
int64_t notification_queue_of_url(const char *url);
int64_t notification_queue_of_endpoint(struct merchant_id merchant, int32_t endpoint);

/* From when its tries count, and how many there were since: a redelivery begins anew. */
int64_t notification_since_ms(const struct notification *notification);
int32_t notification_tries(const struct notification *notification);

/* One try to deliver, for the delivery log. */
struct delivery {
    struct notification_key key;
    int32_t attempt; /* From 1. */
    int64_t at_ms, duration_ms;
    int http_status;   /* 0: there was no answer. */
    const char *error; /* "" or why there was none. */
};
#endif

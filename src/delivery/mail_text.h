/* mail_text: the mail that asks a person to confirm a lot, whole, from its headers on: text and
 * HTML, in the merchant's language. It must never decide to whom or when it goes. Pure; any thread.
 */
#ifndef PAYOUT_DELIVERY_MAIL_TEXT_H
#define PAYOUT_DELIVERY_MAIL_TEXT_H
#include "base/buffer.h"
#include "money/lot.h"
#include "money/merchant.h"

enum { MAIL_TEXT_RECEIVERS_MAX = 10, MAIL_TEXT_BYTES_MAX = 256 * 1024 };

struct mail_receiver {
    const char *name, *surname; /* As the merchant gave them; "": not known. */
    const char *prefix, *phone; /* As sent. */
    struct amount amount;
};

struct mail_text {
    const struct merchant *merchant;
    const struct lot *lot;
    int32_t number;                        /* Of the mail. */
    const char *from, *to;                 /* Valid addresses. */
    const char *link;                      /* A URL without blanks or quotes. */
    const char *sender;                    /* The person who sent the lot; "": the API. */
    int persons;                           /* How many have to confirm it. */
    const struct mail_receiver *receivers; /* The first ones ... */
    size_t receiver_count;                 /* ... MAIL_TEXT_RECEIVERS_MAX at most. */
    int64_t now_ms;
};

/* Appends the mail. Whatever the names in it are, it has the headers and parts that it has. */
void mail_text_write(const struct mail_text *what, struct buffer *mail);
#endif

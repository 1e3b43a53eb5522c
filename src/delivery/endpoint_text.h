/* endpoint_text: the mail that says that an endpoint was switched off, since it failed for long:
 * whole, from its headers on: text and HTML, in the merchant's language. Pure; any thread. */
#ifndef PAYOUT_DELIVERY_ENDPOINT_TEXT_H
#define PAYOUT_DELIVERY_ENDPOINT_TEXT_H
#include "base/buffer.h"
#include "money/endpoint.h"
#include "money/merchant.h"

struct endpoint_text {
    const struct merchant *merchant;
    const struct endpoint *endpoint; /* As it is now. */
    int32_t number;                  /* Of the mail. */
    const char *from, *to;           /* Valid addresses. */
    int64_t made_at_ms;              /* When the mail was: when the endpoint was switched off. */
    int64_t now_ms;
};

/* Appends the mail. Whatever the texts in it are, it has the headers and parts that it has. */
void endpoint_text_write(const struct endpoint_text *what, struct buffer *mail);
#endif

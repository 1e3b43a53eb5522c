/* contact: whom a merchant may send money to. */
#ifndef PAYOUT_MONEY_CONTACT_H
#define PAYOUT_MONEY_CONTACT_H
#include <stdint.h>

#include "money/id.h"

enum { CONTACT_TEXT_BYTES_MAX = 255 };

struct contact {
    struct merchant_id merchant;
    int64_t msisdn;             /* With the merchant its key. */
    const char *prefix, *phone; /* As first sent. Never NULL, nor are the others. */
    const char *name, *surname, *email;
    int64_t listed_under; /* The number of the contact that a person said is the same one; 0: none.
                             Lists show them as one; who may be paid is not changed by it. */
    struct lot_code lot;  /* Of the request that made it. */
    int64_t created_at_ms;
};
#endif

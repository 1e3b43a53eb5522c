/* channel_account: which account with an operator a channel's number stands for. Numbers are stored
 * with transfers: under another account the operator would say of what the first one has in hand
 * that it never saw it, and it would be paid twice. So the account that a number was first used for
 * is written down before anything goes through it, and stays, unless a person says that it is the
 * same under another address (an operator that moved). No secret is a part of it. */
#ifndef PAYOUT_MONEY_CHANNEL_ACCOUNT_H
#define PAYOUT_MONEY_CHANNEL_ACCOUNT_H
#include <stdbool.h>
#include <stdint.h>

struct channel_account {
    int channel;           /* Its number: 1 to 255. */
    const char *connector; /* Its name. Never NULL, nor is what follows; "" where not set. */
    const char *url;       /* The operator's server. */
    const char *account;   /* Who the platform is there. */
    const char *environment;
    int64_t at_ms; /* When it was written down. */
};

/* Whether they are one account with one operator, whatever their numbers. */
bool channel_account_same(const struct channel_account *a, const struct channel_account *b);
#endif

/* usage: how much a merchant may send and has sent lately: in a day and a month, to all together
 * and to one person, how often to one person in an hour, and how much has to stay available. What
 * was sent lately is counted in usages, which are looked up and kept only where there is a limit.
 * Hours, days and months are those of UTC, which is the clock of Abidjan and Dakar. Pure. */
#ifndef PAYOUT_MONEY_USAGE_H
#define PAYOUT_MONEY_USAGE_H
#include <stdbool.h>
#include <stdint.h>

#include "money/amount.h"
#include "money/id.h"

/* All in the smallest unit of the currency that is sent, each currency by itself; 0: no limit. */
struct limits {
    int64_t day_minor, month_minor;
    int64_t receiver_day_minor, receiver_month_minor;
    int64_t receiver_hour_count;
    int64_t reserve_minor; /* What a lot has to leave available. */
};
bool limits_of_merchant(const struct limits *limits); /* There is one over all receivers. */
bool limits_of_receiver(const struct limits *limits); /* There is one for each. */

/* What was accepted, whatever became of it later, in the last hour, day and month in which
 * something was. */
struct usage {
    struct merchant_id merchant;
    int64_t msisdn; /* 0: to all together. */
    enum currency currency;
    int64_t hour, hour_count;
    int64_t day, day_minor;
    int64_t month, month_minor;
};
/* Makes it the usage as of at_ms: what was in a period before counts no more. Time never goes back
 * in it. */
void usage_turn(struct usage *usage, int64_t at_ms);
/* Months since January 1970. */
int64_t month_of(int64_t at_ms);
#endif

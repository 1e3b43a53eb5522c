/* effect: in whose shards a batch made work, so that nobody else is woken. The room's own. */
#ifndef PAYOUT_LANE_EFFECT_H
#define PAYOUT_LANE_EFFECT_H
#include "money/book.h"

/* The shards of transfers and of notifications for which there is work now; 0: of none. */
uint32_t effect_work(const struct book *book);
uint32_t effect_notifications(const struct book *book);
#endif

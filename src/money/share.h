/* share: what of a store is one lane's. A store has one lane or several; each writes alone: whose
 * rows are whose is said here, by a merchant's id, and so is which ids a lane may give, so that no
 * two lanes ever give the same and none has to ask another. Pure; any thread. */
#ifndef PAYOUT_MONEY_SHARE_H
#define PAYOUT_MONEY_SHARE_H
#include "money/id.h"

enum { LANES_MAX = 16 };

struct share {
    int lane, lanes; /* 0 to lanes - 1, of how many. */
    bool alone;      /* The store never has another lane: its rows' ids are 1, 2, 3 … */
};

/* A power of two, LANES_MAX at most. */
bool share_lanes_valid(int64_t lanes);
/* Whose merchant it is; the platform's own (0) is lane 0's. */
int share_lane_of(struct merchant_id merchant, int lanes);

/* The first of count transfer ids: see transfer_id_next. Each lane has a part of every second. */
struct transfer_id share_transfer_id(const struct share *share, struct transfer_id last,
                                     int64_t now_ms, int64_t count, uint32_t spread);

/* Movements and acts. The id after last, which was this lane's: the next number when it is alone;
 * else made of the time, a number and the lane, so that the ids of all lanes are different, grow
 * with time, and fit the 53 bits of a double. */
int64_t share_row_id(const struct share *share, int64_t last, int64_t at_ms);
/* Whose chain the row stands in. */
int share_row_lane(int64_t id);
/* Whether something must be missing between a chain's last row and this one: ids of a lane that was
 * alone have no gap. Those of others may; that one is missing shows in their chain. */
bool share_row_gap(int64_t last, int64_t id);
#endif

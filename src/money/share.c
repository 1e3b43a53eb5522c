#include "money/share.h"

#include "base/fault.h"

/* A row's id: seconds since 1970, a number, the lane. Ids without a gap stay below the first that
 * can have a time: a store that was copied goes on where it was. */
enum { SECOND_SHIFT = 21, LANE_BITS = 4 };
#define TIMED_FIRST (INT64_C(1) << 40)
_Static_assert(LANES_MAX == 1 << LANE_BITS, "a lane's number has its bits");

bool share_lanes_valid(int64_t lanes)
{
    return lanes >= 1 && lanes <= LANES_MAX && (lanes & (lanes - 1)) == 0;
}

int share_lane_of(struct merchant_id merchant, int lanes)
{
    invariant(share_lanes_valid(lanes) && merchant.value >= 0);
    /* Half as many lanes: two of before become one, and no merchant parts from its neighbours. */
    return (int)(merchant.value % LANES_MAX % lanes);
}

struct transfer_id share_transfer_id(const struct share *share, struct transfer_id last,
                                     int64_t now_ms, int64_t count, uint32_t spread)
{
    struct transfer_range range = {.first = 0, .count = TRANSFER_IDS_PER_SECOND};
    invariant(share->lane >= 0 && share->lane < share->lanes && share->lanes <= LANES_MAX);
    if (!share->alone) {
        range.count = TRANSFER_IDS_PER_SECOND / LANES_MAX;
        range.first = share->lane * range.count;
    }
    return transfer_id_next(range, last, now_ms, count, spread);
}

int64_t share_row_id(const struct share *share, int64_t last, int64_t at_ms)
{
    invariant(last >= 0 && at_ms > 0);
    if (share->alone) /* A store that was copied from one with lanes goes on with a chain of it. */
        return last < TIMED_FIRST ? last + 1 : last + LANES_MAX;
    int64_t first = (at_ms / 1000) << SECOND_SHIFT | share->lane;
    invariant(first >= TIMED_FIRST);
    if (last < first)
        return first;
    invariant(share_row_lane(last) == share->lane);
    return last + LANES_MAX; /* A second with more of them runs on into the next. */
}

int share_row_lane(int64_t id)
{
    return id < TIMED_FIRST ? 0 : (int)(id & (LANES_MAX - 1));
}

bool share_row_gap(int64_t last, int64_t id)
{
    return id < TIMED_FIRST && id != last + 1;
}

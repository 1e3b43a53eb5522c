#include "../dies.h"
#include "money/share.h"

enum { SECOND_S = 1700000000 };
#define NOW_MS (INT64_C(1000) * SECOND_S)

static void every_merchant_has_one_lane(void **state)
{
    (void)state;
    for (int lanes = 1; lanes <= LANES_MAX; lanes *= 2) {
        int count[LANES_MAX] = {0};
        assert_true(share_lanes_valid(lanes));
        assert_int_equal(share_lane_of((struct merchant_id){0}, lanes), 0);
        for (int i = 0; i < 160; i++) {
            int lane = share_lane_of((struct merchant_id){MERCHANT_ID_MIN + i}, lanes);
            assert_in_range(lane, 0, lanes - 1);
            count[lane]++;
        }
        for (int lane = 0; lane < lanes; lane++)
            assert_int_equal(count[lane], 160 / lanes);
    }
    assert_false(share_lanes_valid(0) || share_lanes_valid(3) || share_lanes_valid(32));
}

/* Lots of every lane, over some seconds, some of which are too full for them. */
static void transfers_of_two_lanes_never_meet(void **state)
{
    (void)state;
    struct transfer_id last[LANES_MAX] = {{0}};
    uint64_t seed = 5;
    for (int i = 0; i < 100000; i++) {
        seed = seed * UINT64_C(6364136223846793005) + 1;
        const struct share share = {.lane = (int)(seed >> 60), .lanes = LANES_MAX};
        const int64_t count = 1 + (int64_t)(seed >> 33) % 10000;
        struct transfer_id first = share_transfer_id(&share, last[share.lane], NOW_MS + i / 50,
                                                     count, (uint32_t)(seed >> 10));
        const int64_t part = TRANSFER_IDS_PER_SECOND / LANES_MAX;
        assert_true(first.value > last[share.lane].value);
        last[share.lane].value = first.value + count - 1;
        assert_int_equal(first.value % TRANSFER_IDS_PER_SECOND / part, share.lane);
        assert_int_equal(last[share.lane].value % TRANSFER_IDS_PER_SECOND / part, share.lane);
    }
    /* What came before the store had lanes: all that follow are behind it. */
    const struct share other = {.lane = 1, .lanes = 2};
    struct transfer_id old = {INT64_C(26000000) * SECOND_S + 25999999};
    assert_true(share_transfer_id(&other, old, NOW_MS, 1, 0).value > old.value);
    old.value -= 25999999;
    assert_true(share_transfer_id(&other, old, NOW_MS, 1, 0).value > old.value);
}

static void rows_ids_grow_with_time_in_every_lane(void **state)
{
    (void)state;
    const struct share alone = {.lanes = 1, .alone = true};
    assert_int_equal(share_row_id(&alone, 41, NOW_MS), 42);
    int64_t first[2], next[2];
    for (int lane = 0; lane < 2; lane++) {
        const struct share share = {.lane = lane, .lanes = 2};
        first[lane] = share_row_id(&share, lane == 0 ? 42 : 0, NOW_MS);
        next[lane] = share_row_id(&share, first[lane], NOW_MS);
        assert_true(next[lane] > first[lane]);
        assert_int_equal(share_row_lane(first[lane]), lane);
        assert_int_equal(share_row_lane(next[lane]), lane);
        assert_true(share_row_id(&share, next[lane], NOW_MS + 1000) > next[lane]);
        /* A clock that went back: the lane goes on. */
        assert_true(share_row_id(&share, next[lane], NOW_MS - 5000) > next[lane]);
        assert_true(next[lane] < INT64_C(1) << 53);
    }
    assert_true(first[0] != first[1] && next[0] != next[1] && first[0] != next[1]);
    assert_false(share_row_gap(42, first[0]));
    assert_false(share_row_gap(41, 42));
    assert_true(share_row_gap(41, 43));
    assert_int_equal(share_row_lane(42), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_merchant_has_one_lane),
        cmocka_unit_test(transfers_of_two_lanes_never_meet),
        cmocka_unit_test(rows_ids_grow_with_time_in_every_lane),
    };
    return cmocka_run_group_tests_name("money/share", tests, NULL, NULL);
}

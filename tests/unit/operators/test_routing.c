#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "../dies.h"
#include "operators/routing.h"

enum { OM = 1, FLOOZ = 2, IDS = 100000 };

/* A channel for OM and FLOOZ. */
static struct channel channel_of(int number, int priority, int weight)
{
    return (struct channel){.number = number,
                            .name = {'c', (char)('0' + number), '\0'},
                            .currency = CURRENCY_XOF,
                            .operators = 1 << OM | 1 << FLOOZ,
                            .priority = priority,
                            .weight = weight,
                            .under_way_max = 1};
}

static struct transfer transfer_of(int64_t id)
{
    return (struct transfer){.id = {id},
                             .merchant = {7},
                             .operator_number = OM,
                             .amount = {500, CURRENCY_XOF},
                             .payer = FEE_PAYER_MERCHANT,
                             .state = TRANSFER_NEW};
}

/* Context: bit n is set when channel n is closed. */
static bool open_but(void *context, const struct channel *channel)
{
    const uint64_t *closed = context;
    return (*closed >> channel->number & 1) == 0;
}

static int chosen(const struct routing *routing, const struct transfer *transfer, uint64_t closed)
{
    const struct channel *channel = routing_choose(routing, transfer, open_but, &closed);
    return channel == NULL ? 0 : channel->number;
}

static void the_smallest_priority_that_is_open_is_taken(void **state)
{
    (void)state;
    struct channel channels[] = {channel_of(4, 30, 1), channel_of(2, 10, 1), channel_of(3, 20, 1)};
    struct routing *routing = routing_open(channels, 3);
    struct transfer transfer = transfer_of(1);
    assert_int_equal(chosen(routing, &transfer, 0), 2);
    assert_int_equal(chosen(routing, &transfer, 1 << 2), 3);
    assert_int_equal(chosen(routing, &transfer, 1 << 2 | 1 << 3), 4);
    assert_int_equal(chosen(routing, &transfer, 1 << 3), 2);
    assert_int_equal(chosen(routing, &transfer, 1 << 2 | 1 << 3 | 1 << 4), 0);
    assert_int_equal(routing_at(routing, 0)->number, 2);
    assert_int_equal(routing_at(routing, 2)->number, 4);
    assert_null(routing_at(routing, 3));
    routing_close(routing);
}

static void a_transfer_keeps_the_channel_that_it_has(void **state)
{
    (void)state;
    struct channel channels[] = {channel_of(2, 10, 1), channel_of(3, 20, 1)};
    channels[1].operators = 0; /* Its file says otherwise by now. */
    struct routing *routing = routing_open(channels, 2);
    for (int64_t id = 1; id < 1000; id++) {
        struct transfer transfer = transfer_of(id);
        transfer.channel = 3;
        assert_int_equal(chosen(routing, &transfer, 0), 3);
        assert_int_equal(chosen(routing, &transfer, 1 << 3), 0);
        transfer.channel = 9; /* There is none such any more: nobody else may have it. */
        assert_int_equal(chosen(routing, &transfer, 0), 0);
    }
    routing_close(routing);
}

static void weights_hold_over_many_transfers(void **state)
{
    (void)state;
    static const int weights[] = {1, 2, 7, 90};
    struct channel channels[4];
    for (int i = 0; i < 4; i++)
        channels[i] = channel_of(i + 2, 10, weights[i]);
    struct routing *routing = routing_open(channels, 4);
    /* Ids in a row, as in one lot, and a second apart, as one by one. */
    static const int64_t steps[] = {1, TRANSFER_IDS_PER_SECOND};
    for (size_t step = 0; step < sizeof steps / sizeof *steps; step++) {
        int counts[8] = {0};
        for (int64_t i = 0; i < IDS; i++) {
            struct transfer transfer =
                transfer_of(INT64_C(1760000000) * TRANSFER_IDS_PER_SECOND + i * steps[step]);
            int number = chosen(routing, &transfer, 0);
            assert_int_equal(chosen(routing, &transfer, 0), number);
            counts[number]++;
        }
        for (int i = 0; i < 4; i++) {
            int expected = IDS * weights[i] / 100, off = counts[i + 2] - expected;
            assert_in_range(off + 300, 0, 600); /* Six times the standard deviation, at most. */
        }
    }
    routing_close(routing);
}

static void all_go_somewhere_as_long_as_one_is_open(void **state)
{
    (void)state;
    struct channel channels[6];
    for (int i = 0; i < 6; i++)
        channels[i] = channel_of(i + 2, i / 2, 1 + i * 100);
    struct routing *routing = routing_open(channels, 6);
    for (uint64_t closed = 0; closed < 1 << 8; closed += 1 << 2)
        for (int64_t id = 1; id < 200; id++) {
            struct transfer transfer = transfer_of(id);
            int number = chosen(routing, &transfer, closed);
            assert_int_equal(number == 0, closed == 0xfc);
            if (number == 0)
                continue;
            assert_int_equal(closed >> number & 1, 0);
            for (int other = 2; other < 8; other++) /* Nobody open goes before it. */
                assert_true((closed >> other & 1) == 1 || (other - 2) / 2 >= (number - 2) / 2);
        }
    routing_close(routing);
}

static void what_does_not_fit_is_not_covered(void **state)
{
    (void)state;
    struct channel channel = channel_of(2, 1, 1);
    channel.amount_min_minor = 500;
    channel.amount_max_minor = 1000;
    channel.merchants[0] = 9;
    channel.merchants[1] = 7;
    channel.merchant_count = 2;
    struct routing *routing = routing_open(&channel, 1);
    struct transfer transfer = transfer_of(1);
    assert_true(routing_covers(routing, &transfer));
    transfer.amount.minor = 1000;
    assert_int_equal(chosen(routing, &transfer, 0), 2);
    transfer.amount.minor = 1001;
    assert_false(routing_covers(routing, &transfer));
    assert_int_equal(chosen(routing, &transfer, 0), 0);
    transfer.payer = FEE_PAYER_RECEIVER; /* What counts is what the receiver gets. */
    transfer.fee_minor = 1;
    assert_true(routing_covers(routing, &transfer));
    transfer.fee_minor = 502;
    assert_false(routing_covers(routing, &transfer));
    transfer = transfer_of(1);
    transfer.merchant.value = 8;
    assert_false(routing_covers(routing, &transfer));
    transfer.merchant.value = 9;
    assert_true(routing_covers(routing, &transfer));
    transfer.operator_number = 3;
    assert_false(routing_covers(routing, &transfer));
    transfer.operator_number = FLOOZ;
    assert_true(routing_covers(routing, &transfer));
    transfer.amount.currency = CURRENCY_XAF;
    assert_false(routing_covers(routing, &transfer));
    routing_close(routing);
}

static void channels_are_found_by_number_and_name(void **state)
{
    (void)state;
    struct channel channels[] = {channel_of(5, 1, 1), channel_of(1, 1, 1)};
    struct routing *routing = routing_open(channels, 2);
    assert_ptr_equal(routing_channel(routing, 5), &channels[0]);
    assert_ptr_equal(routing_named(routing, "c1"), &channels[1]);
    assert_null(routing_named(routing, "c"));
    assert_null(routing_channel(routing, 0));
    assert_null(routing_channel(routing, 2));
    assert_null(routing_channel(routing, 256));
    assert_null(routing_channel(routing, -1));
    routing_close(routing);
}

static void routing_open_both(void *channels)
{
    routing_close(routing_open(channels, 2));
}

static void two_channels_of_one_number_stop_it(void **state)
{
    (void)state;
    struct channel channels[] = {channel_of(5, 1, 1), channel_of(5, 1, 1)};
    assert_dies(routing_open_both, channels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_smallest_priority_that_is_open_is_taken),
        cmocka_unit_test(a_transfer_keeps_the_channel_that_it_has),
        cmocka_unit_test(weights_hold_over_many_transfers),
        cmocka_unit_test(all_go_somewhere_as_long_as_one_is_open),
        cmocka_unit_test(what_does_not_fit_is_not_covered),
        cmocka_unit_test(channels_are_found_by_number_and_name),
        cmocka_unit_test(two_channels_of_one_number_stop_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

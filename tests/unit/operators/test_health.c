#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "operators/health.h"

#define MS     INT64_C(1000)
#define SECOND INT64_C(1000000)
#define HALF   UINT32_MAX / 2 /* Neither early nor late. */

static struct channel channel;
static struct health health;

static void begin(int64_t calls_per_second, int64_t under_way_max, size_t batch, int64_t before)
{
    channel = (struct channel){
        .name = "c", .calls_per_second = calls_per_second, .under_way_max = under_way_max};
    health_init(&health, &channel, batch, before);
}

/* Reserves one attempt and has it called at once. True when it was the breaker's probe. */
static bool reserve_call(enum health_kind kind, int64_t now_us)
{
    bool place = false, probe = false;
    health_reserve(&health, kind, now_us, &place, &probe);
    assert_true(place);
    health_unreserve(&health);
    health_call_begin(&health);
    return probe;
}

static void tell(enum health_kind kind, enum health_outcome outcome, bool probe, int64_t now_us)
{
    health_tell(&health, kind, outcome, probe, HALF, now_us);
}

/* --- Breakers --- */

static void what_each_row_of_calls_does_to_a_breaker(void **state)
{
    (void)state;
    static const struct {
        const char *calls; /* a: answered, f: failed, d: down, n: neither. */
        enum breaker_state then;
    } rows[] = {
        {"", BREAKER_CLOSED},
        {"ffff", BREAKER_CLOSED},
        {"fffff", BREAKER_OPEN},
        {"ffffaffff", BREAKER_CLOSED},
        {"ffffnf", BREAKER_OPEN}, /* What says nothing does not count. */
        {"nnnnnnnnnn", BREAKER_CLOSED},
        {"d", BREAKER_OPEN},
        {"aaaaaaad", BREAKER_OPEN},
        {"afafafafa", BREAKER_CLOSED}, /* Too few to tell. */
        {"afafafafaf", BREAKER_OPEN},  /* Half of ten. */
        {"aafaafaafaafaafaafaafaaf", BREAKER_CLOSED},
        {"aaaaaaaaaaaaaaaaaaaaffaffaff", BREAKER_CLOSED}, /* Six of the last twenty. */
        {"ffffaffffaff", BREAKER_OPEN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        begin(0, 10, 1, 0);
        for (const char *call = rows[i].calls; *call != '\0'; call++)
            tell(HEALTH_SUBMITS,
                 *call == 'a'   ? HEALTH_ANSWERED
                 : *call == 'f' ? HEALTH_FAILED
                 : *call == 'd' ? HEALTH_DOWN
                                : HEALTH_NEITHER,
                 false, SECOND);
        assert_int_equal(health.breakers[HEALTH_SUBMITS].state, rows[i].then);
        assert_int_equal(health.breakers[HEALTH_ASKS].state, BREAKER_CLOSED);
        assert_int_equal(health_door(&health, HEALTH_ASKS, SECOND), HEALTH_OPEN);
        assert_int_equal(health_door(&health, HEALTH_SUBMITS, SECOND),
                         rows[i].then == BREAKER_OPEN ? HEALTH_CLOSED : HEALTH_OPEN);
    }
}

/* Twice as long each time, and never longer than the most; each probe that fails costs one call. */
static void an_open_breaker_is_tried_by_one_call_at_spans_that_double(void **state)
{
    (void)state;
    int64_t now_us = 7 * SECOND, span_us = HEALTH_OPEN_FIRST_MS * MS;
    begin(0, 10, 1, 0);
    tell(HEALTH_SUBMITS, HEALTH_DOWN, false, now_us);
    for (int i = 0; i < 12; i++) {
        int64_t wait_us = health_wait_us(&health, HEALTH_SUBMITS, now_us);
        assert_true(wait_us > span_us - 10 && wait_us < span_us + 10);
        assert_int_equal(health_door(&health, HEALTH_SUBMITS, now_us + wait_us - 1), HEALTH_CLOSED);
        now_us += wait_us;
        assert_int_equal(health_door(&health, HEALTH_SUBMITS, now_us), HEALTH_OPEN);
        assert_true(reserve_call(HEALTH_SUBMITS, now_us));
        assert_int_equal(health.breakers[HEALTH_SUBMITS].state, BREAKER_HALF_OPEN);
        assert_int_equal(health_door(&health, HEALTH_SUBMITS, now_us), HEALTH_CLOSED);
        /* One that left before it opened says nothing about today. */
        tell(HEALTH_SUBMITS, HEALTH_ANSWERED, false, now_us);
        assert_int_equal(health.breakers[HEALTH_SUBMITS].state, BREAKER_HALF_OPEN);
        health_call_end(&health, 10 * MS);
        tell(HEALTH_SUBMITS, HEALTH_FAILED, true, now_us);
        span_us = span_us * 2 < HEALTH_OPEN_MOST_MS * MS ? span_us * 2 : HEALTH_OPEN_MOST_MS * MS;
    }
    now_us += health_wait_us(&health, HEALTH_SUBMITS, now_us);
    assert_true(reserve_call(HEALTH_SUBMITS, now_us));
    health_call_end(&health, 10 * MS);
    tell(HEALTH_SUBMITS, HEALTH_ANSWERED, true, now_us);
    assert_int_equal(health.breakers[HEALTH_SUBMITS].state, BREAKER_CLOSED);
    tell(HEALTH_SUBMITS, HEALTH_DOWN, false, now_us); /* And is as new: the first span again. */
    assert_true(health_wait_us(&health, HEALTH_SUBMITS, now_us) <= HEALTH_OPEN_FIRST_MS * MS + 10);
}

static void chance_spreads_when_it_is_tried_again(void **state)
{
    (void)state;
    begin(0, 10, 1, 0);
    health_tell(&health, HEALTH_SUBMITS, HEALTH_DOWN, false, 0, 0);
    assert_int_equal(health_wait_us(&health, HEALTH_SUBMITS, 0), HEALTH_OPEN_FIRST_MS * MS / 4 * 3);
    begin(0, 10, 1, 0);
    health_tell(&health, HEALTH_SUBMITS, HEALTH_DOWN, false, UINT32_MAX, 0);
    assert_int_equal(health_wait_us(&health, HEALTH_SUBMITS, 0), HEALTH_OPEN_FIRST_MS * MS / 4 * 5);
}

static void a_probe_that_says_nothing_is_followed_by_another(void **state)
{
    (void)state;
    begin(0, 10, 1, 0);
    tell(HEALTH_SUBMITS, HEALTH_DOWN, false, 0);
    int64_t now_us = health_wait_us(&health, HEALTH_SUBMITS, 0);
    assert_true(reserve_call(HEALTH_SUBMITS, now_us));
    tell(HEALTH_SUBMITS, HEALTH_NEITHER, true, now_us);
    assert_int_equal(health_door(&health, HEALTH_SUBMITS, now_us), HEALTH_OPEN);
    assert_true(reserve_call(HEALTH_SUBMITS, now_us));
}

/* --- Places and rate --- */

static void no_more_calls_are_reserved_than_there_are_places(void **state)
{
    (void)state;
    begin(0, 3, 1, 0);
    for (int i = 0; i < 3; i++)
        (void)reserve_call(HEALTH_SUBMITS, 0);
    assert_int_equal(health_door(&health, HEALTH_SUBMITS, 0), HEALTH_FULL);
    assert_int_equal(health_door(&health, HEALTH_ASKS, 0), HEALTH_FULL);
    assert_true(health_wait_us(&health, HEALTH_SUBMITS, 0) > 0);
    assert_false(health_may_call(&health, 0));
    health_call_end(&health, MS);
    assert_int_equal(health_door(&health, HEALTH_ASKS, 0), HEALTH_OPEN);
    health.waiting = 1; /* Claimed, and waiting for a token: the place is its. */
    assert_int_equal(health_door(&health, HEALTH_ASKS, 0), HEALTH_FULL);
    assert_true(health_may_call(&health, 0));
}

static void a_batch_takes_one_place_and_one_call(void **state)
{
    (void)state;
    bool place, probe;
    int places = 0;
    begin(10, 2, 5, 0);
    for (int i = 0; i < 5; i++) {
        health_reserve(&health, HEALTH_SUBMITS, 0, &place, &probe);
        places += place;
    }
    assert_int_equal(places, 1);
    assert_int_equal(health.rate_us, SECOND / 10);
    assert_int_equal(health_door(&health, HEALTH_SUBMITS, 0), HEALTH_FULL); /* By the rate. */
    assert_int_equal(health_wait_us(&health, HEALTH_SUBMITS, 0), SECOND / 10);
    health_reserve(&health, HEALTH_SUBMITS, SECOND, &place, &probe);
    assert_true(place);
    health_group_end(&health);
    assert_int_equal(health_door(&health, HEALTH_SUBMITS, 2 * SECOND), HEALTH_FULL); /* Places. */
}

static void each_that_is_looked_up_first_takes_a_place_and_two_calls(void **state)
{
    (void)state;
    bool place, probe;
    begin(100, 10, 5, 1);
    for (int i = 0; i < 5; i++) {
        health_reserve(&health, HEALTH_SUBMITS, 0, &place, &probe);
        assert_true(place);
    }
    assert_int_equal(health.rate_us, 10 * SECOND / 100);
    health_reserve(&health, HEALTH_ASKS, SECOND, &place, &probe);
    assert_int_equal(health.rate_us, SECOND + SECOND / 100);
}

static void no_second_has_more_calls_than_it_bears(void **state)
{
    (void)state;
    static const int64_t rates[] = {1, 3, 10, 50, 1000};
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        int64_t went = 0;
        begin(rates[i], 1000000, 1, 0);
        for (int64_t now_us = 0; now_us < 10 * SECOND; now_us += 100)
            while (health_door(&health, HEALTH_SUBMITS, now_us) == HEALTH_OPEN) {
                (void)reserve_call(HEALTH_SUBMITS, now_us);
                went++;
            }
        /* A tenth of a second's may go ahead of time. */
        assert_true(went >= 10 * rates[i] - 1);
        assert_true(went <= 10 * rates[i] + rates[i] / 10 + 1);
    }
}

static void a_throttled_channel_takes_nothing_until_then(void **state)
{
    (void)state;
    begin(0, 10, 1, 0);
    health_throttle(&health, 3 * SECOND, SECOND);
    health_throttle(&health, SECOND, SECOND); /* Never shortened. */
    for (int kind = 0; kind < HEALTH_KIND_COUNT; kind++) {
        assert_int_equal(health_door(&health, (enum health_kind)kind, SECOND), HEALTH_CLOSED);
        assert_int_equal(health_wait_us(&health, (enum health_kind)kind, SECOND), 3 * SECOND);
        assert_int_equal(health_door(&health, (enum health_kind)kind, 4 * SECOND), HEALTH_OPEN);
    }
    assert_false(health_may_call(&health, 2 * SECOND));
    assert_true(health_may_call(&health, 4 * SECOND));
}

static void what_a_person_switched_off_is_asked_and_not_given_anything(void **state)
{
    (void)state;
    begin(0, 10, 1, 0);
    health.off = true;
    assert_int_equal(health_door(&health, HEALTH_SUBMITS, 0), HEALTH_CLOSED);
    assert_int_equal(health_door(&health, HEALTH_ASKS, 0), HEALTH_OPEN);
    assert_int_equal(health_wait_us(&health, HEALTH_SUBMITS, 0), HEALTH_OFF_MS * MS);
}

/* --- Putting off --- */

/* However many wait for a dead channel, they look in at no more than so many a second. */
static void who_waits_for_a_dead_channel_comes_back_spread(void **state)
{
    (void)state;
    enum { WAITING = 100000 };
    begin(0, 50, 1, 0);
    tell(HEALTH_SUBMITS, HEALTH_DOWN, false, 0);
    int64_t open_us = health_wait_us(&health, HEALTH_SUBMITS, 0), last_us = 0, hurry_us = 0;
    for (int i = 0; i < WAITING; i++) {
        int64_t put_off_us = health_put_off_us(&health, HEALTH_SUBMITS, 0, false, &hurry_us);
        assert_true(put_off_us >= open_us); /* Not before it is tried. */
        assert_true(i == 0 || put_off_us - last_us >= SECOND / HEALTH_FAR_A_SECOND);
        last_us = put_off_us;
    }
    assert_true(last_us <= open_us + WAITING * SECOND / HEALTH_FAR_A_SECOND);
}

static void who_can_go_soon_is_not_put_off_and_others_come_when_they_can_go(void **state)
{
    (void)state;
    int64_t hurry_us = 0, last_us = 0, soon = 0;
    begin(100, 1000, 1, 0);
    while (health_door(&health, HEALTH_SUBMITS, 0) == HEALTH_OPEN)
        (void)reserve_call(HEALTH_SUBMITS, 0);
    for (int i = 0; i < 1000; i++) {
        int64_t put_off_us = health_put_off_us(&health, HEALTH_SUBMITS, 0, false, &hurry_us);
        soon += put_off_us == 0;
        assert_true(put_off_us == 0 || put_off_us > last_us);
        last_us = put_off_us;
    }
    assert_true(soon >= 9 && soon <= 11); /* A tenth of a second's. */
    assert_true(last_us >= 9 * SECOND && last_us <= 11 * SECOND);
    assert_true(health_queue(&health, HEALTH_SUBMITS, 0));
    assert_false(health_queue(&health, HEALTH_SUBMITS, last_us));
}

/* What comes when others wait goes behind them, also when it could go at once; and one whose turn
 * it was does not lose it. */
static void nobody_overtakes_those_who_wait(void **state)
{
    (void)state;
    int64_t hurry_us = 0, end_us = 0;
    begin(10, 1000, 1, 0);
    for (int i = 0; i < 100; i++)
        end_us = health_put_off_us(&health, HEALTH_SUBMITS, 0, false, &hurry_us);
    hurry_us = 0;
    assert_true(health_put_off_us(&health, HEALTH_SUBMITS, SECOND, false, &hurry_us) + SECOND >
                end_us);
    while (health_door(&health, HEALTH_SUBMITS, SECOND) == HEALTH_OPEN)
        (void)reserve_call(HEALTH_SUBMITS, SECOND);
    hurry_us = SECOND; /* Others of this look were before it. */
    assert_true(health_put_off_us(&health, HEALTH_SUBMITS, SECOND, true, &hurry_us) < 2 * SECOND);
}

/* With a slow operator the far end of the queue looks in all the same, and finds it fast again. */
static void the_far_end_of_a_queue_looks_in_before_it_is_its_turn(void **state)
{
    (void)state;
    enum { WAITING = 20000 };
    int64_t hurry_us = 0, last_us = 0;
    begin(1, 1000, 1, 0);
    for (int i = 0; i < WAITING; i++)
        last_us = health_put_off_us(&health, HEALTH_SUBMITS, 0, false, &hurry_us);
    assert_true(last_us < HEALTH_NEAR_MS * MS + WAITING * SECOND / HEALTH_FAR_A_SECOND + SECOND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_each_row_of_calls_does_to_a_breaker),
        cmocka_unit_test(an_open_breaker_is_tried_by_one_call_at_spans_that_double),
        cmocka_unit_test(chance_spreads_when_it_is_tried_again),
        cmocka_unit_test(a_probe_that_says_nothing_is_followed_by_another),
        cmocka_unit_test(no_more_calls_are_reserved_than_there_are_places),
        cmocka_unit_test(a_batch_takes_one_place_and_one_call),
        cmocka_unit_test(each_that_is_looked_up_first_takes_a_place_and_two_calls),
        cmocka_unit_test(no_second_has_more_calls_than_it_bears),
        cmocka_unit_test(a_throttled_channel_takes_nothing_until_then),
        cmocka_unit_test(what_a_person_switched_off_is_asked_and_not_given_anything),
        cmocka_unit_test(who_waits_for_a_dead_channel_comes_back_spread),
        cmocka_unit_test(who_can_go_soon_is_not_put_off_and_others_come_when_they_can_go),
        cmocka_unit_test(nobody_overtakes_those_who_wait),
        cmocka_unit_test(the_far_end_of_a_queue_looks_in_before_it_is_its_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

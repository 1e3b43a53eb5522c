/* Who must go: with sockets that are nobody's (-1), whose shutting down does nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "base/secret.h"
#include "http/guest.h"

#define MS_US INT64_C(1000)
enum { REQUEST_MS = 60000, IDLE_MS = 30000, MANY = 200 };
static const int64_t start_us = INT64_C(5000000000);

static struct guests *open_guests(int rooms, unsigned room_guests_max, unsigned per_address_max)
{
    return guests_open(&(struct guest_options){.rooms = rooms,
                                               .room_guests_max = room_guests_max,
                                               .per_address_max = per_address_max,
                                               .request_ms = REQUEST_MS,
                                               .idle_ms = IDLE_MS});
}

static struct guest *enter(struct guests *guests, int room, const char *text, int64_t now_us)
{
    struct address address;
    assert_true(address_read(text, strlen(text), &address));
    return guest_enter(guests, room, -1, &address, true, now_us);
}

static void expect_shown_out(struct guests *guests, uint64_t slow, uint64_t for_room,
                             uint64_t too_many)
{
    const struct guest_figures *figures = guests_figures(guests);
    assert_int_equal(figures->slow, slow);
    assert_int_equal(figures->for_room, for_room);
    assert_int_equal(figures->too_many, too_many);
}

static void what_takes_too_long_ends(void **state)
{
    (void)state;
    struct guests *guests = open_guests(2, 100, 0);
    assert_int_equal(guests_tend(guests, 0, start_us), -1);
    struct guest *comes = enter(guests, 0, "192.0.2.1", start_us);
    struct guest *rests = enter(guests, 0, "192.0.2.1", start_us);
    struct guest *sends = enter(guests, 0, "192.0.2.1", start_us);
    struct guest *waits = enter(guests, 0, "192.0.2.1", start_us);
    struct guest *other = enter(guests, 1, "192.0.2.1", start_us);
    guest_turn(rests, GUEST_RESTS, start_us + MS_US);
    guest_turn(sends, GUEST_SENDS, start_us + 5 * MS_US);
    guest_turn(waits, GUEST_WAITS, start_us);
    assert_int_equal(guests_tend(guests, 0, start_us + 10 * MS_US), REQUEST_MS - 10);
    expect_shown_out(guests, 0, 0, 0);
    assert_int_equal(guests_tend(guests, 0, start_us + REQUEST_MS * MS_US), 5);
    expect_shown_out(guests, 1, 0, 0);
    guest_turn(sends, GUEST_READS, start_us + (REQUEST_MS + 2) * MS_US);
    assert_int_equal(guests_tend(guests, 0, start_us + (REQUEST_MS + 5) * MS_US), IDLE_MS - 4);
    expect_shown_out(guests, 1, 0, 0);
    /* Only who waits for us has all the time there is. */
    int64_t late_us = start_us + REQUEST_MS * MS_US * 10;
    assert_int_equal(guests_tend(guests, 0, late_us), -1);
    expect_shown_out(guests, 3, 0, 0);
    guest_turn(comes, GUEST_SENDS, late_us); /* Who goes, goes. */
    assert_int_equal(guests_tend(guests, 0, late_us), -1);
    assert_int_equal(guests_tend(guests, 1, late_us), -1);
    expect_shown_out(guests, 4, 0, 0);
    struct guest *all[] = {comes, rests, sends, waits, other};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        guest_leave(all[i]);
    guests_close(guests);
}

/* One after the other shows out who is the least busy, until there is room. */
static void a_full_room_makes_room_and_spares_who_just_came(void **state)
{
    (void)state;
    struct guests *guests = open_guests(1, 8, 0);
    struct guest *all[8];
    for (int i = 0; i < 8; i++) {
        all[i] = enter(guests, 0, "192.0.2.1", start_us + i * MS_US);
        assert_int_equal(guests_figures(guests)->for_room, 0);
        if (i < 7)
            assert_int_equal(guests_tend(guests, 0, start_us + i * MS_US), REQUEST_MS - i);
    }
    guest_turn(all[0], GUEST_SENDS, start_us + 8 * MS_US);
    guest_turn(all[1], GUEST_READS, start_us + 8 * MS_US);
    guest_turn(all[2], GUEST_RESTS, start_us + 9 * MS_US);
    guest_turn(all[4], GUEST_WAITS, 0);
    assert_int_equal(guests_tend(guests, 0, start_us + 10 * MS_US), GUEST_REST_MS_MIN - 7);
    expect_shown_out(guests, 0, 0, 0);
    int64_t now_us = start_us + (GUEST_REST_MS_MIN + 3) * MS_US;
    (void)guests_tend(guests, 0, now_us); /* all[3], who came longest ago and said nothing. */
    expect_shown_out(guests, 0, 1, 0);
    guest_leave(all[3]);
    all[3] = enter(guests, 0, "192.0.2.1", now_us);
    now_us += MS_US * GUEST_REST_MS_MIN;
    (void)guests_tend(guests, 0, now_us); /* all[5] and all[6]: down to an eighth less. */
    expect_shown_out(guests, 0, 3, 0);
    for (int i = 0; i < 8; i++)
        guest_leave(all[i]);
    guests_close(guests);
}

static void who_works_makes_room_last(void **state)
{
    (void)state;
    struct guests *guests = open_guests(1, 3, 0);
    struct guest *reads = enter(guests, 0, "192.0.2.1", start_us);
    struct guest *sends = enter(guests, 0, "192.0.2.2", start_us);
    struct guest *waits = enter(guests, 0, "192.0.2.3", start_us);
    guest_turn(reads, GUEST_READS, start_us);
    guest_turn(sends, GUEST_SENDS, start_us);
    guest_turn(waits, GUEST_WAITS, start_us);
    assert_int_equal(guests_tend(guests, 0, start_us), GUEST_WORK_MS_MIN);
    int64_t now_us = start_us + GUEST_WORK_MS_MIN * MS_US;
    assert_int_equal(guests_tend(guests, 0, now_us), REQUEST_MS - GUEST_WORK_MS_MIN);
    expect_shown_out(guests, 0, 1, 0);
    guest_turn(sends, GUEST_RESTS, now_us); /* It was the one. */
    guest_leave(sends);
    struct guest *comes = enter(guests, 0, "192.0.2.1", now_us);
    guest_turn(comes, GUEST_WAITS, now_us);
    (void)guests_tend(guests, 0, now_us);
    expect_shown_out(guests, 0, 2, 0);
    guest_leave(reads);
    guest_leave(comes);
    guest_leave(waits);
    guests_close(guests);
}

static void a_full_room_shows_nobody_out_while_another_has_places(void **state)
{
    (void)state;
    struct guests *guests = open_guests(2, 2, 0);
    struct guest *all[4];
    for (int i = 0; i < 4; i++) {
        int64_t late_us = start_us + GUEST_REST_MS_MIN * MS_US;
        (void)guests_tend(guests, 0, late_us);
        expect_shown_out(guests, 0, 0, 0);
        all[i] = enter(guests, i / 2, "192.0.2.1", start_us);
    }
    (void)guests_tend(guests, 1, start_us + GUEST_REST_MS_MIN * MS_US);
    assert_true(guests_figures(guests)->for_room > 0);
    for (int i = 0; i < 4; i++)
        guest_leave(all[i]);
    guests_close(guests);
}

static void an_address_has_so_many_places_in_all_rooms(void **state)
{
    (void)state;
    struct guests *guests = open_guests(2, 100, 3);
    struct guest *three[3], *proxies[9];
    struct address proxy;
    assert_true(address_read("192.0.2.1", 9, &proxy));
    for (int i = 0; i < 3; i++)
        three[i] = enter(guests, i % 2, i == 0 ? "2a00:1:2:3::1" : "2a00:1:2:3:ffff::", start_us);
    for (int i = 0; i < 9; i++)
        proxies[i] = guest_enter(guests, 0, -1, &proxy, false, start_us);
    expect_shown_out(guests, 0, 0, 0);
    struct guest *fourth = enter(guests, 0, "2a00:1:2:3::4", start_us);
    expect_shown_out(guests, 0, 0, 1);
    struct guest *another = enter(guests, 0, "2a00:1:2:4::4", start_us);
    expect_shown_out(guests, 0, 0, 1);
    guest_leave(three[0]);
    guest_leave(fourth);
    three[0] = enter(guests, 1, "2a00:1:2:3::5", start_us);
    expect_shown_out(guests, 0, 0, 1);
    for (int i = 0; i < 3; i++)
        guest_leave(three[i]);
    for (int i = 0; i < 9; i++)
        guest_leave(proxies[i]);
    guest_leave(another);
    guests_close(guests);
}

/* Addresses come and go as chance has it; a model counts along. */
static void places_are_counted_through_any_order(void **state)
{
    (void)state;
    enum { ADDRESSES = 150, TURNS = 20000, EACH_MAX = 2 };
    struct guests *guests = open_guests(2, MANY, EACH_MAX);
    struct guest *there[MANY] = {NULL};
    int of[MANY], count[ADDRESSES] = {0};
    uint64_t refused = 0;
    for (int turn = 0; turn < TURNS; turn++) {
        uint16_t drawn[2];
        random_bytes(drawn, sizeof drawn);
        int at = drawn[0] % MANY, address = drawn[1] % ADDRESSES;
        if (there[at] != NULL) {
            guest_leave(there[at]);
            there[at] = NULL;
            count[of[at]]--;
            continue;
        }
        char text[] = "10.0.0.000";
        text[7] = (char)('0' + address / 100 % 10);
        text[8] = (char)('0' + address / 10 % 10);
        text[9] = (char)('0' + address % 10);
        const char *plain = address >= 100 ? text : NULL;
        char six[] = "2a00:0:0:000::";
        six[9] = text[7], six[10] = text[8], six[11] = text[9];
        refused += ++count[address] > EACH_MAX ? 1 : 0;
        there[at] = enter(guests, at % 2, plain != NULL ? plain : six, start_us);
        of[at] = address;
        assert_int_equal(guests_figures(guests)->too_many, refused);
    }
    for (int i = 0; i < MANY; i++)
        if (there[i] != NULL)
            guest_leave(there[i]);
    guests_close(guests);
}

int main(void)
{
    secret_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_takes_too_long_ends),
        cmocka_unit_test(a_full_room_makes_room_and_spares_who_just_came),
        cmocka_unit_test(who_works_makes_room_last),
        cmocka_unit_test(a_full_room_shows_nobody_out_while_another_has_places),
        cmocka_unit_test(an_address_has_so_many_places_in_all_rooms),
        cmocka_unit_test(places_are_counted_through_any_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

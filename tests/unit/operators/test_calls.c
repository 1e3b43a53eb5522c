/* The worker over HTTP: an operator on loopback that keeps books (desk.h), over the store in
 * memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "desk.h"
#include "operators/worker.h"
#include "support/platform.h"

enum { CHANNELS_MAX = 3, ALL = OPERATOR_REFERENCE_ONCE | OPERATOR_ASKED | OPERATOR_TOKENS };

static struct platform platform;
static struct operator_worker *worker;
static struct desk desk, other;
static struct channel channels[CHANNELS_MAX];
static size_t channel_count;
static int64_t lease_ms;

/* --- The stage --- */

/* One channel to desk; a test may change it, or add another, before worker_begin. */
static void stage_begin(unsigned abilities)
{
    desk_connector.abilities = abilities;
    desk_connector.batch_max = DESK_BATCH_MAX;
    desk_open(&desk);
    desk.public = (abilities & OPERATOR_TOKENS) == 0;
    desk_channel(&desk, &channels[0], 2, "first");
    channel_count = 1;
    lease_ms = 60000;
    platform_open(&platform, 0);
    platform_start(&platform);
}

static atomic_bool is_switched_off;
static bool switched_off(void *context, const struct channel *channel)
{
    (void)context;
    return channel->number == 2 && atomic_load(&is_switched_off);
}

static void worker_begin(void)
{
    struct operator_worker_options options = {.store = platform.store,
                                              .lane = platform.lane,
                                              .channels = channels,
                                              .channel_count = channel_count,
                                              .off = switched_off,
                                              .lease_ms = lease_ms};
    struct fault fault = {0};
    assert_int_equal(operator_worker_open(&options, &worker, &fault), FAULT_NONE);
    platform_wakes(&platform, operator_worker_wake, worker);
}

static void worker_end(void)
{
    operator_worker_stop(worker);
    platform_wakes(&platform, NULL, NULL);
    operator_worker_close(worker);
}

static void stage_end(void)
{
    worker_end();
    platform_close(&platform);
    desk_close(&desk);
}

static struct transfer_id send(size_t count)
{
    return platform_send(&platform, DESK_FIRST_MSISDN, 1, count, 500, "http://m/");
}

/* The value of a figure; -1: it is not there. */
static long figure(const char *name)
{
    struct buffer text;
    char line[256];
    buffer_init(&text, 1 << 20);
    operator_worker_metrics(worker, &text);
    invariant(buffer_ok(&text));
    (void)snprintf(line, sizeof line, "\n%s ", name);
    const char *at = strstr(buffer_text(&text), line);
    long value = at == NULL ? -1 : strtol(at + strlen(line), NULL, 10);
    buffer_free(&text);
    return value;
}

struct figure_least {
    const char *name;
    long least;
};

static bool figure_reached(void *context)
{
    const struct figure_least *wanted = context;
    return figure(wanted->name) >= wanted->least;
}

static void wait_figure(const char *name, long least)
{
    platform_wait(figure_reached, &(struct figure_least){name, least});
}

static void assert_paid_once(struct desk *by, size_t count)
{
    assert_int_equal(desk_sum(by, by->paid, count), (int)count);
    assert_int_equal(desk_most(by, by->paid, count), 1);
}

/* --- What is told --- */

static void everybody_is_paid_once_and_no_more_calls_are_open_than_may_be(void **state)
{
    (void)state;
    stage_begin(ALL);
    desk.mood = DESK_HELD;
    worker_begin();
    struct transfer_id first = send(200);
    wait_figure("payoutd_operators_put_off_total", 1);
    desk_mood(&desk, DESK_WELL, 0);
    platform_wait_state(&platform, TRANSFER_VAL, 200);
    assert_paid_once(&desk, 200);
    assert_int_equal(desk_most(&desk, desk.submits, 200), 1);
    desk_lock(&desk);
    assert_int_equal(desk.tokens, 1); /* One for all. */
    assert_true(desk.open_most <= 4);
    desk_unlock(&desk);
    struct transfer transfer = platform_transfer(&platform, first);
    assert_int_equal(transfer.channel, 2);
    assert_int_equal(figure("payoutd_channel_calls_total{channel=\"first\",task=\"submit\","
                            "outcome=\"answered\"}"),
                     200);
    stage_end();
}

static void a_token_that_dies_costs_another_and_nobody_anything(void **state)
{
    (void)state;
    stage_begin(ALL);
    worker_begin();
    (void)send(20);
    platform_wait_state(&platform, TRANSFER_VAL, 20);
    desk_lock(&desk);
    desk.token = 2; /* The worker has token-1, which does not hold any more. */
    desk_unlock(&desk);
    (void)platform_send(&platform, DESK_FIRST_MSISDN + 20, 1, 20, 500, "http://m/");
    platform_wait_state(&platform, TRANSFER_VAL, 40);
    assert_paid_once(&desk, 40);
    desk_lock(&desk);
    assert_int_equal(desk.tokens, 2);
    desk_unlock(&desk);
    stage_end();
}

static void a_call_whose_second_token_is_refused_too_was_not_sent(void **state)
{
    (void)state;
    stage_begin(ALL);
    desk.refuse = 2;
    worker_begin();
    struct transfer_id first = send(1);
    platform_wait_state(&platform, TRANSFER_VAL, 1);
    assert_int_equal(platform_transfer(&platform, first).attempts, 2);
    assert_int_equal(desk.submits[0], 1);
    stage_end();
}

static bool is_told_of_the_outage(void *context)
{
    struct transfer transfer = platform_transfer(&platform, *(struct transfer_id *)context);
    return transfer.reason == TRANSFER_REASON_OPERATOR_DOWN;
}

static void without_a_token_nothing_is_claimed(void **state)
{
    (void)state;
    stage_begin(ALL);
    desk.token_status = 503;
    worker_begin();
    struct transfer_id first = send(3);
    platform_wait(is_told_of_the_outage, &first);
    struct transfer transfer = platform_transfer(&platform, first);
    assert_int_equal(transfer.state, TRANSFER_NEW);
    assert_int_equal(transfer.attempts, 0);
    assert_int_equal(figure("payoutd_operators_claimed_total"), 0);
    desk_lock(&desk);
    desk.token_status = 0;
    desk_unlock(&desk);
    platform_wait_state(&platform, TRANSFER_VAL, 3);
    assert_paid_once(&desk, 3);
    stage_end();
}

/* At its rate, neither all at once nor each at the price of many looks. */
static void a_channel_that_bears_little_gets_little(void **state)
{
    (void)state;
    stage_begin(ALL);
    channels[0].calls_per_second = 40;
    worker_begin();
    int64_t began_us = clock_monotonic_us();
    (void)send(60);
    platform_wait_state(&platform, TRANSFER_VAL, 60);
    /* No timing of ours: what it bears in that time, and a tenth of a second's more. */
    int64_t took_us = clock_monotonic_us() - began_us;
    assert_true(60 <= 40 * took_us / 1000000 + 40 / 10 + 2);
    assert_paid_once(&desk, 60);
    assert_true(figure("payoutd_operators_put_off_total") <= 6 * 60);
    stage_end();
}

static void throttled_calls_come_back_when_they_may(void **state)
{
    (void)state;
    stage_begin(ALL);
    desk.throttle = 3;
    desk.retry_after = "Retry-After: 1\r\n";
    worker_begin();
    (void)send(30);
    platform_wait_state(&platform, TRANSFER_VAL, 30);
    assert_paid_once(&desk, 30);
    assert_int_equal(desk_most(&desk, desk.submits, 30), 1);
    assert_true(figure("payoutd_channel_throttled_total{channel=\"first\"}") >= 1);
    stage_end();
}

static void a_breaker_opens_keeps_the_others_new_and_closes_by_itself(void **state)
{
    (void)state;
    stage_begin(ALL);
    desk.mood = DESK_DOWN;
    worker_begin();
    (void)send(12);
    wait_figure("payoutd_channel_breaker{channel=\"first\",of=\"submits\"}", 1);
    struct transfer_id late =
        platform_send(&platform, DESK_FIRST_MSISDN + 100, 1, 5, 500, "http://m/");
    platform_wait(is_told_of_the_outage, &late);
    struct transfer transfer = platform_transfer(&platform, late);
    assert_int_equal(transfer.state, TRANSFER_NEW);
    assert_int_equal(transfer.attempts, 0);
    assert_int_equal(transfer.channel, 0);
    desk_mood(&desk, DESK_WELL, 0);
    platform_wait_state(&platform, TRANSFER_VAL, 17);
    assert_int_equal(desk_most(&desk, desk.paid, 200), 1);
    assert_int_equal(desk_sum(&desk, desk.paid, 200), 17);
    assert_int_equal(figure("payoutd_channel_breaker{channel=\"first\",of=\"submits\"}"), 0);
    stage_end();
}

static void what_was_done_but_not_answered_is_asked_about(void **state)
{
    (void)state;
    stage_begin(ALL);
    channels[0].timeout_ms = 200;
    desk.mood = DESK_SILENT;
    desk.moody = 2;
    worker_begin();
    (void)send(2);
    platform_wait_state(&platform, TRANSFER_VAL, 2);
    desk_mood(&desk, DESK_CUTS, 2);
    (void)platform_send(&platform, DESK_FIRST_MSISDN + 2, 1, 2, 500, "http://m/");
    platform_wait_state(&platform, TRANSFER_VAL, 4);
    assert_int_equal(desk_most(&desk, desk.submits, 4), 1);
    assert_int_equal(desk_sum(&desk, desk.submits, 4), 4);
    assert_true(desk_sum(&desk, desk.asks, 4) >= 4);
    stage_end();
}

static void what_never_left_goes_through_another_channel(void **state)
{
    (void)state;
    stage_begin(ALL);
    desk_open(&other);
    desk_channel(&other, &channels[0], 3, "gone");
    desk_channel(&desk, &channels[1], 2, "second");
    channels[0].priority = 1;
    channels[1].priority = 2;
    channel_count = 2;
    desk_connector.abilities = OPERATOR_REFERENCE_ONCE | OPERATOR_ASKED;
    desk.public = true;
    desk_close(&other); /* Nobody listens there now. */
    worker_begin();
    struct transfer_id first = send(20);
    platform_wait_state(&platform, TRANSFER_VAL, 20);
    assert_paid_once(&desk, 20);
    for (int64_t i = 0; i < 20; i++)
        assert_int_equal(
            platform_transfer(&platform, (struct transfer_id){first.value + i}).channel, 2);
    assert_true(figure("payoutd_channel_breaker{channel=\"gone\",of=\"submits\"}") > 0);
    stage_end();
}

static void a_batch_brings_a_word_for_each(void **state)
{
    (void)state;
    stage_begin(ALL);
    channels[0].batch_max = 5;
    channels[0].under_way_max = 2;
    desk.words[0] = "PAID";
    desk.words[1] = "REJECTED";
    desk.words[2] = "UNKNOWN";
    desk.words[3] = "PENDING";
    desk.words[4] = "PAID";
    worker_begin();
    (void)send(40);
    platform_wait_state(&platform, TRANSFER_VAL, 37);
    platform_wait_state(&platform, TRANSFER_REJ,
                        3); /* One refused, two that asking says are not. */
    assert_int_equal(desk_most(&desk, desk.submits, 40), 1);
    assert_int_equal(desk_sum(&desk, desk.asks, 40), 2);
    desk_lock(&desk);
    assert_true(desk.batch_most > 1 && desk.batch_most <= 5);
    desk_unlock(&desk);
    stage_end();
}

/* An operator that takes a reference once: what it says that it never saw may go again. */
static void a_batch_that_got_lost_is_asked_about_one_by_one(void **state)
{
    (void)state;
    stage_begin(ALL);
    channels[0].batch_max = 5;
    channels[0].under_way_max = 1;
    desk.mood = DESK_CUTS;
    desk.moody = 1;
    desk.asked = "NEVER_SEEN";
    desk.words[0] = "UNKNOWN"; /* It says so to nobody: it hangs up. */
    worker_begin();
    (void)send(5);
    platform_wait_state(&platform, TRANSFER_NOS, 5);
    desk_lock(&desk);
    desk.words[0] = NULL;
    desk_unlock(&desk);
    platform_wait_state(&platform, TRANSFER_VAL, 5);
    assert_paid_once(&desk, 5);
    assert_int_equal(desk_sum(&desk, desk.asks, 5), 5);
    assert_int_equal(desk_most(&desk, desk.submits, 5), 2);
    stage_end();
}

static void a_stop_while_calls_are_under_way_pays_nobody_twice(void **state)
{
    (void)state;
    stage_begin(ALL);
    desk.mood = DESK_SILENT;
    lease_ms = 1200;
    channels[0].timeout_ms = 600;
    worker_begin();
    (void)send(10);
    wait_figure("payoutd_channel_under_way{channel=\"first\"}", 1);
    worker_end();
    assert_int_equal(platform_count(&platform, TRANSFER_VAL), 0);
    desk_mood(&desk, DESK_WELL, 0);
    worker_begin();
    platform_wait_state(&platform, TRANSFER_VAL, 10);
    assert_paid_once(&desk, 10);
    assert_int_equal(desk_most(&desk, desk.submits, 10), 1);
    stage_end();
}

static void a_channel_that_was_taken_away_keeps_its_own_waiting(void **state)
{
    (void)state;
    stage_begin(ALL);
    desk.words[0] = "PENDING";
    desk.asked = "PENDING";
    worker_begin();
    struct transfer_id first = send(3);
    wait_figure("payoutd_channel_calls_total{channel=\"first\",task=\"ask\",outcome=\"answered\"}",
                3);
    worker_end();
    channels[0].number = 7; /* The same operator, and another account. */
    (void)snprintf(channels[0].name, sizeof channels[0].name, "another");
    worker_begin();
    wait_figure("payoutd_operators_homeless_total", 3);
    int asked = desk_sum(&desk, desk.asks, 3);
    (void)platform_send(&platform, DESK_FIRST_MSISDN + 3, 1, 2, 500, "http://m/");
    wait_figure("payoutd_channel_calls_total{channel=\"another\",task=\"submit\","
                "outcome=\"answered\"}",
                2);
    assert_int_equal(desk_sum(&desk, desk.asks, 3), asked);
    struct transfer transfer = platform_transfer(&platform, first);
    assert_int_equal(transfer.state, TRANSFER_REC);
    assert_int_equal(transfer.channel, 2);
    assert_int_equal(desk_most(&desk, desk.submits, 3), 1);
    stage_end();
}

static void a_channel_that_is_switched_off_is_asked_and_given_nothing(void **state)
{
    (void)state;
    stage_begin(ALL);
    desk.words[0] = "PENDING";
    desk.asked = "PENDING";
    worker_begin();
    (void)send(2);
    wait_figure(
        "payoutd_channel_calls_total{channel=\"first\",task=\"submit\",outcome=\"answered\"}", 2);
    worker_end();
    is_switched_off = true;
    worker_begin();
    struct transfer_id late =
        platform_send(&platform, DESK_FIRST_MSISDN + 2, 1, 2, 500, "http://m/");
    platform_wait(is_told_of_the_outage, &late);
    struct operator_picture picture;
    assert_true(operator_worker_picture(worker, 2, &picture));
    assert_false(operator_worker_picture(worker, 3, &picture));
    desk_lock(&desk);
    desk.asked = "PAID";
    desk_unlock(&desk);
    platform_wait_state(&platform, TRANSFER_VAL, 2);
    assert_int_equal(platform_count(&platform, TRANSFER_NEW), 2);
    assert_int_equal(desk_sum(&desk, desk.submits, 4), 2);
    assert_int_equal(figure("payoutd_channel_off{channel=\"first\"}"), 1);
    is_switched_off = false;
    stage_end();
}

static void an_operator_that_can_not_be_asked_is_not(void **state)
{
    (void)state;
    stage_begin(OPERATOR_TOKENS);
    desk.mood = DESK_CUTS;
    worker_begin();
    struct transfer_id first = send(2);
    platform_wait_state(&platform, TRANSFER_NOS, 2);
    struct transfer transfer = platform_transfer(&platform, first);
    assert_int_equal(transfer.step, STEP_ASK);
    assert_true(transfer.due_at_ms > clock_now_ms() + 20 * 3600 * 1000);
    assert_int_equal(desk_sum(&desk, desk.asks, 2), 0);
    stage_end();
}

/* --- Receivers --- */

static void validates(const char *who, int64_t name_least)
{
    stage_begin(ALL | OPERATOR_VALIDATES | OPERATOR_NAMES);
    channels[0].validate = true;
    channels[0].name_least = name_least;
    desk.who = who;
    worker_begin();
}

static void nobody_is_paid_who_has_no_account(void **state)
{
    (void)state;
    validates("NONE", 0);
    struct transfer_id first = send(3);
    platform_wait_state(&platform, TRANSFER_REJ, 3);
    assert_int_equal(platform_transfer(&platform, first).reason, TRANSFER_REASON_RECEIVER_UNKNOWN);
    assert_int_equal(desk_sum(&desk, desk.submits, 3), 0);
    stage_end();
}

static void an_account_is_looked_up_before_each_payment(void **state)
{
    (void)state;
    validates(NULL, 0);
    (void)send(10);
    platform_wait_state(&platform, TRANSFER_VAL, 10);
    assert_paid_once(&desk, 10);
    assert_int_equal(desk_sum(&desk, desk.lookups, 10), 10);
    stage_end();
}

static void whoever_can_not_be_looked_up_waits(void **state)
{
    (void)state;
    validates("UNCLEAR", 0);
    (void)send(2);
    wait_figure("payoutd_operators_verdicts_total{verdict=\"NOT_SENT\"}", 4);
    assert_int_equal(desk_sum(&desk, desk.submits, 2), 0);
    desk_lock(&desk);
    desk.who = NULL;
    desk_unlock(&desk);
    platform_wait_state(&platform, TRANSFER_VAL, 2);
    assert_paid_once(&desk, 2);
    stage_end();
}

/* Its first submit may still arrive: a refund for want of an account could be one too many. */
static void what_may_have_left_is_not_looked_up_again(void **state)
{
    (void)state;
    stage_begin(ALL | OPERATOR_VALIDATES);
    channels[0].validate = true;
    desk.words[0] = "UNKNOWN";
    desk.words[1] = "PAID";
    desk.asked = "PENDING";
    worker_begin();
    (void)send(1);
    platform_wait_state(&platform, TRANSFER_NOS, 1);
    desk_lock(&desk);
    desk.who = "NONE";
    desk.asked = "NEVER_SEEN";
    desk_unlock(&desk);
    platform_wait_state(&platform, TRANSFER_VAL, 1);
    assert_int_equal(desk.submits[0], 2);
    assert_int_equal(desk.lookups[0], 1);
    stage_end();
}

/* Where receivers have to be made known first, that is done before each submit, whoever did it or
 * not before; but no word on the receiver ends what may be on its way. */
static void a_receiver_is_introduced_before_each_submit(void **state)
{
    (void)state;
    stage_begin(ALL | OPERATOR_VALIDATES | OPERATOR_INTRODUCES);
    desk.words[0] = "UNKNOWN";
    desk.words[1] = "PAID";
    desk.asked = "PENDING";
    worker_begin();
    (void)send(1);
    platform_wait_state(&platform, TRANSFER_NOS, 1);
    desk_lock(&desk);
    desk.who = "NONE";
    desk.asked = "NEVER_SEEN";
    desk_unlock(&desk);
    platform_wait_state(&platform, TRANSFER_VAL, 1);
    assert_int_equal(desk.submits[0], 2);
    assert_int_equal(desk.lookups[0], 2);
    stage_end();
}

static void contact_add(int64_t msisdn, const char *name, const char *surname)
{
    struct contact_item item = {.prefix = "225",
                                .phone = "07895086",
                                .msisdn = msisdn,
                                .name = name,
                                .surname = surname,
                                .email = ""};
    struct lane_job add = {
        .command = {.kind = COMMAND_CONTACT_ADD,
                    .contact_add = {.merchant = platform.merchant, .items = &item, .count = 1}}};
    assert_int_equal(lane_call(platform.lane, &add), FAULT_NONE);
    assert_int_equal(add.command.code, PAYOUT_OK);
}

static void a_name_that_is_another_is_refused(void **state)
{
    (void)state;
    validates("FOUND KONE AWA", 80);
    contact_add(DESK_FIRST_MSISDN, "Awa", "Koné");
    contact_add(DESK_FIRST_MSISDN + 1, "Moussa", "Traoré");
    struct transfer_id first = send(2);
    platform_wait_state(&platform, TRANSFER_VAL, 1);
    platform_wait_state(&platform, TRANSFER_REJ, 1);
    struct transfer refused = platform_transfer(&platform, (struct transfer_id){first.value + 1});
    assert_int_equal(refused.state, TRANSFER_REJ);
    assert_int_equal(refused.reason, TRANSFER_REASON_RECEIVER_NAME);
    assert_int_equal(desk.submits[1], 0);
    stage_end();
}

static void what_the_operator_compares_itself_counts_where_names_do(void **state)
{
    (void)state;
    validates("OTHER", 1);
    struct transfer_id first = send(1);
    platform_wait_state(&platform, TRANSFER_REJ, 1);
    assert_int_equal(platform_transfer(&platform, first).reason, TRANSFER_REASON_RECEIVER_NAME);
    stage_end();
    validates("OTHER", 0);
    (void)send(1);
    platform_wait_state(&platform, TRANSFER_VAL, 1);
    stage_end();
}

/* --- Reversals --- */

static bool is_reversed(void *context)
{
    struct transfer transfer = platform_transfer(&platform, *(struct transfer_id *)context);
    return transfer.reason == TRANSFER_REASON_REVERSED;
}

static void reverse(struct transfer_id transfer)
{
    struct lane_job ask = {
        .command = {
            .kind = COMMAND_REVERSAL_ASK,
            .reversal_ask = {.transfer = transfer, .person = "Awa", .evidence = "wrong number"}}};
    assert_int_equal(lane_call(platform.lane, &ask), FAULT_NONE);
    assert_int_equal(ask.command.code, PAYOUT_OK);
}

static void what_a_person_wants_back_comes_back_once(void **state)
{
    (void)state;
    stage_begin(ALL | OPERATOR_REVERSES);
    worker_begin();
    struct transfer_id first = send(2);
    platform_wait_state(&platform, TRANSFER_VAL, 2);
    reverse(first);
    platform_wait(is_reversed, &first);
    assert_int_equal(desk_sum(&desk, desk.backs, 2), 1);
    /* One that is done and not answered is asked about. */
    struct transfer_id second = {first.value + 1};
    desk_mood(&desk, DESK_CUTS, 1);
    reverse(second);
    platform_wait(is_reversed, &second);
    assert_int_equal(desk.backs[1], 1);
    assert_int_equal(platform_transfer(&platform, second).state, TRANSFER_VAL);
    assert_paid_once(&desk, 2);
    stage_end();
}

struct reversal_wanted {
    struct transfer_id transfer;
    enum reversal_state state;
};

static bool reversal_is(void *context)
{
    const struct reversal_wanted *wanted = context;
    struct store_reader *reader = NULL;
    struct arena *arena = arena_open(1 << 20);
    struct reversal *reversals = NULL;
    struct fault fault = {0};
    size_t count = 0;
    invariant(store_reader_open(platform.store, &reader, &fault) == FAULT_NONE);
    invariant(store_read_reversals(reader, arena, wanted->transfer, &reversals, &count, &fault) ==
              FAULT_NONE);
    bool is = count > 0 && reversals[count - 1].state == wanted->state;
    store_reader_close(reader);
    arena_close(arena);
    return is;
}

static void what_is_not_taken_back_stays_paid(void **state)
{
    (void)state;
    stage_begin(ALL | OPERATOR_REVERSES);
    desk.back = "REJECTED";
    worker_begin();
    struct transfer_id first = send(1);
    platform_wait_state(&platform, TRANSFER_VAL, 1);
    reverse(first);
    platform_wait(reversal_is, &(struct reversal_wanted){first, REVERSAL_REFUSED});
    assert_int_equal(platform_transfer(&platform, first).reason, TRANSFER_REASON_NONE);
    stage_end();
    /* Nor where the operator knows of no such thing. */
    stage_begin(ALL);
    worker_begin();
    first = send(1);
    platform_wait_state(&platform, TRANSFER_VAL, 1);
    reverse(first);
    platform_wait(reversal_is, &(struct reversal_wanted){first, REVERSAL_REFUSED});
    assert_int_equal(desk_sum(&desk, desk.backs, 1), 0);
    stage_end();
}

/* --- Floats --- */

static void the_float_is_asked_for_and_its_alarm_raised(void **state)
{
    (void)state;
    stage_begin(ALL | OPERATOR_TELLS_FLOAT);
    channels[0].float_ask_ms = 5;
    channels[0].float_alarm_minor = 1000;
    desk.float_left = 5000;
    worker_begin();
    wait_figure("payoutd_channel_float{channel=\"first\"}", 5000);
    assert_int_equal(figure("payoutd_channel_float_alarm{channel=\"first\"}"), 0);
    desk_lock(&desk);
    desk.float_left = 999;
    desk_unlock(&desk);
    wait_figure("payoutd_channel_float_alarm{channel=\"first\"}", 1);
    stage_end();
}

/* --- What is said of it --- */

/* An operator that repeats what it was told, token and all, in its errors. */
static void no_line_of_the_log_has_a_token_or_a_body(void **state)
{
    (void)state;
    char path[] = "/tmp/payoutd-log-XXXXXX", text[65536] = "";
    int log = mkstemp(path);
    assert_true(log >= 0 && unlink(path) == 0);
    log_file_descriptor_set(log);
    log_configure(LOG_LEVEL_DEBUG, LOG_FORMAT_TEXT, false);
    stage_begin(ALL | OPERATOR_TELLS_FLOAT);
    channels[0].float_ask_ms = 5;
    channels[0].float_alarm_minor = 1000;
    (void)snprintf(channels[0].secret, sizeof channels[0].secret, "very-secret");
    desk.refuse = 3;
    desk.mood = DESK_DOWN;
    worker_begin();
    (void)send(12);
    wait_figure("payoutd_channel_breaker{channel=\"first\",of=\"submits\"}", 1);
    desk_mood(&desk, DESK_WELL, 0);
    platform_wait_state(&platform, TRANSFER_VAL, 12);
    wait_figure("payoutd_channel_float_alarm{channel=\"first\"}", 1);
    stage_end();
    log_configure((enum log_level) - 1, LOG_FORMAT_TEXT, false);
    log_file_descriptor_set(STDERR_FILENO);
    assert_true(pread(log, text, sizeof text - 1, 0) > 0);
    assert_int_equal(close(log), 0);
    assert_non_null(strstr(text, "channel breaker"));
    assert_non_null(strstr(text, "operator said"));
    assert_non_null(strstr(text, "the float is low"));
    assert_null(strstr(text, "very-secret"));
    assert_null(strstr(text, "token-1"));
    assert_null(strstr(text, "Bearer"));
    assert_null(strstr(text, "22507000000")); /* Of a body, or of anybody. */
}

/* --- Many --- */

static void one_dead_channel_does_not_slow_another(void **state)
{
    (void)state;
    stage_begin(OPERATOR_REFERENCE_ONCE | OPERATOR_ASKED);
    desk_open(&other);
    desk_channel(&other, &channels[1], 3, "dead");
    other.public = true;
    other.mood = DESK_DOWN;
    channels[0].operators = UINT64_C(1) << 2;
    channels[1].operators = UINT64_C(1) << 1;
    channel_count = 2;
    worker_begin();
    (void)send(DESK_PEOPLE_MAX); /* All through the dead one. */
    wait_figure("payoutd_channel_breaker{channel=\"dead\",of=\"submits\"}", 1);
    wait_figure("payoutd_channel_put_off_total{channel=\"dead\"}", DESK_PEOPLE_MAX - 100);
    long before = figure("payoutd_operators_put_off_total");
    platform.operator_number = 2;
    (void)send(100);
    platform_wait_state(&platform, TRANSFER_VAL, 100);
    /* Each that waits is looked at once, and not for each that goes. */
    assert_true(figure("payoutd_operators_put_off_total") - before < 2 * DESK_PEOPLE_MAX);
    assert_paid_once(&desk, 100);
    stage_end();
    desk_close(&other);
}

static int quiet(void **state)
{
    (void)state;
    secret_init();
    log_configure((enum log_level) - 1, LOG_FORMAT_TEXT, false); /* Most of it is meant to fail. */
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everybody_is_paid_once_and_no_more_calls_are_open_than_may_be),
        cmocka_unit_test(a_token_that_dies_costs_another_and_nobody_anything),
        cmocka_unit_test(a_call_whose_second_token_is_refused_too_was_not_sent),
        cmocka_unit_test(without_a_token_nothing_is_claimed),
        cmocka_unit_test(a_channel_that_bears_little_gets_little),
        cmocka_unit_test(throttled_calls_come_back_when_they_may),
        cmocka_unit_test(a_breaker_opens_keeps_the_others_new_and_closes_by_itself),
        cmocka_unit_test(what_was_done_but_not_answered_is_asked_about),
        cmocka_unit_test(what_never_left_goes_through_another_channel),
        cmocka_unit_test(a_batch_brings_a_word_for_each),
        cmocka_unit_test(a_batch_that_got_lost_is_asked_about_one_by_one),
        cmocka_unit_test(a_stop_while_calls_are_under_way_pays_nobody_twice),
        cmocka_unit_test(a_channel_that_was_taken_away_keeps_its_own_waiting),
        cmocka_unit_test(a_channel_that_is_switched_off_is_asked_and_given_nothing),
        cmocka_unit_test(an_operator_that_can_not_be_asked_is_not),
        cmocka_unit_test(nobody_is_paid_who_has_no_account),
        cmocka_unit_test(an_account_is_looked_up_before_each_payment),
        cmocka_unit_test(whoever_can_not_be_looked_up_waits),
        cmocka_unit_test(what_may_have_left_is_not_looked_up_again),
        cmocka_unit_test(a_receiver_is_introduced_before_each_submit),
        cmocka_unit_test(a_name_that_is_another_is_refused),
        cmocka_unit_test(what_the_operator_compares_itself_counts_where_names_do),
        cmocka_unit_test(what_a_person_wants_back_comes_back_once),
        cmocka_unit_test(what_is_not_taken_back_stays_paid),
        cmocka_unit_test(the_float_is_asked_for_and_its_alarm_raised),
        cmocka_unit_test(no_line_of_the_log_has_a_token_or_a_body),
        cmocka_unit_test(one_dead_channel_does_not_slow_another),
    };
    return cmocka_run_group_tests(tests, quiet, NULL);
}

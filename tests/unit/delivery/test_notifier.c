#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "delivery/notifier.h"
#include "receiver.h"
#include "support/platform.h"
#include "wire/signature.h"

#define FIRST_MSISDN INT64_C(2250700000000)
static const char secret[] = "whsec_c2VjcmV0IG9mIHRoZSB0ZXN0"; /* platform.c's. */

static struct platform platform;
static struct notifier *notifier;
static struct receiver receiver;
static struct address_list *loopback;
static char url[128];

static void notifier_begin(const struct notifier_options *more)
{
    struct notifier_options options = *more;
    struct fault fault = {0};
    options.store = platform.store;
    options.lane = platform.lane;
    options.private_allowed = loopback;
    assert_int_equal(notifier_open(&options, &notifier, &fault), FAULT_NONE);
    platform_tells(&platform, notifier_wake, notifier);
}

static void begin(const struct notifier_options *options)
{
    struct fault fault = {0};
    assert_int_equal(address_list_read("127.0.0.1", &loopback, &fault), FAULT_NONE);
    receiver_open(&receiver);
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%d/notify?shop=1&x=a", receiver.port);
    platform_open(&platform, 0);
    platform.confirms_later = true; /* So each transfer is told of once when it is sent. */
    notifier_begin(options);
    platform_start(&platform);
}

static void end(void)
{
    notifier_stop(notifier);
    lane_stop(platform.lane);
    platform_tells(&platform, NULL, NULL);
    notifier_close(notifier);
    platform_close(&platform);
    receiver_close(&receiver);
    address_list_close(loopback);
}

static size_t notifications(enum notification_state state)
{
    size_t count = 0;
    store_memory_lock(platform.store);
    const struct store_memory_tables *tables = store_memory_tables(platform.store);
    for (size_t i = 0; i < tables->notification_count; i++)
        count += tables->notifications[i].state == state;
    store_memory_unlock(platform.store);
    return count;
}

struct wanted {
    enum notification_state state;
    size_t count;
};
static bool are_there(void *context)
{
    const struct wanted *wanted = context;
    return notifications(wanted->state) >= wanted->count;
}
static void wait_for(enum notification_state state, size_t count)
{
    struct wanted wanted = {state, count};
    platform_wait(are_there, &wanted);
}

static bool have_deliveries(void *context)
{
    store_memory_lock(platform.store);
    size_t count = store_memory_tables(platform.store)->delivery_count;
    store_memory_unlock(platform.store);
    return count >= *(size_t *)context;
}
static void wait_for_deliveries(size_t count)
{
    platform_wait(have_deliveries, &count);
}

static struct delivery delivery_of(size_t number)
{
    store_memory_lock(platform.store);
    struct delivery delivery = store_memory_tables(platform.store)->deliverys[number];
    store_memory_unlock(platform.store);
    return delivery;
}

/* Pays or rejects by hand what was sent, as an operator's worker does. */
static void finish(struct transfer_id transfer, enum verdict verdict, enum transfer_reason reason)
{
    struct claim_item claim = {.transfer = transfer,
                               .due_at_ms = platform_transfer(&platform, transfer).due_at_ms,
                               .channel = 1};
    struct lane_job claims = {
        .command = {.kind = COMMAND_TRANSFER_CLAIM,
                    .transfer_claim = {.items = &claim, .count = 1, .lease_ms = 60000}}};
    assert_int_equal(lane_call(platform.lane, &claims), FAULT_NONE);
    assert_true(claim.claimed);
    struct outcome_item outcome = {.transfer = transfer,
                                   .verdict = verdict,
                                   .reason = reason,
                                   .operator_reference = verdict == VERDICT_PAID ? "OP & 1" : ""};
    struct lane_job outcomes = {.command = {.kind = COMMAND_TRANSFER_OUTCOME,
                                            .transfer_outcome = {.items = &outcome, .count = 1}}};
    assert_int_equal(lane_call(platform.lane, &outcomes), FAULT_NONE);
}

static void signatures_are_right(const struct received *post)
{
    int64_t timestamp = strtoll(post->timestamp, NULL, 10);
    assert_true(llabs(timestamp - clock_now_ms() / 1000) < 60);
    assert_true(signature_webhook_matches(secret, post->id, timestamp, post->body,
                                          strlen(post->body), post->signature));
    assert_false(signature_webhook_matches("whsec_YW5vdGhlcg==", post->id, timestamp, post->body,
                                           strlen(post->body), post->signature));
}

static void every_change_is_told_in_order_and_signed(void **state)
{
    (void)state;
    begin(&(struct notifier_options){0});
    struct transfer_id transfer = platform_send(&platform, FIRST_MSISDN, 1, 1, 500, url);
    finish(transfer, VERDICT_PAID, TRANSFER_REASON_NONE);
    wait_for(NOTIFICATION_DELIVERED, 3);
    assert_int_equal(receiver_pings(&receiver), 1);
    assert_int_equal(receiver_posts(&receiver), 3);
    static const char *const states[] = {"&treatment_status=NEW&", "&treatment_status=REC&",
                                         "&treatment_status=VAL&"};
    char id_text[TRANSFER_ID_TEXT_BYTES], expected[256], lot[LOT_TEXT_BYTES];
    struct transfer paid = platform_transfer(&platform, transfer);
    transfer_id_text(transfer, id_text);
    lot_text(paid.merchant, paid.lot, lot);
    for (size_t i = 0; i < 3; i++) {
        struct received post = receiver_post(&receiver, i);
        (void)snprintf(expected, sizeof expected, "%s.%zu", id_text, i + 1);
        assert_string_equal(post.id, expected);
        (void)snprintf(expected, sizeof expected,
                       "transaction_id=%s&client_transaction_id=&lot=%s&amount=500"
                       "&receiver=22507895086&operator=OM&",
                       id_text, lot);
        assert_ptr_equal(strstr(post.body, expected), post.body);
        assert_non_null(strstr(post.body, states[i]));
        assert_non_null(strstr(post.body, "&sending_status=CONFIRM&"));
        assert_string_equal(post.url, "/notify?shop=1&x=a");
        assert_string_equal(post.content_type, "application/x-www-form-urlencoded");
        assert_string_equal(post.agent, "payoutd");
        signatures_are_right(&post);
    }
    struct received last = receiver_post(&receiver, 2);
    assert_non_null(strstr(last.body, "&operator_transaction_id=OP+%26+1&validated_at=2"));
    char validated[CLOCK_TEXT_BYTES];
    clock_text(paid.validated_at_ms, validated);
    struct notice notice = {.transaction_id = id_text,
                            .lot = lot,
                            .amount = "500",
                            .receiver = "22507895086",
                            .operator= "OM",
                            .treatment_status = "VAL",
                            .sending_status = "CONFIRM",
                            .operator_transaction_id = "OP & 1",
                            .validated_at = validated};
    assert_true(signature_token_matches(&notice, secret, last.token));
    struct received first = receiver_post(&receiver, 0);
    assert_false(signature_token_matches(&notice, secret, first.token));
    assert_int_equal(delivery_of(0).http_status, 200);
    assert_int_equal(delivery_of(0).attempt, 1);
    end();
}

static void a_rejection_says_why_in_the_merchants_language(void **state)
{
    (void)state;
    begin(&(struct notifier_options){0});
    struct transfer_id transfer = platform_send(&platform, FIRST_MSISDN, 1, 1, 500, url);
    finish(transfer, VERDICT_REJECTED, TRANSFER_REASON_RECEIVER_LIMIT);
    wait_for(NOTIFICATION_DELIVERED, 3);
    struct received last = receiver_post(&receiver, 2);
    assert_non_null(strstr(last.body, "&comment=The+receiver%27s+account+has+reached+its+limit&"));
    assert_non_null(strstr(last.body, "&validated_at="));
    assert_string_equal(strstr(last.body, "&validated_at="), "&validated_at=");
    end();
}

static void many_are_told_over_few_connections(void **state)
{
    (void)state;
    begin(&(struct notifier_options){.under_way_max = 32, .per_host_max = 8});
    (void)platform_send(&platform, FIRST_MSISDN, 1, 3000, 500, url);
    wait_for(NOTIFICATION_DELIVERED, 3000);
    assert_int_equal(receiver_posts(&receiver), 3000); /* Each once. */
    assert_int_equal(receiver_pings(&receiver), 1);
    end();
}

static void what_fails_is_tried_again_until_it_arrives(void **state)
{
    (void)state;
    begin(&(struct notifier_options){.retry_first_ms = 1});
    receiver.fail_first = 60;
    (void)platform_send(&platform, FIRST_MSISDN, 1, 20, 500, url);
    wait_for(NOTIFICATION_DELIVERED, 20);
    assert_int_equal(receiver_posts(&receiver), 80);
    size_t failed = 0;
    for (size_t i = 0; i < 80; i++) {
        struct delivery delivery = delivery_of(i);
        failed += delivery.http_status == 500;
        assert_true(delivery.http_status == 500 || delivery.http_status == 200);
        assert_string_equal(delivery.error, "");
    }
    assert_int_equal(failed, 60);
    assert_int_equal(notifications(NOTIFICATION_DUE), 0);
    end();
}

static void any_2xx_is_success_and_nothing_else_is(void **state)
{
    (void)state;
    static const int statuses[] = {204, 302, 404, 410};
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        begin(&(struct notifier_options){.retry_first_ms = 3000000});
        receiver.post_status = statuses[i];
        receiver.ping_status = 405; /* Somebody is there: that is all a ping asks. */
        (void)platform_send(&platform, FIRST_MSISDN, 1, 1, 500, url);
        wait_for_deliveries(1);
        assert_int_equal(delivery_of(0).http_status, statuses[i]);
        assert_int_equal(notifications(NOTIFICATION_DELIVERED), statuses[i] == 204);
        end();
    }
}

static void a_failing_ping_is_a_failed_try_and_drops_nothing(void **state)
{
    (void)state;
    begin(&(struct notifier_options){.retry_first_ms = 3000000});
    (void)platform_send(&platform, FIRST_MSISDN, 1, 5, 500, "http://127.0.0.1:1/closed");
    wait_for_deliveries(5);
    for (size_t i = 0; i < 5; i++) {
        struct delivery delivery = delivery_of(i);
        assert_int_equal(delivery.http_status, 0);
        assert_ptr_equal(strstr(delivery.error, "ping: "), delivery.error);
    }
    assert_int_equal(notifications(NOTIFICATION_DUE), 5);
    struct buffer text;
    buffer_init(&text, 65536);
    notifier_metrics(notifier, &text);
    assert_non_null(strstr(buffer_text(&text), "\npayoutd_notifications_pings_total 1\n"));
    assert_non_null(strstr(buffer_text(&text), "\npayoutd_notifications_failed_total 5\n"));
    buffer_free(&text);
    end();
}

static void private_addresses_are_not_told(void **state)
{
    (void)state;
    begin(&(struct notifier_options){.retry_first_ms = 3000000});
    (void)platform_send(&platform, FIRST_MSISDN, 1, 1, 500, "http://127.0.0.2/");
    (void)platform_send(&platform, FIRST_MSISDN, 1, 1, 500, "http://[::1]/");
    (void)platform_send(&platform, FIRST_MSISDN, 1, 1, 500, "file:///etc/passwd");
    wait_for_deliveries(3);
    int refused = 0;
    for (size_t i = 0; i < 3; i++)
        refused += strstr(delivery_of(i).error, "is a private address") != NULL;
    assert_int_equal(refused, 2);
    assert_int_equal(notifications(NOTIFICATION_DELIVERED), 0);
    end();
}

static bool mute_has_all(void *context)
{
    struct receiver *of = context;
    assert_int_equal(pthread_mutex_lock(&of->mutex), 0);
    bool all = of->muted_count == 4;
    assert_int_equal(pthread_mutex_unlock(&of->mutex), 0);
    return all;
}

static void a_mute_server_holds_nobody_else_up(void **state)
{
    (void)state;
    struct receiver mute;
    char mute_url[64];
    begin(&(struct notifier_options){.under_way_max = 16, .per_host_max = 4});
    receiver_open(&mute);
    (void)snprintf(mute_url, sizeof mute_url, "http://127.0.0.1:%d/", mute.port);
    /* It is known to be up, and then says nothing more. */
    (void)platform_send(&platform, FIRST_MSISDN, 1, 1, 500, mute_url);
    wait_for(NOTIFICATION_DELIVERED, 1);
    receiver_mute(&mute, true);
    (void)platform_send(&platform, FIRST_MSISDN, 1, 500, 500, mute_url);
    platform_wait(mute_has_all, &mute);
    (void)platform_send(&platform, FIRST_MSISDN, 1, 500, 500, url);
    wait_for(NOTIFICATION_DELIVERED, 501);
    assert_int_equal(receiver_posts(&receiver), 500);
    assert_int_equal(mute.open_max, 4);
    receiver_mute(&mute, false);
    wait_for(NOTIFICATION_DELIVERED, 1001); /* What fell behind comes, too, and each once. */
    assert_int_equal(receiver_posts(&mute), 501);
    end();
    receiver_close(&mute);
}

/* A figure of the notifier's metrics. */
static long figure(const char *name)
{
    struct buffer text;
    char line[128];
    buffer_init(&text, 65536);
    notifier_metrics(notifier, &text);
    (void)snprintf(line, sizeof line, "\npayoutd_notifications_%s ", name);
    const char *at = strstr(buffer_text(&text), line);
    assert_non_null(at);
    long value = strtol(at + strlen(line), NULL, 10);
    buffer_free(&text);
    return value;
}

/* What waits for servers that are down is neither read again and again nor tried one by one: a ping
 * that fails takes a handful with it, and the others never wait for them. */
static void what_waits_for_the_dead_costs_the_others_nothing(void **state)
{
    enum { DEAD = 10, WAITING = 300, HEALTHY = 200, HANDFUL = 8 };
    (void)state;
    begin(&(struct notifier_options){.under_way_max = 16, .per_host_max = 4});
    for (int i = 1; i <= DEAD; i++) {
        char dead[64];
        (void)snprintf(dead, sizeof dead, "http://127.0.0.1:%d/", i);
        (void)platform_send(&platform, FIRST_MSISDN, 1, WAITING, 500, dead);
    }
    for (int round = 1; round <= 2; round++) {
        (void)platform_send(&platform, FIRST_MSISDN, 1, HEALTHY, 500, url);
        wait_for(NOTIFICATION_DELIVERED, (size_t)(round * HEALTHY));
    }
    assert_int_equal(receiver_posts(&receiver), 2 * HEALTHY);
    assert_int_equal(notifications(NOTIFICATION_DUE), DEAD * WAITING); /* None was given up. */
    assert_true(figure("failed_total") <= HANDFUL * figure("pings_failed_total"));
    assert_int_equal(figure("delivered_total"), 2 * HEALTHY);
    end();
}

static void one_that_fails_and_fails_is_tried_less(void **state)
{
    enum { WAITING = 400 };
    (void)state;
    struct receiver failing;
    char failing_url[64];
    begin(&(struct notifier_options){.under_way_max = 64, .retry_first_ms = 3000000});
    receiver_open(&failing);
    failing.post_status = 503;
    (void)snprintf(failing_url, sizeof failing_url, "http://127.0.0.1:%d/", failing.port);
    (void)platform_send(&platform, FIRST_MSISDN, 1, WAITING, 500, failing_url);
    (void)platform_send(&platform, FIRST_MSISDN, 1, 100, 500, url);
    wait_for(NOTIFICATION_DELIVERED, 100);
    wait_for_deliveries(104);
    /* Its first rest is five minutes: until then it is left alone after a few tries. */
    assert_int_equal(figure("rests_total"), 1);
    assert_true(receiver_posts(&failing) < 16);
    assert_int_equal(notifications(NOTIFICATION_DUE), WAITING);
    end();
    receiver_close(&failing);
}

static void nothing_is_lost_over_a_stop(void **state)
{
    (void)state;
    begin(&(struct notifier_options){.per_host_max = 4});
    (void)platform_send(&platform, FIRST_MSISDN, 1, 1, 500, url);
    wait_for(NOTIFICATION_DELIVERED, 1);
    receiver_mute(&receiver, true);
    (void)platform_send(&platform, FIRST_MSISDN, 1, 50, 500, url);
    platform_wait(mute_has_all, &receiver);
    notifier_stop(notifier);
    notifier_stop(notifier);
    assert_int_equal(notifications(NOTIFICATION_DELIVERED), 1);
    assert_int_equal(notifications(NOTIFICATION_DUE), 50);
    size_t deliveries = 1;
    assert_true(have_deliveries(&deliveries));
    deliveries = 2;
    assert_false(have_deliveries(&deliveries)); /* Cut off by us: no try. */
    platform_tells(&platform, NULL, NULL);
    notifier_close(notifier);
    receiver_mute(&receiver, false);
    notifier_begin(&(struct notifier_options){0});
    wait_for(NOTIFICATION_DELIVERED, 51);
    end();
}

static enum save_plan save_badly(void *context)
{
    static const enum save_plan plans[] = {SAVE_WELL, SAVE_FINAL, SAVE_UNKNOWN_DONE,
                                           SAVE_UNKNOWN_NOT_DONE, SAVE_AGAIN};
    size_t *turn = context;
    return plans[(*turn)++ % (sizeof plans / sizeof *plans)];
}

static void a_store_that_fails_loses_nothing(void **state)
{
    (void)state;
    size_t turn = 0;
    struct fault fault = {0};
    assert_int_equal(address_list_read("127.0.0.1", &loopback, &fault), FAULT_NONE);
    receiver_open(&receiver);
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%d/", receiver.port);
    platform_open(&platform, 0);
    platform.confirms_later = true; /* So each transfer is told of once when it is sent. */
    (void)platform_send(&platform, FIRST_MSISDN, 1, 40, 500, url);
    store_memory_plan(platform.store, save_badly, &turn);
    log_configure((enum log_level) - 1, LOG_FORMAT_TEXT, false); /* Its faults are planned. */
    notifier_begin(&(struct notifier_options){.per_host_max = 2});
    platform_start(&platform);
    wait_for(NOTIFICATION_DELIVERED, 40);
    assert_true(receiver_posts(&receiver) >= 40);
    assert_int_equal(notifications(NOTIFICATION_DUE), 0);
    end();
    log_configure(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT, false);
}

static int quiet(void **state)
{
    (void)state;
    secret_init();
    log_configure(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT, false);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_change_is_told_in_order_and_signed),
        cmocka_unit_test(a_rejection_says_why_in_the_merchants_language),
        cmocka_unit_test(many_are_told_over_few_connections),
        cmocka_unit_test(what_fails_is_tried_again_until_it_arrives),
        cmocka_unit_test(any_2xx_is_success_and_nothing_else_is),
        cmocka_unit_test(a_failing_ping_is_a_failed_try_and_drops_nothing),
        cmocka_unit_test(private_addresses_are_not_told),
        cmocka_unit_test(a_mute_server_holds_nobody_else_up),
        cmocka_unit_test(what_waits_for_the_dead_costs_the_others_nothing),
        cmocka_unit_test(one_that_fails_and_fails_is_tried_less),
        cmocka_unit_test(nothing_is_lost_over_a_stop),
        cmocka_unit_test(a_store_that_fails_loses_nothing),
    };
    return cmocka_run_group_tests(tests, quiet, NULL);
}

#include "batch.h"

#include <string.h>

/* Who hears of a merchant's transfers, what becomes of one that fails, and sending again. */

#define HOUR_MS INT64_C(3600000)

static struct command endpoint_of(unsigned events)
{
    static int64_t id;
    return (struct command){.kind = COMMAND_ENDPOINT_ADD,
                            .endpoint_add = {.endpoint = {.merchant = MERCHANT,
                                                          .id = ++id,
                                                          .state = ENDPOINT_ON,
                                                          .format = ENDPOINT_FORM,
                                                          .events = events,
                                                          .url = "https://m.example/hook",
                                                          .secret_key = "sealed"}}};
}

static int32_t endpoint_add(struct book *book, unsigned events)
{
    struct command add = endpoint_of(events);
    assert_int_equal(batch_run(book, &add), PAYOUT_OK);
    return add.endpoint_add.endpoint.number;
}

static enum payout_code endpoint_state(struct book *book, int32_t number, enum endpoint_state state)
{
    struct command change = {
        .kind = COMMAND_ENDPOINT_CHANGE,
        .endpoint_change = {.fields = ENDPOINT_FIELD_STATE,
                            .endpoint = {.merchant = MERCHANT, .number = number, .state = state}}};
    return batch_run(book, &change);
}

/* A transfer that was sent and is to be submitted. */
static struct transfer_id sent(struct book *book)
{
    struct contact_item person = {.prefix = "225",
                                  .phone = "0707895086",
                                  .msisdn = INT64_C(2250707895086),
                                  .name = "",
                                  .surname = "",
                                  .email = ""};
    struct command know = {.kind = COMMAND_CONTACT_ADD,
                           .contact_add = {.merchant = MERCHANT, .items = &person, .count = 1}};
    assert_int_equal(batch_run(book, &know), PAYOUT_OK);
    struct send_item item = {.notify_url = "",
                             .prefix = "225",
                             .phone = "0707895086",
                             .msisdn = person.msisdn,
                             .operator_number = 3,
                             .amount = {500, CURRENCY_XOF}};
    struct command send = {.kind = COMMAND_LOT_SEND,
                           .lot_send = {.merchant = MERCHANT,
                                        .items = &item,
                                        .count = 1,
                                        .source = "192.0.2.1",
                                        .listed = true}};
    assert_int_equal(batch_run(book, &send), PAYOUT_OK);
    return item.transfer;
}

static void claim(struct book *book, struct transfer_id id)
{
    struct claim_item item = {
        .transfer = id, .channel = 1, .due_at_ms = book_transfer(book, id)->transfer.due_at_ms};
    struct command command = {.kind = COMMAND_TRANSFER_CLAIM,
                              .transfer_claim = {.items = &item, .count = 1, .lease_ms = 60000}};
    assert_int_equal(batch_run(book, &command), PAYOUT_OK);
    assert_true(item.claimed);
}

static void outcome(struct book *book, struct transfer_id id, enum verdict verdict)
{
    struct outcome_item item = {.transfer = id, .verdict = verdict, .operator_reference = ""};
    struct command command = {.kind = COMMAND_TRANSFER_OUTCOME,
                              .transfer_outcome = {.items = &item, .count = 1}};
    assert_int_equal(batch_run(book, &command), PAYOUT_OK);
    assert_int_equal(item.effect, OUTCOME_APPLIED);
}

static bool is_told(struct book *book, struct transfer_id id, int32_t endpoint, int32_t number)
{
    const struct notification_row *row =
        book_notification_find(book, (struct notification_key){id, endpoint, number});
    return row != NULL && row->row.state != ROW_ABSENT;
}

static const struct notification *told(struct book *book, struct transfer_id id, int32_t endpoint,
                                       int32_t number)
{
    assert_true(is_told(book, id, endpoint, number));
    return &book_notification(book, (struct notification_key){id, endpoint, number})->notification;
}

static struct delivery_item deliver_at(struct book *book, struct transfer_id id, int32_t endpoint,
                                       int32_t number, int64_t next_at_ms, int64_t at_ms)
{
    struct delivery_item item = {.delivery = {.key = {id, endpoint, number}, .error = ""},
                                 .delivered = next_at_ms < 0,
                                 .next_at_ms = next_at_ms < 0 ? 0 : next_at_ms};
    struct command command = {.kind = COMMAND_DELIVERY, .delivery = {.items = &item, .count = 1}};
    batch_run_at(book, &command, at_ms);
    return item;
}

/* next_at_ms below 0: it arrived. */
static void deliver(struct book *book, struct transfer_id id, int32_t endpoint, int32_t number,
                    int64_t next_at_ms)
{
    (void)deliver_at(book, id, endpoint, number, next_at_ms, NOW_MS);
}

static void each_that_wants_a_change_hears_it_in_order(void **state)
{
    struct book book;
    (void)state;
    batch_open(&book, 10000);
    int32_t all = endpoint_add(&book, ENDPOINT_EVENTS_ALL);
    int32_t ends = endpoint_add(&book, ENDPOINT_EVENT(TRANSFER_VAL) | ENDPOINT_EVENT(TRANSFER_REJ));
    int32_t rec = endpoint_add(&book, ENDPOINT_EVENT(TRANSFER_REC));
    struct transfer_id id = sent(&book);
    claim(&book, id);
    outcome(&book, id, VERDICT_UNKNOWN);
    outcome(&book, id, VERDICT_PAID);
    static const enum transfer_state states[] = {TRANSFER_REC, TRANSFER_NOS, TRANSFER_VAL};
    for (int32_t number = 1; number <= 3; number++)
        for (int32_t endpoint = 0; endpoint <= all; endpoint++) {
            const struct notification *each = told(&book, id, endpoint, number);
            assert_int_equal(each->transfer_state, states[number - 1]);
            assert_int_equal(each->state, number == 1 ? NOTIFICATION_DUE : NOTIFICATION_BLOCKED);
        }
    assert_false(is_told(&book, id, ends, 1));
    assert_false(is_told(&book, id, ends, 2));
    assert_int_equal(told(&book, id, ends, 3)->state, NOTIFICATION_DUE);
    assert_true(is_told(&book, id, rec, 1));
    assert_false(is_told(&book, id, rec, 3));
    /* What one does is nobody else's affair. */
    deliver(&book, id, all, 1, -1);
    assert_int_equal(told(&book, id, all, 2)->state, NOTIFICATION_DUE);
    assert_int_equal(told(&book, id, 0, 2)->state, NOTIFICATION_BLOCKED);
    deliver(&book, id, all, 2, 0); /* Given up: the next one goes. */
    assert_int_equal(told(&book, id, all, 3)->state, NOTIFICATION_DUE);
    assert_true(told(&book, id, 0, 1)->queue > 0 && told(&book, id, all, 1)->queue < 0);
    assert_int_not_equal(told(&book, id, all, 3)->queue, told(&book, id, ends, 3)->queue);
    batch_close(&book);
}

/* The simulator found it: two changes in one batch, the first of which an endpoint that had been
 * there before did not want. */
static void two_changes_in_one_batch_need_not_both_be_wanted(void **state)
{
    struct book book;
    (void)state;
    batch_open(&book, 10000);
    int32_t ends = endpoint_add(&book, ENDPOINT_EVENT(TRANSFER_VAL));
    book_endpoint(&book, MERCHANT, ends)->state = ROW_STORED;
    struct transfer_id id = sent(&book);
    claim(&book, id);
    outcome(&book, id, VERDICT_PAID);
    assert_false(is_told(&book, id, ends, 1));
    assert_int_equal(told(&book, id, ends, 2)->state, NOTIFICATION_DUE);
    batch_close(&book);
}

static void a_change_that_was_not_wanted_leaves_a_gap_and_keeps_the_order(void **state)
{
    struct book book;
    (void)state;
    batch_open(&book, 10000);
    int32_t some = endpoint_add(&book, ENDPOINT_EVENT(TRANSFER_REC) | ENDPOINT_EVENT(TRANSFER_VAL));
    struct transfer_id id = sent(&book);
    claim(&book, id);
    outcome(&book, id, VERDICT_UNKNOWN);
    outcome(&book, id, VERDICT_PAID);
    assert_false(is_told(&book, id, some, 2));
    assert_int_equal(told(&book, id, some, 3)->state, NOTIFICATION_BLOCKED);
    assert_int_equal(told(&book, id, some, 1)->next_number, 3);
    deliver(&book, id, some, 1, -1);
    assert_int_equal(told(&book, id, some, 3)->state, NOTIFICATION_DUE);
    batch_close(&book);
}

static void a_merchant_has_eight_and_no_number_twice(void **state)
{
    struct book book;
    (void)state;
    batch_open(&book, 0);
    for (int32_t i = 1; i <= ENDPOINTS_MAX; i++)
        assert_int_equal(endpoint_add(&book, ENDPOINT_EVENTS_ALL), i);
    struct command more = endpoint_of(ENDPOINT_EVENTS_ALL);
    assert_int_equal(batch_run(&book, &more), PAYOUT_NOT_ALLOWED);
    assert_int_equal(endpoint_state(&book, 3, ENDPOINT_REMOVED), PAYOUT_OK);
    assert_int_equal(endpoint_state(&book, 3, ENDPOINT_ON), PAYOUT_NOT_FOUND);
    assert_int_equal(endpoint_add(&book, ENDPOINT_EVENTS_ALL), ENDPOINTS_MAX + 1);
    struct command stranger = endpoint_of(ENDPOINT_EVENTS_ALL);
    stranger.endpoint_add.endpoint.merchant.value++;
    assert_int_equal(batch_run(&book, &stranger), PAYOUT_NOT_FOUND);
    batch_close(&book);
}

static void what_is_not_tried_ends_only_while_its_endpoint_is_off(void **state)
{
    struct book book;
    (void)state;
    batch_open(&book, 10000);
    int32_t number = endpoint_add(&book, ENDPOINT_EVENTS_ALL);
    struct transfer_id id = sent(&book);
    claim(&book, id);
    struct delivery_item item = {.delivery = {.key = {id, number, 1}, .error = ""},
                                 .untried = true};
    struct command untried = {.kind = COMMAND_DELIVERY, .delivery = {.items = &item, .count = 1}};
    assert_int_equal(batch_run(&book, &untried), PAYOUT_OK);
    assert_int_equal(told(&book, id, number, 1)->state, NOTIFICATION_DUE);
    assert_int_equal(item.next_at_ms, NOW_MS); /* It is on by now. */
    assert_int_equal(endpoint_state(&book, number, ENDPOINT_OFF), PAYOUT_OK);
    item.next_at_ms = 0;
    assert_int_equal(batch_run(&book, &untried), PAYOUT_OK);
    assert_int_equal(told(&book, id, number, 1)->state, NOTIFICATION_DEAD);
    assert_int_equal(told(&book, id, number, 1)->attempts, 0);
    assert_int_equal(item.next_at_ms, 0);
    outcome(&book, id, VERDICT_PAID); /* Nothing is made for one that is off. */
    assert_false(is_told(&book, id, number, 2));
    batch_close(&book);
}

/* --- Failing --- */

static void failing_for_three_days_is_for_long(void **state)
{
    (void)state;
    struct endpoint endpoint = {.state = ENDPOINT_ON, .merchant = MERCHANT, .number = 1};
    int64_t at_ms = NOW_MS;
    for (int i = 0; i < ENDPOINT_FAILURES_MIN; i++, at_ms += 6 * HOUR_MS)
        endpoint_tried(&endpoint, false, at_ms);
    assert_int_equal(endpoint.failing_since_ms, NOW_MS);
    assert_false(endpoint_failed(&endpoint, NOW_MS + ENDPOINT_FAILING_MS - 1));
    assert_true(endpoint_failed(&endpoint, NOW_MS + ENDPOINT_FAILING_MS));
    endpoint.state = ENDPOINT_OFF;
    assert_false(endpoint_failed(&endpoint, NOW_MS + ENDPOINT_FAILING_MS));
    endpoint.state = ENDPOINT_ON;
    endpoint_tried(&endpoint, true, at_ms);
    assert_false(endpoint_failed(&endpoint, NOW_MS + 2 * ENDPOINT_FAILING_MS));
    /* Few tries, far apart, say nothing. */
    endpoint_tried(&endpoint, false, at_ms);
    endpoint_tried(&endpoint, false, at_ms + ENDPOINT_FAILING_MS);
    assert_false(endpoint_failed(&endpoint, at_ms + ENDPOINT_FAILING_MS));
}

static void a_whole_day_that_failed_is_for_long_while_it_goes_on(void **state)
{
    (void)state;
    for (int failed = 94; failed <= 95; failed++) {
        struct endpoint endpoint = {.state = ENDPOINT_ON, .merchant = MERCHANT, .number = 1};
        int64_t day_ms = NOW_MS / ENDPOINT_DAY_MS * ENDPOINT_DAY_MS;
        for (int i = 0; i < ENDPOINT_DAY_TRIES_MIN; i++)
            endpoint_tried(&endpoint, i < ENDPOINT_DAY_TRIES_MIN - failed, day_ms + i);
        assert_false(endpoint_failed(&endpoint, day_ms + ENDPOINT_DAY_MS - 1));
        endpoint_tried(&endpoint, false, day_ms + ENDPOINT_DAY_MS);
        assert_int_equal(endpoint_failed(&endpoint, day_ms + ENDPOINT_DAY_MS), failed == 95);
        struct endpoint better = endpoint;
        endpoint_tried(&better, true, day_ms + ENDPOINT_DAY_MS + 1);
        assert_false(endpoint_failed(&better, day_ms + ENDPOINT_DAY_MS + 1));
        assert_false(endpoint_failed(&endpoint, day_ms + 2 * ENDPOINT_DAY_MS)); /* Long ago. */
    }
}

static enum payout_code fail_at(struct book *book, int32_t number, int64_t at_ms)
{
    struct command fail = {.kind = COMMAND_ENDPOINT_FAIL,
                           .endpoint_fail = {.merchant = MERCHANT,
                                             .number = number,
                                             .to = "awa@m.example kofi@m.example"}};
    batch_run_at(book, &fail, at_ms);
    return fail.code;
}

static void one_that_failed_is_switched_off_with_one_mail_to_each(void **state)
{
    struct book book;
    (void)state;
    batch_open(&book, 10000);
    int32_t number = endpoint_add(&book, ENDPOINT_EVENTS_ALL);
    struct transfer_id id = sent(&book);
    claim(&book, id);
    int64_t at_ms = NOW_MS;
    for (int i = 0; i < ENDPOINT_FAILURES_MIN; i++, at_ms += 6 * HOUR_MS)
        (void)deliver_at(&book, id, number, 1, at_ms + HOUR_MS, at_ms);
    assert_int_equal(fail_at(&book, number, at_ms - HOUR_MS), PAYOUT_NOT_ALLOWED);
    assert_int_equal(fail_at(&book, number, at_ms), PAYOUT_OK);
    assert_int_equal(fail_at(&book, number, at_ms), PAYOUT_NOT_ALLOWED); /* It is off by now. */
    assert_int_equal(fail_at(&book, number + 1, at_ms), PAYOUT_NOT_FOUND);
    assert_int_equal(book.mails.count, 2);
    assert_true(book.mails_made);
    const struct mail_row *mail = book_mail(&book, MERCHANT, mail_endpoint_subject(number), 2);
    assert_string_equal(mail->mail.to, "kofi@m.example");
    assert_int_equal(mail_endpoint(&mail->mail), number);
    outcome(&book, id, VERDICT_PAID);
    const struct notification *missed = told(&book, id, number, 2);
    assert_int_equal(missed->state, NOTIFICATION_DEAD);
    assert_int_equal(missed->ended_at_ms, NOW_MS);
    assert_int_equal(told(&book, id, 0, 2)->state, NOTIFICATION_BLOCKED);
    assert_int_equal(endpoint_state(&book, number, ENDPOINT_ON), PAYOUT_OK);
    const struct endpoint_line *line = book_endpoint(&book, MERCHANT, number);
    assert_int_equal(line->endpoint.failures, 0);
    assert_false(endpoint_failed(&line->endpoint, at_ms + ENDPOINT_FAILING_MS));
    batch_close(&book);
}

/* --- Sending again --- */

static struct command again_of(struct redeliver_item *items, size_t count, int64_t as_of_ms)
{
    return (struct command){
        .kind = COMMAND_REDELIVER,
        .redeliver = {.merchant = MERCHANT, .items = items, .count = count, .as_of_ms = as_of_ms}};
}

static void dead_ones_go_again_in_order_and_once(void **state)
{
    struct book book;
    (void)state;
    batch_open(&book, 10000);
    struct transfer_id id = sent(&book);
    claim(&book, id);
    outcome(&book, id, VERDICT_UNKNOWN);
    outcome(&book, id, VERDICT_PAID);
    for (int32_t number = 1; number <= 3; number++)
        deliver(&book, id, 0, number, 0);
    struct redeliver_item items[4];
    for (int32_t i = 0; i < 4; i++)
        items[i] = (struct redeliver_item){.key = {id, 0, i + 1}};
    struct command again = again_of(items, 4, NOW_MS);
    assert_int_equal(batch_run(&book, &again), PAYOUT_OK);
    assert_int_equal(again.redeliver.begun, 3);
    assert_int_equal(items[3].effect, REDELIVERY_UNKNOWN);
    assert_int_equal(told(&book, id, 0, 1)->state, NOTIFICATION_DUE);
    assert_int_equal(told(&book, id, 0, 2)->state, NOTIFICATION_BLOCKED);
    assert_int_equal(told(&book, id, 0, 3)->state, NOTIFICATION_BLOCKED);
    assert_int_equal(notification_tries(told(&book, id, 0, 1)), 0); /* Its days begin anew. */
    assert_int_equal(batch_run(&book, &again), PAYOUT_OK);
    assert_int_equal(again.redeliver.begun, 0);
    assert_int_equal(items[0].effect, REDELIVERY_AGAIN);
    for (int32_t number = 1; number <= 3; number++) {
        assert_int_equal(told(&book, id, 0, number)->state, NOTIFICATION_DUE);
        deliver(&book, id, 0, number, -1);
        assert_int_equal(told(&book, id, 0, number)->redeliveries, 1);
        assert_int_equal(told(&book, id, 0, number)->attempts, 2);
    }
    batch_close(&book);
}

static void what_waits_is_tried_now_and_counts_as_nothing_new(void **state)
{
    struct book book;
    (void)state;
    batch_open(&book, 10000);
    int32_t number = endpoint_add(&book, ENDPOINT_EVENTS_ALL);
    struct transfer_id id = sent(&book);
    claim(&book, id);
    deliver(&book, id, 0, 1, NOW_MS + HOUR_MS);
    deliver(&book, id, number, 1, 0);
    assert_int_equal(endpoint_state(&book, number, ENDPOINT_OFF), PAYOUT_OK);
    struct redeliver_item items[2] = {{.key = {id, 0, 1}}, {.key = {id, number, 1}}};
    struct command again = again_of(items, 2, NOW_MS);
    assert_int_equal(batch_run(&book, &again), PAYOUT_OK);
    assert_int_equal(items[0].effect, REDELIVERY_WAITING);
    assert_int_equal(items[1].effect, REDELIVERY_OFF);
    assert_int_equal(told(&book, id, 0, 1)->due_at_ms, NOW_MS);
    assert_int_equal(told(&book, id, 0, 1)->redeliveries, 0);
    again.redeliver.merchant.value++; /* Another's are not there. */
    assert_int_equal(batch_run(&book, &again), PAYOUT_OK);
    assert_int_equal(items[0].effect, REDELIVERY_UNKNOWN);
    batch_close(&book);
}

/* --- Words --- */

static void events_are_read_and_written(void **state)
{
    (void)state;
    static const struct {
        const char *text, *same;
    } good[] = {{"NEW REC NOS VAL REJ", "NEW REC NOS VAL REJ"},
                {" REJ,VAL\tVAL ", "VAL REJ"},
                {"CONFIRM", "NEW"}};
    static const char *const bad[] = {"", " ,", "VALID", "VAL;REJ", "val", "NEWREC"};
    char text[ENDPOINT_EVENTS_BYTES];
    unsigned events;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(endpoint_events_read(good[i].text, &events));
        endpoint_events_text(events, text);
        assert_string_equal(text, good[i].same);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(endpoint_events_read(bad[i], &events));
}

static void a_queue_is_a_hosts_or_an_endpoints(void **state)
{
    (void)state;
    int64_t queue = notification_queue_of_url("https://shop.example/a?b");
    assert_true(queue > 0);
    assert_int_equal(queue, notification_queue_of_url("HTTPS://SHOP.example/other"));
    assert_int_not_equal(queue, notification_queue_of_url("https://shop.example:8443/a"));
    assert_true(notification_queue_of_url("nonsense") > 0);
    struct merchant_id last = {MERCHANT_ID_MAX}, first = {MERCHANT_ID_MAX - 1};
    assert_true(notification_queue_of_endpoint(first, ENDPOINT_NUMBER_MAX) >
                notification_queue_of_endpoint(last, 1));
    assert_true(notification_queue_of_endpoint(last, ENDPOINT_NUMBER_MAX) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_that_wants_a_change_hears_it_in_order),
        cmocka_unit_test(two_changes_in_one_batch_need_not_both_be_wanted),
        cmocka_unit_test(a_change_that_was_not_wanted_leaves_a_gap_and_keeps_the_order),
        cmocka_unit_test(a_merchant_has_eight_and_no_number_twice),
        cmocka_unit_test(what_is_not_tried_ends_only_while_its_endpoint_is_off),
        cmocka_unit_test(failing_for_three_days_is_for_long),
        cmocka_unit_test(a_whole_day_that_failed_is_for_long_while_it_goes_on),
        cmocka_unit_test(one_that_failed_is_switched_off_with_one_mail_to_each),
        cmocka_unit_test(dead_ones_go_again_in_order_and_once),
        cmocka_unit_test(what_waits_is_tried_now_and_counts_as_nothing_new),
        cmocka_unit_test(events_are_read_and_written),
        cmocka_unit_test(a_queue_is_a_hosts_or_an_endpoints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

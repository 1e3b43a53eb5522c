#include "conformance.h"

#include <string.h>

/* Who is told: endpoints, queues, what was given up, and sending again. */

static int32_t endpoint_add(struct fixture *fixture, int n, unsigned events)
{
    static int64_t id = 70;
    struct command add = {.kind = COMMAND_ENDPOINT_ADD,
                          .endpoint_add = {.endpoint = {.merchant = fixture_merchant(n),
                                                        .id = ++id,
                                                        .state = ENDPOINT_ON,
                                                        .format = ENDPOINT_JSON,
                                                        .events = events,
                                                        .url = "https://hook.example.ci/é",
                                                        .secret_key = "sealed"}}};
    assert_int_equal(fixture_commit(fixture, &add), PAYOUT_OK);
    return add.endpoint_add.endpoint.number;
}

static void endpoint_change(struct fixture *fixture, unsigned fields, struct endpoint endpoint)
{
    struct command change = {.kind = COMMAND_ENDPOINT_CHANGE,
                             .endpoint_change = {.fields = fields, .endpoint = endpoint}};
    assert_int_equal(fixture_commit(fixture, &change), PAYOUT_OK);
}

static void told(struct fixture *fixture, struct transfer_id id, int32_t endpoint, int32_t number,
                 int64_t next_at_ms)
{
    struct delivery_item item = {.delivery = {.key = {id, endpoint, number},
                                              .at_ms = fixture->now_ms,
                                              .duration_ms = 12,
                                              .http_status = next_at_ms < 0 ? 200 : 503,
                                              .error = ""},
                                 .delivered = next_at_ms < 0,
                                 .next_at_ms = next_at_ms < 0 ? 0 : next_at_ms};
    struct command command = {.kind = COMMAND_DELIVERY, .delivery = {.items = &item, .count = 1}};
    assert_int_equal(fixture_commit(fixture, &command), PAYOUT_OK);
}

static struct endpoint *endpoints_of(struct fixture *fixture, int n, size_t expected)
{
    struct endpoint *endpoints;
    size_t count;
    struct fault fault;
    assert_int_equal(store_read_endpoints(fixture->reader, fixture->arena, fixture_merchant(n),
                                          &endpoints, &count, &fault),
                     FAULT_NONE);
    assert_int_equal(count, expected);
    return endpoints;
}

static void an_endpoint_is_kept_as_it_is(void **state)
{
    struct fixture *fixture = *state;
    fixture_prepare(fixture, 0, 1000000);
    (void)endpoints_of(fixture, 0, 0);
    int32_t first = endpoint_add(fixture, 0, ENDPOINT_EVENT(TRANSFER_VAL));
    int32_t second = endpoint_add(fixture, 0, ENDPOINT_EVENTS_ALL);
    const struct endpoint *kept = endpoints_of(fixture, 0, 2);
    assert_int_equal(kept[0].number, first);
    assert_int_equal(kept[0].merchant.value, fixture_merchant(0).value);
    assert_int_equal(kept[0].state, ENDPOINT_ON);
    assert_int_equal(kept[0].format, ENDPOINT_JSON);
    assert_int_equal(kept[0].events, ENDPOINT_EVENT(TRANSFER_VAL));
    assert_string_equal(kept[0].url, "https://hook.example.ci/é");
    assert_string_equal(kept[0].secret_key, "sealed");
    assert_int_equal(kept[0].created_at_ms, fixture->now_ms);
    assert_int_equal(kept[1].id, kept[0].id + 1);
    struct endpoint change = {.merchant = fixture_merchant(0),
                              .number = first,
                              .state = ENDPOINT_OFF,
                              .secret_key = "another",
                              .secret_before_until_ms = fixture->now_ms + 1000};
    fixture->now_ms += 10;
    endpoint_change(fixture, ENDPOINT_FIELD_STATE | ENDPOINT_FIELD_SECRET, change);
    change.state = ENDPOINT_REMOVED;
    change.number = second;
    endpoint_change(fixture, ENDPOINT_FIELD_STATE, change);
    kept = endpoints_of(fixture, 0, 1);
    assert_int_equal(kept[0].state, ENDPOINT_OFF);
    assert_int_equal(kept[0].changed_at_ms, fixture->now_ms);
    assert_string_equal(kept[0].secret_key, "another");
    assert_string_equal(kept[0].secret_before, "sealed");
    assert_int_equal(kept[0].secret_before_until_ms, fixture->now_ms + 990);
    assert_int_equal(endpoint_add(fixture, 0, ENDPOINT_EVENTS_ALL), 3); /* Not 2 again. */
}

static void failing_endpoints_are_found_and_pages_follow_each_other(void **state)
{
    struct fixture *fixture = *state;
    struct endpoint *endpoints;
    size_t count;
    struct fault fault;
    for (int n = 0; n < 2; n++) {
        fixture_prepare(fixture, n, 1000000);
        (void)endpoint_add(fixture, n, ENDPOINT_EVENTS_ALL);
        (void)endpoint_add(fixture, n, ENDPOINT_EVENTS_ALL);
    }
    struct lot_code code = fixture_send(fixture, 1, 1, NULL, true);
    struct transfer_id id = fixture_lot_read(fixture, 1, code)->first;
    fixture_claim(fixture, id);
    told(fixture, id, 1, 1, -1);
    told(fixture, id, 2, 1, fixture->now_ms + 5000);
    struct merchant_id merchant = {0};
    int32_t number = 0;
    size_t all = 0;
    do {
        assert_int_equal(store_read_endpoints_after(fixture->reader, fixture->arena, merchant,
                                                    number, false, 3, &endpoints, &count, &fault),
                         FAULT_NONE);
        for (size_t i = 0; i < count; i++, all++) {
            assert_true(
                endpoints[i].merchant.value > merchant.value ||
                (endpoints[i].merchant.value == merchant.value && endpoints[i].number > number));
            merchant = endpoints[i].merchant;
            number = endpoints[i].number;
        }
    } while (count == 3);
    assert_int_equal(all, 4);
    assert_int_equal(store_read_endpoints_after(fixture->reader, fixture->arena,
                                                (struct merchant_id){0}, 0, true, 10, &endpoints,
                                                &count, &fault),
                     FAULT_NONE);
    assert_int_equal(count, 1);
    assert_int_equal(endpoints[0].merchant.value, fixture_merchant(1).value);
    assert_int_equal(endpoints[0].number, 2);
    assert_int_equal(endpoints[0].failures, 1);
    assert_int_equal(endpoints[0].failing_since_ms, fixture->now_ms);
    assert_int_equal(endpoints[0].day_tries, 1);
    assert_int_equal(store_read_endpoints_after(fixture->reader, fixture->arena,
                                                endpoints[0].merchant, 2, true, 10, &endpoints,
                                                &count, &fault),
                     FAULT_NONE);
    assert_int_equal(count, 0);
}

static void a_queue_holds_what_is_its_own(void **state)
{
    struct fixture *fixture = *state;
    struct due_queue *queues;
    struct due_notification *due;
    size_t count, all = 0;
    struct fault fault;
    fixture_prepare(fixture, 0, 1000000);
    int32_t number = endpoint_add(fixture, 0, ENDPOINT_EVENTS_ALL);
    struct lot_code code = fixture_send(fixture, 0, 3, NULL, true);
    struct transfer_id first = fixture_lot_read(fixture, 0, code)->first;
    for (int64_t i = 0; i < 3; i++, fixture->now_ms += 10)
        fixture_claim(fixture, (struct transfer_id){first.value + i});
    told(fixture, first, number, 1, fixture->now_ms + 70000);
    int64_t of_endpoint = notification_queue_of_endpoint(fixture_merchant(0), number);
    int64_t of_url = notification_queue_of_url("https://shop.example.ci/notify");
    assert_int_equal(
        store_read_queues(fixture->reader, fixture->arena, INT64_MIN, 10, &queues, &count, &fault),
        FAULT_NONE);
    assert_int_equal(count, 2);
    assert_int_equal(queues[0].queue, of_endpoint);
    assert_int_equal(queues[1].queue, of_url);
    assert_int_equal(queues[0].due_at_ms, queues[1].due_at_ms + 10); /* Its first was put off. */
    assert_int_equal(store_read_queues(fixture->reader, fixture->arena, of_endpoint, 10, &queues,
                                       &count, &fault),
                     FAULT_NONE);
    assert_int_equal(count, 1);
    assert_int_equal(queues[0].queue, of_url);
    assert_int_equal(
        store_read_queues(fixture->reader, fixture->arena, INT64_MIN, 1, &queues, &count, &fault),
        FAULT_NONE);
    assert_int_equal(count, 1);
    assert_int_equal(store_read_queue(fixture->reader, fixture->arena, of_endpoint, fixture->now_ms,
                                      (struct notification_cursor){0}, 10, &due, &count, &fault),
                     FAULT_NONE);
    assert_int_equal(count, 2);
    assert_int_equal(due[0].notification.key.transfer.value, first.value + 1);
    assert_int_equal(due[0].notification.key.endpoint, number);
    assert_int_equal(due[0].transfer.id.value, first.value + 1);
    struct notification_cursor after = {0};
    do {
        assert_int_equal(store_read_queue(fixture->reader, fixture->arena, of_url, fixture->now_ms,
                                          after, 2, &due, &count, &fault),
                         FAULT_NONE);
        for (size_t i = 0; i < count; i++, all++) {
            assert_int_equal(due[i].notification.key.endpoint, 0);
            assert_true(due[i].notification.due_at_ms > after.due_at_ms);
            after = (struct notification_cursor){due[i].notification.due_at_ms,
                                                 due[i].notification.key};
        }
    } while (count == 2);
    assert_int_equal(all, 3);
    assert_int_equal(store_read_queue(fixture->reader, fixture->arena, 12345, fixture->now_ms,
                                      (struct notification_cursor){0}, 10, &due, &count, &fault),
                     FAULT_NONE);
    assert_int_equal(count, 0);
}

static size_t dead(struct fixture *fixture, struct notification_filter filter, size_t limit,
                   struct told_notification **found)
{
    size_t count;
    struct fault fault;
    filter.before.value = filter.before.value == 0 ? INT64_MAX : filter.before.value;
    assert_int_equal(
        store_read_told(fixture->reader, fixture->arena, &filter, limit, found, &count, &fault),
        FAULT_NONE);
    return count;
}

static void what_was_given_up_is_listed_by_merchant(void **state)
{
    struct fixture *fixture = *state;
    struct told_notification *found;
    struct transfer_id first[2];
    for (int n = 1; n >= 0; n--) {
        fixture_prepare(fixture, n, 1000000);
        (void)endpoint_add(fixture, n, ENDPOINT_EVENTS_ALL);
        struct lot_code code = fixture_send(fixture, n, 2, NULL, true);
        first[n] = fixture_lot_read(fixture, n, code)->first;
        for (int64_t i = 0; i < 2; i++) {
            struct transfer_id id = {first[n].value + i};
            fixture_claim(fixture, id);
            told(fixture, id, 0, 1, 0);
            told(fixture, id, 1, 1, i == 0 ? 0 : -1);
        }
        fixture->now_ms += 5000;
    }
    struct notification_filter filter = {.dead = true, .endpoint = NOTIFICATION_ENDPOINT_ANY};
    assert_int_equal(dead(fixture, filter, 10, &found), 6);
    for (size_t i = 0; i < 6; i++) /* By merchant: the second was there first. */
        assert_int_equal(found[i].notification.merchant.value,
                         fixture_merchant((int)(i / 3)).value);
    assert_int_equal(found[1].notification.key.endpoint, 1);
    assert_int_equal(found[1].last.http_status, 503);
    assert_int_equal(found[1].last.attempt, 1);
    assert_int_equal(found[1].transfer.id.value, first[0].value);
    size_t all = 0;
    for (size_t count = 2; count == 2; all += count) {
        count = dead(fixture, filter, 2, &found);
        if (count == 0)
            break;
        filter.after_merchant = found[count - 1].notification.merchant;
        filter.after = found[count - 1].notification.key;
    }
    assert_int_equal(all, 6);
    filter =
        (struct notification_filter){.dead = true, .endpoint = 1, .merchant = fixture_merchant(1)};
    assert_int_equal(dead(fixture, filter, 10, &found), 1);
    filter.endpoint = 0;
    assert_int_equal(dead(fixture, filter, 10, &found), 2);
    filter.after = found[0].notification.key;
    assert_int_equal(dead(fixture, filter, 10, &found), 1);
    filter.from.value = first[1].value + 2;
    assert_int_equal(dead(fixture, filter, 10, &found), 0);
    filter = (struct notification_filter){.endpoint = NOTIFICATION_ENDPOINT_ANY,
                                          .merchant = fixture_merchant(1),
                                          .before = {first[1].value + 2}};
    assert_int_equal(dead(fixture, filter, 10, &found), 4); /* One was delivered. */
    assert_int_equal(found[3].notification.state, NOTIFICATION_DELIVERED);
    filter.before.value = first[1].value + 1;
    assert_int_equal(dead(fixture, filter, 10, &found), 2);
}

static void what_is_sent_again_is_due_and_counted(void **state)
{
    struct fixture *fixture = *state;
    struct notification *notifications;
    struct delivery *deliveries;
    struct told_notification *found;
    size_t count, delivery_count;
    struct fault fault;
    fixture_prepare(fixture, 0, 1000000);
    struct lot_code code = fixture_send(fixture, 0, 1, NULL, true);
    struct transfer_id id = fixture_lot_read(fixture, 0, code)->first;
    fixture_claim(fixture, id);
    assert_int_equal(fixture_outcome(fixture, id, VERDICT_PAID), OUTCOME_APPLIED);
    told(fixture, id, 0, 1, 0);
    told(fixture, id, 0, 2, 0);
    fixture->now_ms += 1000;
    struct redeliver_item items[2] = {{.key = {id, 0, 1}}, {.key = {id, 0, 2}}};
    struct command again = {.kind = COMMAND_REDELIVER,
                            .redeliver = {.merchant = fixture_merchant(0),
                                          .items = items,
                                          .count = 2,
                                          .as_of_ms = fixture->now_ms}};
    assert_int_equal(fixture_commit(fixture, &again), PAYOUT_OK);
    assert_int_equal(again.redeliver.begun, 2);
    assert_int_equal(fixture_commit(fixture, &again), PAYOUT_OK);
    assert_int_equal(again.redeliver.begun, 0);
    told(fixture, id, 0, 1, -1);
    assert_int_equal(store_read_notifications(fixture->reader, fixture->arena, id, &notifications,
                                              &count, &deliveries, &delivery_count, &fault),
                     FAULT_NONE);
    assert_int_equal(count, 2);
    assert_int_equal(notifications[0].state, NOTIFICATION_DELIVERED);
    assert_int_equal(notifications[0].redeliveries, 1);
    assert_int_equal(notifications[0].redelivered_at_ms, fixture->now_ms);
    assert_int_equal(notifications[0].attempts, 2);
    assert_int_equal(notifications[0].attempts_before, 1);
    assert_int_equal(notifications[1].state, NOTIFICATION_DUE);
    assert_int_equal(notifications[1].next_number, 0);
    assert_int_equal(delivery_count, 3);
    assert_int_equal(
        dead(fixture,
             (struct notification_filter){.dead = true, .endpoint = NOTIFICATION_ENDPOINT_ANY}, 10,
             &found),
        0);
}

static void an_endpoint_that_failed_makes_its_mail(void **state)
{
    struct fixture *fixture = *state;
    struct due_mail *due;
    struct store_figures figures;
    size_t count;
    struct fault fault;
    fixture_prepare(fixture, 0, 1000000);
    int32_t number = endpoint_add(fixture, 0, ENDPOINT_EVENTS_ALL);
    struct lot_code code = fixture_send(fixture, 0, 1, NULL, true);
    struct transfer_id id = fixture_lot_read(fixture, 0, code)->first;
    fixture_claim(fixture, id);
    for (int i = 0; i < ENDPOINT_FAILURES_MIN; i++) {
        told(fixture, id, number, 1, fixture->now_ms + 1000);
        fixture->now_ms += ENDPOINT_DAY_MS / 2;
    }
    assert_int_equal(store_read_figures(fixture->reader, &figures, &fault), FAULT_NONE);
    assert_int_equal(figures.notification_due_at_ms, FIXTURE_AT_MS); /* The notify_url's. */
    struct command fail = {.kind = COMMAND_ENDPOINT_FAIL,
                           .endpoint_fail = {.merchant = fixture_merchant(0),
                                             .number = number,
                                             .to = "awa@shop.example.ci"}};
    assert_int_equal(fixture_commit(fixture, &fail), PAYOUT_OK);
    assert_int_equal(store_read_due_mails(fixture->reader, fixture->arena, fixture->now_ms, 10,
                                          &due, &count, &fault),
                     FAULT_NONE);
    assert_int_equal(count, 1);
    assert_int_equal(mail_endpoint(&due[0].mail), number);
    assert_int_equal(due[0].endpoint.number, number);
    assert_int_equal(due[0].endpoint.state, ENDPOINT_FAILED);
    assert_string_equal(due[0].merchant.name, "Société 0");
    assert_int_equal(due[0].lot.code.value, 0);
    assert_int_equal(fixture_outcome(fixture, id, VERDICT_PAID), OUTCOME_APPLIED);
    struct told_notification *found;
    assert_int_equal(
        dead(fixture, (struct notification_filter){.dead = true, .endpoint = number}, 10, &found),
        1);
    assert_int_equal(found[0].last.attempt, 0); /* It was never tried. */
}

const struct CMUnitTest notification_cases[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)
    CASE(an_endpoint_is_kept_as_it_is),
    CASE(failing_endpoints_are_found_and_pages_follow_each_other),
    CASE(a_queue_holds_what_is_its_own),
    CASE(what_was_given_up_is_listed_by_merchant),
    CASE(what_is_sent_again_is_due_and_counted),
    CASE(an_endpoint_that_failed_makes_its_mail),
};
const size_t notification_case_count = sizeof notification_cases / sizeof *notification_cases;

/* The lane over the store in memory: what it answers when, and what it does when the store fails.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "lane/lane.h"
#include "support/store_memory.h"

enum { JOBS_MAX = 64, MSISDN = 700000001 };
static const struct merchant_id merchant = {MERCHANT_ID_MIN};

struct desk {
    struct store *store;
    struct lane *lane;
    struct lane_job jobs[JOBS_MAX];
    int answered;
    int answered_at_save; /* How many had been answered when the store was asked to save. */
    int saves;
    enum save_plan plans[16]; /* What the saves do, in order; then all go well. */
    int work_made, notifications_made, mails_made;
};

static void answer(struct lane_job *job)
{
    struct desk *desk = job->context;
    desk->answered++;
}

static enum save_plan plan_next(void *context)
{
    struct desk *desk = context;
    desk->answered_at_save = desk->answered;
    int save = desk->saves++;
    return save < 16 ? desk->plans[save] : SAVE_WELL;
}

static void work_count(void *context, uint32_t shards)
{
    assert_int_equal(shards, shard_of_merchant(merchant));
    ((struct desk *)context)->work_made++;
}

static void notifications_count(void *context, uint32_t shards, int64_t from_ms)
{
    struct desk *desk = context;
    assert_int_equal(__builtin_popcount(shards), 1); /* One server is told. */
    assert_true(from_ms > 0);
    desk->notifications_made++;
}

static void mails_count(void *context, int64_t from_ms)
{
    struct desk *desk = context;
    assert_true(from_ms > 0);
    desk->mails_made++;
}

static void desk_open(struct desk *desk, size_t queue_weight_max)
{
    *desk = (struct desk){.store = store_memory_open()};
    struct fault fault;
    const struct lane_options options = {.queue_weight_max = queue_weight_max,
                                         .work_made = work_count,
                                         .notifications_made = notifications_count,
                                         .mails_made = mails_count,
                                         .context = desk};
    assert_int_equal(lane_open(desk->store, &options, &desk->lane, &fault), FAULT_NONE);
    store_memory_plan(desk->store, plan_next, desk);
}

static void desk_close(struct desk *desk)
{
    lane_close(desk->lane);
    store_close(desk->store);
}

/* The job at index makes merchant number index. */
static struct lane_job *creation(struct desk *desk, int index)
{
    struct lane_job *job = &desk->jobs[index];
    *job = (struct lane_job){
        .command = {.kind = COMMAND_MERCHANT_CREATE}, .done = answer, .context = desk};
    struct merchant *made = &job->command.merchant_create.merchant;
    made->id = (struct merchant_id){MERCHANT_ID_MIN + index};
    made->currency = CURRENCY_XOF;
    made->lot_expiry_ms = MERCHANT_LOT_EXPIRY_MS_DEFAULT;
    (void)snprintf(made->apikey, sizeof made->apikey, "key%d", index);
    (void)snprintf(made->notify_url, sizeof made->notify_url, "http://m/");
    return job;
}

static void create(struct desk *desk, int count)
{
    for (int i = 0; i < count; i++)
        assert_true(lane_submit(desk->lane, creation(desk, i)));
}

static size_t merchants_stored(const struct desk *desk)
{
    return store_memory_tables(desk->store)->merchant_count;
}

static void what_has_queued_is_one_commit_answered_after_it(void **state)
{
    (void)state;
    struct desk desk;
    desk_open(&desk, 0);
    create(&desk, 5);
    assert_true(lane_step(desk.lane));
    assert_false(lane_step(desk.lane));
    assert_int_equal(desk.saves, 1);
    assert_int_equal(desk.answered_at_save, 0);
    assert_int_equal(desk.answered, 5);
    assert_int_equal(merchants_stored(&desk), 5);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(desk.jobs[i].fault, FAULT_NONE);
        assert_int_equal(desk.jobs[i].command.code, PAYOUT_OK);
    }
    struct lane_figures figures;
    lane_read_figures(desk.lane, &figures);
    assert_int_equal(figures.batches, 1);
    assert_int_equal(figures.commands, 5);
    assert_int_equal(figures.commands_by_kind[COMMAND_MERCHANT_CREATE], 5);
    assert_int_equal(figures.faults, 0);
    uint64_t counted = 0;
    for (int i = 0; i < LANE_HISTOGRAM_BUCKETS; i++)
        counted += figures.wait_us_buckets[i];
    assert_int_equal(counted, 5);
    desk_close(&desk);
}

static void refusals_alone_write_nothing(void **state)
{
    (void)state;
    struct desk desk;
    desk_open(&desk, 0);
    create(&desk, 1);
    assert_true(lane_step(desk.lane));
    create(&desk, 1); /* The same merchant again. */
    assert_true(lane_step(desk.lane));
    assert_int_equal(desk.saves, 1);
    assert_int_equal(desk.jobs[0].command.code, PAYOUT_DATA_NOT_VALID);
    assert_int_equal(desk.jobs[0].fault, FAULT_NONE);
    desk_close(&desk);
}

/* It was answered as taken, and forgotten, when nothing else was in its batch. */
static void a_callback_that_is_only_parked_is_written_down(void **state)
{
    (void)state;
    struct desk desk;
    desk_open(&desk, 0);
    desk.jobs[0] = (struct lane_job){
        .command = {.kind = COMMAND_CALLBACK,
                    .callback = {.channel = 2, .reference = "?", .body = "{}", .why = ""}},
        .done = answer,
        .context = &desk};
    assert_true(lane_submit(desk.lane, &desk.jobs[0]));
    assert_true(lane_step(desk.lane));
    assert_int_equal(desk.answered, 1);
    assert_int_equal(desk.jobs[0].command.callback.effect, CALLBACK_PARKED);
    assert_int_equal(desk.saves, 1);
    assert_int_equal(store_memory_tables(desk.store)->callback_count, 1);
    desk_close(&desk);
}

static void a_full_queue_refuses_and_says_so(void **state)
{
    (void)state;
    struct desk desk;
    desk_open(&desk, 1);
    assert_true(lane_submit(desk.lane, creation(&desk, 0)));
    assert_false(lane_submit(desk.lane, creation(&desk, 1)));
    struct lane_figures figures;
    lane_read_figures(desk.lane, &figures);
    assert_int_equal(figures.refused_full, 1);
    assert_true(figures.queue_weight > 0);
    struct lane_job *again = creation(&desk, 2);
    assert_int_equal(lane_call(desk.lane, again), FAULT_AGAIN);
    assert_true(lane_step(desk.lane));
    assert_true(lane_submit(desk.lane, creation(&desk, 1)));
    desk_close(&desk);
}

/* It was once let in because the rest of a limit that is passed was counted as a huge number. */
static void nothing_follows_a_command_heavier_than_the_queue(void **state)
{
    (void)state;
    struct desk desk;
    desk_open(&desk, 10);
    struct contact_item items[100] = {0};
    for (int i = 0; i < 100; i++)
        items[i] = (struct contact_item){.prefix = "225",
                                         .phone = "07",
                                         .msisdn = MSISDN + i,
                                         .name = "",
                                         .surname = "",
                                         .email = ""};
    struct lane_job heavy = {
        .command = {.kind = COMMAND_CONTACT_ADD,
                    .contact_add = {.merchant = merchant, .items = items, .count = 100}},
        .done = answer,
        .context = &desk};
    assert_true(lane_submit(desk.lane, &heavy));
    assert_false(lane_submit(desk.lane, creation(&desk, 0)));
    assert_true(lane_step(desk.lane));
    assert_true(lane_submit(desk.lane, creation(&desk, 0)));
    desk_close(&desk);
}

static void a_batch_is_bounded_and_the_rest_waits(void **state)
{
    (void)state;
    struct desk desk;
    desk_open(&desk, 0);
    static struct contact_item items[2][COMMAND_ITEMS_MAX];
    struct lane_job heavy[3];
    for (int i = 0; i < 3; i++) {
        struct contact_item *own = items[i % 2];
        for (int j = 0; j < COMMAND_ITEMS_MAX; j++)
            own[j] = (struct contact_item){.refusal = PAYOUT_INVALID_PHONE,
                                           .prefix = "",
                                           .phone = "",
                                           .name = "",
                                           .surname = "",
                                           .email = ""};
        heavy[i] = (struct lane_job){.command = {.kind = COMMAND_CONTACT_ADD,
                                                 .contact_add = {merchant, own, COMMAND_ITEMS_MAX}},
                                     .done = answer,
                                     .context = &desk};
        assert_true(lane_submit(desk.lane, &heavy[i]));
    }
    assert_true(lane_step(desk.lane));
    assert_true(desk.answered < 3);
    lane_stop(desk.lane);
    assert_int_equal(desk.answered, 3);
    desk_close(&desk);
}

static void a_stopped_lane_has_answered_everything_and_takes_nothing(void **state)
{
    (void)state;
    struct desk desk;
    desk_open(&desk, 0);
    create(&desk, 3);
    lane_start(desk.lane);
    lane_stop(desk.lane);
    lane_stop(desk.lane);
    assert_int_equal(desk.answered, 3);
    assert_int_equal(merchants_stored(&desk), 3);
    assert_false(lane_submit(desk.lane, creation(&desk, 3)));
    desk_close(&desk);
}

static void a_failed_commit_is_tried_again(void **state)
{
    (void)state;
    struct desk desk;
    desk_open(&desk, 0);
    desk.plans[0] = desk.plans[1] = SAVE_AGAIN;
    create(&desk, 2);
    assert_true(lane_step(desk.lane));
    assert_int_equal(desk.saves, 3);
    assert_int_equal(desk.jobs[1].fault, FAULT_NONE);
    assert_int_equal(merchants_stored(&desk), 2);
    desk_close(&desk);
}

static void a_commit_that_never_succeeds_is_answered_as_not_done(void **state)
{
    (void)state;
    struct desk desk;
    desk_open(&desk, 0);
    for (int i = 0; i < 16; i++)
        desk.plans[i] = SAVE_AGAIN;
    create(&desk, 2);
    assert_true(lane_step(desk.lane));
    assert_int_equal(desk.saves, LANE_TRIES_MAX);
    assert_int_equal(desk.jobs[0].fault, FAULT_AGAIN);
    assert_int_equal(merchants_stored(&desk), 0);
    struct lane_figures figures;
    lane_read_figures(desk.lane, &figures);
    assert_int_equal(figures.faults, 2);
    desk_close(&desk);
}

static void an_unknown_commit_that_happened_is_not_done_twice(void **state)
{
    (void)state;
    struct desk desk;
    desk_open(&desk, 0);
    desk.plans[0] = SAVE_UNKNOWN_DONE;
    create(&desk, 2);
    assert_true(lane_step(desk.lane));
    assert_int_equal(desk.saves, 1);
    assert_int_equal(desk.jobs[0].fault, FAULT_NONE);
    assert_int_equal(desk.jobs[0].command.code, PAYOUT_OK);
    assert_int_equal(merchants_stored(&desk), 2);
    desk_close(&desk);
}

static void an_unknown_commit_that_did_not_happen_is_done_again(void **state)
{
    (void)state;
    struct desk desk;
    desk_open(&desk, 0);
    desk.plans[0] = SAVE_UNKNOWN_NOT_DONE;
    create(&desk, 2);
    assert_true(lane_step(desk.lane));
    assert_int_equal(desk.saves, 2);
    assert_int_equal(desk.jobs[0].fault, FAULT_NONE);
    assert_int_equal(merchants_stored(&desk), 2);
    desk_close(&desk);
}

static void what_stays_unknown_is_answered_as_unknown(void **state)
{
    (void)state;
    struct desk desk;
    desk_open(&desk, 0);
    desk.plans[0] = SAVE_UNKNOWN_DONE;
    store_memory_fail_known(desk.store, FAULT_FINAL, 1);
    create(&desk, 2);
    assert_true(lane_step(desk.lane));
    assert_int_equal(desk.saves, 1);
    assert_int_equal(desk.jobs[0].fault, FAULT_UNKNOWN);
    desk_close(&desk);
}

static void a_batch_that_fails_for_good_is_done_one_by_one(void **state)
{
    (void)state;
    struct desk desk;
    desk_open(&desk, 0);
    desk.plans[0] = SAVE_FINAL;
    desk.plans[2] = SAVE_FINAL; /* The second one of the three is the one that can't be. */
    create(&desk, 3);
    assert_true(lane_step(desk.lane));
    assert_int_equal(desk.jobs[0].fault, FAULT_NONE);
    assert_int_equal(desk.jobs[1].fault, FAULT_FINAL);
    assert_int_equal(desk.jobs[2].fault, FAULT_NONE);
    assert_int_equal(merchants_stored(&desk), 2);
    desk_close(&desk);
}

static void a_store_that_cannot_be_read_is_answered_as_not_done(void **state)
{
    (void)state;
    struct desk desk;
    desk_open(&desk, 0);
    store_memory_fail_load(desk.store, FAULT_FINAL, 1);
    create(&desk, 1);
    assert_true(lane_step(desk.lane));
    assert_int_equal(desk.jobs[0].fault, FAULT_FINAL);
    store_memory_fail_load(desk.store, FAULT_AGAIN, 2);
    create(&desk, 1);
    assert_true(lane_step(desk.lane));
    assert_int_equal(desk.jobs[0].fault, FAULT_NONE);
    desk_close(&desk);
}

static void a_lane_does_not_open_on_a_store_that_cannot_be_read(void **state)
{
    (void)state;
    struct store *store = store_memory_open();
    store_memory_plan(store, NULL, NULL);
    struct desk desk = {.plans = {SAVE_CRASH_BEFORE}};
    struct fault fault;
    struct lane *lane = NULL;
    assert_int_equal(lane_open(store, &(struct lane_options){0}, &desk.lane, &fault), FAULT_NONE);
    store_memory_plan(store, plan_next, &desk);
    assert_true(lane_submit(desk.lane, creation(&desk, 0)));
    assert_true(lane_step(desk.lane));
    assert_true(store_memory_crashed(store));
    lane_close(desk.lane);
    assert_int_equal(lane_open(store, &(struct lane_options){0}, &lane, &fault), FAULT_FINAL);
    assert_non_null(strstr(fault.text, "open the lane"));
    lane_close(NULL);
    store_close(store);
}

/* A merchant with money and one contact, who sends: the workers are woken after the commit. */
static void those_who_have_work_now_are_woken(void **state)
{
    (void)state;
    struct desk desk;
    desk_open(&desk, 0);
    create(&desk, 1);
    assert_true(lane_step(desk.lane));
    assert_int_equal(desk.work_made + desk.notifications_made, 0);
    struct lane_job fund = {.command = {.kind = COMMAND_FUND,
                                        .fund = {.merchant = merchant,
                                                 .kind = MOVEMENT_TOP_UP,
                                                 .amount = {1000, CURRENCY_XOF},
                                                 .reference = "one"}}};
    assert_int_equal(lane_call(desk.lane, &fund), FAULT_NONE);
    struct contact_item person = {
        .prefix = "225", .phone = "07", .msisdn = MSISDN, .name = "", .surname = "", .email = ""};
    struct lane_job contact = {
        .command = {.kind = COMMAND_CONTACT_ADD, .contact_add = {merchant, &person, 1}}};
    assert_int_equal(lane_call(desk.lane, &contact), FAULT_NONE);
    struct send_item item = {.client_id = "c1",
                             .notify_url = "",
                             .prefix = "225",
                             .phone = "07",
                             .msisdn = MSISDN,
                             .operator_number = 1,
                             .amount = {500, CURRENCY_XOF}};
    struct lane_job send = {.command = {.kind = COMMAND_LOT_SEND,
                                        .lot_send = {.merchant = merchant,
                                                     .items = &item,
                                                     .count = 1,
                                                     .source = "test",
                                                     .listed = true}}};
    assert_int_equal(lane_call(desk.lane, &send), FAULT_NONE);
    assert_int_equal(send.command.code, PAYOUT_OK);
    assert_int_equal(desk.work_made, 1);
    assert_int_equal(desk.notifications_made, 0); /* The reply has told it. */
    const struct transfer *sent = &store_memory_tables(desk.store)->transfers[0];
    struct claim_item claim = {.transfer = sent->id, .due_at_ms = sent->due_at_ms, .channel = 1};
    struct lane_job claims = {
        .command = {.kind = COMMAND_TRANSFER_CLAIM,
                    .transfer_claim = {.items = &claim, .count = 1, .lease_ms = 1000}}};
    assert_int_equal(lane_call(desk.lane, &claims), FAULT_NONE);
    assert_true(claim.claimed);
    assert_int_equal(desk.notifications_made, 1);
    assert_int_equal(desk.mails_made, 0); /* No lot waited. */
    struct lane_job change = {
        .command = {.kind = COMMAND_MERCHANT_CHANGE,
                    .merchant_change = {
                        .fields = MERCHANT_FIELD_CONFIRM_MAIL,
                        .merchant = {.id = merchant, .confirm_mail = "awa@shop.example.ci"}}}};
    assert_int_equal(lane_call(desk.lane, &change), FAULT_NONE);
    item.client_id = "c2";
    send.command.lot_send.listed = false;
    assert_int_equal(lane_call(desk.lane, &send), FAULT_NONE);
    assert_int_equal(send.command.code, PAYOUT_OK);
    assert_int_equal(desk.mails_made, 1);
    struct lane_job outcome = {.command = {.kind = COMMAND_MAIL_OUTCOME,
                                           .mail_outcome = {.merchant = merchant,
                                                            .lot = send.command.lot_send.lot,
                                                            .number = 1,
                                                            .attempt = 1,
                                                            .sent = true}}};
    assert_int_equal(lane_call(desk.lane, &outcome), FAULT_NONE);
    assert_int_equal(outcome.command.mail_outcome.state, MAIL_SENT);
    assert_int_equal(store_memory_tables(desk.store)->mails[0].state, MAIL_SENT);
    assert_int_equal(desk.mails_made, 1);
    desk_close(&desk);
}

static int64_t now_ms = INT64_C(1700000000000);
static int64_t clock_fake(void *context)
{
    (void)context;
    return now_ms;
}

static void the_ledgers_time_never_goes_back(void **state)
{
    (void)state;
    struct desk desk;
    clock_source_set(clock_fake, NULL);
    desk_open(&desk, 0);
    create(&desk, 1);
    assert_true(lane_step(desk.lane));
    now_ms -= 60000;
    assert_true(lane_submit(desk.lane, creation(&desk, 1)));
    assert_true(lane_step(desk.lane));
    const struct store_memory_tables *tables = store_memory_tables(desk.store);
    assert_int_equal(tables->merchants[1].created_at_ms, tables->merchants[0].created_at_ms);
    desk_close(&desk);
    clock_source_set(NULL, NULL);
}

enum { THREADS = 8, CALLS = 100 };
static void *fund_often(void *context)
{
    static _Atomic int next;
    struct desk *desk = context;
    for (int i = 0; i < CALLS; i++) {
        char reference[16];
        (void)snprintf(reference, sizeof reference, "r%d", next++);
        struct lane_job job = {.command = {.kind = COMMAND_FUND,
                                           .fund = {.merchant = merchant,
                                                    .kind = MOVEMENT_TOP_UP,
                                                    .amount = {10, CURRENCY_XOF},
                                                    .reference = reference}}};
        if (lane_call(desk->lane, &job) != FAULT_NONE || job.command.code != PAYOUT_OK)
            return desk;
    }
    return NULL;
}

static void many_threads_add_up(void **state)
{
    (void)state;
    struct desk desk;
    desk_open(&desk, 0);
    create(&desk, 1);
    lane_start(desk.lane);
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, fund_often, &desk), 0);
    for (int i = 0; i < THREADS; i++) {
        void *failed = NULL;
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
    lane_stop(desk.lane);
    const struct store_memory_tables *tables = store_memory_tables(desk.store);
    const struct account_key key = {merchant, ACCOUNT_AVAILABLE, CURRENCY_XOF, 0};
    int64_t balance = 0;
    for (size_t i = 0; i < tables->account_count; i++)
        if (account_number(tables->accounts[i].key) == account_number(key))
            balance = tables->accounts[i].balance_minor;
    assert_int_equal(balance, 10 * THREADS * CALLS);
    struct lane_figures figures;
    lane_read_figures(desk.lane, &figures);
    assert_int_equal(figures.commands, 1 + THREADS * CALLS);
    assert_int_equal(figures.queue_weight, 0);
    desk_close(&desk);
}

static void *create_by_call(void *context)
{
    struct desk *desk = context;
    return lane_call(desk->lane, creation(desk, 0)) == FAULT_NONE ? NULL : desk;
}

/* It once did not wait: two threads then wrote to the store when a lot had expired before the
 * start. */
static void who_calls_before_the_start_waits_for_it(void **state)
{
    (void)state;
    struct desk desk = {.store = store_memory_open()};
    const struct lane_options options = {.context = &desk, .starts_later = true};
    struct fault fault;
    pthread_t caller;
    void *failed = NULL;
    struct lane_figures figures = {0};
    assert_int_equal(lane_open(desk.store, &options, &desk.lane, &fault), FAULT_NONE);
    assert_int_equal(pthread_create(&caller, NULL, create_by_call, &desk), 0);
    while (figures.queue_weight == 0 && figures.batches == 0)
        lane_read_figures(desk.lane, &figures);
    assert_int_equal(figures.batches, 0);
    lane_start(desk.lane);
    assert_int_equal(pthread_join(caller, &failed), 0);
    assert_null(failed);
    lane_stop(desk.lane);
    lane_read_figures(desk.lane, &figures);
    assert_int_equal(figures.batches, 1);
    desk_close(&desk);
}

int main(void)
{
    secret_init();
    log_file_descriptor_set(-1); /* Planned faults are no news. */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_has_queued_is_one_commit_answered_after_it),
        cmocka_unit_test(refusals_alone_write_nothing),
        cmocka_unit_test(a_callback_that_is_only_parked_is_written_down),
        cmocka_unit_test(a_full_queue_refuses_and_says_so),
        cmocka_unit_test(nothing_follows_a_command_heavier_than_the_queue),
        cmocka_unit_test(a_batch_is_bounded_and_the_rest_waits),
        cmocka_unit_test(a_stopped_lane_has_answered_everything_and_takes_nothing),
        cmocka_unit_test(a_failed_commit_is_tried_again),
        cmocka_unit_test(a_commit_that_never_succeeds_is_answered_as_not_done),
        cmocka_unit_test(an_unknown_commit_that_happened_is_not_done_twice),
        cmocka_unit_test(an_unknown_commit_that_did_not_happen_is_done_again),
        cmocka_unit_test(what_stays_unknown_is_answered_as_unknown),
        cmocka_unit_test(a_batch_that_fails_for_good_is_done_one_by_one),
        cmocka_unit_test(a_store_that_cannot_be_read_is_answered_as_not_done),
        cmocka_unit_test(a_lane_does_not_open_on_a_store_that_cannot_be_read),
        cmocka_unit_test(those_who_have_work_now_are_woken),
        cmocka_unit_test(the_ledgers_time_never_goes_back),
        cmocka_unit_test(many_threads_add_up),
        cmocka_unit_test(who_calls_before_the_start_waits_for_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

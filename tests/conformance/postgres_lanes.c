#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "conformance.h"
#include "daemon/audit.h"
#include "lane/lane.h"
#include "postgres/schema.h"

/* One database, written through several lanes by two at a time: each has it open as a process of
 * its own has, and both send the same payments. */

enum { PROCESSES = 2, LANES = 4, SENDERS = 4, MERCHANTS = 8, ROUNDS = 25, ITEMS = 3 };

struct office {
    struct schema schema;
    struct store *stores[PROCESSES];
    struct lane *lanes[PROCESSES];
};
struct sender {
    struct office *office;
    pthread_t thread;
    int process, number;
    int accepted, known, claimed; /* Items. */
    char ids[ROUNDS][MERCHANTS][ITEMS][32];
    struct send_item items[ITEMS];
    struct claim_item claims[MERCHANTS];
};

static void must(struct lane *lane, struct lane_job *job)
{
    if (lane_call(lane, job) != FAULT_NONE)
        fail_msg("%s: fault %d", command_kind_text(job->command.kind), (int)job->fault);
}

/* The payments of a round, which all senders send: one of them is the first. Returns the transfer
 * of the first item. */
static struct transfer_id sender_send(struct sender *sender, int round, int merchant)
{
    for (int i = 0; i < ITEMS; i++) {
        char *id = sender->ids[round][merchant][i];
        (void)snprintf(id, sizeof sender->ids[round][merchant][i], "r%d-%d", round, i);
        sender->items[i] = (struct send_item){.client_id = id,
                                              .notify_url = "https://shop.example.ci/notify",
                                              .prefix = "225",
                                              .phone = "0700000000",
                                              .msisdn = fixture_msisdn(i),
                                              .operator_number = 1,
                                              .amount = {100 + i, CURRENCY_XOF}};
    }
    struct lane_job job = {.command = {.kind = COMMAND_LOT_SEND,
                                       .lot_send = {.merchant = fixture_merchant(merchant),
                                                    .items = sender->items,
                                                    .count = ITEMS,
                                                    .source = "192.0.2.1",
                                                    .listed = true}}};
    must(sender->office->lanes[sender->process], &job);
    for (int i = 0; i < ITEMS; i++) {
        sender->accepted += sender->items[i].code == PAYOUT_OK;
        sender->known += sender->items[i].code == PAYOUT_CLIENT_ID_EXISTS;
        assert_true(sender->items[i].transfer.value > 0); /* Whoever asks again learns which. */
    }
    return sender->items[0].transfer;
}

/* One claim of every merchant's: it goes through all lanes. Each transfer is had by one sender. */
static void sender_claim(struct sender *sender, const struct transfer_id of[MERCHANTS])
{
    for (int i = 0; i < MERCHANTS; i++) {
        AUTO(store_reader_closep) struct store_reader *reader = NULL;
        AUTO(arena_closep) struct arena *arena = arena_open(1 << 20);
        struct transfer *transfer;
        struct fault fault;
        assert_int_equal(
            store_reader_open(sender->office->stores[sender->process], &reader, &fault),
            FAULT_NONE);
        assert_int_equal(store_read_transfer(reader, arena, of[i], &transfer, &fault), FAULT_NONE);
        assert_non_null(transfer);
        sender->claims[i] = (struct claim_item){.transfer = of[i],
                                                .merchant = transfer->merchant,
                                                .due_at_ms = transfer->due_at_ms,
                                                .channel = 1};
    }
    struct lane_job job = {
        .command = {
            .kind = COMMAND_TRANSFER_CLAIM,
            .transfer_claim = {.items = sender->claims, .count = MERCHANTS, .lease_ms = 3600000}}};
    must(sender->office->lanes[sender->process], &job);
    for (int i = 0; i < MERCHANTS; i++)
        sender->claimed += sender->claims[i].claimed;
}

static void *sender_run(void *argument)
{
    struct sender *sender = argument;
    for (int round = 0; round < ROUNDS; round++) {
        struct transfer_id firsts[MERCHANTS];
        for (int i = 0; i < MERCHANTS; i++) {
            int merchant = (i + sender->number) % MERCHANTS; /* Each begins elsewhere. */
            firsts[merchant] = sender_send(sender, round, merchant);
        }
        if (round % 5 == 0)
            sender_claim(sender, firsts);
    }
    return NULL;
}

static int office_open(void **state)
{
    struct office *office = calloc(1, sizeof *office);
    const struct store_options options = {.lanes = LANES};
    struct fault fault;
    assert_non_null(office);
    schema_make(&office->schema);
    for (int i = 0; i < PROCESSES; i++) {
        if (store_open(office->schema.url, i == 0 ? &options : NULL, &office->stores[i], &fault) !=
                FAULT_NONE ||
            lane_open(office->stores[i], &(struct lane_options){0}, &office->lanes[i], &fault) !=
                FAULT_NONE)
            fail_msg("%s", fault.text);
        lane_start(office->lanes[i]);
    }
    *state = office;
    return 0;
}

static int office_close(void **state)
{
    struct office *office = *state;
    for (int i = 0; i < PROCESSES; i++) {
        lane_close(office->lanes[i]);
        store_close(office->stores[i]);
    }
    schema_remove(&office->schema);
    free(office);
    return 0;
}

static void merchant_make(struct lane *lane, int n)
{
    struct contact_item contacts[ITEMS];
    struct lane_job create = {.command = {.kind = COMMAND_MERCHANT_CREATE}};
    struct merchant *merchant = &create.command.merchant_create.merchant;
    *merchant = (struct merchant){.id = fixture_merchant(n), .currency = CURRENCY_XOF};
    (void)snprintf(merchant->name, sizeof merchant->name, "Merchant %d", n);
    (void)snprintf(merchant->apikey, sizeof merchant->apikey, "key-%d", n);
    (void)snprintf(merchant->ip_list, sizeof merchant->ip_list, "192.0.2.1");
    must(lane, &create);
    struct lane_job fund = {.command = fixture_fund(n, 100000000, "first")};
    must(lane, &fund);
    for (int i = 0; i < ITEMS; i++)
        contacts[i] = (struct contact_item){.prefix = "225",
                                            .phone = "0700000000",
                                            .msisdn = fixture_msisdn(i),
                                            .name = "Kouassi",
                                            .surname = "Awa",
                                            .email = ""};
    struct lane_job add = {
        .command = {
            .kind = COMMAND_CONTACT_ADD,
            .contact_add = {.merchant = fixture_merchant(n), .items = contacts, .count = ITEMS}}};
    must(lane, &add);
}

/* The audit of the whole; what it says goes where it does not disturb the test's own words. */
static bool office_sound(const struct office *office)
{
    struct store *beside;
    struct fault fault;
    int words = dup(STDOUT_FILENO);
    if (store_open_beside(office->schema.url, &beside, &fault) != FAULT_NONE)
        fail_msg("%s", fault.text);
    (void)fflush(stdout);
    (void)dup2(STDERR_FILENO, STDOUT_FILENO);
    bool sound = audit_store(beside);
    (void)fflush(stdout);
    (void)dup2(words, STDOUT_FILENO);
    (void)close(words);
    store_close(beside);
    return sound;
}

static void two_processes_and_four_lanes_pay_nothing_twice(void **state)
{
    struct office *office = *state;
    static struct sender senders[SENDERS];
    int accepted = 0, known = 0, claimed = 0;
    for (int i = 0; i < MERCHANTS; i++)
        merchant_make(office->lanes[i % PROCESSES], i);
    for (int i = 0; i < SENDERS; i++) {
        senders[i] = (struct sender){.office = office, .process = i % PROCESSES, .number = i};
        assert_int_equal(pthread_create(&senders[i].thread, NULL, sender_run, &senders[i]), 0);
    }
    for (int i = 0; i < SENDERS; i++) {
        assert_int_equal(pthread_join(senders[i].thread, NULL), 0);
        accepted += senders[i].accepted;
        known += senders[i].known;
        claimed += senders[i].claimed;
    }
    const int all = ROUNDS * MERCHANTS * ITEMS;
    assert_int_equal(accepted, all);
    assert_int_equal(known, (SENDERS - 1) * all);
    assert_int_equal(claimed, (ROUNDS + 4) / 5 * MERCHANTS); /* By one each. */
    assert_int_equal(schema_run(&office->schema, "SELECT count(*) FROM transfer"), all);
    assert_int_equal(schema_run(&office->schema, "SELECT count(*) FROM lane WHERE"
                                                 " last_movement_id > 0"),
                     LANES);
    assert_true(office_sound(office));
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        cmocka_unit_test_setup_teardown(two_processes_and_four_lanes_pay_nothing_twice, office_open,
                                        office_close),
    };
    secret_init();
    log_configure(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT, false);
    return cmocka_run_group_tests_name("postgres-lanes", cases, NULL, NULL);
}

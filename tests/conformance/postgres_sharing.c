#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "conformance.h"
#include "postgres/schema.h"
#include "store/sharing.h"

/* Whose work is whose, by the database: leases, words, and what each reader finds. */

enum { LEASE_MS = 1000, ARENA_BYTES = 1 << 20, TRANSFERS = 64 };

struct bench {
    struct schema schema;
    struct store *store;
    struct sharing_self selves[2];
    struct store_sharing *sharings[2];
};

static void must(enum fault_kind kind, const struct fault *fault)
{
    if (kind != FAULT_NONE)
        fail_msg("%s", fault->text);
}

static void process_open(struct bench *bench, int i, const char *name, bool alone)
{
    struct fault fault;
    bench->selves[i] =
        (struct sharing_self){.id = i + 1, .alone = alone, .works = true, .lease_ms = LEASE_MS};
    (void)snprintf(bench->selves[i].name, sizeof bench->selves[i].name, "%s", name);
    must(store_sharing_open(bench->store, &bench->selves[i], &bench->sharings[i], &fault), &fault);
}

static int bench_begin(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    struct fault fault;
    assert_non_null(bench);
    schema_make(&bench->schema);
    must(store_open(bench->schema.url, NULL, &bench->store, &fault), &fault);
    assert_true(store_is_shared(bench->store));
    process_open(bench, 0, "one", false);
    process_open(bench, 1, "two", false);
    *state = bench;
    return 0;
}

static int bench_end(void **state)
{
    struct bench *bench = *state;
    store_sharing_close(bench->sharings[0]);
    store_sharing_close(bench->sharings[1]);
    store_close(bench->store);
    schema_remove(&bench->schema);
    free(bench);
    return 0;
}

static struct sharing_beat beat(struct bench *bench, int i, uint32_t given)
{
    const uint32_t all[DUTY_END] = {[DUTY_OPERATORS] = given};
    struct sharing_beat said;
    struct fault fault;
    must(store_sharing_beat(bench->sharings[i], all, &said, &fault), &fault);
    return said;
}

static uint32_t take(struct bench *bench, int i, enum duty duty, int64_t most)
{
    uint32_t taken;
    struct fault fault;
    must(store_sharing_take(bench->sharings[i], duty, most, &taken, &fault), &fault);
    return taken;
}

static void a_shard_is_one_process_s_at_a_time(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(take(bench, 0, DUTY_OPERATORS, SHARDS), SHARDS_ALL);
    assert_int_equal(take(bench, 1, DUTY_OPERATORS, SHARDS), 0);
    assert_int_equal(take(bench, 1, DUTY_NOTIFICATIONS, 3), 7); /* Another duty. */
    assert_int_equal(take(bench, 0, DUTY_MAILS, SHARDS), 1);
    assert_int_equal(beat(bench, 0, 0xff00).held[DUTY_OPERATORS], 0x00ff);
    assert_int_equal(take(bench, 1, DUTY_OPERATORS, SHARDS), 0xff00);
    struct sharing_beat said = beat(bench, 1, 0);
    assert_int_equal(said.held[DUTY_OPERATORS], 0xff00);
    assert_int_equal(said.held[DUTY_NOTIFICATIONS], 7);
    assert_int_equal(said.held[DUTY_MAILS], 0);
    assert_int_equal(said.workers, 2);
    assert_int_equal(said.strangers, 0);
}

static void what_is_not_renewed_goes_to_another(void **state)
{
    struct bench *bench = *state;
    assert_int_equal(take(bench, 0, DUTY_OPERATORS, SHARDS), SHARDS_ALL);
    uint32_t taken = 0;
    int64_t until_ms = beat(bench, 1, 0).now_ms + 30 * LEASE_MS;
    while (taken == 0 && beat(bench, 1, 0).now_ms < until_ms)
        taken = take(bench, 1, DUTY_OPERATORS, SHARDS);
    assert_int_equal(taken, SHARDS_ALL);
    /* The first one learns it from its next beat, and is one of two again. */
    struct sharing_beat said = beat(bench, 0, 0);
    assert_int_equal(said.held[DUTY_OPERATORS], 0);
    assert_int_equal(said.workers, 2);
}

static void who_leaves_gives_all_back_at_once(void **state)
{
    struct bench *bench = *state;
    struct fault fault;
    (void)beat(bench, 0, 0);
    assert_int_equal(take(bench, 0, DUTY_OPERATORS, SHARDS), SHARDS_ALL);
    must(store_sharing_leave(bench->sharings[0], &fault), &fault);
    assert_int_equal(take(bench, 1, DUTY_OPERATORS, SHARDS), SHARDS_ALL);
    assert_int_equal(beat(bench, 1, 0).workers, 1);
}

static void one_of_the_same_name_takes_over_at_once(void **state)
{
    struct bench *bench = *state;
    (void)beat(bench, 0, 0);
    assert_int_equal(take(bench, 0, DUTY_OPERATORS, SHARDS), SHARDS_ALL);
    store_sharing_close(bench->sharings[1]);
    process_open(bench, 1, "one", true);
    assert_int_equal(take(bench, 1, DUTY_OPERATORS, SHARDS), SHARDS_ALL);
    assert_int_equal(beat(bench, 1, 0).workers, 1);
}

static void other_keys_are_seen(void **state)
{
    struct bench *bench = *state;
    (void)beat(bench, 0, 0);
    bench->selves[1].keys[0] = 1;
    assert_int_equal(beat(bench, 1, 0).strangers, 1);
    assert_int_equal(beat(bench, 0, 0).strangers, 1);
}

static void what_is_told_is_heard(void **state)
{
    struct bench *bench = *state;
    char text[SHARING_TEXT_BYTES] = "";
    struct fault fault;
    must(store_sharing_tell(bench->sharings[0], "something", &fault), &fault);
    for (int tries = 0; tries < 100 && !store_sharing_heard(bench->sharings[1], text); tries++)
        assert_true(store_sharing_wait(bench->sharings[1], -1, 100));
    assert_string_equal(text, "something");
    assert_false(store_sharing_heard(bench->sharings[1], text));
}

static void transfers_are_found_by_their_shards(void **state)
{
    struct bench *bench = *state;
    struct store_reader *reader;
    struct fault fault;
    (void)schema_run(
        &bench->schema,
        "INSERT INTO transfer (id, merchant, lot, msisdn, amount_minor, fee_minor, due_at_ms,"
        " created_at_ms, changed_at_ms, submitted_at_ms, validated_at_ms, twin_of, wait_ms,"
        " wait_until_ms, attempts, channel_attempt, notifications, screenings, operator_number,"
        " channel, in_hand, called_back, currency, confirmed, state, reason, step, watched,"
        " suspected, fee_payer, screening, client_id, prefix, phone, notify_url,"
        " operator_reference) SELECT n, 1 + n % 20, 1, 22507000000, 500, 0, 1000 - n, 1, 1, 0, 0,"
        " 0, 0, 0, 1, 1, 2, 0, 3, 1, 0, 0, 1, 1, 2, 0, 1, 0, 0, 0, 0, 'c' || n, '225', '07', '',"
        " '' FROM generate_series(1, 64) AS n");
    must(store_reader_open(bench->store, &reader, &fault), &fault);
    size_t found = 0;
    for (uint32_t shards = 0x00ff; shards != 0; shards = shards == 0x00ff ? 0xff00 : 0) {
        AUTO(arena_closep) struct arena *arena = arena_open(ARENA_BYTES);
        struct transfer *transfers;
        struct next_due next;
        size_t count;
        store_reader_keep(reader, shards);
        must(store_read_due_transfers(reader, arena, 2000, 100, &transfers, &count, &fault),
             &fault);
        for (size_t i = 0; i < count; i++) {
            assert_int_not_equal(shard_of_merchant(transfers[i].merchant) & shards, 0);
            assert_true(i == 0 || transfers[i].due_at_ms > transfers[i - 1].due_at_ms);
        }
        found += count;
        must(store_read_next_due(reader, 0, &next, &fault), &fault);
        assert_int_equal(next.transfer_at_ms, transfers[0].due_at_ms);
    }
    assert_int_equal(found, TRANSFERS);
    store_reader_close(reader);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, bench_begin, bench_end)
        CASE(a_shard_is_one_process_s_at_a_time),
        CASE(what_is_not_renewed_goes_to_another),
        CASE(who_leaves_gives_all_back_at_once),
        CASE(one_of_the_same_name_takes_over_at_once),
        CASE(other_keys_are_seen),
        CASE(what_is_told_is_heard),
        CASE(transfers_are_found_by_their_shards),
    };
    secret_init();
    log_configure(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT, false);
    return cmocka_run_group_tests_name("postgres-sharing", cases, NULL, NULL);
}

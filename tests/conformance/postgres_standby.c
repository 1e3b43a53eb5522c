#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "conformance.h"
#include "postgres/schema.h"

/* A server whose commits wait for a standby: what it has committed, and is on no second server yet,
 * can be seen as soon as its session ended in that wait. Nobody may be answered from it. */

struct bench {
    struct schema schema;
    struct fixture fixture;
};
enum { LOT_ITEMS = 3 };

static int64_t bench_sql(struct bench *bench, const char *sql)
{
    return schema_run(&bench->schema, sql);
}

/* From now on commits wait for a standby of this name; "": for none. */
static void standby_wait_for(struct bench *bench, const char *name)
{
    char sql[128];
    (void)snprintf(sql, sizeof sql, "ALTER SYSTEM SET synchronous_standby_names = '%s'", name);
    (void)bench_sql(bench, sql);
    (void)bench_sql(bench, "SELECT pg_reload_conf()::int");
    (void)snprintf(sql, sizeof sql,
                   "SELECT (current_setting('synchronous_standby_names') = '%s')::int", name);
    while (bench_sql(bench, sql) == 0)
        continue;
    (void)bench_sql(bench, "CHECKPOINT"); /* By the process that makes it so for all sessions. */
}

static int bench_begin(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    struct store *store;
    struct fault fault;
    assert_non_null(bench);
    schema_make(&bench->schema);
    if (store_open(bench->schema.url, &(struct store_options){.lanes = 1}, &store, &fault) !=
        FAULT_NONE)
        fail_msg("%s", fault.text);
    fixture_begin(&bench->fixture, store);
    fixture_prepare(&bench->fixture, 0, 100000000);
    *state = bench;
    return 0;
}

static int bench_end(void **state)
{
    struct bench *bench = *state;
    fixture_end(&bench->fixture);
    store_close(bench->fixture.store);
    schema_remove(&bench->schema);
    free(bench);
    return 0;
}

struct helper {
    struct bench *bench;
    pthread_t thread;
    atomic_bool over; /* Nobody waits any more. */
    bool waited;      /* Somebody did. */
};
#define WAITING                                                                                    \
    "FROM pg_stat_activity WHERE application_name = 'payoutd' AND wait_event = 'SyncRep'"

/* Ends the session that waits for its standby. */
static void *waiting_end(void *argument)
{
    struct helper *helper = argument;
    while (bench_sql(helper->bench, "SELECT count(pg_terminate_backend(pid)) " WAITING) == 0)
        continue;
    return NULL;
}

/* Waits until a session waits for its standby, and lets it go. */
static void *waiting_release(void *argument)
{
    struct helper *helper = argument;
    while (!helper->waited && !atomic_load(&helper->over))
        helper->waited = bench_sql(helper->bench, "SELECT count(*) " WAITING) > 0;
    standby_wait_for(helper->bench, "");
    return NULL;
}

static void helper_begin(struct helper *helper, struct bench *bench, void *(*work)(void *))
{
    *helper = (struct helper){.bench = bench};
    assert_int_equal(pthread_create(&helper->thread, NULL, work, helper), 0);
}

static bool helper_end(struct helper *helper)
{
    atomic_store(&helper->over, true);
    assert_int_equal(pthread_join(helper->thread, NULL), 0);
    return helper->waited;
}

/* Commits the lot in a session that is ended while the commit waits: it is there, on one server. */
static void lot_commit_alone(struct bench *bench)
{
    struct fixture *fixture = &bench->fixture;
    struct helper helper;
    struct fault fault;
    struct command lot = fixture_lot(fixture, 0, LOT_ITEMS, "lot", true);
    standby_wait_for(bench, "nobody");
    helper_begin(&helper, bench, waiting_end);
    assert_int_equal(fixture_try(fixture, &lot, 1, &fault), FAULT_UNKNOWN);
    (void)helper_end(&helper);
    assert_int_equal(bench_sql(bench, "SELECT count(*) FROM transfer"), LOT_ITEMS);
}

static void what_is_on_one_server_only_is_no_answer_yet(void **state)
{
    struct bench *bench = *state;
    struct store *store = bench->fixture.store;
    struct helper helper;
    struct fault fault;
    struct book book;
    bool known = false;
    lot_commit_alone(bench);
    /* Its client sends it again, and would be told that it is there: the answer waits, too. */
    struct command again = fixture_lot(&bench->fixture, 0, LOT_ITEMS, "lot", true);
    assert_int_equal(fixture_decide(&bench->fixture, &book, &again, 1, &fault), FAULT_NONE);
    assert_int_equal(again.code, PAYOUT_CLIENT_ID_EXISTS);
    helper_begin(&helper, bench, waiting_end);
    assert_int_equal(store_book_leave(store, 0, &fault), FAULT_AGAIN);
    (void)helper_end(&helper);
    /* So does the lane that asks what became of it, until a standby has it. */
    helper_begin(&helper, bench, waiting_release);
    assert_int_equal(store_batch_known(store, 0, bench->fixture.batch_key, &known, &fault),
                     FAULT_NONE);
    assert_true(helper_end(&helper));
    assert_true(known);
    assert_int_equal(fixture_audit(&bench->fixture), LOT_ITEMS);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        cmocka_unit_test_setup_teardown(what_is_on_one_server_only_is_no_answer_yet, bench_begin,
                                        bench_end),
    };
    secret_init();
    log_configure(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT, false);
    return cmocka_run_group_tests_name("postgres-standby", cases, NULL, NULL);
}

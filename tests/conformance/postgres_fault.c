#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "conformance.h"
#include "postgres/proxy.h"
#include "postgres/schema.h"

/* What the store does when its server, or the way to it, fails it: nothing is half there, nothing
 * is there twice, and what is not known is asked about. */

struct bench {
    struct schema schema;
    struct proxy *proxy; /* All connections of the store go through it. */
    char url[512];
    struct fixture fixture;
    int batches; /* So many lots were committed, of LOT_ITEMS each. */
};
enum { LOT_ITEMS = 30 };

static void bench_start(struct bench *bench)
{
    struct store *store;
    struct fault fault;
    if (store_open(bench->url, &(struct store_options){.lanes = 1}, &store, &fault) != FAULT_NONE)
        fail_msg("%s", fault.text);
    fixture_begin(&bench->fixture, store);
}

static void bench_stop(struct bench *bench)
{
    fixture_end(&bench->fixture);
    store_close(bench->fixture.store);
}

static int bench_begin(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    assert_non_null(bench);
    schema_make(&bench->schema);
    bench->proxy = proxy_open(bench->schema.url, bench->url, sizeof bench->url);
    bench_start(bench);
    fixture_prepare(&bench->fixture, 0, 100000000);
    *state = bench;
    return 0;
}

static int bench_end(void **state)
{
    struct bench *bench = *state;
    bench_stop(bench);
    proxy_close(bench->proxy);
    schema_remove(&bench->schema);
    free(bench);
    return 0;
}

/* The next lot, under its own name, so that it can be sent once only. */
static struct command bench_lot(struct bench *bench)
{
    char *name = arena_alloc(bench->fixture.arena, 32, 1);
    (void)snprintf(name, 32, "b%d", bench->batches);
    return fixture_lot(&bench->fixture, 0, LOT_ITEMS, name, true);
}

/* One try to send it. */
static enum fault_kind bench_try(struct bench *bench, struct command *lot, struct fault *fault)
{
    enum fault_kind kind = fixture_try(&bench->fixture, lot, 1, fault);
    if (kind == FAULT_NONE) {
        assert_int_equal(lot->code, PAYOUT_OK);
        bench->batches++;
    } else {
        store_book_reset(bench->fixture.store, 0);
    }
    return kind;
}

static bool bench_known(struct bench *bench)
{
    bool known;
    struct fault fault;
    if (store_batch_known(bench->fixture.store, 0, bench->fixture.batch_key, &known, &fault) !=
        FAULT_NONE)
        fail_msg("%s", fault.text);
    return known;
}

/* Sends it as the lane does: until it is done, or known to be done. */
static void bench_send(struct bench *bench)
{
    struct command lot = bench_lot(bench);
    struct fault fault;
    for (int tries = 0; tries < 100; tries++) {
        enum fault_kind kind = bench_try(bench, &lot, &fault);
        if (kind == FAULT_NONE)
            return;
        if (kind == FAULT_FINAL)
            fail_msg("%s", fault.text);
        if (kind == FAULT_UNKNOWN && bench_known(bench)) {
            bench->batches++;
            return;
        }
    }
    fail_msg("no end: %s", fault.text);
}

/* Loads and decides on the next lot: its batch is open then. */
static void bench_decide(struct bench *bench, struct book *book, struct command *lot)
{
    struct fault fault;
    *lot = bench_lot(bench);
    if (fixture_decide(&bench->fixture, book, lot, 1, &fault) != FAULT_NONE)
        fail_msg("%s", fault.text);
}

static enum fault_kind bench_save(struct bench *bench, struct book *book, struct fault *fault)
{
    struct fixture *fixture = &bench->fixture;
    fixture->batch_key[0]++;
    return store_book_save(fixture->store, book, fixture->batch_key, fault);
}

static void bench_sound(struct bench *bench)
{
    assert_int_equal(fixture_audit(&bench->fixture), bench->batches * LOT_ITEMS);
}

static int64_t bench_sql(struct bench *bench, const char *sql)
{
    return schema_run(&bench->schema, sql);
}

/* Ends the sessions of the store; returns how many there were. */
#define SESSIONS  "pg_stat_activity WHERE application_name = 'payoutd' AND datname = 'payoutd'"
#define TERMINATE "SELECT count(pg_terminate_backend(pid)) FROM " SESSIONS

/* Ends the server at once, so that it has to recover; returns when it is gone. Who runs it starts
 * it again. */
static void server_kill(void)
{
    const char *file = getenv("PAYOUT_TEST_POSTGRES_PID");
    int process = 0;
    assert_non_null(file);
    FILE *stream = fopen(file, "r");
    assert_non_null(stream);
    assert_int_equal(fscanf(stream, "%d", &process), 1);
    (void)fclose(stream);
    assert_int_equal(kill(process, SIGQUIT), 0);
    while (kill(process, 0) == 0)
        (void)poll(NULL, 0, 10);
}

/* --- Cases --- */

/* Two to load (the lot's rows, then those that they name), one to save and commit. */
enum { ROUND_TRIPS_MAX = 4 };

static void a_batch_is_a_handful_of_round_trips_whatever_is_in_it(void **state)
{
    struct bench *bench = *state;
    static const size_t items[] = {1, 5000};
    size_t trips[2];
    for (size_t i = 0; i < 2; i++) {
        struct fault fault;
        struct command lot =
            fixture_lot(&bench->fixture, 0, items[i], i == 0 ? "few" : "many", true);
        size_t before = proxy_requests(bench->proxy);
        assert_int_equal(fixture_try(&bench->fixture, &lot, 1, &fault), FAULT_NONE);
        assert_int_equal(lot.code, PAYOUT_OK);
        trips[i] = proxy_requests(bench->proxy) - before;
        assert_in_range(trips[i], 2, ROUND_TRIPS_MAX);
    }
    assert_int_equal(trips[0], trips[1]);
    assert_int_equal(fixture_audit(&bench->fixture), 5001);
}

static void sessions_that_end_between_batches_are_opened_anew(void **state)
{
    struct bench *bench = *state;
    struct command lot = bench_lot(bench);
    struct fault fault;
    assert_true(bench_sql(bench, TERMINATE) >= 2); /* The writer and the reader. */
    assert_int_equal(bench_try(bench, &lot, &fault), FAULT_NONE);
    bench_sound(bench);
}

static void a_session_that_ends_within_a_batch_leaves_nothing(void **state)
{
    struct bench *bench = *state;
    struct book book;
    struct command lot;
    struct fault fault;
    bench_send(bench);
    bench_decide(bench, &book, &lot);
    (void)bench_sql(bench, TERMINATE);
    enum fault_kind kind = bench_save(bench, &book, &fault);
    assert_true(kind == FAULT_UNKNOWN || kind == FAULT_AGAIN);
    assert_false(bench_known(bench));
    bench_sound(bench);
    assert_int_equal(bench_try(bench, &lot, &fault), FAULT_NONE);
    bench_sound(bench);
}

static void a_session_that_ends_in_a_commit_is_asked_about(void **state)
{
    struct bench *bench = *state;
    struct book book;
    struct command lot;
    struct fault fault;
    /* Its own session ends it while it commits. */
    (void)bench_sql(bench, "CREATE FUNCTION ends() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                           " PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;"
                           "CREATE CONSTRAINT TRIGGER ends AFTER UPDATE ON lane DEFERRABLE"
                           " INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ends()");
    bench_decide(bench, &book, &lot);
    assert_int_equal(bench_save(bench, &book, &fault), FAULT_UNKNOWN);
    assert_false(bench_known(bench));
    (void)bench_sql(bench, "DROP TRIGGER ends ON lane");
    bench_sound(bench);
    assert_int_equal(bench_try(bench, &lot, &fault), FAULT_NONE);
    bench_sound(bench);
}

static void a_commit_whose_answer_is_lost_is_known(void **state)
{
    struct bench *bench = *state;
    struct book book;
    struct command lot;
    struct fault fault;
    bench_decide(bench, &book, &lot);
    proxy_swallow(bench->proxy); /* The server gets all, the store gets no answer. */
    assert_int_equal(bench_save(bench, &book, &fault), FAULT_UNKNOWN);
    assert_true(bench_known(bench));
    bench->batches++;
    bench_sound(bench);
    bench_send(bench);
    bench_sound(bench);
}

struct helper {
    struct bench *bench;
    pthread_t thread;
};

/* Waits until a session waits for the lane's row, and lets the commit that has it go on. */
static void *commit_release(void *argument)
{
    struct helper *helper = argument;
    while (bench_sql(helper->bench,
                     "SELECT count(*) FROM " SESSIONS
                     " AND wait_event_type = 'Lock' AND query LIKE '%FOR UPDATE%'") == 0)
        continue;
    (void)bench_sql(helper->bench, "UPDATE gate SET open = true");
    return NULL;
}

static void a_commit_that_goes_on_is_waited_for(void **state)
{
    struct bench *bench = *state;
    struct helper helper = {.bench = bench};
    struct book book;
    struct command lot;
    struct fault fault;
    /* It commits when the gate is open, and holds the lane until then. */
    (void)bench_sql(bench,
                    "CREATE TABLE gate (open boolean); INSERT INTO gate VALUES (false);"
                    "CREATE FUNCTION waits() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                    " WHILE NOT (SELECT open FROM gate) LOOP PERFORM pg_sleep(0.01); END LOOP;"
                    " RETURN NULL; END $$;"
                    "CREATE CONSTRAINT TRIGGER waits AFTER UPDATE ON lane DEFERRABLE"
                    " INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION waits()");
    bench_decide(bench, &book, &lot);
    proxy_hang_up(bench->proxy); /* The server's side stays: it knows nothing of it. */
    assert_int_equal(bench_save(bench, &book, &fault), FAULT_UNKNOWN);
    assert_int_equal(pthread_create(&helper.thread, NULL, commit_release, &helper), 0);
    bool known = bench_known(bench);
    assert_int_equal(pthread_join(helper.thread, NULL), 0);
    assert_true(known);
    bench->batches++;
    proxy_forget(bench->proxy); /* The old session ends now. */
    bench_sound(bench);
    bench_send(bench);
    bench_sound(bench);
}

static void a_server_that_crashes_within_a_batch_leaves_nothing(void **state)
{
    struct bench *bench = *state;
    struct book book;
    struct command lot;
    struct fault fault;
    bench_send(bench);
    bench_decide(bench, &book, &lot);
    server_kill();
    enum fault_kind kind = bench_save(bench, &book, &fault);
    assert_true(kind == FAULT_UNKNOWN || kind == FAULT_AGAIN);
    assert_false(bench_known(bench));
    bench_sound(bench); /* The reader waits for it, too. */
    assert_int_equal(bench_try(bench, &lot, &fault), FAULT_NONE);
    bench_sound(bench);
}

static void what_was_committed_outlives_a_crash(void **state)
{
    struct bench *bench = *state;
    for (int i = 0; i < 2; i++) {
        bench_send(bench);
        server_kill();
        assert_true(bench_sql(bench, "SELECT 1") == 1);
        assert_true(bench_known(bench));
        bench_sound(bench);
    }
}

static atomic_bool killing;

static void *sessions_kill(void *argument)
{
    struct helper *helper = argument;
    while (atomic_load(&killing))
        (void)bench_sql(helper->bench, TERMINATE " AND state <> 'idle'");
    return NULL;
}

static void sessions_that_end_at_any_moment_lose_nothing(void **state)
{
    struct bench *bench = *state;
    struct helper helper = {.bench = bench};
    atomic_store(&killing, true);
    assert_int_equal(pthread_create(&helper.thread, NULL, sessions_kill, &helper), 0);
    for (int i = 0; i < 30; i++)
        bench_send(bench);
    atomic_store(&killing, false);
    assert_int_equal(pthread_join(helper.thread, NULL), 0);
    bench_sound(bench);
}

static void failures_that_pass_are_tried_again(void **state)
{
    struct bench *bench = *state;
    static const struct {
        const char *state;
        enum fault_kind kind;
    } failures[] = {{"40001", FAULT_AGAIN}, {"40P01", FAULT_AGAIN}, {"57014", FAULT_AGAIN},
                    {"53100", FAULT_FINAL}, {"23514", FAULT_FINAL}, {"XX000", FAULT_FINAL}};
    (void)bench_sql(bench,
                    "CREATE TABLE failure (code text); INSERT INTO failure VALUES ('');"
                    "CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                    " IF (SELECT code FROM failure) <> '' THEN RAISE EXCEPTION 'it fails'"
                    " USING ERRCODE = (SELECT code FROM failure); END IF; RETURN NULL; END $$;"
                    "CREATE TRIGGER fails AFTER INSERT ON transfer EXECUTE FUNCTION fails()");
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++) {
        char sql[64];
        struct fault fault;
        struct command lot = bench_lot(bench);
        (void)snprintf(sql, sizeof sql, "UPDATE failure SET code = '%s'", failures[i].state);
        (void)bench_sql(bench, sql);
        assert_int_equal(bench_try(bench, &lot, &fault), failures[i].kind);
        assert_non_null(strstr(fault.text, failures[i].kind == FAULT_AGAIN ? "it fails" : ""));
        bench_sound(bench);
        (void)bench_sql(bench, "UPDATE failure SET code = ''");
        assert_int_equal(bench_try(bench, &lot, &fault), FAULT_NONE);
        bench_sound(bench);
    }
}

static void rows_that_are_not_there_any_more_stop_a_batch(void **state)
{
    struct bench *bench = *state;
    struct book book;
    struct command lot;
    struct fault fault;
    bench_decide(bench, &book, &lot);
    (void)bench_sql(bench, "DELETE FROM account WHERE balance_minor > 0");
    assert_int_equal(bench_save(bench, &book, &fault), FAULT_FINAL);
    assert_non_null(strstr(fault.text, "not there"));
    assert_int_equal(bench_sql(bench, "SELECT count(*) FROM transfer"), 0);
}

static void who_was_forgotten_writes_no_more(void **state)
{
    struct bench *bench = *state;
    struct fault fault;
    bench_send(bench);
    (void)bench_sql(bench,
                    "DELETE FROM lane_mark"); /* It was away for longer than marks are kept. */
    for (int i = 0; i < 2; i++) {
        struct command lot = bench_lot(bench);
        assert_int_equal(bench_try(bench, &lot, &fault), FAULT_FINAL);
        (void)bench_sql(bench, TERMINATE); /* Nor does it enter itself anew when it comes again. */
    }
    bool known;
    assert_int_equal(
        store_batch_known(bench->fixture.store, 0, bench->fixture.batch_key, &known, &fault),
        FAULT_FINAL);
    bench_sound(bench);
}

/* The same database, as another process has it open. */
static void second_begin(const struct bench *bench, struct fixture *second)
{
    struct store *store;
    struct fault fault;
    if (store_open(bench->schema.url, NULL, &store, &fault) != FAULT_NONE)
        fail_msg("%s", fault.text);
    fixture_begin(second, store);
    second->now_ms = bench->fixture.now_ms;
}

static void second_end(struct fixture *second)
{
    fixture_end(second);
    store_close(second->store);
}

/* The second process sends the next lot. */
static void second_send(struct bench *bench, struct fixture *second)
{
    struct command lot = bench_lot(bench);
    struct fault fault;
    if (fixture_try(second, &lot, 1, &fault) != FAULT_NONE)
        fail_msg("%s", fault.text);
    assert_int_equal(lot.code, PAYOUT_OK);
    bench->batches++;
}

static void two_processes_share_a_lane(void **state)
{
    struct bench *bench = *state;
    struct fixture second;
    second_begin(bench, &second);
    for (int i = 0; i < 3; i++) {
        bench_send(bench);
        second_send(bench, &second);
    }
    second_end(&second);
    bench_send(bench);
    bench_sound(bench);
}

static void a_commit_is_known_after_another_process_wrote(void **state)
{
    struct bench *bench = *state;
    struct fixture second;
    struct book book;
    struct command lot;
    struct fault fault;
    second_begin(bench, &second);
    bench_decide(bench, &book, &lot);
    proxy_swallow(bench->proxy);
    assert_int_equal(bench_save(bench, &book, &fault), FAULT_UNKNOWN);
    bench->batches++;
    second_send(bench, &second); /* Its mark is another one. */
    assert_true(bench_known(bench));
    second_end(&second);
    bench_sound(bench);
}

static void lanes_are_changed_by_who_is_alone(void **state)
{
    struct bench *bench = *state;
    const struct store_options two = {.lanes = 2}, three = {.lanes = 3};
    struct store *second;
    struct fault fault;
    bench_send(bench);
    assert_int_equal(store_open(bench->schema.url, &two, &second, &fault), FAULT_AGAIN);
    assert_non_null(strstr(fault.text, "another payoutd"));
    assert_int_equal(store_open(bench->schema.url, &three, &second, &fault), FAULT_FINAL);
    bench_send(bench); /* The first one goes on. */
    bench_stop(bench);
    assert_int_equal(store_open(bench->schema.url, &two, &second, &fault), FAULT_NONE);
    assert_int_equal(store_share(second).lanes, 2);
    store_close(second);
    bench_start(bench); /* Back to one. */
    bench_send(bench);
    bench_sound(bench);
}

static void lanes_that_were_changed_stop_who_comes_back(void **state)
{
    struct bench *bench = *state;
    struct fault fault;
    struct command lot = bench_lot(bench);
    (void)bench_sql(bench, "UPDATE lane_setting SET lanes = 2");
    (void)bench_sql(bench, TERMINATE);
    assert_int_equal(bench_try(bench, &lot, &fault), FAULT_FINAL);
    assert_non_null(strstr(fault.text, "number of lanes"));
    bench_sound(bench);
}

static void a_newer_schema_is_refused(void **state)
{
    struct bench *bench = *state;
    struct store *store;
    struct fault fault;
    bench_stop(bench);
    (void)bench_sql(bench, "INSERT INTO schema_version (version) VALUES (9999)");
    assert_int_equal(store_open(bench->url, NULL, &store, &fault), FAULT_FINAL);
    assert_non_null(strstr(fault.text, "newer"));
    assert_int_equal(store_open_beside(bench->url, &store, &fault), FAULT_FINAL);
    (void)bench_sql(bench, "DELETE FROM schema_version WHERE version = 9999");
    bench_start(bench);
    bench_sound(bench);
}

static void what_is_kept_can_not_be_changed(void **state)
{
    struct bench *bench = *state;
    static const char *const tables[] = {"movement", "ledger_head", "settlement", "screening",
                                         "approval", "act",         "act_head"};
    bench_send(bench);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        char sql[256];
        (void)snprintf(sql, sizeof sql,
                       "DO $$ BEGIN DELETE FROM %s; RAISE 'it went'; EXCEPTION WHEN"
                       " raise_exception THEN IF SQLERRM NOT LIKE '%%never%%' THEN RAISE;"
                       " END IF; END $$",
                       tables[i]);
        (void)bench_sql(bench, sql);
    }
    bench_sound(bench);
}

static void text_that_is_no_utf_8_is_not_there(void **state)
{
    struct bench *bench = *state;
    struct fixture *fixture = &bench->fixture;
    struct transfer *transfer;
    struct fault fault;
    assert_int_equal(store_read_transfer_by_client_id(fixture->reader, fixture->arena,
                                                      fixture_merchant(0), "\xff\xfe", &transfer,
                                                      &fault),
                     FAULT_NONE);
    assert_null(transfer);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, bench_begin, bench_end)
        CASE(a_batch_is_a_handful_of_round_trips_whatever_is_in_it),
        CASE(sessions_that_end_between_batches_are_opened_anew),
        CASE(a_session_that_ends_within_a_batch_leaves_nothing),
        CASE(a_session_that_ends_in_a_commit_is_asked_about),
        CASE(a_commit_whose_answer_is_lost_is_known),
        CASE(a_commit_that_goes_on_is_waited_for),
        CASE(a_server_that_crashes_within_a_batch_leaves_nothing),
        CASE(what_was_committed_outlives_a_crash),
        CASE(sessions_that_end_at_any_moment_lose_nothing),
        CASE(failures_that_pass_are_tried_again),
        CASE(rows_that_are_not_there_any_more_stop_a_batch),
        CASE(who_was_forgotten_writes_no_more),
        CASE(two_processes_share_a_lane),
        CASE(a_commit_is_known_after_another_process_wrote),
        CASE(lanes_are_changed_by_who_is_alone),
        CASE(lanes_that_were_changed_stop_who_comes_back),
        CASE(a_newer_schema_is_refused),
        CASE(what_is_kept_can_not_be_changed),
        CASE(text_that_is_no_utf_8_is_not_there),
    };
    secret_init();
    log_configure(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT, false);
    return cmocka_run_group_tests_name("postgres-fault", cases, NULL, NULL);
}

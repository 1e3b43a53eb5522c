#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance.h"
#include "sqlite_folder.h"

/* kill -9 at any moment: what was answered is there, what was not is there whole or not at all. */

enum { LOT_ITEMS = 25, KILLS = 15 };

static int folder_begin(void **state)
{
    struct folder *folder = calloc(1, sizeof *folder);
    assert_non_null(folder);
    folder_make(folder);
    struct fixture fixture;
    fixture_begin(&fixture, folder_open(folder));
    fixture_prepare(&fixture, 0, 1000000000);
    fixture_end(&fixture);
    store_close(fixture.store);
    *state = folder;
    return 0;
}

static int folder_end(void **state)
{
    folder_remove(*state);
    free(*state);
    return 0;
}

static _Noreturn void die(void)
{
    (void)raise(SIGKILL);
    abort();
}

/* Runs life in a child until it is killed, by itself or by `after` lots reported on a pipe. Returns
 * how many lots it reported as committed. */
static int live(const struct folder *folder, void (*life)(struct fixture *fixture, int report),
                int after)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct fixture fixture;
        (void)close(ends[0]);
        fixture_begin(&fixture, folder_open(folder));
        life(&fixture, ends[1]);
        _exit(0);
    }
    assert_int_equal(close(ends[1]), 0);
    int reported = 0, status;
    for (char byte; read(ends[0], &byte, 1) == 1;)
        if (++reported == after)
            (void)kill(child, SIGKILL); /* It reports on while that is on its way. */
    assert_int_equal(close(ends[0]), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGKILL);
    return reported;
}

static size_t transfers_after(const struct folder *folder)
{
    struct fixture fixture;
    fixture_begin(&fixture, folder_open(folder));
    size_t transfers = fixture_audit(&fixture);
    fixture_end(&fixture);
    store_close(fixture.store);
    return transfers;
}

static void dies_between_load_and_save(struct fixture *fixture, int report)
{
    struct book book;
    struct fault fault;
    struct command lot = fixture_lot(fixture, 0, LOT_ITEMS, "a", true);
    assert_int_equal(fixture_decide(fixture, &book, &lot, 1, &fault), FAULT_NONE);
    (void)report;
    die();
}

static void a_death_between_load_and_save_leaves_nothing(void **state)
{
    assert_int_equal(live(*state, dies_between_load_and_save, -1), 0);
    assert_int_equal(transfers_after(*state), 0);
}

static void dies_right_after_save(struct fixture *fixture, int report)
{
    (void)fixture_send(fixture, 0, LOT_ITEMS, "a", true);
    if (write(report, "1", 1) == 1)
        die();
}

static void a_death_right_after_save_loses_nothing(void **state)
{
    assert_int_equal(live(*state, dies_right_after_save, -1), 1);
    assert_int_equal(transfers_after(*state), LOT_ITEMS);
}

static void sends_on_and_on(struct fixture *fixture, int report)
{
    for (int i = 0; write(report, "1", 1) == 1; i++) {
        char name[64];
        fixture->now_ms += 1000;
        (void)snprintf(name, sizeof name, "%d-%d", (int)getpid(), i);
        (void)fixture_send(fixture, 0, LOT_ITEMS, name, true);
    }
}

static void deaths_at_any_moment_lose_nothing(void **state)
{
    size_t least = 0, before = 0;
    for (int i = 0; i < KILLS; i++) {
        /* The first byte is sent before the first lot. */
        int reported = live(*state, sends_on_and_on, 2 + 3 * i) - 1;
        assert_true(reported >= 1);
        least = before + (size_t)reported * LOT_ITEMS;
        size_t found = transfers_after(*state);
        assert_true(found == least || found == least + LOT_ITEMS);
        before = found;
    }
    assert_true(least > 0);
}

/* --- Beside each other --- */

struct watch {
    const struct folder *folder;
    struct store *store;
    _Atomic bool stop;
    _Atomic int rounds;
    bool sound;
};

/* Reads all the time what a lane writes at that time: each time a state after whole batches. */
static void *watch_run(void *context)
{
    struct watch *watch = context;
    struct store_reader *reader;
    struct fault fault;
    watch->sound = store_reader_open(watch->store, &reader, &fault) == FAULT_NONE;
    while (watch->sound && !atomic_load(&watch->stop)) {
        struct arena *arena = arena_open((size_t)1 << 26);
        struct transfer *due;
        struct account_balance *accounts;
        size_t count = 0, account_count = 0;
        watch->sound = store_read_due_transfers(reader, arena, INT64_MAX, 100000, &due, &count,
                                                &fault) == FAULT_NONE &&
                       store_read_accounts(reader, arena, fixture_merchant(0), &accounts,
                                           &account_count, &fault) == FAULT_NONE &&
                       count % LOT_ITEMS == 0;
        int64_t all = 0;
        for (size_t i = 0; i < account_count; i++)
            all += accounts[i].balance_minor;
        watch->sound = watch->sound && all == 1000000000;
        atomic_fetch_add(&watch->rounds, 1);
        arena_close(arena);
    }
    store_reader_close(reader);
    return NULL;
}

static void readers_and_the_lane_do_not_disturb_each_other(void **state)
{
    struct fixture fixture;
    struct watch watches[2];
    pthread_t threads[2];
    fixture_begin(&fixture, folder_open(*state));
    for (int i = 0; i < 2; i++) {
        watches[i] = (struct watch){.folder = *state, .store = fixture.store};
        assert_int_equal(pthread_create(&threads[i], NULL, watch_run, &watches[i]), 0);
    }
    for (int i = 0;
         i < 60 || atomic_load(&watches[0].rounds) < 5 || atomic_load(&watches[1].rounds) < 5;
         i++) {
        fixture.now_ms += 1000;
        (void)fixture_send(&fixture, 0, LOT_ITEMS, NULL, true);
    }
    for (int i = 0; i < 2; i++) {
        atomic_store(&watches[i].stop, true);
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_true(watches[i].sound);
    }
    fixture_end(&fixture);
    store_close(fixture.store);
}

static void the_log_does_not_grow_without_end(void **state)
{
    const struct folder *folder = *state;
    struct fixture fixture;
    char name[FOLDER_TEXT_BYTES + 8], id[32];
    struct stat about;
    int64_t most = 0;
    (void)snprintf(name, sizeof name, "%s-wal", folder->file);
    fixture_begin(&fixture, folder_open(folder));
    /* Random ids write most: about 1,500 pages a batch, 100,000 in all, twice the log's limit. */
    for (int i = 0; i < 90; i++) {
        struct command lot = fixture_lot(&fixture, 0, 4000, "x", true);
        for (int n = 0; n < 4000; n++) {
            (void)snprintf(id, sizeof id, "%08x-%d-%d", (unsigned)(n * 4000 + i) * 2654435761u, i,
                           n);
            char *text = arena_alloc(fixture.arena, sizeof id, 1);
            memcpy(text, id, sizeof id);
            lot.lot_send.items[n].client_id = text;
        }
        fixture.now_ms += 1000;
        assert_int_equal(fixture_commit(&fixture, &lot), PAYOUT_OK);
        assert_int_equal(stat(name, &about), 0);
        most = about.st_size > most ? about.st_size : most;
        if (i % 10 == 9) { /* The book's memory. */
            arena_close(fixture.arena);
            fixture.arena = arena_open((size_t)1 << 30);
        }
    }
    print_message("# the log had %lld MB at most\n", (long long)most >> 20);
    assert_true(most < INT64_C(320) << 20);
    fixture_end(&fixture);
    store_close(fixture.store);
    assert_int_equal(stat(name, &about), -1); /* All of it is in the database. */
    struct store_figures figures;
    struct fault fault;
    fixture_begin(&fixture, folder_open(folder));
    assert_int_equal(store_read_figures(fixture.reader, &figures, &fault), FAULT_NONE);
    assert_int_equal(figures.transfers_due, 90 * 4000);
    fixture_end(&fixture);
    store_close(fixture.store);
}

int main(void)
{
    secret_init();
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, folder_begin, folder_end)
        CASE(a_death_between_load_and_save_leaves_nothing),
        CASE(a_death_right_after_save_loses_nothing),
        CASE(deaths_at_any_moment_lose_nothing),
        CASE(readers_and_the_lane_do_not_disturb_each_other),
        CASE(the_log_does_not_grow_without_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

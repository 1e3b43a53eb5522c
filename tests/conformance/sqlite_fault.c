#include <errno.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "conformance.h"
#include "sqlite_folder.h"
#include "vfs_fault.h"

/* What the store does when its disk fails it: nothing is half there, and what is not known to be
 * on the disk is never believed. */

struct bench {
    struct folder folder;
    struct fixture fixture;
    int batches; /* So many lots were committed, of LOT_ITEMS each. */
};
enum { LOT_ITEMS = 30 };

static void bench_start(struct bench *bench)
{
    fixture_begin(&bench->fixture, folder_open(&bench->folder));
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
    folder_make(&bench->folder);
    bench_start(bench);
    fixture_prepare(&bench->fixture, 0, 100000000);
    *state = bench;
    return 0;
}

static int bench_end(void **state)
{
    struct bench *bench = *state;
    vfs_fault_disarm();
    bench_stop(bench);
    folder_remove(&bench->folder);
    free(bench);
    return 0;
}

/* Sends one more lot; under its own name, so that it can be sent once only. */
static enum fault_kind bench_send(struct bench *bench, struct fault *fault)
{
    char name[32];
    (void)snprintf(name, sizeof name, "b%d", bench->batches);
    struct command lot = fixture_lot(&bench->fixture, 0, LOT_ITEMS, name, true);
    enum fault_kind kind = fixture_try(&bench->fixture, &lot, 1, fault);
    if (kind != FAULT_NONE) {
        store_book_reset(bench->fixture.store, 0);
        return kind;
    }
    assert_int_equal(lot.code, PAYOUT_OK);
    bench->batches++;
    return kind;
}

static void bench_sound(struct bench *bench)
{
    assert_int_equal(fixture_audit(&bench->fixture), bench->batches * LOT_ITEMS);
}

static void a_full_disk_loses_nothing(void **state)
{
    struct bench *bench = *state;
    struct fault fault;
    assert_int_equal(bench_send(bench, &fault), FAULT_NONE);
    for (int after = 0; after < 40; after++) {
        vfs_fault_arm(VFS_WRITE, after, SQLITE_FULL, false);
        enum fault_kind kind = bench_send(bench, &fault);
        if (!vfs_fault_happened()) {
            assert_int_equal(kind, FAULT_NONE);
            assert_true(after > 10); /* A batch has that many writes: each of them failed once. */
            break;
        }
        assert_int_equal(kind, FAULT_FINAL);
        assert_non_null(strstr(fault.text, "full"));
        vfs_fault_disarm();
        bench_sound(bench);
        assert_int_equal(bench_send(bench, &fault), FAULT_NONE); /* There is room again. */
        bench_sound(bench);
    }
    vfs_fault_disarm();
    bench_stop(bench);
    bench_start(bench);
    bench_sound(bench);
}

static void a_limit_on_a_files_size_is_a_full_disk(void **state)
{
    struct bench *bench = *state;
    struct fault fault;
    struct rlimit limit, before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
    limit = before;
    limit.rlim_cur = 256 * 1024;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    enum fault_kind kind;
    do {
        kind = bench_send(bench, &fault);
    } while (kind == FAULT_NONE && bench->batches < 1000);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(kind, FAULT_FINAL);
    assert_non_null(strstr(fault.text, "full"));
    bench_sound(bench);
    assert_int_equal(bench_send(bench, &fault), FAULT_NONE);
    bench_stop(bench);
    bench_start(bench);
    bench_sound(bench);
}

static void a_failed_read_is_a_fault(void **state)
{
    struct bench *bench = *state;
    struct fault fault;
    assert_int_equal(bench_send(bench, &fault), FAULT_NONE);
    for (int after = 0; after < 200; after++) {
        bench_stop(bench); /* Forgets what it has read. */
        bench_start(bench);
        vfs_fault_arm(VFS_READ, after, SQLITE_IOERR_READ, true);
        enum fault_kind kind = bench_send(bench, &fault);
        bool happened = vfs_fault_happened();
        vfs_fault_disarm();
        assert_int_equal(kind, happened ? FAULT_FINAL : FAULT_NONE);
        bench_sound(bench);
        if (!happened) {
            assert_true(after > 3);
            return;
        }
    }
    fail_msg("a batch reads forever");
}

static void a_failed_read_of_a_reader_is_a_fault(void **state)
{
    struct bench *bench = *state;
    struct fault fault;
    struct transfer *due;
    size_t count;
    assert_int_equal(bench_send(bench, &fault), FAULT_NONE);
    int after = -1;
    bool happened;
    do {
        bench_stop(bench);
        bench_start(bench);
        vfs_fault_arm(VFS_READ, ++after, SQLITE_IOERR_READ, true);
        enum fault_kind kind = store_read_due_transfers(bench->fixture.reader, bench->fixture.arena,
                                                        INT64_MAX, 100, &due, &count, &fault);
        happened = vfs_fault_happened();
        vfs_fault_disarm();
        assert_int_equal(kind, happened ? FAULT_FINAL : FAULT_NONE);
        assert_int_equal(store_read_due_transfers(bench->fixture.reader, bench->fixture.arena,
                                                  INT64_MAX, 100, &due, &count, &fault),
                         FAULT_NONE);
        assert_int_equal(count, LOT_ITEMS);
    } while (happened);
    assert_true(after > 0);
}

/* Runs a step in a child, which must stop by itself as an invariant does. */
static void stops(struct bench *bench, void (*step)(struct bench *bench))
{
    bench_stop(bench); /* SQLite must not be carried over a fork. */
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const struct rlimit none = {0, 0};
        (void)setrlimit(RLIMIT_CORE, &none);
        log_configure(LOG_LEVEL_ERROR, LOG_FORMAT_JSON, false);
        (void)close(STDERR_FILENO);
        (void)signal(SIGABRT, SIG_DFL);
        bench_start(bench);
        step(bench);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
    bench_start(bench);
}

static void send_with_failed_sync(struct bench *bench)
{
    struct fault fault;
    vfs_fault_arm(VFS_SYNC, 0, SQLITE_IOERR_FSYNC, true);
    (void)bench_send(bench, &fault);
}

static void send_with_failed_commit(struct bench *bench)
{
    struct fault fault;
    vfs_fault_arm(VFS_WRITE, 0, SQLITE_IOERR_WRITE, true);
    errno = 0;
    (void)bench_send(bench, &fault);
}

static void a_failed_sync_stops_the_process(void **state)
{
    struct bench *bench = *state;
    stops(bench, send_with_failed_sync);
    /* The batch was written, nobody was answered: whether it is there is for the restart to say,
     * but it is whole. */
    size_t found = fixture_audit(&bench->fixture);
    assert_true(found == 0 || found == LOT_ITEMS);
}

static void a_commit_that_nobody_can_know_stops_the_process(void **state)
{
    struct bench *bench = *state;
    stops(bench, send_with_failed_commit);
    assert_int_equal(fixture_audit(&bench->fixture), 0);
}

static void a_lock_from_outside_is_to_be_tried_again(void **state)
{
    struct bench *bench = *state;
    struct fault fault;
    sqlite3 *db;
    assert_int_equal(sqlite3_open(bench->folder.file, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(bench_send(bench, &fault), FAULT_AGAIN);
    assert_int_equal(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    assert_int_equal(bench_send(bench, &fault), FAULT_NONE);
    bench_sound(bench);
}

static void a_row_that_is_there_already_takes_nothing_with_it(void **state)
{
    struct bench *bench = *state;
    struct fault fault;
    struct book book;
    assert_int_equal(bench_send(bench, &fault), FAULT_NONE);
    struct command lot = fixture_lot(&bench->fixture, 0, 3, "x", true);
    assert_int_equal(fixture_decide(&bench->fixture, &book, &lot, 1, &fault), FAULT_NONE);
    /* What no rule would do: the last of three has the id of another. */
    ((struct transfer_row *)(void *)book.transfers.last)->transfer.client_id = "b0-1";
    assert_int_equal(store_book_save(bench->fixture.store, &book, bench->fixture.batch_key, &fault),
                     FAULT_FINAL);
    assert_non_null(strstr(fault.text, "UNIQUE"));
    bench_sound(bench);
    assert_int_equal(bench_send(bench, &fault), FAULT_NONE);
    bench_sound(bench);
}

static void a_backup_that_fails_leaves_no_file(void **state)
{
    struct bench *bench = *state;
    struct fault fault;
    char path[FOLDER_TEXT_BYTES + 8];
    assert_int_equal(bench_send(bench, &fault), FAULT_NONE);
    (void)snprintf(path, sizeof path, "%s.copy", bench->folder.file);
    vfs_fault_arm(VFS_WRITE, 5, SQLITE_FULL, false);
    assert_int_equal(store_backup(bench->fixture.store, path, &fault), FAULT_FINAL);
    assert_non_null(strstr(fault.text, "full"));
    vfs_fault_disarm();
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(store_backup(bench->fixture.store, path, &fault), FAULT_NONE);
}

static void a_store_that_could_not_be_made_can_be_made_later(void **state)
{
    struct bench *bench = *state;
    struct folder folder;
    struct fault fault;
    int after = 0;
    folder_make(&folder);
    for (; after < 500; after++) {
        struct store *store;
        vfs_fault_arm(VFS_WRITE, after, SQLITE_FULL, false);
        enum fault_kind kind = store_open(folder.url, NULL, &store, &fault);
        bool happened = vfs_fault_happened();
        vfs_fault_disarm();
        if (kind == FAULT_NONE)
            store_close(store);
        else
            assert_int_equal(kind, FAULT_FINAL);
        if (!happened)
            break;
        assert_int_equal(kind, FAULT_FINAL);
    }
    assert_true(after > 5 && after < 500);
    folder_remove(&folder);
    bench_sound(bench);
}

int main(void)
{
    secret_init();
    vfs_fault_install();
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, bench_begin, bench_end)
        CASE(a_full_disk_loses_nothing),
        CASE(a_limit_on_a_files_size_is_a_full_disk),
        CASE(a_failed_read_is_a_fault),
        CASE(a_failed_read_of_a_reader_is_a_fault),
        CASE(a_failed_sync_stops_the_process),
        CASE(a_commit_that_nobody_can_know_stops_the_process),
        CASE(a_lock_from_outside_is_to_be_tried_again),
        CASE(a_row_that_is_there_already_takes_nothing_with_it),
        CASE(a_backup_that_fails_leaves_no_file),
        CASE(a_store_that_could_not_be_made_can_be_made_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

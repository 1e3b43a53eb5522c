#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conformance.h"
#include "sqlite_folder.h"
#include "store/sqlite/sqlite.h"

/* What only a store in a file can do: be opened twice, copied, damaged, outgrown. */

static int folder_begin(void **state)
{
    struct folder *folder = calloc(1, sizeof *folder);
    assert_non_null(folder);
    folder_make(folder);
    *state = folder;
    return 0;
}

static int folder_end(void **state)
{
    folder_remove(*state);
    free(*state);
    return 0;
}

/* Opens, which must fail for good, with a sentence that has word in it. */
static void refused(const char *url, const char *word)
{
    struct store *store;
    struct fault fault;
    assert_int_equal(store_open(url, NULL, &store, &fault), FAULT_FINAL);
    if (strstr(fault.text, word) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", word, fault.text);
}

static void refused_beside(const char *url, const char *word)
{
    struct store *store;
    struct fault fault;
    assert_int_equal(store_open_beside(url, &store, &fault), FAULT_FINAL);
    if (strstr(fault.text, word) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", word, fault.text);
}

/* Runs SQL on the file as another program would. */
static void sql(const char *file, const char *text)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static int64_t sql_number(const char *file, const char *text)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, text, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int64_t number = sqlite3_column_int64(statement, 0);
    assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    return number;
}

/* Fills the folder's store with a bit of everything and closes it; what it holds, in *dump, which
 * the caller frees. */
static void store_fill(const struct folder *folder, char **dump)
{
    struct fixture fixture;
    struct store *store = folder_open(folder);
    fixture_begin(&fixture, store);
    fixture_prepare(&fixture, 0, 10000000);
    struct lot_code code = fixture_send(&fixture, 0, 200, "c", true);
    (void)fixture_send(&fixture, 0, 20, "w", false);
    struct transfer_id id = fixture_lot_read(&fixture, 0, code)->first;
    fixture_claim(&fixture, id);
    assert_int_equal(fixture_outcome(&fixture, id, VERDICT_PAID), OUTCOME_APPLIED);
    fixture_deliver(&fixture, id, 1, true, 0);
    assert_int_equal(fixture_audit(&fixture), 220);
    if (dump != NULL)
        *dump = strdup(fixture_dump(&fixture));
    fixture_end(&fixture);
    store_close(store);
}

static void dump_equal(struct store *store, const char *dump)
{
    struct fixture fixture;
    fixture_begin(&fixture, store);
    assert_string_equal(fixture_dump(&fixture), dump);
    fixture_end(&fixture);
}

static void a_store_is_the_same_when_opened_again(void **state)
{
    const struct folder *folder = *state;
    char *dump;
    store_fill(folder, &dump);
    for (int i = 0; i < 3; i++) {
        struct store *store = folder_open(folder);
        dump_equal(store, dump);
        store_close(store);
    }
    free(dump);
}

static void a_migration_runs_once(void **state)
{
    const struct folder *folder = *state;
    store_close(folder_open(folder));
    int64_t schema = sql_number(folder->file, "PRAGMA schema_version");
    int64_t version = sql_number(folder->file, "PRAGMA user_version");
    assert_true(version >= 1);
    assert_int_equal(sql_number(folder->file, "PRAGMA application_id"), 0x5041594F);
    store_close(folder_open(folder));
    assert_int_equal(sql_number(folder->file, "PRAGMA schema_version"), schema);
    assert_int_equal(sql_number(folder->file, "PRAGMA user_version"), version);
}

static void the_oldest_callbacks_go(void **state)
{
    const struct folder *folder = *state;
    struct fixture fixture;
    struct store *store = folder_open(folder);
    fixture_begin(&fixture, store);
    struct command command = {
        .kind = COMMAND_CALLBACK,
        .callback = {.channel = 1, .reference = "", .body = "", .why = "it says nothing"}};
    for (uint8_t i = 1; i <= 3; i++) {
        command.callback.hash[0] = i;
        assert_int_equal(fixture_commit(&fixture, &command), PAYOUT_OK);
    }
    /* As if as many had come between as are kept, but one. */
    char later[80];
    (void)snprintf(later, sizeof later, "UPDATE callback SET id = %d WHERE id = 3",
                   CALLBACKS_PARKED_MAX + 1);
    sql(folder->file, later);
    command.callback.hash[0] = 4;
    assert_int_equal(fixture_commit(&fixture, &command), PAYOUT_OK);
    assert_int_equal(sql_number(folder->file, "SELECT count(*) FROM callback"), 2);
    assert_int_equal(sql_number(folder->file, "SELECT min(id) FROM callback"),
                     CALLBACKS_PARKED_MAX + 1);
    fixture_end(&fixture);
    store_close(store);
}

static void a_newer_schema_is_refused(void **state)
{
    const struct folder *folder = *state;
    store_fill(folder, NULL);
    sql(folder->file, "PRAGMA user_version = 99");
    refused(folder->url, "newer");
    refused_beside(folder->url, "newer");
    assert_int_equal(sql_number(folder->file, "SELECT count(*) FROM transfer"), 220);
}

static void an_older_schema_is_not_read_beside(void **state)
{
    const struct folder *folder = *state;
    sql(folder->file, "PRAGMA application_id = 0x5041594F; CREATE TABLE lane (id)");
    refused_beside(folder->url, "payoutd migrate");
}

static void what_is_not_ours_is_refused(void **state)
{
    const struct folder *folder = *state;
    sql(folder->file, "CREATE TABLE songs (title TEXT)");
    refused(folder->url, "not payoutd's");
    refused_beside(folder->url, "not payoutd's");
    assert_int_equal(sql_number(folder->file, "SELECT count(*) FROM sqlite_schema"), 1);
    assert_int_equal(sql_number(folder->file, "SELECT count(*) FROM pragma_journal_mode"
                                              " WHERE journal_mode = 'delete'"),
                     1);
    assert_int_equal(unlink(folder->file), 0);
    FILE *file = fopen(folder->file, "w");
    assert_non_null(file);
    for (int i = 0; i < 1000; i++)
        assert_true(fputs("Dear diary, ", file) >= 0);
    assert_int_equal(fclose(file), 0);
    refused(folder->url, "no SQLite database");
}

static void a_url_must_name_a_file_that_can_be(void **state)
{
    const struct folder *folder = *state;
    char url[FOLDER_TEXT_BYTES + 64];
    refused("mysql://user:password@host/db", "sqlite:");
    refused("sqlite:", "must name a file");
    refused("sqlite://", "must name a file");
    refused("sqlite://relative.db", "must name a file");
    (void)snprintf(url, sizeof url, "sqlite://%s/nowhere/payoutd.db", folder->path);
    refused(url, "No such file");
    refused_beside(folder->url, "unable to open");
    assert_int_equal(access(folder->file, F_OK), -1); /* Reading makes nothing. */
    (void)snprintf(url, sizeof url, "sqlite:%s", folder->file);
    struct store *store;
    struct fault fault;
    assert_int_equal(store_open(url, NULL, &store, &fault), FAULT_NONE);
    store_close(store);
    assert_int_equal(access(folder->file, F_OK), 0);
}

static void only_the_owner_may_read_the_files(void **state)
{
    const struct folder *folder = *state;
    static const char *const tails[] = {"", "-wal", "-shm", ".lock"};
    mode_t before = umask(0);
    struct store *store = folder_open(folder);
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
        char name[FOLDER_TEXT_BYTES + 8];
        struct stat about;
        (void)snprintf(name, sizeof name, "%s%s", folder->file, tails[i]);
        assert_int_equal(stat(name, &about), 0);
        assert_int_equal(about.st_mode & 0777, 0600);
    }
    store_close(store);
    (void)umask(before);
}

static void a_second_payoutd_is_refused(void **state)
{
    const struct folder *folder = *state;
    struct store *store = folder_open(folder);
    refused(folder->url, "another payoutd");
    store_close(store);
    store_close(folder_open(folder)); /* The lock went with the first one. */
}

static void a_store_is_read_beside_its_payoutd(void **state)
{
    const struct folder *folder = *state;
    struct fixture fixture, beside;
    struct store *other;
    struct fault fault;
    fixture_begin(&fixture, folder_open(folder));
    assert_int_equal(store_open_beside(folder->url, &other, &fault), FAULT_NONE);
    fixture_prepare(&fixture, 0, 1000000);
    (void)fixture_send(&fixture, 0, 7, "c", true);
    beside = (struct fixture){.store = other, .arena = fixture.arena};
    assert_int_equal(store_reader_open(other, &beside.reader, &fault), FAULT_NONE);
    assert_int_equal(fixture_audit(&beside), 7);
    (void)fixture_send(&fixture, 0, 3, "d", true);
    assert_int_equal(fixture_audit(&beside), 10);
    store_reader_close(beside.reader);
    store_close(other);
    (void)fixture_send(&fixture, 0, 3, "e", true); /* Its leaving disturbs nobody. */
    assert_int_equal(fixture_audit(&fixture), 13);
    fixture_end(&fixture);
    store_close(fixture.store);
}

static void a_backup_is_a_whole_store(void **state)
{
    const struct folder *folder = *state;
    struct fixture fixture;
    struct fault fault;
    struct store *copy;
    struct stat about;
    char path[FOLDER_TEXT_BYTES + 8], url[FOLDER_TEXT_BYTES + 16];
    (void)snprintf(path, sizeof path, "%s.copy", folder->file);
    (void)snprintf(url, sizeof url, "sqlite://%s", path);
    store_fill(folder, NULL);
    fixture_begin(&fixture, folder_open(folder));
    (void)fixture_send(&fixture, 0, 30, "late", true); /* Still in the log only. */
    const char *dump = fixture_dump(&fixture);
    assert_int_equal(store_backup(fixture.store, path, &fault), FAULT_NONE);
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    assert_int_equal(sql_number(path, "SELECT count(*) FROM pragma_integrity_check"
                                      " WHERE integrity_check = 'ok'"),
                     1);
    assert_int_equal(store_open(url, NULL, &copy, &fault), FAULT_NONE);
    dump_equal(copy, dump);
    store_close(copy);
    assert_int_equal(store_backup(fixture.store, path, &fault), FAULT_FINAL);
    assert_non_null(strstr(fault.text, "exists"));
    assert_int_equal(access(path, F_OK), 0); /* What was there is left alone. */
    fixture_end(&fixture);
    store_close(fixture.store);
}

static void a_backup_waits_for_nobody(void **state)
{
    const struct folder *folder = *state;
    struct fixture fixture;
    struct book book;
    struct fault fault;
    char path[FOLDER_TEXT_BYTES + 8];
    (void)snprintf(path, sizeof path, "%s.copy", folder->file);
    store_fill(folder, NULL);
    fixture_begin(&fixture, folder_open(folder));
    struct command lot = fixture_lot(&fixture, 0, 30, "open", true);
    assert_int_equal(fixture_decide(&fixture, &book, &lot, 1, &fault), FAULT_NONE);
    assert_int_equal(store_backup(fixture.store, path, &fault), FAULT_NONE); /* Amid a batch. */
    store_book_reset(fixture.store, 0);
    assert_int_equal(sql_number(path, "SELECT count(*) FROM transfer"), 220);
    fixture_end(&fixture);
    store_close(fixture.store);
}

static void a_restore_puts_a_whole_copy_in_place_or_nothing(void **state)
{
    static const char is_restored[] = "SELECT name = 'Restored' FROM merchant";
    const struct folder *folder = *state;
    struct store *store;
    struct store_restore *restore;
    struct fault fault;
    char path[FOLDER_TEXT_BYTES + 8], aside[STORE_ASIDE_BYTES];
    (void)snprintf(path, sizeof path, "%s.copy", folder->file);
    store_fill(folder, NULL);
    store = folder_open(folder);
    assert_int_equal(store_backup(store, path, &fault), FAULT_NONE);
    assert_int_equal(store_restore_begin(folder->url, path, true, &restore, &fault), FAULT_FINAL);
    assert_non_null(strstr(fault.text, "in use by another payoutd"));
    store_close(store);
    sql(path, "UPDATE merchant SET name = 'Restored'"); /* Tells them apart. */
    assert_int_equal(store_restore_begin(folder->url, path, false, &restore, &fault), FAULT_FINAL);
    for (int keep = 0; keep < 2; keep++) {
        assert_int_equal(store_restore_begin(folder->url, path, true, &restore, &fault),
                         FAULT_NONE);
        assert_int_equal(store_open(folder->url, NULL, &store, &fault),
                         FAULT_FINAL); /* It is locked. */
        assert_int_equal(store_open_beside(store_restore_url(restore), &store, &fault), FAULT_NONE);
        store_close(store);
        assert_int_equal(store_restore_end(restore, keep, aside, &fault), FAULT_NONE);
        assert_int_equal(sql_number(folder->file, is_restored), keep);
    }
    assert_int_equal(sql_number(aside, is_restored), 0);
    assert_int_equal(sql_number(folder->file, "SELECT count(*) FROM transfer"),
                     sql_number(aside, "SELECT count(*) FROM transfer"));
    store_close(folder_open(folder));
}

/* Reads everything there is; what comes is a fault or sense, and no crash. */
static bool survives(const struct folder *folder)
{
    struct store *store;
    struct store_reader *reader = NULL;
    struct fault fault;
    bool sound = false;
    if (store_open(folder->url, NULL, &store, &fault) != FAULT_NONE)
        return false;
    struct arena *arena = arena_open((size_t)1 << 28);
    const struct store_audit audit = {.context = NULL};
    struct due_notification *due;
    struct transfer *transfers;
    struct merchant *merchants;
    struct store_figures figures;
    struct book book;
    size_t count;
    book_open(&book, arena);
    if (store_reader_open(store, &reader, &fault) == FAULT_NONE) {
        sound =
            store_audit(reader, &audit, &fault) == FAULT_NONE &&
            store_read_figures(reader, &figures, &fault) == FAULT_NONE &&
            store_read_merchants(reader, arena, (struct merchant_id){0}, 100, &merchants, &count,
                                 &fault) == FAULT_NONE &&
            store_read_transfers(reader, arena, (struct transfer_id){0}, INT64_MAX, &transfers,
                                 &count, &fault) == FAULT_NONE &&
            store_read_due_transfers(reader, arena, INT64_MAX, 1000, &transfers, &count, &fault) ==
                FAULT_NONE &&
            store_read_due_notifications(reader, arena, INT64_MAX, (struct notification_cursor){0},
                                         1000, &due, &count, &fault) == FAULT_NONE &&
            store_book_load(store, &book, &fault) == FAULT_NONE;
        store_book_reset(store, 0);
    }
    if (reader != NULL && !sound)
        assert_true(fault.kind == FAULT_FINAL && fault.text[0] != '\0');
    store_reader_close(reader);
    arena_close(arena);
    store_close(store);
    return sound;
}

static void a_damaged_file_is_a_fault(void **state)
{
    const struct folder *folder = *state;
    char whole[FOLDER_TEXT_BYTES + 8];
    store_fill(folder, NULL);
    assert_true(survives(folder));
    (void)snprintf(whole, sizeof whole, "%s.whole", folder->file);
    assert_int_equal(rename(folder->file, whole), 0);
    int from = open(whole, O_RDONLY);
    struct stat about;
    assert_int_equal(fstat(from, &about), 0);
    size_t size = (size_t)about.st_size, faults = 0;
    char *bytes = malloc(size);
    assert_non_null(bytes);
    assert_int_equal(read(from, bytes, size), size);
    assert_int_equal(close(from), 0);
    uint32_t chance = 1;
    for (int round = 0; round < 60; round++) {
        char *damaged = malloc(size);
        assert_non_null(damaged);
        memcpy(damaged, bytes, size);
        for (int i = 0; i < 40; i++) { /* Anywhere, or, each third time, in pages' heads. */
            chance = chance * 1664525 + 1013904223;
            size_t at = (size_t)chance % size;
            damaged[round % 3 == 0 ? at - at % 4096 + at % 12 : at] = (char)(chance >> 24);
        }
        int to = open(folder->file, O_RDWR | O_CREAT | O_TRUNC, 0600);
        /* Each tenth time the file is cut as well. */
        size_t length = round % 10 == 9 ? size / 2 : size;
        assert_int_equal(write(to, damaged, length), length);
        assert_int_equal(close(to), 0);
        free(damaged);
        faults += !survives(folder);
    }
    free(bytes);
    assert_true(faults > 10);
}

static void a_row_that_makes_no_sense_is_a_fault(void **state)
{
    const struct folder *folder = *state;
    static const char *const nonsense[] = {
        "UPDATE transfer SET state = 9 WHERE client_id = 'c-50'",
        "UPDATE transfer SET currency = 77 WHERE client_id = 'c-50'",
        "UPDATE transfer SET step = -1 WHERE client_id = 'c-50'",
        "UPDATE transfer SET attempts = 5000000000 WHERE client_id = 'c-50'",
    };
    store_fill(folder, NULL);
    for (size_t i = 0; i < sizeof nonsense / sizeof *nonsense; i++) {
        char text[512];
        (void)snprintf(text, sizeof text, "PRAGMA ignore_check_constraints = ON; %s", nonsense[i]);
        sql(folder->file, text);
        struct store *store = folder_open(folder);
        struct store_reader *reader;
        struct transfer *transfer;
        struct fault fault;
        struct arena *arena = arena_open(1 << 20);
        assert_int_equal(store_reader_open(store, &reader, &fault), FAULT_NONE);
        assert_int_equal(store_read_transfer_by_client_id(reader, arena, fixture_merchant(0),
                                                          "c-50", &transfer, &fault),
                         FAULT_FINAL);
        assert_non_null(strstr(fault.text, "makes no sense"));
        assert_int_equal(store_read_transfer_by_client_id(reader, arena, fixture_merchant(0),
                                                          "c-51", &transfer, &fault),
                         FAULT_NONE);
        arena_close(arena);
        store_reader_close(reader);
        store_close(store);
        sql(folder->file, "UPDATE transfer SET state = 1, currency = 1, step = 1, attempts = 0"
                          " WHERE client_id = 'c-50'");
    }
}

static void the_ledger_never_changes(void **state)
{
    const struct folder *folder = *state;
    static const char *const attempts[] = {
        "UPDATE movement SET amount_minor = 1 WHERE id = 1",
        "DELETE FROM movement WHERE id = 1",
        "UPDATE ledger_head SET hash = zeroblob(32)",
        "DELETE FROM ledger_head",
        "UPDATE approval SET person = 'Kofi'",
        "DELETE FROM approval",
        /* And no merchant's balance goes below zero, nor an id stands for two transfers. */
        "UPDATE account SET balance_minor = -1 WHERE number >> 16 > 0",
        "UPDATE transfer SET client_id = 'c-1' WHERE client_id = 'c-2'",
        "UPDATE act SET person = 'nobody'",
        "DELETE FROM act",
        "UPDATE act_head SET hash = zeroblob(32)",
        "DELETE FROM act_head",
    };
    sqlite3 *db;
    store_fill(folder, NULL);
    sql(folder->file, "INSERT INTO act VALUES (1, 3, 0, 'awa', '', '', '', '{}', '{}', 1);"
                      " INSERT INTO act_head VALUES (1, randomblob(32))");
    sql(folder->file, "INSERT INTO approval VALUES (1000000000, 1, 1, 2, 'Awa', '', 1)");
    assert_int_equal(sqlite3_open(folder->file, &db), SQLITE_OK);
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++)
        assert_int_equal(sqlite3_exec(db, attempts[i], NULL, NULL, NULL), SQLITE_CONSTRAINT);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* --- Plans: no statement walks a table but those whose job that is --- */

static bool plan_may_walk(enum statement_id id, const char *detail)
{
    switch ((int)id) {
    case STATEMENT_AUDIT_MOVEMENTS:
    case STATEMENT_AUDIT_HEADS:
    case STATEMENT_AUDIT_ACCOUNTS:
    case STATEMENT_AUDIT_TRANSFERS:
    case STATEMENT_AUDIT_LOTS:
    case STATEMENT_AUDIT_ACTS:
    case STATEMENT_AUDIT_ACT_HEADS:
    case STATEMENT_AUDIT_APPROVALS:
    case STATEMENT_AUDIT_REVERSALS:
        return strstr(detail, "TEMP B-TREE") == NULL;
    case STATEMENT_EXPORT_SUMS: /* An index for it would cost the lane. */
        return strcmp(detail, "SCAN movement") == 0;
    case STATEMENT_COUNTS: /* Of the newest, as many as were asked for. */
    case STATEMENT_COUNTS_OF:
    case STATEMENT_ACCOUNTS_PLATFORM: /* A few of each lane. */
        return strstr(detail, "TEMP B-TREE FOR GROUP BY") != NULL;
    case STATEMENT_EXPORT_FUNDINGS: /* Sorts a merchant's top-ups: they are few. */
        return strstr(detail, "TEMP B-TREE") != NULL;
    case STATEMENT_HEAD_FIND: /* From the end, one row. */
    case STATEMENT_ACT_HEAD_FIND:
    case STATEMENT_TRANSFER_LAST:
        return strncmp(detail, "SCAN", 4) == 0 || strncmp(detail, "SEARCH", 6) == 0;
    case STATEMENT_LOTS_WAITING:
        return strstr(detail, "lot_waiting") != NULL || strstr(detail, "TEMP B-TREE") != NULL;
    case STATEMENT_FIGURES_TRANSFERS:
        return strstr(detail, "transfer_due") != NULL || strstr(detail, "transfer_screen") != NULL;
    case STATEMENT_FIGURES:
        return strstr(detail, "contradiction") != NULL || strstr(detail, "VIRTUAL") != NULL ||
               strstr(detail, "notification_d") != NULL || strstr(detail, "mail_d") != NULL ||
               strstr(detail, "settlement_proposed") != NULL ||
               strstr(detail, "transfer_suspected") != NULL ||
               strstr(detail, "transfer_matched") != NULL;
    case STATEMENT_MATCHED: /* Those that wait are few. */
        return strstr(detail, "SCAN t USING INDEX transfer_matched") != NULL;
    case STATEMENT_QUEUES: /* The queues that it has found. */
        return strcmp(detail, "SCAN each") == 0;
    case STATEMENT_SUSPECTED:
        return strstr(detail, "transfer_suspected") != NULL;
    case STATEMENT_PROPOSALS: /* As many as persons made. */
        return strstr(detail, "settlement_proposed") != NULL;
    default:
        return false;
    }
}

static void no_statement_walks_a_table(void **state)
{
    const struct folder *folder = *state;
    sqlite3 *db;
    store_fill(folder, NULL);
    assert_int_equal(sqlite3_open(folder->file, &db), SQLITE_OK);
    for (int i = 0; i < STATEMENT_COUNT; i++) {
        char text[4096];
        unsigned who;
        sqlite3_stmt *statement;
        enum statement_id id = (enum statement_id)i;
        (void)snprintf(text, sizeof text, "EXPLAIN QUERY PLAN %s", connection_sql(id, &who));
        assert_int_equal(sqlite3_prepare_v2(db, text, -1, &statement, NULL), SQLITE_OK);
        while (sqlite3_step(statement) == SQLITE_ROW) {
            const char *detail = (const char *)sqlite3_column_text(statement, 3);
            bool walks = strncmp(detail, "SCAN", 4) == 0 || strstr(detail, "TEMP B-TREE") != NULL;
            /* What is asked for may be a list. */
            if (strcmp(detail, "SCAN CONSTANT ROW") == 0 ||
                strncmp(detail, "SCAN json_each VIRTUAL", 22) == 0)
                continue;
            if (walks && !plan_may_walk(id, detail))
                fail_msg("%s: %s", connection_what(id), detail);
        }
        assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
    }
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

int main(void)
{
    secret_init();
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, folder_begin, folder_end)
        CASE(a_store_is_the_same_when_opened_again),
        CASE(a_migration_runs_once),
        CASE(the_oldest_callbacks_go),
        CASE(a_newer_schema_is_refused),
        CASE(an_older_schema_is_not_read_beside),
        CASE(what_is_not_ours_is_refused),
        CASE(a_url_must_name_a_file_that_can_be),
        CASE(only_the_owner_may_read_the_files),
        CASE(a_second_payoutd_is_refused),
        CASE(a_store_is_read_beside_its_payoutd),
        CASE(a_backup_is_a_whole_store),
        CASE(a_backup_waits_for_nobody),
        CASE(a_restore_puts_a_whole_copy_in_place_or_nothing),
        CASE(a_damaged_file_is_a_fault),
        CASE(a_row_that_makes_no_sense_is_a_fault),
        CASE(the_ledger_never_changes),
        CASE(no_statement_walks_a_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

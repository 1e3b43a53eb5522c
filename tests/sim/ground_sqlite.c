#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/world.h"
#include "store/sqlite/sqlite.h"
#include "support/vfs_faulty.h"

/* Each life is a process of its own: it is killed, it stops itself, it loses its power, and nothing
 * but the disk and the world outside are left. */

const char ground_name[] = "sqlite";
const int ground_steps = 120, ground_audit_every = 6;

enum {
    EXIT_ENDED = 0,
    EXIT_VIOLATION = 1,
    EXIT_NOT_BEGUN = 72,
    EXIT_STOPPED = 73,
    PATH_BYTES = 256,
    FULL_WRITES_MAX = 30,
    LIVES_MAX = 2000,
    STORMY = 3, /* One world in so many. */
    ARENA_BYTES = 1 << 28,
};

struct ground {
    struct vfs_disk *disk;
    struct vfs_driver driver;
    char folder[PATH_BYTES], url[2 * PATH_BYTES], file[2 * PATH_BYTES];
    uint32_t full_writes; /* So many more find no room. */
};

/* Of this process. */
static struct world *alive;
static struct connection eye;   /* The auditor's: it only looks. */
static struct connection mover; /* Moves the log into the database, as the store's thread does. */
static struct arena *tables_arena;
static struct store_memory_tables tables;
static int64_t tables_version;

void *ground_keep(size_t bytes)
{
    void *kept = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    invariant(kept != MAP_FAILED);
    return kept;
}

void ground_let_go(void *kept, size_t bytes)
{
    invariant(munmap(kept, bytes) == 0);
}

/* --- What becomes of the disk --- */

static enum vfs_fate fate_draw(struct world *world, enum vfs_call call)
{
    struct ground *ground = world->ground;
    /* A commit has so many writes, about; in some worlds a life is a few commits long. */
    uint32_t rare = call == VFS_SYNC ? 8 : 128;
    if (world->seed % STORMY == 0)
        rare /= 8;
    enum vfs_fate fate = VFS_WELL;
    if (call == VFS_READ)
        return world_trouble(world, TROUBLE_DISK_READ, 3000) ? VFS_FAILS : VFS_WELL;
    if (world_trouble(world, TROUBLE_KILLED, 15 * rare))
        fate = VFS_KILLED;
    if (world_trouble(world, TROUBLE_POWER_OFF, 10 * rare))
        fate = VFS_POWERED_OFF;
    if (call == VFS_SYNC)
        return world_trouble(world, TROUBLE_DISK_SYNC, 80) ? VFS_FAILS : fate;
    if (world_trouble(world, TROUBLE_DISK_WRITE, 2000))
        fate = VFS_FAILS;
    if (world_trouble(world, TROUBLE_DISK_FULL, 1500))
        ground->full_writes = 1 + world_random(world, FULL_WRITES_MAX);
    if (world->calm || ground->full_writes == 0)
        return fate;
    ground->full_writes--;
    return VFS_FULL;
}

static enum vfs_fate ground_fate(void *context, enum vfs_call call, const char *name)
{
    static const char *const calls[] = {"read of", "write to", "sync of"};
    static const char *const fates[] = {"well", "EIO", "full", "killed", "power off"};
    struct world *world = context;
    enum vfs_fate fate = fate_draw(world, call);
    if (fate != VFS_WELL)
        world_say(world, "disk: %s %s: %s", calls[call], strrchr(name, '/') + 1, fates[fate]);
    return fate;
}

static uint32_t ground_random(void *context, uint32_t limit)
{
    return world_random(context, limit);
}

/* --- Making and removing --- */

void ground_open(struct world *world)
{
    const char *where = getenv("TMPDIR");
    struct ground *ground = ground_keep(sizeof *ground);
    world->ground = ground;
    ground->disk = vfs_faulty_make();
    ground->driver = (struct vfs_driver){ground_fate, ground_random, world};
    (void)snprintf(ground->folder, sizeof ground->folder, "%s/sim.XXXXXX",
                   where == NULL ? "/tmp" : where);
    invariant(mkdtemp(ground->folder) != NULL);
    (void)snprintf(ground->file, sizeof ground->file, "%s/payoutd.db", ground->folder);
    (void)snprintf(ground->url, sizeof ground->url, "sqlite://%s", ground->file);
}

static void folder_remove(const char *path)
{
    DIR *directory = opendir(path);
    invariant(directory != NULL);
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;)
        (void)unlinkat(dirfd(directory), entry->d_name, 0); /* "." and ".." refuse. */
    invariant(closedir(directory) == 0 && rmdir(path) == 0);
}

void ground_close(struct world *world)
{
    struct ground *ground = world->ground;
    folder_remove(ground->folder);
    vfs_faulty_unmake(ground->disk);
    ground_let_go(ground, sizeof *ground);
}

/* --- Lives and deaths --- */

/* In the place of the one that aborts: a broken invariant is a finding, while a store that stops
 * its process, with abort too, does what it should. */
_Noreturn void __wrap_invariant_failed(const char *condition, const char *file, int line,
                                       const char *function);
void __wrap_invariant_failed(const char *condition, const char *file, int line,
                             const char *function)
{
    if (alive != NULL)
        auditor_fail(alive, "%s:%d: %s: invariant does not hold: %s", file, line, function,
                     condition);
    fprintf(stderr, "%s:%d: %s: invariant does not hold: %s\n", file, line, function, condition);
    abort();
}

static _Noreturn void life_run(struct world *world, void (*life)(struct world *world))
{
    const struct rlimit none = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)signal(SIGABRT, SIG_DFL);
    alive = world;
    world->arena = NULL; /* The last life's, like all that a life opens. */
    vfs_faulty_install(world->ground->disk, &world->ground->driver);
    life(world);
    _exit(EXIT_ENDED);
}

/* The process has ended, with that status: what is left of its disk. */
static void life_ended(struct world *world, int status)
{
    struct ground *ground = world->ground;
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    bool aborted = WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
    if (code == EXIT_VIOLATION) {
        ground_close(world);
        exit(EXIT_VIOLATION); /* It has said why. */
    }
    audit(world,
          aborted || code == VFS_EXIT_KILLED || code == VFS_EXIT_POWERED_OFF ||
              code == EXIT_NOT_BEGUN || code == EXIT_STOPPED,
          "a life ended with status %d", status);
    audit(world, !aborted || vfs_faulty_failed(ground->disk), "it stopped itself without need");
    world_say(world, "its end: %s %d", aborted ? "aborted" : "exit", code);
    world_crashed(world);
    if (code == VFS_EXIT_POWERED_OFF || world_trouble(world, TROUBLE_POWER_OFF, 6))
        vfs_faulty_power_loss(ground->disk, &ground->driver);
    vfs_faulty_process_ended(ground->disk, &ground->driver);
}

void ground_live(struct world *world, void (*life)(struct world *world))
{
    for (int lives = 0;; lives++) {
        audit(world, lives < LIVES_MAX, "it dies and dies");
        (void)fflush(stdout);
        pid_t child = fork();
        if (child == 0)
            life_run(world, life);
        int status = 0;
        invariant(child > 0 && waitpid(child, &status, 0) == child);
        if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_ENDED)
            return;
        life_ended(world, status);
    }
}

void ground_cannot_begin(struct world *world, const char *why)
{
    world_say(world, "it can't begin: %.100s", why);
    audit(world, vfs_faulty_failed(world->ground->disk), "it can't begin, without need: %s", why);
    _exit(EXIT_NOT_BEGUN);
}

void ground_boot(struct world *world)
{
    struct ground *ground = world->ground;
    struct fault fault;
    if (store_open(ground->url, NULL, &world->store, &fault) != FAULT_NONE)
        ground_cannot_begin(world, fault.text);
    bool quiet = vfs_faulty_quiet(ground->disk, true);
    if (connection_open(&eye, ground->file, SQLITE_OPEN_READONLY, &fault) != FAULT_NONE ||
        connection_open(&mover, ground->file, SQLITE_OPEN_READWRITE, &fault) != FAULT_NONE ||
        connection_run(&mover, "sync", "PRAGMA synchronous = FULL", &fault) != FAULT_NONE)
        auditor_fail(world, "the auditor can't look: %s", fault.text);
    (void)vfs_faulty_quiet(ground->disk, quiet);
}

bool ground_died(struct world *world)
{
    audit(world, !vfs_faulty_sync_failed(world->ground->disk), "it went on after a failed sync");
    return false; /* Nobody comes back from a real death. */
}

/* An orderly stop; the disk may fail it, and the power too. */
static _Noreturn void life_stop(struct world *world)
{
    world_say(world, "it stops");
    connection_close(&eye);
    connection_close(&mover);
    lane_close(world->lane);
    store_reader_close(world->reader);
    store_close(world->store);
    _exit(EXIT_STOPPED);
}

void ground_work(struct world *world)
{
    struct fault fault;
    if (world_random(world, 12) == 0) {
        int code = sqlite3_wal_checkpoint_v2(mover.db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
        world_say(world, "the log is moved: %d", code);
        if (code != SQLITE_OK)
            (void)connection_fault(&mover, code, "move the log", &fault);
    }
    if (world_trouble(world, TROUBLE_STOPPED, 60))
        life_stop(world);
}

/* --- What the auditor sees --- */

static void query_prepare(struct query *query, const char *sql)
{
    *query = (struct query){.connection = &eye, .arena = tables_arena};
    int code = sqlite3_prepare_v2(eye.db, sql, -1, &query->statement, NULL);
    audit(alive, code == SQLITE_OK, "%s: %s", sql, sqlite3_errmsg(eye.db));
}

static void query_finish(struct query *query)
{
    audit(alive, query->code == SQLITE_DONE && !query->implausible, "the auditor reads: %d %s",
          query->code, sqlite3_errmsg(eye.db));
    (void)sqlite3_finalize(query->statement);
}

/* All rows of one table, with the store's own way to read one. */
#define TABLE_READ(name, type, get, columns, from)                                                 \
    do {                                                                                           \
        struct query query;                                                                        \
        struct row_list list = {.arena = tables_arena, .size = sizeof(type)};                      \
        query_prepare(&query, "SELECT " columns " FROM " from);                                    \
        while (query_next(&query))                                                                 \
            get(&query, row_list_add(&list));                                                      \
        query_finish(&query);                                                                      \
        tables.name##s = list.rows;                                                                \
        tables.name##_count = list.count;                                                          \
    } while (0)

static void tables_read(void)
{
    TABLE_READ(merchant, struct merchant, row_get_merchant, MERCHANT_COLUMNS, "merchant");
    TABLE_READ(account, struct account_balance, row_get_account, "number, balance_minor",
               "account");
    TABLE_READ(contact, struct contact, row_get_contact, CONTACT_COLUMNS, "contact");
    TABLE_READ(transfer, struct transfer, row_get_transfer, TRANSFER_COLUMNS(""),
               "transfer ORDER BY id");
    TABLE_READ(lot, struct lot, row_get_lot, LOT_COLUMNS, "lot ORDER BY first");
    TABLE_READ(notification, struct notification, row_get_notification, NOTIFICATION_COLUMNS(""),
               "notification ORDER BY transfer, endpoint, number");
    TABLE_READ(endpoint, struct endpoint, row_get_endpoint, ENDPOINT_COLUMNS,
               "endpoint ORDER BY merchant, number");
    TABLE_READ(funding, struct funding, row_get_funding, FUNDING_COLUMNS, "funding");
    TABLE_READ(movement, struct movement, row_get_movement, MOVEMENT_COLUMNS,
               "movement ORDER BY id");
    TABLE_READ(delivery, struct delivery, row_get_delivery, DELIVERY_COLUMNS, "delivery");
    TABLE_READ(contradiction, struct contradiction, row_get_contradiction,
               CONTRADICTION_COLUMNS(""), "contradiction ORDER BY id");
    TABLE_READ(usage, struct usage, row_get_usage, USAGE_COLUMNS, "usage");
    TABLE_READ(screening, struct screening, row_get_screening, SCREENING_COLUMNS(""),
               "screening ORDER BY transfer, number");
    TABLE_READ(settlement, struct settlement, row_get_settlement, SETTLEMENT_COLUMNS(""),
               "settlement ORDER BY transfer, number");
    TABLE_READ(approval, struct approval, row_get_approval, APPROVAL_COLUMNS,
               "approval ORDER BY merchant, lot, number");
    TABLE_READ(mail, struct mail, row_get_mail, MAIL_COLUMNS, "mail");
    TABLE_READ(head, struct ledger_head, row_get_head, "last_movement_id, hash",
               "ledger_head ORDER BY last_movement_id");
}

const struct store_memory_tables *ground_tables(struct world *world)
{
    int64_t version = 0;
    struct fault fault;
    bool quiet = vfs_faulty_quiet(world->ground->disk, true);
    if (connection_number(&eye, "look", "PRAGMA data_version", &version, &fault) != FAULT_NONE)
        auditor_fail(world, "the auditor can't look: %s", fault.text);
    if (version != tables_version || tables_arena == NULL) {
        if (tables_arena != NULL)
            arena_close(tables_arena);
        tables_arena = arena_open(ARENA_BYTES);
        tables_read();
        tables_version = version;
    }
    (void)vfs_faulty_quiet(world->ground->disk, quiet);
    return &tables;
}

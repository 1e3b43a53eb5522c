#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/sqlite/sqlite.h"

/* --- Out: a copy of a store that may be in use --- */

enum { COPY_STEP_PAGES = 1024 };

/* Copies page by page. The source's open view keeps the copy one moment's, and from starting over
 * whenever the lane commits. */
static enum fault_kind copy_pages(struct connection *from, struct connection *to,
                                  struct fault *fault)
{
    sqlite3_backup *backup = sqlite3_backup_init(to->db, "main", from->db, "main");
    if (backup == NULL)
        return connection_fault(to, sqlite3_extended_errcode(to->db), "begin to copy", fault);
    int code;
    do {
        code = sqlite3_backup_step(backup, COPY_STEP_PAGES);
    } while (code == SQLITE_OK);
    int finished = sqlite3_backup_finish(backup);
    if (code == SQLITE_DONE && finished == SQLITE_OK)
        return FAULT_NONE;
    return connection_fault(to, code == SQLITE_DONE ? finished : code, "copy the pages", fault);
}

/* The copy's schema is not looked at: whoever made it may have been older. */
static enum fault_kind copy_read(const char *path, struct connection *to, struct fault *fault)
{
    struct connection from;
    enum fault_kind kind = connection_open(&from, path, SQLITE_OPEN_READONLY, fault);
    if (kind != FAULT_NONE)
        return kind;
    int64_t version;
    kind = connection_run(&from, "begin to read", "BEGIN", fault);
    if (kind == FAULT_NONE) /* The view is of this moment. */
        kind = schema_version(&from, &version, fault);
    if (kind == FAULT_NONE)
        kind = copy_pages(&from, to, fault);
    connection_close(&from); /* Ends the view. */
    return kind;
}

enum fault_kind file_sync(const char *path, struct fault *fault)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return fault_set(fault, FAULT_FINAL, "open %s: %s", path, strerror(errno));
    enum fault_kind kind = FAULT_NONE;
    if (fsync(descriptor) != 0)
        kind = fault_set(fault, FAULT_FINAL, "sync %s: %s", path, strerror(errno));
    (void)close(descriptor);
    return kind;
}

/* Makes the file path, whole and durable, or not at all. */
static enum fault_kind copy_make(const char *from, const char *path, struct fault *fault)
{
    struct connection to;
    enum fault_kind kind = file_create(path, NULL, fault);
    if (kind != FAULT_NONE)
        return kind;
    kind = connection_open(&to, path, SQLITE_OPEN_READWRITE, fault);
    if (kind == FAULT_NONE) {
        /* A copy that was cut short is thrown away: it needs no journal, and one sync at the end.
         */
        kind = connection_run(&to, "set the copy up",
                              "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF", fault);
        if (kind == FAULT_NONE)
            kind = copy_read(from, &to, fault);
        connection_close(&to);
    }
    if (kind == FAULT_NONE)
        kind = file_sync(path, fault);
    if (kind != FAULT_NONE)
        (void)unlink(path); /* It was made a moment ago, by us. */
    return kind;
}

enum fault_kind sqlite_backup(struct store *store, const char *path, struct fault *fault)
{
    const struct sqlite_store *from = (const struct sqlite_store *)(const void *)store;
    return copy_make(from->path, path, fault);
}

/* --- In: a copy in the place of a store that nobody uses --- */

struct sqlite_restore {
    struct store_restore restore;
    char *path, *copy; /* Where the store is to be; the copy beside it. */
    int lock;          /* Held all the time: no payoutd starts meanwhile. */
};

/* path with suffix behind it; the caller frees it. */
static char *name_with(const char *path, const char *suffix)
{
    size_t size = strlen(path) + strlen(suffix) + 1;
    char *name = malloc(size);
    invariant(name != NULL);
    (void)snprintf(name, size, "%s%s", path, suffix);
    return name;
}

bool file_is(const char *path, const char *suffix)
{
    struct stat found;
    char *name = name_with(path, suffix);
    bool is = lstat(name, &found) == 0;
    free(name);
    return is;
}

enum fault_kind file_remove(const char *path, const char *suffix, struct fault *fault)
{
    char *name = name_with(path, suffix);
    enum fault_kind kind = FAULT_NONE;
    if (unlink(name) != 0 && errno != ENOENT)
        kind = fault_set(fault, FAULT_FINAL, "remove %s: %s", name, strerror(errno));
    free(name);
    return kind;
}

/* What SQLite keeps beside a database. */
static const char *const companions[] = {"-wal", "-shm", "-journal"};

enum fault_kind companions_remove(const char *path, struct fault *fault)
{
    enum fault_kind kind = FAULT_NONE;
    for (size_t i = 0; i < sizeof companions / sizeof *companions && kind == FAULT_NONE; i++)
        kind = file_remove(path, companions[i], fault);
    return kind;
}

/* Gives the file a second name, when it is there. */
static enum fault_kind file_keep(const char *path, const char *as, const char *suffix,
                                 struct fault *fault)
{
    char *from = name_with(path, suffix), *to = name_with(as, suffix);
    enum fault_kind kind = FAULT_NONE;
    if (link(from, to) != 0 && errno != ENOENT)
        kind = fault_set(fault, FAULT_FINAL, "keep %s as %s: %s", from, to, strerror(errno));
    free(from);
    free(to);
    return kind;
}

/* Moves the store that is there aside, with its log: what was committed last may be in there only.
 * By second names, so that a crash at any moment leaves the store whole under one of them, and
 * never a log beside another's database. */
static enum fault_kind store_aside(const char *path, char aside[STORE_ASIDE_BYTES],
                                   struct fault *fault)
{
    int64_t now_ms = clock_now_ms();
    struct clock_parts at = clock_split(now_ms / 1000);
    (void)snprintf(aside, STORE_ASIDE_BYTES, "%s.replaced-%04d%02d%02dT%02d%02d%02d.%03dZ", path,
                   at.year, at.month, at.day, at.hour, at.minute, at.second, (int)(now_ms % 1000));
    enum fault_kind kind = file_keep(path, aside, "-wal", fault);
    if (kind == FAULT_NONE)
        kind = file_keep(path, aside, "", fault);
    if (kind == FAULT_NONE)
        kind = folder_sync(path, fault);
    if (kind == FAULT_NONE)
        kind = file_remove(path, "", fault);
    if (kind == FAULT_NONE)
        kind = folder_sync(path, fault);
    return kind;
}

/* The copy takes the store's name. What is beside the old one goes before. */
static enum fault_kind copy_place(const struct sqlite_restore *restore, struct fault *fault)
{
    enum fault_kind kind = companions_remove(restore->copy, fault);
    if (kind == FAULT_NONE)
        kind = file_sync(restore->copy, fault);
    if (kind == FAULT_NONE)
        kind = companions_remove(restore->path, fault);
    if (kind == FAULT_NONE)
        kind = folder_sync(restore->path, fault);
    if (kind == FAULT_NONE && rename(restore->copy, restore->path) != 0)
        kind = fault_set(fault, FAULT_FINAL, "rename %s to %s: %s", restore->copy, restore->path,
                         strerror(errno));
    if (kind == FAULT_NONE)
        kind = folder_sync(restore->path, fault);
    return kind;
}

static void restore_close(struct sqlite_restore *restore)
{
    if (restore->lock >= 0)
        (void)close(restore->lock); /* The lock file stays, as sqlite_close says. */
    free(restore->path);
    free(restore->copy);
    free(restore->restore.url);
    free(restore);
}

static enum fault_kind restore_refuse(const struct sqlite_restore *restore, const char *from,
                                      bool replace, struct fault *fault)
{
    struct stat there, source;
    bool exists = file_is(restore->path, "") || file_is(restore->path, "-wal");
    if (exists && !replace)
        return fault_set(fault, FAULT_FINAL,
                         "a store is there already; --force keeps it under another name");
    if (stat(from, &source) == 0 && stat(restore->path, &there) == 0 &&
        source.st_dev == there.st_dev && source.st_ino == there.st_ino)
        return fault_set(fault, FAULT_FINAL, "%s is the store itself", from);
    return FAULT_NONE;
}

static enum fault_kind restore_copy(const struct sqlite_restore *restore, const char *from,
                                    struct fault *fault)
{
    /* What a restore left that was killed. */
    enum fault_kind kind = companions_remove(restore->copy, fault);
    if (kind == FAULT_NONE)
        kind = file_remove(restore->copy, "", fault);
    if (kind == FAULT_NONE)
        kind = copy_make(from, restore->copy, fault);
    if (kind == FAULT_NONE)
        kind = schema_upgrade(restore->copy, fault);
    return kind;
}

enum fault_kind sqlite_restore_begin(const char *url, const char *from, bool replace,
                                     struct store_restore **restore, struct fault *fault)
{
    const char *path = file_url_path(url, fault);
    if (path == NULL)
        return FAULT_FINAL;
    struct sqlite_restore *begun = calloc(1, sizeof *begun);
    invariant(begun != NULL);
    begun->restore.backend = &sqlite_backend;
    begun->path = name_with(path, "");
    begun->copy = name_with(path, ".restore");
    begun->restore.url = name_with("sqlite:", begun->copy);
    begun->lock = -1;
    enum fault_kind kind = file_lock(path, &begun->lock, fault);
    if (kind == FAULT_NONE)
        kind = restore_refuse(begun, from, replace, fault);
    if (kind == FAULT_NONE)
        kind = restore_copy(begun, from, fault);
    if (kind != FAULT_NONE) {
        restore_close(begun);
        return fault_wrap(fault, "%s", path);
    }
    *restore = &begun->restore;
    return FAULT_NONE;
}

enum fault_kind sqlite_restore_end(struct store_restore *restore, bool keep,
                                   char aside[STORE_ASIDE_BYTES], struct fault *fault)
{
    struct sqlite_restore *ended = (struct sqlite_restore *)(void *)restore;
    enum fault_kind kind = FAULT_NONE;
    aside[0] = '\0';
    if (keep && (file_is(ended->path, "") || file_is(ended->path, "-wal")))
        kind = store_aside(ended->path, aside, fault);
    if (keep && kind == FAULT_NONE)
        kind = copy_place(ended, fault);
    if (!keep) {
        kind = companions_remove(ended->copy, fault);
        if (kind == FAULT_NONE)
            kind = file_remove(ended->copy, "", fault);
    }
    restore_close(ended);
    return kind;
}

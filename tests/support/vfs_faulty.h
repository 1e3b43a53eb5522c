/* vfs_faulty: a disk that forgets, under SQLite. Its files are in memory that outlives a process
 * (shared with its parent), each twice: as the processes see it, and as it would be found after the
 * power went. Only a sync makes the second like the first. Whoever drives it says of every call
 * what becomes of it; locks and the shared index of the log are the system's own, on empty files.
 * One thread at a time. */
#ifndef PAYOUT_TESTS_VFS_FAULTY_H
#define PAYOUT_TESTS_VFS_FAULTY_H
#include <stdbool.h>
#include <stdint.h>

enum vfs_call { VFS_READ, VFS_WRITE, VFS_SYNC };
enum vfs_fate {
    VFS_WELL,
    VFS_FAILS,  /* EIO. A write may have left its beginning; a sync leaves each sector on the disk,
                   to be written later, or dropped: then it reads as new until the process ends, no
                   later sync writes it, and after that it is what it was before. */
    VFS_FULL,   /* No room. A write may have left its beginning. */
    VFS_KILLED, /* The process ends with VFS_EXIT_KILLED, before or after the call ... */
    VFS_POWERED_OFF, /* ... or with VFS_EXIT_POWERED_OFF: its parent calls vfs_faulty_power_loss. */
};
enum { VFS_EXIT_KILLED = 70, VFS_EXIT_POWERED_OFF = 71 };

struct vfs_driver {
    enum vfs_fate (*fate)(void *context, enum vfs_call call, const char *name);
    /* A number from 0 to limit - 1. */
    uint32_t (*random)(void *context, uint32_t limit);
    void *context;
};

struct vfs_disk;

/* An empty disk, in memory shared with processes forked from now on. */
struct vfs_disk *vfs_faulty_make(void);
void vfs_faulty_unmake(struct vfs_disk *disk);
/* Makes it this process's default: before any database is opened. disk and driver must outlive all
 * databases. */
void vfs_faulty_install(struct vfs_disk *disk, const struct vfs_driver *driver);
/* While quiet every call goes well: for whoever only looks. Returns what it was. */
bool vfs_faulty_quiet(struct vfs_disk *disk, bool quiet);
/* Whether a sync, or anything, has failed since the process was started. */
bool vfs_faulty_sync_failed(const struct vfs_disk *disk);
bool vfs_faulty_failed(const struct vfs_disk *disk);
/* The process has ended, and the next one begins. What failed syncs dropped reads as it is on the
 * disk, or still as new. */
void vfs_faulty_process_ended(struct vfs_disk *disk, const struct vfs_driver *driver);
/* Every sector written since its file's last sync is kept or lost, each by itself. */
void vfs_faulty_power_loss(struct vfs_disk *disk, const struct vfs_driver *driver);
#endif

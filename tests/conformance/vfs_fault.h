/* vfs_fault: the disk under SQLite, with failures to order. It stands in front of the system's own,
 * for all files of the process, once it is put there. One thread arms it at a time. */
#ifndef PAYOUT_TESTS_VFS_FAULT_H
#define PAYOUT_TESTS_VFS_FAULT_H
#include <stdbool.h>

enum vfs_call { VFS_WRITE, VFS_SYNC, VFS_READ, VFS_CALLS };

/* Before any database is opened. */
void vfs_fault_install(void);
/* The call that comes after `after` more of its kind fails with SQLite's code, and all that follow
 * it; with once, only that one. */
void vfs_fault_arm(enum vfs_call call, int after, int code, bool once);
void vfs_fault_disarm(void);
/* Whether an armed failure has happened. */
bool vfs_fault_happened(void);
/* Calls of a kind since the last arming or disarming. */
int vfs_fault_count(enum vfs_call call);
#endif

#include "vfs_fault.h"

#include <sqlite3.h>
#include <stdatomic.h>
#include <string.h>

#include "base/fault.h"

/* SQLite allocates szOsFile bytes for a file: ours, and the system's right behind it. */
struct file {
    sqlite3_file base;
    sqlite3_file *real;
};

static sqlite3_vfs vfs;
static sqlite3_vfs *system_vfs;
static _Atomic int counts[VFS_CALLS], armed_call = VFS_CALLS, armed_after, armed_code;
static _Atomic bool armed_once, happened;

void vfs_fault_disarm(void)
{
    atomic_store(&armed_call, VFS_CALLS);
    for (int i = 0; i < VFS_CALLS; i++)
        atomic_store(&counts[i], 0);
}

void vfs_fault_arm(enum vfs_call call, int after, int code, bool once)
{
    vfs_fault_disarm();
    atomic_store(&armed_after, after);
    atomic_store(&armed_code, code);
    atomic_store(&armed_once, once);
    atomic_store(&happened, false);
    atomic_store(&armed_call, (int)call);
}

bool vfs_fault_happened(void)
{
    return atomic_load(&happened);
}

int vfs_fault_count(enum vfs_call call)
{
    return atomic_load(&counts[call]);
}

/* SQLITE_OK, or what the call has to fail with. */
static int trouble(enum vfs_call call)
{
    int count = atomic_fetch_add(&counts[call], 1), after = atomic_load(&armed_after);
    if (atomic_load(&armed_call) != (int)call || count < after)
        return SQLITE_OK;
    if (atomic_load(&armed_once) && count > after)
        return SQLITE_OK;
    atomic_store(&happened, true);
    return atomic_load(&armed_code);
}

static sqlite3_file *real(sqlite3_file *file)
{
    return ((struct file *)(void *)file)->real;
}

static int file_close(sqlite3_file *file)
{
    return real(file)->pMethods->xClose(real(file));
}

static int file_read(sqlite3_file *file, void *bytes, int length, sqlite3_int64 at)
{
    int code = trouble(VFS_READ);
    return code != SQLITE_OK ? code : real(file)->pMethods->xRead(real(file), bytes, length, at);
}

static int file_write(sqlite3_file *file, const void *bytes, int length, sqlite3_int64 at)
{
    int code = trouble(VFS_WRITE);
    return code != SQLITE_OK ? code : real(file)->pMethods->xWrite(real(file), bytes, length, at);
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    return real(file)->pMethods->xTruncate(real(file), size);
}

static int file_sync(sqlite3_file *file, int flags)
{
    int code = trouble(VFS_SYNC);
    return code != SQLITE_OK ? code : real(file)->pMethods->xSync(real(file), flags);
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return real(file)->pMethods->xFileSize(real(file), size);
}

static int file_lock(sqlite3_file *file, int level)
{
    return real(file)->pMethods->xLock(real(file), level);
}

static int file_unlock(sqlite3_file *file, int level)
{
    return real(file)->pMethods->xUnlock(real(file), level);
}

static int file_reserved(sqlite3_file *file, int *out)
{
    return real(file)->pMethods->xCheckReservedLock(real(file), out);
}

static int file_control(sqlite3_file *file, int operation, void *argument)
{
    return real(file)->pMethods->xFileControl(real(file), operation, argument);
}

static int file_sector_size(sqlite3_file *file)
{
    return real(file)->pMethods->xSectorSize(real(file));
}

static int file_characteristics(sqlite3_file *file)
{
    return real(file)->pMethods->xDeviceCharacteristics(real(file));
}

static int file_map(sqlite3_file *file, int page, int size, int extend, void volatile **out)
{
    return real(file)->pMethods->xShmMap(real(file), page, size, extend, out);
}

static int file_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
    return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
}

static void file_barrier(sqlite3_file *file)
{
    real(file)->pMethods->xShmBarrier(real(file));
}

static int file_unmap(sqlite3_file *file, int delete)
{
    return real(file)->pMethods->xShmUnmap(real(file), delete);
}

static const sqlite3_io_methods methods = {.iVersion = 2, /* No mapping of the file itself. */
                                           .xClose = file_close,
                                           .xRead = file_read,
                                           .xWrite = file_write,
                                           .xTruncate = file_truncate,
                                           .xSync = file_sync,
                                           .xFileSize = file_size,
                                           .xLock = file_lock,
                                           .xUnlock = file_unlock,
                                           .xCheckReservedLock = file_reserved,
                                           .xFileControl = file_control,
                                           .xSectorSize = file_sector_size,
                                           .xDeviceCharacteristics = file_characteristics,
                                           .xShmMap = file_map,
                                           .xShmLock = file_shm_lock,
                                           .xShmBarrier = file_barrier,
                                           .xShmUnmap = file_unmap};

static int vfs_open(sqlite3_vfs *self, const char *name, sqlite3_file *file, int flags, int *out)
{
    (void)self;
    struct file *opened = (struct file *)(void *)file;
    opened->real = (sqlite3_file *)(void *)(opened + 1);
    int code = system_vfs->xOpen(system_vfs, name, opened->real, flags, out);
    opened->base.pMethods = opened->real->pMethods == NULL ? NULL : &methods;
    return code;
}

void vfs_fault_install(void)
{
    system_vfs = sqlite3_vfs_find(NULL);
    invariant(system_vfs != NULL && system_vfs != &vfs);
    vfs = *system_vfs;
    vfs.zName = "faults";
    vfs.szOsFile = (int)sizeof(struct file) + system_vfs->szOsFile;
    vfs.xOpen = vfs_open;
    invariant(sqlite3_vfs_register(&vfs, 1) == SQLITE_OK);
}

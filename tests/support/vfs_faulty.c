#include "support/vfs_faulty.h"

#include <errno.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fault.h"

enum {
    FILES_MAX = 4,
    NAME_BYTES = 512,
    SECTOR_BYTES = 512,
    FILE_BYTES_MAX = 64 << 20,
    SECTORS_MAX = FILE_BYTES_MAX / SECTOR_BYTES,
};

enum sector {
    SECTOR_CLEAN,   /* On the disk as it reads. */
    SECTOR_DIRTY,   /* To be written by the next sync. */
    SECTOR_DROPPED, /* A failed sync forgot it: it reads as new and will be old. */
};

struct image {
    char name[NAME_BYTES]; /* "": no such file. */
    bool exists, exists_on_disk;
    bool reborn; /* Made anew under a name whose former file is still on the disk. */
    int64_t size, size_on_disk;
    uint8_t sectors[SECTORS_MAX]; /* enum sector */
    uint8_t bytes[FILE_BYTES_MAX], bytes_on_disk[FILE_BYTES_MAX];
};

struct vfs_disk {
    bool quiet, sync_failed, failed;
    struct image images[FILES_MAX];
};

/* SQLite allocates szOsFile bytes for a file: ours, and the system's right behind it. */
struct file {
    sqlite3_file base;
    sqlite3_file *real; /* For locks and the shared index. */
    struct image *image;
    bool folder_due; /* Opened so that it may have been made: its first sync syncs the folder. */
    int error;       /* The system's number for the last failure. */
};

static sqlite3_vfs vfs;
static sqlite3_vfs *system_vfs;
static struct vfs_disk *installed;
static const struct vfs_driver *driver_installed;

struct vfs_disk *vfs_faulty_make(void)
{
    void *memory = mmap(NULL, sizeof(struct vfs_disk), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    invariant(memory != MAP_FAILED);
    return memory;
}

void vfs_faulty_unmake(struct vfs_disk *disk)
{
    invariant(munmap(disk, sizeof *disk) == 0);
}

bool vfs_faulty_quiet(struct vfs_disk *disk, bool quiet)
{
    bool before = disk->quiet;
    disk->quiet = quiet;
    return before;
}

bool vfs_faulty_sync_failed(const struct vfs_disk *disk)
{
    return disk->sync_failed;
}

bool vfs_faulty_failed(const struct vfs_disk *disk)
{
    return disk->failed;
}

/* --- What becomes of a file --- */

static size_t sectors_of(int64_t size)
{
    return (size_t)((size + SECTOR_BYTES - 1) / SECTOR_BYTES);
}

static size_t sectors_touched(const struct image *image)
{
    int64_t size = image->size > image->size_on_disk ? image->size : image->size_on_disk;
    return sectors_of(size);
}

static void sector_copy(uint8_t *to, const uint8_t *from, size_t sector)
{
    memcpy(to + sector * SECTOR_BYTES, from + sector * SECTOR_BYTES, SECTOR_BYTES);
}

static void image_write(struct image *image, const void *bytes, int64_t length, int64_t at)
{
    invariant(at >= 0 && at + length <= FILE_BYTES_MAX);
    if (length == 0)
        return;
    memcpy(image->bytes + at, bytes, (size_t)length);
    for (int64_t i = at / SECTOR_BYTES; i <= (at + length - 1) / SECTOR_BYTES; i++)
        image->sectors[i] = SECTOR_DIRTY;
    if (at + length > image->size)
        image->size = at + length;
}

static void image_truncate(struct image *image, int64_t size)
{
    if (size >= image->size)
        return;
    memset(image->bytes + size, 0, (size_t)(image->size - size));
    for (size_t i = (size_t)(size / SECTOR_BYTES); i < sectors_of(image->size); i++)
        image->sectors[i] = SECTOR_DIRTY;
    image->size = size;
}

static void image_sync(struct image *image)
{
    for (size_t i = 0; i < sectors_touched(image); i++) {
        if (image->sectors[i] != SECTOR_DIRTY)
            continue;
        sector_copy(image->bytes_on_disk, image->bytes, i);
        image->sectors[i] = SECTOR_CLEAN;
    }
    image->size_on_disk = image->size;
}

/* The folder's entries are on the disk: those that were deleted before never come back. */
static void folder_sync(struct vfs_disk *disk)
{
    for (size_t i = 0; i < FILES_MAX; i++) {
        struct image *image = &disk->images[i];
        if (image->reborn || !image->exists) {
            memset(image->bytes_on_disk, 0, (size_t)image->size_on_disk);
            image->size_on_disk = 0;
        }
        image->exists_on_disk = image->exists;
        image->reborn = false;
    }
}

static void image_sync_fails(struct image *image, const struct vfs_driver *driver)
{
    for (size_t i = 0; i < sectors_touched(image); i++) {
        uint32_t fate = driver->random(driver->context, 3);
        /* What is on the disk under the name is still the former file, when there is one. */
        if (image->sectors[i] != SECTOR_DIRTY || fate == 0 || (fate == 1 && image->reborn))
            continue;
        if (fate == 1)
            sector_copy(image->bytes_on_disk, image->bytes, i);
        image->sectors[i] = fate == 1 ? SECTOR_CLEAN : SECTOR_DROPPED;
    }
    if (driver->random(driver->context, 2) == 0 && !image->reborn)
        image->size_on_disk = image->size;
}

/* The file after its system's memory was lost. */
static void image_power_loss(struct image *image, const struct vfs_driver *driver)
{
    bool new_entry = driver->random(driver->context, 2) == 0;
    bool new_size = driver->random(driver->context, 2) == 0;
    uint32_t kept_of_4 = driver->random(driver->context, 5); /* All, none, or a mix. */
    bool former = image->exists_on_disk && (image->reborn || !image->exists) && !new_entry;
    size_t sectors = sectors_touched(image);
    if (former) { /* The file that was deleted is back, as it was. */
        memcpy(image->bytes, image->bytes_on_disk, sectors * SECTOR_BYTES);
        image->size = image->size_on_disk;
        image->exists = true;
    } else if (image->exists && !image->exists_on_disk && !new_entry) {
        image_truncate(image, 0); /* It has never been made. */
        image->exists = false;
    } else if (image->exists) {
        if (image->reborn) { /* It was made empty, whatever had its name. */
            memset(image->bytes_on_disk, 0, sectors * SECTOR_BYTES);
            image->size_on_disk = 0;
        }
        for (size_t i = 0; i < sectors; i++)
            if (image->sectors[i] == SECTOR_DROPPED ||
                (image->sectors[i] == SECTOR_DIRTY &&
                 driver->random(driver->context, 4) >= kept_of_4))
                sector_copy(image->bytes, image->bytes_on_disk, i);
        /* When it was made shorter in vain, what was beyond is as it was: nobody wrote there. */
        for (size_t i = sectors_of(image->size); i < sectors && !new_size; i++)
            sector_copy(image->bytes, image->bytes_on_disk, i);
        image->size = new_size ? image->size : image->size_on_disk;
    }
    memset(image->bytes + image->size, 0, sectors * SECTOR_BYTES - (size_t)image->size);
    memset(image->sectors, SECTOR_DIRTY, sectors);
    image_sync(image);
    image->exists_on_disk = image->exists;
    image->reborn = false;
}

void vfs_faulty_power_loss(struct vfs_disk *disk, const struct vfs_driver *driver)
{
    for (size_t i = 0; i < FILES_MAX; i++)
        if (disk->images[i].name[0] != '\0')
            image_power_loss(&disk->images[i], driver);
    vfs_faulty_process_ended(disk, driver);
}

void vfs_faulty_process_ended(struct vfs_disk *disk, const struct vfs_driver *driver)
{
    for (size_t i = 0; i < FILES_MAX; i++) {
        struct image *image = &disk->images[i];
        for (size_t j = 0; image->name[0] != '\0' && j < sectors_touched(image); j++) {
            if (image->sectors[j] != SECTOR_DROPPED || driver->random(driver->context, 2) == 0)
                continue; /* Still in the system's memory. */
            sector_copy(image->bytes, image->bytes_on_disk, j);
            image->sectors[j] = SECTOR_CLEAN;
        }
    }
    disk->sync_failed = disk->failed = disk->quiet = false;
}

/* --- Calls --- */

static struct image *image_of(sqlite3_file *file)
{
    return ((struct file *)(void *)file)->image;
}

static sqlite3_file *real(sqlite3_file *file)
{
    return ((struct file *)(void *)file)->real;
}

static uint32_t draw(uint32_t limit)
{
    return driver_installed->random(driver_installed->context, limit);
}

static enum vfs_fate fate_of(enum vfs_call call, const struct image *image)
{
    if (installed->quiet)
        return VFS_WELL;
    enum vfs_fate fate = driver_installed->fate(driver_installed->context, call, image->name);
    if (fate == VFS_FAILS || fate == VFS_FULL)
        installed->failed = true;
    return fate;
}

static _Noreturn void die(enum vfs_fate fate)
{
    _exit(fate == VFS_KILLED ? VFS_EXIT_KILLED : VFS_EXIT_POWERED_OFF);
}

static int file_close(sqlite3_file *file)
{
    return real(file)->pMethods->xClose(real(file));
}

static int file_read(sqlite3_file *file, void *bytes, int length, sqlite3_int64 at)
{
    const struct image *image = image_of(file);
    enum vfs_fate fate = fate_of(VFS_READ, image);
    if (fate == VFS_KILLED || fate == VFS_POWERED_OFF)
        die(fate);
    ((struct file *)(void *)file)->error = fate == VFS_WELL ? 0 : EIO;
    if (fate != VFS_WELL)
        return SQLITE_IOERR_READ;
    int64_t there = image->size - at;
    if (there >= length) {
        memcpy(bytes, image->bytes + at, (size_t)length);
        return SQLITE_OK;
    }
    memset(bytes, 0, (size_t)length);
    if (there > 0)
        memcpy(bytes, image->bytes + at, (size_t)there);
    return SQLITE_IOERR_SHORT_READ;
}

static int file_write(sqlite3_file *file, const void *bytes, int length, sqlite3_int64 at)
{
    struct image *image = image_of(file);
    enum vfs_fate fate = fate_of(VFS_WRITE, image);
    int written = length;
    if (fate != VFS_WELL)
        written = draw(2) == 0 ? 0 : (int)draw((uint32_t)length + 1);
    image_write(image, bytes, written, at);
    if (fate == VFS_KILLED || fate == VFS_POWERED_OFF)
        die(fate);
    /* As the system's does: of a full disk it keeps no number. */
    ((struct file *)(void *)file)->error = fate == VFS_FAILS ? EIO : 0;
    if (fate == VFS_WELL)
        return SQLITE_OK;
    return fate == VFS_FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    image_truncate(image_of(file), size);
    return SQLITE_OK;
}

static int file_sync(sqlite3_file *file, int flags)
{
    (void)flags;
    struct image *image = image_of(file);
    enum vfs_fate fate = fate_of(VFS_SYNC, image);
    bool dies = fate == VFS_KILLED || fate == VFS_POWERED_OFF;
    ((struct file *)(void *)file)->error = fate == VFS_WELL ? 0 : EIO;
    if (fate == VFS_WELL || (dies && draw(2) == 0)) {
        struct file *synced = (struct file *)(void *)file;
        if (synced->folder_due)
            folder_sync(installed);
        synced->folder_due = false;
        image_sync(image);
    }
    if (dies)
        die(fate);
    if (fate == VFS_WELL)
        return SQLITE_OK;
    installed->sync_failed = true;
    image_sync_fails(image, driver_installed);
    return SQLITE_IOERR_FSYNC;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size)
{
    *size = image_of(file)->size;
    return SQLITE_OK;
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
    switch (operation) {
    case SQLITE_FCNTL_LAST_ERRNO:
        *(int *)argument = ((struct file *)(void *)file)->error;
        return SQLITE_OK;
    case SQLITE_FCNTL_SIZE_HINT:
    case SQLITE_FCNTL_CHUNK_SIZE:
    case SQLITE_FCNTL_MMAP_SIZE:
    case SQLITE_FCNTL_HAS_MOVED:
        return SQLITE_NOTFOUND;
    default:
        return real(file)->pMethods->xFileControl(real(file), operation, argument);
    }
}

static int file_sector_size(sqlite3_file *file)
{
    (void)file;
    return 4096; /* As the system's says. */
}

static int file_characteristics(sqlite3_file *file)
{
    (void)file;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE; /* The same: bytes beside a write stay. */
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

/* --- Names --- */

static struct image *image_find(const char *name)
{
    for (size_t i = 0; i < FILES_MAX; i++)
        if (strcmp(installed->images[i].name, name) == 0)
            return &installed->images[i];
    return NULL;
}

static struct image *image_make(const char *name)
{
    struct image *image = image_find(name);
    if (image == NULL)
        image = image_find("");
    invariant(image != NULL && strlen(name) < NAME_BYTES);
    (void)strncpy(image->name, name, NAME_BYTES - 1);
    if (!image->exists) {
        image->exists = true;
        image->reborn = image->exists_on_disk;
    }
    return image;
}

static int vfs_open(sqlite3_vfs *self, const char *name, sqlite3_file *file, int flags, int *out)
{
    (void)self;
    struct file *opened = (struct file *)(void *)file;
    invariant(name != NULL); /* Temporary files are kept in memory: PRAGMA temp_store. */
    const struct image *known = image_find(name);
    bool main_file = (flags & SQLITE_OPEN_MAIN_DB) != 0, there = known != NULL && known->exists;
    if (!main_file && !there && (flags & SQLITE_OPEN_CREATE) == 0)
        return SQLITE_CANTOPEN;
    opened->folder_due = !main_file && (flags & SQLITE_OPEN_CREATE) != 0;
    if (there && (flags & SQLITE_OPEN_READWRITE) != 0)
        flags |= SQLITE_OPEN_CREATE; /* The power's loss brought it back, but not the system's. */
    opened->real = (sqlite3_file *)(void *)(opened + 1);
    int code = system_vfs->xOpen(system_vfs, name, opened->real, flags, out);
    opened->base.pMethods = opened->real->pMethods == NULL ? NULL : &methods;
    if (opened->base.pMethods != NULL)
        opened->image = image_make(name);
    if (main_file && opened->image != NULL)
        opened->image->exists_on_disk = true; /* The store made it, and has synced its folder. */
    return code;
}

static int vfs_delete(sqlite3_vfs *self, const char *name, int sync_folder)
{
    (void)self;
    struct image *image = image_find(name);
    if (image == NULL || !image->exists)
        return SQLITE_IOERR_DELETE_NOENT;
    image_truncate(image, 0);
    image->exists = false;
    if (sync_folder != 0)
        folder_sync(installed);
    return system_vfs->xDelete(system_vfs, name, 0);
}

static int vfs_access(sqlite3_vfs *self, const char *name, int flags, int *out)
{
    (void)self;
    const struct image *image = image_find(name);
    if (image == NULL || flags != SQLITE_ACCESS_EXISTS)
        return system_vfs->xAccess(system_vfs, name, flags, out);
    *out = image->exists && image->size > 0; /* The system's says of an empty file the same. */
    return SQLITE_OK;
}

static int vfs_randomness(sqlite3_vfs *self, int length, char *bytes)
{
    (void)self;
    for (int i = 0; i < length; i++)
        bytes[i] = (char)draw(256);
    return length;
}

void vfs_faulty_install(struct vfs_disk *disk, const struct vfs_driver *driver)
{
    installed = disk;
    driver_installed = driver;
    system_vfs = sqlite3_vfs_find(NULL);
    invariant(system_vfs != NULL && system_vfs != &vfs);
    vfs = *system_vfs;
    vfs.zName = "faulty";
    vfs.szOsFile = (int)sizeof(struct file) + system_vfs->szOsFile;
    vfs.xOpen = vfs_open;
    vfs.xDelete = vfs_delete;
    vfs.xAccess = vfs_access;
    vfs.xRandomness = vfs_randomness;
    invariant(sqlite3_vfs_register(&vfs, 1) == SQLITE_OK);
}

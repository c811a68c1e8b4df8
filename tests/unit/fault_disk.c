#include "tests/unit/fault_disk.h"

#include "tests/unit/cmocka_all.h"

#include "common/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* SQLite hands each function the object of its own type; ours begin with it. */
struct fault_disk {
    sqlite3_vfs base;
    sqlite3_vfs *system;
    pthread_mutex_t mutex; /* of what follows */
    pthread_cond_t released;
    struct disk_fault fault;
    bool is_armed;
    unsigned calls; /* of fault.op, since it was armed */
    unsigned failed;
    bool holds;
    int64_t hold_until_us; /* monotonic; INT64_MAX = until it is released */
    unsigned held;         /* threads, now */
};

struct fault_file {
    sqlite3_file base;
    struct fault_disk *disk;
    sqlite3_file system[]; /* as large as the system's VFS says */
};

/* Whose calls the linker sends here have no argument to find it by. */
static struct fault_disk *the_disk;

static bool is_slow(enum fault_op op)
{
    switch (op) {
    case FAULT_WRITE:
    case FAULT_SYNC:
    case FAULT_TRUNCATE:
    case FAULT_PWRITE:
    case FAULT_FDATASYNC:
    case FAULT_FALLOCATE:
        return true;
    case FAULT_OPEN:
    case FAULT_DELETE:
    case FAULT_READ:
    case FAULT_SHM_MAP:
    case FAULT_LOCK:
        break;
    }
    return false;
}

/* With the mutex. */
static void wait_while_held(struct fault_disk *v)
{
    v->held++;
    while (v->holds) {
        if (v->hold_until_us == INT64_MAX) {
            (void)pthread_cond_wait(&v->released, &v->mutex);
            continue;
        }
        const struct timespec until = {.tv_sec = v->hold_until_us / US_PER_S,
                                       .tv_nsec = (long)(v->hold_until_us % US_PER_S * 1000)};
        if (pthread_cond_timedwait(&v->released, &v->mutex, &until) == ETIMEDOUT) {
            v->holds = false;
            (void)pthread_cond_broadcast(&v->released);
        }
    }
    v->held--;
}

/* 0 (SQLITE_OK), or what this call fails with. */
static int meet(struct fault_disk *v, enum fault_op op, bool *ret_torn)
{
    int code = 0;
    (void)pthread_mutex_lock(&v->mutex);
    if (is_slow(op)) {
        wait_while_held(v);
    }
    if (v->is_armed && v->fault.op == op) {
        v->calls++;
        if (v->calls == v->fault.nth || (v->fault.is_lasting && v->calls > v->fault.nth)) {
            code = v->fault.code;
            v->failed++;
        }
    }
    if (ret_torn != NULL) {
        *ret_torn = v->fault.is_torn;
    }
    (void)pthread_mutex_unlock(&v->mutex);
    return code;
}

/* ---- a file ----------------------------------------------------------------------------- */

static struct fault_disk *disk_of(sqlite3_file *file)
{
    return ((struct fault_file *)file)->disk;
}

static sqlite3_file *system_of(sqlite3_file *file)
{
    return ((struct fault_file *)file)->system;
}

static int file_close(sqlite3_file *file)
{
    sqlite3_file *f = system_of(file);
    return f->pMethods->xClose(f);
}

static int file_read(sqlite3_file *file, void *bytes, int length, sqlite3_int64 at)
{
    sqlite3_file *f = system_of(file);
    int code = meet(disk_of(file), FAULT_READ, NULL);
    return code != SQLITE_OK ? code : f->pMethods->xRead(f, bytes, length, at);
}

static int file_write(sqlite3_file *file, const void *bytes, int length, sqlite3_int64 at)
{
    sqlite3_file *f = system_of(file);
    bool torn;
    int code = meet(disk_of(file), FAULT_WRITE, &torn);
    if (code == SQLITE_OK) {
        return f->pMethods->xWrite(f, bytes, length, at);
    }
    if (torn) {
        (void)f->pMethods->xWrite(f, bytes, length / 2, at); /* it is said to have failed */
    }
    return code;
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    sqlite3_file *f = system_of(file);
    int code = meet(disk_of(file), FAULT_TRUNCATE, NULL);
    return code != SQLITE_OK ? code : f->pMethods->xTruncate(f, size);
}

static int file_sync(sqlite3_file *file, int flags)
{
    (void)flags;
    return meet(disk_of(file), FAULT_SYNC, NULL);
}

static int file_size(sqlite3_file *file, sqlite3_int64 *ret)
{
    sqlite3_file *f = system_of(file);
    return f->pMethods->xFileSize(f, ret);
}

static int file_lock(sqlite3_file *file, int level)
{
    sqlite3_file *f = system_of(file);
    int code = meet(disk_of(file), FAULT_LOCK, NULL);
    return code != SQLITE_OK ? code : f->pMethods->xLock(f, level);
}

static int file_unlock(sqlite3_file *file, int level)
{
    sqlite3_file *f = system_of(file);
    return f->pMethods->xUnlock(f, level);
}

static int file_check_reserved_lock(sqlite3_file *file, int *ret)
{
    sqlite3_file *f = system_of(file);
    return f->pMethods->xCheckReservedLock(f, ret);
}

static int file_control(sqlite3_file *file, int op, void *argument)
{
    sqlite3_file *f = system_of(file);
    return f->pMethods->xFileControl(f, op, argument);
}

static int file_sector_size(sqlite3_file *file)
{
    sqlite3_file *f = system_of(file);
    return f->pMethods->xSectorSize(f);
}

static int file_characteristics(sqlite3_file *file)
{
    sqlite3_file *f = system_of(file);
    return f->pMethods->xDeviceCharacteristics(f);
}

static int file_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **ret)
{
    sqlite3_file *f = system_of(file);
    int code = meet(disk_of(file), FAULT_SHM_MAP, NULL);
    return code != SQLITE_OK ? code : f->pMethods->xShmMap(f, page, size, extend, ret);
}

static int file_shm_lock(sqlite3_file *file, int first, int count, int flags)
{
    sqlite3_file *f = system_of(file);
    return f->pMethods->xShmLock(f, first, count, flags);
}

static void file_shm_barrier(sqlite3_file *file)
{
    sqlite3_file *f = system_of(file);
    f->pMethods->xShmBarrier(f);
}

static int file_shm_unmap(sqlite3_file *file, int and_delete)
{
    sqlite3_file *f = system_of(file);
    return f->pMethods->xShmUnmap(f, and_delete);
}

/* Version 2: without the mapped reading that version 3 has. */
static const sqlite3_io_methods file_methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check_reserved_lock,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_characteristics,
    .xShmMap = file_shm_map,
    .xShmLock = file_shm_lock,
    .xShmBarrier = file_shm_barrier,
    .xShmUnmap = file_shm_unmap,
};

/* ---- the VFS ---------------------------------------------------------------------------- */

static int vfs_open(sqlite3_vfs *base, const char *name, sqlite3_file *file, int flags,
                    int *ret_flags)
{
    struct fault_disk *v = (struct fault_disk *)base;
    struct fault_file *f = (struct fault_file *)file;
    f->base.pMethods = NULL; /* not open: SQLite does not close it */
    int code = meet(v, FAULT_OPEN, NULL);
    if (code == SQLITE_OK) {
        code = v->system->xOpen(v->system, name, f->system, flags, ret_flags);
    }
    if (code == SQLITE_OK) {
        f->disk = v;
        f->base.pMethods = &file_methods;
    }
    return code;
}

static int vfs_delete(sqlite3_vfs *base, const char *name, int sync_directory)
{
    struct fault_disk *v = (struct fault_disk *)base;
    (void)sync_directory;
    int code = meet(v, FAULT_DELETE, NULL);
    return code != SQLITE_OK ? code : v->system->xDelete(v->system, name, 0);
}

/* ---- the calls of other files ----------------------------------------------------------- */

/* On 32-bit processors, what takes an off_t of 64 bits has names of its own (glibc). */
#if __SIZEOF_LONG__ < 8
#define OFF64(name) __asm__(name "64")
#else
#define OFF64(name)
#endif

ssize_t __real_pwrite(int fd, const void *bytes, size_t length, off_t at) OFF64("__real_pwrite");
ssize_t __wrap_pwrite(int fd, const void *bytes, size_t length, off_t at) OFF64("__wrap_pwrite");
int __wrap_fdatasync(int fd);
int __real_posix_fallocate(int fd, off_t at, off_t length) OFF64("__real_posix_fallocate");
int __wrap_posix_fallocate(int fd, off_t at, off_t length) OFF64("__wrap_posix_fallocate");

ssize_t __wrap_pwrite(int fd, const void *bytes, size_t length, off_t at)
{
    bool torn = false;
    int code = the_disk != NULL ? meet(the_disk, FAULT_PWRITE, &torn) : 0;
    if (code == 0) {
        return __real_pwrite(fd, bytes, length, at);
    }
    if (torn) {
        (void)!__real_pwrite(fd, bytes, length / 2, at); /* it is said to have failed */
    }
    errno = code;
    return -1;
}

int __wrap_fdatasync(int fd)
{
    (void)fd;
    int code = the_disk != NULL ? meet(the_disk, FAULT_FDATASYNC, NULL) : 0;
    errno = code != 0 ? code : errno;
    return code != 0 ? -1 : 0;
}

int __wrap_posix_fallocate(int fd, off_t at, off_t length)
{
    int code = the_disk != NULL ? meet(the_disk, FAULT_FALLOCATE, NULL) : 0;
    return code != 0 ? code : __real_posix_fallocate(fd, at, length);
}

/* ---- beginning, end, and the switch ----------------------------------------------------- */

struct fault_disk *fault_disk_new(void)
{
    struct fault_disk *v = calloc(1, sizeof(*v));
    assert_non_null(v);
    v->system = sqlite3_vfs_find(NULL);
    v->base = *v->system; /* what is not replaced does not look at its first argument */
    v->base.zName = "fault";
    v->base.szOsFile = (int)sizeof(struct fault_file) + v->system->szOsFile;
    v->base.pNext = NULL;
    v->base.xOpen = vfs_open;
    v->base.xDelete = vfs_delete;
    assert_int_equal(pthread_mutex_init(&v->mutex, NULL), 0);
    pthread_condattr_t monotonic;
    assert_int_equal(pthread_condattr_init(&monotonic), 0);
    assert_int_equal(pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC), 0);
    assert_int_equal(pthread_cond_init(&v->released, &monotonic), 0);
    (void)pthread_condattr_destroy(&monotonic);
    assert_int_equal(sqlite3_vfs_register(&v->base, 1), SQLITE_OK);
    the_disk = v;
    return v;
}

void fault_disk_free(struct fault_disk *disk)
{
    if (disk == NULL) {
        return;
    }
    the_disk = NULL;
    assert_int_equal(sqlite3_vfs_unregister(&disk->base), SQLITE_OK);
    assert_int_equal(sqlite3_vfs_register(disk->system, 1), SQLITE_OK);
    (void)pthread_cond_destroy(&disk->released);
    (void)pthread_mutex_destroy(&disk->mutex);
    free(disk);
}

void fault_disk_arm(struct fault_disk *disk, const struct disk_fault *fault)
{
    (void)pthread_mutex_lock(&disk->mutex);
    disk->fault = *fault;
    disk->is_armed = true;
    disk->calls = 0;
    disk->failed = 0;
    (void)pthread_mutex_unlock(&disk->mutex);
}

unsigned fault_disk_end(struct fault_disk *disk)
{
    (void)pthread_mutex_lock(&disk->mutex);
    unsigned failed = disk->failed;
    disk->is_armed = false;
    (void)pthread_mutex_unlock(&disk->mutex);
    return failed;
}

unsigned fault_disk_failed(struct fault_disk *disk)
{
    (void)pthread_mutex_lock(&disk->mutex);
    unsigned failed = disk->failed;
    (void)pthread_mutex_unlock(&disk->mutex);
    return failed;
}

void fault_disk_hold(struct fault_disk *disk, int64_t limit_us)
{
    int64_t now_us = clock_system.monotonic_us(clock_system.context);
    (void)pthread_mutex_lock(&disk->mutex);
    disk->holds = true;
    disk->hold_until_us = limit_us > 0 ? now_us + limit_us : INT64_MAX;
    (void)pthread_mutex_unlock(&disk->mutex);
}

void fault_disk_release(struct fault_disk *disk)
{
    (void)pthread_mutex_lock(&disk->mutex);
    disk->holds = false;
    (void)pthread_cond_broadcast(&disk->released);
    (void)pthread_mutex_unlock(&disk->mutex);
}

bool fault_disk_is_holding(struct fault_disk *disk)
{
    (void)pthread_mutex_lock(&disk->mutex);
    bool is_holding = disk->holds && disk->held > 0;
    (void)pthread_mutex_unlock(&disk->mutex);
    return is_holding;
}

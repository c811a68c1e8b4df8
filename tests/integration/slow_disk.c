/*
 * A disk that can be stopped and fail, for a daemon under test (LD_PRELOAD): as long as somebody
 * has the file locked (flock) that EDGE_TEST_DISK_SWITCH names, nothing that writes at a place or
 * syncs returns. So does a disk that spins up again, an SD card that tidies, a network drive whose
 * server is away. As long as the file is not empty, all of that fails with EIO.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/types.h>
#include <unistd.h>

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t at);

/* Returns when the disk is not stopped (any more): whether it works; else errno is set. */
static bool disk_works(void)
{
    const char *path = getenv("EDGE_TEST_DISK_SWITCH");
    int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0 || flock(fd, LOCK_SH) < 0) {
        abort();
    }
    char word;
    bool fails = read(fd, &word, 1) == 1;
    (void)close(fd); /* unlocks it */
    errno = fails ? EIO : errno;
    return !fails;
}

/* The function of this name that this library stands in front of. */
static void *next(const char *name)
{
    void *function = dlsym(RTLD_NEXT, name);
    if (function == NULL) {
        abort();
    }
    return function;
}

int fsync(int fd)
{
    int (*call)(int) = (int (*)(int))next("fsync");
    return disk_works() ? call(fd) : -1;
}

int fdatasync(int fd)
{
    int (*call)(int) = (int (*)(int))next("fdatasync");
    return disk_works() ? call(fd) : -1;
}

typedef ssize_t (*pwrite_fn)(int, const void *, size_t, off_t);

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at)
{
    pwrite_fn call = (pwrite_fn)next("pwrite");
    return disk_works() ? call(fd, bytes, length, at) : -1;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t at)
{
    pwrite_fn call = (pwrite_fn)next("pwrite64");
    return disk_works() ? call(fd, bytes, length, at) : -1;
}

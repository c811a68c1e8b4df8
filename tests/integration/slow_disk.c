/*
 * A disk that can be stopped, for a daemon under test (LD_PRELOAD): as long as somebody has the
 * file locked (flock) that EDGE_TEST_DISK_SWITCH names, nothing that writes at a place or syncs
 * returns. So does a disk that spins up again, an SD card that tidies, a network drive whose server
 * is away.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/types.h>
#include <unistd.h>

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t at);

static void wait_while_stopped(void)
{
    const char *path = getenv("EDGE_TEST_DISK_SWITCH");
    int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0 || flock(fd, LOCK_SH) < 0) {
        abort();
    }
    (void)close(fd); /* unlocks it */
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
    wait_while_stopped();
    int (*call)(int) = (int (*)(int))next("fsync");
    return call(fd);
}

int fdatasync(int fd)
{
    wait_while_stopped();
    int (*call)(int) = (int (*)(int))next("fdatasync");
    return call(fd);
}

typedef ssize_t (*pwrite_fn)(int, const void *, size_t, off_t);

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at)
{
    wait_while_stopped();
    pwrite_fn call = (pwrite_fn)next("pwrite");
    return call(fd, bytes, length, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t at)
{
    wait_while_stopped();
    pwrite_fn call = (pwrite_fn)next("pwrite64");
    return call(fd, bytes, length, at);
}

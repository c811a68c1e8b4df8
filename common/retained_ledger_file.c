#include "common/retained_ledger_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int lock(int fd)
{
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
        return 0;
    }
    return errno == EWOULDBLOCK ? -EBUSY : -errno;
}

/* Whoever held the lock may have replaced the file between our opening and locking it. */
static int still_there(int fd, const char *path)
{
    struct stat opened;
    struct stat named;
    if (fstat(fd, &opened) < 0 || stat(path, &named) < 0) {
        return -errno;
    }
    return opened.st_dev == named.st_dev && opened.st_ino == named.st_ino ? 0 : -EBUSY;
}

int ledger_file_lock(const char *path, int *ret_fd)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    int r = lock(fd);
    if (r == 0) {
        r = still_there(fd, path);
    }
    if (r < 0) {
        (void)close(fd); /* nothing was written */
        return r;
    }
    *ret_fd = fd;
    return 0;
}

static int write_all(int fd, const char *text, size_t length)
{
    while (length > 0) {
        ssize_t n = write(fd, text, length);
        if (n < 0 && errno != EINTR) {
            return -errno;
        }
        text += n > 0 ? n : 0;
        length -= n > 0 ? (size_t)n : 0;
    }
    return fsync(fd) < 0 ? -errno : 0;
}

/* So that the new name is on the disk, too; where a file system cannot, it gets there later. */
static void sync_directory(const char *path)
{
    char directory[PATH_MAX] = ".";
    const char *slash = strrchr(path, '/');
    if (slash != NULL) {
        (void)snprintf(directory, sizeof(directory), "%.*s", (int)(slash - path) + 1, path);
    }
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd);
        (void)close(fd);
    }
}

int ledger_file_replace(const char *path, const char *text, size_t length)
{
    char temporary[PATH_MAX];
    int n = snprintf(temporary, sizeof(temporary), "%s.new", path);
    if (n < 0 || (size_t)n >= sizeof(temporary)) {
        return -ENAMETOOLONG;
    }
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0) {
        return -errno;
    }
    int r = lock(fd);
    if (r == 0) {
        r = write_all(fd, text, length);
    }
    if (r == 0 && rename(temporary, path) < 0) {
        r = -errno;
    }
    if (r < 0) {
        (void)unlink(temporary);
        (void)close(fd);
        return r;
    }
    sync_directory(path);
    return fd;
}

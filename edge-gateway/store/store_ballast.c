#include "edge-gateway/store/store_ballast.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int store_ballast_make(const char *path, uint64_t bytes)
{
    struct stat status;
    if (stat(path, &status) == 0 && (uint64_t)status.st_size == bytes) {
        return 0;
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
    if (fd < 0) {
        return -errno;
    }
    int r = ftruncate(fd, 0) < 0 ? -errno : -posix_fallocate(fd, 0, (off_t)bytes);
    (void)close(fd); /* nothing was written that could be lost */
    if (r < 0) {
        (void)unlink(path); /* half a ballast is none: the next call makes it anew */
    }
    return r;
}

bool store_ballast_drop(const char *path)
{
    return unlink(path) == 0;
}

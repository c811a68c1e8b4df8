#include "common/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_all(int fd, size_t max_bytes, struct buf *out)
{
    size_t total = 0;
    char chunk[4096];
    for (;;) {
        ssize_t n = read(fd, chunk, sizeof(chunk));
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return -errno;
        }
        if (n == 0) {
            return buf_ok(out) ? 0 : -ENOMEM;
        }
        total += (size_t)n;
        if (total > max_bytes) {
            return -EFBIG;
        }
        buf_append(out, chunk, (size_t)n);
    }
}

int file_read(const char *path, size_t max_bytes, struct buf *out, mode_t *ret_mode)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    struct stat st;
    int r = fstat(fd, &st) < 0 ? -errno : read_all(fd, max_bytes, out);
    (void)close(fd); /* only read from: nothing can be lost */
    if (r == 0 && ret_mode != NULL) {
        *ret_mode = st.st_mode;
    }
    return r;
}

#include "common/database.h"

#include "common/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define STAMP_BYTES sizeof("YYYYMMDDTHHMMSSZ")

/* `number` below 2: none. */
static int make_name(const char *path, const char *reason, const char *stamp, unsigned number,
                     char *name, size_t size)
{
    int n = number < 2 ? snprintf(name, size, "%s.%s-%s", path, reason, stamp)
                       : snprintf(name, size, "%s.%s-%s.%u", path, reason, stamp, number);
    return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

static int free_name(const char *path, const char *reason, int64_t now_us, char *name, size_t size)
{
    time_t now_s = (time_t)(now_us / US_PER_S);
    struct tm utc;
    char stamp[STAMP_BYTES];
    if (gmtime_r(&now_s, &utc) == NULL ||
        strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &utc) == 0) {
        return -EINVAL;
    }
    for (unsigned number = 1;; number++) {
        int r = make_name(path, reason, stamp, number, name, size);
        if (r < 0) {
            return r;
        }
        if (faccessat(AT_FDCWD, name, F_OK, AT_SYMLINK_NOFOLLOW) < 0) {
            return errno == ENOENT ? 0 : -errno;
        }
    }
}

static int rename_part(const char *path, const char *name, const char *suffix)
{
    char from[PATH_MAX];
    char to[PATH_MAX];
    int from_length = snprintf(from, sizeof(from), "%s%s", path, suffix);
    int to_length = snprintf(to, sizeof(to), "%s%s", name, suffix);
    if (from_length < 0 || (size_t)from_length >= sizeof(from) || to_length < 0 ||
        (size_t)to_length >= sizeof(to)) {
        return -ENAMETOOLONG;
    }
    return rename(from, to) < 0 ? -errno : 0;
}

static int rename_all(const char *path, const char *name)
{
    static const char *const suffixes[] = {"-wal", "-shm"};
    int r = rename_part(path, name, "");
    for (size_t i = 0; r == 0 && i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        r = rename_part(path, name, suffixes[i]);
        if (r == -ENOENT) { /* closed in order: there is none */
            r = 0;
        }
    }
    return r;
}

int database_set_aside(const char *path, const char *reason, int64_t now_us, char *ret_name,
                       size_t size)
{
    char *file = realpath(path, NULL);
    if (file == NULL) {
        return -errno;
    }
    char name[PATH_MAX];
    size_t limit = size < sizeof(name) ? size : sizeof(name);
    int r = free_name(file, reason, now_us, name, limit);
    if (r == 0) {
        r = rename_all(file, name);
    }
    free(file);
    if (r == 0) {
        (void)snprintf(ret_name, size, "%s", name); /* fits: free_name() saw to it */
    }
    return r;
}

#include "common/database.h"

#include "common/clock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text);
    size_t end_length = strlen(end);
    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

/* Of those set aside for the same reason: how many, and the one that was first, though never the
 * newest one, whose name is given. */
struct aside {
    const char *prefix; /* of their names, without the directory */
    const char *newest;
    unsigned count;
    struct timespec oldest; /* when it was renamed */
    char name[NAME_MAX + 1];
};

static bool is_before_oldest(const struct aside *aside, const struct timespec *when,
                             const char *name)
{
    const struct timespec *oldest = &aside->oldest;
    if (aside->name[0] == '\0' || when->tv_sec != oldest->tv_sec) {
        return aside->name[0] == '\0' || when->tv_sec < oldest->tv_sec;
    }
    return when->tv_nsec != oldest->tv_nsec ? when->tv_nsec < oldest->tv_nsec
                                            : strcmp(name, aside->name) < 0;
}

static void take_entry(struct aside *aside, int directory, const char *name)
{
    struct stat status;
    if (strncmp(name, aside->prefix, strlen(aside->prefix)) != 0 || ends_with(name, "-wal") ||
        ends_with(name, "-shm") || fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) < 0) {
        return;
    }
    aside->count++;
    if (strcmp(name, aside->newest) != 0 && is_before_oldest(aside, &status.st_ctim, name)) {
        aside->oldest = status.st_ctim;
        (void)snprintf(aside->name, sizeof(aside->name), "%s", name); /* fits: it is a name */
    }
}

/* False: no more than are kept. */
static bool remove_oldest(DIR *directory, struct aside *aside)
{
    aside->count = 0;
    aside->name[0] = '\0';
    rewinddir(directory);
    for (struct dirent *e = readdir(directory); e != NULL; e = readdir(directory)) {
        take_entry(aside, dirfd(directory), e->d_name);
    }
    if (aside->count <= DATABASE_ASIDE_KEPT || unlinkat(dirfd(directory), aside->name, 0) < 0) {
        return false;
    }
    static const char *const suffixes[] = {"-wal", "-shm"};
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        char part[NAME_MAX + 8];
        (void)snprintf(part, sizeof(part), "%s%s", aside->name, suffixes[i]); /* fits */
        (void)unlinkat(dirfd(directory), part, 0);                            /* it may have none */
    }
    return true;
}

/* So that they do not fill the disk. What cannot be removed stays: that is no reason not to begin a
 * new database. */
static void remove_old_ones(const char *path, const char *reason, const char *newest)
{
    char copy[PATH_MAX];
    char prefix[PATH_MAX];
    (void)snprintf(copy, sizeof(copy), "%s", path); /* fit: the longer `newest` did */
    const char *base = strrchr(path, '/') + 1;      /* it is absolute */
    (void)snprintf(prefix, sizeof(prefix), "%s.%s-", base, reason);
    DIR *directory = opendir(dirname(copy));
    struct aside aside = {.prefix = prefix, .newest = strrchr(newest, '/') + 1};
    while (directory != NULL && remove_oldest(directory, &aside)) {
    }
    if (directory != NULL) {
        (void)closedir(directory); /* it was only read */
    }
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
    if (r == 0) {
        remove_old_ones(file, reason, name);
    }
    free(file);
    if (r == 0) {
        (void)snprintf(ret_name, size, "%s", name); /* fits: free_name() saw to it */
    }
    return r;
}

#include "edge-gateway/store/store_seal.h"

#include "common/clock.h"
#include "common/parse.h"
#include "edge-gateway/framelog/crc32c.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINES        2
#define SECTOR_BYTES 4096 /* of a disk or flash page: what one torn write may spoil */

/* reserved 00000000000000262144 acknowledged 00000000000000001234 check 1a2b3c4d */
#define NUMBER_DIGITS 20
#define RESERVED_AT   (sizeof("reserved ") - 1)
#define CHECKED_BYTES (sizeof("reserved  acknowledged ") - 1 + 2 * NUMBER_DIGITS)
#define CHECK_AT      (CHECKED_BYTES + sizeof(" check ") - 1)
#define LINE_BYTES    (CHECK_AT + 8 + 1)

static void format(struct store_seal_state state, char text[LINE_BYTES + 1])
{
    (void)snprintf(text, LINE_BYTES + 1, "reserved %020" PRIu64 " acknowledged %020" PRIu64,
                   state.reserved, state.acknowledged);
    uint32_t check = crc32c(0, (const uint8_t *)text, CHECKED_BYTES);
    (void)snprintf(text + CHECKED_BYTES, LINE_BYTES + 1 - CHECKED_BYTES, " check %08" PRIx32 "\n",
                   check);
}

/* False: no such line, or a torn one. */
static bool parse(const char *line, struct store_seal_state *ret)
{
    struct store_seal_state state;
    char again[LINE_BYTES + 1];
    const char *acknowledged = line + CHECKED_BYTES - NUMBER_DIGITS;
    if (parse_u64(line + RESERVED_AT, NUMBER_DIGITS, UINT64_MAX, &state.reserved) < 0 ||
        parse_u64(acknowledged, NUMBER_DIGITS, UINT64_MAX, &state.acknowledged) < 0) {
        return false;
    }
    format(state, again);
    if (memcmp(again, line, LINE_BYTES) != 0) {
        return false;
    }
    *ret = state;
    return true;
}

/* False: there is no such line. */
static bool read_line(struct store_seal *seal, unsigned line, struct store_seal_state *highest)
{
    char text[LINE_BYTES + 1] = {0};
    struct store_seal_state state;
    ssize_t n = pread(seal->fd, text, LINE_BYTES, (off_t)line * SECTOR_BYTES);
    if (n != (ssize_t)LINE_BYTES || !parse(text, &state)) {
        return false;
    }
    if (state.reserved > highest->reserved) {
        *highest = state;
        seal->turn = line + 1;
    }
    return true;
}

void store_seal_close(struct store_seal *seal)
{
    if (seal->fd >= 0) {
        (void)close(seal->fd); /* every write was synced */
    }
    seal->fd = -1;
}

bool store_seal_is_in_place(const struct store_seal *seal, const char *path)
{
    struct stat ours;
    struct stat there;
    return seal->fd >= 0 && fstat(seal->fd, &ours) == 0 && stat(path, &there) == 0 &&
           ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

int store_seal_write(struct store_seal *seal, struct store_seal_state state)
{
    char text[LINE_BYTES + 1];
    format(state, text);
    unsigned line = seal->turn % LINES;
    ssize_t n = pwrite(seal->fd, text, LINE_BYTES, (off_t)line * SECTOR_BYTES);
    if (n != (ssize_t)LINE_BYTES) {
        return n < 0 ? -errno : -ENOSPC;
    }
    if (fdatasync(seal->fd) < 0) {
        return -errno;
    }
    seal->turn = line + 1;
    return 0;
}

int store_seal_write_both(struct store_seal *seal, struct store_seal_state state)
{
    int r = 0;
    for (unsigned i = 0; r == 0 && i < LINES; i++) {
        r = store_seal_write(seal, state);
    }
    return r;
}

static int read_file(struct store_seal *seal, struct store_seal_found *ret)
{
    struct stat status;
    if (fstat(seal->fd, &status) < 0) {
        return -errno;
    }
    struct store_seal_found found = {0};
    unsigned readable = 0;
    for (unsigned i = 0; i < LINES; i++) {
        readable += read_line(seal, i, &found.state) ? 1 : 0;
    }
    found.health = readable == LINES ? STORE_SEAL_WHOLE
                   : readable > 0    ? STORE_SEAL_HALF
                                     : STORE_SEAL_LOST;
    found.modified_us = (int64_t)status.st_mtim.tv_sec * US_PER_S + status.st_mtim.tv_nsec / 1000;
    *ret = found;
    return 0;
}

/* So that after a power cut the file is there, and not only its content. */
static int sync_directory(const char *path)
{
    char directory[PATH_MAX];
    int length = snprintf(directory, sizeof(directory), "%s", path);
    if (length < 0 || (size_t)length >= sizeof(directory)) {
        return -ENAMETOOLONG;
    }
    int fd = open(dirname(directory), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    int r = fsync(fd) < 0 ? -errno : 0;
    (void)close(fd); /* it was only read */
    return r;
}

/* -EEXIST: there is one. */
static int make_file(struct store_seal *seal, const char *path, struct store_seal_found *ret)
{
    seal->fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    if (seal->fd < 0) {
        return -errno;
    }
    if (flock(seal->fd, LOCK_EX | LOCK_NB) < 0) {
        return -EBUSY; /* another one was faster */
    }
    int r = store_seal_write_both(seal, (struct store_seal_state){0});
    if (r == 0) {
        r = sync_directory(path);
    }
    if (r < 0) {
        (void)unlink(path); /* the fault in r is the one to tell */
        return r;
    }
    *ret = (struct store_seal_found){.health = STORE_SEAL_NEW};
    return 0;
}

static int open_file(struct store_seal *seal, const char *path, struct store_seal_found *ret)
{
    seal->fd = open(path, O_RDWR | O_CLOEXEC);
    if (seal->fd < 0) {
        return -errno;
    }
    if (flock(seal->fd, LOCK_EX | LOCK_NB) < 0) {
        return errno == EWOULDBLOCK ? -EBUSY : -errno;
    }
    return read_file(seal, ret);
}

int store_seal_open(struct store_seal *seal, const char *path, struct store_seal_found *ret)
{
    seal->turn = 0;
    int r = make_file(seal, path, ret);
    if (r == -EEXIST) {
        r = open_file(seal, path, ret);
    }
    if (r < 0) {
        store_seal_close(seal);
    }
    return r;
}

int store_seal_read(const char *path, struct store_seal_found *ret)
{
    struct store_seal seal = {.fd = open(path, O_RDONLY | O_CLOEXEC)};
    if (seal.fd < 0) {
        return -errno;
    }
    int r = read_file(&seal, ret);
    store_seal_close(&seal);
    return r;
}

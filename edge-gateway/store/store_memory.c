#include "edge-gateway/store/store_memory.h"

#include "edge-gateway/framelog/crc32c.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define FORMAT     1 /* of the header and the builders; another one is not read */
#define PAGE_BYTES ((size_t)4096)

static const char magic[8] = "edgelog";

/* The first page. */
struct header {
    char magic[sizeof(magic)];
    uint64_t format;
    uint64_t slot_count;
    uint64_t slot_bytes;
    uint64_t records_bytes;
    uint64_t log_id;
    int64_t boot;
    _Atomic uint64_t acknowledged;
};

struct slot {
    uint64_t clock_set;
    _Alignas(max_align_t) uint8_t builder[];
};

static size_t slot_bytes(size_t records_bytes)
{
    size_t bytes = sizeof(struct slot) + segment_builder_size(records_bytes);
    return (bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
}

static struct header *header_of(const struct store_memory *memory)
{
    return (struct header *)(void *)memory->bytes;
}

static struct slot *slot_of(const struct store_memory *memory, size_t slot)
{
    size_t at = PAGE_BYTES + slot * slot_bytes(memory->records_bytes);
    return (struct slot *)(void *)(memory->bytes + at);
}

/* ---- the file --------------------------------------------------------------------------- */

/* A name that follows from where the database is. */
static int make_path(struct store_memory *memory, const char *directory, const char *database_path)
{
    char *copy = strdup(database_path);
    char *folder = copy != NULL ? realpath(dirname(copy), NULL) : NULL;
    const char *slash = strrchr(database_path, '/');
    const char *name = slash != NULL ? slash + 1 : database_path;
    int r = copy == NULL ? -ENOMEM : folder == NULL ? -errno : 0;
    if (r == 0) {
        uint32_t hash = crc32c(0, (const uint8_t *)folder, strlen(folder) + 1);
        hash = crc32c(hash, (const uint8_t *)name, strlen(name));
        r = asprintf(&memory->path, "%s/edge-gateway-%08x", directory, hash) < 0 ? -ENOMEM : 0;
    }
    memory->path = r == 0 ? memory->path : NULL;
    free(folder);
    free(copy);
    return r;
}

/* The lock is what makes it ours: who ends removes the file while others may be opening it. */
static int take(const struct store_memory *memory, struct stat *ret)
{
    struct stat named;
    if (flock(memory->fd, LOCK_EX | LOCK_NB) < 0) {
        return errno == EWOULDBLOCK ? -EBUSY : -errno;
    }
    if (fstat(memory->fd, ret) < 0) {
        return -errno;
    }
    if (stat(memory->path, &named) < 0 || named.st_ino != ret->st_ino) {
        return -EBUSY;
    }
    return S_ISREG(ret->st_mode) && ret->st_uid == geteuid() ? 0 : -EPERM;
}

static int claim(const struct store_memory *memory, const struct stat *status)
{
    if ((size_t)status->st_size != memory->length && ftruncate(memory->fd, 0) < 0) {
        return -errno;
    }
    return -posix_fallocate(memory->fd, 0, (off_t)memory->length);
}

static int map(struct store_memory *memory)
{
    struct stat status;
    memory->fd = open(memory->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    int r = memory->fd < 0 ? -errno : take(memory, &status);
    if (r < 0) {
        return r;
    }
    r = claim(memory, &status);
    if (r < 0) {
        (void)unlink(memory->path); /* it holds nothing; what it takes is given back */
        return r;
    }
    void *bytes = mmap(NULL, memory->length, PROT_READ | PROT_WRITE, MAP_SHARED, memory->fd, 0);
    if (bytes == MAP_FAILED) {
        return -errno;
    }
    memory->bytes = bytes;
    return 0;
}

/* ---- what it holds ---------------------------------------------------------------------- */

static bool is_ours(const struct store_memory *memory)
{
    const struct header *header = header_of(memory);
    return memcmp(header->magic, magic, sizeof(magic)) == 0 && header->format == FORMAT &&
           header->slot_count == memory->slot_count &&
           header->records_bytes == memory->records_bytes &&
           header->slot_bytes == slot_bytes(memory->records_bytes);
}

static int by_first_seq(const void *a, const void *b)
{
    const struct store_remain *left = a;
    const struct store_remain *right = b;
    return (left->segment.first_seq > right->segment.first_seq) -
           (left->segment.first_seq < right->segment.first_seq);
}

static void find_remains(struct store_memory *memory)
{
    for (size_t i = 0; i < memory->slot_count; i++) {
        struct store_remain *remain = &memory->remains[memory->remain_count];
        const struct slot *slot = slot_of(memory, i);
        if (segment_builder_remains(slot->builder, memory->records_bytes, &remain->segment)) {
            remain->clock_set = slot->clock_set != 0;
            remain->slot = i;
            memory->remain_count++;
        }
    }
    if (memory->remain_count > 0) {
        qsort(memory->remains, memory->remain_count, sizeof(*memory->remains), by_first_seq);
    }
    memory->owner.log_id = header_of(memory)->log_id;
    memory->owner.boot = header_of(memory)->boot;
    memory->acknowledged = header_of(memory)->acknowledged;
}

static void begin_anew(struct store_memory *memory)
{
    struct header header = {
        .format = FORMAT,
        .slot_count = memory->slot_count,
        .slot_bytes = slot_bytes(memory->records_bytes),
        .records_bytes = memory->records_bytes,
    };
    memcpy(header.magic, magic, sizeof(magic));
    for (size_t i = 0; i < memory->slot_count; i++) {
        (void)store_memory_builder(memory, i);
    }
    memcpy(memory->bytes, &header, sizeof(header));
}

int store_memory_open(const char *directory, const char *database_path, size_t slot_count,
                      size_t records_bytes, struct store_memory **ret)
{
    struct store_memory *memory = calloc(1, sizeof(*memory));
    if (memory == NULL) {
        return -ENOMEM;
    }
    memory->fd = -1;
    memory->slot_count = slot_count;
    memory->records_bytes = records_bytes;
    memory->length = PAGE_BYTES + slot_count * slot_bytes(records_bytes);
    memory->remains = calloc(slot_count + 1, sizeof(*memory->remains));
    int r = memory->remains != NULL ? make_path(memory, directory, database_path) : -ENOMEM;
    if (r == 0) {
        r = map(memory);
    }
    if (r < 0) {
        store_memory_close(memory, false);
        return r;
    }
    if (is_ours(memory)) {
        find_remains(memory);
    } else {
        begin_anew(memory);
    }
    *ret = memory;
    return 0;
}

void store_memory_close(struct store_memory *memory, bool discard)
{
    if (memory == NULL) {
        return;
    }
    if (discard) {
        (void)unlink(memory->path); /* left behind, it would be found to be old */
    }
    if (memory->bytes != NULL) {
        (void)munmap(memory->bytes, memory->length); /* cannot fail: it is a mapping */
    }
    if (memory->fd >= 0) {
        (void)close(memory->fd); /* nothing is buffered in it */
    }
    free(memory->remains);
    free(memory->path);
    free(memory);
}

struct segment_builder *store_memory_builder(struct store_memory *memory, size_t slot)
{
    return segment_builder_place(slot_of(memory, slot)->builder, memory->records_bytes);
}

void store_memory_set_clock(struct store_memory *memory, size_t slot, bool is_set)
{
    slot_of(memory, slot)->clock_set = is_set ? 1 : 0;
}

/* In this order: whatever the moment of death, nothing counts for a log that is not its own. */
void store_memory_settle(struct store_memory *memory, struct store_memory_owner owner,
                         uint64_t acknowledged)
{
    struct header *header = header_of(memory);
    for (size_t i = 0; i < memory->remain_count; i++) {
        (void)store_memory_builder(memory, memory->remains[i].slot);
    }
    memory->remain_count = 0;
    if (header->log_id != owner.log_id || header->boot != owner.boot) {
        header->log_id = 0;
        atomic_signal_fence(memory_order_seq_cst);
        header->boot = owner.boot;
        header->acknowledged = acknowledged;
        atomic_signal_fence(memory_order_seq_cst);
        header->log_id = owner.log_id;
    }
}

void store_memory_acknowledge(struct store_memory *memory, uint64_t seq)
{
    header_of(memory)->acknowledged = seq;
}

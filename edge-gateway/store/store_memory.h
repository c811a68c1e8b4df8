/*
 * Memory for frames on their way to the disk that outlives the process: a mapped file in a
 * directory that is itself in memory (/dev/shm). Whoever is killed leaves in it what no commit had
 * taken yet, and the next run of the same log finds it there. Only a power cut takes it away.
 *
 * It is a row of slots, one segment builder in each. Nothing that is found is believed before it
 * is looked at: it counts for the log and the boot that it names, and its records must be whole.
 */
#ifndef EDGE_GATEWAY_STORE_STORE_MEMORY_H
#define EDGE_GATEWAY_STORE_STORE_MEMORY_H

#include "common/attributes.h"
#include "edge-gateway/framelog/segment.h"
#include "edge-gateway/framelog/segment_builder.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Which log the memory belongs to: another one may come to lie at the same path. */
struct store_memory_owner {
    uint64_t log_id; /* of the database; 0 = none yet */
    int64_t boot;    /* its row of this boot of the machine */
};

/* A segment that the run before had in memory. */
struct store_remain {
    struct segment segment; /* borrowed from its slot */
    bool clock_set;         /* its stamps are true */
    size_t slot;
};

struct store_memory {
    char *path;
    int fd;
    uint8_t *bytes;
    size_t length;
    size_t slot_count;
    size_t records_bytes;         /* of each slot's builder */
    struct store_remain *remains; /* by first_seq, as found by store_memory_open() */
    size_t remain_count;
    struct store_memory_owner owner; /* of the remains */
    uint64_t acknowledged;           /* the cursor that was found with them */
};

/*
 * Opens or makes the memory of the database at `database_path`: so many slots with builders of so
 * many bytes. All of it is claimed at once, so that no write to it can fail. 0; -EBUSY: another
 * process has it; -EPERM: the file is somebody else's; -ENOSPC, -ENOENT, or another -errno.
 */
EDGE_MUST_CHECK int store_memory_open(const char *directory, const char *database_path,
                                      size_t slot_count, size_t records_bytes,
                                      struct store_memory **ret);
/* Keeps the file, for the next run; or, `discard`, removes it: all that it holds is on the disk.
 * Accepts NULL. */
void store_memory_close(struct store_memory *memory, bool discard);

/* An empty builder in that slot; what remained there is gone. */
struct segment_builder *store_memory_builder(struct store_memory *memory, size_t slot);
/* Whether the wall clock is sane, for what the slot's builder gets from now on. */
void store_memory_set_clock(struct store_memory *memory, size_t slot, bool is_set);

/* What remained is on the disk, or nobody's: its slots are emptied. From now on all are filled for
 * this log, whose cursor is at `acknowledged`. */
void store_memory_settle(struct store_memory *memory, struct store_memory_owner owner,
                         uint64_t acknowledged);

/* Keeps the cursor; from another thread than the one that settles. */
void store_memory_acknowledge(struct store_memory *memory, uint64_t seq);

#endif

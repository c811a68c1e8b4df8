/*
 * A disk that fails when it is told to: a switch in front of each call that SQLite makes (a VFS
 * over the system's one, the default while it exists), and of those that the store makes for its
 * other files (by the linker's --wrap, see store.cmake).
 *
 * Nothing is really synced: the tests break the promises of a disk, they do not measure one. Every
 * function may be called while other threads are at work.
 */
#ifndef EDGE_TESTS_UNIT_FAULT_DISK_H
#define EDGE_TESTS_UNIT_FAULT_DISK_H

#include <stdbool.h>
#include <stdint.h>

enum fault_op {
    FAULT_OPEN, /* SQLite's; `code` is one of its result codes: SQLITE_IOERR_WRITE, SQLITE_FULL */
    FAULT_DELETE,
    FAULT_READ,
    FAULT_WRITE,
    FAULT_SYNC,
    FAULT_TRUNCATE,
    FAULT_SHM_MAP,
    FAULT_LOCK,
    FAULT_PWRITE, /* of other files; `code` is an errno value */
    FAULT_FDATASYNC,
    FAULT_FALLOCATE
};

struct disk_fault {
    enum fault_op op;
    unsigned nth; /* which call from now on fails; 1 = the next one */
    int code;
    bool is_lasting; /* so do all after it, until fault_disk_end() */
    bool is_torn;    /* half of a write is written before it fails */
};

struct fault_disk;

/* One at a time in a process. */
struct fault_disk *fault_disk_new(void);
/* After every connection is closed. Accepts NULL. */
void fault_disk_free(struct fault_disk *disk);

/* Replaces the fault that was armed before. */
void fault_disk_arm(struct fault_disk *disk, const struct disk_fault *fault);
/* Ends it; how many calls failed since it was armed. */
unsigned fault_disk_end(struct fault_disk *disk);
/* How many calls failed since the present fault was armed. */
unsigned fault_disk_failed(struct fault_disk *disk);

/* A disk that does not answer: from now on nothing that writes or syncs returns, until it is
 * released or, if `limit_us` is not 0, so long has passed (on the machine's clock). */
void fault_disk_hold(struct fault_disk *disk, int64_t limit_us);
void fault_disk_release(struct fault_disk *disk);
/* A thread is in such a call now. */
bool fault_disk_is_holding(struct fault_disk *disk);

#endif

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

/* From now on a sync does not return, until it is released. */
void fault_disk_hold_syncs(struct fault_disk *disk);
void fault_disk_release_syncs(struct fault_disk *disk);
/* A thread is in such a sync now. */
bool fault_disk_is_holding(struct fault_disk *disk);

#endif

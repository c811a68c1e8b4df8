/*
 * The seal: how far seqs are reserved, in a small file beside the database. Should the database be
 * lost, no seq is given out again for other content.
 *
 * Two lines in turn, each with a checksum and in a disk sector of its own, so that a torn write
 * leaves the other one. Written in place: a full disk has no need to grow for it.
 */
#ifndef EDGE_GATEWAY_STORE_STORE_SEAL_H
#define EDGE_GATEWAY_STORE_STORE_SEAL_H

#include "common/attributes.h"

#include <stdbool.h>
#include <stdint.h>

struct store_seal {
    int fd; /* -1: not open */
    unsigned turn;
};

struct store_seal_state {
    uint64_t reserved;     /* no seq above it was ever given out */
    uint64_t acknowledged; /* at the time of writing: the true cursor may be higher */
};

enum store_seal_health {
    STORE_SEAL_NEW,   /* there was no such file; now it says that nothing is reserved */
    STORE_SEAL_WHOLE, /* both lines can be read */
    STORE_SEAL_HALF,  /* one can; the other may have said more */
    STORE_SEAL_LOST   /* neither can */
};

/* What the file says when it is opened: the higher line. */
struct store_seal_found {
    enum store_seal_health health;
    struct store_seal_state state; /* zeroes if no line can be read */
    int64_t modified_us;           /* the file's time of modification, wall clock */
};

/* Opens or makes `path`, and locks it: a log has one writer. 0; -EBUSY: another gateway uses it;
 * -errno. An empty file is never made: one is a sign of damage. */
EDGE_MUST_CHECK int store_seal_open(struct store_seal *seal, const char *path,
                                    struct store_seal_found *ret);
/* What the file says, without holding it; a gateway may be writing it. 0 or -errno. */
EDGE_MUST_CHECK int store_seal_read(const char *path, struct store_seal_found *ret);
/* Accepts one that is not open. */
void store_seal_close(struct store_seal *seal);

/* Whether `path` is still the file that is open. */
bool store_seal_is_in_place(const struct store_seal *seal, const char *path);

/* Writes one line. 0 when it is on the disk, or -errno. */
EDGE_MUST_CHECK int store_seal_write(struct store_seal *seal, struct store_seal_state state);
/* Writes both, so that the file says nothing else. */
EDGE_MUST_CHECK int store_seal_write_both(struct store_seal *seal, struct store_seal_state state);

#endif

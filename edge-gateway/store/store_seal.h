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

#include <stdint.h>

struct store_seal {
    int fd; /* -1: not open */
    unsigned turn;
};

struct store_seal_state {
    uint64_t reserved;     /* no seq above it was ever given out */
    uint64_t acknowledged; /* at the time of writing: the true cursor may be higher */
};

/* Opens or makes `path`, and locks it: a log has one writer. 0 and what it says ({0, 0}: new, or
 * nothing readable); -EBUSY: another gateway uses it; -errno. */
EDGE_MUST_CHECK int store_seal_open(struct store_seal *seal, const char *path,
                                    struct store_seal_state *ret);
void store_seal_close(struct store_seal *seal);

/* 0 when it is on the disk, or -errno. */
EDGE_MUST_CHECK int store_seal_write(struct store_seal *seal, struct store_seal_state state);

#endif

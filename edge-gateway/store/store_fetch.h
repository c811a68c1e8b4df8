/*
 * One segment after another out of the log, in a thread of its own: the backfill lane's way to it.
 * Loop thread.
 */
#ifndef EDGE_GATEWAY_STORE_STORE_FETCH_H
#define EDGE_GATEWAY_STORE_STORE_FETCH_H

#include "common/attributes.h"
#include "common/loop.h"
#include "common/worker.h"
#include "edge-gateway/store/store_options.h"
#include "edge-gateway/store/store_reader.h"

#include <stdbool.h>
#include <stdint.h>

struct store_fetch {
    struct worker_job job; /* its first member */
    struct worker *thread;
    struct store_reader *reader;
    uint64_t seq;
    uint64_t opening; /* of the database, when it was asked; see struct store_outcome */
    bool busy;
    struct store_fetched fetched;
    void (*done)(struct store_fetch *fetch); /* `fetched` is what there was */
    void *context;                           /* for whoever gets it back */
};

/* 0 or -errno; deinit accepts a half-made one, and one that was never made. */
EDGE_MUST_CHECK int store_fetch_init(struct store_fetch *fetch, struct loop *loop, const char *path,
                                     void (*done)(struct store_fetch *fetch), void *context);
void store_fetch_deinit(struct store_fetch *fetch);

/* False: it is busy. */
EDGE_MUST_CHECK bool store_fetch_ask(struct store_fetch *fetch, uint64_t seq, uint64_t opening);

#endif

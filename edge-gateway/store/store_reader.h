/*
 * Reads the log by seq, for the backfill lane, over a connection of its own. Every function but
 * new and free runs in the reader thread.
 */
#ifndef EDGE_GATEWAY_STORE_STORE_READER_H
#define EDGE_GATEWAY_STORE_STORE_READER_H

#include "common/attributes.h"
#include "edge-gateway/store/store_options.h"

#include <stdint.h>

struct store_reader;

/* `path` is borrowed; nothing is opened yet. 0 or -ENOMEM. */
EDGE_MUST_CHECK int store_reader_new(const char *path, struct store_reader **ret);
void store_reader_free(struct store_reader *reader);

/* What the log has at `seq`. The segment is borrowed until the next call. */
void store_reader_fetch(struct store_reader *reader, uint64_t seq, struct store_fetched *ret);

#endif

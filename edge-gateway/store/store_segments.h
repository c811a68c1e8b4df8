/* Adds segments to the log. Writer thread, within its transaction. */
#ifndef EDGE_GATEWAY_STORE_STORE_SEGMENTS_H
#define EDGE_GATEWAY_STORE_STORE_SEGMENTS_H

#include "common/attributes.h"
#include "edge-gateway/framelog/segment.h"

#include <sqlite3.h>

#include <stdbool.h>
#include <stdint.h>

/* The statement; 0 or -errno. For its owner to finalise. */
EDGE_MUST_CHECK int store_segments_prepare(sqlite3 *db, sqlite3_stmt **ret);

/* `boot`: the row of the boot whose clock its stamps are of; `clock_set`: that was sane. One that
 * is there already is written again. 0 or -errno. */
EDGE_MUST_CHECK int store_segments_insert(sqlite3_stmt *insert, const struct segment *segment,
                                          int64_t boot, bool clock_set);

#endif

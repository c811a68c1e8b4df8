/*
 * Where frames come from, as rows of the log: which log it is, the machine's boot (stamps of one
 * boot share a monotonic clock) and the buses (a configuration may order and name them anew; the
 * log keeps its own ids). Writer thread, within its transaction.
 */
#ifndef EDGE_GATEWAY_STORE_STORE_ORIGIN_H
#define EDGE_GATEWAY_STORE_STORE_ORIGIN_H

#include "common/attributes.h"
#include "edge-gateway/store/store_bus_names.h"
#include "edge-gateway/store/store_state.h"

#include <sqlite3.h>

#include <stdint.h>

/* The number that tells this log from any other, drawn if it has none. 0 or -errno. */
EDGE_MUST_CHECK int store_origin_log(struct store_state *state, uint64_t *ret_id);

/* The row of this boot, made if it is new. 0; -EBADMSG: the table does not keep it;
 * -ENXIO: the kernel does not tell which boot it is; -errno. */
EDGE_MUST_CHECK int store_origin_boot(sqlite3 *db, int64_t *ret_id);

/* The id of the bus of that name, made if it is new. 0; -ERANGE: 256 names are known already;
 * -EBADMSG: the table does not keep it; -errno. */
EDGE_MUST_CHECK int store_origin_bus(sqlite3 *db, const char *name, uint8_t *ret_id);

/* 0; -EBADMSG: two of them are equal; -errno. */
EDGE_MUST_CHECK int store_origin_names(sqlite3 *db, struct store_bus_names *ret);

/* Sees to it that the bus of that name has this id. 0; -EBADMSG: it has another one; -errno. */
EDGE_MUST_CHECK int store_origin_keep_bus(sqlite3 *db, const char *name, uint8_t id);

#endif

/*
 * The table `zones`: which times lie where in the log. Frames come in the order of their seqs, and
 * mostly in that of their stamps; but a clock is set, a frame was held back, a replay begins anew.
 * So each zone says what its own frames span, and who looks for a time skips the zones that cannot
 * hold it.
 */
#ifndef EDGE_GATEWAY_STORE_STORE_ZONES_H
#define EDGE_GATEWAY_STORE_STORE_ZONES_H

#include "common/attributes.h"

#include <sqlite3.h>

#include <stdint.h>

/* A stretch of the log. */
/* In SQL: the zone does not span more than two hours, as most do not. */
#define STORE_ZONES_SHORT_US "7200000000"
#define STORE_ZONES_SHORT    "to_us - from_us <= " STORE_ZONES_SHORT_US

struct store_zone {
    uint64_t first_seq;
    uint64_t last_seq;
    int64_t from_us; /* earliest and latest stamp; from > to: no frame */
    int64_t to_us;
    uint64_t segments; /* that lie in it at least in part */
    uint64_t frames;
};

/* An empty one; a frame's stamp is then taken in. */
void store_zone_begin(struct store_zone *zone, uint64_t first_seq);
void store_zone_add(struct store_zone *zone, int64_t ts_us);

/* Writes it down. Writer thread, within its transaction. 0 or -errno. */
EDGE_MUST_CHECK int store_zones_insert(sqlite3 *db, const struct store_zone *zone);
/* Forgets zones of which no segment is left. */
EDGE_MUST_CHECK int store_zones_expire(sqlite3 *db);

#endif

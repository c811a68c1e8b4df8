/*
 * The table `summaries`: what thinning left of messages, written by the writer thread within its
 * transaction, and read for the backfill lane by the reader thread.
 */
#ifndef EDGE_GATEWAY_STORE_STORE_SUMMARIES_H
#define EDGE_GATEWAY_STORE_STORE_SUMMARIES_H

#include "common/attributes.h"
#include "common/buf.h"
#include "edge-gateway/dbc/dbc_arena.h"
#include "edge-gateway/store/store_options.h"
#include "edge-gateway/store/store_series.h"
#include "edge-gateway/store/store_tally.h"

#include <sqlite3.h>

struct store_summaries {
    sqlite3_stmt *insert;
    struct store_series_table series;
    struct buf data;
};

/* 0 or -errno; deinit accepts a half-made one. */
EDGE_MUST_CHECK int store_summaries_init(struct store_summaries *summaries, sqlite3 *db);
void store_summaries_deinit(struct store_summaries *summaries);

/* Writes all of the tally's interval. 0 or -errno. */
EDGE_MUST_CHECK int store_summaries_write(struct store_summaries *summaries,
                                          const struct store_tally *tally);

/* For store_summaries_read(): one row for each signal. */
#define STORE_SUMMARIES_SQL                                                                  \
    "SELECT s.first_seq, s.last_seq, s.from_us, s.to_us, s.count, s.data, r.bus, r.message," \
    " json_array_length(r.signals), n.value"                                                 \
    " FROM summaries s JOIN series r ON r.id = s.series, json_each(r.signals) n"             \
    " WHERE s.first_seq BETWEEN ?1 AND ?2 ORDER BY s.first_seq, n.key"

/* The summaries that begin within the segment, in order of seq; NULL: none. They live as long as
 * the arena. 0 or -errno. */
EDGE_MUST_CHECK int store_summaries_read(sqlite3_stmt *statement, const struct segment *segment,
                                         struct dbc_arena *arena, const struct store_summary **ret);

#endif

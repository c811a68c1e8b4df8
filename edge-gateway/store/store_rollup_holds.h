/*
 * Which values held when the run before ended: what roll-ups had in memory then is found again in
 * their rows. Writer thread.
 */
#ifndef EDGE_GATEWAY_STORE_STORE_ROLLUP_HOLDS_H
#define EDGE_GATEWAY_STORE_STORE_ROLLUP_HOLDS_H

#include "common/attributes.h"
#include "edge-gateway/store/store_cells.h"
#include "edge-gateway/store/store_options.h"
#include "edge-gateway/store/store_rollup_rows.h"
#include "edge-gateway/store/store_series.h"

#include <stdint.h>

/* Of every message that has rows, whether or not a frame of it comes again: else its values would
 * not be weighed with those of the others. `weighed_us`: up to here rows have the weight of all
 * values before it. 0 or -errno. */
EDGE_MUST_CHECK int store_rollup_holds(const struct store_options *options,
                                       struct store_rollup_rows *rows,
                                       struct store_series_table *table, struct store_cells *cells,
                                       int64_t weighed_us);

#endif

/*
 * Roll-ups in the making: statistics of the frames that are in the log, but not yet in its table
 * `rollups`. One cell holds one message in one minute, a bucket for each of its signals.
 *
 * A value that its sender calls not available is none; one that is out of its range is one. The
 * weight of a value (store_hold.h) is added when the next one comes, or its minute is over.
 *
 * Cells lie in memory that is taken once. When that is full, or a message has too many of them
 * (stamps that jump about), they have to be written and cleared before the next frame. Writer
 * thread.
 */
#ifndef EDGE_GATEWAY_STORE_STORE_CELLS_H
#define EDGE_GATEWAY_STORE_STORE_CELLS_H

#include "common/attributes.h"
#include "edge-gateway/dbc/dbc.h"
#include "edge-gateway/statistics/bucket.h"
#include "edge-gateway/store/store_options.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STORE_MINUTE_US INT64_C(60000000)
#define STORE_HOUR_US   INT64_C(3600000000)

/* One message of one bus; made with the first frame of it, or out of its rows. */
struct store_series {
    struct store_series *next; /* made after it */
    const struct store_bus *bus;
    const struct dbc_message *message;
    int64_t hold_us;
    int64_t id;                /* row in the table `series`; 0 = not known yet */
    int64_t hour_us;           /* the one whose predecessor is known to be written; -1 = none */
    struct store_cell *newest; /* each cell leads to the one made before it */
    size_t cell_count;
    struct bucket_hold holds[]; /* by dbc_signal.index */
};

struct store_cell {
    struct store_series *series;
    struct store_cell *previous; /* of the same series */
    int64_t start_us;            /* of the minute */
    struct bucket buckets[];     /* by dbc_signal.index */
};

struct store_cells;

/* `buses` is borrowed. 0 or -ENOMEM. */
EDGE_MUST_CHECK int store_cells_new(const struct store_bus *buses, size_t bus_count,
                                    struct store_cells **ret);
void store_cells_free(struct store_cells *cells);

/* All cells were written: forgets them, but not which values hold. */
void store_cells_clear(struct store_cells *cells);
/* Forgets everything. */
void store_cells_reset(struct store_cells *cells);

/* That of a message; made if there is none. `bus` is an index of `buses`. 0 or -ENOMEM. */
EDGE_MUST_CHECK int store_cells_series(struct store_cells *cells, size_t bus,
                                       const struct dbc_message *message,
                                       struct store_series **ret);
/* Whose frame it is (`frame->bus` is an index of `buses`). 0, and NULL if it carries no signal that
 * is known; -ENOMEM. */
EDGE_MUST_CHECK int store_cells_find(struct store_cells *cells, const struct frame *frame,
                                     struct store_series **ret);

/* False: no room; write and clear, and it fits. */
bool store_cells_have_room(const struct store_cells *cells, const struct store_series *series);
/* After have_room() said so. The stamp is 0 or later. */
void store_cells_add(struct store_cells *cells, struct store_series *series,
                     const struct frame *frame);

/* Each message that has a series: NULL begins, NULL is the end. */
struct store_series *store_cells_next_series(const struct store_cells *cells,
                                             const struct store_series *series);
/* Adds the weight of its values up to `us`. After have_room() said so. */
void store_cells_weigh(struct store_cells *cells, struct store_series *series, int64_t us);

/* Each cell in turn, oldest first: NULL begins, NULL is the end. */
struct store_cell *store_cells_next(const struct store_cells *cells, const struct store_cell *cell);

#endif

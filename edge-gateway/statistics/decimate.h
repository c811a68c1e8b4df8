/*
 * Fewer points for a chart, with every extreme kept: the span is cut into (max_points - 2) / 2
 * columns of equal width, and of each column the lowest and the highest point remain (the earliest
 * of equal ones), in the order of their times, and the very first and last point of all. Streaming:
 * memory is bounded by `max_points`, whatever comes in, and no point allocates any.
 * Pure.
 */
#ifndef EDGE_GATEWAY_STATISTICS_DECIMATE_H
#define EDGE_GATEWAY_STATISTICS_DECIMATE_H

#include "common/attributes.h"

#include <stddef.h>
#include <stdint.h>

#define DECIMATE_POINTS_MIN 4
#define DECIMATE_POINTS_MAX 100000

struct decimate_point {
    int64_t ts_us;
    double value; /* finite */
};

struct decimate;

/* Span [from_us, to_us), at most `max_points` points out of it. 0, -EINVAL or -ENOMEM. */
EDGE_MUST_CHECK int decimate_new(int64_t from_us, int64_t to_us, size_t max_points,
                                 struct decimate **ret);
void decimate_free(struct decimate *decimate);

/* Points outside the span and values that are not finite are ignored. Any order. */
void decimate_add(struct decimate *decimate, struct decimate_point point);

/* Writes the points, ascending in time, those of the same time in the order in which they came;
 * `points` has room for max_points. Returns how many. While no more than max_points came in, that
 * is all of them. More may be added afterwards. */
size_t decimate_finish(struct decimate *decimate, struct decimate_point *points);

/* How many were added; without those that were ignored. */
uint64_t decimate_count(const struct decimate *decimate);

#endif

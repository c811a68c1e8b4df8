#include "edge-gateway/statistics/decimate.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* A point and its place among those that came: points with the same time stay in that order. */
struct entry {
    struct decimate_point point;
    uint64_t number;
};

struct column {
    bool used;
    struct entry low;
    struct entry high;
};

/* Points are kept until there are more than max_points; then all go into the columns. */
struct decimate {
    int64_t from_us;
    int64_t to_us;
    size_t max_points;
    uint64_t count;
    struct entry *entries; /* max_points: what is kept, or room to put the result in order */
    struct entry first;    /* these, and the columns, mean something once count > max_points */
    struct entry last;
    size_t column_count;
    uint64_t column_us;
    struct column columns[];
};

int decimate_new(int64_t from_us, int64_t to_us, size_t max_points, struct decimate **ret)
{
    if (from_us >= to_us || max_points < DECIMATE_POINTS_MIN || max_points > DECIMATE_POINTS_MAX) {
        return -EINVAL;
    }
    size_t column_count = (max_points - 2) / 2; /* two of each; the first and the last of all */
    struct decimate *d = calloc(1, sizeof(*d) + column_count * sizeof(d->columns[0]));
    struct entry *entries = calloc(max_points, sizeof(*entries));
    if (d == NULL || entries == NULL) {
        free(d);
        free(entries);
        return -ENOMEM;
    }
    uint64_t span_us = (uint64_t)to_us - (uint64_t)from_us;
    d->from_us = from_us;
    d->to_us = to_us;
    d->max_points = max_points;
    d->entries = entries;
    d->column_count = column_count;
    d->column_us = span_us / column_count + (span_us % column_count != 0);
    *ret = d;
    return 0;
}

void decimate_free(struct decimate *decimate)
{
    if (decimate == NULL) {
        return;
    }
    free(decimate->entries);
    free(decimate);
}

static bool is_before(const struct entry *a, const struct entry *b)
{
    return a->point.ts_us != b->point.ts_us ? a->point.ts_us < b->point.ts_us
                                            : a->number < b->number;
}

/* Of equal extremes the earliest stays. */
static bool is_lower(const struct entry *a, const struct entry *b)
{
    return a->point.value < b->point.value || (a->point.value == b->point.value && is_before(a, b));
}

static bool is_higher(const struct entry *a, const struct entry *b)
{
    return a->point.value > b->point.value || (a->point.value == b->point.value && is_before(a, b));
}

static void fold(struct decimate *d, const struct entry *entry)
{
    uint64_t after_us = (uint64_t)entry->point.ts_us - (uint64_t)d->from_us;
    struct column *column = &d->columns[after_us / d->column_us];
    if (!column->used || is_lower(entry, &column->low)) {
        column->low = *entry;
    }
    if (!column->used || is_higher(entry, &column->high)) {
        column->high = *entry;
    }
    column->used = true;
    if (is_before(entry, &d->first)) {
        d->first = *entry;
    }
    if (is_before(&d->last, entry)) {
        d->last = *entry;
    }
}

static void fold_all(struct decimate *d)
{
    d->first = d->entries[0];
    d->last = d->entries[0];
    for (size_t i = 0; i < d->max_points; i++) {
        fold(d, &d->entries[i]);
    }
}

void decimate_add(struct decimate *decimate, struct decimate_point point)
{
    if (point.ts_us < decimate->from_us || point.ts_us >= decimate->to_us ||
        !isfinite(point.value)) {
        return;
    }
    const struct entry entry = {point, decimate->count};
    decimate->count++;
    if (decimate->count <= decimate->max_points) {
        decimate->entries[entry.number] = entry;
        return;
    }
    if (entry.number == decimate->max_points) {
        fold_all(decimate);
    }
    fold(decimate, &entry);
}

/* What remains of the points, into `entries`: in any order, some of them more than once. */
static size_t collect(struct decimate *d)
{
    if (d->count <= d->max_points) {
        return (size_t)d->count;
    }
    size_t count = 0;
    d->entries[count++] = d->first;
    d->entries[count++] = d->last;
    for (size_t i = 0; i < d->column_count; i++) {
        if (d->columns[i].used) {
            d->entries[count++] = d->columns[i].low;
            d->entries[count++] = d->columns[i].high;
        }
    }
    return count;
}

static int compare(const void *a, const void *b)
{
    return is_before(a, b) ? -1 : is_before(b, a);
}

size_t decimate_finish(struct decimate *decimate, struct decimate_point *points)
{
    size_t count = collect(decimate);
    const struct entry *entries = decimate->entries;
    qsort(decimate->entries, count, sizeof(decimate->entries[0]), compare);
    size_t written = 0;
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || entries[i].number != entries[i - 1].number) {
            points[written++] = entries[i].point;
        }
    }
    return written;
}

uint64_t decimate_count(const struct decimate *decimate)
{
    return decimate->count;
}

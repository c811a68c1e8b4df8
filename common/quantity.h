/*
 * Values as people write them: "0.2 °C", "250ms", "1h 30min", "64MiB". Pure. Text is a
 * NUL-terminated string with optional space around it and between number and unit. Parsers return
 * 0, -EINVAL (not of that form) or -ERANGE (too large, or finer than the smallest unit); *ret
 * untouched on failure.
 */
#ifndef EDGE_COMMON_QUANTITY_H
#define EDGE_COMMON_QUANTITY_H

#include "common/attributes.h"
#include "common/buf.h"

#include <stdint.h>

#define QUANTITY_UNIT_SIZE 24

struct quantity {
    double value;
    char unit[QUANTITY_UNIT_SIZE]; /* as written, "" if none; see common/units.h for its meaning */
};

EDGE_MUST_CHECK int quantity_parse(const char *text, struct quantity *ret);

/* us, µs, ms, s, min, h, d; several in a row add up; a sign in front counts for all. "0" needs no
 * unit. Exact: what is no whole number of microseconds is -ERANGE. */
EDGE_MUST_CHECK int quantity_parse_duration(const char *text, int64_t *ret_us);

/* No unit, B, kB, MB, GB, TB (powers of 1000), KiB, MiB, GiB, TiB (powers of 1024). */
EDGE_MUST_CHECK int quantity_parse_bytes(const char *text, int64_t *ret_bytes);

/* The inverse: the shortest text that parses to the same value. */
void quantity_format(const struct quantity *q, struct buf *out);
void quantity_format_number(double value, struct buf *out);
void quantity_format_duration(int64_t us, struct buf *out);
void quantity_format_bytes(int64_t bytes, struct buf *out);

#endif

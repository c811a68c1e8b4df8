/*
 * Strict text to number: the whole span must be the number, in range, with no sign or space that is
 * not part of it. Text is a span, not a string: it need not end in NUL. Decimal point is '.',
 * whatever the locale. All return 0, -EINVAL (not a number) or -ERANGE (out of the type's or the
 * given range); *ret untouched on failure.
 */
#ifndef EDGE_COMMON_PARSE_H
#define EDGE_COMMON_PARSE_H

#include "common/attributes.h"

#include <stddef.h>
#include <stdint.h>

/* Decimal digits only. */
EDGE_MUST_CHECK int parse_u64(const char *text, size_t length, uint64_t max, uint64_t *ret);

/* Decimal digits, optional leading '-' or '+'. */
EDGE_MUST_CHECK int parse_i64(const char *text, size_t length, int64_t min, int64_t max,
                              int64_t *ret);

/* Hexadecimal digits only, no "0x". */
EDGE_MUST_CHECK int parse_hex_u64(const char *text, size_t length, uint64_t max, uint64_t *ret);

/* JSON number grammar, plus a leading '+', a bare leading or trailing point (".5", "5."). Finite
 * results only. */
EDGE_MUST_CHECK int parse_f64(const char *text, size_t length, double *ret);

#endif

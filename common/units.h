/*
 * Physical units as DBC files and people write them: which measure the same thing, and how to get
 * from one to the other. Pure. A unit is a NUL-terminated text, compared with case (mV is not MV);
 * spaces around it do not count. A unit that is not in the table equals only the same text.
 */
#ifndef EDGE_COMMON_UNITS_H
#define EDGE_COMMON_UNITS_H

#include "common/attributes.h"

#include <stdbool.h>

/* Whether units_convert() between the two works. */
bool units_same_dimension(const char *a, const char *b);

bool units_known(const char *unit);

/* `is_difference`: the value is a step, width or hysteresis, so that scales with another zero
 * differ only by their factor: a difference of 1 °C is 1.8 °F, a temperature of 1 °C is 33.8 °F. 0,
 * or -EINVAL if the units measure different things; *ret untouched then. */
EDGE_MUST_CHECK int units_convert(double value, const char *from, const char *to,
                                  bool is_difference, double *ret);

#endif

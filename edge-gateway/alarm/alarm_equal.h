/* Whether two alarms, of two configurations, are configured alike. Pure. */
#ifndef EDGE_GATEWAY_ALARM_ALARM_EQUAL_H
#define EDGE_GATEWAY_ALARM_ALARM_EQUAL_H

#include "edge-gateway/alarm/alarm.h"

#include <stdbool.h>
#include <stddef.h>

/* `places`: what the inputs of `a` are called by `b`; SIZE_MAX: it has no such signal, or one that
 * means something else. */
bool alarm_specs_equal(const struct alarm_spec *a, const struct alarm_spec *b,
                       const size_t *places);

#endif

/*
 * A time as people write it on a command line:
 *
 *   1795423160.495983            seconds since 1970
 *   -1h, -1h30min                so long before now
 *   2026-11-23                   a day, local time: where it begins
 *   2026-11-23T09:39[:20[.495]]  local time; a blank may stand for the T
 *   2026-11-23T08:39:20Z         UTC; +01:00 and +0100 are ahead of it
 */
#ifndef EDGE_GATEWAY_APP_TIME_ARGUMENT_H
#define EDGE_GATEWAY_APP_TIME_ARGUMENT_H

#include "common/attributes.h"

#include <stdint.h>

/* 0, or -EINVAL, also for a date that no calendar has. Local time is that of the environment (TZ);
 * of an hour that comes twice when clocks go back, the C library chooses one. */
EDGE_MUST_CHECK int time_argument_parse(const char *text, int64_t now_us, int64_t *ret_us);

#endif

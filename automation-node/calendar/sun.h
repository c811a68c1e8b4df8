/* Sunrise and sunset, by libnova: the upper edge of the sun at the horizon, refraction included. */
#ifndef EDGE_AUTOMATION_CALENDAR_SUN_H
#define EDGE_AUTOMATION_CALENDAR_SUN_H

#include <stdbool.h>
#include <stdint.h>

enum sun_event {
    SUN_RISES,
    SUN_SETS
};

struct sun_place {
    double latitude;  /* degrees, north positive, -90 to 90 */
    double longitude; /* degrees, east positive, -180 to 180 */
};

/* The event of that local day, in seconds since the Unix epoch; false where the sun does not rise
 * or set that day. Costs about a quarter of a millisecond. */
bool sun_event(const struct sun_place *place, enum sun_event event, int64_t day,
               int64_t *ret_utc_s);

#endif

/* What recordings of the dash-cam are called. */
#ifndef EDGE_GATEWAY_APP_RECORDING_NAME_H
#define EDGE_GATEWAY_APP_RECORDING_NAME_H

#include <stdint.h>

#define RECORDING_NAME_MAX_BYTES 255
#define RECORDING_PREFIX         "dashcam-"
#define RECORDING_SUFFIX         ".log"

/*
 * "dashcam-20261126T101530.250Z-can0-bus_off.log", in UTC: sorted by name they are sorted by time.
 * What of `bus` and `trigger` is no letter, digit, '_' or '-' becomes '_'; both are cut where the
 * name would be too long, its end is not.
 */
void recording_name(int64_t realtime_us, const char *bus, const char *trigger,
                    char name[RECORDING_NAME_MAX_BYTES + 1]);

#endif

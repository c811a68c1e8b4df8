/* Looking at a device without taking anything from it. */
#ifndef EDGE_AUTOMATION_ENGINE_DEVICE_INSPECT_H
#define EDGE_AUTOMATION_ENGINE_DEVICE_INSPECT_H

#include "automation-node/engine/device.h"

/* The command that is under way, or was the last one. Instants are monotonic; INT64_MIN = never. */
struct device_round {
    struct device_command command; /* attempt 0: nothing was sent yet */
    enum device_phase phase;
    int64_t sent_us;      /* the last attempt */
    int64_t confirmed_us; /* when the feedback showed the target */
    uint64_t proof_seq;   /* the reading that did */
    int64_t proof_ts_us;
};

/* What device_take_state() tells, whether anything changed or not. */
struct device_state device_state(const struct device *device);
struct device_round device_round(const struct device *device);

#endif

/*
 * The section `alarms` of gateway.yaml: what is wrong when, and how people are told. An item has
 * one condition, or the id of a built-in alarm (`can0-bus_off`, `frame_log`), whose options it
 * changes. Pointers are NULL where the key is absent.
 */
#ifndef EDGE_GATEWAY_APP_ALARM_CONFIG_H
#define EDGE_GATEWAY_APP_ALARM_CONFIG_H

#include "common/alarm_state.h"
#include "common/config.h"
#include "edge-gateway/alarm/alarm_detector.h"

#include <stdbool.h>
#include <stdint.h>

struct alarm_config {
    const char *name;
    bool enabled;
    const char *signal; /* bus/message/signal */
    const struct quantity *high;
    const struct quantity *low;
    const struct quantity *change; /* within `over` */
    const int64_t *over_us;
    enum alarm_direction direction;
    const int64_t *stale_us;
    const char *from; /* another signal, or a value */
    const struct quantity *by;
    const char *is; /* label or number */
    const char *when;
    const struct quantity *deadband;
    const int64_t *on_delay_us;
    const int64_t *off_delay_us;
    const int64_t *priority;
    const char *text;
    const char *consequence;
    const char *response;
    const enum alarm_ack *ack;
    const bool *latch;
    const int64_t *shelve_max_us;
    const char *suppress_when;
    bool record;
};

extern const struct config_section alarm_config_schema;

#endif

#include "topics/discovery_diagnostics.h"

#include "topics/discovery_class.h"
#include "topics/payload_node.h"

#include <stdbool.h>

struct row {
    enum discovery_source source;
    const char *id;
    const char *name;  /* goes behind the name of the bus, where it is a bus's */
    const char *group; /* of the metrics; NULL = the member is at the top */
    const char *member;
    const char *unit;
    enum discovery_class device_class;
    enum discovery_state state_class;
    int precision;
    bool is_disabled; /* for those who look for something */
};

static const struct row rows[] = {
    {DISCOVERY_FROM_BUS_STATE, "state", "state", NULL, "state", NULL, DISCOVERY_CLASS_ENUM,
     DISCOVERY_STATE_NONE, 0, false},
    {DISCOVERY_FROM_BUS_STATE, "load", "load", NULL, "load_percent", "%", DISCOVERY_CLASS_NONE,
     DISCOVERY_STATE_MEASUREMENT, 1, false},
    {DISCOVERY_FROM_BUS_STATE, "rate", "frame rate", NULL, "frames_per_s", "1/s",
     DISCOVERY_CLASS_NONE, DISCOVERY_STATE_MEASUREMENT, 1, false},
    {DISCOVERY_FROM_BUS_STATE, "silent", "silent messages", NULL, "silent_count", NULL,
     DISCOVERY_CLASS_NONE, DISCOVERY_STATE_MEASUREMENT, 0, false},
    {DISCOVERY_FROM_BUS_STATE, "unknown_ids", "unknown ids", NULL, "unknown_id_count", NULL,
     DISCOVERY_CLASS_NONE, DISCOVERY_STATE_MEASUREMENT, 0, true},
    {DISCOVERY_FROM_BUS_STATE, "tx_errors", "transmit error counter", NULL, "tx_errors", NULL,
     DISCOVERY_CLASS_NONE, DISCOVERY_STATE_MEASUREMENT, 0, true},
    {DISCOVERY_FROM_BUS_STATE, "rx_errors", "receive error counter", NULL, "rx_errors", NULL,
     DISCOVERY_CLASS_NONE, DISCOVERY_STATE_MEASUREMENT, 0, true},
    {DISCOVERY_FROM_BUS_STATE, "error_frames", "error frames", NULL, "error_frames", NULL,
     DISCOVERY_CLASS_NONE, DISCOVERY_STATE_TOTAL_INCREASING, 0, false},
    {DISCOVERY_FROM_BUS_STATE, "bus_offs", "bus-offs", NULL, "bus_offs", NULL, DISCOVERY_CLASS_NONE,
     DISCOVERY_STATE_TOTAL_INCREASING, 0, true},
    {DISCOVERY_FROM_BUS_STATE, "lost", "lost frames", NULL, "kernel_dropped", NULL,
     DISCOVERY_CLASS_NONE, DISCOVERY_STATE_TOTAL_INCREASING, 0, false},
    {DISCOVERY_FROM_METRICS, "frames", "Frames", "frames", "received", NULL, DISCOVERY_CLASS_NONE,
     DISCOVERY_STATE_TOTAL_INCREASING, 0, true},
    {DISCOVERY_FROM_METRICS, "unknown", "Unknown frames", "frames", "unknown", NULL,
     DISCOVERY_CLASS_NONE, DISCOVERY_STATE_TOTAL_INCREASING, 0, true},
    {DISCOVERY_FROM_ANY_METRICS, "uptime", "Uptime", NULL, "uptime_s", "s",
     DISCOVERY_CLASS_DURATION, DISCOVERY_STATE_MEASUREMENT, 0, true},
    {DISCOVERY_FROM_LOG_METRICS, "log_fill", "Log fill", "store", "fill_percent", "%",
     DISCOVERY_CLASS_NONE, DISCOVERY_STATE_MEASUREMENT, 1, false},
    {DISCOVERY_FROM_LOG_METRICS, "log_hours_left", "Log time left", "store", "hours_left", "h",
     DISCOVERY_CLASS_DURATION, DISCOVERY_STATE_MEASUREMENT, 0, false},
};

size_t discovery_diagnostic_count(void)
{
    return sizeof(rows) / sizeof(rows[0]);
}

enum discovery_source discovery_diagnostic_source(size_t index)
{
    return rows[index].source;
}

int discovery_diagnostic(size_t index, struct discovery_diagnostic *ret)
{
    const struct row *row = &rows[index];
    int r = row->group != NULL
                ? discovery_template_group(row->group, row->member, ret->template,
                                           sizeof(ret->template))
                : discovery_template_member(row->member, ret->template, sizeof(ret->template));
    if (r < 0) {
        return r;
    }
    ret->id = row->id;
    ret->entity = (struct discovery_entity){
        .platform = DISCOVERY_SENSOR,
        .name = row->name,
        .category = DISCOVERY_DIAGNOSTIC,
        .is_disabled = row->is_disabled,
        .value_template = ret->template,
        .unit = row->unit,
        .device_class = discovery_class_text(row->device_class),
        .state_class = discovery_state_text(row->state_class),
    };
    if (row->device_class == DISCOVERY_CLASS_ENUM) {
        ret->entity.options.texts = payload_bus_words(&ret->entity.options.count);
    } else {
        ret->entity.precision = &row->precision;
    }
    return 0;
}

/*
 * The alarms of the configuration, joined with its DBC files, and the built-in ones: of each bus,
 * and of the frame log. What a person can get wrong (a signal that no DBC names, a limit in the
 * wrong unit, a condition that cannot be read) is found here. Const once made.
 */
#ifndef EDGE_GATEWAY_APP_ALARM_PLAN_H
#define EDGE_GATEWAY_APP_ALARM_PLAN_H

#include "common/attributes.h"
#include "common/config.h"
#include "common/diagnostics.h"
#include "edge-gateway/alarm/alarm.h"
#include "edge-gateway/dbc/dbc.h"

#include <stddef.h>

struct gateway_plan;

#define ALARM_PLAN_NONE SIZE_MAX

/* What can be wrong with a bus. */
enum bus_trouble {
    BUS_TROUBLE_DOWN,
    BUS_TROUBLE_NO_TRAFFIC,
    BUS_TROUBLE_ERROR_WARNING,
    BUS_TROUBLE_ERROR_PASSIVE,
    BUS_TROUBLE_BUS_OFF,
    BUS_TROUBLE_LOST_FRAMES,
    BUS_TROUBLE_SILENT,
    BUS_TROUBLE_UNKNOWN_IDS,
    BUS_TROUBLE_COUNT
};

/* A signal that alarms watch. */
struct alarm_source {
    size_t bus;
    const struct dbc_message *message;
    const struct dbc_signal *signal;
};

struct alarm_plan {
    struct alarm_spec *specs; /* those of the configuration in its order, then the built-in ones */
    size_t count;
    size_t capacity;
    struct alarm_source *sources; /* by input */
    size_t source_count;
    size_t source_capacity;
    size_t (*troubles)[BUS_TROUBLE_COUNT]; /* by bus: the alarm; ALARM_PLAN_NONE = none */
    size_t frame_log;                      /* the same */
};

/* Everything that is wrong goes to `d`. 0 or -ENOMEM. All is borrowed. */
EDGE_MUST_CHECK int alarm_plan_init(const struct config *config, const struct gateway_plan *plan,
                                    struct diagnostics *d, struct alarm_plan *ret);
void alarm_plan_deinit(struct alarm_plan *plan);

/* By each input of the plan's alarms, what it is called in an earlier plan; SIZE_MAX: there is no
 * such signal there, or it meant something else. `places` has source_count places. */
void alarm_plan_places(const struct gateway_plan *plan, const struct gateway_plan *from,
                       size_t *places);

#endif

/*
 * Alarms of an engine: those that steps raise and clear, and one for each device that does not
 * obey. What happens to one is common/alarm_state.h; instants are the engine's.
 */
#ifndef EDGE_AUTOMATION_ENGINE_ENGINE_ALARM_H
#define EDGE_AUTOMATION_ENGINE_ENGINE_ALARM_H

#include "common/alarm_state.h"
#include "common/attributes.h"

#include <stddef.h>
#include <stdint.h>

#define ENGINE_ALARM_PRIORITY_MAX 4
#define ENGINE_ALARM_TEXT_SIZE    320 /* the reason of a rule fits */
#define ENGINE_ALARM_BY_SIZE      160 /* the source of a rule fits */

struct engine;

/* As it is now. Texts are valid until the engine is called again. */
struct engine_alarm_state {
    enum alarm_status status;
    int64_t since_us;
    int64_t until_us; /* end of the shelving; INT64_MAX = none */
    int priority;     /* 1 (critical) to 4 */
    const char *text; /* what is wrong, or was */
    const char *by;   /* who acted last: "rule:frost", "device:heater", a person; "" = nobody */
};

/* One transition, with what it led to. */
struct engine_alarm_event {
    enum alarm_event event;
    int64_t at_us;
    struct engine_alarm_state state;
};

/* What a person does: anything but raising and clearing. */
struct alarm_action {
    enum alarm_event event;
    int64_t shelve_us; /* of ALARM_EVENT_SHELVE */
    const char *by;    /* a longer name is cut; NULL = not known */
};

/* What became of it; refusals change nothing. `alarm` is its index in the options. */
EDGE_MUST_CHECK enum alarm_verdict engine_operate_alarm(struct engine *engine, size_t alarm,
                                                        const struct alarm_action *action,
                                                        int64_t now_us);

struct engine_alarm_state engine_alarm_state(const struct engine *engine, size_t alarm);

#endif

/* What the engine of rich_engine.h is made of: inputs, controllers and rules. */
#ifndef EDGE_TESTS_UNIT_RICH_ENGINE_PARTS_H
#define EDGE_TESTS_UNIT_RICH_ENGINE_PARTS_H

#include "automation-node/engine/engine.h"
#include "tests/unit/condition_help.h"

#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)

enum {
    TEMPERATURE,
    HUMIDITY,
    BUTTON,
    PUMP_STATE,
    MEAN,
    PRESSED,
    RICH_INPUTS
};

enum {
    HEATER, /* has the thermostat, and falls back without the temperature */
    PUMP,   /* has a feedback, and shares an interlock with the well */
    WELL,
    FAN, /* takes numbers from the PID controller */
    RICH_DEVICES
};

/* Rules as engine_enable_rule() counts them. */
enum {
    RULE_HOT,
    RULE_DRY,
    RULE_PUSH, /* of events */
    RICH_RULES
};

enum {
    CONTROLLER_AIR,
    CONTROLLER_VENT
};

struct rich {
    struct input_options inputs[RICH_INPUTS];
    struct engine_derived derived[2];
    size_t mean_of[2];
    size_t pressed_of[1];
    struct engine_thermostat thermostat;
    struct engine_pid pid;
    struct engine_rule rules[2];
    const struct expression *trigger;
    struct time_trigger time;
    struct step steps[5];
    struct event_rule_options event;
    struct schedule_block blocks[2];
    struct schedule_exception exception;
    struct engine_schedule schedules[2];
    const char *required[1];
    struct engine_device devices[RICH_DEVICES];
    size_t members[2];
    struct engine_interlock interlock;
    struct calendar calendar;
    struct zone *zone;
    struct engine_options options;
};

static inline const struct expression *rich_condition(const struct rich *r, const char *text)
{
    return condition_on(r->inputs, RICH_INPUTS, text);
}

static inline void rich_fill_inputs(struct rich *r)
{
    static const struct input_options inputs[RICH_INPUTS] = {
        {"temperature", "°C", MINUTE}, {"humidity", "%", MINUTE}, {"button", NULL, 0},
        {"pump_state", NULL, HOUR},    {"mean", NULL, MINUTE},    {"pressed", "s", 0}};
    memcpy(r->inputs, inputs, sizeof(inputs));
    r->mean_of[0] = TEMPERATURE;
    r->mean_of[1] = HUMIDITY;
    r->pressed_of[0] = BUTTON;
    r->derived[0] = (struct engine_derived){
        MEAN, {.kind = DERIVED_MEAN, .sources = r->mean_of, .source_count = 2}};
    r->derived[1] = (struct engine_derived){PRESSED,
                                            {.kind = DERIVED_TIME,
                                             .sources = r->pressed_of,
                                             .source_count = 1,
                                             .state = label("down")}};
}

static inline void rich_fill_controllers(struct rich *r)
{
    r->thermostat = (struct engine_thermostat){.thermostat = {.id = "air",
                                                              .mode = THERMOSTAT_HEAT,
                                                              .setpoint = 20,
                                                              .below = 0.5,
                                                              .above = 0.5,
                                                              .on_value = label("ON"),
                                                              .off_value = label("OFF")},
                                               .input = "temperature",
                                               .device = "heater"};
    r->pid = (struct engine_pid){.pid = {.id = "vent",
                                         .mode = PID_AUTO,
                                         .setpoint = 50,
                                         .kp = 1,
                                         .ki = 0.01,
                                         .cools = true,
                                         .max = 100,
                                         .period_us = 10 * SECOND},
                                 .input = "humidity",
                                 .device = "fan"};
}

static inline void rich_fill_rules(struct rich *r)
{
    r->rules[RULE_HOT] = (struct engine_rule){
        .rule = {.id = "hot",
                 .condition = rich_condition(r, "temperature > 30 hysteresis 2"),
                 .when_true = label("ON"),
                 .enabled = true},
        .device = "pump"};
    r->rules[RULE_DRY] = (struct engine_rule){
        .rule = {.id = "dry",
                 .condition = rich_condition(r, "humidity < 20 or pressed > 5s"),
                 .when_true = label("ON"),
                 .when_false = label("OFF"),
                 .enabled = true},
        .device = "well"};
    r->trigger = rich_condition(r, "button changed");
    r->time = (struct time_trigger){.kind = TIME_PERIOD, .text = "each hour", .period_us = HOUR};
    r->steps[0] = (struct step){
        .kind = STEP_SET, .device = PUMP, .value = label("ON"), .span_us = 10 * MINUTE};
    r->steps[1] = (struct step){.kind = STEP_PUBLISH, .message = 0};
    r->steps[2] = (struct step){
        .kind = STEP_WAIT, .condition = rich_condition(r, "temperature > 10"), .span_us = MINUTE};
    r->steps[3] = (struct step){.kind = STEP_DELAY, .span_us = 2 * MINUTE};
    r->steps[4] = (struct step){.kind = STEP_RELEASE, .device = PUMP};
    r->event = (struct event_rule_options){.id = "push",
                                           .triggers = &r->trigger,
                                           .trigger_count = 1,
                                           .times = &r->time,
                                           .time_count = 1,
                                           .condition = rich_condition(r, "humidity > 5"),
                                           .script = {r->steps, 5},
                                           .mode = RULE_QUEUED,
                                           .max = 2,
                                           .enabled = true};
}

#endif

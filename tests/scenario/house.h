/*
 * A house in virtual time: an engine whose rules are written as in the configuration, whose devices
 * obey at once, and whose clock is set when the test says so.
 */
#ifndef EDGE_TESTS_SCENARIO_HOUSE_H
#define EDGE_TESTS_SCENARIO_HOUSE_H

#include "automation-node/calendar/civil.h"
#include "automation-node/engine/engine.h"
#include "automation-node/engine/engine_inspect.h"
#include "automation-node/input/deadline.h"
#include "tests/unit/condition_help.h"

#define MINUTE         (60 * SECOND)
#define HOUR           (60 * MINUTE)
#define HOUSE_ZONE     "CET-1CEST,M3.5.0,M10.5.0/3"
#define HOUSE_LOG_SIZE 4096

enum {
    TEMPERATURE,
    HUMIDITY,
    BUTTON,
    DOOR,
    HOUSE_INPUTS
};

enum {
    HEATER,
    FAN,
    HOUSE_DEVICES
};

struct house {
    struct engine *engine;
    struct zone *zone;
    struct calendar calendar;
    int64_t now_us;
    int64_t wall_offset_us; /* of the true time */
    uint64_t seq;
    struct value shown[HOUSE_DEVICES];        /* as last commanded */
    struct device_state state[HOUSE_DEVICES]; /* as last published */
    int64_t switched_us[HOUSE_DEVICES];       /* when that command came */
    unsigned commands[HOUSE_DEVICES];         /* so far */
    struct engine_rule_state rule;            /* the last one told; its reason is not kept */
    unsigned traces;
    struct engine_alarm_state alarm; /* the last one told; its texts are not kept */
    unsigned alarm_events;
    struct engine_schedule_state schedule; /* the last one told */
};

static const struct input_options house_inputs[HOUSE_INPUTS] = {
    {"temperature", "°C", 30 * SECOND},
    {"humidity", "%", 30 * SECOND},
    {"button", NULL, 0},
    {"door", NULL, 0},
};

static inline const struct expression *house_condition(const char *text)
{
    return condition_on(house_inputs, HOUSE_INPUTS, text);
}

static inline struct engine_device house_device(const char *id)
{
    return (struct engine_device){
        .device = {.id = id, .domain = on_off(), .confirm_us = 5 * SECOND, .attempts = 1},
        .off = label("OFF"),
        .rest = label("OFF"),
        .manual_for_us = HOUR};
}

static inline struct engine_rule house_rule(const char *id, const char *condition,
                                            const char *device)
{
    return (struct engine_rule){.rule = {.id = id,
                                         .condition = house_condition(condition),
                                         .when_true = label("ON"),
                                         .when_false = label("OFF"),
                                         .enabled = true},
                                .device = device};
}

static inline void house_note(struct house *house, const struct engine_output *output)
{
    switch (output->kind) {
    case ENGINE_STATE:
        house->state[output->device] = output->state;
        break;
    case ENGINE_COMMAND:
        house->shown[output->device] = output->command.value;
        house->switched_us[output->device] = house->now_us;
        house->commands[output->device]++;
        break;
    case ENGINE_RULE_STATE:
        house->rule = output->rule_state;
        break;
    case ENGINE_RULE_TRACE:
        house->traces++;
        break;
    case ENGINE_SCHEDULE_STATE:
        house->schedule = output->schedule_state;
        break;
    case ENGINE_ALARM_STATE:
        house->alarm = output->alarm_state;
        break;
    case ENGINE_ALARM_EVENT:
        house->alarm_events++;
        break;
    case ENGINE_CONTROLLER_STATE:
    case ENGINE_MESSAGE:
        break;
    }
}

static inline void house_carry_out(struct house *house)
{
    struct engine_output output;
    while (engine_take(house->engine, &output)) {
        house_note(house, &output);
    }
}

/* Fills in inputs, devices (unless there are some) and the calendar. */
static inline void house_open(struct house *house, struct engine_options *options)
{
    struct engine_device devices[HOUSE_DEVICES] = {house_device("heater"), house_device("fan")};
    *house = (struct house){.calendar = {.has_place = true, .place = {52.52, 13.4}}};
    assert_int_equal(zone_new_posix(HOUSE_ZONE, &house->zone), 0);
    house->calendar.zone = house->zone;
    options->calendar = &house->calendar;
    options->inputs = house_inputs;
    options->input_count = HOUSE_INPUTS;
    if (options->devices == NULL) {
        options->devices = devices;
        options->device_count = HOUSE_DEVICES;
    }
    assert_int_equal(engine_new(options, 0, &house->engine), 0);
    house_carry_out(house);
}

static inline void house_close(struct house *house)
{
    engine_free(house->engine);
    zone_free(house->zone);
}

#endif

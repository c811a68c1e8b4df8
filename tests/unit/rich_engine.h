/* An engine with one of everything, for tests that look at all of it: what is refused, what is
 * explained, what happens without memory. Change a part of it, then make it. */
#ifndef EDGE_TESTS_UNIT_RICH_ENGINE_H
#define EDGE_TESTS_UNIT_RICH_ENGINE_H

#include "tests/unit/rich_engine_parts.h"

#define NOON_US   (INT64_C(1764158400) * SECOND) /* 2025-11-26T12:00:00Z, a Wednesday */
#define RICH_ZONE "UTC0"

/* The well runs by day, but not on Christmas Day; the air is warmer by day. */
static inline void rich_fill_schedules(struct rich *r)
{
    static const char *const ids[] = {"wells", "warmth"};
    for (size_t i = 0; i < 2; i++) {
        r->blocks[i] = (struct schedule_block){.value = i == 0 ? label("OFF") : value_number(21),
                                               .text = "06:00 to 22:00"};
        assert_int_equal(moment_parse("06:00", 5, &r->blocks[i].from), 0);
        assert_int_equal(moment_parse("22:00", 5, &r->blocks[i].to), 0);
        r->schedules[i] = (struct engine_schedule){
            .schedule = {.id = ids[i], .blocks = &r->blocks[i], .block_count = 1, .enabled = true}};
    }
    r->exception = (struct schedule_exception){.first = {2025, 12, 25},
                                               .last = {2025, 12, 25},
                                               .yearly = true,
                                               .kind = EXCEPTION_VALUE,
                                               .value = label("OFF"),
                                               .text = "12-25"};
    r->schedules[0].device = "well";
    r->schedules[0].schedule.exceptions = &r->exception;
    r->schedules[0].schedule.exception_count = 1;
    r->schedules[1].controller = "air";
    r->schedules[1].schedule.otherwise = value_number(17);
}

static inline void rich_fill_devices(struct rich *r)
{
    static const char *const ids[] = {"heater", "pump", "well", "fan"};
    r->required[0] = "temperature";
    for (size_t i = 0; i < RICH_DEVICES; i++) {
        r->devices[i] = (struct engine_device){
            .device = {.id = ids[i], .domain = on_off(), .confirm_us = 5 * SECOND, .attempts = 2},
            .off = label("OFF"),
            .manual_for_us = HOUR};
    }
    r->devices[HEATER].required = r->required;
    r->devices[HEATER].required_count = 1;
    r->devices[HEATER].fail_safe = label("OFF");
    r->devices[HEATER].min_on_us = MINUTE;
    r->devices[PUMP].feedback = "pump_state";
    r->devices[PUMP].rest = label("OFF");
    r->devices[FAN].device.domain = (struct domain){.numeric = true, .max = 100};
    r->devices[FAN].off = value_number(0);
    r->members[0] = PUMP;
    r->members[1] = WELL;
    r->interlock = (struct engine_interlock){"water", r->members, 2, 5 * SECOND};
}

/* Not to be moved afterwards: its parts point at each other. */
static inline void rich_init(struct rich *r)
{
    *r = (struct rich){.options = {.input_count = RICH_INPUTS}};
    assert_int_equal(zone_new_posix(RICH_ZONE, &r->zone), 0);
    r->calendar = (struct calendar){.zone = r->zone};
    rich_fill_inputs(r);
    rich_fill_controllers(r);
    rich_fill_rules(r);
    rich_fill_schedules(r);
    rich_fill_devices(r);
    r->options = (struct engine_options){.calendar = &r->calendar,
                                         .inputs = r->inputs,
                                         .input_count = RICH_INPUTS,
                                         .derived = r->derived,
                                         .derived_count = 2,
                                         .thermostats = &r->thermostat,
                                         .thermostat_count = 1,
                                         .pids = &r->pid,
                                         .pid_count = 1,
                                         .rules = r->rules,
                                         .rule_count = 2,
                                         .events = &r->event,
                                         .event_count = 1,
                                         .message_count = 1,
                                         .schedules = r->schedules,
                                         .schedule_count = 2,
                                         .devices = r->devices,
                                         .device_count = RICH_DEVICES,
                                         .interlocks = &r->interlock,
                                         .interlock_count = 1};
}

static inline void rich_deinit(struct rich *r)
{
    zone_free(r->zone);
}

static inline void rich_take_all(struct engine *engine)
{
    struct engine_output output;
    while (engine_take(engine, &output)) {
    }
}

/* At noon, if `wall_us` is NOON_US. */
static inline struct engine *rich_make(struct rich *r, int64_t wall_us)
{
    struct engine *engine = NULL;
    rich_init(r);
    assert_int_equal(engine_new(&r->options, 0, &engine), 0);
    engine_set_clock(engine, wall_us, 0);
    rich_take_all(engine);
    return engine;
}

static inline void rich_see(struct engine *engine, size_t input, struct value value, int64_t now_us)
{
    const struct reading reading = good(value, 1);
    engine_input(engine, input, &reading, now_us);
    rich_take_all(engine);
}

#endif

/* One room, one heater, one sensor, virtual time: what a person would see happen. */
#include "automation-node/engine/engine.h"
#include "automation-node/engine/engine_inspect.h"
#include "automation-node/input/deadline.h"
#include "tests/unit/engine_help.h"

enum {
    TEMPERATURE,
    HEATER_STATE
};

#define HEATER       0
#define MINUTE       (60 * SECOND)
#define OUTSIDE      5.0    /* °C */
#define HEATING_RATE 0.01   /* K/s while the heater runs */
#define LOSS_RATE    2.5e-4 /* 1/s: towards the outside */

struct room {
    struct engine *engine;
    int64_t now_us;
    double temperature; /* °C */
    bool heating;       /* what the heater really does */
    bool sensor_lives;
    bool commands_arrive;
    uint64_t seq;
    struct device_state shown; /* the last published state */
    int64_t switched_on_us;    /* last time it really went on */
    int64_t switched_off_us;
    unsigned switches;
};

static struct room open_room(double temperature, int64_t min_on_us, int64_t min_off_us)
{
    static const char *const required[] = {"temperature"};
    const struct input_options inputs[] = {{"temperature", "°C", 30 * SECOND},
                                           {"heater_state", NULL, 30 * SECOND}};
    struct engine_thermostat thermostat = {.thermostat = {.id = "air",
                                                          .mode = THERMOSTAT_HEAT,
                                                          .setpoint = 20,
                                                          .below = 0.5,
                                                          .above = 0.5,
                                                          .on_value = label("ON"),
                                                          .off_value = label("OFF")},
                                           .input = "temperature",
                                           .device = "heater"};
    struct engine_device heater = {.device = {.id = "heater",
                                              .domain = on_off(),
                                              .confirm_us = 5 * SECOND,
                                              .attempts = 3,
                                              .grace_us = 3 * SECOND},
                                   .feedback = "heater_state",
                                   .off = label("OFF"),
                                   .rest = label("OFF"),
                                   .min_on_us = min_on_us,
                                   .min_off_us = min_off_us,
                                   .required = required,
                                   .required_count = 1,
                                   .fail_safe = label("OFF"),
                                   .manual_for_us = 10 * MINUTE};
    heater.device.domain.labels[0].feedback = label("Running");
    heater.device.domain.labels[1].feedback = label("Stopped");
    struct engine_options options = {.inputs = inputs,
                                     .input_count = 2,
                                     .thermostats = &thermostat,
                                     .thermostat_count = 1,
                                     .devices = &heater,
                                     .device_count = 1};
    struct room room = {.temperature = temperature, .sensor_lives = true, .commands_arrive = true};
    assert_int_equal(engine_new(&options, 0, &room.engine), 0);
    return room;
}

static void close_room(struct room *room)
{
    struct engine_stats s = engine_stats(room->engine);
    assert_int_equal(s.sent, s.confirmed + s.assumed + s.timed_out + s.superseded + s.pending);
    engine_free(room->engine);
}

static void obey(struct room *room, const struct device_command *command)
{
    bool on = strcmp(command->value.text, "ON") == 0;
    if (!room->commands_arrive || on == room->heating) {
        return;
    }
    room->heating = on;
    room->switches++;
    if (on) {
        room->switched_on_us = room->now_us;
    } else {
        room->switched_off_us = room->now_us;
    }
}

static void carry_out(struct room *room)
{
    struct engine_output output;
    while (engine_take(room->engine, &output)) {
        if (output.kind == ENGINE_COMMAND) {
            obey(room, &output.command);
        } else if (output.kind == ENGINE_STATE) {
            room->shown = output.state;
        }
    }
}

static void measure(struct room *room)
{
    struct reading state = good(label(room->heating ? "Running" : "Stopped"), ++room->seq);
    engine_input(room->engine, HEATER_STATE, &state, room->now_us);
    carry_out(room);
    if (room->sensor_lives) {
        struct reading temperature = good(value_number(room->temperature), ++room->seq);
        engine_input(room->engine, TEMPERATURE, &temperature, room->now_us);
        carry_out(room);
    }
}

/* One second of physics, with every deadline of the engine met on the way. */
static void live_a_second(struct room *room)
{
    int64_t end_us = room->now_us + SECOND;
    for (int64_t due_us = engine_next_deadline(room->engine); due_us < end_us;
         due_us = engine_next_deadline(room->engine)) {
        assert_true(due_us >= room->now_us);
        room->now_us = due_us;
        engine_tick(room->engine, due_us);
        carry_out(room);
        assert_true(engine_next_deadline(room->engine) > due_us);
    }
    room->now_us = end_us;
    room->temperature += room->heating ? HEATING_RATE : 0;
    room->temperature -= (room->temperature - OUTSIDE) * LOSS_RATE;
    engine_tick(room->engine, end_us);
    carry_out(room);
    measure(room);
}

static void live(struct room *room, int64_t span_us)
{
    for (int64_t end_us = room->now_us + span_us; room->now_us < end_us;) {
        live_a_second(room);
    }
}

static void ask(struct room *room, const char *value, int64_t for_us)
{
    struct wish wish = {.value = label(value), .for_us = for_us};
    assert_int_equal(engine_wish(room->engine, HEATER, &wish, room->now_us), REFUSAL_NONE);
    carry_out(room);
}

static void the_heater_reaches_the_setpoint_and_keeps_the_band(void **state)
{
    (void)state;
    struct room room = open_room(12, 0, 0);
    live(&room, 60 * MINUTE);
    assert_true(room.temperature > 19.4);
    double lowest = room.temperature;
    double highest = room.temperature;
    unsigned switches = room.switches;
    for (int i = 0; i < 4 * 3600; i++) {
        live_a_second(&room);
        lowest = room.temperature < lowest ? room.temperature : lowest;
        highest = room.temperature > highest ? room.temperature : highest;
    }
    /* One second passes between a measurement and its effect: 0.01 K on either side. */
    assert_true(lowest > 19.48 && lowest < 19.6);
    assert_true(highest < 20.52 && highest > 20.4);
    assert_true(room.switches > switches + 10);
    close_room(&room);
}

static void a_dying_sensor_stops_the_heater_within_its_stale_time(void **state)
{
    (void)state;
    struct room room = open_room(12, 0, 0);
    live(&room, MINUTE);
    assert_true(room.heating);
    room.sensor_lives = false;
    int64_t died_us = room.now_us;
    live(&room, 10 * MINUTE);
    assert_false(room.heating);
    assert_true(room.switched_off_us - died_us <= 30 * SECOND);
    assert_string_equal(room.shown.cause.source, "fail_safe");
    assert_string_equal(room.shown.cause.reason, "input 'temperature' is stale");
    assert_int_equal(room.shown.priority, PRIORITY_SAFETY);
    room.sensor_lives = true;
    live(&room, MINUTE);
    assert_true(room.heating);
    assert_string_equal(room.shown.cause.source, "controller:air");
    close_room(&room);
}

static void with_a_sensor_missing_since_start_the_heater_never_runs(void **state)
{
    (void)state;
    struct room room = open_room(2, 0, 0);
    room.sensor_lives = false;
    live(&room, 24 * 60 * MINUTE);
    assert_int_equal(room.switches, 0);
    assert_value(room.shown.value, "OFF");
    assert_string_equal(room.shown.cause.reason, "input 'temperature' is stale (never seen)");
    close_room(&room);
}

static void a_person_overrides_until_the_time_is_over(void **state)
{
    (void)state;
    struct room room = open_room(12, 0, 0);
    live(&room, MINUTE);
    int64_t asked_us = room.now_us;
    ask(&room, "OFF", 5 * MINUTE);
    live(&room, 5 * MINUTE - SECOND);
    assert_false(room.heating);
    assert_string_equal(room.shown.cause.source, "manual");
    assert_true(room.shown.until_us == asked_us + 5 * MINUTE);
    live(&room, 2 * SECOND);
    assert_true(room.heating);
    assert_true(room.switched_on_us == asked_us + 5 * MINUTE);
    assert_string_equal(room.shown.cause.source, "controller:air");
    close_room(&room);
}

static void minimum_times_are_kept_even_against_a_person(void **state)
{
    (void)state;
    struct room room = open_room(12, 4 * MINUTE, 3 * MINUTE);
    live(&room, 4 * MINUTE);
    assert_true(room.switched_on_us == 3 * MINUTE); /* off since the start, by fail-safe */
    ask(&room, "OFF", 0);
    live(&room, 2 * MINUTE);
    assert_true(room.heating);
    assert_string_equal(room.shown.cause.source, "min_on");
    live(&room, 2 * MINUTE);
    assert_true(room.switched_off_us == 7 * MINUTE);
    ask(&room, "ON", 0);
    live(&room, 5 * MINUTE);
    assert_true(room.switched_on_us == 10 * MINUTE);
    close_room(&room);
}

static void safety_does_not_wait_for_the_minimum_on_time(void **state)
{
    (void)state;
    struct room room = open_room(12, 60 * MINUTE, 0);
    live(&room, MINUTE);
    assert_true(room.heating);
    room.sensor_lives = false;
    live(&room, MINUTE);
    assert_false(room.heating);
    close_room(&room);
}

static void a_deaf_heater_has_failed_and_recovers_when_it_speaks_again(void **state)
{
    (void)state;
    struct room room = open_room(12, 0, 0);
    room.commands_arrive = false;
    live(&room, MINUTE);
    assert_int_equal(room.shown.quality, DEVICE_QUALITY_FAILED);
    assert_value(room.shown.value, "OFF");
    assert_value(room.shown.target, "ON");
    uint64_t sent = engine_stats(room.engine).sent;
    live(&room, 10 * MINUTE);
    assert_int_equal(engine_stats(room.engine).sent, sent);
    struct reading gone = {.quality = QUALITY_STALE, .seq = 1};
    engine_input(room.engine, HEATER_STATE, &gone, room.now_us);
    carry_out(&room);
    room.commands_arrive = true;
    live(&room, MINUTE);
    assert_true(room.heating);
    assert_int_equal(room.shown.quality, DEVICE_QUALITY_GOOD);
    assert_value(room.shown.value, "ON");
    close_room(&room);
}

static void a_heater_switched_by_hand_is_shown_and_brought_back(void **state)
{
    (void)state;
    struct room room = open_room(20, 0, 0);
    live(&room, MINUTE);
    assert_false(room.heating);
    room.heating = true;
    live(&room, SECOND);
    assert_value(room.shown.value, "ON");
    assert_value(room.shown.target, "OFF");
    live(&room, 4 * SECOND);
    assert_false(room.heating);
    assert_value(room.shown.value, "OFF");
    close_room(&room);
}

static void a_wish_for_an_unknown_value_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    struct room room = open_room(12, 0, 0);
    live(&room, MINUTE);
    unsigned switches = room.switches;
    struct wish wish = {.value = label("BOOST")};
    assert_int_equal(engine_wish(room.engine, HEATER, &wish, room.now_us), REFUSAL_UNKNOWN_VALUE);
    live(&room, MINUTE);
    assert_int_equal(room.switches, switches);
    assert_string_equal(room.shown.cause.source, "controller:air");
    assert_int_equal(engine_stats(room.engine).refused[REFUSAL_UNKNOWN_VALUE], 1);
    close_room(&room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_heater_reaches_the_setpoint_and_keeps_the_band),
        cmocka_unit_test(a_dying_sensor_stops_the_heater_within_its_stale_time),
        cmocka_unit_test(with_a_sensor_missing_since_start_the_heater_never_runs),
        cmocka_unit_test(a_person_overrides_until_the_time_is_over),
        cmocka_unit_test(minimum_times_are_kept_even_against_a_person),
        cmocka_unit_test(safety_does_not_wait_for_the_minimum_on_time),
        cmocka_unit_test(a_deaf_heater_has_failed_and_recovers_when_it_speaks_again),
        cmocka_unit_test(a_heater_switched_by_hand_is_shown_and_brought_back),
        cmocka_unit_test(a_wish_for_an_unknown_value_is_refused_and_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * A room that heats up slowly and answers late, and a PID controller in virtual time: it finds its
 * gains by itself, keeps the room with them, and does both with a heater that is only on or off.
 */
#include "automation-node/engine/engine.h"
#include "automation-node/engine/engine_explain.h"
#include "automation-node/engine/engine_inspect.h"
#include "automation-node/input/deadline.h"
#include "tests/scenario/restart.h"
#include "tests/unit/engine_help.h"
#include "tests/unit/plant_help.h"

#include <errno.h>

#define MINUTE   (60 * SECOND)
#define HOUR     (60 * MINUTE)
#define SETPOINT 20
#define FULL     100.0 /* output */

struct room {
    struct engine *engine;
    struct engine_options options;
    struct input_options inputs[1];
    struct engine_pid pid;
    struct pwm_options pwm;
    struct engine_device heater;
    struct plant plant;
    int64_t now_us;
    uint64_t seq;
    double power;      /* 0 to 100: what the heater really does */
    double energy_s;   /* so far, in seconds of full power */
    int64_t turned_us; /* of a heater that is on or off */
    unsigned turns;
    struct engine_controller_state told; /* last; its reason is not kept */
};

static const char *const required[] = {"temperature"};

static struct engine_device heater_of(bool switches)
{
    struct engine_device heater = {
        .device = {.id = "heater", .domain = on_off(), .confirm_us = SECOND, .attempts = 1},
        .off = label("OFF"),
        .rest = label("OFF"),
        .min_on_us = 20 * SECOND,
        .min_off_us = 20 * SECOND,
        .required = required,
        .required_count = 1,
        .fail_safe = label("OFF"),
        .manual_for_us = HOUR};
    if (!switches) {
        heater.device.domain = (struct domain){.numeric = true, .max = FULL};
        heater.off = heater.rest = heater.fail_safe = value_number(0);
        heater.min_on_us = heater.min_off_us = 0;
    }
    return heater;
}

/* Gains that hardly do anything; the room is at rest at its set point with half of the power. */
static void open_room(struct room *room, bool switches, const struct plant *plant)
{
    *room = (struct room){.plant = *plant};
    room->inputs[0] = (struct input_options){"temperature", "°C", MINUTE};
    room->pwm = (struct pwm_options){.period_us = MINUTE,
                                     .min_on_us = 20 * SECOND,
                                     .min_off_us = 20 * SECOND,
                                     .full = FULL,
                                     .on_value = label("ON"),
                                     .off_value = label("OFF")};
    room->pid = (struct engine_pid){.pid = {.id = "air",
                                            .mode = PID_AUTO,
                                            .setpoint = SETPOINT,
                                            .kp = 0.5,
                                            .ki = 0.0001,
                                            .max = FULL,
                                            .period_us = 10 * SECOND,
                                            .tuning = {.enabled = true,
                                                       .amplitude = 50,
                                                       .hysteresis = 0.1,
                                                       .max_deviation = 8,
                                                       .timeout_us = 24 * HOUR,
                                                       .rule = TUNING_RULE_TYREUS_LUYBEN_PI,
                                                       .apply = true}},
                                    .pwm = switches ? &room->pwm : NULL,
                                    .input = "temperature",
                                    .device = "heater"};
    room->heater = heater_of(switches);
    room->options = (struct engine_options){.inputs = room->inputs,
                                            .input_count = 1,
                                            .pids = &room->pid,
                                            .pid_count = 1,
                                            .devices = &room->heater,
                                            .device_count = 1};
    assert_int_equal(engine_new(&room->options, 0, &room->engine), 0);
    plant_rest_at(&room->plant, FULL / 2);
    room->power = FULL / 2;
}

static void obey(struct room *room, const struct value *value)
{
    double power = value->kind == VALUE_NUMBER      ? value->number
                   : strcmp(value->text, "ON") == 0 ? FULL
                                                    : 0;
    if (power != room->power) {
        room->power = power;
        room->turned_us = room->now_us;
        room->turns++;
    }
}

static void listen(struct room *room)
{
    struct engine_output output;
    while (engine_take(room->engine, &output)) {
        if (output.kind == ENGINE_COMMAND) {
            obey(room, &output.command.value);
        } else if (output.kind == ENGINE_CONTROLLER_STATE) {
            room->told = output.controller_state;
        }
    }
}

/* Commands come at whole seconds, when deadlines are met; a reading comes every other second. */
static void live(struct room *room, int64_t span_us)
{
    for (int64_t end_us = room->now_us + span_us; room->now_us < end_us;) {
        room->energy_s += room->power / FULL;
        double value = plant_live(&room->plant, room->power);
        room->now_us += SECOND;
        engine_tick(room->engine, room->now_us);
        if (room->now_us / SECOND % 2 == 0) {
            struct reading reading = good(value_number(value), ++room->seq);
            engine_input(room->engine, 0, &reading, room->now_us);
        }
        listen(room);
    }
}

static void change(struct room *room, const struct controller_change *change)
{
    assert_int_equal(engine_set_controller(room->engine, 0, change, room->now_us), 0);
    listen(room);
}

static void tune(struct room *room)
{
    live(room, 10 * SECOND);
    change(room, &(struct controller_change){.tuning = CONTROLLER_TUNING_START});
    assert_int_equal(room->told.tuning.state, TUNING_RUNNING);
    while (room->told.tuning.state == TUNING_RUNNING) {
        live(room, MINUTE);
    }
}

/* `more_s`: dead time that the room is not to blame for. */
static void assert_found(const struct room *room, size_t more_s)
{
    const struct tuning_report *report = &room->told.tuning;
    struct plant loop = room->plant;
    loop.dead_time_s += more_s;
    double theory_s = plant_ultimate_period_s(&loop);
    assert_int_equal(report->state, TUNING_FOUND);
    print_message("found %.0f s after %.1f h, theory %.0f s; gain %.1f, theory %.1f\n",
                  report->found.ultimate_period_s, (double)room->now_us / (double)HOUR, theory_s,
                  report->found.ultimate_gain, plant_ultimate_gain(&loop));
    assert_true(fabs(report->found.ultimate_period_s - theory_s) < 0.15 * theory_s);
    assert_true(report->adopted);
    assert_true(room->told.gains.kp == report->proposed.kp);
}

/* From then on for a while. */
static void assert_keeps(struct room *room, double setpoint, double within, int64_t span_us)
{
    for (int64_t end_us = room->now_us + span_us; room->now_us < end_us;) {
        live(room, SECOND);
        if (fabs(room->plant.value - setpoint) > within) {
            fail_msg("%g after %g h", room->plant.value, (double)room->now_us / (double)HOUR);
        }
    }
}

static void it_finds_its_gains_and_keeps_the_room_with_them(void **state)
{
    (void)state;
    struct room room;
    const struct plant plant = plant_new(0.3, 1200, 120, 5);
    open_room(&room, false, &plant);
    tune(&room);
    assert_found(&room, 0);
    change(&room, &(struct controller_change){.has_setpoint = true, .setpoint = 16});
    live(&room, 3 * HOUR);
    assert_keeps(&room, 16, 0.1, 3 * HOUR);
    room.plant.ambient = 0; /* winter comes at once */
    live(&room, 3 * HOUR);
    assert_keeps(&room, 16, 0.1, 3 * HOUR);
    engine_free(room.engine);
}

static void a_heater_that_is_on_or_off_can_be_tuned_too(void **state)
{
    (void)state;
    struct room room;
    const struct plant plant = plant_new(0.3, 3600, 300, 5);
    open_room(&room, true, &plant);
    tune(&room);
    assert_found(&room, 30); /* half of the pulses' period */
    change(&room, &(struct controller_change){.has_setpoint = true, .setpoint = 17});
    live(&room, 8 * HOUR);
    assert_keeps(&room, 17, 0.5, 4 * HOUR);
    engine_free(room.engine);
}

/* One hour each, at outputs of all sizes; the device's own minimum times hold. */
static void the_mean_of_the_pulses_is_the_output(void **state)
{
    (void)state;
    struct room room;
    const struct plant plant = plant_new(0.3, 3600, 300, 5);
    open_room(&room, true, &plant);
    live(&room, MINUTE);
    for (int output = 0; output <= 100; output++) {
        change(&room, &(struct controller_change){.has_mode = true,
                                                  .mode = CONTROLLER_MANUAL,
                                                  .has_output = true,
                                                  .output = output});
        double before_s = room.energy_s;
        for (int64_t end_us = room.now_us + HOUR; room.now_us < end_us;) {
            int64_t turned_us = room.turned_us;
            unsigned turns = room.turns;
            live(&room, SECOND);
            assert_true(room.turns <= turns + 1);
            assert_true(room.turns == turns || room.turned_us - turned_us >= 20 * SECOND);
        }
        double mean = (room.energy_s - before_s) / 3600 * 100;
        if (fabs(mean - output) > 1) {
            fail_msg("%d %% became %g %%", output, mean);
        }
    }
    engine_free(room.engine);
}

/* The sensor dies while the relay has the heater on: fail-safe, and the terms of before. */
static void a_sensor_that_dies_ends_the_tuning_and_the_heating(void **state)
{
    (void)state;
    struct room room;
    const struct plant plant = plant_new(0.3, 1200, 120, 5);
    open_room(&room, false, &plant);
    live(&room, 10 * SECOND);
    double before = room.told.output.number;
    change(&room, &(struct controller_change){.tuning = CONTROLLER_TUNING_START});
    while (room.power < FULL) {
        live(&room, SECOND);
    }
    for (int64_t due_us; (due_us = engine_next_deadline(room.engine)) < room.now_us + HOUR;) {
        room.now_us = due_us;
        engine_tick(room.engine, due_us);
        listen(&room);
    }
    assert_int_equal(room.told.tuning.state, TUNING_STALE);
    assert_true(room.power == 0);
    assert_true(room.told.output.number == before);
    live(&room, MINUTE);
    assert_true(room.power > 0 && room.power < FULL);
    assert_true(room.told.gains.kp == 0.5);
    engine_free(room.engine);
}

/* A person takes the heater: that is no time to try things with it. */
static void a_wish_ends_the_tuning(void **state)
{
    (void)state;
    struct room room;
    const struct plant plant = plant_new(0.3, 1200, 120, 5);
    open_room(&room, false, &plant);
    live(&room, 10 * SECOND);
    change(&room, &(struct controller_change){.tuning = CONTROLLER_TUNING_START});
    live(&room, MINUTE);
    const struct wish wish = {.value = value_number(30)};
    assert_int_equal(engine_wish(room.engine, 0, &wish, room.now_us), REFUSAL_NONE);
    live(&room, MINUTE);
    assert_int_equal(room.told.tuning.state, TUNING_LOST_DEVICE);
    assert_true(room.power == 30);
    engine_free(room.engine);
}

/* Found, adopted, stopped and started again: by the same gains. And a stop in the middle ends it.
 */
static void what_was_found_outlives_a_restart(void **state)
{
    (void)state;
    struct room room;
    struct notebook book = {0};
    const struct plant plant = plant_new(0.3, 1200, 120, 5);
    open_room(&room, false, &plant);
    engine_set_clock(room.engine, 1000 * HOUR, room.now_us);
    tune(&room);
    assert_found(&room, 0);
    const struct pid_gains gains = room.told.gains;
    notebook_write(&book, room.engine, false, room.now_us); /* killed: only what would be missed */
    engine_free(room.engine);
    room.engine = notebook_resume(&book, &room.options, true, 5 * MINUTE, room.now_us);
    listen(&room);
    assert_true(room.told.gains.kp == gains.kp && room.told.gains.ki == gains.ki);
    assert_true(room.told.tuning.adopted);
    live(&room, HOUR);
    change(&room, &(struct controller_change){.tuning = CONTROLLER_TUNING_START});
    live(&room, 2 * MINUTE);
    notebook_write(&book, room.engine, false, room.now_us);
    engine_free(room.engine);
    room.engine = notebook_resume(&book, &room.options, true, MINUTE, room.now_us);
    listen(&room);
    assert_int_equal(room.told.tuning.state, TUNING_RESTARTED);
    assert_true(room.told.gains.kp == gains.kp);
    live(&room, 2 * HOUR);
    assert_keeps(&room, SETPOINT, 0.1, HOUR);
    engine_free(room.engine);
    notebook_close(&book);
}

static void assert_change(const struct room *room, const char *what, int64_t at_us)
{
    struct engine_change changes[8];
    int count = engine_changes(room->engine, 0, changes, 8);
    for (int i = 0; i < count; i++) {
        if (strcmp(changes[i].what, what) == 0) {
            assert_true(changes[i].at_us == at_us);
            return;
        }
    }
    fail_msg("none of %d changes is '%s'", count, what);
}

static void it_says_until_when_the_pulse_is_and_the_tuning(void **state)
{
    (void)state;
    struct room room;
    const struct plant plant = plant_new(0.3, 3600, 300, 5);
    open_room(&room, true, &plant);
    const struct controller_change manual = {
        .has_mode = true, .mode = CONTROLLER_MANUAL, .has_output = true, .output = 40};
    live(&room, 10 * SECOND);
    change(&room, &manual);
    live(&room, MINUTE);
    assert_true(room.told.has_pwm && strcmp(room.told.switched.text, "ON") == 0);
    assert_change(&room, "its time on in this period is over", engine_next_deadline(room.engine));
    live(&room, 35 * SECOND);
    assert_true(strcmp(room.told.switched.text, "OFF") == 0);
    assert_change(&room, "its next period begins", 2 * MINUTE + 2 * SECOND);
    change(&room, &(struct controller_change){.has_mode = true, .mode = CONTROLLER_AUTO});
    live(&room, 10 * SECOND);
    change(&room, &(struct controller_change){.tuning = CONTROLLER_TUNING_START});
    assert_change(&room, "the auto-tuning is over, or has taken too long", room.now_us + 24 * HOUR);
    engine_free(room.engine);
}

/* What is configured otherwise begins anew. */
static void other_pulses_or_another_tuning_are_another_controller(void **state)
{
    (void)state;
    struct room room;
    struct engine *engine;
    struct notebook book = {0};
    const struct plant plant = plant_new(0.3, 3600, 300, 5);
    open_room(&room, true, &plant);
    notebook_write(&book, room.engine, true, room.now_us);
    struct engine_record *kept =
        notebook_find(&book, &(struct engine_record){.kind = "controller", .id = "air"});
    assert_int_equal(engine_record_fate(room.engine, kept), RECORD_KEPT);
    for (int i = 0; i < 3; i++) {
        room.pwm.period_us = (i == 0 ? 2 : 1) * MINUTE;
        room.pid.pid.tuning.apply = i != 1;
        room.pid.pid.tuning.max_deviation = i == 2 ? 7 : 8;
        assert_int_equal(engine_new(&room.options, 0, &engine), 0);
        assert_int_equal(engine_record_fate(engine, kept), RECORD_CHANGED);
        engine_free(engine);
    }
    engine_free(room.engine);
    notebook_close(&book);
}

static void what_cannot_be_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    struct room room;
    const struct plant plant = plant_new(0.3, 1200, 120, 5);
    open_room(&room, false, &plant);
    live(&room, 10 * SECOND);
    const struct {
        struct controller_change change;
        int r;
    } cases[] = {
        {{.has_low = true, .low = 1, .has_setpoint = true, .setpoint = 3}, -ENOTSUP},
        {{.has_mode = true, .mode = CONTROLLER_HEAT_COOL, .has_setpoint = true}, -ENOTSUP},
        {{.has_setpoint = true, .setpoint = NAN}, -EINVAL},
        {{.has_output = true, .output = 101, .has_setpoint = true, .setpoint = 3}, -EINVAL},
        {{.tuning = CONTROLLER_TUNING_ADOPT, .has_setpoint = true, .setpoint = 3}, -ENODATA},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(engine_set_controller(room.engine, 0, &cases[i].change, room.now_us),
                         cases[i].r);
    }
    live(&room, 10 * SECOND);
    assert_true(room.told.setpoint == SETPOINT);
    assert_int_equal(room.told.mode, CONTROLLER_AUTO);
    engine_free(room.engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_finds_its_gains_and_keeps_the_room_with_them),
        cmocka_unit_test(a_heater_that_is_on_or_off_can_be_tuned_too),
        cmocka_unit_test(the_mean_of_the_pulses_is_the_output),
        cmocka_unit_test(a_sensor_that_dies_ends_the_tuning_and_the_heating),
        cmocka_unit_test(a_wish_ends_the_tuning),
        cmocka_unit_test(what_was_found_outlives_a_restart),
        cmocka_unit_test(it_says_until_when_the_pulse_is_and_the_tuning),
        cmocka_unit_test(other_pulses_or_another_tuning_are_another_controller),
        cmocka_unit_test(what_cannot_be_is_refused_and_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * A room with a heater and a cooler, and one controller for both, over a random year: weather, new
 * bands and modes, people, sensors and devices that go silent, restarts. Whatever happens, heater
 * and cooler are never on at once, and one has been off for the change-over before the other is on.
 */
#include "automation-node/engine/engine.h"
#include "automation-node/engine/engine_explain.h"
#include "automation-node/engine/engine_inspect.h"
#include "automation-node/input/deadline.h"
#include "tests/scenario/random.h"
#include "tests/scenario/restart.h"
#include "tests/unit/engine_help.h"

#include <errno.h>
#include <math.h>

#define MINUTE         (60 * SECOND)
#define HOUR           (60 * MINUTE)
#define STEP_US        MINUTE
#define YEAR_STEPS     (365 * 24 * 60)
#define CHANGE_OVER_US (5 * MINUTE)
#define STALE_US       (3 * MINUTE)

enum {
    TEMPERATURE,
    HEATER_STATE,
    COOLER_STATE,
    INPUTS
};

enum {
    HEATER,
    COOLER,
    DEVICES
};

struct room {
    struct chance chance;
    struct engine *engine;
    struct engine_options options;
    struct engine_climate climate;
    struct engine_device devices[DEVICES];
    struct engine_interlock interlock;
    struct notebook book;
    int64_t now_us;
    uint64_t seq;
    double temperature;
    bool on[DEVICES]; /* what they really do */
    int64_t off_us[DEVICES];
    int64_t on_us[DEVICES];              /* in all */
    int64_t silent_us[INPUTS];           /* until then */
    struct engine_controller_state told; /* last; its reason is not kept */
};

static const char *const required[] = {"temperature"};
static const size_t members[] = {HEATER, COOLER};
static const struct input_options inputs[INPUTS] = {
    {"temperature", "°C", STALE_US},
    {"heater_state", NULL, STALE_US},
    {"cooler_state", NULL, STALE_US},
};

static struct engine_device device_of(const char *id, const char *feedback)
{
    return (struct engine_device){
        .device = {.id = id,
                   .domain = on_off(),
                   .confirm_us = 3 * SECOND,
                   .attempts = 2,
                   .retry_failed_us = 30 * SECOND},
        .feedback = feedback,
        .off = label("OFF"),
        .rest = label("OFF"),
        .min_on_us = 2 * MINUTE,
        .min_off_us = MINUTE,
        .required = required,
        .required_count = 1,
        .fail_safe = label("OFF"),
        .manual_for_us = HOUR,
    };
}

static void open_room(struct room *room, struct chance chance)
{
    const struct climate_output output = {label("ON"), label("OFF")};
    *room = (struct room){.chance = chance, .temperature = 18, .now_us = HOUR};
    room->climate = (struct engine_climate){.climate = {.id = "air",
                                                        .mode = CLIMATE_HEAT_COOL,
                                                        .band = {20, 24},
                                                        .hysteresis = 0.5,
                                                        .outputs = {output, output}},
                                            .input = "temperature",
                                            .devices = {"heater", "cooler"}};
    room->devices[HEATER] = device_of("heater", "heater_state");
    room->devices[COOLER] = device_of("cooler", "cooler_state");
    room->interlock = (struct engine_interlock){
        .id = "air", .devices = members, .device_count = DEVICES, .dead_time_us = CHANGE_OVER_US};
    room->options = (struct engine_options){.inputs = inputs,
                                            .input_count = INPUTS,
                                            .climates = &room->climate,
                                            .climate_count = 1,
                                            .devices = room->devices,
                                            .device_count = DEVICES,
                                            .interlocks = &room->interlock,
                                            .interlock_count = 1};
    assert_int_equal(engine_new(&room->options, room->now_us, &room->engine), 0);
}

static void close_room(struct room *room)
{
    engine_free(room->engine);
    notebook_close(&room->book);
}

/* Judged from what the devices do, not from what anybody thinks. */
static void turn(struct room *room, size_t device, bool on)
{
    size_t other = device == HEATER ? COOLER : HEATER;
    if (on && !room->on[device]) {
        assert_false(room->on[other]);
        assert_true(room->off_us[other] == 0 ||
                    room->now_us - room->off_us[other] >= CHANGE_OVER_US);
    }
    if (!on && room->on[device]) {
        room->off_us[device] = room->now_us;
    }
    room->on[device] = on;
}

static void listen(struct room *room)
{
    struct engine_output output;
    while (engine_take(room->engine, &output)) {
        if (output.kind == ENGINE_COMMAND) {
            turn(room, output.device, strcmp(output.command.value.text, "ON") == 0);
        } else if (output.kind == ENGINE_CONTROLLER_STATE) {
            room->told = output.controller_state;
        }
    }
}

static void show_input(struct room *room, size_t input, struct value value)
{
    if (room->now_us >= room->silent_us[input]) {
        const struct reading reading = good(value, ++room->seq);
        engine_input(room->engine, input, &reading, room->now_us);
        listen(room);
    }
}

/* The weather of a year, and a room that loses half of the difference in three hours. */
static void be_physical(struct room *room)
{
    double hours = (double)room->now_us / (double)HOUR;
    double outside = 12 - 14 * cos(hours / 8766 * 6.2832) - 8 * cos(hours / 24 * 6.2832);
    double step_h = (double)STEP_US / (double)HOUR;
    room->temperature += (outside - room->temperature) * 0.23 * step_h;
    room->temperature += (room->on[HEATER] ? 10 : 0) * step_h;
    room->temperature -= (room->on[COOLER] ? 8 : 0) * step_h;
    for (size_t i = 0; i < DEVICES; i++) {
        room->on_us[i] += room->on[i] ? STEP_US : 0;
    }
}

static void live(struct room *room)
{
    int64_t end_us = room->now_us + STEP_US;
    be_physical(room);
    for (int64_t due_us; (due_us = engine_next_deadline(room->engine)) <= end_us;) {
        room->now_us = due_us > room->now_us ? due_us : room->now_us;
        engine_tick(room->engine, room->now_us);
        listen(room);
        assert_true(engine_next_deadline(room->engine) > room->now_us);
    }
    room->now_us = end_us;
    show_input(room, TEMPERATURE, value_number(room->temperature));
    for (size_t i = 0; i < DEVICES; i++) {
        show_input(room, HEATER_STATE + i, label(room->on[i] ? "ON" : "OFF"));
    }
}

/* ---- what people do, and what breaks ---- */

static void operate(struct room *room)
{
    static const enum controller_mode modes[] = {CONTROLLER_OFF,       CONTROLLER_AUTO,
                                                 CONTROLLER_HEAT,      CONTROLLER_COOL,
                                                 CONTROLLER_HEAT_COOL, CONTROLLER_AUTO};
    struct controller_change change = {
        .has_low = chance_one_in(&room->chance, 2),
        .low = 15 + (double)chance_below(&room->chance, 10),
        .has_high = chance_one_in(&room->chance, 2),
        .high = 18 + (double)chance_below(&room->chance, 10),
        .has_mode = chance_one_in(&room->chance, 2),
        .mode = modes[chance_below(&room->chance, sizeof(modes) / sizeof(modes[0]))]};
    int r = engine_set_controller(room->engine, 0, &change, room->now_us);
    assert_true(r == 0 || r == -EINVAL); /* upside down */
    listen(room);
}

static void ask(struct room *room)
{
    struct wish wish = {.value = label(chance_one_in(&room->chance, 2) ? "ON" : "OFF"),
                        .for_us = (int64_t)(1 + chance_below(&room->chance, 90)) * MINUTE};
    wish.value = chance_one_in(&room->chance, 4) ? none() : wish.value;
    assert_int_equal(
        engine_wish(room->engine, chance_below(&room->chance, DEVICES), &wish, room->now_us),
        REFUSAL_NONE);
    listen(room);
}

static void go_silent(struct room *room)
{
    size_t input = chance_below(&room->chance, INPUTS);
    room->silent_us[input] = room->now_us + (int64_t)chance_below(&room->chance, 20) * MINUTE;
}

/* Killed, or an orderly stop, or a reload; for a while nobody looks. */
static void restart(struct room *room)
{
    bool reload = chance_one_in(&room->chance, 3);
    notebook_write(&room->book, room->engine, reload || chance_one_in(&room->chance, 2),
                   room->now_us);
    engine_free(room->engine);
    room->engine = notebook_resume(&room->book, &room->options, !reload, 0, room->now_us);
    listen(room);
}

static void interfere(struct room *room)
{
    switch (chance_below(&room->chance, 400)) {
    case 0:
        operate(room);
        break;
    case 1:
        ask(room);
        break;
    case 2:
        go_silent(room);
        break;
    case 3:
        restart(room);
        break;
    default:
        break;
    }
}

static void never_both_in_a_random_year(void **state)
{
    (void)state;
    struct room room;
    open_room(&room, chance_new());
    for (int i = 0; i < YEAR_STEPS; i++) {
        live(&room);
        interfere(&room);
    }
    print_message("heated for %lld h, cooled for %lld h\n", (long long)(room.on_us[HEATER] / HOUR),
                  (long long)(room.on_us[COOLER] / HOUR));
    assert_true(room.on_us[HEATER] > 100 * HOUR && room.on_us[COOLER] > 20 * HOUR);
    close_room(&room);
}

/* ---- in peace ---- */

static void live_for(struct room *room, int64_t span_us)
{
    for (int64_t end_us = room->now_us + span_us; room->now_us < end_us;) {
        live(room);
    }
}

static void left_alone_it_keeps_the_band_all_year(void **state)
{
    (void)state;
    struct room room;
    unsigned outside = 0;
    open_room(&room, (struct chance){.state = 1});
    live_for(&room, 24 * HOUR);
    for (int i = 0; i < YEAR_STEPS; i++) {
        live(&room);
        outside += room.temperature < 19 || room.temperature > 25 ? 1 : 0;
    }
    assert_true(outside == 0);
    assert_true(room.on_us[HEATER] > 100 * HOUR && room.on_us[COOLER] > 20 * HOUR);
    close_room(&room);
}

static void change(struct room *room, const struct controller_change *change)
{
    assert_int_equal(engine_set_controller(room->engine, 0, change, room->now_us), 0);
    listen(room);
}

static void after_heating_the_cooler_waits_for_the_change_over(void **state)
{
    (void)state;
    struct room room;
    open_room(&room, (struct chance){.state = 1});
    live_for(&room, 10 * MINUTE);
    assert_true(room.on[HEATER]);
    assert_int_equal(room.told.activity, CONTROLLER_HEATS);
    assert_int_equal(room.told.mode, CONTROLLER_HEAT_COOL);
    change(&room,
           &(struct controller_change){.has_low = true, .low = 10, .has_high = true, .high = 12});
    assert_int_equal(room.told.activity, CONTROLLER_COOLS);
    assert_false(room.on[HEATER]);
    int64_t off_us = room.now_us;
    assert_string_equal(engine_decision(room.engine, COOLER)->cause.source, "interlock:air");
    while (!room.on[COOLER]) {
        live(&room);
    }
    /* From when it was seen off. */
    assert_true(room.now_us - off_us >= CHANGE_OVER_US &&
                room.now_us - off_us <= CHANGE_OVER_US + 2 * STEP_US);
    close_room(&room);
}

static void one_set_point_moves_the_whole_band(void **state)
{
    (void)state;
    struct room room;
    open_room(&room, (struct chance){.state = 1});
    live(&room);
    change(&room, &(struct controller_change){.has_setpoint = true, .setpoint = 25});
    assert_true(room.told.band.low == 23 && room.told.band.high == 27);
    assert_true(room.told.setpoint == 25);
    change(&room, &(struct controller_change){.has_mode = true, .mode = CONTROLLER_COOL});
    assert_int_equal(room.told.mode, CONTROLLER_COOL);
    assert_int_equal(room.told.activity, CONTROLLER_IDLE);
    change(&room, &(struct controller_change){.has_mode = true, .mode = CONTROLLER_OFF});
    assert_int_equal(room.told.activity, CONTROLLER_RESTS);
    assert_int_equal(room.told.output.kind, VALUE_NONE);
    change(&room, &(struct controller_change){.has_mode = true, .mode = CONTROLLER_AUTO});
    assert_int_equal(room.told.mode, CONTROLLER_HEAT_COOL);
    const struct controller_change manual = {.has_mode = true, .mode = CONTROLLER_MANUAL};
    assert_int_equal(engine_set_controller(room.engine, 0, &manual, room.now_us), -ENOTSUP);
    close_room(&room);
}

static void one_end_alone_takes_the_other_one_along(void **state)
{
    (void)state;
    struct room room;
    open_room(&room, (struct chance){.state = 1});
    live(&room);
    change(&room, &(struct controller_change){.has_low = true, .low = 30});
    assert_true(room.told.band.low == 30 && room.told.band.high == 34);
    change(&room, &(struct controller_change){.has_high = true, .high = 31});
    assert_true(room.told.band.low == 30 && room.told.band.high == 31);
    change(&room, &(struct controller_change){.has_high = true, .high = 18});
    assert_true(room.told.band.low == 17 && room.told.band.high == 18);
    const struct controller_change upside_down[] = {
        {.has_low = true, .low = 22, .has_high = true, .high = 20},
        {.has_setpoint = true, .setpoint = 20, .has_low = true, .low = 22},
    };
    for (size_t i = 0; i < sizeof(upside_down) / sizeof(upside_down[0]); i++) {
        assert_int_equal(engine_set_controller(room.engine, 0, &upside_down[i], room.now_us),
                         -EINVAL);
    }
    assert_true(room.told.band.low == 17 && room.told.band.high == 18);
    close_room(&room);
}

static void each_side_says_where_it_turns(void **state)
{
    (void)state;
    struct room room;
    struct engine_change changes[8];
    open_room(&room, (struct chance){.state = 1});
    live_for(&room, 10 * MINUTE);
    room.temperature = 18.25;
    live(&room);
    assert_true(engine_changes(room.engine, HEATER, changes, 8) > 0);
    assert_non_null(strstr(changes[0].what, "temperature >= 20.5 °C"));
    assert_non_null(strstr(changes[0].what, "then OFF"));
    close_room(&room);
}

/* Two devices that nothing keeps apart are no climate. */
static void without_an_interlock_it_is_refused(void **state)
{
    (void)state;
    struct room room;
    struct engine *engine = NULL;
    open_room(&room, (struct chance){.state = 1});
    struct engine_options options = room.options;
    options.interlock_count = 0;
    assert_int_equal(engine_new(&options, 0, &engine), -EINVAL);
    close_room(&room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(never_both_in_a_random_year),
        cmocka_unit_test(left_alone_it_keeps_the_band_all_year),
        cmocka_unit_test(after_heating_the_cooler_waits_for_the_change_over),
        cmocka_unit_test(one_set_point_moves_the_whole_band),
        cmocka_unit_test(one_end_alone_takes_the_other_one_along),
        cmocka_unit_test(each_side_says_where_it_turns),
        cmocka_unit_test(without_an_interlock_it_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

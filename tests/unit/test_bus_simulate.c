#include "edge-gateway/bus/bus.h"

#include "tests/unit/bus_recorder.h"
#include "tests/unit/cmocka_all.h"

#include <errno.h>
#include <stdlib.h>

#define CLIMATE_ID        0x101u
#define ACTUATORS_ID      0x110u
#define ENERGY_METER_ID   0x18FF0A01u
#define HEATER_COMMAND_ID 0x201u

static int setup(void **state)
{
    struct recorder *r = calloc(1, sizeof(*r));
    if (r == NULL || recorder_init(r) < 0) {
        return -1;
    }
    *state = r;
    return 0;
}

static int teardown(void **state)
{
    struct recorder *r = *state;
    recorder_deinit(r);
    free(r);
    return 0;
}

static void open_and_start(struct recorder *r, double time_factor)
{
    struct bus_options options = recorder_options(r, BUS_KIND_SIMULATE);
    options.simulate.time_factor = time_factor;
    options.simulate.seed = 7;
    assert_int_equal(bus_open(&options, &r->bus), 0);
    assert_int_equal(bus_start(r->bus), 0);
}

static size_t count_of(const struct recorder *r, uint32_t can_id)
{
    size_t count = 0;
    for (size_t i = 0; i < r->count; i++) {
        count += r->frames[i].can_id == can_id ? 1 : 0;
    }
    return count;
}

static const struct frame *last_of(const struct recorder *r, uint32_t can_id)
{
    for (size_t i = r->count; i > 0; i--) {
        if (r->frames[i - 1].can_id == can_id) {
            return &r->frames[i - 1];
        }
    }
    return NULL;
}

static double temperature_C(const struct recorder *r)
{
    const struct frame *frame = last_of(r, CLIMATE_ID);
    assert_non_null(frame);
    return (int16_t)(frame->data[0] | frame->data[1] << 8) * 0.01;
}

static void switch_heater(struct recorder *r, bool on)
{
    struct frame command = {.can_id = HEATER_COMMAND_ID, .len = 8, .data = {on ? 1 : 0}};
    assert_int_equal(bus_send(r->bus, &command), 0);
}

static void messages_come_at_their_cycle_times(void **state)
{
    struct recorder *r = *state;
    open_and_start(r, 30.0);
    assert_int_equal(r->state, BUS_STATE_UP);
    recorder_run(r, 9900 * US_PER_MS);
    assert_int_equal(count_of(r, CLIMATE_ID), 50);
    assert_int_equal(count_of(r, ACTUATORS_ID), 50);
    assert_int_equal(count_of(r, ENERGY_METER_ID), 10);
    assert_int_equal(r->count, 2 * 50 + 5 * 10);
}

static void frames_carry_the_bus_and_the_time_of_the_loop(void **state)
{
    struct recorder *r = *state;
    open_and_start(r, 30.0);
    recorder_run(r, 1 * US_PER_S);
    for (size_t i = 0; i < r->count; i++) {
        assert_int_equal(r->frames[i].bus, 3);
        assert_true(r->frames[i].ts_us == RECORDER_WALL_US + r->arrived_us[i]);
    }
}

static void a_command_shows_in_the_feedback(void **state)
{
    struct recorder *r = *state;
    open_and_start(r, 1.0);
    recorder_run(r, 1 * US_PER_S);
    assert_int_equal(last_of(r, ACTUATORS_ID)->data[0] & 1, 0);
    switch_heater(r, true);
    size_t before = r->count;
    assert_int_equal(r->count, before); /* nothing is received from within bus_send() */
    recorder_run(r, 1300 * US_PER_MS);
    assert_int_equal(last_of(r, ACTUATORS_ID)->data[0] & 1, 1);
}

static void the_time_factor_speeds_physics_up(void **state)
{
    struct recorder *r = *state;
    open_and_start(r, 60.0);
    switch_heater(r, true);
    recorder_run(r, 3 * US_PER_S);
    assert_true(temperature_C(r) > 20.0); /* three minutes */
}

/* The demo's pace: a thermostat at 21 C with half a degree of hysteresis, physics 30 times faster.
 */
static void a_closed_loop_crosses_its_setpoint_every_few_seconds(void **state)
{
    struct recorder *r = *state;
    open_and_start(r, 30.0);
    bool heating = false;
    bool above = false;
    unsigned crossings = 0;
    int64_t last_us = 0;
    for (int64_t now_us = 0; now_us < 120 * US_PER_S; now_us += 200 * US_PER_MS) {
        recorder_run(r, now_us + 200 * US_PER_MS);
        double air_C = temperature_C(r);
        if (above ? air_C < 20.9 : air_C > 21.1) { /* more than the sensor's noise */
            above = !above;
            crossings++;
            assert_in_range(now_us - last_us, 2 * US_PER_S, 20 * US_PER_S);
            last_us = now_us;
        }
        heating = air_C < (heating ? 21.5 : 20.5);
        switch_heater(r, heating);
    }
    assert_in_range(crossings, 7, 30);
}

static void frames_that_cannot_exist_are_refused(void **state)
{
    struct recorder *r = *state;
    open_and_start(r, 1.0);
    static const struct frame impossible[] = {
        {.can_id = 0x800},
        {.can_id = 0x20000000, .flags = FRAME_EXTENDED},
        {.can_id = 1, .len = 9},
        {.can_id = 1, .len = 9, .flags = FRAME_FD},
        {.can_id = 1, .len = 65, .flags = FRAME_FD},
        {.can_id = 1, .flags = FRAME_FD | FRAME_REMOTE},
        {.can_id = 1, .flags = FRAME_ERROR},
    };
    for (size_t i = 0; i < sizeof(impossible) / sizeof(impossible[0]); i++) {
        assert_int_equal(bus_send(r->bus, &impossible[i]), -EINVAL);
    }
    static const struct frame possible[] = {
        {.can_id = 0x7FF, .len = 8},
        {.can_id = 0x1FFFFFFF, .flags = FRAME_EXTENDED},
        {.can_id = 1, .len = 64, .flags = FRAME_FD},
        {.can_id = 1, .len = 12, .flags = FRAME_FD | FRAME_BRS},
        {.can_id = 1, .len = 8, .flags = FRAME_REMOTE},
    };
    for (size_t i = 0; i < sizeof(possible) / sizeof(possible[0]); i++) {
        assert_int_equal(bus_send(r->bus, &possible[i]), 0);
    }
    struct bus_stats stats;
    bus_stats(r->bus, &stats);
    assert_int_equal(stats.sent, 5);
    assert_int_equal(stats.send_failed, 7);
}

static void impossible_options_are_refused(void **state)
{
    struct recorder *r = *state;
    struct bus *bus = NULL;
    struct bus_options options = recorder_options(r, BUS_KIND_SIMULATE);
    options.simulate.time_factor = -1.0;
    assert_int_equal(bus_open(&options, &bus), -EINVAL);
    options = recorder_options(r, BUS_KIND_SIMULATE);
    options.handler.frames = NULL;
    assert_int_equal(bus_open(&options, &bus), -EINVAL);
    options = recorder_options(r, BUS_KIND_SOCKETCAN);
    assert_int_equal(bus_open(&options, &bus), -EINVAL); /* no interface */
    options.socketcan.interface = "much-too-long-for-linux";
    assert_int_equal(bus_open(&options, &bus), -EINVAL);
    assert_null(bus);
}

static void kinds_have_names(void **state)
{
    (void)state;
    enum bus_kind kind = BUS_KIND_COUNT;
    assert_true(bus_kind_from_text("replay", &kind));
    assert_int_equal(kind, BUS_KIND_REPLAY);
    assert_string_equal(bus_kind_text(BUS_KIND_SOCKETCAN), "socketcan");
    assert_false(bus_kind_from_text("slcan", &kind));
}

int main(void)
{
#define SIMULATE_TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        SIMULATE_TEST(messages_come_at_their_cycle_times),
        SIMULATE_TEST(frames_carry_the_bus_and_the_time_of_the_loop),
        SIMULATE_TEST(a_command_shows_in_the_feedback),
        SIMULATE_TEST(the_time_factor_speeds_physics_up),
        SIMULATE_TEST(a_closed_loop_crosses_its_setpoint_every_few_seconds),
        SIMULATE_TEST(frames_that_cannot_exist_are_refused),
        SIMULATE_TEST(impossible_options_are_refused),
        cmocka_unit_test(kinds_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

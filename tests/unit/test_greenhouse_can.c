#include "edge-gateway/plant/greenhouse_can.h"

#include "tests/unit/cmocka_all.h"

#include <math.h>
#include <string.h>

#define SECOND_US 1000000LL

static int setup(void **state)
{
    struct greenhouse *house = NULL;
    int r = greenhouse_new(1, &house);
    *state = house;
    return r;
}

static int teardown(void **state)
{
    greenhouse_free(*state);
    return 0;
}

static int32_t signed_le(const struct frame *frame, size_t at)
{
    return (int16_t)(frame->data[at] | frame->data[at + 1] << 8);
}

static void messages_have_the_ids_of_the_dbc(void **state)
{
    static const struct {
        uint32_t can_id;
        uint8_t flags;
        uint8_t len;
        int64_t cycle_us;
    } expected[GREENHOUSE_MESSAGE_COUNT] = {
        [GREENHOUSE_CLIMATE] = {257, 0, 8, SECOND_US / 5},
        [GREENHOUSE_WEATHER] = {258, 0, 8, SECOND_US},
        [GREENHOUSE_SOIL] = {259, 0, 8, SECOND_US},
        [GREENHOUSE_ACTUATORS] = {272, 0, 8, SECOND_US / 5},
        [GREENHOUSE_TANK] = {273, 0, 8, SECOND_US},
        [GREENHOUSE_ENERGY_METER] = {2566851073u & 0x1FFFFFFFu, FRAME_EXTENDED, 8, SECOND_US},
        [GREENHOUSE_DIAGNOSTICS] = {496, FRAME_FD | FRAME_BRS, 64, SECOND_US},
    };
    for (unsigned i = 0; i < GREENHOUSE_MESSAGE_COUNT; i++) {
        struct frame frame;
        greenhouse_frame(*state, (enum greenhouse_message)i, 0, &frame);
        assert_int_equal(frame.can_id, expected[i].can_id);
        assert_int_equal(frame.flags, expected[i].flags);
        assert_int_equal(frame.len, expected[i].len);
        assert_int_equal(greenhouse_cycle_us((enum greenhouse_message)i), expected[i].cycle_us);
    }
}

static void climate_tells_the_truth_within_the_sensors_noise(void **state)
{
    struct greenhouse *house = *state;
    greenhouse_step(house, 3 * 3600 * SECOND_US);
    const struct greenhouse_state *s = greenhouse_state(house);
    for (uint64_t turn = 0; turn < 100; turn++) {
        struct frame frame;
        greenhouse_frame(house, GREENHOUSE_CLIMATE, turn, &frame);
        assert_true(fabs(signed_le(&frame, 0) * 0.01 - s->air_C) < 0.05);
        assert_true(fabs(signed_le(&frame, 2) * 0.1 - s->humidity_percent) < 0.5);
        assert_true(fabs(signed_le(&frame, 4) - s->co2_ppm) < 6.0);
        assert_true(fabs((uint16_t)signed_le(&frame, 6) * 2.0 - s->light_lx) <
                    0.011 * s->light_lx + 2.0);
    }
}

static void the_weather_tells_the_outside_temperature(void **state)
{
    struct greenhouse *house = *state;
    struct frame frame;
    greenhouse_frame(house, GREENHOUSE_WEATHER, 0, &frame);
    assert_true(fabs(signed_le(&frame, 0) * 0.01 - greenhouse_state(house)->outside_C) < 0.1);
}

static void the_beds_take_turns(void **state)
{
    struct greenhouse *house = *state;
    const struct greenhouse_state *s = greenhouse_state(house);
    for (uint64_t turn = 0; turn < 6; turn++) {
        struct frame frame;
        greenhouse_frame(house, GREENHOUSE_SOIL, turn, &frame);
        assert_int_equal(frame.data[0], turn % 3 + 1);
        assert_true(fabs(signed_le(&frame, 1) * 0.1 - s->soil_moisture_percent[turn % 3]) < 0.2);
    }
}

static void the_tank_speaks_big_endian(void **state)
{
    struct greenhouse *house = *state;
    struct frame frame;
    greenhouse_frame(house, GREENHOUSE_TANK, 0, &frame);
    double level_l = (frame.data[0] << 8 | frame.data[1]) * 0.1;
    assert_true(fabs(level_l - greenhouse_state(house)->tank_l) < 0.5);
}

static void the_probe_mean_is_a_float(void **state)
{
    struct greenhouse *house = *state;
    struct frame frame;
    greenhouse_frame(house, GREENHOUSE_DIAGNOSTICS, 0, &frame);
    double sum_C = 0.0;
    for (size_t i = 0; i < 8; i++) {
        sum_C += signed_le(&frame, 20 + 2 * i) * 0.01;
    }
    uint32_t bits = (uint32_t)frame.data[36] | (uint32_t)frame.data[37] << 8 |
                    (uint32_t)frame.data[38] << 16 | (uint32_t)frame.data[39] << 24;
    float mean_C;
    memcpy(&mean_C, &bits, sizeof(mean_C));
    assert_true(fabs((double)mean_C - sum_C / 8) < 0.01);
}

static void commands_move_the_actuators(void **state)
{
    struct greenhouse *house = *state;
    struct frame heater = {.can_id = 0x201, .len = 8, .data = {1}};
    struct frame vent = {.can_id = 0x202, .len = 8, .data = {80}}; /* 40 % */
    struct frame pump = {.can_id = 0x203, .len = 1, .data = {1}};
    assert_true(greenhouse_command(house, &heater));
    assert_true(greenhouse_command(house, &vent));
    assert_true(greenhouse_command(house, &pump));
    greenhouse_step(house, 10 * SECOND_US);

    struct frame frame;
    greenhouse_frame(house, GREENHOUSE_ACTUATORS, 0, &frame);
    assert_int_equal(frame.data[0] & 3, 3);
    assert_int_equal(frame.data[1], 80);
    assert_true(signed_le(&frame, 2) > 100);      /* above 1 kW already */
    assert_int_equal(signed_le(&frame, 4), 1200); /* 12 l/min */

    heater.data[0] = 0;
    assert_true(greenhouse_command(house, &heater));
    greenhouse_frame(house, GREENHOUSE_ACTUATORS, 1, &frame);
    assert_int_equal(frame.data[0] & 3, 2);
}

static void other_frames_are_no_commands(void **state)
{
    struct greenhouse *house = *state;
    static const struct frame others[] = {
        {.can_id = 0x204, .len = 8, .data = {1}},
        {.can_id = 0x201, .len = 0},
        {.can_id = 0x201, .len = 8, .data = {1}, .flags = FRAME_EXTENDED},
        {.can_id = 0x201, .len = 8, .data = {1}, .flags = FRAME_REMOTE},
        {.can_id = 0x201, .len = 8, .data = {1}, .flags = FRAME_FD},
        {.can_id = 0x201, .len = 8, .data = {1}, .flags = FRAME_ERROR},
    };
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        assert_false(greenhouse_command(house, &others[i]));
    }
    assert_false(greenhouse_state(house)->heater_on);
}

static void a_frame_is_the_same_for_the_same_turn(void **state)
{
    struct frame first;
    struct frame again;
    struct frame later;
    greenhouse_frame(*state, GREENHOUSE_CLIMATE, 5, &first);
    greenhouse_frame(*state, GREENHOUSE_CLIMATE, 5, &again);
    greenhouse_frame(*state, GREENHOUSE_CLIMATE, 6, &later);
    assert_memory_equal(first.data, again.data, 8);
    assert_memory_not_equal(first.data, later.data, 8);
}

int main(void)
{
#define CAN_TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        CAN_TEST(messages_have_the_ids_of_the_dbc),
        CAN_TEST(climate_tells_the_truth_within_the_sensors_noise),
        CAN_TEST(the_weather_tells_the_outside_temperature),
        CAN_TEST(the_beds_take_turns),
        CAN_TEST(the_tank_speaks_big_endian),
        CAN_TEST(the_probe_mean_is_a_float),
        CAN_TEST(commands_move_the_actuators),
        CAN_TEST(other_frames_are_no_commands),
        CAN_TEST(a_frame_is_the_same_for_the_same_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "automation-node/engine/climate.h"

#include "tests/unit/engine_help.h"

#include <errno.h>
#include <math.h>

static struct climate_options options_of(enum climate_mode mode)
{
    return (struct climate_options){.id = "air",
                                    .mode = mode,
                                    .band = {20, 24},
                                    .hysteresis = 0.5,
                                    .outputs = {[CLIMATE_HEATER] = {label("ON"), label("OFF")},
                                                [CLIMATE_COOLER] = {label("HIGH"), label("LOW")}}};
}

static struct climate *make(enum climate_mode mode)
{
    const struct climate_options options = options_of(mode);
    struct climate *climate = NULL;
    assert_int_equal(climate_new(&options, &climate), 0);
    return climate;
}

static void see(struct climate *climate, double value, int64_t now_us)
{
    struct input input = make_input("temperature", "°C", 10 * SECOND);
    show(&input, value, now_us);
    (void)climate_evaluate(climate, &input, now_us);
}

static void assert_sides(const struct climate *climate, const char *heater, const char *cooler)
{
    assert_value(thermostat_proposal(climate_side(climate, CLIMATE_HEATER))->value, heater);
    assert_value(thermostat_proposal(climate_side(climate, CLIMATE_COOLER))->value, cooler);
}

struct step {
    double value;
    const char *heater;
    const char *cooler;
};

static void walk(enum climate_mode mode, const struct step *steps, size_t count)
{
    struct climate *climate = make(mode);
    for (size_t i = 0; i < count; i++) {
        see(climate, steps[i].value, (int64_t)i);
        assert_sides(climate, steps[i].heater, steps[i].cooler);
    }
    climate_free(climate);
}

static void it_heats_below_and_cools_above_its_band(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {22, "OFF", "LOW"},   {19.4, "ON", "LOW"},   {20.4, "ON", "LOW"},   {20.5, "OFF", "LOW"},
        {24.5, "OFF", "LOW"}, {24.6, "OFF", "HIGH"}, {23.6, "OFF", "HIGH"}, {23.5, "OFF", "LOW"},
        {10, "ON", "LOW"},    {30, "OFF", "HIGH"}};
    walk(CLIMATE_HEAT_COOL, steps, sizeof(steps) / sizeof(steps[0]));
}

static void in_the_other_modes_only_one_of_them_acts(void **state)
{
    (void)state;
    static const struct step heat[] = {{19, "ON", ""}, {30, "OFF", ""}};
    static const struct step cool[] = {{19, "", "LOW"}, {30, "", "HIGH"}};
    static const struct step off[] = {{19, "", ""}, {30, "", ""}};
    walk(CLIMATE_HEAT, heat, 2);
    walk(CLIMATE_COOL, cool, 2);
    walk(CLIMATE_OFF, off, 2);
}

static void a_new_band_acts_at_once_and_a_bad_one_not_at_all(void **state)
{
    (void)state;
    struct climate *climate = make(CLIMATE_HEAT_COOL);
    see(climate, 22, 1);
    const struct climate_band warm = {23, 26};
    assert_int_equal(climate_set(climate, CLIMATE_HEAT_COOL, &warm), 0);
    see(climate, 22, 2);
    assert_sides(climate, "ON", "LOW");
    const struct climate_band bad[] = {{25, 24}, {NAN, 24}, {20, INFINITY}};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(climate_set(climate, CLIMATE_OFF, &bad[i]), -EINVAL);
    }
    assert_int_equal(climate_mode(climate), CLIMATE_HEAT_COOL);
    assert_true(climate_band(climate).low == 23 && climate_band(climate).high == 26);
    climate_free(climate);
}

/* Values, modes and bands at random, a band of no width among them. */
static void it_never_calls_for_both(void **state)
{
    (void)state;
    struct climate *climate = make(CLIMATE_HEAT_COOL);
    uint64_t chance = 4711;
    unsigned heats = 0;
    unsigned cools = 0;
    for (int i = 0; i < 200000; i++) {
        chance = chance * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        if ((chance >> 40) % 8 == 0) {
            double low = (double)((chance >> 43) % 20);
            const struct climate_band band = {low, low + (double)((chance >> 50) % 4)};
            assert_int_equal(climate_set(climate,
                                         (enum climate_mode)((chance >> 55) % CLIMATE_MODE_COUNT),
                                         &band),
                             0);
        }
        see(climate, (double)((chance >> 33) % 200) / 10, i);
        bool heating =
            thermostat_state(climate_side(climate, CLIMATE_HEATER)) == THERMOSTAT_STATE_CALLING;
        bool cooling =
            thermostat_state(climate_side(climate, CLIMATE_COOLER)) == THERMOSTAT_STATE_CALLING;
        assert_false(heating && cooling);
        heats += heating ? 1 : 0;
        cools += cooling ? 1 : 0;
    }
    assert_true(heats > 1000 && cools > 1000);
    climate_free(climate);
}

static struct climate *reload(const struct climate *climate, const char *text)
{
    struct climate *next = make(CLIMATE_HEAT_COOL);
    struct buf saved;
    struct archive a;
    buf_init(&saved, 8192);
    archive_save(&a, &saved, 0);
    climate_archive((struct climate *)climate, &a);
    archive_finish(&a);
    const char *from = text != NULL ? text : saved.data;
    assert_int_equal(archive_load(&a, from, strlen(from), 0), 0);
    climate_archive(next, &a);
    buf_deinit(&saved);
    return next;
}

static void mode_band_and_side_are_remembered(void **state)
{
    (void)state;
    struct climate *climate = make(CLIMATE_HEAT_COOL);
    const struct climate_band band = {15, 18};
    assert_int_equal(climate_set(climate, CLIMATE_COOL, &band), 0);
    see(climate, 25, 1);
    struct climate *next = reload(climate, NULL);
    assert_int_equal(climate_mode(next), CLIMATE_COOL);
    assert_true(climate_band(next).low == 15 && climate_band(next).high == 18);
    assert_sides(next, "", "HIGH");
    climate_free(next);
    next = reload(climate, "{\"heat0.mode\":2,\"cool0.mode\":1,\"heat0.setpoint\":30,"
                           "\"heat0.state\":3,\"cool0.state\":3}");
    assert_true(climate_band(next).low <= climate_band(next).high);
    see(next, 22, 2);
    assert_int_equal(climate_mode(next), CLIMATE_OFF);
    assert_sides(next, "", "");
    climate_free(next);
    climate_free(climate);
}

static void bad_options_are_refused(void **state)
{
    (void)state;
    struct climate *climate = NULL;
    struct climate_options options = options_of(CLIMATE_HEAT_COOL);
    options.band.high = 19;
    assert_int_equal(climate_new(&options, &climate), -EINVAL);
    options = options_of(CLIMATE_HEAT_COOL);
    options.hysteresis = -1;
    assert_int_equal(climate_new(&options, &climate), -EINVAL);
    options = options_of(CLIMATE_HEAT_COOL);
    options.outputs[CLIMATE_COOLER].off_value = none();
    assert_int_equal(climate_new(&options, &climate), -EINVAL);
    climate_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_heats_below_and_cools_above_its_band),
        cmocka_unit_test(in_the_other_modes_only_one_of_them_acts),
        cmocka_unit_test(a_new_band_acts_at_once_and_a_bad_one_not_at_all),
        cmocka_unit_test(it_never_calls_for_both),
        cmocka_unit_test(mode_band_and_side_are_remembered),
        cmocka_unit_test(bad_options_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "edge-gateway/plant/greenhouse.h"

#include "tests/unit/cmocka_all.h"

#include <math.h>

#define SECOND_US 1000000LL
#define MINUTE_US (60 * SECOND_US)
#define HOUR_US   (60 * MINUTE_US)

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

static void an_unheated_house_is_below_18_C_within_twenty_minutes(void **state)
{
    struct greenhouse *house = *state;
    assert_true(greenhouse_state(house)->air_C > 18.0);
    greenhouse_step(house, 20 * MINUTE_US);
    double air_C = greenhouse_state(house)->air_C;
    assert_true(air_C < 18.0);
    assert_true(air_C > greenhouse_state(house)->outside_C);
}

static void the_heater_gains_about_one_degree_per_minute(void **state)
{
    struct greenhouse *house = *state;
    greenhouse_heater(house, true);
    greenhouse_step(house, 2 * MINUTE_US); /* warm by now */
    double before_C = greenhouse_state(house)->air_C;
    greenhouse_step(house, 1 * MINUTE_US);
    double gain_C = greenhouse_state(house)->air_C - before_C;
    assert_true(gain_C > 0.8 && gain_C < 1.2);
}

static void heating_dries_the_air(void **state)
{
    struct greenhouse *house = *state;
    double before = greenhouse_state(house)->humidity_percent;
    greenhouse_heater(house, true);
    greenhouse_step(house, 5 * MINUTE_US);
    assert_true(greenhouse_state(house)->humidity_percent < before - 5.0);
}

static void an_hour_of_heating_is_paid_for(void **state)
{
    struct greenhouse *house = *state;
    greenhouse_heater(house, true);
    greenhouse_step(house, HOUR_US);
    const struct greenhouse_state *s = greenhouse_state(house);
    assert_true(fabs(s->energy_kWh - s->power_kW) < 0.01);
    assert_true(s->energy_kWh > 16.0);
    assert_true(fabs(s->heater_hours - 1.0) < 1e-6);
    assert_int_equal(s->heater_starts, 1);
}

static void the_vent_moves_five_percent_per_second_and_cools(void **state)
{
    struct greenhouse *house = *state;
    greenhouse_vent(house, 250.0);
    greenhouse_step(house, 4 * SECOND_US);
    assert_true(fabs(greenhouse_state(house)->vent_percent - 20.0) < 1e-9);
    greenhouse_step(house, MINUTE_US);
    assert_true(greenhouse_state(house)->vent_percent == 100.0);

    struct greenhouse *closed = NULL;
    assert_int_equal(greenhouse_new(1, &closed), 0);
    greenhouse_step(closed, 11 * MINUTE_US);
    greenhouse_step(house, 10 * MINUTE_US);
    assert_true(greenhouse_state(house)->air_C < greenhouse_state(closed)->air_C - 1.0);
    greenhouse_free(closed);
}

static void watering_takes_from_the_tank_and_wets_the_beds(void **state)
{
    struct greenhouse *house = *state;
    double tank_l = greenhouse_state(house)->tank_l;
    double moisture = greenhouse_state(house)->soil_moisture_percent[0];
    greenhouse_pump(house, true);
    greenhouse_step(house, 5 * MINUTE_US);
    const struct greenhouse_state *s = greenhouse_state(house);
    assert_true(fabs(tank_l - s->tank_l - 5 * (12.0 - 1.5)) < 0.5);
    assert_true(s->soil_moisture_percent[0] > moisture + 5.0);
}

static void an_empty_tank_gives_what_flows_in(void **state)
{
    struct greenhouse *house = *state;
    greenhouse_pump(house, true);
    greenhouse_step(house, 2 * HOUR_US);
    const struct greenhouse_state *s = greenhouse_state(house);
    assert_true(s->tank_l >= 0.0 && s->tank_l < 1.0);
    assert_true(s->pump_l_min < 2.0);
    assert_true(s->pump_on);
}

static void light_follows_the_day(void **state)
{
    struct greenhouse *house = *state;
    assert_true(greenhouse_state(house)->light_lx == 0.0); /* sunrise */
    greenhouse_step(house, 6 * HOUR_US);
    assert_true(greenhouse_state(house)->light_lx > 5000.0);
    greenhouse_step(house, 12 * HOUR_US);
    assert_true(greenhouse_state(house)->light_lx == 0.0); /* midnight */
}

/* Heater, vent and pump at random hours: nothing leaves what nature allows. */
static void a_week_stays_plausible(void **state)
{
    struct greenhouse *house = *state;
    double energy_kWh = 0.0;
    for (unsigned hour = 0; hour < 7 * 24; hour++) {
        greenhouse_heater(house, hour % 5 == 0);
        greenhouse_vent(house, hour % 3 == 0 ? 60.0 : 0.0);
        greenhouse_pump(house, hour % 11 == 0);
        greenhouse_step(house, HOUR_US);
        const struct greenhouse_state *s = greenhouse_state(house);
        assert_true(s->air_C > 0.0 && s->air_C < 130.0);
        assert_true(s->humidity_percent > 0.0 && s->humidity_percent <= 100.0);
        assert_true(s->co2_ppm >= 150.0 && s->co2_ppm < 2000.0);
        assert_true(s->wind_m_s >= 0.0 && s->wind_m_s < 20.0);
        assert_true(s->energy_kWh > energy_kWh);
        energy_kWh = s->energy_kWh;
        for (int bed = 0; bed < GREENHOUSE_BEDS; bed++) {
            assert_true(s->soil_moisture_percent[bed] >= 5.0);
            assert_true(s->soil_moisture_percent[bed] <= 60.0);
        }
    }
}

static void the_same_seed_gives_the_same_house(void **state)
{
    struct greenhouse *house = *state;
    struct greenhouse *twin = NULL;
    struct greenhouse *other = NULL;
    assert_int_equal(greenhouse_new(1, &twin), 0);
    assert_int_equal(greenhouse_new(2, &other), 0);
    greenhouse_step(house, 3 * HOUR_US);
    greenhouse_step(twin, 3 * HOUR_US);
    greenhouse_step(other, 3 * HOUR_US);
    assert_true(greenhouse_state(house)->air_C == greenhouse_state(twin)->air_C);
    assert_true(greenhouse_state(house)->wind_m_s == greenhouse_state(twin)->wind_m_s);
    assert_true(greenhouse_state(house)->wind_m_s != greenhouse_state(other)->wind_m_s);
    greenhouse_free(twin);
    greenhouse_free(other);
}

int main(void)
{
#define HOUSE_TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        HOUSE_TEST(an_unheated_house_is_below_18_C_within_twenty_minutes),
        HOUSE_TEST(the_heater_gains_about_one_degree_per_minute),
        HOUSE_TEST(heating_dries_the_air),
        HOUSE_TEST(an_hour_of_heating_is_paid_for),
        HOUSE_TEST(the_vent_moves_five_percent_per_second_and_cools),
        HOUSE_TEST(watering_takes_from_the_tank_and_wets_the_beds),
        HOUSE_TEST(an_empty_tank_gives_what_flows_in),
        HOUSE_TEST(light_follows_the_day),
        HOUSE_TEST(a_week_stays_plausible),
        HOUSE_TEST(the_same_seed_gives_the_same_house),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "edge-gateway/plant/greenhouse.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>

#include "edge-gateway/plant/noise.h"

#define US_PER_SECOND 1000000
#define STEP_MAX_US   US_PER_SECOND
#define DAY_US        (86400LL * US_PER_SECOND)
#define HOUR_S        3600.0
#define DAY_S         86400.0
#define PI            3.14159265358979323846

/* Sunrise and the beginning of time: 6 in the morning. */
#define DAYLIGHT_S      (12.0 * HOUR_S)
#define SOLAR_PEAK      800.0 /* W/m2, clear sky at noon */
#define OUTSIDE_MEAN_C  11.0
#define OUTSIDE_SWING_C 5.0 /* coldest at 6 h, warmest at 18 h */

/* The house: 50 m3 of air with everything that warms along with it. */
#define AIR_VOLUME_M3          50.0
#define HEAT_CAPACITY_J_K      780e3
#define LOSS_W_K               160.0 /* 27 m2 of glass at 6 W/(m2 K) */
#define VENT_LOSS_W_K          400.0 /* wide open, no wind */
#define SOLAR_APERTURE_M2      4.0   /* after shading and what the plants turn into vapour */
#define GLASS_TRANSMISSION     0.7
#define LUX_PER_W_M2           120.0 /* of daylight */
#define VENT_AIR_CHANGES_PER_S (20.0 / HOUR_S)
#define LEAK_AIR_CHANGES_PER_S (0.5 / HOUR_S)

#define HEATER_MAX_KW      16.0
#define HEATER_LAG_S       30.0
#define VENT_SPEED_PERCENT 5.0 /* per second */
#define PUMP_MAX_L_MIN     12.0
#define PUMP_POWER_KW      0.4
#define BASE_POWER_KW      0.05

#define CO2_OUTSIDE_PPM       420.0
#define CO2_RESPIRATION_PPM_S 0.02  /* day and night */
#define CO2_UPTAKE_PPM_S      0.12  /* at SOLAR_PEAK inside */
#define EVAPORATION_G_S       0.15  /* wet beds in the dark, dry air */
#define TRANSPIRATION_G_S     1.2   /* more, in full sun */
#define OUTSIDE_HUMIDITY      0.75  /* relative */
#define TANK_FULL_L           500.0 /* a float valve refills from the mains below this */
#define TANK_REFILL_L_MIN     1.5
#define SOIL_FULL_PERCENT     60.0
#define SOIL_LAG_S            (2.0 * HOUR_S)

enum noise_stream {
    STREAM_CLOUDS,
    STREAM_WIND,
    STREAM_RAIN
};

/* What the beds differ in. */
static const struct bed {
    double water_share;       /* of the pump's flow */
    double percent_per_litre; /* the smaller the bed, the more a litre does */
    double drying_percent_h;  /* in full sun; a fifth of it in the dark */
    double first_percent;
} beds[GREENHOUSE_BEDS] = {
    {0.5, 0.25, 2.5, 42.0}, /* tomatoes */
    {0.3, 0.40, 1.8, 38.0}, /* herbs */
    {0.2, 0.80, 3.2, 47.0}, /* seedlings */
};

struct greenhouse {
    uint64_t seed;
    struct greenhouse_state now;
};

static double clamp(double value, double low, double high)
{
    return fmin(fmax(value, low), high);
}

/* How far a first-order lag gets in `dt_s`; exact for any step. */
static double follow(double value, double target, double lag_s, double dt_s)
{
    return target + (value - target) * exp(-dt_s / lag_s);
}

/* Saturation of air with water vapour, by Magnus' formula (WMO-No. 8, annex 4.B). */
static double saturation_g_m3(double air_C)
{
    double pressure_Pa = 611.2 * exp(17.62 * air_C / (243.12 + air_C));
    return 2.16679 * pressure_Pa / (273.15 + air_C);
}

static void step_weather(const struct greenhouse *house, struct greenhouse_state *s)
{
    double elapsed_s = (double)s->elapsed_us / US_PER_SECOND;
    double day_s = fmod(elapsed_s, DAY_S);
    double sun = day_s < DAYLIGHT_S ? sin(PI * day_s / DAYLIGHT_S) : 0.0;
    double cloud = 0.5 + 0.5 * noise_smooth(house->seed, STREAM_CLOUDS, elapsed_s / 900.0);
    double wet = noise_smooth(house->seed, STREAM_RAIN, elapsed_s / (3.0 * HOUR_S));
    double gust = noise_smooth(house->seed, STREAM_WIND, elapsed_s / 20.0);

    s->rain = wet > 0.75   ? GREENHOUSE_RAIN_RAIN
              : wet > 0.55 ? GREENHOUSE_RAIN_DRIZZLE
                           : GREENHOUSE_RAIN_DRY;
    double overcast = s->rain == GREENHOUSE_RAIN_DRY ? 0.6 * cloud : 0.85;
    s->solar_W_m2 = SOLAR_PEAK * sun * (1.0 - overcast);
    s->light_lx = s->solar_W_m2 * GLASS_TRANSMISSION * LUX_PER_W_M2;
    s->wind_m_s = 3.0 + 1.5 * cloud + 1.5 * gust;
    s->outside_C = OUTSIDE_MEAN_C - OUTSIDE_SWING_C * cos(2.0 * PI * day_s / DAY_S);
}

static void step_actuators(struct greenhouse_state *s, double dt_s)
{
    double travel = VENT_SPEED_PERCENT * dt_s;
    s->vent_percent += clamp(s->vent_wanted_percent - s->vent_percent, -travel, travel);
    s->heater_kW = follow(s->heater_kW, s->heater_on ? HEATER_MAX_KW : 0.0, HEATER_LAG_S, dt_s);
    /* Steps are a second at most: what the tank holds is the most that can leave in one. */
    s->pump_l_min = s->pump_on ? fmin(PUMP_MAX_L_MIN, s->tank_l * 60.0) : 0.0;
    s->heater_hours += s->heater_on ? dt_s / HOUR_S : 0.0;
    s->pump_hours += s->pump_on ? dt_s / HOUR_S : 0.0;
    /* An electric heater takes what it is switched to, at once. */
    s->power_kW =
        BASE_POWER_KW + (s->heater_on ? HEATER_MAX_KW : 0.0) + (s->pump_on ? PUMP_POWER_KW : 0.0);
    s->energy_kWh += s->power_kW * dt_s / HOUR_S;
}

static void step_air(struct greenhouse_state *s, double dt_s)
{
    double open = s->vent_percent / 100.0;
    double loss_W_K = LOSS_W_K + VENT_LOSS_W_K * open * (1.0 + 0.1 * s->wind_m_s);
    double gain_W = s->heater_kW * 1000.0 + s->solar_W_m2 * SOLAR_APERTURE_M2;
    double balance_C = s->outside_C + gain_W / loss_W_K;
    s->air_C = follow(s->air_C, balance_C, HEAT_CAPACITY_J_K / loss_W_K, dt_s);

    double changes_per_s = LEAK_AIR_CHANGES_PER_S + VENT_AIR_CHANGES_PER_S * open;
    double sun = s->solar_W_m2 / SOLAR_PEAK;
    double saturation = saturation_g_m3(s->air_C);
    double dryness = clamp(1.0 - s->vapour_g_m3 / saturation, 0.0, 1.0);
    double source_g_m3_s = (EVAPORATION_G_S + TRANSPIRATION_G_S * sun) * dryness / AIR_VOLUME_M3;
    double outside_g_m3 = OUTSIDE_HUMIDITY * saturation_g_m3(s->outside_C);
    s->vapour_g_m3 = follow(s->vapour_g_m3, outside_g_m3 + source_g_m3_s / changes_per_s,
                            1.0 / changes_per_s, dt_s);
    s->vapour_g_m3 = fmin(s->vapour_g_m3, saturation); /* the rest runs down the glass */
    s->humidity_percent = 100.0 * s->vapour_g_m3 / saturation;

    double co2_source_ppm_s = CO2_RESPIRATION_PPM_S - CO2_UPTAKE_PPM_S * sun;
    s->co2_ppm = follow(s->co2_ppm, CO2_OUTSIDE_PPM + co2_source_ppm_s / changes_per_s,
                        1.0 / changes_per_s, dt_s);
    s->co2_ppm = fmax(s->co2_ppm, 150.0); /* below, plants cannot take up any more */
}

static void step_water(struct greenhouse_state *s, double dt_s)
{
    double pumped_l = fmin(s->pump_l_min * dt_s / 60.0, s->tank_l);
    s->tank_l = fmin(s->tank_l - pumped_l + TANK_REFILL_L_MIN * dt_s / 60.0, TANK_FULL_L);

    double sun = s->solar_W_m2 / SOLAR_PEAK;
    for (size_t i = 0; i < GREENHOUSE_BEDS; i++) {
        double gain = pumped_l * beds[i].water_share * beds[i].percent_per_litre;
        double drying = beds[i].drying_percent_h * (0.2 + 0.8 * sun) * dt_s / HOUR_S;
        s->soil_moisture_percent[i] =
            clamp(s->soil_moisture_percent[i] + gain - drying, 5.0, SOIL_FULL_PERCENT);
        s->soil_C[i] = follow(s->soil_C[i], s->air_C, SOIL_LAG_S, dt_s);
    }
}

static void step_once(struct greenhouse *house, int64_t dt_us)
{
    struct greenhouse_state *s = &house->now;
    double dt_s = (double)dt_us / US_PER_SECOND;
    s->elapsed_us += dt_us;
    step_weather(house, s);
    step_actuators(s, dt_s);
    step_air(s, dt_s);
    step_water(s, dt_s);
}

int greenhouse_new(uint64_t seed, struct greenhouse **ret)
{
    struct greenhouse *house = calloc(1, sizeof(*house));
    if (house == NULL) {
        return -ENOMEM;
    }
    house->seed = seed;
    struct greenhouse_state *s = &house->now;
    s->air_C = 18.5;
    s->vapour_g_m3 = 0.65 * saturation_g_m3(s->air_C);
    s->co2_ppm = 480.0;
    s->tank_l = 0.8 * TANK_FULL_L;
    for (size_t i = 0; i < GREENHOUSE_BEDS; i++) {
        s->soil_moisture_percent[i] = beds[i].first_percent;
        s->soil_C[i] = 17.0;
    }
    step_once(house, 0); /* what follows from the above */
    *ret = house;
    return 0;
}

void greenhouse_free(struct greenhouse *house)
{
    free(house);
}

void greenhouse_step(struct greenhouse *house, int64_t dt_us)
{
    int64_t left_us = dt_us < DAY_US ? dt_us : DAY_US;
    while (left_us > 0) {
        int64_t step_us = left_us < STEP_MAX_US ? left_us : STEP_MAX_US;
        step_once(house, step_us);
        left_us -= step_us;
    }
}

const struct greenhouse_state *greenhouse_state(const struct greenhouse *house)
{
    return &house->now;
}

uint64_t greenhouse_seed(const struct greenhouse *house)
{
    return house->seed;
}

void greenhouse_heater(struct greenhouse *house, bool on)
{
    house->now.heater_starts += on && !house->now.heater_on ? 1u : 0u;
    house->now.heater_on = on;
}

void greenhouse_pump(struct greenhouse *house, bool on)
{
    house->now.pump_starts += on && !house->now.pump_on ? 1u : 0u;
    house->now.pump_on = on;
}

void greenhouse_vent(struct greenhouse *house, double percent)
{
    house->now.vent_wanted_percent = clamp(percent, 0.0, 100.0);
}

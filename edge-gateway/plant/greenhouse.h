/*
 * A small simulated greenhouse: 20 m2 of tomatoes, herbs and seedlings, with a heater, a roof vent
 * and a watering pump, through days and weather. First-order physics with honest magnitudes: what
 * heats costs energy, what ventilates also dries, an empty tank waters nothing.
 *
 * Pure and deterministic: the same seed, commands and steps give the same house. It begins at 6 in
 * the morning, at sunrise, just above 18 C inside and 6 C outside; unheated it is below 18 C within
 * minutes, and the heater gains about 1 C per minute.
 */
#ifndef EDGE_GATEWAY_PLANT_GREENHOUSE_H
#define EDGE_GATEWAY_PLANT_GREENHOUSE_H

#include "common/attributes.h"

#include <stdbool.h>
#include <stdint.h>

#define GREENHOUSE_BEDS 3

enum greenhouse_rain {
    GREENHOUSE_RAIN_DRY,
    GREENHOUSE_RAIN_DRIZZLE,
    GREENHOUSE_RAIN_RAIN
};

/* True values, before the sensors' noise. */
struct greenhouse_state {
    int64_t elapsed_us; /* simulated, since the beginning */

    double air_C;
    double vapour_g_m3; /* absolute humidity inside */
    double humidity_percent;
    double co2_ppm;
    double light_lx;

    double outside_C;
    double solar_W_m2;
    double wind_m_s;
    enum greenhouse_rain rain;

    double soil_moisture_percent[GREENHOUSE_BEDS];
    double soil_C[GREENHOUSE_BEDS];

    bool heater_on;
    bool pump_on;
    double vent_wanted_percent;
    double vent_percent; /* follows at 5 %/s */
    double heater_kW;    /* follows within a minute */
    double pump_l_min;   /* no more than the tank gives */

    double tank_l;
    double energy_kWh; /* counter */
    double power_kW;   /* of everything electric */

    uint32_t heater_starts;
    uint32_t pump_starts;
    double heater_hours;
    double pump_hours;
};

struct greenhouse;

/* 0 or -ENOMEM. */
EDGE_MUST_CHECK int greenhouse_new(uint64_t seed, struct greenhouse **ret);
void greenhouse_free(struct greenhouse *house);

/* Lets `dt_us` >= 0 of simulated time pass, at most one day; costs one evaluation per second. */
void greenhouse_step(struct greenhouse *house, int64_t dt_us);

const struct greenhouse_state *greenhouse_state(const struct greenhouse *house);
uint64_t greenhouse_seed(const struct greenhouse *house);

void greenhouse_heater(struct greenhouse *house, bool on);
void greenhouse_pump(struct greenhouse *house, bool on);
/* 0 = closed; above 100 counts as 100. */
void greenhouse_vent(struct greenhouse *house, double percent);

#endif

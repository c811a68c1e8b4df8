/*
 * A plant of first order with dead time, gain / (1 + T s) exp(-L s), in steps of one second, and
 * what theory says of it: the period and the gain at which a loop around it just swings.
 */
#ifndef EDGE_TESTS_UNIT_PLANT_HELP_H
#define EDGE_TESTS_UNIT_PLANT_HELP_H

#include "tests/unit/cmocka_all.h"

#include <math.h>
#include <stddef.h>

#define PLANT_DEAD_TIME_MAX 1000 /* seconds */
#define PLANT_PI            3.14159265358979323846

struct plant {
    double gain; /* of the value over the output */
    double time_constant_s;
    size_t dead_time_s; /* > 0 */
    double ambient;     /* the value without any output */
    double value;
    double outputs[PLANT_DEAD_TIME_MAX]; /* ring: the last dead time */
    size_t at;
};

static inline struct plant plant_new(double gain, double time_constant_s, size_t dead_time_s,
                                     double ambient)
{
    assert_true(dead_time_s > 0 && dead_time_s <= PLANT_DEAD_TIME_MAX);
    return (struct plant){.gain = gain,
                          .time_constant_s = time_constant_s,
                          .dead_time_s = dead_time_s,
                          .ambient = ambient,
                          .value = ambient};
}

/* As if that output had always been there. */
static inline void plant_rest_at(struct plant *plant, double output)
{
    for (size_t i = 0; i < plant->dead_time_s; i++) {
        plant->outputs[i] = output;
    }
    plant->value = plant->ambient + plant->gain * output;
}

/* One second with that output. */
static inline double plant_live(struct plant *plant, double output)
{
    double acting = plant->outputs[plant->at];
    plant->outputs[plant->at] = output;
    plant->at = (plant->at + 1) % plant->dead_time_s;
    double end = plant->ambient + plant->gain * acting;
    plant->value = end + (plant->value - end) * exp(-1 / plant->time_constant_s);
    return plant->value;
}

/* Radians per second where the phase is half a turn: w L + atan(w T) = pi, by bisection. */
static inline double plant_ultimate_frequency(const struct plant *plant)
{
    double low = 0;
    double high = PLANT_PI / (double)plant->dead_time_s;
    for (int i = 0; i < 100; i++) {
        double middle = (low + high) / 2;
        double phase = middle * (double)plant->dead_time_s + atan(middle * plant->time_constant_s);
        low = phase < PLANT_PI ? middle : low;
        high = phase < PLANT_PI ? high : middle;
    }
    return low;
}

static inline double plant_ultimate_period_s(const struct plant *plant)
{
    return 2 * PLANT_PI / plant_ultimate_frequency(plant);
}

static inline double plant_ultimate_gain(const struct plant *plant)
{
    double at = plant_ultimate_frequency(plant) * plant->time_constant_s;
    return sqrt(1 + at * at) / fabs(plant->gain);
}

#endif

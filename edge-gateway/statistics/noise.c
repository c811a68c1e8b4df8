#include "edge-gateway/statistics/noise.h"

#include <math.h>
#include <stdbool.h>

#define DEADBAND_PER_LEVEL 2.0
#define SEEN_MOST          0.6 /* of what was seen: a round deadband may be */
#define FLICKER_STEPS      10.0
#define NEAR               3.0  /* how much more than asked for a round number may be */
#define TOLERANCE          1e-9 /* of a quotient that should be whole */

void noise_add(struct noise *noise, double value)
{
    double step = value - noise->last;
    if (noise->values == 0) {
        noise->min = value;
        noise->max = value;
    } else {
        noise->changes += step != 0.0;
        noise->min = fmin(noise->min, value);
        noise->max = fmax(noise->max, value);
    }
    if (noise->values >= 2) {
        sample_add(&noise->tremble, fabs(step - noise->last_step));
    }
    noise->last_step = noise->values > 0 ? step : 0.0;
    noise->last = value;
    noise->values++;
}

double noise_level(const struct noise *noise)
{
    return sample_quantile(&noise->tremble, 0.5);
}

/* The smallest of 1, 2, 5, 10, ... that is not below. */
static double nice_above(double value)
{
    static const double steps[] = {1.0, 2.0, 5.0};
    double power = pow(10.0, floor(log10(value) + TOLERANCE));
    for (int i = 0; i < 3; i++) {
        if (steps[i] * power >= value * (1.0 - TOLERANCE)) {
            return steps[i] * power;
        }
    }
    return 10.0 * power;
}

static bool is_whole(double quotient)
{
    return fabs(quotient - round(quotient)) <= TOLERANCE * fmax(1.0, fabs(quotient));
}

double noise_round_up(double value, double factor)
{
    for (double nice = nice_above(value); nice <= NEAR * value;
         nice = nice_above(nice * (1.0 + 1e-6))) {
        if (factor == 0.0 || is_whole(nice / factor)) {
            return nice;
        }
    }
    return nice_above(ceil(value / factor - TOLERANCE)) * factor;
}

/* Independent values over all of a range have a level of half of it, values that go from one end to
 * the other a level above it; the noise of a measurement stays below a third. */
static bool is_no_measurement(double level, double range, double factor, double full)
{
    return (range > full / 2.0 && level > range / 3.0) ||
           (range > 2.0 * factor && level > 0.75 * range);
}

/* Not much more than half of what was seen, or hardly a change would be published. Of a value that
 * only flickers by a few steps, that half would be too little. */
static double choose_deadband(double level, double range, double factor)
{
    double wanted = DEADBAND_PER_LEVEL * level;
    double deadband = noise_round_up(wanted, factor);
    if (deadband <= SEEN_MOST * range || range <= FLICKER_STEPS * factor) {
        return deadband;
    }
    if (factor == 0.0) {
        return range / 2.0 < wanted ? range / 2.0 : wanted;
    }
    double steps = floor(fmin(range / 2.0, wanted) / factor + TOLERANCE);
    return fmax(steps, 1.0) * factor;
}

enum noise_verdict noise_judge(const struct noise *noise, double factor, double full,
                               double *ret_deadband)
{
    double level = noise_level(noise);
    double range = noise->max - noise->min;
    if (noise->values < NOISE_VALUES_MIN) {
        return NOISE_UNKNOWN;
    }
    if (noise->changes == 0) {
        return NOISE_STEADY;
    }
    if (level < factor / 2.0 || level <= range * TOLERANCE) {
        return NOISE_NONE; /* less than a step is how the values were computed */
    }
    if (is_no_measurement(level, range, factor, full)) {
        return NOISE_ONLY;
    }
    *ret_deadband = choose_deadband(level, range, factor);
    return NOISE_DEADBAND;
}

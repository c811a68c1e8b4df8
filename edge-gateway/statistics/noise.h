/*
 * How much a signal trembles around what it measures, and the deadband that keeps the tremble from
 * being published. Robust: a trend, a counter, a rare step and a rare spike are no noise. Pure.
 */
#ifndef EDGE_GATEWAY_STATISTICS_NOISE_H
#define EDGE_GATEWAY_STATISTICS_NOISE_H

#include "edge-gateway/statistics/sample.h"

#include <stddef.h>
#include <stdint.h>

/* All zero at first. */
struct noise {
    uint64_t values;
    uint64_t changes; /* values that differ from the one before */
    double min;
    double max;
    double last;
    double last_step;
    struct sample tremble; /* by how much each step differs from the step before it */
};

/* `value` is finite; values come in the order of time. */
void noise_add(struct noise *noise, double value);

/* The median of the trembles: 1.65 standard deviations of white noise. */
double noise_level(const struct noise *noise);

enum noise_verdict {
    NOISE_UNKNOWN, /* too few values */
    NOISE_STEADY,  /* it never changed */
    NOISE_NONE,    /* it moves by steps or evenly: every change means something */
    NOISE_ONLY,    /* it jumps from end to end: a checksum or a state, not a measurement */
    NOISE_DEADBAND
};

#define NOISE_VALUES_MIN 20

/* *ret_deadband (touched with NOISE_DEADBAND alone): twice the level, which is a little more than
 * three standard deviations, rounded up by noise_round_up(), but not much more than half of what
 * was seen, if that is more than a flicker. `factor`: its smallest step, 0 if it has none; `full`:
 * from the least to the most that it can be. */
enum noise_verdict noise_judge(const struct noise *noise, double factor, double full,
                               double *ret_deadband);

/* The smallest multiple of `factor` that is not below `value` and is 1, 2 or 5 times a power of
 * ten; where there is none up to three times the value, so many times the factor. `value` is
 * positive; `factor` 0: any number is a multiple. */
double noise_round_up(double value, double factor);

#endif

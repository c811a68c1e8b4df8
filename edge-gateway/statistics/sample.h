/*
 * A bounded sample of a stream of any length, spread evenly over it: every value until the room is
 * full, then every second one, every fourth and so on. Deterministic. Pure, no allocation.
 */
#ifndef EDGE_GATEWAY_STATISTICS_SAMPLE_H
#define EDGE_GATEWAY_STATISTICS_SAMPLE_H

#include <stddef.h>
#include <stdint.h>

#define SAMPLE_VALUES 256

/* All zero at first. */
struct sample {
    uint64_t seen;   /* values that were offered */
    uint64_t stride; /* every so many is kept; 0 = every one */
    size_t count;    /* that are kept */
    double values[SAMPLE_VALUES];
};

void sample_add(struct sample *sample, double value);

/* The value below which so much of the sample lies, 0 to 1; 0.5 is the median, the lower one of
 * two. 0 of an empty sample. */
double sample_quantile(const struct sample *sample, double fraction);

#endif

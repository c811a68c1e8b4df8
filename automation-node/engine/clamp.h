/* A number within limits. */
#ifndef EDGE_AUTOMATION_ENGINE_CLAMP_H
#define EDGE_AUTOMATION_ENGINE_CLAMP_H

#include <math.h>

/* `low` for what is not a number. */
static inline double clamp(double value, double low, double high)
{
    return fmin(fmax(value, low), high);
}

#endif

/*
 * Finds the ultimate gain and period of a loop by letting a relay make it swing a little:
 * Åström, Hägglund: Automatic tuning of simple regulators with specifications on phase and
 * amplitude margins. Automatica 20 (1984) 645-651.
 *
 *   output = centre + swing   from where the error exceeds the hysteresis
 *            centre - swing   from where it is below minus the hysteresis
 *
 * A cycle goes from one step upwards to the next. With a = half of what the input moved in it:
 *
 *   ultimate gain = 4 swing / (pi sqrt(a² - hysteresis²))     ultimate period = its length
 *
 * That holds where the output is as long above the centre as below. So after each cycle the centre
 * moves to the mean of the output, which is where the loop is at rest; the swing shrinks where a
 * limit of the output is near. It is found when two cycles one after the other are alike.
 *
 * Bounded: the output stays within its limits and the swing within `amplitude`; it gives up when
 * the input is further from the set point than `max_deviation`, after RELAY_CYCLES_MAX cycles, and
 * at its deadline. Whoever uses it looks at the deadline.
 */
#ifndef EDGE_AUTOMATION_ENGINE_RELAY_FEEDBACK_H
#define EDGE_AUTOMATION_ENGINE_RELAY_FEEDBACK_H

#include "automation-node/state/archive.h"

#include <stdbool.h>
#include <stdint.h>

#define RELAY_CYCLES_MAX 20

struct relay_options {
    double hysteresis;    /* in the unit of the input, as max_deviation; > 0 */
    double max_deviation; /* > hysteresis */
    double amplitude;     /* of the output; > 0, half of its range at most */
    double min;           /* limits of the output */
    double max;
    bool cools;         /* more output makes the input fall */
    int64_t timeout_us; /* > 0 */
};

struct relay_result {
    double ultimate_gain;     /* output per unit of the input; 0 = none yet */
    double ultimate_period_s; /* 0 = none yet */
};

enum relay_verdict {
    RELAY_GOES_ON,
    RELAY_FOUND,
    RELAY_TOO_FAR, /* from the set point */
    RELAY_UNSTEADY /* no two cycles are alike, the set point cannot be held in the middle of the
                      output's range, or the input moves little more than the hysteresis */
};

/* Read the fields; only the functions below change them. */
struct relay_feedback {
    struct relay_options options; /* set by whoever owns it */
    double setpoint;
    double centre; /* of the output; where the loop is at rest, once found */
    double swing;
    int64_t ends_us; /* deadline */
    bool started;    /* has seen a reading */
    bool above;      /* the output is above the centre */
    bool cycling;    /* a whole cycle has begun */
    int64_t began_us;
    int64_t turned_us; /* when the output went below the centre in it */
    double highest;    /* error in it */
    double lowest;
    uint64_t cycles;          /* that have ended */
    struct relay_result last; /* of the last one; of the last two when found */
};

/* With the options that are in it already. `output`: where the loop is about at rest. */
void relay_begin(struct relay_feedback *relay, double setpoint, double output, int64_t now_us);

/* A good reading that was seen at `at_us`. */
enum relay_verdict relay_feed(struct relay_feedback *relay, double value, int64_t at_us);

/* What the device shall do now. */
double relay_output(const struct relay_feedback *relay);

/* See archive.h; the options are not in it. */
void relay_archive(struct relay_feedback *relay, struct archive *a);

#endif

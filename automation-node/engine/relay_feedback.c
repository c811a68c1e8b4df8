#include "automation-node/engine/relay_feedback.h"

#include "automation-node/engine/clamp.h"
#include "automation-node/input/deadline.h"

#include <math.h>

#define PI           3.14159265358979323846
#define CYCLES_MIN   3    /* the first ones lead to the centre */
#define ALIKE        0.1  /* two cycles differ by less, as a share of their mean */
#define LEAN_TO_MOVE 0.1  /* see lean_of(): from there on the centre moves */
#define LEAN_MAX     0.3  /* makes the period too long by a tenth */
#define SWING_MIN    0.25 /* of the amplitude: where a limit is near */
#define HYSTERESIS   0.9  /* of the input's movement: more says nothing of the loop */

/* The centre at `output`, or as near to it as the limits let the output swing by `least`. */
static void set_centre(struct relay_feedback *relay, double output, double least)
{
    const struct relay_options *o = &relay->options;
    relay->centre = clamp(output, o->min + least, o->max - least);
    relay->swing = fmin(o->amplitude, fmin(relay->centre - o->min, o->max - relay->centre));
}

void relay_begin(struct relay_feedback *relay, double setpoint, double output, int64_t now_us)
{
    const struct relay_options options = relay->options;
    *relay = (struct relay_feedback){.options = options,
                                     .setpoint = setpoint,
                                     .ends_us = deadline_after(now_us, options.timeout_us)};
    set_centre(relay, output, options.amplitude);
}

/* How much longer the output was above the centre than below: 1 = all the time, -1 = never. */
static double lean_of(const struct relay_feedback *relay, int64_t now_us)
{
    double began_us = (double)relay->began_us;
    return 2 * ((double)relay->turned_us - began_us) / ((double)now_us - began_us) - 1;
}

static bool is_alike(double a, double b)
{
    return fabs(a - b) <= ALIKE * (a + b) / 2;
}

static enum relay_verdict end_cycle(struct relay_feedback *relay, int64_t now_us)
{
    double moved = (relay->highest - relay->lowest) / 2;
    double hysteresis = relay->options.hysteresis;
    if (now_us <= relay->began_us || hysteresis > HYSTERESIS * moved) {
        return RELAY_UNSTEADY;
    }
    double lean = lean_of(relay, now_us);
    const struct relay_result last = relay->last;
    struct relay_result this = {
        .ultimate_gain = 4 * relay->swing / (PI * sqrt(moved * moved - hysteresis * hysteresis)),
        .ultimate_period_s = ((double)now_us - (double)relay->began_us) / 1e6,
    };
    relay->cycles++;
    relay->last = this;
    if (relay->cycles >= CYCLES_MIN && fabs(lean) <= LEAN_MAX &&
        is_alike(this.ultimate_gain, last.ultimate_gain) &&
        is_alike(this.ultimate_period_s, last.ultimate_period_s)) {
        set_centre(relay, relay->centre + relay->swing * lean, 0);
        relay->last.ultimate_gain = (this.ultimate_gain + last.ultimate_gain) / 2;
        relay->last.ultimate_period_s = (this.ultimate_period_s + last.ultimate_period_s) / 2;
        return RELAY_FOUND;
    }
    if (fabs(lean) > LEAN_TO_MOVE) {
        set_centre(relay, relay->centre + relay->swing * lean,
                   SWING_MIN * relay->options.amplitude);
    }
    return relay->cycles < RELAY_CYCLES_MAX ? RELAY_GOES_ON : RELAY_UNSTEADY;
}

enum relay_verdict relay_feed(struct relay_feedback *relay, double value, int64_t at_us)
{
    const struct relay_options *o = &relay->options;
    double error = o->cools ? value - relay->setpoint : relay->setpoint - value;
    if (fabs(error) > o->max_deviation) {
        return RELAY_TOO_FAR;
    }
    if (!relay->started) {
        relay->started = true;
        relay->above = error > 0;
    }
    relay->highest = fmax(relay->highest, error);
    relay->lowest = fmin(relay->lowest, error);
    if (relay->above && error < -o->hysteresis) {
        relay->above = false;
        relay->turned_us = at_us;
    }
    if (relay->above || error <= o->hysteresis) {
        return RELAY_GOES_ON;
    }
    enum relay_verdict verdict = relay->cycling ? end_cycle(relay, at_us) : RELAY_GOES_ON;
    relay->above = true;
    relay->cycling = true;
    relay->began_us = at_us;
    relay->highest = error;
    relay->lowest = error;
    return verdict;
}

double relay_output(const struct relay_feedback *relay)
{
    return relay->above ? relay->centre + relay->swing : relay->centre - relay->swing;
}

/* What was loaded may be anything. */
static void bound(struct relay_feedback *relay)
{
    double centre = relay->centre;
    double swing = relay->swing;
    set_centre(relay, centre, 0);
    relay->swing = clamp(swing, 0, relay->swing);
}

void relay_archive(struct relay_feedback *relay, struct archive *a)
{
    archive_double(a, "setpoint", &relay->setpoint);
    archive_double(a, "centre", &relay->centre);
    archive_double(a, "swing", &relay->swing);
    archive_time(a, "ends_at", &relay->ends_us);
    archive_flag(a, "started", &relay->started);
    archive_flag(a, "above", &relay->above);
    archive_flag(a, "cycling", &relay->cycling);
    archive_time(a, "began_at", &relay->began_us);
    archive_time(a, "turned_at", &relay->turned_us);
    archive_double(a, "highest", &relay->highest);
    archive_double(a, "lowest", &relay->lowest);
    archive_u64(a, "cycles", &relay->cycles);
    archive_double(a, "last_gain", &relay->last.ultimate_gain);
    archive_double(a, "last_period_s", &relay->last.ultimate_period_s);
    bound(relay);
}

/*
 * Heating and cooling of one thing by two devices: two thermostats that share an input, a heating
 * one that keeps it above `low` and a cooling one that keeps it below `high`.
 *
 *   off         both propose nothing
 *   heat        only the heating one acts; the other one proposes nothing
 *   cool        the other way round
 *   heat_cool   both act; between the bands both propose their off value
 *
 * As `low` is never above `high` and both have the same hysteresis, they never call at once. That
 * the devices are not on at once, and the pause between them, is an interlock's: minimum times,
 * people and other controllers may have them, too.
 */
#ifndef EDGE_AUTOMATION_ENGINE_CLIMATE_H
#define EDGE_AUTOMATION_ENGINE_CLIMATE_H

#include "automation-node/engine/thermostat.h"
#include "automation-node/input/input.h"
#include "automation-node/state/archive.h"
#include "common/attributes.h"

#include <stdbool.h>
#include <stdint.h>

enum climate_mode {
    CLIMATE_OFF,
    CLIMATE_HEAT,
    CLIMATE_COOL,
    CLIMATE_HEAT_COOL,
    CLIMATE_MODE_COUNT
};

enum climate_side {
    CLIMATE_HEATER,
    CLIMATE_COOLER,
    CLIMATE_SIDES
};

/* In the unit of the input. */
struct climate_band {
    double low;
    double high; /* not below `low` */
};

struct climate_output {
    struct value on_value;
    struct value off_value;
};

struct climate_options {
    const char *id; /* copied; the source is "controller:<id>" */
    enum climate_mode mode;
    struct climate_band band;
    double hysteresis;                            /* on either side of both, not negative */
    struct climate_output outputs[CLIMATE_SIDES]; /* by side */
};

struct climate;

/* As thermostat_new(); -EINVAL also for a band that is upside down. */
EDGE_MUST_CHECK int climate_new(const struct climate_options *options, struct climate **ret);
void climate_free(struct climate *climate);

/* Takes effect at the next evaluation. -EINVAL (upside down or not finite): nothing is changed. */
EDGE_MUST_CHECK int climate_set(struct climate *climate, enum climate_mode mode,
                                const struct climate_band *band);

enum climate_mode climate_mode(const struct climate *climate);
struct climate_band climate_band(const struct climate *climate);

/* True when a proposal changed. */
bool climate_evaluate(struct climate *climate, const struct input *input, int64_t now_us);

const struct thermostat *climate_side(const struct climate *climate, enum climate_side side);

/* See archive.h. */
void climate_archive(struct climate *climate, struct archive *a);

#endif

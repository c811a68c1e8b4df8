#include "automation-node/engine/climate.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>

struct climate {
    struct thermostat *sides[CLIMATE_SIDES];
};

static bool is_valid(const struct climate_band *band)
{
    return isfinite(band->low) && isfinite(band->high) && band->low <= band->high;
}

static enum thermostat_mode mode_of(enum climate_side side, enum climate_mode mode)
{
    bool heats = mode == CLIMATE_HEAT || mode == CLIMATE_HEAT_COOL;
    bool cools = mode == CLIMATE_COOL || mode == CLIMATE_HEAT_COOL;
    if (side == CLIMATE_HEATER) {
        return heats ? THERMOSTAT_HEAT : THERMOSTAT_OFF;
    }
    return cools ? THERMOSTAT_COOL : THERMOSTAT_OFF;
}

static double setpoint_of(enum climate_side side, const struct climate_band *band)
{
    return side == CLIMATE_HEATER ? band->low : band->high;
}

static int make_sides(struct climate *climate, const struct climate_options *options)
{
    int r = 0;
    for (enum climate_side side = CLIMATE_HEATER; r == 0 && side < CLIMATE_SIDES; side++) {
        const struct thermostat_options thermostat = {
            .id = options->id,
            .mode = mode_of(side, options->mode),
            .setpoint = setpoint_of(side, &options->band),
            .below = options->hysteresis,
            .above = options->hysteresis,
            .on_value = options->outputs[side].on_value,
            .off_value = options->outputs[side].off_value,
        };
        r = thermostat_new(&thermostat, &climate->sides[side]);
    }
    return r;
}

int climate_new(const struct climate_options *options, struct climate **ret)
{
    if (!is_valid(&options->band)) {
        return -EINVAL;
    }
    struct climate *climate = calloc(1, sizeof(*climate));
    if (climate == NULL) {
        return -ENOMEM;
    }
    int r = make_sides(climate, options);
    if (r < 0) {
        climate_free(climate);
        return r;
    }
    *ret = climate;
    return 0;
}

void climate_free(struct climate *climate)
{
    if (climate != NULL) {
        thermostat_free(climate->sides[CLIMATE_HEATER]);
        thermostat_free(climate->sides[CLIMATE_COOLER]);
        free(climate);
    }
}

int climate_set(struct climate *climate, enum climate_mode mode, const struct climate_band *band)
{
    if (!is_valid(band)) {
        return -EINVAL;
    }
    int r = 0;
    for (enum climate_side side = CLIMATE_HEATER; r == 0 && side < CLIMATE_SIDES; side++) {
        r = thermostat_set(climate->sides[side], mode_of(side, mode), setpoint_of(side, band));
    }
    return r;
}

enum climate_mode climate_mode(const struct climate *climate)
{
    bool heats = thermostat_mode(climate->sides[CLIMATE_HEATER]) == THERMOSTAT_HEAT;
    bool cools = thermostat_mode(climate->sides[CLIMATE_COOLER]) == THERMOSTAT_COOL;
    if (heats) {
        return cools ? CLIMATE_HEAT_COOL : CLIMATE_HEAT;
    }
    return cools ? CLIMATE_COOL : CLIMATE_OFF;
}

struct climate_band climate_band(const struct climate *climate)
{
    return (struct climate_band){thermostat_setpoint(climate->sides[CLIMATE_HEATER]),
                                 thermostat_setpoint(climate->sides[CLIMATE_COOLER])};
}

bool climate_evaluate(struct climate *climate, const struct input *input, int64_t now_us)
{
    bool heater = thermostat_evaluate(climate->sides[CLIMATE_HEATER], input, now_us);
    bool cooler = thermostat_evaluate(climate->sides[CLIMATE_COOLER], input, now_us);
    return heater || cooler;
}

const struct thermostat *climate_side(const struct climate *climate, enum climate_side side)
{
    return climate->sides[side];
}

/* What was loaded may be anything: a band that is upside down is not taken. */
void climate_archive(struct climate *climate, struct archive *a)
{
    static const char *const names[] = {[CLIMATE_HEATER] = "heat", [CLIMATE_COOLER] = "cool"};
    const struct climate_band before = climate_band(climate);
    for (enum climate_side side = CLIMATE_HEATER; side < CLIMATE_SIDES; side++) {
        size_t mark = archive_enter(a, names[side], 0);
        thermostat_archive(climate->sides[side], a);
        archive_leave(a, mark);
    }
    const struct climate_band loaded = climate_band(climate);
    int r = climate_set(climate, climate_mode(climate), is_valid(&loaded) ? &loaded : &before);
    assert(r == 0); /* one of them is valid */
    (void)r;
}

/* What heats with one device and cools with another. */
#include "automation-node/app/plan_climates.h"

#include "automation-node/app/plan_interlocks.h"

#include <errno.h>
#include <string.h>

static void check_name(struct planner *p, const struct climate_config *config)
{
    const char *kind = NULL;
    for (size_t i = 0; i < p->root->thermostat_count; i++) {
        kind = strcmp(p->root->thermostats[i].name, config->name) == 0 ? "thermostat" : kind;
    }
    for (size_t i = 0; i < p->root->controller_count; i++) {
        kind = strcmp(p->root->controllers[i].name, config->name) == 0 ? "controller" : kind;
    }
    if (kind != NULL) {
        config_report(p->config, config, p->d, SEVERITY_ERROR, "there is a %s '%s' already", kind,
                      config->name);
    }
}

/* Where the two ends are said wrongly: the first of what is given. */
static const void *place_of(const struct climate_config *config)
{
    const struct quantity *places[] = {config->low, config->high, config->setpoint,
                                       config->deadband};
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (places[i] != NULL) {
            return places[i];
        }
    }
    return config;
}

static struct climate_band find_band(struct planner *p, const struct climate_config *config,
                                     const struct input_config *input)
{
    bool ends = config->low != NULL && config->high != NULL;
    bool middle = config->setpoint != NULL && config->deadband != NULL;
    bool others = ends ? config->setpoint != NULL || config->deadband != NULL
                       : config->low != NULL || config->high != NULL;
    if (ends == middle || others) {
        config_report(p->config, place_of(config), p->d, SEVERITY_ERROR,
                      "'%s' needs setpoint_low and setpoint_high, or setpoint and deadband",
                      config->name);
        return (struct climate_band){0, 0};
    }
    if (ends) {
        return (struct climate_band){planner_in_unit_of(p, config->low, input, false),
                                     planner_in_unit_of(p, config->high, input, false)};
    }
    double setpoint = planner_in_unit_of(p, config->setpoint, input, false);
    double half = planner_width_of(p, config->deadband, input) / 2;
    return (struct climate_band){setpoint - half, setpoint + half};
}

/* The heater goes off at low + hysteresis, the cooler at high - hysteresis. */
static void check_band(struct planner *p, const void *place, const struct climate_band *band,
                       double hysteresis)
{
    if (band->low > band->high) {
        config_report(p->config, place, p->d, SEVERITY_ERROR,
                      "it would cool above %g and heat below %g - the other way round", band->high,
                      band->low);
    } else if (band->low + hysteresis > band->high - hysteresis) {
        config_report(p->config, place, p->d, SEVERITY_WARNING,
                      "it heats up to %g and cools down to %g: what one does the other may undo - "
                      "set them further apart, or the hysteresis smaller",
                      band->low + hysteresis, band->high - hysteresis);
    }
}

static int plan_presets(struct planner *p, size_t controller, const struct climate_config *config,
                        const struct input_config *input, double hysteresis)
{
    struct controller_preset *presets =
        arena_alloc(&p->plan->arena, config->preset_count, sizeof(*presets));
    if (presets == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < config->preset_count; i++) {
        const struct climate_preset_config *preset = &config->presets[i];
        const struct climate_band band = {planner_in_unit_of(p, &preset->low, input, false),
                                          planner_in_unit_of(p, &preset->high, input, false)};
        check_band(p, &preset->low, &band, hysteresis);
        presets[i] = (struct controller_preset){
            .name = preset->name, .is_band = true, .low = band.low, .high = band.high};
    }
    p->plan->presets[controller] = (struct controller_presets){presets, config->preset_count};
    return 0;
}

static struct climate_output plan_side(struct planner *p, const struct climate_side_config *side)
{
    size_t device = planner_find_device(p, &side->device);
    return (struct climate_output){.on_value = planner_wanted(p, &side->on, device),
                                   .off_value = planner_wanted(p, &side->off, device)};
}

static int plan_climate(struct planner *p, size_t index, struct engine_climate *ret)
{
    static const enum climate_mode modes[] = {
        [CLIMATE_KIND_OFF] = CLIMATE_OFF,
        [CLIMATE_KIND_HEAT] = CLIMATE_HEAT,
        [CLIMATE_KIND_COOL] = CLIMATE_COOL,
        [CLIMATE_KIND_HEAT_COOL] = CLIMATE_HEAT_COOL,
    };
    const struct climate_config *config = &p->root->climates[index];
    const struct input_config *input = planner_input_at(p, planner_find_input(p, &config->input));
    double hysteresis = planner_width_of(p, &config->hysteresis, input);
    *ret = (struct engine_climate){
        .climate = {.id = config->name,
                    .mode = modes[config->mode],
                    .band = find_band(p, config, input),
                    .hysteresis = hysteresis,
                    .outputs = {[CLIMATE_HEATER] = plan_side(p, &config->heat),
                                [CLIMATE_COOLER] = plan_side(p, &config->cool)}},
        .input = config->input,
        .devices = {[CLIMATE_HEATER] = config->heat.device, [CLIMATE_COOLER] = config->cool.device},
    };
    check_name(p, config);
    if (ret->climate.band.low != 0 || ret->climate.band.high != 0) {
        check_band(p, place_of(config), &ret->climate.band, hysteresis);
    }
    int r = planner_lock_sides(p, config);
    size_t controller = p->root->thermostat_count + p->root->controller_count + index;
    return r == 0 ? plan_presets(p, controller, config, input, hysteresis) : r;
}

int planner_climates(struct planner *p)
{
    struct engine_climate *climates =
        arena_alloc(&p->plan->arena, p->root->climate_count, sizeof(*climates));
    if (climates == NULL) {
        return -ENOMEM;
    }
    p->plan->engine.climates = climates;
    p->plan->engine.climate_count = p->root->climate_count;
    for (size_t i = 0; i < p->root->climate_count; i++) {
        int r = plan_climate(p, i, &climates[i]);
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

/* Inputs that are computed from others. */
#include "automation-node/app/plan_steps.h"
#include "common/units.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define RATE_OVER_US (10 * 60 * 1000000LL)

/* What a name in `of` stands for. */
struct source {
    size_t input; /* of the engine */
    struct input_scale scale;
    size_t device; /* PLANNER_NONE = it is an input */
    bool is_later; /* derived, but not before this one */
    int64_t stale_after_us;
};

static bool find_device(const struct planner *p, const char *name, size_t *ret)
{
    for (size_t i = 0; i < p->root->device_count; i++) {
        if (strcmp(p->root->devices[i].name, name) == 0 &&
            p->plan->engine.devices[i].feedback != NULL) {
            *ret = i;
            return true;
        }
    }
    return false;
}

static bool find_source(struct planner *p, const struct input_config *config,
                        const char *const *name, struct source *ret)
{
    size_t self = (size_t)(config - p->root->inputs);
    *ret = (struct source){.device = PLANNER_NONE};
    if (find_device(p, *name, &ret->device)) {
        ret->input = p->plan->feedbacks[ret->device];
    } else {
        ret->input = planner_find_input(p, name);
        if (ret->input == PLANNER_NONE) {
            return false;
        }
        ret->scale = p->plan->scales[ret->input];
        ret->is_later = p->root->inputs[ret->input].derive != DERIVE_NONE && ret->input >= self;
    }
    ret->stale_after_us = p->plan->engine.inputs[ret->input].stale_after_us;
    return true;
}

/* ---- units ---- */

static const char *unit_text(const char *unit)
{
    return unit != NULL && unit[0] != '\0' ? unit : "no unit";
}

static bool same_unit(const char *a, const char *b)
{
    return strcmp(unit_text(a), unit_text(b)) == 0;
}

/* The unit of what is derived, NULL for none. -ENOMEM. */
static int derived_unit(struct planner *p, enum derive_kind kind, const char *unit,
                        const char **ret)
{
    char text[INPUT_UNIT_SIZE + 2];
    if (kind == DERIVE_TIME_IN_STATE) {
        *ret = "s";
    } else if (kind != DERIVE_RATE || unit == NULL) {
        *ret = unit;
    } else {
        int length = snprintf(text, sizeof(text), "%s/h", unit);
        const char *copy = arena_copy(&p->plan->arena, text, (size_t)length);
        if (copy == NULL) {
            return -ENOMEM;
        }
        *ret = copy;
    }
    return 0;
}

static int set_scale(struct planner *p, const struct input_config *config,
                     const struct source *first)
{
    size_t index = (size_t)(config - p->root->inputs);
    struct input_scale *scale = &p->plan->scales[index];
    int r = derived_unit(p, config->derive, first->scale.unit, &scale->unit);
    if (r < 0) {
        return r;
    }
    scale->difference = config->derive == DERIVE_DIFFERENCE || first->scale.difference;
    ((struct input_options *)p->plan->engine.inputs)[index].unit = scale->unit;
    if (config->unit != NULL && !same_unit(config->unit, scale->unit)) {
        config_report(p->config, &config->unit, p->d, SEVERITY_ERROR,
                      "what is derived from '%s' is in %s: leave the unit out", config->of[0],
                      unit_text(scale->unit));
    }
    return 0;
}

/* ---- keys ---- */

static void check_keys(struct planner *p, const struct input_config *config)
{
    bool of_time = config->derive == DERIVE_RATE || config->derive == DERIVE_TIME_IN_STATE;
    size_t least = config->derive == DERIVE_DIFFERENCE ? 2 : 1;
    size_t most = of_time ? 1 : config->derive == DERIVE_DIFFERENCE ? 2 : SIZE_MAX;
    if (config->of_count < least || config->of_count > most) {
        config_report(p->config, config, p->d, SEVERITY_ERROR, "input '%s' needs 'of' with %s",
                      config->name,
                      of_time     ? "one input"
                      : least > 1 ? "two inputs: the first minus the second"
                                  : "one input or more");
    }
    if (config->stale_after_us != NULL || config->label_count > 0) {
        config_report(p->config, config, p->d, SEVERITY_ERROR,
                      "input '%s' is derived: it is stale when one that it is derived from is, and "
                      "shows no words",
                      config->name);
    }
    if ((config->derive == DERIVE_TIME_IN_STATE) != (config->state != NULL)) {
        config_report(p->config, config, p->d, SEVERITY_ERROR,
                      "'state' says which state's time counts: with time_in_state, and only there");
    }
    if (config->over_us != NULL && !of_time) {
        config_report(p->config, config->over_us, p->d, SEVERITY_ERROR,
                      "'over' goes with rate and time_in_state");
    }
}

/* A device is what its feedback shows, by the words that people use for it. */
static struct value state_of(struct planner *p, const struct input_config *config,
                             const struct source *source)
{
    if (source->device == PLANNER_NONE) {
        return planner_value(p, &config->state);
    }
    struct value value = planner_wanted(p, &config->state, source->device);
    const struct domain *domain = &p->plan->engine.devices[source->device].device.domain;
    for (size_t i = 0; i < domain->label_count; i++) {
        if (value_equal(&domain->labels[i].value, &value)) {
            return domain->labels[i].feedback;
        }
    }
    return value;
}

static void check_source(struct planner *p, const struct input_config *config, size_t index,
                         const struct source *source, const struct source *first)
{
    if (source->is_later) {
        config_report(p->config, &config->of[index], p->d, SEVERITY_ERROR,
                      "'%s' is derived itself, and must stand before '%s'", config->of[index],
                      config->name);
    }
    if (!same_unit(source->scale.unit, first->scale.unit)) {
        config_report(p->config, &config->of[index], p->d, SEVERITY_ERROR,
                      "'%s' is in %s, but '%s' in %s", config->of[index],
                      unit_text(source->scale.unit), config->of[0], unit_text(first->scale.unit));
    }
}

/* It is held as long as any of its sources may be. */
static int add_sources(struct planner *p, const struct input_config *config, size_t *sources,
                       struct derived_options *derived)
{
    size_t index = (size_t)(config - p->root->inputs);
    struct input_options *input = &((struct input_options *)p->plan->engine.inputs)[index];
    struct source first = {0};
    for (size_t i = 0; i < config->of_count; i++) {
        struct source source;
        if (!find_source(p, config, &config->of[i], &source)) {
            continue;
        }
        if (derived->source_count == 0) {
            first = source;
            int r = set_scale(p, config, &first);
            if (r < 0) {
                return r;
            }
            derived->state = state_of(p, config, &first);
        }
        check_source(p, config, i, &source, &first);
        sources[derived->source_count++] = source.input;
        if (source.stale_after_us > input->stale_after_us) {
            input->stale_after_us = source.stale_after_us;
        }
    }
    return 0;
}

static int plan_one(struct planner *p, const struct input_config *config,
                    struct engine_derived *ret)
{
    static const enum derived_kind kinds[] = {
        [DERIVE_MEAN] = DERIVED_MEAN, [DERIVE_MIN] = DERIVED_MIN,
        [DERIVE_MAX] = DERIVED_MAX,   [DERIVE_DIFFERENCE] = DERIVED_DIFFERENCE,
        [DERIVE_RATE] = DERIVED_RATE, [DERIVE_TIME_IN_STATE] = DERIVED_TIME,
    };
    size_t *sources = arena_alloc(&p->plan->arena, config->of_count, sizeof(*sources));
    if (sources == NULL) {
        return -ENOMEM;
    }
    int64_t over_us = config->derive == DERIVE_RATE ? RATE_OVER_US : 0;
    *ret = (struct engine_derived){
        .input = (size_t)(config - p->root->inputs),
        .derived = {.kind = kinds[config->derive],
                    .sources = sources,
                    .span_us = config->over_us != NULL ? *config->over_us : over_us}};
    check_keys(p, config);
    return add_sources(p, config, sources, &ret->derived);
}

int planner_derived(struct planner *p)
{
    struct engine_derived *derived =
        arena_alloc(&p->plan->arena, p->root->input_count, sizeof(*derived));
    size_t count = 0;
    int r = derived != NULL ? 0 : -ENOMEM;
    for (size_t i = 0; r == 0 && i < p->root->input_count; i++) {
        if (p->root->inputs[i].derive != DERIVE_NONE) {
            r = plan_one(p, &p->root->inputs[i], &derived[count++]);
        }
    }
    p->plan->engine.derived = derived;
    p->plan->engine.derived_count = count;
    return r;
}

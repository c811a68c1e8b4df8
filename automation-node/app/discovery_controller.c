/* Thermostats and PID controllers: a climate where it is about warmth, else a set point and a mode.
 */
#include "automation-node/app/discovery_builder.h"
#include "topics/discovery_class.h"
#include "topics/discovery_control.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PRESETS_MAX 32

/* What one controller is, on its way into entities. */
struct source {
    const char *name;
    const struct controller_discovery_config *wish; /* never NULL */
    const struct controller_presets *presets;
    struct discovery_unit unit;
    bool cools;
    const char *on; /* output of a thermostat that calls; NULL = a number */
    double min;
    double max;
    double step;
    char state[TOPIC_MAX_BYTES + 1];
    char set[TOPIC_MAX_BYTES + 1];
};

static struct discovery_unit unit_of(const struct node_plan *plan, const char *input)
{
    for (size_t i = 0; i < plan->config->input_count; i++) {
        if (strcmp(plan->config->inputs[i].name, input) == 0) {
            return discovery_unit(plan->scales[i].unit);
        }
    }
    return discovery_unit(NULL);
}

/* Where the configuration says nothing: what people set a heating to. */
static void find_limits(struct source *s)
{
    bool is_fahrenheit = s->unit.text != NULL && strcmp(s->unit.text, "°F") == 0;
    bool is_warmth = s->unit.device_class == DISCOVERY_CLASS_TEMPERATURE;
    double low = !is_warmth ? -1000000 : is_fahrenheit ? 41 : 5;
    double high = !is_warmth ? 1000000 : is_fahrenheit ? 95 : 35;
    double step = !is_warmth ? 0.1 : is_fahrenheit ? 1 : 0.5;
    s->min = s->wish->min != NULL ? *s->wish->min : low;
    s->max = s->wish->max != NULL ? *s->wish->max : high;
    s->step = s->wish->step != NULL ? *s->wish->step : step;
}

static bool find_topics(struct discovery_builder *b, struct source *s)
{
    if (discovery_builder_topic(b, TOPIC_CONTROLLER_STATE, s->name, s->state) < 0 ||
        discovery_builder_topic(b, TOPIC_CONTROLLER_SET, s->name, s->set) < 0) {
        b->left_out++;
        return false;
    }
    return true;
}

struct preset_texts {
    const char *names[PRESETS_MAX];
    struct discovery_preset presets[PRESETS_MAX];
    char template[DISCOVERY_CONTROL_SIZE];
};

/* "none" is Home Assistant's own word. */
static void add_presets(const struct source *s, struct preset_texts *t, struct discovery_entity *e)
{
    size_t count = 0;
    for (size_t i = 0; i < s->presets->count && count < PRESETS_MAX; i++) {
        const struct controller_preset *preset = &s->presets->presets[i];
        if (strcmp(preset->name, "none") != 0) {
            t->names[count] = preset->name;
            t->presets[count++] = (struct discovery_preset){preset->name, preset->setpoint};
        }
    }
    if (count == 0 ||
        discovery_controller_preset(t->presets, count, t->template, sizeof(t->template)) < 0) {
        return;
    }
    e->presets = (struct discovery_texts){t->names, count};
    e->preset_command_topic = s->set;
    e->preset_command_template = discovery_control_text(DISCOVERY_CONTROLLER_PRESET_SET);
    e->preset_state_topic = s->state;
    e->preset_template = t->template;
}

static int add_climate(struct discovery_builder *b, const struct source *s)
{
    const char *working = s->cools ? "cool" : "heat";
    const char *const modes[] = {"off", working};
    char mode_command[DISCOVERY_CONTROL_SIZE];
    char mode_state[DISCOVERY_CONTROL_SIZE];
    char action[DISCOVERY_CONTROL_SIZE];
    struct preset_texts *presets = calloc(1, sizeof(*presets));
    bool is_fahrenheit = strcmp(s->unit.text, "°F") == 0;
    struct discovery_entity entity = {
        .platform = DISCOVERY_CLIMATE,
        .icon = s->wish->icon,
        .modes = {modes, 2},
        .mode_command_topic = s->set,
        .mode_command_template = mode_command,
        .mode_state_topic = s->state,
        .mode_state_template = mode_state,
        .temperature_command_topic = s->set,
        .temperature_state_topic = s->state,
        .temperature_state_template = discovery_control_text(DISCOVERY_CONTROLLER_SETPOINT),
        .current_temperature_topic = s->state,
        .current_temperature_template = discovery_control_text(DISCOVERY_CONTROLLER_VALUE),
        .temperature_min = &s->min,
        .temperature_max = &s->max,
        .temperature_step = &s->step,
        .temperature_unit = is_fahrenheit ? "F" : "C",
    };
    if (presets == NULL ||
        discovery_controller_mode_command(working, mode_command, sizeof(mode_command)) < 0 ||
        discovery_controller_mode_state(working, mode_state, sizeof(mode_state)) < 0) {
        free(presets);
        b->left_out++;
        return 0;
    }
    if (s->on != NULL && discovery_controller_action(s->on, s->cools ? "cooling" : "heating",
                                                     action, sizeof(action)) == 0) {
        entity.action_topic = s->state;
        entity.action_template = action;
    }
    add_presets(s, presets, &entity);
    int r = discovery_builder_add(b, "main", &entity);
    free(presets);
    return r;
}

static int add_setpoint_and_mode(struct discovery_builder *b, const struct source *s)
{
    static const char *const modes[] = {"auto", "manual", "off"};
    struct discovery_entity setpoint = {
        .platform = DISCOVERY_NUMBER,
        .name = "Set point",
        .icon = s->wish->icon,
        .state_topic = s->state,
        .value_template = discovery_control_text(DISCOVERY_CONTROLLER_SETPOINT),
        .command_topic = s->set,
        .unit = s->unit.text,
        .min = &s->min,
        .max = &s->max,
        .step = &s->step,
        .mode = "box",
    };
    struct discovery_entity mode = {
        .platform = DISCOVERY_SELECT,
        .name = "Mode",
        .state_topic = s->state,
        .value_template = discovery_control_text(DISCOVERY_CONTROLLER_MODE),
        .command_topic = s->set,
        .command_template = discovery_control_text(DISCOVERY_CONTROLLER_MODE_SET),
        .options = {modes, s->on == NULL ? 3 : 2},
    };
    static const char *const two[] = {"auto", "off"};
    if (s->on != NULL) { /* a thermostat has no mode by hand */
        mode.options.texts = two;
    }
    int r = discovery_builder_add(b, "setpoint", &setpoint);
    return r == 0 ? discovery_builder_add(b, "mode", &mode) : r;
}

static int add_output(struct discovery_builder *b, const struct source *s)
{
    struct discovery_entity output = {
        .platform = DISCOVERY_SENSOR,
        .name = "Output",
        .category = DISCOVERY_DIAGNOSTIC,
        .state_topic = s->state,
        .value_template = discovery_control_text(DISCOVERY_CONTROLLER_OUTPUT),
        .state_class = s->on == NULL ? discovery_state_text(DISCOVERY_STATE_MEASUREMENT) : NULL,
    };
    return discovery_builder_add(b, "output", &output);
}

static int add(struct discovery_builder *b, struct source *s, const char *input, size_t index)
{
    s->unit = unit_of(b->plan, input);
    s->presets = &b->plan->presets[index];
    if (!s->wish->show ||
        !discovery_builder_begin(b, "controller", s->name, s->wish->name, s->wish->area) ||
        !find_topics(b, s)) {
        return 0;
    }
    find_limits(s);
    bool is_warmth =
        s->unit.device_class == DISCOVERY_CLASS_TEMPERATURE && strcmp(s->unit.text, "K") != 0;
    discovery_pages_begin(&b->pages, &b->device);
    int r = is_warmth ? add_climate(b, s) : add_setpoint_and_mode(b, s);
    r = r == 0 ? add_output(b, s) : r;
    return r == 0 ? discovery_builder_end(b) : r;
}

static const struct controller_discovery_config as_it_is = {.show = true};

int discovery_add_thermostat(struct discovery_builder *b, size_t thermostat)
{
    const struct thermostat_config *config = &b->plan->config->thermostats[thermostat];
    struct source s = {
        .name = config->name,
        .wish = config->home_assistant != NULL ? config->home_assistant : &as_it_is,
        .cools = config->mode == THERMOSTAT_KIND_COOL,
        .on = config->on,
    };
    return add(b, &s, config->input, thermostat);
}

int discovery_add_controller(struct discovery_builder *b, size_t controller)
{
    const struct controller_config *config = &b->plan->config->controllers[controller];
    struct source s = {
        .name = config->name,
        .wish = config->home_assistant != NULL ? config->home_assistant : &as_it_is,
        .cools = config->cools,
    };
    return add(b, &s, config->input, b->plan->config->thermostat_count + controller);
}

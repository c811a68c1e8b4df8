/* What closes a loop: a climate of Home Assistant where it is about warmth, else set points and a
 * mode. A climate of ours has two set points and says which way it works; the others have one. */
#include "automation-node/app/discovery_builder.h"
#include "topics/discovery_class.h"
#include "topics/discovery_control.h"

#include <errno.h>
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
    bool is_pid;  /* else it says what it does; mode by hand, and a number as output */
    bool is_band; /* a climate of the configuration */
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
            t->presets[count++] = (struct discovery_preset){
                .name = preset->name,
                .setpoint = preset->setpoint,
                .is_band = preset->is_band,
                .low = preset->low,
                .high = preset->high,
            };
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

static const char *const band_modes[] = {"off", "heat", "cool", "heat_cool"};

static void add_band(const struct source *s, struct discovery_entity *e)
{
    e->modes = (struct discovery_texts){band_modes, sizeof(band_modes) / sizeof(band_modes[0])};
    e->mode_command_template = discovery_control_text(DISCOVERY_CONTROLLER_MODE_SET);
    e->mode_state_template = discovery_control_text(DISCOVERY_CONTROLLER_MODE);
    e->temperature_low_command_topic = s->set;
    e->temperature_low_command_template = discovery_control_text(DISCOVERY_CONTROLLER_LOW_SET);
    e->temperature_low_state_topic = s->state;
    e->temperature_low_state_template = discovery_control_text(DISCOVERY_CONTROLLER_LOW);
    e->temperature_high_command_topic = s->set;
    e->temperature_high_command_template = discovery_control_text(DISCOVERY_CONTROLLER_HIGH_SET);
    e->temperature_high_state_topic = s->state;
    e->temperature_high_state_template = discovery_control_text(DISCOVERY_CONTROLLER_HIGH);
}

struct one_way_texts {
    const char *modes[2];
    char mode_command[DISCOVERY_CONTROL_SIZE];
    char mode_state[DISCOVERY_CONTROL_SIZE];
};

/* One set point; off, or what it does. */
static int add_one_way(const struct source *s, struct one_way_texts *t, struct discovery_entity *e)
{
    const char *working = s->cools ? "cool" : "heat";
    t->modes[0] = "off";
    t->modes[1] = working;
    e->modes = (struct discovery_texts){t->modes, 2};
    e->mode_command_template = t->mode_command;
    e->mode_state_template = t->mode_state;
    e->temperature_command_topic = s->set;
    e->temperature_state_topic = s->state;
    e->temperature_state_template = discovery_control_text(DISCOVERY_CONTROLLER_SETPOINT);
    int r = discovery_controller_mode_command(working, t->mode_command, sizeof(t->mode_command));
    return r == 0 ? discovery_controller_mode_state(working, t->mode_state, sizeof(t->mode_state))
                  : r;
}

static int add_climate(struct discovery_builder *b, const struct source *s)
{
    struct one_way_texts texts;
    struct preset_texts *presets = calloc(1, sizeof(*presets));
    bool is_fahrenheit = strcmp(s->unit.text, "°F") == 0;
    struct discovery_entity entity = {
        .platform = DISCOVERY_CLIMATE,
        .icon = s->wish->icon,
        .mode_command_topic = s->set,
        .mode_state_topic = s->state,
        .current_temperature_topic = s->state,
        .current_temperature_template = discovery_control_text(DISCOVERY_CONTROLLER_VALUE),
        .action_topic = s->is_pid ? NULL : s->state,
        .action_template = s->is_pid ? NULL : discovery_control_text(DISCOVERY_CONTROLLER_ACTION),
        .temperature_min = &s->min,
        .temperature_max = &s->max,
        .temperature_step = &s->step,
        .temperature_unit = is_fahrenheit ? "F" : "C",
    };
    if (presets == NULL) {
        return -ENOMEM;
    }
    if (s->is_band) {
        add_band(s, &entity);
    } else if (add_one_way(s, &texts, &entity) < 0) {
        free(presets);
        b->left_out++;
        return 0;
    }
    add_presets(s, presets, &entity);
    int r = discovery_builder_add(b, "main", &entity);
    free(presets);
    return r;
}

/* One of its set points. */
struct setpoint {
    const char *part;
    const char *name;
    enum discovery_control_text state;
    const char *command; /* template; NULL = the number alone */
};

static int add_setpoint(struct discovery_builder *b, const struct source *s,
                        const struct setpoint *setpoint)
{
    struct discovery_entity entity = {
        .platform = DISCOVERY_NUMBER,
        .name = setpoint->name,
        .icon = s->wish->icon,
        .state_topic = s->state,
        .value_template = discovery_control_text(setpoint->state),
        .command_topic = s->set,
        .command_template = setpoint->command,
        .unit = s->unit.text,
        .min = &s->min,
        .max = &s->max,
        .step = &s->step,
        .mode = "box",
    };
    return discovery_builder_add(b, setpoint->part, &entity);
}

static int add_setpoints(struct discovery_builder *b, const struct source *s)
{
    const struct setpoint one = {"setpoint", "Set point", DISCOVERY_CONTROLLER_SETPOINT, NULL};
    const struct setpoint low = {"setpoint_low", "Low set point", DISCOVERY_CONTROLLER_LOW,
                                 discovery_control_text(DISCOVERY_CONTROLLER_LOW_SET)};
    const struct setpoint high = {"setpoint_high", "High set point", DISCOVERY_CONTROLLER_HIGH,
                                  discovery_control_text(DISCOVERY_CONTROLLER_HIGH_SET)};
    int r = add_setpoint(b, s, s->is_band ? &low : &one);
    return r == 0 && s->is_band ? add_setpoint(b, s, &high) : r;
}

static struct discovery_texts modes_of(const struct source *s)
{
    static const char *const pid[] = {"auto", "manual", "off"};
    static const char *const thermostat[] = {"auto", "off"};
    if (s->is_band) {
        return (struct discovery_texts){band_modes, sizeof(band_modes) / sizeof(band_modes[0])};
    }
    return s->is_pid ? (struct discovery_texts){pid, 3} : (struct discovery_texts){thermostat, 2};
}

static int add_mode(struct discovery_builder *b, const struct source *s)
{
    struct discovery_entity mode = {
        .platform = DISCOVERY_SELECT,
        .name = "Mode",
        .state_topic = s->state,
        .value_template = discovery_control_text(DISCOVERY_CONTROLLER_MODE),
        .command_topic = s->set,
        .command_template = discovery_control_text(DISCOVERY_CONTROLLER_MODE_SET),
        .options = modes_of(s),
    };
    return discovery_builder_add(b, "mode", &mode);
}

static int add_output(struct discovery_builder *b, const struct source *s)
{
    struct discovery_entity output = {
        .platform = DISCOVERY_SENSOR,
        .name = "Output",
        .category = DISCOVERY_DIAGNOSTIC,
        .state_topic = s->state,
        .value_template = discovery_control_text(DISCOVERY_CONTROLLER_OUTPUT),
        .state_class = s->is_pid ? discovery_state_text(DISCOVERY_STATE_MEASUREMENT) : NULL,
    };
    return discovery_builder_add(b, "output", &output);
}

/* Of what has two outputs: which one it calls for. */
static int add_action(struct discovery_builder *b, const struct source *s)
{
    static const char *const actions[] = {"off", "idle", "heating", "cooling"};
    struct discovery_entity action = {
        .platform = DISCOVERY_SENSOR,
        .name = "Action",
        .device_class = discovery_class_text(DISCOVERY_CLASS_ENUM),
        .category = DISCOVERY_DIAGNOSTIC,
        .state_topic = s->state,
        .value_template = discovery_control_text(DISCOVERY_CONTROLLER_ACTION),
        .options = {actions, sizeof(actions) / sizeof(actions[0])},
    };
    return discovery_builder_add(b, "action", &action);
}

static int add_entities(struct discovery_builder *b, const struct source *s)
{
    bool is_warmth =
        s->unit.device_class == DISCOVERY_CLASS_TEMPERATURE && strcmp(s->unit.text, "K") != 0;
    int r = is_warmth ? add_climate(b, s) : add_setpoints(b, s);
    r = r == 0 && !is_warmth ? add_mode(b, s) : r;
    return r < 0 ? r : s->is_band ? add_action(b, s) : add_output(b, s);
}

/* `index`: as the engine counts controllers. */
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
    discovery_pages_begin(&b->pages, &b->device);
    int r = add_entities(b, s);
    return r == 0 ? discovery_builder_end(b) : r;
}

static const struct controller_discovery_config as_it_is = {.show = true};

static const struct controller_discovery_config *wish_of(
    const struct controller_discovery_config *wish)
{
    return wish != NULL ? wish : &as_it_is;
}

int discovery_add_thermostat(struct discovery_builder *b, size_t thermostat)
{
    const struct thermostat_config *config = &b->plan->config->thermostats[thermostat];
    struct source s = {
        .name = config->name,
        .wish = wish_of(config->home_assistant),
        .cools = config->mode == THERMOSTAT_KIND_COOL,
    };
    return add(b, &s, config->input, thermostat);
}

int discovery_add_controller(struct discovery_builder *b, size_t controller)
{
    const struct controller_config *config = &b->plan->config->controllers[controller];
    struct source s = {
        .name = config->name,
        .wish = wish_of(config->home_assistant),
        .cools = config->cools,
        .is_pid = true,
    };
    return add(b, &s, config->input, b->plan->config->thermostat_count + controller);
}

int discovery_add_climate(struct discovery_builder *b, size_t climate)
{
    const struct node_config *root = b->plan->config;
    const struct climate_config *config = &root->climates[climate];
    struct source s = {
        .name = config->name,
        .wish = wish_of(config->home_assistant),
        .is_band = true,
    };
    return add(b, &s, config->input, root->thermostat_count + root->controller_count + climate);
}

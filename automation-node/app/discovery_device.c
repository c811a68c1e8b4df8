/* A device of the node as an entity: by what it takes, or as the configuration says. */
#include "automation-node/app/discovery_builder.h"
#include "topics/discovery_class.h"
#include "topics/discovery_control.h"
#include "topics/discovery_template.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* What a number goes by where the configuration does not say: whole ones, unless there are few. */
#define FINE_RANGE 10
#define FINE_STEP  0.1

/* The words and numbers of one device, on their way into an entity. */
struct shape {
    const struct device_config *config;
    const struct device_discovery_config *wish; /* never NULL */
    const struct domain *domain;
    char state[TOPIC_MAX_BYTES + 1];
    char set[TOPIC_MAX_BYTES + 1];
    char template[DISCOVERY_CONTROL_SIZE];
    char on[VALUE_TEXT_SIZE]; /* the value that is not off; the highest number */
    char off[VALUE_TEXT_SIZE];
    char low[VALUE_TEXT_SIZE]; /* the lowest number */
    double speed_min;
    double step;
    const char *words[DOMAIN_LABELS_MAX];
    struct discovery_unit unit;
};

static void find_words(const struct node_plan *plan, size_t device, struct shape *s)
{
    const struct value off = plan->engine.devices[device].off;
    const struct value high = value_number(s->domain->max);
    const struct value low = value_number(s->domain->min);
    (void)value_format(&off, s->off, sizeof(s->off));
    (void)value_format(&low, s->low, sizeof(s->low));
    if (s->domain->numeric) {
        (void)value_format(&high, s->on, sizeof(s->on));
    }
    for (size_t i = 0; i < s->domain->label_count; i++) {
        const struct value *value = &s->domain->labels[i].value;
        s->words[i] = value->text;
        if (!s->domain->numeric && s->on[0] == '\0' && !value_equal(value, &off)) {
            (void)value_format(value, s->on, sizeof(s->on));
        }
    }
}

static void as_switch(struct shape *s, struct discovery_entity *e)
{
    e->platform = DISCOVERY_SWITCH;
    e->payload_on = s->on;
    e->payload_off = s->off;
}

static void as_number(struct shape *s, struct discovery_entity *e)
{
    e->platform = DISCOVERY_NUMBER;
    e->min = &s->domain->min;
    e->max = &s->domain->max;
    s->step = s->domain->max - s->domain->min <= FINE_RANGE ? FINE_STEP : 1;
    e->step = s->wish->step != NULL ? s->wish->step : &s->step;
    e->unit = s->unit.text;
}

static void as_select(struct shape *s, struct discovery_entity *e)
{
    e->platform = DISCOVERY_SELECT;
    e->options = (struct discovery_texts){s->words, s->domain->label_count};
}

static void as_button(struct shape *s, struct discovery_entity *e)
{
    e->platform = DISCOVERY_BUTTON;
    e->payload_press = s->on;
    e->state_topic = NULL;
    e->value_template = NULL;
}

static void as_binary_sensor(struct shape *s, struct discovery_entity *e)
{
    e->platform = DISCOVERY_BINARY_SENSOR;
    e->command_topic = NULL;
    e->payload_on = s->on;
    e->payload_off = s->off;
}

/* Of a light or a fan: what its state says is what would be sent for it. */
static void on_and_off(struct shape *s, struct discovery_entity *e, const char *on, const char *off)
{
    e->payload_on = on;
    e->payload_off = off;
    e->state_value_template = e->value_template;
    e->value_template = NULL;
    if (s->domain->numeric &&
        discovery_device_above(s->domain->min, on, off, s->template, sizeof(s->template)) == 0) {
        e->state_value_template = s->template;
    }
}

static void as_light(struct shape *s, struct discovery_entity *e)
{
    e->platform = DISCOVERY_LIGHT;
    if (!s->domain->numeric) {
        on_and_off(s, e, s->on, s->off);
        return;
    }
    on_and_off(s, e, "ON", s->low); /* it is switched on by its brightness */
    e->on_command_type = "brightness";
    e->brightness_command_topic = s->set;
    e->brightness_state_topic = s->state;
    e->brightness_template = discovery_control_text(DISCOVERY_DEVICE_VALUE);
    e->brightness_scale = &s->domain->max;
}

static void as_fan(struct shape *s, struct discovery_entity *e)
{
    e->platform = DISCOVERY_FAN;
    if (!s->domain->numeric) {
        on_and_off(s, e, s->on, s->off);
        return;
    }
    on_and_off(s, e, s->on, s->low);
    s->speed_min = s->domain->min + 1; /* the lowest is off */
    e->percentage_command_topic = s->set;
    e->percentage_state_topic = s->state;
    e->percentage_template = discovery_control_text(DISCOVERY_DEVICE_VALUE);
    e->speed_min = &s->speed_min;
    e->speed_max = &s->domain->max;
}

static void as_cover(struct shape *s, struct discovery_entity *e)
{
    e->platform = DISCOVERY_COVER;
    e->no_stop = true;
    e->payload_open = s->on;
    e->payload_close = s->domain->numeric ? s->low : s->off;
    e->value_template = NULL;
    if (s->domain->numeric) {
        e->state_topic = NULL;
        e->position_topic = s->state;
        e->position_template = discovery_control_text(DISCOVERY_DEVICE_VALUE);
        e->set_position_topic = s->set;
        e->position_open = &s->domain->max;
        e->position_closed = &s->domain->min;
    } else if (discovery_device_word(s->on, "open", "closed", s->template, sizeof(s->template)) ==
               0) {
        e->value_template = s->template;
    }
}

static void as_valve(struct shape *s, struct discovery_entity *e)
{
    e->platform = DISCOVERY_VALVE;
    if (s->domain->numeric) {
        e->reports_position = true;
        e->position_open = &s->domain->max;
        e->position_closed = &s->domain->min;
        return;
    }
    e->payload_open = s->on;
    e->payload_close = s->off;
    e->state_open = s->on;
    e->state_closed = s->off;
}

static enum discovery_shape shape_of(const struct shape *s)
{
    if (s->wish->shape != DISCOVERY_SHAPE_AUTO) {
        return s->wish->shape;
    }
    if (s->domain->numeric) {
        return DISCOVERY_SHAPE_NUMBER;
    }
    return s->domain->label_count == 2 ? DISCOVERY_SHAPE_SWITCH : DISCOVERY_SHAPE_SELECT;
}

static void shape(struct shape *s, struct discovery_entity *e)
{
    static void (*const shapes[])(struct shape *, struct discovery_entity *) = {
        [DISCOVERY_SHAPE_SWITCH] = as_switch,
        [DISCOVERY_SHAPE_NUMBER] = as_number,
        [DISCOVERY_SHAPE_SELECT] = as_select,
        [DISCOVERY_SHAPE_BUTTON] = as_button,
        [DISCOVERY_SHAPE_FAN] = as_fan,
        [DISCOVERY_SHAPE_COVER] = as_cover,
        [DISCOVERY_SHAPE_LIGHT] = as_light,
        [DISCOVERY_SHAPE_VALVE] = as_valve,
        [DISCOVERY_SHAPE_BINARY_SENSOR] = as_binary_sensor,
    };
    _Static_assert(sizeof(shapes) / sizeof(shapes[0]) == DISCOVERY_SHAPE_COUNT, "one for each");
    *e = (struct discovery_entity){
        .icon = s->wish->icon,
        .device_class = s->wish->device_class,
        .state_topic = s->state,
        .value_template = discovery_control_text(DISCOVERY_DEVICE_VALUE),
        .command_topic = s->set,
    };
    shapes[shape_of(s)](s, e);
}

static int add_text(struct discovery_builder *b, const char *part, const char *name,
                    const char *topic, const char *template)
{
    struct discovery_entity entity = {
        .platform = DISCOVERY_SENSOR,
        .name = name,
        .category = DISCOVERY_DIAGNOSTIC,
        .state_topic = topic,
        .value_template = template,
    };
    return discovery_builder_add(b, part, &entity);
}

/* Who decides, why, until when; and the way back from an override. */
static int add_override(struct discovery_builder *b, const struct shape *s)
{
    struct discovery_entity until = {
        .platform = DISCOVERY_SENSOR,
        .name = "Override until",
        .category = DISCOVERY_DIAGNOSTIC,
        .device_class = discovery_class_text(DISCOVERY_CLASS_TIMESTAMP),
        .state_topic = s->state,
        .value_template = discovery_control_text(DISCOVERY_DEVICE_UNTIL),
    };
    struct discovery_entity release = {
        .platform = DISCOVERY_BUTTON,
        .name = "Back to automatic",
        .category = DISCOVERY_CONFIG,
        .command_topic = s->set,
        .payload_press = discovery_control_text(DISCOVERY_DEVICE_RELEASE),
    };
    int r = add_text(b, "source", "Controlled by", s->state,
                     discovery_control_text(DISCOVERY_DEVICE_SOURCE));
    r = r == 0 ? add_text(b, "reason", "Reason", s->state,
                          discovery_control_text(DISCOVERY_DEVICE_REASON))
               : r;
    r = r == 0 ? discovery_builder_add(b, "until", &until) : r;
    return r == 0 ? discovery_builder_add(b, "release", &release) : r;
}

/* A device on a bus is there while its gateway and its bus are, too. */
static void add_availability(struct discovery_builder *b, const struct driver_options *driver)
{
    const struct node_config *config = b->plan->config;
    const struct topic status = {
        .kind = TOPIC_STATUS, .site = config->site, .node = driver->command.gateway};
    const struct topic bus = {.kind = TOPIC_BUS_STATE,
                              .site = config->site,
                              .node = driver->command.gateway,
                              .bus = driver->command.bus};
    struct discovery_availabilities *list = &b->device.availability;
    if (driver->kind != DRIVER_CAN || driver->command.gateway == NULL ||
        topic_format(config->broker.prefix, &status, b->gateway_topic, sizeof(b->gateway_topic)) <
            0 ||
        topic_format(config->broker.prefix, &bus, b->bus_topic, sizeof(b->bus_topic)) < 0) {
        return;
    }
    list->items[list->count++] = (struct discovery_availability){b->gateway_topic, NULL};
    list->items[list->count++] =
        (struct discovery_availability){b->bus_topic, discovery_template_bus_usable()};
}

static int add_alarms(struct discovery_builder *b, const char *device)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < b->plan->engine.alarm_count; i++) {
        const struct engine_alarm *alarm = &b->plan->engine.alarms[i];
        if (alarm->device != NULL && strcmp(alarm->device, device) == 0) {
            r = discovery_builder_alarm(b, alarm->id, NULL);
        }
    }
    return r;
}

int discovery_add_device(struct discovery_builder *b, size_t device)
{
    static const struct device_discovery_config as_it_is = {.show = true};
    const struct device_config *config = &b->plan->config->devices[device];
    struct shape s = {.config = config,
                      .wish = config->home_assistant != NULL ? config->home_assistant : &as_it_is,
                      .domain = &b->plan->engine.devices[device].device.domain};
    struct discovery_entity entity;
    if (!s.wish->show ||
        !discovery_builder_begin(b, "device", config->name, s.wish->name, s.wish->area)) {
        return 0;
    }
    int r = discovery_builder_topic(b, TOPIC_DEVICE_STATE, config->name, s.state);
    r = r == 0 ? discovery_builder_topic(b, TOPIC_DEVICE_SET, config->name, s.set) : r;
    if (r < 0) {
        b->left_out++;
        return 0;
    }
    add_availability(b, &b->plan->drivers[device]);
    s.unit = discovery_unit(s.wish->unit);
    find_words(b->plan, device, &s);
    shape(&s, &entity);
    discovery_pages_begin(&b->pages, &b->device);
    r = discovery_builder_add(b, "main", &entity);
    r = r == 0 ? add_override(b, &s) : r;
    r = r == 0 ? add_alarms(b, config->name) : r;
    return r == 0 ? discovery_builder_end(b) : r;
}

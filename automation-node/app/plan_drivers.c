/* What each driver is told about its device, and where the device shows what it does. */
#include "automation-node/app/plan_sources.h"
#include "topics/foreign.h"
#include "topics/limits.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define FEEDBACK_STALE_US                                                  \
    (60 * 1000000LL) /* of a gateway's signals, which come again and again \
                      */

static const struct foreign_device *preset_of(const struct device_config *config)
{
    static const enum foreign_kind kinds[] = {
        [DEVICE_PRESET_TASMOTA] = FOREIGN_TASMOTA,
        [DEVICE_PRESET_ZIGBEE2MQTT] = FOREIGN_ZIGBEE2MQTT,
        [DEVICE_PRESET_ESPHOME] = FOREIGN_ESPHOME,
        [DEVICE_PRESET_HOMIE] = FOREIGN_HOMIE,
    };
    bool has_one = config->driver == DEVICE_DRIVER_MQTT && config->preset != DEVICE_PRESET_NONE;
    return has_one ? foreign_device(kinds[config->preset]) : NULL;
}

/* ---- keys that belong to another driver ---- */

struct key_use {
    const char *name;
    const void *field;
    bool is_given;
    enum device_driver_kind driver;
};

static const char *driver_word(enum device_driver_kind kind)
{
    static const char *const words[] = {
        [DEVICE_DRIVER_CAN] = "can",
        [DEVICE_DRIVER_MQTT] = "mqtt",
        [DEVICE_DRIVER_GPIO] = "gpio",
        [DEVICE_DRIVER_SIMULATED] = "simulated",
    };
    _Static_assert(sizeof(words) / sizeof(words[0]) == DEVICE_DRIVER_COUNT, "a word for each");
    return words[kind];
}

static void check_keys(struct planner *p, const struct device_config *config)
{
    const struct key_use keys[] = {
        {"gateway", &config->gateway, config->gateway != NULL, DEVICE_DRIVER_CAN},
        {"command", &config->command, config->command != NULL, DEVICE_DRIVER_CAN},
        {"feedback", &config->feedback, config->feedback != NULL, DEVICE_DRIVER_CAN},
        {"preset", &config->preset, config->preset != DEVICE_PRESET_NONE, DEVICE_DRIVER_MQTT},
        {"topic", &config->topic, config->topic != NULL, DEVICE_DRIVER_MQTT},
        {"field", &config->field, config->field != NULL, DEVICE_DRIVER_MQTT},
        {"command_topic", &config->command_topic, config->command_topic != NULL,
         DEVICE_DRIVER_MQTT},
        {"payload", &config->payload, config->payload != NULL, DEVICE_DRIVER_MQTT},
        {"state_topic", &config->state_topic, config->state_topic != NULL, DEVICE_DRIVER_MQTT},
        {"state_field", &config->state_field, config->state_field != NULL, DEVICE_DRIVER_MQTT},
        {"availability", &config->availability, config->availability != NULL, DEVICE_DRIVER_MQTT},
        {"line", &config->line, config->line != NULL, DEVICE_DRIVER_GPIO},
    };
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (keys[i].is_given && keys[i].driver != config->driver) {
            config_report(p->config, keys[i].field, p->d, SEVERITY_ERROR,
                          "'%s' is a key of driver %s, but the driver of device '%s' is %s",
                          keys[i].name, driver_word(keys[i].driver), config->name,
                          driver_word(config->driver));
        }
    }
}

static void complain(struct planner *p, const struct device_config *config, const char *what)
{
    config_report(p->config, config, p->d, SEVERITY_ERROR, "device '%s' %s", config->name, what);
}

/* ---- topics of presets ---- */

/* A pattern of the preset with this device's words; NULL with a complaint, or with -ENOMEM. */
static const char *preset_topic(struct planner *p, const struct device_config *config,
                                const char *pattern, int *ret_result)
{
    const struct foreign_device *preset = preset_of(config);
    const char *field = config->field != NULL ? config->field : preset->field;
    char text[TOPIC_MAX_BYTES + 1];
    if (foreign_topic_format(pattern, config->topic, field, text, sizeof(text)) < 0) {
        config_report(p->config, &config->topic, p->d, SEVERITY_ERROR,
                      "'%s' is no topic of a %s device - write it such as %s", config->topic,
                      preset->name, preset->example);
        return NULL;
    }
    const char *topic = arena_copy(&p->plan->arena, text, strlen(text));
    *ret_result = topic != NULL ? *ret_result : -ENOMEM;
    return topic;
}

static int plan_preset(struct planner *p, const struct device_config *config,
                       struct driver_mqtt_options *mqtt)
{
    const struct foreign_device *preset = preset_of(config);
    int r = 0;
    if (config->command_topic != NULL || config->state_topic != NULL || config->payload != NULL ||
        config->state_field != NULL) {
        complain(p, config,
                 "has a preset, which knows command_topic, payload, state_topic and state_field");
    }
    if (config->topic == NULL) {
        complain(p, config, "needs 'topic', as its preset calls the device");
        return 0;
    }
    if (config->field != NULL && preset->field == NULL) {
        config_report(p->config, &config->field, p->d, SEVERITY_ERROR,
                      "a %s device has no fields: its topic says it all", preset->name);
    }
    mqtt->topic = preset_topic(p, config, preset->command.pattern, &r);
    if (preset->command.is_json) {
        mqtt->field = config->field != NULL ? config->field : preset->field;
    }
    return r;
}

static int plan_preset_feedback(struct planner *p, const struct device_config *config, size_t input)
{
    const struct foreign_device *preset = preset_of(config);
    const char *field = config->field != NULL ? config->field : preset->field;
    int r = 0;
    for (size_t i = 0; r == 0 && i < FOREIGN_STATES_MAX; i++) {
        const struct foreign_topic *state = &preset->states[i];
        if (state->pattern == NULL) {
            continue;
        }
        struct topic_source source = {.input = input, .field = state->is_json ? field : NULL};
        source.topic = preset_topic(p, config, state->pattern, &r);
        r = source.topic != NULL ? planner_add_source(p, &source) : r;
    }
    if (r == 0 && config->availability == NULL) {
        struct topic_source source = {
            .input = input, .field = preset->availability_field, .online = preset->online};
        source.topic = preset_topic(p, config, preset->availability, &r);
        r = source.topic != NULL ? planner_add_source(p, &source) : r;
    }
    return r;
}

/* ---- each driver ---- */

static int plan_can(struct planner *p, const struct device_config *config,
                    struct driver_options *driver)
{
    driver->kind = DRIVER_CAN;
    if (config->gateway == NULL || config->command == NULL) {
        complain(p, config,
                 "needs 'gateway' and 'command' (driver can) - or another driver: mqtt, gpio, "
                 "simulated");
        return 0;
    }
    return planner_path(p, &config->command, config->gateway, &driver->command);
}

static int plan_mqtt(struct planner *p, const struct device_config *config,
                     struct driver_options *driver)
{
    driver->kind = DRIVER_MQTT;
    if (preset_of(config) != NULL) {
        return plan_preset(p, config, &driver->mqtt);
    }
    driver->mqtt =
        (struct driver_mqtt_options){.topic = config->command_topic, .template = config->payload};
    if (config->topic != NULL || config->field != NULL) {
        complain(p, config, "has no preset: 'topic' and 'field' mean nothing without one");
    }
    if (config->command_topic == NULL) {
        complain(p, config,
                 "needs 'preset' (tasmota, zigbee2mqtt, esphome, homie) and 'topic', or "
                 "'command_topic'");
        return 0;
    }
    planner_topic(p, &config->command_topic);
    if (config->payload != NULL && strstr(config->payload, DRIVER_TEMPLATE_VALUE) == NULL) {
        config_report(p->config, &config->payload, p->d, SEVERITY_ERROR,
                      "the payload has no " DRIVER_TEMPLATE_VALUE
                      " in it, so that the value would never be sent");
    }
    return 0;
}

/* A line can be taken once. */
static void check_line(struct planner *p, const struct device_config *config)
{
    for (const struct device_config *other = p->root->devices; other < config; other++) {
        if (other->driver == DEVICE_DRIVER_GPIO && other->line != NULL && config->line != NULL &&
            *other->line == *config->line && strcmp(other->chip, config->chip) == 0) {
            config_report(p->config, config->line, p->d, SEVERITY_ERROR,
                          "device '%s' has line %lld of chip '%s' already", other->name,
                          (long long)*config->line, config->chip);
        }
    }
}

static int plan_gpio(struct planner *p, const struct device_config *config,
                     struct driver_options *driver)
{
    driver->kind = DRIVER_GPIO;
    driver->gpio = (struct driver_gpio_options){
        .chip = config->chip,
        .line = config->line != NULL ? (unsigned)*config->line : 0,
        .active_low = config->active_low,
    };
    if (config->line == NULL) {
        complain(p, config, "needs 'line', the offset of the line on its chip (see gpioinfo)");
    }
    check_line(p, config);
    if (config->range != NULL) {
        complain(p, config, "is a line of a GPIO chip: it takes values, not a range");
    }
    return 0;
}

static int plan_simulated(struct planner *p, const struct device_config *config,
                          struct driver_options *driver)
{
    (void)p;
    driver->kind = DRIVER_SIMULATED;
    driver->delay_us = config->delay_us;
    return 0;
}

int planner_driver(struct planner *p, const struct device_config *config,
                   struct driver_options *ret)
{
    static int (*const plans[])(struct planner *, const struct device_config *,
                                struct driver_options *) = {
        [DEVICE_DRIVER_CAN] = plan_can,
        [DEVICE_DRIVER_MQTT] = plan_mqtt,
        [DEVICE_DRIVER_GPIO] = plan_gpio,
        [DEVICE_DRIVER_SIMULATED] = plan_simulated,
    };
    _Static_assert(sizeof(plans) / sizeof(plans[0]) == DEVICE_DRIVER_COUNT, "each is planned");
    check_keys(p, config);
    *ret = (struct driver_options){.device = (size_t)(config - p->root->devices),
                                   .name = config->name,
                                   .prefix = p->root->broker.prefix,
                                   .site = p->root->site};
    int r = plans[config->driver](p, config, ret);
    const char *missing = driver_missing(ret->kind);
    if (missing != NULL) {
        config_report(p->config, &config->driver, p->d, SEVERITY_ERROR, "%s", missing);
    }
    return r;
}

const struct config_named_string *planner_values(const struct device_config *config,
                                                 size_t *ret_count)
{
    static const struct config_named_string plain[] = {{"ON", "ON"}, {"OFF", "OFF"}};
    static const struct config_named_string truths[] = {{"ON", "true"}, {"OFF", "false"}};
    static const struct config_named_string levels[] = {{"ON", "1"}, {"OFF", "0"}};
    *ret_count = config->value_count;
    if (config->value_count > 0 || config->range != NULL || config->driver == DEVICE_DRIVER_CAN) {
        return config->values;
    }
    *ret_count = 2;
    if (config->driver == DEVICE_DRIVER_GPIO) {
        return levels;
    }
    return config->preset == DEVICE_PRESET_HOMIE ? truths : plain;
}

/* ---- feedback ---- */

static bool has_feedback(const struct device_config *config)
{
    switch (config->driver) {
    case DEVICE_DRIVER_CAN:
        return config->feedback != NULL && config->gateway != NULL;
    case DEVICE_DRIVER_MQTT:
        return config->state_topic != NULL || (preset_of(config) != NULL && config->topic != NULL);
    case DEVICE_DRIVER_SIMULATED:
        return true;
    case DEVICE_DRIVER_GPIO:
    case DEVICE_DRIVER_COUNT:
        break;
    }
    return false;
}

static int plan_mqtt_feedback(struct planner *p, const struct device_config *config, size_t input)
{
    int r = 0;
    if (preset_of(config) != NULL) {
        r = plan_preset_feedback(p, config, input);
    } else {
        planner_topic(p, &config->state_topic);
        planner_field(p, &config->state_field);
        r = planner_add_source(p, &(struct topic_source){.input = input,
                                                         .topic = config->state_topic,
                                                         .field = config->state_field});
    }
    return r == 0 && config->availability != NULL
               ? planner_availability(p, input, config->availability)
               : r;
}

static int plan_feedback_source(struct planner *p, const struct device_config *config, size_t input)
{
    if (config->driver == DEVICE_DRIVER_MQTT) {
        return plan_mqtt_feedback(p, config, input);
    }
    if (config->driver == DEVICE_DRIVER_CAN) {
        return planner_path(p, &config->feedback, config->gateway, &p->plan->sources[input]);
    }
    return 0;
}

static int64_t feedback_stale_us(const struct device_config *config)
{
    if (config->feedback_stale_after_us != NULL) {
        return *config->feedback_stale_after_us;
    }
    return config->driver == DEVICE_DRIVER_CAN ? FEEDBACK_STALE_US : 0;
}

/* An input of its own, "<device>.feedback": no configured id has a point. */
int planner_feedback(struct planner *p, const struct device_config *config,
                     struct engine_device *device)
{
    if (!has_feedback(config)) {
        if (config->availability != NULL) {
            complain(p, config, "has 'availability' but nothing that shows its state");
        }
        return 0;
    }
    char id[NAME_SIZE];
    int length = snprintf(id, sizeof(id), "%s.feedback", config->name);
    if (length < 0 || (size_t)length >= sizeof(id)) {
        config_report(p->config, config, p->d, SEVERITY_ERROR, "the name '%s' is too long",
                      config->name);
        return 0;
    }
    size_t index = p->plan->engine.input_count++;
    device->feedback = arena_copy(&p->plan->arena, id, (size_t)length);
    ((struct input_options *)p->plan->engine.inputs)[index] =
        (struct input_options){device->feedback, NULL, feedback_stale_us(config)};
    p->plan->feedbacks[config - p->root->devices] = index;
    int r = plan_feedback_source(p, config, index);
    return r == 0 && device->feedback == NULL ? -ENOMEM : r;
}

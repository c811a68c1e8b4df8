/* Alarms: those that rules raise, and one for each device. */
#include "automation-node/app/plan_alarms.h"

#include "automation-node/app/plan_steps.h"
#include "automation-node/engine/engine_alarm.h"
#include "common/clock.h"
#include "topics/topic.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEVICE_PREFIX    "device-"
#define DEVICE_PRIORITY  2 /* something is on that shall be off, or the other way round */
#define DEFAULT_PRIORITY 3
#define SHELVE_MAX_US    (24 * 3600 * US_PER_S)

/* `place`: where the configuration names it first. */
static int add(struct planner *p, const struct engine_alarm *alarm, const void *place)
{
    struct node_plan *plan = p->plan;
    size_t count = plan->engine.alarm_count;
    const void **places = reallocarray(plan->alarm_places, count + 1, sizeof(*places));
    plan->alarm_places = places != NULL ? places : plan->alarm_places;
    struct engine_alarm *grown = reallocarray(plan->alarms, count + 1, sizeof(*grown));
    plan->alarms = grown != NULL ? grown : plan->alarms;
    if (places == NULL || grown == NULL) {
        return -ENOMEM;
    }
    grown[count] = *alarm;
    places[count] = place;
    plan->engine.alarms = grown;
    plan->engine.alarm_count = count + 1;
    return 0;
}

/* As a topic has to have it, and not as the device's own. */
static void check_name(struct planner *p, const char *const *name)
{
    const struct topic topic = {
        .kind = TOPIC_ALARM, .site = p->root->site, .node = p->root->node, .id = *name};
    char text[TOPIC_MAX_BYTES + 1];
    if (strncmp(*name, DEVICE_PREFIX, strlen(DEVICE_PREFIX)) == 0) {
        config_report(p->config, name, p->d, SEVERITY_ERROR,
                      "an alarm cannot begin with '" DEVICE_PREFIX "': those are raised by devices "
                      "that do not obey");
    } else if (topic_format(p->root->broker.prefix, &topic, text, sizeof(text)) < 0) {
        config_report(p->config, name, p->d, SEVERITY_ERROR, "an alarm cannot be called '%s'",
                      *name);
    }
}

static int plan_configured(struct planner *p, const struct alarm_config *config)
{
    static const enum alarm_ack acks[] = {
        [ALARM_ACK_KIND_REQUIRED] = ALARM_ACK_REQUIRED,
        [ALARM_ACK_KIND_ON_RETURN] = ALARM_ACK_ON_RETURN,
        [ALARM_ACK_KIND_NONE] = ALARM_ACK_NONE,
    };
    check_name(p, &config->name);
    return add(p,
               &(struct engine_alarm){.id = config->name,
                                      .alarm = {.ack = acks[config->ack],
                                                .latches = config->latch,
                                                .shelve_max_us = config->shelve_max_us},
                                      .priority = DEFAULT_PRIORITY},
               config);
}

static int plan_device(struct planner *p, const struct device_config *config)
{
    char id[TOPIC_ID_MAX_BYTES + 1];
    int length = snprintf(id, sizeof(id), DEVICE_PREFIX "%s", config->name);
    const char *copy = arena_copy(&p->plan->arena, id, (size_t)length);
    return copy == NULL ? -ENOMEM
                        : add(p,
                              &(struct engine_alarm){.id = copy,
                                                     .alarm = {.shelve_max_us = SHELVE_MAX_US},
                                                     .priority = DEVICE_PRIORITY,
                                                     .device = config->name},
                              config);
}

int planner_alarms(struct planner *p)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < p->root->alarm_count; i++) {
        r = plan_configured(p, &p->root->alarms[i]);
    }
    for (size_t i = 0; r == 0 && i < p->root->device_count; i++) {
        r = plan_device(p, &p->root->devices[i]);
    }
    return r;
}

/* The alarm with that name; one that is new has the defaults. */
static int find(struct planner *p, const char *const *name, size_t *ret)
{
    const struct engine_options *engine = &p->plan->engine;
    for (size_t i = 0; i < engine->alarm_count; i++) {
        if (strcmp(engine->alarms[i].id, *name) == 0) {
            *ret = i;
            return 0;
        }
    }
    check_name(p, name);
    *ret = engine->alarm_count;
    return add(p,
               &(struct engine_alarm){.id = *name,
                                      .alarm = {.shelve_max_us = SHELVE_MAX_US},
                                      .priority = DEFAULT_PRIORITY},
               name);
}

int planner_alarm_step(struct planner *p, const struct alarm_action_config *config,
                       struct step *ret)
{
    if ((config->raise != NULL) == (config->clear != NULL)) {
        config_report(p->config, config, p->d, SEVERITY_ERROR,
                      "an alarm needs exactly one of 'raise' and 'clear'");
        return 0;
    }
    if (config->clear != NULL && (config->text != NULL || config->priority != NULL)) {
        config_report(p->config, config, p->d, SEVERITY_ERROR,
                      "'text' and 'priority' go with 'raise'");
    }
    *ret = (struct step){.kind = config->raise != NULL ? STEP_RAISE : STEP_CLEAR,
                         .priority =
                             config->priority != NULL ? (int)*config->priority : DEFAULT_PRIORITY,
                         .text = config->text};
    int r = find(p, config->raise != NULL ? &config->raise : &config->clear, &ret->alarm);
    if (r == 0 && p->plan->engine.alarms[ret->alarm].device != NULL) {
        config_report(p->config, config, p->d, SEVERITY_ERROR,
                      "the alarm of a device is raised by the device alone");
    }
    return r;
}

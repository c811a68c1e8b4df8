#include "automation-node/app/discovery.h"

#include "automation-node/app/discovery_builder.h"
#include "topics/discovery_alarm.h"
#include "topics/discovery_control.h"
#include "topics/discovery_diagnostics.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int discovery_builder_topic(const struct discovery_builder *b, enum topic_kind kind, const char *id,
                            char *text)
{
    const struct node_config *config = b->plan->config;
    const struct topic topic = {.kind = kind, .site = config->site, .node = config->node, .id = id};
    return topic_format(config->broker.prefix, &topic, text, TOPIC_MAX_BYTES + 1);
}

bool discovery_builder_begin(struct discovery_builder *b, const char *kind, const char *name,
                             const char *title, const char *area)
{
    const struct node_config *config = b->plan->config;
    const char *const ids[] = {config->site, config->node, kind, kind != NULL ? name : NULL, NULL};
    b->kind = kind;
    b->name = name;
    if (discovery_id(ids, b->device_id, sizeof(b->device_id)) < 0) {
        b->left_out++;
        return false;
    }
    if (title != NULL) {
        (void)snprintf(b->device_name, sizeof(b->device_name), "%s", title);
    } else {
        discovery_name(name, b->device_name, sizeof(b->device_name));
    }
    b->device = (struct discovery_device){
        .id = b->device_id,
        .name = b->device_name,
        .area = area != NULL ? area : config->home_assistant.area,
        .via = kind != NULL ? b->node_id : NULL,
        .model = kind != NULL ? NULL : "automation-node",
        .software = kind != NULL ? NULL : EDGE_VERSION,
        .origin = "automation-node",
        .version = EDGE_VERSION,
        .availability = {.items = {{b->status_topic, NULL}}, .count = 1},
    };
    return true;
}

int discovery_builder_end(struct discovery_builder *b)
{
    return discovery_pages_end(&b->pages);
}

int discovery_builder_add(struct discovery_builder *b, const char *part,
                          struct discovery_entity *entity)
{
    const struct node_config *config = b->plan->config;
    char unique_id[DISCOVERY_ID_MAX_BYTES + 1];
    char key[DISCOVERY_ID_MAX_BYTES + 1];
    const char *const of_device[] = {config->site, config->node, b->kind, b->name, part, NULL};
    const char *const of_node[] = {config->site, config->node, part, NULL};
    int r = discovery_id(b->kind != NULL ? of_device : of_node, unique_id, sizeof(unique_id));
    r = r == 0 ? discovery_id((const char *const[]){part, NULL}, key, sizeof(key)) : r;
    if (r == 0) {
        entity->unique_id = unique_id;
        entity->key = key;
        r = discovery_pages_entity(&b->pages, entity);
    }
    if (r == -EMSGSIZE || r == -ENAMETOOLONG || r == -EINVAL) {
        b->left_out++;
        return 0;
    }
    return r;
}

int discovery_builder_alarm(struct discovery_builder *b, const char *alarm, const char *title)
{
    char state_topic[TOPIC_MAX_BYTES + 1];
    char event_topic[TOPIC_MAX_BYTES + 1];
    char part[DISCOVERY_ID_MAX_BYTES + 1];
    char event_part[DISCOVERY_ID_MAX_BYTES + 1];
    const char *const parts[] = {"alarm", title != NULL ? alarm : NULL, NULL};
    const char *const event_parts[] = {"alarm_event", title != NULL ? alarm : NULL, NULL};
    const struct discovery_alarm_options options = {alarm, title, state_topic, event_topic};
    struct discovery_alarm entities;
    int r = discovery_builder_topic(b, TOPIC_ALARM, alarm, state_topic);
    r = r == 0 ? discovery_builder_topic(b, TOPIC_ALARM_EVENT, NULL, event_topic) : r;
    r = r == 0 ? discovery_id(parts, part, sizeof(part)) : r;
    r = r == 0 ? discovery_id(event_parts, event_part, sizeof(event_part)) : r;
    r = r == 0 ? discovery_alarm(&options, &entities) : r;
    if (r < 0) {
        b->left_out++;
        return 0;
    }
    r = discovery_builder_add(b, part, &entities.state);
    return r == 0 ? discovery_builder_add(b, event_part, &entities.event) : r;
}

/* A rule or a schedule: what can be switched off, and run. */
struct task {
    const char *name;
    const char *word; /* "Rule" */
    enum topic_kind state;
    enum topic_kind set;
    bool can_run;
};

static int add_run(struct discovery_builder *b, const struct task *task, const char *set,
                   const char *part)
{
    char title[DISCOVERY_NAME_SIZE];
    char name[DISCOVERY_NAME_SIZE + 16];
    char run_part[DISCOVERY_ID_MAX_BYTES + 1];
    if (!task->can_run ||
        discovery_id((const char *const[]){part, "run", NULL}, run_part, sizeof(run_part)) < 0) {
        return 0;
    }
    discovery_name(task->name, title, sizeof(title));
    (void)snprintf(name, sizeof(name), "Run %s", title);
    struct discovery_entity button = {
        .platform = DISCOVERY_BUTTON,
        .name = name,
        .category = DISCOVERY_CONFIG,
        .command_topic = set,
        .payload_press = discovery_control_text(DISCOVERY_RULE_RUN),
    };
    return discovery_builder_add(b, run_part, &button);
}

static int add_task(struct discovery_builder *b, const struct task *task)
{
    char state[TOPIC_MAX_BYTES + 1];
    char set[TOPIC_MAX_BYTES + 1];
    char part[DISCOVERY_ID_MAX_BYTES + 1];
    char title[DISCOVERY_NAME_SIZE];
    char name[DISCOVERY_NAME_SIZE + 16];
    int r = discovery_builder_topic(b, task->state, task->name, state);
    r = r == 0 ? discovery_builder_topic(b, task->set, task->name, set) : r;
    r = r == 0
            ? discovery_id((const char *const[]){task->word, task->name, NULL}, part, sizeof(part))
            : r;
    if (r < 0) {
        b->left_out++;
        return 0;
    }
    discovery_name(task->name, title, sizeof(title));
    (void)snprintf(name, sizeof(name), "%s: %s", task->word, title);
    struct discovery_entity entity = {
        .platform = DISCOVERY_SWITCH,
        .name = name,
        .category = DISCOVERY_CONFIG,
        .state_topic = state,
        .value_template = discovery_control_text(DISCOVERY_RULE_ENABLED),
        .command_topic = set,
        .payload_on = discovery_control_text(DISCOVERY_RULE_ENABLE),
        .payload_off = discovery_control_text(DISCOVERY_RULE_DISABLE),
        .state_on = "ON",
        .state_off = "OFF",
    };
    r = discovery_builder_add(b, part, &entity);
    return r == 0 ? add_run(b, task, set, part) : r;
}

static int add_tasks(struct discovery_builder *b)
{
    const struct node_config *config = b->plan->config;
    int r = 0;
    for (size_t i = 0; r == 0 && i < config->rule_count; i++) {
        const struct rule_config *rule = &config->rules[i];
        r = add_task(b, &(struct task){rule->name, "Rule", TOPIC_RULE_STATE, TOPIC_RULE_SET,
                                       rule->do_count > 0});
    }
    for (size_t i = 0; r == 0 && i < config->schedule_count; i++) {
        r = add_task(b, &(struct task){config->schedules[i].name, "Schedule", TOPIC_SCHEDULE_STATE,
                                       TOPIC_SCHEDULE_SET, false});
    }
    return r;
}

/* So that the node is a device in any case: the others are reached by it. */
static int add_diagnostics(struct discovery_builder *b)
{
    char topic[TOPIC_MAX_BYTES + 1];
    int r = discovery_builder_topic(b, TOPIC_METRICS, NULL, topic);
    if (r < 0) {
        b->left_out++;
        return 0;
    }
    for (size_t i = 0; r == 0 && i < discovery_diagnostic_count(); i++) {
        struct discovery_diagnostic diagnostic;
        if (discovery_diagnostic_source(i) == DISCOVERY_FROM_ANY_METRICS &&
            discovery_diagnostic(i, &diagnostic) == 0) {
            diagnostic.entity.state_topic = topic;
            r = discovery_builder_add(b, diagnostic.id, &diagnostic.entity);
        }
    }
    return r;
}

static int add_node(struct discovery_builder *b)
{
    const struct node_config *config = b->plan->config;
    const char *own = config->home_assistant.name;
    if (!discovery_builder_begin(b, NULL, config->node, own != NULL ? own : config->node, NULL)) {
        return 0;
    }
    discovery_pages_begin(&b->pages, &b->device);
    int r = add_diagnostics(b);
    r = r == 0 ? add_tasks(b) : r;
    for (size_t i = 0; r == 0 && i < b->plan->engine.alarm_count; i++) {
        const struct engine_alarm *alarm = &b->plan->engine.alarms[i];
        char title[DISCOVERY_NAME_SIZE];
        discovery_name(alarm->id, title, sizeof(title));
        if (alarm->device == NULL) { /* else it belongs to that */
            r = discovery_builder_alarm(b, alarm->id, title);
        }
    }
    return r == 0 ? discovery_builder_end(b) : r;
}

static int add_all(struct discovery_builder *b)
{
    const struct node_config *config = b->plan->config;
    int r = add_node(b);
    for (size_t i = 0; r == 0 && i < config->device_count; i++) {
        r = discovery_add_device(b, i);
    }
    for (size_t i = 0; r == 0 && i < config->thermostat_count; i++) {
        r = discovery_add_thermostat(b, i);
    }
    for (size_t i = 0; r == 0 && i < config->controller_count; i++) {
        r = discovery_add_controller(b, i);
    }
    for (size_t i = 0; r == 0 && i < config->climate_count; i++) {
        r = discovery_add_climate(b, i);
    }
    return r;
}

int discovery_build(const struct node_plan *plan, discovery_page_fn page, void *context,
                    size_t *ret_left_out)
{
    const struct node_config *config = plan->config;
    const char *const ids[] = {config->site, config->node, NULL};
    struct discovery_builder *b = calloc(1, sizeof(*b));
    if (b == NULL) {
        return -ENOMEM;
    }
    b->plan = plan;
    discovery_pages_init(&b->pages, config->home_assistant.prefix, config->node, page, context);
    int r = discovery_id(ids, b->node_id, sizeof(b->node_id));
    r = r == 0 ? discovery_builder_topic(b, TOPIC_STATUS, NULL, b->status_topic) : r;
    r = r == 0 ? add_all(b) : r;
    if (r == 0) {
        *ret_left_out = b->left_out;
    }
    free(b);
    return r;
}

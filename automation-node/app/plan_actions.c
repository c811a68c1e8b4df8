/* Actions of rules as flat steps: choices and loops become jumps. */
#include "automation-node/app/plan_alarms.h"
#include "automation-node/app/plan_sources.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct builder {
    struct planner *p;
    struct step *steps;
    size_t count;
    size_t capacity;
    size_t counters;
    size_t branches;
    int result; /* 0 or -ENOMEM */
};

static size_t add(struct builder *b, const struct step *step)
{
    if (b->count == b->capacity && b->result == 0) {
        size_t capacity = b->capacity > 0 ? b->capacity * 2 : 16;
        struct step *grown = reallocarray(b->steps, capacity, sizeof(*grown));
        b->result = grown != NULL ? 0 : -ENOMEM;
        b->steps = grown != NULL ? grown : b->steps;
        b->capacity = grown != NULL ? capacity : b->capacity;
    }
    if (b->result < 0) {
        return 0;
    }
    b->steps[b->count] = *step;
    return b->count++;
}

/* The step jumps to whatever comes next. */
static void land(struct builder *b, size_t step)
{
    if (b->result == 0) {
        b->steps[step].target = b->count;
    }
}

static const struct expression *condition(struct builder *b, const char *const *text)
{
    return planner_condition(b->p, text, *text, &b->result);
}

static void complain(struct builder *b, const void *field, const char *what)
{
    config_report(b->p->config, field, b->p->d, SEVERITY_ERROR, "%s", what);
}

static void add_list(struct builder *b, const struct action_config *actions, size_t count);

/* ---- the verbs ---- */

static void add_value(struct builder *b, const char *const *device, const char *const *value,
                      int64_t for_us)
{
    size_t index = planner_find_device(b->p, device);
    struct step step = {.kind = STEP_SET,
                        .device = index != PLANNER_NONE ? index : 0,
                        .value = planner_wanted(b->p, value, index),
                        .span_us = for_us};
    (void)add(b, &step);
}

static void add_set(struct builder *b, const struct action_config *action)
{
    if (action->value == NULL) {
        complain(b, &action->set, "'set' needs 'value'");
        return;
    }
    add_value(b, &action->set, &action->value, action->for_us);
}

static void add_release(struct builder *b, const struct action_config *action)
{
    size_t index = planner_find_device(b->p, &action->release);
    (void)add(b, &(struct step){.kind = STEP_RELEASE, .device = index != PLANNER_NONE ? index : 0});
}

static void add_delay(struct builder *b, const struct action_config *action)
{
    (void)add(b, &(struct step){.kind = STEP_DELAY, .span_us = *action->delay_us});
}

static void add_wait(struct builder *b, const struct action_config *action)
{
    struct step step = {.kind = STEP_WAIT,
                        .condition = condition(b, &action->wait),
                        .span_us = action->timeout_us,
                        .stops = action->on_timeout == WAIT_END_STOP};
    (void)add(b, &step);
}

static void add_choice(struct builder *b, const struct action_config *action)
{
    if (action->then_count == 0) {
        complain(b, &action->if_, "'if' needs 'then'");
    }
    size_t choice =
        add(b, &(struct step){.kind = STEP_JUMP_UNLESS, .condition = condition(b, &action->if_)});
    add_list(b, action->then_, action->then_count);
    if (action->else_count == 0) {
        land(b, choice);
        return;
    }
    size_t end = add(b, &(struct step){.kind = STEP_JUMP});
    land(b, choice);
    add_list(b, action->else_, action->else_count);
    land(b, end);
}

static void need_body(struct builder *b, const struct action_config *action)
{
    if (action->do_count == 0) {
        complain(b, action, "a repetition needs 'do'");
    }
}

static void add_repeat(struct builder *b, const struct action_config *action)
{
    need_body(b, action);
    if (b->counters == SCRIPT_COUNTERS_MAX) {
        complain(b, action->repeat, "too many repetitions with a count in one rule");
        return;
    }
    size_t start = add(b, &(struct step){.kind = STEP_REPEAT,
                                         .count = (size_t)*action->repeat,
                                         .counter = b->counters++});
    add_list(b, action->do_, action->do_count);
    (void)add(b, &(struct step){.kind = STEP_JUMP, .target = start});
    land(b, start);
}

static void add_while(struct builder *b, const struct action_config *action)
{
    need_body(b, action);
    size_t start = add(
        b, &(struct step){.kind = STEP_JUMP_UNLESS, .condition = condition(b, &action->while_)});
    add_list(b, action->do_, action->do_count);
    (void)add(b, &(struct step){.kind = STEP_JUMP, .target = start});
    land(b, start);
}

static void add_until(struct builder *b, const struct action_config *action)
{
    need_body(b, action);
    size_t start = b->count;
    add_list(b, action->do_, action->do_count);
    (void)add(b, &(struct step){.kind = STEP_JUMP_UNLESS,
                                .condition = condition(b, &action->until),
                                .target = start});
}

/* A fork for each branch, a join, then what the branches do. */
static void add_parallel(struct builder *b, const struct action_config *action)
{
    size_t count = action->parallel_count;
    if (count < 2) {
        complain(b, action->parallel, "'parallel' needs two branches or more");
        return;
    }
    if (count > SCRIPT_BRANCHES_MAX - b->branches) {
        config_report(b->p->config, action->parallel, b->p->d, SEVERITY_ERROR,
                      "too many branches in one rule: %d at most, those in branches included",
                      SCRIPT_BRANCHES_MAX);
        return;
    }
    size_t fork = b->count;
    for (size_t i = 0; i < count; i++) {
        (void)add(b, &(struct step){.kind = STEP_FORK, .branch = ++b->branches});
    }
    size_t join = add(b, &(struct step){.kind = STEP_JOIN});
    for (size_t i = 0; i < count; i++) {
        land(b, fork + i);
        add_list(b, action->parallel[i].do_, action->parallel[i].do_count);
        (void)add(b, &(struct step){.kind = STEP_END});
    }
    land(b, join);
}

static void add_alarm(struct builder *b, const struct action_config *action)
{
    struct step step = {.kind = STEP_JUMP, .target = b->count + 1}; /* with a complaint: nothing */
    int r = planner_alarm_step(b->p, action->alarm, &step);
    b->result = r < 0 ? r : b->result;
    (void)add(b, &step);
}

static void add_publish(struct builder *b, const struct action_config *action)
{
    struct node_plan *plan = b->p->plan;
    size_t message = plan->engine.message_count;
    const struct action_config **grown = reallocarray(plan->messages, message + 1, sizeof(*grown));
    if (grown == NULL) {
        b->result = -ENOMEM;
        return;
    }
    planner_topic(b->p, &action->publish);
    plan->messages = grown;
    plan->messages[message] = action;
    plan->engine.message_count++;
    (void)add(b, &(struct step){.kind = STEP_PUBLISH, .message = message});
}

static void add_scene(struct builder *b, const struct action_config *action)
{
    const struct node_config *root = b->p->root;
    for (size_t i = 0; i < root->scene_count; i++) {
        const struct scene_config *scene = &root->scenes[i];
        if (strcmp(scene->name, action->scene) != 0) {
            continue;
        }
        for (size_t j = 0; j < scene->set_count; j++) {
            add_value(b, &scene->set[j].name, &scene->set[j].value, 0);
        }
        return;
    }
    config_report(b->p->config, &action->scene, b->p->d, SEVERITY_ERROR, "no scene '%s'",
                  action->scene);
}

/* ---- ramps ---- */

#define RAMP_STEPS_MAX 60
#define RAMP_STEP_US   (1000000LL) /* at least, from one value to the next */

/* An end of a ramp, if the device takes it. */
static bool ramp_end(struct builder *b, const double *number, size_t device)
{
    const struct value value = value_number(*number);
    const struct device_options *options = &b->p->plan->engine.devices[device].device;
    bool taken = domain_check(&options->domain, &value) == REFUSAL_NONE;
    if (!taken) {
        config_report(b->p->config, number, b->p->d, SEVERITY_ERROR,
                      "device '%s' does not take the number %g", options->id, *number);
    }
    return taken;
}

/* Many small steps, so that a ramp goes on after a restart as any other run does. */
static void add_ramp(struct builder *b, const struct action_config *action)
{
    size_t device = planner_find_device(b->p, &action->ramp);
    if (action->from == NULL || action->to == NULL || action->over_us == NULL) {
        complain(b, &action->ramp, "'ramp' needs 'from', 'to' and 'over'");
        return;
    }
    if (device == PLANNER_NONE || !ramp_end(b, action->from, device) ||
        !ramp_end(b, action->to, device)) {
        return;
    }
    int64_t most = *action->over_us / RAMP_STEP_US;
    int64_t count = most < RAMP_STEPS_MAX ? most : RAMP_STEPS_MAX;
    for (int64_t i = 0; i <= count; i++) {
        double number = *action->from + (*action->to - *action->from) * (double)i / (double)count;
        (void)add(b, &(struct step){.kind = STEP_SET,
                                    .device = device,
                                    .value = value_number(round(number * 1000) / 1000)});
        if (i < count) {
            (void)add(b, &(struct step){.kind = STEP_DELAY, .span_us = *action->over_us / count});
        }
    }
}

/* ---- one action ---- */

/* Which verbs an action has, and which other keys go with them. */
struct verb {
    bool given;
    void (*add)(struct builder *b, const struct action_config *action);
    unsigned companions;
};

enum companion {
    COMPANION_VALUE = 1 << 0, /* value, for */
    COMPANION_TIMEOUT = 1 << 1,
    COMPANION_BRANCH = 1 << 2, /* then, else */
    COMPANION_BODY = 1 << 3,
    COMPANION_PAYLOAD = 1 << 4,
    COMPANION_RAMP = 1 << 5 /* from, to, over */
};

static unsigned companions_of(const struct action_config *action)
{
    unsigned given = 0;
    given |= action->value != NULL || action->for_us > 0 ? COMPANION_VALUE : 0;
    given |= action->timeout_us > 0 ? COMPANION_TIMEOUT : 0;
    given |= action->then_count > 0 || action->else_count > 0 ? COMPANION_BRANCH : 0;
    given |= action->do_count > 0 ? COMPANION_BODY : 0;
    given |= action->payload != NULL ? COMPANION_PAYLOAD : 0;
    given |=
        action->from != NULL || action->to != NULL || action->over_us != NULL ? COMPANION_RAMP : 0;
    return given;
}

static void add_action(struct builder *b, const struct action_config *action)
{
    const struct verb verbs[] = {
        {action->set != NULL, add_set, COMPANION_VALUE},
        {action->release != NULL, add_release, 0},
        {action->delay_us != NULL, add_delay, 0},
        {action->wait != NULL, add_wait, COMPANION_TIMEOUT},
        {action->if_ != NULL, add_choice, COMPANION_BRANCH},
        {action->repeat != NULL, add_repeat, COMPANION_BODY},
        {action->while_ != NULL, add_while, COMPANION_BODY},
        {action->until != NULL, add_until, COMPANION_BODY},
        {action->parallel_count > 0, add_parallel, 0},
        {action->alarm != NULL, add_alarm, 0},
        {action->publish != NULL, add_publish, COMPANION_PAYLOAD},
        {action->scene != NULL, add_scene, 0},
        {action->ramp != NULL, add_ramp, COMPANION_RAMP},
    };
    const struct verb *chosen = NULL;
    size_t count = 0;
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        count += verbs[i].given ? 1 : 0;
        chosen = verbs[i].given ? &verbs[i] : chosen;
    }
    if (chosen == NULL || count > 1) {
        complain(b, action,
                 "an action is exactly one of set, release, delay, wait, if, repeat, while, until, "
                 "parallel, alarm, publish, scene and ramp");
        return;
    }
    if ((companions_of(action) & ~chosen->companions) != 0) {
        complain(b, action, "a key of this action belongs to another one");
    }
    chosen->add(b, action);
}

static void add_list(struct builder *b, const struct action_config *actions, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        add_action(b, &actions[i]);
    }
}

int planner_script(struct planner *p, const struct rule_config *config, struct script *ret)
{
    struct builder b = {.p = p};
    add_list(&b, config->do_, config->do_count);
    struct step *steps = arena_alloc(&p->plan->arena, b.count, sizeof(*steps));
    int r = steps != NULL ? b.result : -ENOMEM;
    if (r == 0 && b.count > 0) {
        memcpy(steps, b.steps, b.count * sizeof(*steps));
    }
    free(b.steps);
    *ret = (struct script){steps, b.count};
    return r;
}

/* Who depends on which input. */
#include "automation-node/engine/engine_calls.h"

#include <errno.h>
#include <stdlib.h>

/* Grows; the first error stays. */
struct edge_list {
    struct dependency_edge *edges;
    size_t count;
    size_t capacity;
    size_t input_count;
    int error;
};

static void add(struct edge_list *list, size_t input, enum dependant_kind kind, size_t index)
{
    if (list->error == 0 && input >= list->input_count) {
        list->error = -ENOENT;
    }
    if (list->error < 0) {
        return;
    }
    if (list->count == list->capacity) {
        size_t capacity = list->capacity > 0 ? list->capacity * 2 : 64;
        struct dependency_edge *grown = reallocarray(list->edges, capacity, sizeof(*grown));
        if (grown == NULL) {
            list->error = -ENOMEM;
            return;
        }
        list->edges = grown;
        list->capacity = capacity;
    }
    list->edges[list->count++] = (struct dependency_edge){input, {kind, index}};
}

/* What the condition reads, each input once among the edges from `first` on. */
static void add_condition(struct edge_list *list, size_t first, const struct expression *condition,
                          enum dependant_kind kind, size_t index)
{
    size_t count = 0;
    const size_t *inputs = condition != NULL ? expression_inputs(condition, &count) : NULL;
    for (size_t i = 0; i < count; i++) {
        size_t at = first;
        while (at < list->count && list->edges[at].input != inputs[i]) {
            at++;
        }
        if (at == list->count) {
            add(list, inputs[i], kind, index);
        }
    }
}

static void add_event(struct edge_list *list, const struct event_rule_options *event, size_t index)
{
    size_t first = list->count;
    for (size_t i = 0; i < event->trigger_count; i++) {
        add_condition(list, first, event->triggers[i], DEPENDANT_EVENT, index);
    }
    add_condition(list, first, event->condition, DEPENDANT_EVENT, index);
    for (size_t i = 0; i < event->script.count; i++) {
        const struct step *step = &event->script.steps[i];
        if (step->kind == STEP_WAIT) {
            add_condition(list, first, step->condition, DEPENDANT_EVENT, index);
        }
    }
}

static void add_devices(struct edge_list *list, const struct engine *engine,
                        const struct engine_options *options)
{
    for (size_t i = 0; i < engine->unit_count; i++) {
        const struct device_unit *unit = &engine->units[i];
        for (size_t j = 0; j < unit->required_count; j++) {
            add(list, unit->required[j], DEPENDANT_REQUIRED, i);
        }
        if (options->devices[i].feedback == NULL) {
            continue;
        }
        size_t input;
        if (input_table_find(engine->inputs, options->devices[i].feedback, &input) == 0) {
            add(list, input, DEPENDANT_FEEDBACK, i);
        } else {
            list->error = list->error < 0 ? list->error : -ENOENT;
        }
    }
}

/* The dependants of an input are told in the order of their edges. */
static void add_derived(struct edge_list *list, const struct engine_options *options)
{
    for (size_t i = 0; i < options->derived_count; i++) {
        const struct engine_derived *derived = &options->derived[i];
        for (size_t j = 0; j < derived->derived.source_count; j++) {
            add(list, derived->derived.sources[j], DEPENDANT_DERIVED, derived->input);
        }
    }
}

int engine_link_inputs(struct engine *engine, const struct engine_options *options)
{
    struct edge_list list = {.input_count = input_table_count(engine->inputs)};
    add_derived(&list, options);
    add_devices(&list, engine, options);
    for (size_t i = 0; i < engine->controller_count; i++) {
        add(&list, engine->controllers[i].input, DEPENDANT_CONTROLLER, i);
    }
    for (size_t i = 0; i < engine->rule_count; i++) {
        add_condition(&list, list.count, engine->rules[i].condition, DEPENDANT_RULE, i);
    }
    for (size_t i = 0; i < engine->event_count; i++) {
        add_event(&list, &options->events[i], i);
    }
    int r = list.error;
    if (r == 0) {
        r = dependency_new(list.edges, list.count, list.input_count, &engine->dependency);
    }
    free(list.edges);
    return r;
}

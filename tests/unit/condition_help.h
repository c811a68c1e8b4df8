/* Conditions over the inputs of an engine, for tests. They live until free_conditions(), which is
 * the teardown of a group. */
#ifndef EDGE_TESTS_UNIT_CONDITION_HELP_H
#define EDGE_TESTS_UNIT_CONDITION_HELP_H

#include "automation-node/expression/expression.h"
#include "tests/unit/engine_help.h"

#define CONDITIONS_MAX 1024

struct condition_inputs {
    const struct input_options *inputs;
    size_t count;
};

static struct expression *conditions_made[CONDITIONS_MAX];
static size_t conditions_count;

static inline bool condition_find(void *context, const char *name, struct expression_symbol *ret)
{
    const struct condition_inputs *names = context;
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->inputs[i].id, name) == 0) {
            *ret = (struct expression_symbol){.input = i, .unit = names->inputs[i].unit};
            return true;
        }
    }
    return false;
}

static inline void condition_suggest(void *context, struct suggest *suggest)
{
    (void)context;
    (void)suggest;
}

static inline const struct expression *condition_on(const struct input_options *inputs,
                                                    size_t count, const char *text)
{
    struct condition_inputs names = {inputs, count};
    const struct expression_scope scope = {condition_find, condition_suggest, &names, true};
    struct expression *expression = NULL;
    struct expression_fault fault = {0};
    if (expression_compile(text, &scope, &expression, &fault) != 0) {
        fail_msg("%s: %zu: %s", text, fault.offset, fault.text);
    }
    assert_true(conditions_count < CONDITIONS_MAX);
    conditions_made[conditions_count++] = expression;
    return expression;
}

static inline int free_conditions(void **state)
{
    (void)state;
    while (conditions_count > 0) {
        expression_free(conditions_made[--conditions_count]);
    }
    return 0;
}

#endif

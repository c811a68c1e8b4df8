/* The engine allocates nothing after engine_new(): a reading, a tick and a wish must not wait for
 * memory, nor fail for want of it. */
#include "automation-node/engine/engine.h"

#include "tests/unit/condition_help.h"

#include <stdlib.h>

#define RULES  200
#define INPUTS 50

static size_t the_allocations; /* the wrapped functions have no other context */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

void *__wrap_malloc(size_t size)
{
    the_allocations++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    the_allocations++;
    return __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    the_allocations++;
    return __real_realloc(memory, size);
}

static struct input_options the_inputs[INPUTS];
static char the_names[INPUTS][16];
static struct engine_rule the_rules[RULES];
static char the_ids[RULES][16];

static struct engine *make(void)
{
    static struct engine_device device;
    for (size_t i = 0; i < INPUTS; i++) {
        (void)snprintf(the_names[i], sizeof(the_names[i]), "input%zu", i);
        the_inputs[i] = (struct input_options){the_names[i], "°C", 60 * SECOND};
    }
    for (size_t i = 0; i < RULES; i++) {
        char condition[96];
        (void)snprintf(the_ids[i], sizeof(the_ids[i]), "rule%zu", i);
        (void)snprintf(condition, sizeof(condition), "input%zu > %zu hysteresis 1 for 2s",
                       i % INPUTS, 20 + i / INPUTS);
        the_rules[i] =
            (struct engine_rule){.rule = {.id = the_ids[i],
                                          .condition = condition_on(the_inputs, INPUTS, condition),
                                          .when_true = label("ON"),
                                          .enabled = true},
                                 .device = "fan"};
    }
    device = (struct engine_device){
        .device = {.id = "fan", .domain = on_off(), .confirm_us = 5 * SECOND, .attempts = 2},
        .off = label("OFF"),
        .rest = label("OFF"),
        .manual_for_us = SECOND};
    const struct engine_options options = {.inputs = the_inputs,
                                           .input_count = INPUTS,
                                           .rules = the_rules,
                                           .rule_count = RULES,
                                           .devices = &device,
                                           .device_count = 1};
    struct engine *engine = NULL;
    assert_int_equal(engine_new(&options, 0, &engine), 0);
    return engine;
}

static size_t take_all(struct engine *engine)
{
    struct engine_output output;
    size_t commands = 0;
    while (engine_take(engine, &output)) {
        commands += output.kind == ENGINE_COMMAND ? 1 : 0;
    }
    return commands;
}

static void readings_wishes_and_time_allocate_nothing(void **state)
{
    (void)state;
    struct engine *engine = make();
    size_t commands = take_all(engine);
    assert_true(the_allocations > 0); /* they are seen */
    the_allocations = 0;
    for (int64_t i = 1; i < 2000; i++) {
        int64_t now_us = i * SECOND / 4;
        struct reading reading = good(value_number(10 + (double)(i / 50 % 20)), (uint64_t)i);
        engine_input(engine, (size_t)i % INPUTS, &reading, now_us);
        engine_tick(engine, now_us);
        if (i % 100 == 0) {
            const struct wish wish = {.value = label(i % 200 == 0 ? "ON" : "OFF")};
            assert_int_equal(engine_wish(engine, 0, &wish, now_us), REFUSAL_NONE);
        }
        commands += take_all(engine);
    }
    size_t allocations = the_allocations; /* the assertions may allocate */
    assert_true(commands > 10);
    assert_int_equal(allocations, 0);
    engine_free(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(readings_wishes_and_time_allocate_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, free_conditions);
}

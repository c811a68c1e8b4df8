/* What a reading costs an engine with 10,000 rules over 1,000 inputs, when three of them look at
 * it: see bench/rules. */
#include "automation-node/engine/engine.h"
#include "automation-node/engine/engine_inspect.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define INPUTS   1000
#define RULES    10000
#define DEVICES  1000
#define READ     500 /* of the inputs: three rules each; the other rules watch the rest */
#define READINGS 1000000

static char ids[RULES][16];
static char input_ids[INPUTS][16];
static char device_ids[DEVICES][16];
static struct input_options inputs[INPUTS];
static struct engine_rule rules[RULES];
static struct engine_device devices[DEVICES];

static bool find(void *context, const char *name, struct expression_symbol *ret)
{
    (void)context;
    *ret = (struct expression_symbol){.input = strtoul(name + 1, NULL, 10), .unit = "°C"};
    return true;
}

static void suggest(void *context, struct suggest *suggest)
{
    (void)context;
    (void)suggest;
}

static struct value label(const char *text, size_t length)
{
    struct value value;
    if (value_text(text, length, &value) < 0) {
        abort();
    }
    return value;
}

static const struct expression *condition(size_t input, size_t limit)
{
    const struct expression_scope scope = {find, suggest, NULL, false};
    struct expression_fault fault;
    struct expression *expression;
    char text[96];
    (void)snprintf(text, sizeof(text), "i%zu > %zu °C hysteresis 1 °C and i%zu < 90 °C for 2s",
                   input, limit, input);
    if (expression_compile(text, &scope, &expression, &fault) < 0) {
        (void)fprintf(stderr, "%s: %s\n", text, fault.text);
        abort();
    }
    return expression;
}

static struct engine *make(void)
{
    struct value on = label("ON", 2);
    struct value off = label("OFF", 3);
    for (size_t i = 0; i < INPUTS; i++) {
        (void)snprintf(input_ids[i], sizeof(input_ids[i]), "i%zu", i);
        inputs[i] = (struct input_options){input_ids[i], "°C", 60000000};
    }
    for (size_t i = 0; i < DEVICES; i++) {
        (void)snprintf(device_ids[i], sizeof(device_ids[i]), "d%zu", i);
        devices[i] = (struct engine_device){
            .device = {.id = device_ids[i],
                       .domain = {.labels = {{.value = on}, {.value = off}}, .label_count = 2},
                       .confirm_us = 1000000,
                       .attempts = 1},
            .off = off};
    }
    for (size_t i = 0; i < RULES; i++) {
        size_t input = i < 3 * READ ? i % READ : READ + i % (INPUTS - READ);
        (void)snprintf(ids[i], sizeof(ids[i]), "r%zu", i);
        rules[i] = (struct engine_rule){.rule = {.id = ids[i],
                                                 .condition = condition(input, 20 + i % 5),
                                                 .when_true = on,
                                                 .when_false = off,
                                                 .enabled = true},
                                        .device = device_ids[i % DEVICES]};
    }
    const struct engine_options options = {.inputs = inputs,
                                           .input_count = INPUTS,
                                           .rules = rules,
                                           .rule_count = RULES,
                                           .devices = devices,
                                           .device_count = DEVICES};
    struct engine *engine;
    if (engine_new(&options, 0, &engine) < 0) {
        abort();
    }
    return engine;
}

static size_t take_all(struct engine *engine)
{
    struct engine_output output;
    size_t count = 0;
    while (engine_take(engine, &output)) {
        count++;
    }
    return count;
}

static double seconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(void)
{
    struct engine *engine = make();
    size_t outputs = take_all(engine);
    size_t before_bytes = mallinfo2().uordblks;
    uint64_t before = engine_stats(engine).evaluations;
    double start = seconds();
    for (size_t i = 0; i < READINGS; i++) {
        int64_t now_us = (int64_t)i * 500;
        const struct reading reading = {
            .value = value_number(10 + (double)(i * 7 % 30) + (double)(i / 1000 % 3) * 0.1),
            .quality = QUALITY_GOOD,
            .seq = i};
        engine_input(engine, i % READ, &reading, now_us);
        outputs += take_all(engine);
        if (now_us >= engine_next_deadline(engine)) {
            engine_tick(engine, now_us);
            outputs += take_all(engine);
        }
    }
    double took = seconds() - start;
    (void)printf("%.2f us per reading, %.2f evaluations each, %zu outputs, %zu bytes allocated\n",
                 took / READINGS * 1e6,
                 (double)(engine_stats(engine).evaluations - before) / READINGS, outputs,
                 mallinfo2().uordblks - before_bytes);
    engine_free(engine);
    return 0;
}

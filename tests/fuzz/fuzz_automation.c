/*
 * Any bytes as an automation.yaml: what is accepted can be built and run, and what is refused is
 * refused with a reason that has its place.
 */
#include "automation-node/app/node_config.h"
#include "automation-node/app/node_plan.h"
#include "automation-node/app/plan_check.h"
#include "automation-node/engine/engine.h"
#include "tests/fuzz/fuzz.h"

#include <errno.h>

#define SECOND_US INT64_C(1000000)
#define WALL_US   INT64_C(1795423160000000)

static void carry_out(struct engine *engine, const struct node_plan *plan)
{
    struct engine_output output;
    while (engine_take(engine, &output)) {
        if (output.kind == ENGINE_COMMAND) {
            const struct domain *domain = &plan->engine.devices[output.device].device.domain;
            require(domain_check(domain, &output.command.value) == REFUSAL_NONE);
        }
    }
}

static void run(const struct node_plan *plan)
{
    struct engine *engine;
    int64_t now_us = 0;
    require(engine_new(&plan->engine, now_us, &engine) == 0);
    carry_out(engine, plan);
    engine_set_clock(engine, WALL_US, now_us);
    for (size_t i = 0; i < plan->engine.input_count; i++) {
        const struct reading reading = {.value = value_number((double)i * 10),
                                        .quality = QUALITY_GOOD};
        engine_input(engine, i, &reading, now_us);
        carry_out(engine, plan);
        now_us += SECOND_US;
        engine_tick(engine, now_us);
        carry_out(engine, plan);
    }
    engine_free(engine);
}

static void check_reasons(const struct diagnostics *d)
{
    for (size_t i = 0; i < diagnostics_kept(d); i++) {
        const struct diagnostic *entry = diagnostics_at(d, i);
        require(entry->message[0] != '\0');
        require(strpbrk(entry->message, "\r\n") == NULL);
        require(entry->line > 0 || entry->column == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config_text text = {"fuzz.yaml", (const char *)data, size};
    struct config *config = NULL;
    struct node_plan *plan = NULL;
    struct diagnostics *d = diagnostics_new(0);
    require(d != NULL);
    int r = config_load_text(&text, &node_config_schema, d, &config);
    if (r == 0) {
        r = node_plan_new(config, d, &plan);
        require((r == 0) == (plan != NULL));
    }
    require(r == 0 || r == -EINVAL || r == -ENOMEM);
    require((r == 0) == (diagnostics_count(d, SEVERITY_ERROR) == 0));
    check_reasons(d);
    if (r == 0) {
        run(plan);
    }
    diagnostics_free(d);
    node_plan_free(plan);
    config_free(config);
    return 0;
}

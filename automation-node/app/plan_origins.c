/* Where things come from and how they are reached, as hashes: what the engine is not told, but what
 * makes a thing another one after a reload. */
#include "automation-node/app/plan_steps.h"
#include "automation-node/state/digest.h"

#include <errno.h>

static void digest_path(uint64_t *d, const struct signal_path *path)
{
    digest_text(d, path->gateway);
    if (path->gateway != NULL) {
        digest_text(d, path->bus);
        digest_text(d, path->message);
        digest_text(d, path->signal);
    }
}

static uint64_t input_origin(const struct node_plan *plan, size_t input)
{
    uint64_t d = DIGEST_EMPTY;
    digest_path(&d, &plan->sources[input]);
    for (size_t i = 0; i < plan->topic_count; i++) {
        const struct topic_source *topic = &plan->topics[i];
        if (topic->input == input) {
            digest_text(&d, topic->topic);
            digest_text(&d, topic->field);
            digest_text(&d, topic->online);
        }
    }
    return d;
}

static uint64_t device_origin(const struct driver_options *driver)
{
    uint64_t d = DIGEST_EMPTY;
    digest_u64(&d, (uint64_t)driver->kind);
    digest_path(&d, &driver->command);
    digest_text(&d, driver->mqtt.topic);
    digest_text(&d, driver->mqtt.field);
    digest_text(&d, driver->mqtt.template);
    digest_text(&d, driver->gpio.chip);
    digest_u64(&d, driver->gpio.line);
    digest_u64(&d, driver->gpio.active_low);
    for (size_t i = 0; i < driver->value_count; i++) {
        digest_text(&d, driver->values[i].wire);
    }
    return d;
}

static uint64_t message_origin(const struct action_config *message)
{
    uint64_t d = DIGEST_EMPTY;
    digest_text(&d, message->publish);
    digest_text(&d, message->payload);
    digest_i64(&d, message->qos);
    digest_u64(&d, message->retain);
    return d;
}

int planner_origins(struct planner *p)
{
    struct node_plan *plan = p->plan;
    struct engine_options *engine = &plan->engine;
    uint64_t *inputs = arena_alloc(&plan->arena, engine->input_count, sizeof(*inputs));
    uint64_t *devices = arena_alloc(&plan->arena, engine->device_count, sizeof(*devices));
    uint64_t *messages = arena_alloc(&plan->arena, engine->message_count, sizeof(*messages));
    if (inputs == NULL || devices == NULL || messages == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < engine->input_count; i++) {
        inputs[i] = input_origin(plan, i);
    }
    for (size_t i = 0; i < engine->device_count; i++) {
        devices[i] = device_origin(&plan->drivers[i]);
    }
    for (size_t i = 0; i < engine->message_count; i++) {
        messages[i] = message_origin(plan->messages[i]);
    }
    engine->origins = (struct engine_origins){inputs, devices, messages};
    return 0;
}

#include "edge-gateway/app/log_buses.h"

#include <errno.h>
#include <stdlib.h>

/* A reading that is stale says nothing any more. The array is one piece with the buses. */
static int64_t *put_holds(const struct bus_plan *plan, int64_t *holds_us)
{
    for (size_t i = 0; i < plan->message_count; i++) {
        *holds_us++ = plan->messages[i].stale_after_us;
    }
    return holds_us;
}

int log_buses_new(const struct gateway_plan *plan, struct store_bus **ret)
{
    size_t count = plan->config->bus_count;
    size_t messages = 0;
    for (size_t i = 0; i < count; i++) {
        messages += plan->buses[i].message_count;
    }
    struct store_bus *buses = calloc(1, count * sizeof(*buses) + (messages + 1) * sizeof(int64_t));
    if (buses == NULL) {
        return -ENOMEM;
    }
    int64_t *holds_us = (int64_t *)(buses + count);
    for (size_t i = 0; i < count; i++) {
        buses[i] = (struct store_bus){.name = plan->config->buses[i].name,
                                      .database = plan->buses[i].database,
                                      .priorities = plan->buses[i].priorities,
                                      .hold_us = holds_us};
        holds_us = put_holds(&plan->buses[i], holds_us);
    }
    *ret = buses;
    return 0;
}

void log_buses_free(struct store_bus *buses)
{
    free(buses);
}

#include "edge-gateway/app/alarm_plan.h"
#include "edge-gateway/app/plan.h"
#include "edge-gateway/dbc/dbc_equal.h"

#include <stdint.h>
#include <string.h>

static bool is_same_source(const struct gateway_plan *plan, const struct alarm_source *source,
                           const struct gateway_plan *from, const struct alarm_source *other)
{
    return source->message->can_id == other->message->can_id &&
           source->message->extended == other->message->extended &&
           strcmp(plan->config->buses[source->bus].name, from->config->buses[other->bus].name) ==
               0 &&
           strcmp(source->message->name, other->message->name) == 0 &&
           dbc_signals_equal(source->signal, other->signal);
}

/* They mostly come in the same order. */
void alarm_plan_places(const struct gateway_plan *plan, const struct gateway_plan *from,
                       size_t *places)
{
    const struct alarm_plan *a = &plan->alarms;
    const struct alarm_plan *b = &from->alarms;
    size_t next = 0;
    for (size_t i = 0; i < a->source_count; i++) {
        places[i] = SIZE_MAX;
        for (size_t n = 0; n < b->source_count && places[i] == SIZE_MAX; n++) {
            size_t k = (next + n) % b->source_count;
            if (is_same_source(plan, &a->sources[i], from, &b->sources[k])) {
                places[i] = k;
                next = k + 1;
            }
        }
    }
}

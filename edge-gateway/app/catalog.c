#include "edge-gateway/app/catalog.h"

#include "edge-gateway/publish/catalog_encoder.h"

#include <stdbool.h>

static bool is_settable(const struct bus_plan *bus, const struct dbc_message *message)
{
    for (size_t i = 0; i < bus->command_count; i++) {
        if (bus->commands[i].message == message) {
            return true;
        }
    }
    return false;
}

void catalog_write(struct json_writer *w, const struct bus_plan *bus, size_t message)
{
    const struct message_plan *plan = &bus->messages[message];
    const struct catalog_message entry = {
        .message = plan->message,
        .layout = plan->layout == LAYOUT_SIGNAL ? PAYLOAD_LAYOUT_SIGNAL : PAYLOAD_LAYOUT_MESSAGE,
        .settable = is_settable(bus, plan->message),
        .has_stale = true,
        .stale_ms = (uint64_t)(plan->stale_after_us / US_PER_MS),
    };
    catalog_write_message(w, &entry);
}

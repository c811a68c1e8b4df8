#include "edge-gateway/app/catalog.h"

#include "edge-gateway/publish/catalog_encoder.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

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

static void write_bus(struct json_writer *w, const struct bus_plan *bus)
{
    payload_catalog_bus_begin(w, bus->config->name);
    for (size_t i = 0; i < bus->message_count; i++) {
        catalog_write(w, bus, i);
    }
    payload_catalog_bus_end(w);
}

int catalog_text_new(const struct gateway_plan *plan, int64_t ts_us, char **ret, size_t *ret_length)
{
    char *text = malloc(CATALOG_MAX_BYTES);
    if (text == NULL) {
        return -ENOMEM;
    }
    struct json_writer w;
    size_t length;
    json_writer_init(&w, text, CATALOG_MAX_BYTES);
    payload_catalog_begin(&w, ts_us);
    for (size_t i = 0; i < plan->config->bus_count; i++) {
        write_bus(&w, &plan->buses[i]);
    }
    payload_catalog_end(&w);
    int r = json_writer_finish(&w, &length);
    if (r < 0) {
        free(text);
        return r;
    }
    char *shorter = realloc(text, length + 1);
    *ret = shorter != NULL ? shorter : text;
    *ret_length = length;
    return 0;
}

#include "edge-gateway/app/gateway_support.h"

#include "edge-gateway/app/bus_health.h"
#include "edge-gateway/app/configuration.h"
#include "edge-gateway/app/gateway_impl.h"
#include "edge-gateway/app/gateway_metrics.h"
#include "topics/payload_alarm.h"

#include <inttypes.h>
#include <stdio.h>

static void add_buses(const struct stages *s, struct support *support)
{
    for (size_t i = 0; i < s->plan->config->bus_count; i++) {
        struct payload_bus_state state;
        bus_health_describe(s->buses[i].health, &state);
        support_add(support, "buses", s->plan->config->buses[i].name,
                    payload_bus_word_text(state.state));
    }
}

static void add_alarms(const struct stages *s, struct support *support)
{
    const char *id;
    struct payload_alarm alarm;
    for (size_t i = 0; alarms_describe(s->alarms, i, &id, &alarm); i++) {
        support_add(support, "alarms", id, payload_alarm_word_text(alarm.state));
    }
}

static void add_store(const struct gateway *g, struct support *support)
{
    struct store_position position;
    char text[32] = "disabled";
    if (g->log != NULL) {
        bool is_known = frame_log_position(g->log, &position);
        (void)snprintf(text, sizeof(text), "%s", "not open");
        if (is_known) {
            (void)snprintf(text, sizeof(text), "%016" PRIx64, position.log_id);
        }
    }
    support_add(support, "store", "log", text);
}

int gateway_support(struct gateway *gateway, struct support **ret)
{
    const struct stages *s = gateway->stages;
    const struct support_options options = {
        .config = s->configuration->loaded.config,
        .build = gateway->build,
        .program = "edge-gateway",
        .site = gateway->site,
        .node = gateway->name,
    };
    struct support *support;
    int r = support_new(&options, &support);
    if (r < 0) {
        return r;
    }
    add_buses(s, support);
    add_alarms(s, support);
    add_store(gateway, support);
    const struct counter_sink sink = support_metrics(support);
    gateway_metrics_tell(gateway, &sink);
    r = support_end(support);
    if (r < 0) {
        support_free(support);
        return r;
    }
    *ret = support;
    return 0;
}

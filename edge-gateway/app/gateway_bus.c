#include "edge-gateway/app/gateway_bus.h"

#include "common/log.h"
#include "common/lvq_batch.h"
#include "edge-gateway/app/bus_setup.h"
#include "edge-gateway/app/gateway_impl.h"
#include "topics/limits.h"

#include <stdio.h>
#include <string.h>

#define REPLAY_ROOM_LIMIT 64 /* frames handed over at once, so that MQTT gets its turn */

static const struct bus_plan *plan_of(const struct gateway_bus *bus)
{
    return &bus->stages->plan->buses[bus->index];
}

static const char *name_of(const struct gateway_bus *bus)
{
    return plan_of(bus)->config->name;
}

static void on_tapped_frame(void *context, const struct frame *frame,
                            const struct dbc_message *message)
{
    const struct gateway_bus *bus = context;
    bus_health_on_frame(bus->health, frame, message);
}

static void on_tapped_reading(void *context, const struct dbc_message *message,
                              const struct dbc_value *values, size_t count)
{
    const struct gateway_bus *bus = context;
    alarms_on_reading(bus->stages->alarms, bus->index, message->index, values, count);
}

static void on_frames(void *context, const struct frame *frames, size_t count)
{
    struct gateway_bus *bus = context;
    struct gateway *g = bus->stages->gateway;
    struct lvq *queue = mqtt_node_queue(g->node);
    struct mqtt_link *link = mqtt_node_link(g->node);
    dash_cam_frames(bus->stages->dash_cam, frames, count);
    lvq_hold(queue);
    mqtt_link_hold(link);
    pipeline_frames(bus->pipeline, frames, count);
    lvq_release(queue, loop_now_us(g->loop));
    mqtt_link_release(link);
}

static void on_error_frame(void *context, const struct frame *frame)
{
    const struct gateway_bus *bus = context;
    dash_cam_frames(bus->stages->dash_cam, frame, 1);
}

/* As many frames as the broker will take, or, should it go away, the log: a replay at full speed
 * loses nothing, and begins when there is somebody to see it. */
static size_t frames_room(void *context)
{
    const struct gateway *g = ((struct gateway_bus *)context)->stages->gateway;
    const struct mqtt_link_stats link = mqtt_link_stats(mqtt_node_link(g->node));
    size_t room = 0;
    if (link.version == MQTT_VERSION_AUTO && link.connects > 0 && g->log != NULL) {
        room = store_room(frame_log_store(g->log));
    } else if (!lvq_is_waiting(mqtt_node_queue(g->node))) {
        room = mqtt_link_room(mqtt_node_link(g->node));
    }
    return room < REPLAY_ROOM_LIMIT ? room : REPLAY_ROOM_LIMIT;
}

void gateway_bus_announce(struct gateway_bus *bus)
{
    struct payload_bus_state state;
    bus_health_describe(bus->health, &state);
    announce_bus_state(bus->stages->announcer, bus->index, &state);
}

static void on_bus_state(void *context, const struct bus_status *status)
{
    struct gateway_bus *bus = context;
    struct stages *stages = bus->stages;
    const char *name = name_of(bus);
    log_notice("bus", "%s is %s: %s", name, bus_state_text(status->state), status->reason);
    bus_health_on_state(bus->health, status);
    gateway_bus_announce(bus);
    char text[PAYLOAD_TEXT_MAX_BYTES + 1];
    (void)snprintf(text, sizeof(text), "%s: %s", bus_state_text(status->state), status->reason);
    events_report(stages->gateway->events, PAYLOAD_EVENT_BUS_STATE, name, text);
    if (status->state == BUS_STATE_BUS_OFF && stages->plan->config->dash_cam.bus_off) {
        dash_cam_trigger(stages->dash_cam, name, bus_state_text(status->state), NULL);
    }
    if (status->state == BUS_STATE_UP && stages->actuations != NULL) {
        actuations_on_bus_ready(stages->actuations, bus->index);
    }
}

int gateway_bus_send(void *stages, size_t bus, const struct frame *frame)
{
    struct stages *s = stages;
    int r = bus_send(s->buses[bus].bus, frame);
    if (r == 0) {
        dash_cam_sent(s->dash_cam, bus, frame);
    }
    return r;
}

static struct bus_handler handler_of(struct gateway_bus *bus)
{
    return (struct bus_handler){on_frames, on_bus_state, frames_room, on_error_frame, bus};
}

static int open_driver(struct gateway_bus *bus)
{
    const struct bus_plan *plan = plan_of(bus);
    const struct bus_handler handler = handler_of(bus);
    int r = bus_setup_open(plan, bus->stages->gateway->loop, bus->index, &handler, &bus->bus);
    if (r < 0) {
        const char *what =
            plan->config->replay.file != NULL ? plan->config->replay.file : plan->config->name;
        log_error("bus", "%s: cannot open %s: %s", plan->config->name, what, strerror(-r));
    }
    return r;
}

int gateway_bus_open(struct gateway_bus *bus, const struct gateway_bus *from)
{
    const struct stages *stages = bus->stages;
    int r = pipeline_new(plan_of(bus), bus->index, &stages->environment, &bus->pipeline);
    if (r < 0) {
        log_error("bus", "%s: a name in its DBC files cannot be a topic: %s", name_of(bus),
                  strerror(-r));
        return r;
    }
    const struct bus_health_options health = {stages->gateway->loop, stages->plan, bus->index,
                                              stages->alarms};
    r = bus_health_new(&health, &bus->health);
    if (r < 0) {
        return r;
    }
    const struct pipeline_tap tap = {on_tapped_frame, on_tapped_reading, bus};
    pipeline_tap(bus->pipeline, &tap);
    bus->adopts = from != NULL && bus_setup_alike(plan_of(from), plan_of(bus));
    return bus->adopts ? 0 : open_driver(bus);
}

static void adopt_driver(struct gateway_bus *bus, struct gateway_bus *from)
{
    const struct bus_handler handler = handler_of(bus);
    bus->bus = from->bus;
    from->bus = NULL;
    int r =
        bus_setup_change(plan_of(bus), bus->stages->gateway->loop, bus->index, &handler, bus->bus);
    if (r < 0) {
        log_error("bus", "%s: filters or buffer stay what they were: %s", name_of(bus),
                  strerror(-r));
    }
}

void gateway_bus_adopt(struct gateway_bus *bus, struct gateway_bus *from)
{
    pipeline_adopt(bus->pipeline, from->pipeline);
    if (bus->adopts) {
        adopt_driver(bus, from);
    }
    if (bus->adopts && bus_health_adopt(bus->health, from->health) < 0) {
        log_warning("bus", "%s: what it is like is looked at anew: out of memory", name_of(bus));
    }
}

void gateway_bus_close(struct gateway_bus *bus)
{
    bus_free(bus->bus);
    bus_health_free(bus->health);
    pipeline_free(bus->pipeline);
}

int gateway_bus_start(struct gateway_bus *bus)
{
    bus_health_start(bus->health, bus->bus);
    int r = bus->adopts ? 0 : bus_start(bus->bus);
    if (r < 0) {
        log_error("bus", "%s: cannot start: %s", name_of(bus), strerror(-r));
    }
    return r;
}

#include "edge-gateway/bus/bus_port.h"

#include <stdio.h>
#include <string.h>

#include "common/log.h"

static enum bus_state effective_state(const struct bus_port *port)
{
    bool up = port->driver_state == BUS_STATE_UP;
    return up && port->silent ? BUS_STATE_NO_TRAFFIC : port->driver_state;
}

static void tell_handler(struct bus_port *port)
{
    port->told = true;
    port->stats.state = effective_state(port);
    struct bus_status status = {
        .bus = port->index,
        .state = port->stats.state,
        .reason = port->stats.state == BUS_STATE_NO_TRAFFIC ? "no frame for a while" : port->reason,
        .finished = port->finished,
    };
    log_debug("bus", "%u: %s: %s", port->index, bus_state_text(status.state), status.reason);
    if (port->handler.state != NULL) {
        port->handler.state(port->handler.context, &status);
    }
}

static void arm_silence_timer(struct bus_port *port)
{
    if (port->silence_us > 0) {
        loop_timer_at(port->loop, &port->silence_timer, port->last_frame_us + port->silence_us);
    }
}

/* The timer is not moved with every frame: it looks when the last one came, and waits on. */
static void on_silence_timer(void *context)
{
    struct bus_port *port = context;
    if (port->driver_state == BUS_STATE_DOWN) {
        return;
    }
    if (loop_now_us(port->loop) - port->last_frame_us < port->silence_us) {
        arm_silence_timer(port);
        return;
    }
    port->silent = true;
    if (effective_state(port) != port->stats.state) {
        tell_handler(port);
    }
}

void bus_port_init(struct bus_port *port, const struct bus_options *options)
{
    *port = (struct bus_port){
        .loop = options->loop,
        .handler = options->handler,
        .index = options->index,
        .silence_us = options->silence_us,
        .driver_state = BUS_STATE_DOWN,
        .silence_timer = {.fn = on_silence_timer, .context = port},
    };
}

void bus_port_deinit(struct bus_port *port)
{
    if (port->loop != NULL) {
        loop_timer_cancel(port->loop, &port->silence_timer);
    }
}

void bus_port_change(struct bus_port *port, const struct bus_options *options)
{
    port->handler = options->handler;
    port->index = options->index;
    if (port->silence_us != options->silence_us) {
        port->silence_us = options->silence_us;
        port->silent = port->silent && options->silence_us > 0;
        loop_timer_cancel(port->loop, &port->silence_timer);
        if (port->driver_state != BUS_STATE_DOWN) {
            arm_silence_timer(port);
        }
    }
}

static void set_state(struct bus_port *port, enum bus_state state, const char *reason,
                      bool finished)
{
    bool was_down = port->driver_state == BUS_STATE_DOWN;
    bool same = port->told && state == port->driver_state && finished == port->finished &&
                strncmp(reason, port->reason, sizeof(port->reason) - 1) == 0;
    if (same) {
        return;
    }
    port->driver_state = state;
    port->finished = finished;
    (void)snprintf(port->reason, sizeof(port->reason), "%s", reason);
    if (was_down && state != BUS_STATE_DOWN) {
        port->silent = false;
        port->last_frame_us = loop_now_us(port->loop);
        arm_silence_timer(port);
    }
    tell_handler(port);
}

void bus_port_state(struct bus_port *port, enum bus_state state, const char *reason)
{
    set_state(port, state, reason, false);
}

void bus_port_finish(struct bus_port *port, const char *reason)
{
    set_state(port, BUS_STATE_DOWN, reason, true);
}

static void end_silence(struct bus_port *port)
{
    port->silent = false;
    arm_silence_timer(port);
    if (port->driver_state == BUS_STATE_UP) {
        (void)snprintf(port->reason, sizeof(port->reason), "frames are received again");
    }
    if (effective_state(port) != port->stats.state) {
        tell_handler(port);
    }
}

void bus_port_frames(struct bus_port *port, const struct frame *frames, size_t count)
{
    if (count == 0) {
        return;
    }
    port->last_frame_us = loop_now_us(port->loop);
    if (port->silent) {
        end_silence(port);
    }
    port->stats.received += count;
    port->handler.frames(port->handler.context, frames, count);
}

void bus_port_error(struct bus_port *port, const struct frame *frame)
{
    if (port->handler.error != NULL) {
        port->handler.error(port->handler.context, frame);
    }
}

size_t bus_port_room(const struct bus_port *port, size_t wanted)
{
    if (port->handler.room == NULL) {
        return wanted;
    }
    size_t room = port->handler.room(port->handler.context);
    return room < wanted ? room : wanted;
}

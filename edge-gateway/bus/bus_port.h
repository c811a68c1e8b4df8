/*
 * A driver's way out: delivers frames and states to the handler, keeps the counters that are the
 * same for every driver, and notices silence. Embedded in struct bus; used by drivers only.
 */
#ifndef EDGE_GATEWAY_BUS_BUS_PORT_H
#define EDGE_GATEWAY_BUS_BUS_PORT_H

#include "common/loop.h"
#include "edge-gateway/bus/bus.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BUS_REASON_SIZE 96

struct bus_port {
    struct loop *loop;
    struct bus_handler handler;
    uint8_t index;
    int64_t silence_us;
    struct bus_stats stats; /* drivers add to the counters that only they can know */

    enum bus_state driver_state;  /* as the driver sees it: never NO_TRAFFIC */
    char reason[BUS_REASON_SIZE]; /* of `driver_state` */
    bool finished;
    bool told;   /* the handler knows of a first state */
    bool silent; /* up, and nothing came for `silence_us` */
    int64_t last_frame_us;
    struct timer silence_timer;
};

/* Returns nothing to check; `port` must stay where it is until bus_port_deinit(). */
void bus_port_init(struct bus_port *port, const struct bus_options *options);
void bus_port_deinit(struct bus_port *port);

/* Another handler, index and silence; all else goes on. */
void bus_port_change(struct bus_port *port, const struct bus_options *options);

/* Any frame proves that a bus is not silent. */
void bus_port_frames(struct bus_port *port, const struct frame *frames, size_t count);

/* An error frame as it was received; what it says is the driver's to tell. */
void bus_port_error(struct bus_port *port, const struct frame *frame);

/* Tells the handler if anything is new. `reason` is copied and cut to BUS_REASON_SIZE. */
void bus_port_state(struct bus_port *port, enum bus_state state, const char *reason);

/* Nothing will follow: down for good. */
void bus_port_finish(struct bus_port *port, const char *reason);

/* How many frames the consumer can take, at most `wanted`. */
size_t bus_port_room(const struct bus_port *port, size_t wanted);

#endif

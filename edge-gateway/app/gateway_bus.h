/* One bus of a running gateway: what it receives, on its way to every stage that wants it. */
#ifndef EDGE_GATEWAY_APP_GATEWAY_BUS_H
#define EDGE_GATEWAY_APP_GATEWAY_BUS_H

#include "common/attributes.h"
#include "edge-gateway/can/frame.h"

#include <stddef.h>

struct gateway_bus;

/* `stages` and `index` are set. `from`: of the stages in force, if these have the bus; it opens
 * none where it can have that one's. 0 or -errno, with a line in the log. */
EDGE_MUST_CHECK int gateway_bus_open(struct gateway_bus *bus, const struct gateway_bus *from);
/* Accepts one that is half open. */
void gateway_bus_close(struct gateway_bus *bus);

/* 0 or -errno, as above. */
/* One whose driver runs already, which it has adopted, only looks after it. */
EDGE_MUST_CHECK int gateway_bus_start(struct gateway_bus *bus);

/* Goes on where `from` ended; frames that wait in the socket are received by this one. */
void gateway_bus_adopt(struct gateway_bus *bus, struct gateway_bus *from);

/* Publishes its state. */
void gateway_bus_announce(struct gateway_bus *bus);

/* For the actuations, whose context are the stages: 0 or -errno as bus_send(). */
int gateway_bus_send(void *stages, size_t bus, const struct frame *frame);

#endif

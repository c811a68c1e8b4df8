/* When a command was sent, for who gets it: by a clock that nobody sets (payload_set.h). */
#ifndef EDGE_AUTOMATION_NODE_APP_NODE_STAMP_H
#define EDGE_AUTOMATION_NODE_APP_NODE_STAMP_H

#include "common/loop.h"
#include "topics/payload_set.h"

#include <stdint.h>

/* A number for the clock of this run of the node: nobody else has it, nor this node when it starts
 * again. */
uint64_t node_stamp_clock(const struct loop *loop);

/* Now; `context` is the node. */
struct payload_stamp node_stamp(void *context);

#endif

/* The running gateway: every stage of every bus, wired. The one place that knows them all. */
#ifndef EDGE_GATEWAY_APP_GATEWAY_H
#define EDGE_GATEWAY_APP_GATEWAY_H

#include "common/attributes.h"
#include "common/config.h"
#include "common/loop.h"
#include "edge-gateway/app/plan.h"

struct gateway;

/* 0 or -errno, with one line in the log that says what could not be had. `plan` and `config` are
 * borrowed. */
EDGE_MUST_CHECK int gateway_new(struct loop *loop, const struct config *config,
                                const struct gateway_plan *plan, struct gateway **ret);
void gateway_free(struct gateway *gateway);

/* Connects and opens the buses; from here on the loop does the work. 0 or -errno, as above. */
EDGE_MUST_CHECK int gateway_start(struct gateway *gateway);

/* A part that has had work for minutes and does not move, in words; NULL: none. A bus is read by
 * the loop itself, so it moves when this is asked. */
const char *gateway_stuck_part(struct gateway *gateway);

/* Says goodbye to the broker, then stops the loop with result 0; bounded in time. */
void gateway_stop(struct gateway *gateway);

#endif

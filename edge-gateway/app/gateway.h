/* The running gateway: every stage of every bus, wired. The one place that knows them all. */
#ifndef EDGE_GATEWAY_APP_GATEWAY_H
#define EDGE_GATEWAY_APP_GATEWAY_H

#include "common/attributes.h"
#include "common/buf.h"
#include "common/loop.h"
#include "edge-gateway/app/configuration.h"
#include "edge-gateway/app/reload_outcome.h"

#include <stdbool.h>

struct build_facts;
struct gateway;

/* 0 or -errno, with one line in the log that says what could not be had. The configuration is held.
 */
EDGE_MUST_CHECK int gateway_new(struct loop *loop, struct configuration *configuration,
                                struct gateway **ret);
void gateway_free(struct gateway *gateway);

/* Connects and opens the buses; from here on the loop does the work. 0 or -errno, as above. */
EDGE_MUST_CHECK int gateway_start(struct gateway *gateway);

/* Whether gateway_replace() would not have to wait for the disk: a recording of a dash-cam that the
 * configuration changes has to end before. */
bool gateway_can_replace(const struct gateway *gateway, const struct configuration *configuration);

/*
 * Another configuration from now on, between two turns of the loop: buses that stay keep their
 * sockets, what did not change goes on as it was. 0; or -errno, the reason in `reterr`, and all
 * goes on as before. The configuration is held.
 */
EDGE_MUST_CHECK int gateway_replace(struct gateway *gateway, struct configuration *configuration,
                                    struct buf *reterr);

/* How this program was built, for who asks; static. */
void gateway_know_build(struct gateway *gateway, const struct build_facts *build);

/* Who is told that a reload was asked for over MQTT; once, before the start. */
void gateway_on_reload(struct gateway *gateway, void (*reload)(void *context), void *context);
/* What became of it; taken. */
void gateway_answer_reload(struct gateway *gateway, struct reload_outcome *take);

/* The one in force; to be held by who keeps it. */
struct configuration *gateway_configuration(const struct gateway *gateway);

/* When it was made, of the wall clock. */
int64_t gateway_started_us(const struct gateway *gateway);

/* A part that has had work for minutes and does not move, in words; NULL: none. A bus is read by
 * the loop itself, so it moves when this is asked. */
const char *gateway_stuck_part(struct gateway *gateway);

/* Says goodbye to the broker, then stops the loop with result 0; bounded in time. */
void gateway_stop(struct gateway *gateway);

#endif

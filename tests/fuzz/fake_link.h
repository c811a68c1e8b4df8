/*
 * mqtt_link.h without a network, for targets that drive a whole daemon: what the broker would say
 * is the target's to say, and what the daemon publishes is looked at. Linked in place of
 * common/mqtt_link.c.
 */
#ifndef EDGE_TESTS_FUZZ_FAKE_LINK_H
#define EDGE_TESTS_FUZZ_FAKE_LINK_H

#include "common/mqtt_link.h"

/* Each publish goes there; borrowed. */
typedef void (*fake_link_publish_fn)(const struct mqtt_publish *publish);

/* Of links made from now on. */
void fake_link_watch(fake_link_publish_fn fn);

/* The newest link; NULL: none is there. */
struct mqtt_link *fake_link_get(void);

/* Only while it is up. */
void fake_link_receive(struct mqtt_link *link, const struct mqtt_received *message);
/* The end of all that is on its way, and room for more. */
void fake_link_acknowledge(struct mqtt_link *link);
/* The connection ends, all on its way is lost, and there is a new one. */
void fake_link_reconnect(struct mqtt_link *link);

#endif

/*
 * Who may publish and read what: the roles that a broker's access list is made of
 * (broker-config/roles/). A role has no more rights than its work needs, and they are said by kinds
 * of topics, so that the tree is written nowhere else.
 */
#ifndef EDGE_TOPICS_ROLE_H
#define EDGE_TOPICS_ROLE_H

#include "topics/attributes.h"

#include <stdbool.h>
#include <stddef.h>

enum role {
    ROLE_GATEWAY,
    ROLE_AUTOMATION,
    ROLE_SINK,   /* stores readings elsewhere and acknowledges them */
    ROLE_BRIDGE, /* a site's broker at the centre: what nodes say comes from it, commands go to it
                  */
    ROLE_HOME_ASSISTANT,
    ROLE_VIEWER,    /* sees everything, asks about the past, changes nothing */
    ROLE_DASHBOARD, /* ... and wishes things of devices, rules, schedules, controllers */
    ROLE_OPERATOR,  /* viewer who answers for alarms */
    ROLE_MAINTAINER /* viewer who may ask a node for anything: a reload, say */
};

enum {
    ROLE_COUNT = ROLE_MAINTAINER + 1
};

enum role_right {
    ROLE_READ, /* receive */
    ROLE_WRITE /* publish, wills too */
};

/* "gateway", ..., "homeassistant"; static. */
const char *role_name(enum role role);

TOPICS_MUST_CHECK bool role_from_name(const char *name, enum role *ret);

/* One sentence; static. */
const char *role_purpose(enum role role);

/* One right. `topic` is a filter with placeholders: {prefix}, {site}, {name} of the client, and
 * {discovery}, which is Home Assistant's prefix. Borrowed for the call. */
typedef void (*role_right_fn)(void *context, enum role_right right, const char *topic);

/* Calls back for each right of the role. */
void role_for_each_right(enum role role, role_right_fn each, void *context);

#endif

/* The part of automation.yaml about groups of nodes that stand in for each other. */
#ifndef EDGE_AUTOMATION_NODE_APP_STANDBY_CONFIG_H
#define EDGE_AUTOMATION_NODE_APP_STANDBY_CONFIG_H

#include "common/config.h"

#include <stdint.h>

struct standby_config {
    const char *group;
    int64_t rank; /* 1 goes first */
    int64_t takeover_after_us;
};

extern const struct config_section standby_config_section;

#endif

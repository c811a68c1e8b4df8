/* The part of node_config.h about alarms. */
#ifndef EDGE_AUTOMATION_NODE_APP_ALARM_CONFIG_H
#define EDGE_AUTOMATION_NODE_APP_ALARM_CONFIG_H

#include "common/config.h"

#include <stdbool.h>
#include <stdint.h>

enum alarm_ack_kind {
    ALARM_ACK_KIND_REQUIRED,
    ALARM_ACK_KIND_ON_RETURN,
    ALARM_ACK_KIND_NONE
};

/* What one alarm of rules is like; who is not here has the defaults. */
struct alarm_config {
    const char *name;
    enum alarm_ack_kind ack;
    bool latch;
    int64_t shelve_max_us; /* 0 = cannot be shelved */
};

/* What an action does with an alarm: exactly one of raise and clear, which name it. */
struct alarm_action_config {
    const char *raise;
    const char *clear;
    const char *text;        /* NULL = what triggered the rule */
    const int64_t *priority; /* 1 (critical) to 4; NULL = the default */
};

extern const struct config_section alarm_config_section;
extern const struct config_section alarm_action_config_section;

#endif

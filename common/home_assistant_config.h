/* The `home_assistant` section of both daemons' configuration files. */
#ifndef EDGE_COMMON_HOME_ASSISTANT_CONFIG_H
#define EDGE_COMMON_HOME_ASSISTANT_CONFIG_H

#include "common/config.h"

struct home_assistant_config {
    bool enabled;
    const char *prefix; /* of its discovery topics */
    const char *name;   /* of this node; NULL = its id */
    const char *area;   /* suggested for its devices; NULL = none */
    int64_t resend_within_us;
};

extern const struct config_section home_assistant_config_schema;

#endif

/* The `metrics` section of both daemons' configuration files. */
#ifndef EDGE_COMMON_METRICS_CONFIG_H
#define EDGE_COMMON_METRICS_CONFIG_H

#include "common/config_schema.h"

struct metrics_config {
    const char *textfile; /* path; NULL: none */
};

extern const struct config_section metrics_config_schema;

#endif

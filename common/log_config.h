/* The `log` section of both daemons' configuration files. */
#ifndef EDGE_COMMON_LOG_CONFIG_H
#define EDGE_COMMON_LOG_CONFIG_H

#include "common/config_schema.h"
#include "common/log.h"

struct log_config {
    enum log_level level;
    enum log_format format;
};

extern const struct config_section log_config_schema;

#endif

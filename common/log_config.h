/* The `log` section of both daemons' configuration files. */
#ifndef EDGE_COMMON_LOG_CONFIG_H
#define EDGE_COMMON_LOG_CONFIG_H

#include "common/config_schema.h"
#include "common/log.h"

struct log_config {
    enum log_level level;
    enum log_format format;
    struct log_rate_limit rate;
};

extern const struct config_section log_config_schema;

/* The log is as it says from now on, on stderr. */
void log_config_apply(const struct log_config *config);

#endif

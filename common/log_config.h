/* The `log` section of both daemons' configuration files. */
#ifndef EDGE_COMMON_LOG_CONFIG_H
#define EDGE_COMMON_LOG_CONFIG_H

#include "common/config_schema.h"
#include "common/log.h"

#include <stddef.h>

struct log_config {
    enum log_level level;
    enum log_format format;
    struct log_rate_limit rate;
};

extern const struct config_section log_config_schema;

#define LOG_CONFIG_KEEP_BYTES                                           \
    ((size_t)64 << 10) /* of the newest lines, for who asks for support \
                        */

/* The log is as it says from now on, on stderr. */
void log_config_apply(const struct log_config *config);

#endif

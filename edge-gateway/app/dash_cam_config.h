/* The section `dash_cam` of gateway.yaml: the raw frames around what happened, in files. */
#ifndef EDGE_GATEWAY_APP_DASH_CAM_CONFIG_H
#define EDGE_GATEWAY_APP_DASH_CAM_CONFIG_H

#include "common/config.h"

#include <stdbool.h>
#include <stdint.h>

struct dash_cam_config {
    bool enabled;
    const char *directory;
    int64_t before_us;
    int64_t after_us;
    int64_t max_duration_us; /* of one recording, from its first trigger on */
    int64_t memory_bytes;    /* of each bus */
    int64_t max_files;
    int64_t max_size_bytes; /* of all files */
    bool bus_off;           /* is a trigger */
};

extern const struct config_section dash_cam_config_schema;

/* Tells what no table can. */
void dash_cam_config_check(const struct config *file, const struct dash_cam_config *config,
                           struct diagnostics *d);

#endif

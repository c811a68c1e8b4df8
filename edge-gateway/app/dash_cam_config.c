#include "edge-gateway/app/dash_cam_config.h"

#include <string.h>

#define DIRECTORY_MAX_BYTES 1024 /* an event tells the path, and events are bounded */

static const struct config_key dash_cam_keys[] = {
    {.name = "enabled",
     .type = CONFIG_BOOL,
     CONFIG_FIELD(struct dash_cam_config, enabled),
     .fallback = "no",
     .help = "keep the last raw frames in memory, and write them to a file when something happens"},
    {.name = "directory",
     .type = CONFIG_PATH,
     CONFIG_FIELD(struct dash_cam_config, directory),
     .fallback = "recordings",
     .help = "where the files go; of this gateway alone"},
    {.name = "before",
     .type = CONFIG_DURATION,
     CONFIG_FIELD(struct dash_cam_config, before_us),
     .fallback = "30s",
     .max = "1h",
     .help = "how much of what came before is recorded, if the memory holds it"},
    {.name = "after",
     .type = CONFIG_DURATION,
     CONFIG_FIELD(struct dash_cam_config, after_us),
     .fallback = "10s",
     .max = "1h",
     .help = "how long a recording goes on after the last trigger"},
    {.name = "max_duration",
     .type = CONFIG_DURATION,
     CONFIG_FIELD(struct dash_cam_config, max_duration_us),
     .fallback = "5min",
     .min = "1s",
     .max = "24h",
     .help = "how long triggers can make a recording, from the first one on"},
    {.name = "memory",
     .type = CONFIG_BYTES,
     CONFIG_FIELD(struct dash_cam_config, memory_bytes),
     .fallback = "4MiB",
     .min = "64KiB",
     .max = "1GiB",
     .help = "of each bus; a classic frame of eight bytes takes 32"},
    {.name = "max_files",
     .type = CONFIG_INT,
     CONFIG_FIELD(struct dash_cam_config, max_files),
     .fallback = "20",
     .min = "1",
     .max = "10000",
     .help = "in the directory; the oldest are removed"},
    {.name = "max_size",
     .type = CONFIG_BYTES,
     CONFIG_FIELD(struct dash_cam_config, max_size_bytes),
     .fallback = "100MiB",
     .min = "64KiB",
     .help = "of all files; the oldest are removed"},
    {.name = "bus_off",
     .type = CONFIG_BOOL,
     CONFIG_FIELD(struct dash_cam_config, bus_off),
     .fallback = "yes",
     .help = "record when a bus goes off"},
    {.name = NULL},
};

const struct config_section dash_cam_config_schema =
    CONFIG_STRUCT(struct dash_cam_config, dash_cam_keys);

void dash_cam_config_check(const struct config *file, const struct dash_cam_config *config,
                           struct diagnostics *d)
{
    if (config->after_us > config->max_duration_us) {
        config_report(file, &config->after_us, d, SEVERITY_ERROR,
                      "'after' is longer than 'max_duration', so no recording could be that long");
    }
    if (strlen(config->directory) > DIRECTORY_MAX_BYTES) {
        config_report(file, &config->directory, d, SEVERITY_ERROR,
                      "the path of 'directory' is longer than %d bytes", DIRECTORY_MAX_BYTES);
    }
}

#include "common/metrics_config.h"

static const struct config_key metrics_keys[] = {
    {.name = "textfile",
     .type = CONFIG_PATH,
     CONFIG_FIELD(struct metrics_config, textfile),
     .help = "file for node_exporter's textfile collector, NAME.prom"},
    {.name = NULL},
};

const struct config_section metrics_config_schema =
    CONFIG_STRUCT(struct metrics_config, metrics_keys);

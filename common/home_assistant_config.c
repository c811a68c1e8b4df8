#include "common/home_assistant_config.h"

static const struct config_key keys[] = {
    {.name = "enabled",
     .type = CONFIG_BOOL,
     CONFIG_FIELD(struct home_assistant_config, enabled),
     .fallback = "no",
     .help = "describe everything to Home Assistant (MQTT discovery)"},
    {.name = "prefix",
     .type = CONFIG_STRING,
     CONFIG_FIELD(struct home_assistant_config, prefix),
     .fallback = "homeassistant",
     .max = "64",
     .help = "its discovery prefix"},
    {.name = "name",
     .type = CONFIG_STRING,
     CONFIG_FIELD(struct home_assistant_config, name),
     .max = "100",
     .help = "what this node is called there; its id if absent"},
    {.name = "area",
     .type = CONFIG_STRING,
     CONFIG_FIELD(struct home_assistant_config, area),
     .max = "100",
     .help = "area that is suggested for its devices"},
    {.name = "resend_within",
     .type = CONFIG_DURATION,
     CONFIG_FIELD(struct home_assistant_config, resend_within_us),
     .fallback = "5s",
     .max = "10min",
     .help = "when Home Assistant starts, everything is sent again after a random time up to this"},
    {.name = NULL},
};

const struct config_section home_assistant_config_schema =
    CONFIG_STRUCT(struct home_assistant_config, keys);

#include "edge-gateway/app/discovery_config.h"

static const struct config_key signal_keys[] = {
    {.name = "name",
     .type = CONFIG_STRING,
     CONFIG_FIELD(struct signal_discovery_config, title),
     .max = "100",
     .help = "what people call it"},
    {.name = "icon",
     .type = CONFIG_STRING,
     CONFIG_FIELD(struct signal_discovery_config, icon),
     .max = "100",
     .help = "such as mdi:thermometer"},
    {.name = "device_class",
     .type = CONFIG_STRING,
     CONFIG_FIELD(struct signal_discovery_config, device_class),
     .max = "63",
     .help = "of Home Assistant, such as temperature; none"},
    {.name = "state_class",
     .type = CONFIG_STRING,
     CONFIG_FIELD(struct signal_discovery_config, state_class),
     .max = "63",
     .help = "measurement, measurement_angle, total, total_increasing, none"},
    {.name = "unit",
     .type = CONFIG_STRING,
     CONFIG_FIELD(struct signal_discovery_config, unit),
     .max = "31",
     .help = "instead of the DBC's"},
    {.name = "show",
     .type = CONFIG_BOOL,
     CONFIG_POINTER(struct signal_discovery_config, show),
     .help = "whether it is shown at all"},
    {.name = "diagnostic",
     .type = CONFIG_BOOL,
     CONFIG_FIELD(struct signal_discovery_config, diagnostic),
     .fallback = "no",
     .help = "not among what people look at every day"},
    {.name = NULL},
};
static const struct config_section signal_section =
    CONFIG_STRUCT(struct signal_discovery_config, signal_keys);

static const struct config_name group_names[] = {
    {"sender", DISCOVERY_GROUP_SENDER},
    {"message", DISCOVERY_GROUP_MESSAGE},
    {"gateway", DISCOVERY_GROUP_GATEWAY},
    {NULL, 0},
};

static const struct config_key message_keys[] = {
    {.name = "group",
     .type = CONFIG_ENUM,
     CONFIG_POINTER(struct message_discovery_config, group),
     .names = group_names,
     .help = "what makes one device: the CAN node that sends, the message, or the gateway"},
    {.name = "device",
     .type = CONFIG_STRING,
     CONFIG_FIELD(struct message_discovery_config, device),
     .max = "63",
     .help = "a device of that name instead; several messages may share it"},
    {.name = "show",
     .type = CONFIG_BOOL,
     CONFIG_POINTER(struct message_discovery_config, show),
     .help = "whether its signals are shown"},
    {.name = "signals",
     .type = CONFIG_SECTION,
     CONFIG_MAP(struct message_discovery_config, signals, signal_count),
     .section = &signal_section,
     .help = "what is different for single signals"},
    {.name = NULL},
};
const struct config_section message_discovery_section =
    CONFIG_STRUCT(struct message_discovery_config, message_keys);

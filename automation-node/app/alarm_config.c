#include "automation-node/app/alarm_config.h"

static const struct config_name ack_names[] = {
    {"required", ALARM_ACK_KIND_REQUIRED},
    {"on_return", ALARM_ACK_KIND_ON_RETURN},
    {"none", ALARM_ACK_KIND_NONE},
    {NULL, 0},
};

static const struct config_key alarm_keys[] = {
    {.name = "ack",
     .type = CONFIG_ENUM,
     CONFIG_FIELD(struct alarm_config, ack),
     .names = ack_names,
     .fallback = "required",
     .help = "who acknowledges it: a person, also when it is over; its end as well; nobody"},
    {.name = "latch",
     .type = CONFIG_BOOL,
     CONFIG_FIELD(struct alarm_config, latch),
     .fallback = "no",
     .help = "when it is over it stays until a person resets it"},
    {.name = "shelve_max",
     .type = CONFIG_DURATION,
     CONFIG_FIELD(struct alarm_config, shelve_max_us),
     .fallback = "24h",
     .max = "8760h",
     .help = "how long it can be shelved at most; 0s = not at all"},
    {.name = NULL},
};
const struct config_section alarm_config_section = CONFIG_STRUCT(struct alarm_config, alarm_keys);

static const struct config_key action_keys[] = {
    {.name = "raise",
     .type = CONFIG_ID,
     CONFIG_FIELD(struct alarm_action_config, raise),
     .help = "alarm that is active from now on"},
    {.name = "clear",
     .type = CONFIG_ID,
     CONFIG_FIELD(struct alarm_action_config, clear),
     .help = "alarm that is over"},
    {.name = "text",
     .type = CONFIG_STRING,
     CONFIG_FIELD(struct alarm_action_config, text),
     .max = "255",
     .help = "what is wrong; else what triggered the rule"},
    {.name = "priority",
     .type = CONFIG_INT,
     CONFIG_POINTER(struct alarm_action_config, priority),
     .min = "1",
     .max = "4",
     .help = "1 (critical) to 4 (low); else 3"},
    {.name = NULL},
};
const struct config_section alarm_action_config_section =
    CONFIG_STRUCT(struct alarm_action_config, action_keys);

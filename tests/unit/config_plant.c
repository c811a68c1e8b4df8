#include "tests/unit/config_plant.h"

static const struct config_name driver_names[] = {
    {"socketcan", DRIVER_SOCKETCAN},
    {"replay", DRIVER_REPLAY},
    {"simulate", DRIVER_SIMULATE},
    {NULL, 0},
};

static const struct config_key broker_keys[] = {
    {.name = "host",
     .type = CONFIG_STRING,
     CONFIG_FIELD(struct broker, host),
     .flags = CONFIG_REQUIRED,
     .help = "name or address of the broker"},
    {.name = "port",
     .type = CONFIG_INT,
     CONFIG_FIELD(struct broker, port),
     .fallback = "1883",
     .min = "1",
     .max = "65535"},
    {.name = "password",
     .type = CONFIG_STRING,
     CONFIG_FIELD(struct broker, password),
     .flags = CONFIG_SECRET},
    {.name = "tls", .type = CONFIG_BOOL, CONFIG_FIELD(struct broker, tls), .fallback = "no"},
    {.name = NULL},
};
static const struct config_section broker_section = CONFIG_STRUCT(struct broker, broker_keys);

static const struct config_key bus_keys[] = {
    {.name = "driver",
     .type = CONFIG_ENUM,
     CONFIG_FIELD(struct bus, driver),
     .names = driver_names,
     .fallback = "socketcan"},
    {.name = "restart",
     .type = CONFIG_DURATION,
     CONFIG_FIELD(struct bus, restart_us),
     .fallback = "100ms",
     .min = "10ms",
     .max = "1min"},
    {.name = "dbc", .type = CONFIG_PATH, CONFIG_LIST(struct bus, dbc, dbc_count)},
    {.name = NULL},
};
static const struct config_section bus_section = CONFIG_STRUCT(struct bus, bus_keys);

static const struct config_key message_keys[] = {
    {.name = "name",
     .type = CONFIG_ID,
     CONFIG_FIELD(struct message, name),
     .flags = CONFIG_REQUIRED},
    {.name = "limit",
     .type = CONFIG_NUMBER,
     CONFIG_FIELD(struct message, limit_C),
     .unit = "°C",
     .fallback = "20",
     .max = "100"},
    {.name = "step",
     .type = CONFIG_NUMBER,
     CONFIG_FIELD(struct message, step_C),
     .unit = "°C",
     .flags = CONFIG_DIFFERENCE,
     .fallback = "1"},
    {.name = "high",
     .type = CONFIG_QUANTITY,
     CONFIG_FIELD(struct message, high),
     .unit = "bar",
     .fallback = "2",
     .max = "10 bar"},
    {.name = "deadband",
     .type = CONFIG_QUANTITY,
     CONFIG_MAP(struct message, deadbands, deadband_count)},
    {.name = "labels",
     .type = CONFIG_STRING,
     CONFIG_MAP(struct message, labels, label_count),
     .flags = CONFIG_ANY_KEY},
    {.name = NULL},
};
static const struct config_section message_section = CONFIG_STRUCT(struct message, message_keys);

static const struct config_section condition_section; /* holds itself */
static const struct config_key condition_keys[] = {
    {.name = "signal", .type = CONFIG_STRING, CONFIG_FIELD(struct condition, signal)},
    {.name = "all",
     .type = CONFIG_SECTION,
     CONFIG_LIST(struct condition, all, all_count),
     .section = &condition_section},
    {.name = NULL},
};
static const struct config_section condition_section =
    CONFIG_STRUCT(struct condition, condition_keys);

static const struct config_key plant_keys[] = {
    {.name = "site", .type = CONFIG_ID, CONFIG_FIELD(struct plant, site), .flags = CONFIG_REQUIRED},
    {.name = "log_size",
     .type = CONFIG_BYTES,
     CONFIG_FIELD(struct plant, log_bytes),
     .fallback = "64MiB",
     .min = "1MiB"},
    {.name = "ratio",
     .type = CONFIG_NUMBER,
     CONFIG_FIELD(struct plant, ratio),
     .fallback = "0.5",
     .min = "0",
     .max = "1"},
    {.name = "broker",
     .type = CONFIG_SECTION,
     CONFIG_FIELD(struct plant, broker),
     .section = &broker_section},
    {.name = "spare",
     .type = CONFIG_SECTION,
     CONFIG_POINTER(struct plant, spare),
     .section = &broker_section},
    {.name = "delay", .type = CONFIG_DURATION, CONFIG_POINTER(struct plant, delay_us)},
    {.name = "buses",
     .type = CONFIG_SECTION,
     CONFIG_MAP(struct plant, buses, bus_count),
     .section = &bus_section,
     .flags = CONFIG_REQUIRED,
     .help = "CAN buses by name"},
    {.name = "messages",
     .type = CONFIG_SECTION,
     CONFIG_LIST(struct plant, messages, message_count),
     .section = &message_section},
    {.name = "when",
     .type = CONFIG_SECTION,
     CONFIG_POINTER(struct plant, when),
     .section = &condition_section},
    {.name = NULL},
};
const struct config_section plant_schema = CONFIG_STRUCT(struct plant, plant_keys);

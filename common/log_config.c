#include "common/log_config.h"

static const struct config_name level_names[] = {
    {"error", LOG_LEVEL_ERROR}, {"warning", LOG_LEVEL_WARNING}, {"notice", LOG_LEVEL_NOTICE},
    {"info", LOG_LEVEL_INFO},   {"debug", LOG_LEVEL_DEBUG},     {NULL, 0},
};

static const struct config_name format_names[] = {
    {"auto", LOG_FORMAT_AUTO},
    {"text", LOG_FORMAT_TEXT},
    {"json", LOG_FORMAT_JSON},
    {"journal", LOG_FORMAT_JOURNAL},
    {NULL, 0},
};

static const struct config_key log_keys[] = {
    {.name = "level",
     .type = CONFIG_ENUM,
     CONFIG_FIELD(struct log_config, level),
     .names = level_names,
     .fallback = "info",
     .help = "least important level that is logged"},
    {.name = "format",
     .type = CONFIG_ENUM,
     CONFIG_FIELD(struct log_config, format),
     .names = format_names,
     .fallback = "auto",
     .help = "text, JSON lines, or journal prefixes"},
    {.name = NULL},
};

const struct config_section log_config_schema = CONFIG_STRUCT(struct log_config, log_keys);

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

static const struct config_key rate_keys[] = {
    {.name = "burst",
     .type = CONFIG_INT,
     CONFIG_FIELD(struct log_rate_limit, burst),
     .fallback = "50",
     .min = "0",
     .max = "1000000",
     .help = "lines of one kind that are logged in an interval; 0: all"},
    {.name = "interval",
     .type = CONFIG_DURATION,
     CONFIG_FIELD(struct log_rate_limit, interval_us),
     .fallback = "30s",
     .min = "1s",
     .max = "1h",
     .help = "after which what was left out is told as one line"},
    {.name = NULL},
};

static const struct config_section rate_schema = CONFIG_STRUCT(struct log_rate_limit, rate_keys);

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
    {.name = "rate",
     .type = CONFIG_SECTION,
     CONFIG_FIELD(struct log_config, rate),
     .section = &rate_schema,
     .help = "how often a line may repeat"},
    {.name = NULL},
};

const struct config_section log_config_schema = CONFIG_STRUCT(struct log_config, log_keys);

void log_config_apply(const struct log_config *config)
{
    log_configure(NULL, config->format, config->level);
    log_limit(&config->rate);
}

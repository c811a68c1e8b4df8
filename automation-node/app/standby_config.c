#include "automation-node/app/standby_config.h"

static const struct config_key standby_keys[] = {
    {.name = "group",
     .type = CONFIG_ID,
     CONFIG_FIELD(struct standby_config, group),
     .flags = CONFIG_REQUIRED,
     .help = "nodes with the same group and the same configuration; one of them drives"},
    {.name = "rank",
     .type = CONFIG_INT,
     CONFIG_FIELD(struct standby_config, rank),
     .flags = CONFIG_REQUIRED,
     .min = "1",
     .max = "99",
     .help = "who goes first when nobody leads; each node has its own"},
    {.name = "takeover_after",
     .type = CONFIG_DURATION,
     CONFIG_FIELD(struct standby_config, takeover_after_us),
     .fallback = "5s",
     .min = "1s",
     .max = "10min",
     .help = "silence of the leader after which another node leads; the same in the whole group"},
    {.name = NULL},
};
const struct config_section standby_config_section =
    CONFIG_STRUCT(struct standby_config, standby_keys);

#include "automation-node/app/reload_check.h"

#include "common/broker_change.h"
#include "common/config_compare.h"

static const char *const store_in_flight[] = {"history", NULL};

static const struct config_fixed fixed[] = {
    {.key = "site"},
    {.key = "node"},
    {.key = "broker", .in_flight = broker_in_flight},
    {.key = "standby"},
    {.key = "store", .in_flight = store_in_flight},
    {.key = NULL},
};

bool reload_check(const struct node_config *old, const struct node_config *config,
                  struct buf *reterr)
{
    if (!config_find_fixed(&node_config_schema, fixed, old, config, reterr)) {
        return true;
    }
    buf_puts(reterr, " cannot change while the node runs: restart it");
    return false;
}

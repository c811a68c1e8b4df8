#include "edge-gateway/app/reload_check.h"

#include "common/broker_change.h"
#include "common/config_compare.h"

static const char *const store_in_flight[] = {"max_size",        "max_age",       "thin_from",
                                              "thin_older_than", "thin_interval", "ballast",
                                              "commit_interval", "trust_clock",   NULL};
static const char *const backfill_in_flight[] = {"sinks", "ack_timeout", "rate", "batch", NULL};

static const struct config_fixed fixed[] = {
    {.key = "site"},
    {.key = "node"},
    {.key = "broker", .in_flight = broker_in_flight},
    {.key = "store", .in_flight = store_in_flight},
    {.key = "backfill", .in_flight = backfill_in_flight},
    {.key = NULL},
};

bool reload_check(const struct gateway_config *old, const struct gateway_config *config,
                  struct buf *reterr)
{
    if (!config_find_fixed(&gateway_config_schema, fixed, old, config, reterr)) {
        return true;
    }
    buf_puts(reterr, " cannot change while the gateway runs: restart it");
    return false;
}

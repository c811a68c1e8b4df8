#include "edge-gateway/store/store_hold.h"

#include "edge-gateway/dbc/dbc.h"

#define DAY_US (INT64_C(86400) * 1000000)

int64_t store_hold_us(const struct store_bus *bus, const struct dbc_message *message)
{
    int64_t hold_us = bus->hold_us != NULL ? bus->hold_us[message->index] : 0;
    return hold_us > 0 && hold_us < STORE_HOLD_MAX_US ? hold_us : STORE_HOLD_MAX_US;
}

bool store_hold_is_weighed(int64_t ts_us, int64_t weighed_us)
{
    return ts_us < weighed_us && weighed_us - ts_us <= DAY_US;
}

void store_hold_spread(struct bucket_hold *hold, int64_t to_us, store_window_fn window,
                       void *context)
{
    if (!hold->valid) {
        return;
    }
    int64_t until_us = to_us < hold->until_us ? to_us : hold->until_us;
    while (hold->since_us < until_us) {
        int64_t end_us;
        struct bucket *bucket = window(context, hold->since_us, &end_us);
        bucket_close(bucket, hold, end_us < until_us ? end_us : until_us);
    }
}

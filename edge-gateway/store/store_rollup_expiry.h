/*
 * Keeps the roll-ups small: minutes go when they are old, or when all roll-ups take more than their
 * share of the quota; hours go when they are very old. A bounded piece of it at a time. Writer
 * thread, within its transaction.
 */
#ifndef EDGE_GATEWAY_STORE_STORE_ROLLUP_EXPIRY_H
#define EDGE_GATEWAY_STORE_STORE_ROLLUP_EXPIRY_H

#include "common/attributes.h"
#include "edge-gateway/store/store_rollup_pack.h"
#include "edge-gateway/store/store_rollup_rows.h"

#include <stdbool.h>
#include <stdint.h>

struct store_rollup_expiry {
    uint64_t limit_bytes; /* of all roll-ups; 0 = none */
    bool sweeping;        /* the minutes of one hour are being dropped, series by series */
    int64_t hour_us;
    int64_t series; /* those up to this id are done */
};

/* The next piece; `age_us` is what store_age_now() says. 0 or -errno; after a failure the
 * transaction is to be rolled back, and it begins anew by itself. */
EDGE_MUST_CHECK int store_rollup_expire(struct store_rollup_expiry *expiry,
                                        struct store_rollup_rows *rows,
                                        struct store_rollup_pack *pack, int64_t age_us);

#endif

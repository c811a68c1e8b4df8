/*
 * Multiplexing: which values of its multiplexor switch a signal on.
 */
#ifndef EDGE_GATEWAY_DBC_DBC_SELECT_H
#define EDGE_GATEWAY_DBC_DBC_SELECT_H

#include "edge-gateway/dbc/dbc.h"

#include <stdbool.h>
#include <stdint.h>

/* Whether `raw`, the unsigned bits of its multiplexor, selects the multiplexed signal. */
static inline bool dbc_selected_by(const struct dbc_signal *signal, uint64_t raw)
{
    for (uint16_t i = 0; i < signal->range_count; i++) {
        if (raw >= signal->ranges[i].first && raw <= signal->ranges[i].last) {
            return true;
        }
    }
    return false;
}

#endif

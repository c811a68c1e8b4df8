/*
 * One value to raw bits: the inverse of dbc_value.c. Internal to the DBC engine.
 */
#ifndef EDGE_GATEWAY_DBC_DBC_ENCODE_VALUE_H
#define EDGE_GATEWAY_DBC_DBC_ENCODE_VALUE_H

#include "edge-gateway/dbc/dbc.h"

#include <stdint.h>

/* The raw bits a signal has when nobody gives it a value. */
uint64_t dbc_encode_start(const struct dbc_signal *signal);

#endif

/*
 * Where the bits of a signal lie in the payload, by byte. For what draws or checks a layout; the
 * decoder has its own tables.
 */
#ifndef EDGE_GATEWAY_DBC_DBC_BITS_H
#define EDGE_GATEWAY_DBC_DBC_BITS_H

#include "edge-gateway/dbc/dbc.h"

#include <stdint.h>

/* Its bits in that payload byte, bit 0 the least significant. A signal has one run in each byte. */
uint8_t dbc_bits_in_byte(const struct dbc_signal *signal, unsigned byte);

/* Positions as DBC files number them: byte x 8 + bit. */
unsigned dbc_bits_most_significant(const struct dbc_signal *signal);
unsigned dbc_bits_least_significant(const struct dbc_signal *signal);

#endif

/*
 * Where the bits of a signal lie in the payload. For what draws, checks or writes a layout; the
 * decoder has its own tables.
 */
#ifndef EDGE_GATEWAY_DBC_DBC_BITS_H
#define EDGE_GATEWAY_DBC_DBC_BITS_H

#include "edge-gateway/dbc/dbc.h"

#include <stdbool.h>
#include <stdint.h>

/* Position of the signal's bit `i` (0 is the least significant one), as DBC files count them: byte
 * x 8 + bit of the byte. */
unsigned dbc_bits_position(const struct dbc_signal *signal, unsigned i);

/* The signal's bits in that payload byte, bit 0 the least significant. It has one run in each. */
uint8_t dbc_bits_in_byte(const struct dbc_signal *signal, unsigned byte);

bool dbc_bits_get(const struct dbc_signal *signal, unsigned i, const uint8_t *payload);
void dbc_bits_set(const struct dbc_signal *signal, unsigned i, bool bit, uint8_t *payload);

#endif

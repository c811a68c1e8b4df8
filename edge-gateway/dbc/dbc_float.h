/*
 * IEEE 754 numbers of 16, 32 and 64 bits to and from their bits. Pure.
 */
#ifndef EDGE_GATEWAY_DBC_DBC_FLOAT_H
#define EDGE_GATEWAY_DBC_DBC_FLOAT_H

#include <stdint.h>

/* `bits` is 16, 32 or 64. */
double dbc_float_from_raw(uint64_t raw, unsigned bits);

/* The nearest number of that size; too large ones become infinite. */
uint64_t dbc_float_to_raw(double value, unsigned bits);

#endif

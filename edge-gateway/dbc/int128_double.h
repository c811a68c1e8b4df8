/* Integers of 128 bits from and to doubles. Pure. */
#ifndef EDGE_GATEWAY_DBC_INT128_DOUBLE_H
#define EDGE_GATEWAY_DBC_INT128_DOUBLE_H

#include "edge-gateway/dbc/int128.h"

/* To within the last bit of the double. */
double int128_to_double(struct int128 a);

/* Without its fraction; below 2^127 in magnitude. */
struct int128 int128_of_double(double value);

#endif

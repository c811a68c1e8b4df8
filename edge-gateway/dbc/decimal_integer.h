/* A decimal as an integer at an exponent of the caller's choice: cents, microseconds, raw values.
 * Pure. */
#ifndef EDGE_GATEWAY_DBC_DECIMAL_INTEGER_H
#define EDGE_GATEWAY_DBC_DECIMAL_INTEGER_H

#include "edge-gateway/dbc/decimal.h"

/* Exactly the same value at another exponent; false, untouched, when digits or range do not allow.
 */
EDGE_MUST_CHECK bool decimal_rescale(const struct decimal *value, int exponent, struct int128 *ret);

/* The same, when it is one of 64 bits. */
EDGE_MUST_CHECK bool decimal_to_i64(const struct decimal *value, int exponent, int64_t *ret);
EDGE_MUST_CHECK bool decimal_to_u64(const struct decimal *value, int exponent, uint64_t *ret);

#endif

/*
 * DBC_WIDE signals: more than 64 bits, read and written as one large unsigned number without a
 * scale. Internal to the DBC engine.
 */
#ifndef EDGE_GATEWAY_DBC_DBC_WIDE_H
#define EDGE_GATEWAY_DBC_DBC_WIDE_H

#include "common/attributes.h"
#include "edge-gateway/dbc/dbc_encode.h"

#include <stddef.h>
#include <stdint.h>

/* Its number in decimal digits, NUL-terminated; `text` has DBC_WIDE_VALUE_TEXT_MAX bytes. Returns
 * the length. */
size_t dbc_wide_text(const struct dbc_signal *signal, const uint8_t *payload, char *text);

/* Writes the signal's bits into the payload, or refuses and leaves them. */
EDGE_MUST_CHECK enum dbc_encode_result dbc_wide_put(const struct dbc_signal *signal,
                                                    const struct dbc_input *input,
                                                    uint8_t *payload);

#endif

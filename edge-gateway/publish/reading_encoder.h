/*
 * Decoded values to the payloads of the live topics. Pure; writes into the caller's buffers, so
 * that nothing is allocated per frame.
 */
#ifndef EDGE_GATEWAY_PUBLISH_READING_ENCODER_H
#define EDGE_GATEWAY_PUBLISH_READING_ENCODER_H

#include "common/attributes.h"
#include "edge-gateway/dbc/dbc.h"
#include "edge-gateway/dbc/dbc_decode.h"
#include "topics/limits.h"
#include "topics/payload_reading.h"

#include <stddef.h>
#include <stdint.h>

struct reading {
    const struct payload_origin *origin; /* where no topic says it; NULL = left out */
    int64_t ts_us;                       /* the frame's stamp */
    uint64_t seq;                        /* 0 = none */
    const struct dbc_value *values;
    size_t count;
};

/* One JSON object for the whole message, among others. */
void reading_write(struct json_writer *w, const struct reading *reading);

/* What an origin adds, with the longest names: "bus":"","message":"", around them. */
#define READING_ORIGIN_MAX_BYTES (2 * TOPIC_ID_MAX_BYTES + 22)

/* The same, alone. 0 and its length (the final NUL not counted), or -EMSGSIZE. A buffer of
 * reading_payload_max() bytes always suffices, with an origin READING_ORIGIN_MAX_BYTES more. */
EDGE_MUST_CHECK int reading_encode(const struct reading *reading, char *text, size_t size,
                                   size_t *ret_length);
size_t reading_payload_max(const struct dbc_message *message);

/* One signal as a plain value: label, else exact decimal, empty when there is none. Same results
 * and bound. */
EDGE_MUST_CHECK int signal_encode(const struct dbc_value *value, char *text, size_t size,
                                  size_t *ret_length);
size_t signal_payload_max(const struct dbc_signal *signal);

#endif

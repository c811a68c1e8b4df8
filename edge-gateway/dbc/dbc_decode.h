/*
 * A payload to values, on the hot path: no allocation, no text, no division. And what a value
 * means: its exact text, its number, its label.
 */
#ifndef EDGE_GATEWAY_DBC_DBC_DECODE_H
#define EDGE_GATEWAY_DBC_DBC_DECODE_H

#include "edge-gateway/dbc/dbc.h"

#include <stddef.h>
#include <stdint.h>

/* Room for every text of a value but DBC_WIDE ones, which have up to 2.5 digits per payload byte.
 */
#define DBC_VALUE_TEXT_MAX      DECIMAL_TEXT_MAX
#define DBC_WIDE_VALUE_TEXT_MAX (DBC_PAYLOAD_MAX_BYTES * 5 / 2)

enum dbc_quality {
    DBC_QUALITY_GOOD,
    DBC_QUALITY_OUT_OF_RANGE,  /* physical value outside [minimum|maximum] */
    DBC_QUALITY_NOT_AVAILABLE, /* the label says so, or the float is no finite number */
    DBC_QUALITY_COUNT
};

struct dbc_value {
    const struct dbc_signal *signal;
    union {
        uint64_t raw;           /* the bits; of a signed signal extended to int64_t */
        const uint8_t *payload; /* of a DBC_WIDE signal: the frame's data, borrowed */
    };
    enum dbc_quality quality;
};

/* "good", "out_of_range", "not_available". */
const char *dbc_quality_text(enum dbc_quality quality);

/*
 * The signals of `message` that are wholly inside the payload and selected by their multiplexors,
 * in the order of the file. `values` has room for message->signal_count. Returns how many there
 * are. The caller has ruled out remote and error frames, which carry no signals.
 */
size_t dbc_decode(const struct dbc_message *message, const uint8_t *data, size_t length,
                  struct dbc_value *values);

/* The exact physical value as a JSON number, NUL-terminated; 0 for a non-finite float (JSON null).
 */
size_t dbc_value_text(const struct dbc_value *value, char text[DBC_VALUE_TEXT_MAX]);

/* The raw value the same way; for a float the unscaled number: "-0.0" for negative zero, and the
 * bits as an integer when there is no finite number. Never empty but for DBC_WIDE. */
size_t dbc_value_raw_text(const struct dbc_value *value, char text[DBC_VALUE_TEXT_MAX]);

/* A DBC_WIDE signal's number; `text` has DBC_WIDE_VALUE_TEXT_MAX bytes. */
size_t dbc_value_wide_text(const struct dbc_value *value, char *text);

/* The physical value as the nearest double; NaN and infinities only from floats that are so. */
double dbc_value_number(const struct dbc_value *value);

/* The text VAL_ gives this raw value, or the whole row; NULL if it has none. */
const char *dbc_value_label(const struct dbc_value *value);
const struct dbc_label *dbc_value_label_row(const struct dbc_value *value);

#endif

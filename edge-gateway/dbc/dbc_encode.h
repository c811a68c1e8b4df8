/*
 * Values to a payload, with the same tables that decode it: what dbc_decode() gave, dbc_encode()
 * takes back. Every refusal has a reason. Pure; not for the hot path, but it allocates nothing
 * either.
 */
#ifndef EDGE_GATEWAY_DBC_DBC_ENCODE_H
#define EDGE_GATEWAY_DBC_DBC_ENCODE_H

#include "common/attributes.h"
#include "edge-gateway/dbc/dbc.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dbc_input_kind {
    DBC_INPUT_DECIMAL, /* physical value, exact */
    DBC_INPUT_NUMBER,  /* physical value as a double; NaN and infinities only for floats */
    DBC_INPUT_RAW,     /* raw number: an integer, of a float signal the unscaled number */
    DBC_INPUT_LABEL,   /* text of VAL_; the case of letters decides only between equals */
    DBC_INPUT_DIGITS,  /* raw number of any length, for DBC_WIDE signals */
    DBC_INPUT_BITS,    /* the bits themselves; of a signed signal also extended to 64 */
    DBC_INPUT_PAYLOAD  /* the bits that the signal has in another payload of its message */
};

struct dbc_input {
    const char *signal; /* name */
    enum dbc_input_kind kind;
    struct decimal decimal; /* for DBC_INPUT_DECIMAL and DBC_INPUT_RAW */
    double number;          /* for DBC_INPUT_NUMBER */
    const char *label;      /* for DBC_INPUT_LABEL */
    const char *digits;     /* for DBC_INPUT_DIGITS, not terminated */
    size_t digit_count;
    uint64_t bits;          /* for DBC_INPUT_BITS */
    const uint8_t *payload; /* for DBC_INPUT_PAYLOAD; holds the whole signal */
};

struct dbc_encode_request {
    const struct dbc_input *inputs; /* of one signal the last counts */
    size_t count;
    bool any_value; /* do not hold values against [minimum|maximum], only against the bits */
};

enum dbc_encode_result {
    DBC_ENCODE_OK,
    DBC_ENCODE_UNKNOWN_SIGNAL,
    DBC_ENCODE_UNKNOWN_LABEL,
    DBC_ENCODE_NOT_A_NUMBER, /* NaN or infinity for an integer signal */
    DBC_ENCODE_OUT_OF_RANGE, /* outside [minimum|maximum], or more than the bits can hold */
    DBC_ENCODE_RESOLUTION,   /* between two values that the factor allows */
    DBC_ENCODE_MUX_CONFLICT, /* no choice of the multiplexors has all the given signals */
    DBC_ENCODE_NO_ROOM,      /* the signal reaches beyond the message */
    DBC_ENCODE_RESULT_COUNT
};

/* For people: "value is out of range". */
const char *dbc_encode_result_text(enum dbc_encode_result result);

/*
 * Payload bytes of an encoded message: its size, for CAN FD rounded up to a length that a frame can
 * have (ISO 11898-1: 0 to 8, 12, 16, 20, 24, 32, 48, 64).
 */
size_t dbc_encode_length(const struct dbc_message *message);

/*
 * Fills `data` (DBC_PAYLOAD_MAX_BYTES) up to dbc_encode_length(). Multiplexors that are not given
 * are set to the first value that selects all given signals; other signals get their start value
 * (GenSigStartValue, else raw 0, moved into their range). On a refusal *ret_failed is the index of
 * the input to blame, and `data` is unspecified.
 */
EDGE_MUST_CHECK enum dbc_encode_result dbc_encode(const struct dbc_message *message,
                                                  const struct dbc_encode_request *request,
                                                  uint8_t *data, size_t *ret_failed);

/* One input to the raw bits of one signal, without looking at other signals; DBC_ENCODE_NO_ROOM for
 * DBC_WIDE ones. */
EDGE_MUST_CHECK enum dbc_encode_result dbc_encode_raw(const struct dbc_signal *signal,
                                                      const struct dbc_input *input, bool any_value,
                                                      uint64_t *ret_raw);

#endif

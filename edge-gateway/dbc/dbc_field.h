/*
 * A signal prepared by dbc_compile(): what the decoder and the encoder need for each frame, with
 * all decisions taken at load time. Value types, read-only after loading.
 *
 *   raw = ((8 bytes from first_byte, in the signal's byte order) >> shift) & mask, then
 * sign-extended; a field that touches nine bytes takes its last `spill_bits` from the ninth.
 */
#ifndef EDGE_GATEWAY_DBC_DBC_FIELD_H
#define EDGE_GATEWAY_DBC_DBC_FIELD_H

#include "edge-gateway/dbc/decimal.h"

#include <stdbool.h>
#include <stdint.h>

struct dbc_field {
    uint64_t mask;       /* length_bits ones */
    uint64_t sign;       /* the sign bit of a signed field, else 0 */
    uint64_t bias;       /* 2^63 for a signed field: raw ^ bias orders as unsigned */
    uint64_t range_low;  /* raw ^ bias of the lower end of the range */
    uint64_t range_span; /* good when (raw ^ bias) - range_low <= range_span */
    uint16_t first_byte;
    uint16_t end_byte;      /* payload bytes needed to hold the field */
    uint16_t selector_slot; /* in message->selectors, DBC_NO_SLOT when always present */
    uint16_t own_slot;      /* of a multiplexor, else DBC_NO_SLOT */
    uint8_t shift;
    uint8_t spill_bits; /* 0 to 7 */
    bool big_endian;
    bool plain; /* up to 64 bits, no float, no label for "no value": the short way */
};

#define DBC_NO_SLOT UINT16_MAX

/* More multiplexors than this in one message are not followed. */
#define DBC_SELECTORS_MAX 64

enum dbc_scale_kind {
    DBC_SCALE_IDENTITY, /* physical = raw */
    DBC_SCALE_INT64,    /* raw x factor + offset never leaves int64_t */
    DBC_SCALE_INT128,   /* ... never leaves struct int128 */
    DBC_SCALE_DOUBLE    /* float signals, and decimals too long for integers */
};

/* physical = (raw x factor + offset) x 10^exponent; with DBC_SCALE_DOUBLE raw x multiplier +
 * addend. */
struct dbc_scale {
    enum dbc_scale_kind kind;
    int exponent;
    int64_t factor;
    struct int128 offset; /* fits int64_t with DBC_SCALE_INT64 */
    double multiplier;
    double addend;
};

#endif

#include "edge-gateway/dbc/dbc_bits.h"

/* Between a position and a count of bits as a Motorola signal runs: byte by byte, each from its
 * most significant bit. Its own inverse. */
static unsigned mirrored(unsigned position)
{
    return position / 8 * 8 + (7 - position % 8);
}

unsigned dbc_bits_position(const struct dbc_signal *signal, unsigned i)
{
    return signal->big_endian ? mirrored(mirrored(signal->start_bit) + signal->length_bits - 1 - i)
                              : signal->start_bit + i;
}

uint8_t dbc_bits_in_byte(const struct dbc_signal *signal, unsigned byte)
{
    const struct dbc_field *field = &signal->field;
    if (byte < field->first_byte || byte >= field->end_byte) {
        return 0;
    }
    unsigned start = signal->big_endian ? mirrored(signal->start_bit) : signal->start_bit;
    unsigned end = start + signal->length_bits;
    unsigned from = start > byte * 8 ? start - byte * 8 : 0;
    unsigned to = end < byte * 8 + 8 ? end - byte * 8 : 8;
    if (signal->big_endian) {
        unsigned top = 8 - from;
        from = 8 - to;
        to = top;
    }
    return (uint8_t)(((1u << to) - 1u) & ~((1u << from) - 1u));
}

bool dbc_bits_get(const struct dbc_signal *signal, unsigned i, const uint8_t *payload)
{
    unsigned at = dbc_bits_position(signal, i);
    return ((unsigned)payload[at / 8] >> at % 8 & 1u) != 0;
}

void dbc_bits_set(const struct dbc_signal *signal, unsigned i, bool bit, uint8_t *payload)
{
    unsigned at = dbc_bits_position(signal, i);
    unsigned byte = payload[at / 8] & ~(1u << at % 8);
    payload[at / 8] = (uint8_t)(byte | (bit ? 1u << at % 8 : 0u));
}

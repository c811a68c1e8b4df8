#include "edge-gateway/dbc/dbc_bits.h"

/* Counts bits as a Motorola signal runs: byte by byte, each from its most significant bit. Turns
 * such a count into a position, too. */
static unsigned mirrored(unsigned position)
{
    return position / 8 * 8 + (7 - position % 8);
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

unsigned dbc_bits_most_significant(const struct dbc_signal *signal)
{
    return signal->big_endian ? signal->start_bit : signal->start_bit + signal->length_bits - 1u;
}

unsigned dbc_bits_least_significant(const struct dbc_signal *signal)
{
    return signal->big_endian ? mirrored(mirrored(signal->start_bit) + signal->length_bits - 1u)
                              : signal->start_bit;
}

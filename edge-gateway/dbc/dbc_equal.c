#include "edge-gateway/dbc/dbc_equal.h"

#include <string.h>

static bool decimals_equal(const struct decimal *a, const struct decimal *b)
{
    return int128_compare(a->mantissa, b->mantissa) == 0 && a->exponent == b->exponent;
}

static bool scales_equal(const struct dbc_signal *a, const struct dbc_signal *b)
{
    return decimals_equal(&a->factor, &b->factor) && decimals_equal(&a->offset, &b->offset) &&
           a->has_range == b->has_range && decimals_equal(&a->minimum, &b->minimum) &&
           decimals_equal(&a->maximum, &b->maximum) && a->has_start == b->has_start &&
           decimals_equal(&a->start, &b->start);
}

static bool labels_equal(const struct dbc_signal *a, const struct dbc_signal *b)
{
    bool equal = a->label_count == b->label_count;
    for (uint32_t i = 0; equal && i < a->label_count; i++) {
        equal = a->labels[i].raw == b->labels[i].raw &&
                a->labels[i].not_available == b->labels[i].not_available &&
                strcmp(a->labels[i].text, b->labels[i].text) == 0;
    }
    return equal;
}

static bool ranges_equal(const struct dbc_signal *a, const struct dbc_signal *b)
{
    bool equal = a->multiplexor == b->multiplexor && a->multiplexed == b->multiplexed &&
                 a->selector == b->selector && a->range_count == b->range_count;
    for (uint16_t i = 0; equal && i < a->range_count; i++) {
        equal = a->ranges[i].first == b->ranges[i].first && a->ranges[i].last == b->ranges[i].last;
    }
    return equal;
}

bool dbc_signals_equal(const struct dbc_signal *a, const struct dbc_signal *b)
{
    return a->index == b->index && a->start_bit == b->start_bit &&
           a->length_bits == b->length_bits && a->type == b->type &&
           a->big_endian == b->big_endian && strcmp(a->name, b->name) == 0 &&
           strcmp(a->unit, b->unit) == 0 && scales_equal(a, b) && labels_equal(a, b) &&
           ranges_equal(a, b);
}

bool dbc_messages_equal(const struct dbc_message *a, const struct dbc_message *b)
{
    bool equal = a->can_id == b->can_id && a->extended == b->extended && a->fd == b->fd &&
                 a->j1939 == b->j1939 && a->size_bytes == b->size_bytes &&
                 a->signal_count == b->signal_count && strcmp(a->name, b->name) == 0;
    for (uint16_t i = 0; equal && i < a->signal_count; i++) {
        equal = dbc_signals_equal(&a->signals[i], &b->signals[i]);
    }
    return equal;
}

#include "edge-gateway/dbc/dbc_compile.h"

#include <string.h>

/* Whether some selector value switches both on. */
static bool may_meet(const struct dbc_signal *a, const struct dbc_signal *b)
{
    if (!a->multiplexed || !b->multiplexed || a->selector != b->selector) {
        return true;
    }
    for (uint16_t i = 0; i < a->range_count; i++) {
        for (uint16_t j = 0; j < b->range_count; j++) {
            if (a->ranges[i].first <= b->ranges[j].last &&
                b->ranges[j].first <= a->ranges[i].last) {
                return true;
            }
        }
    }
    return false;
}

/* The bits of a signal in one payload byte, bit 0 the least significant. */
static uint8_t bits_in_byte(const struct dbc_signal *signal, unsigned byte)
{
    const struct dbc_field *field = &signal->field;
    if (byte < field->first_byte || byte >= field->end_byte) {
        return 0;
    }
    unsigned start = signal->start_bit;
    start = signal->big_endian ? start / 8 * 8 + (7 - start % 8) : start;
    unsigned end = start + signal->length_bits;
    unsigned from = start > byte * 8 ? start - byte * 8 : 0;
    unsigned to = end < byte * 8 + 8 ? end - byte * 8 : 8;
    unsigned in_order = ((1u << to) - 1u) & ~((1u << from) - 1u);
    if (!signal->big_endian) {
        return (uint8_t)in_order;
    }
    unsigned mirrored = 0;
    for (unsigned bit = 0; bit < 8; bit++) {
        mirrored |= (in_order >> bit & 1u) << (7 - bit);
    }
    return (uint8_t)mirrored;
}

static bool overlap(const struct dbc_signal *a, const struct dbc_signal *b)
{
    unsigned from =
        a->field.first_byte > b->field.first_byte ? a->field.first_byte : b->field.first_byte;
    unsigned to = a->field.end_byte < b->field.end_byte ? a->field.end_byte : b->field.end_byte;
    for (unsigned byte = from; byte < to; byte++) {
        if ((bits_in_byte(a, byte) & bits_in_byte(b, byte)) != 0) {
            return true;
        }
    }
    return false;
}

static void warn_overlaps(const struct dbc_draft_message *message, size_t index,
                          const struct dbc_report *report)
{
    const struct dbc_draft_signal *draft = &message->signals[index];
    for (size_t i = 0; i < index; i++) {
        const struct dbc_signal *other = &message->signals[i].signal;
        if (overlap(other, &draft->signal) && may_meet(other, &draft->signal)) {
            dbc_report_warn(report, draft->at, "signal '%s' overlaps signal '%s'",
                            draft->signal.name, other->name);
            return;
        }
    }
}

void dbc_check_layout(const struct dbc_draft_message *message, const struct dbc_report *report)
{
    for (size_t i = 0; i < message->signal_count; i++) {
        const struct dbc_draft_signal *draft = &message->signals[i];
        if (draft->signal.field.end_byte > message->message.size_bytes) {
            dbc_report_warn(report, draft->at,
                            "signal '%s' reaches beyond the %u bytes of message '%s'",
                            draft->signal.name, message->message.size_bytes, message->message.name);
        }
        warn_overlaps(message, i, report);
    }
}

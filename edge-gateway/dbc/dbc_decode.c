#include "edge-gateway/dbc/dbc_decode.h"

#include "edge-gateway/dbc/dbc_select.h"

#include <math.h>
#include <string.h>

#define SLACK_BYTES 16 /* an eight-byte load at the last byte, and its ninth, stay inside */

static inline uint64_t load_little_endian(const uint8_t *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof(word));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/* See dbc_field.h. */
static inline uint64_t extract(const struct dbc_field *field, const uint8_t *window)
{
    const uint8_t *at = window + field->first_byte;
    uint64_t word = load_little_endian(at);
    uint64_t raw;
    if (field->big_endian) {
        word = __builtin_bswap64(word);
        raw = field->spill_bits == 0
                  ? word >> field->shift
                  : word << field->spill_bits | (uint64_t)(at[8] >> (8 - field->spill_bits));
    } else {
        raw = word >> field->shift;
        if (field->spill_bits != 0) {
            raw |= (uint64_t)at[8] << (64 - field->shift);
        }
    }
    raw &= field->mask;
    return (raw ^ field->sign) - field->sign;
}

static enum dbc_quality float_quality(const struct dbc_value *value)
{
    double number = dbc_value_number(value);
    if (!isfinite(number)) {
        return DBC_QUALITY_NOT_AVAILABLE;
    }
    const struct dbc_signal *signal = value->signal;
    bool outside = signal->has_range && (number < decimal_to_double(&signal->minimum) ||
                                         number > decimal_to_double(&signal->maximum));
    return outside ? DBC_QUALITY_OUT_OF_RANGE : DBC_QUALITY_GOOD;
}

/* The signals that need more than their range: floats, wide fields, not-available labels. */
static void refine(struct dbc_value *value, const uint8_t *payload)
{
    const struct dbc_signal *signal = value->signal;
    if (signal->type == DBC_WIDE) {
        value->payload = payload;
        value->quality = DBC_QUALITY_GOOD;
        return;
    }
    if (signal->type == DBC_FLOAT) {
        value->quality = float_quality(value);
    }
    const struct dbc_label *label = dbc_value_label_row(value);
    if (label != NULL && label->not_available) {
        value->quality = DBC_QUALITY_NOT_AVAILABLE;
    }
}

static inline void decode_signal(const struct dbc_signal *signal, const uint8_t *window,
                                 const uint8_t *payload, struct dbc_value *value)
{
    const struct dbc_field *field = &signal->field;
    value->signal = signal;
    value->raw = extract(field, window);
    value->quality = (value->raw ^ field->bias) - field->range_low <= field->range_span
                         ? DBC_QUALITY_GOOD
                         : DBC_QUALITY_OUT_OF_RANGE;
    if (!field->plain) {
        refine(value, payload);
    }
}

/* What the multiplexors of one frame say, by slot. */
struct selection {
    uint64_t raw[DBC_SELECTORS_MAX]; /* unsigned: ranges in a DBC cannot be negative */
    bool present[DBC_SELECTORS_MAX];
};

static bool is_selected(const struct dbc_signal *signal, const struct selection *selection)
{
    uint16_t slot = signal->field.selector_slot;
    return slot == DBC_NO_SLOT ||
           (selection->present[slot] && dbc_selected_by(signal, selection->raw[slot]));
}

static void read_selectors(const struct dbc_message *message, const uint8_t *window, size_t length,
                           struct selection *selection)
{
    for (uint16_t slot = 0; slot < message->selector_count; slot++) {
        const struct dbc_signal *signal = &message->signals[message->selectors[slot]];
        selection->present[slot] =
            signal->field.end_byte <= length && is_selected(signal, selection);
        selection->raw[slot] = extract(&signal->field, window) & signal->field.mask;
    }
}

/* Eight bytes, as most frames have, are one move. */
static inline void copy_payload(uint8_t *window, const uint8_t *data, size_t length)
{
    if (length == sizeof(uint64_t)) {
        memcpy(window, data, sizeof(uint64_t));
    } else {
        memcpy(window, data, length);
    }
    memset(window + length, 0, SLACK_BYTES);
}

size_t dbc_decode(const struct dbc_message *message, const uint8_t *data, size_t length,
                  struct dbc_value *values)
{
    uint8_t window[DBC_PAYLOAD_MAX_BYTES + SLACK_BYTES];
    struct selection selection;
    bool switched = message->selector_count > 0;
    length = length < DBC_PAYLOAD_MAX_BYTES ? length : DBC_PAYLOAD_MAX_BYTES;
    copy_payload(window, data, length);
    if (switched) {
        read_selectors(message, window, length, &selection);
    }
    struct dbc_value *value = values;
    const struct dbc_signal *end = message->signals + message->signal_count;
    for (const struct dbc_signal *signal = message->signals; signal < end; signal++) {
        if (signal->field.end_byte <= length && (!switched || is_selected(signal, &selection))) {
            decode_signal(signal, window, data, value++);
        }
    }
    return (size_t)(value - values);
}

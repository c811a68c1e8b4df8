#include "edge-gateway/dbc/dbc_decode.h"

#include "edge-gateway/dbc/dbc_float.h"
#include "edge-gateway/dbc/dbc_labels.h"

#include <math.h>
#include <string.h>

const char *dbc_quality_text(enum dbc_quality quality)
{
    static const char *const texts[] = {
        [DBC_QUALITY_GOOD] = "good",
        [DBC_QUALITY_OUT_OF_RANGE] = "out_of_range",
        [DBC_QUALITY_NOT_AVAILABLE] = "not_available",
    };
    _Static_assert(sizeof(texts) / sizeof(texts[0]) == DBC_QUALITY_COUNT, "one text per quality");
    return texts[quality];
}

static __int128 raw_integer(const struct dbc_value *value)
{
    return value->signal->type == DBC_SIGNED ? (__int128)(int64_t)value->raw : (__int128)value->raw;
}

static double raw_number(const struct dbc_value *value)
{
    const struct dbc_signal *signal = value->signal;
    switch (signal->type) {
    case DBC_UNSIGNED:
        return (double)value->raw;
    case DBC_SIGNED:
        return (double)(int64_t)value->raw;
    case DBC_FLOAT:
        return dbc_float_from_raw(value->raw, signal->length_bits);
    case DBC_WIDE:
        return (double)NAN;
    }
    return (double)NAN;
}

size_t dbc_value_raw_text(const struct dbc_value *value, char text[DBC_VALUE_TEXT_MAX])
{
    const struct dbc_signal *signal = value->signal;
    switch (signal->type) {
    case DBC_UNSIGNED:
        return decimal_format_u64(value->raw, text);
    case DBC_SIGNED:
        return decimal_format_i64((int64_t)value->raw, 0, text);
    case DBC_FLOAT:
        return signal->length_bits == 64 ? decimal_format_double(raw_number(value), text)
                                         : decimal_format_float((float)raw_number(value), text);
    case DBC_WIDE:
        return 0;
    }
    return 0;
}

size_t dbc_value_text(const struct dbc_value *value, char text[DBC_VALUE_TEXT_MAX])
{
    const struct dbc_scale *scale = &value->signal->scale;
    switch (scale->kind) {
    case DBC_SCALE_IDENTITY:
        return dbc_value_raw_text(value, text);
    case DBC_SCALE_INT64:
        return decimal_format_i64((int64_t)value->raw * scale->factor + (int64_t)scale->offset,
                                  scale->exponent, text);
    case DBC_SCALE_INT128:
        return decimal_format(raw_integer(value) * scale->factor + scale->offset, scale->exponent,
                              text);
    case DBC_SCALE_DOUBLE:
        return decimal_format_double(raw_number(value) * scale->multiplier + scale->addend, text);
    }
    return 0;
}

double dbc_value_number(const struct dbc_value *value)
{
    const struct dbc_scale *scale = &value->signal->scale;
    switch (scale->kind) {
    case DBC_SCALE_IDENTITY:
        return raw_number(value);
    case DBC_SCALE_INT64:
    case DBC_SCALE_INT128: {
        struct decimal exact = {raw_integer(value) * scale->factor + scale->offset,
                                scale->exponent};
        return decimal_to_double(&exact);
    }
    case DBC_SCALE_DOUBLE:
        return raw_number(value) * scale->multiplier + scale->addend;
    }
    return (double)NAN;
}

const struct dbc_label *dbc_value_label_row(const struct dbc_value *value)
{
    const struct dbc_signal *signal = value->signal;
    if (signal->label_count == 0 || signal->type == DBC_WIDE) {
        return NULL;
    }
    int64_t raw = (int64_t)value->raw;
    if (signal->type == DBC_FLOAT) {
        double number = raw_number(value);
        if (!(fabs(number) < 9e18) || number != floor(number)) {
            return NULL;
        }
        raw = (int64_t)number;
    }
    return dbc_find_label(signal, raw);
}

const char *dbc_value_label(const struct dbc_value *value)
{
    const struct dbc_label *label = dbc_value_label_row(value);
    return label != NULL ? label->text : NULL;
}

/* Bit `i` of the field, counted from its least significant one. */
static unsigned wide_bit(const struct dbc_signal *signal, const uint8_t *payload, unsigned i)
{
    unsigned start = signal->start_bit;
    if (!signal->big_endian) {
        unsigned at = start + i;
        return (unsigned)payload[at / 8] >> at % 8 & 1u;
    }
    unsigned at = start / 8 * 8 + (7 - start % 8) + signal->length_bits - 1 - i;
    return (unsigned)payload[at / 8] >> (7 - at % 8) & 1u;
}

size_t dbc_value_wide_text(const struct dbc_value *value, char *text)
{
    const uint32_t chunk = 1000000000; /* nine digits per limb, least significant limb first */
    uint32_t limbs[DBC_WIDE_VALUE_TEXT_MAX / 9 + 1] = {0};
    size_t used = 1;
    for (unsigned i = value->signal->length_bits; i-- > 0;) {
        uint32_t carry = wide_bit(value->signal, value->payload, i);
        for (size_t limb = 0; limb < used; limb++) {
            uint32_t doubled = limbs[limb] * 2 + carry;
            carry = doubled >= chunk ? 1 : 0;
            limbs[limb] = carry != 0 ? doubled - chunk : doubled;
        }
        if (carry != 0) {
            limbs[used++] = carry;
        }
    }
    size_t length = decimal_format_u64(limbs[used - 1], text);
    while (--used > 0) {
        char digits[DECIMAL_TEXT_MAX];
        (void)decimal_format_u64((uint64_t)limbs[used - 1] + chunk, digits);
        memcpy(text + length, digits + 1, 10);
        length += 9;
    }
    return length;
}

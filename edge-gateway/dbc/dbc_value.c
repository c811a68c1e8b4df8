#include "edge-gateway/dbc/dbc_decode.h"

#include "edge-gateway/dbc/dbc_float.h"
#include "edge-gateway/dbc/dbc_labels.h"
#include "edge-gateway/dbc/dbc_wide.h"

#include <assert.h>
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

/* With DBC_SCALE_INT64. */
static int64_t small_scaled(const struct dbc_value *value)
{
    const struct dbc_scale *scale = &value->signal->scale;
    return (int64_t)value->raw * scale->factor + (int64_t)scale->offset.low;
}

/* With DBC_SCALE_INT128, which promises that it fits. */
static struct int128 large_scaled(const struct dbc_value *value)
{
    const struct dbc_scale *scale = &value->signal->scale;
    struct int128 scaled = value->signal->type == DBC_SIGNED ? int128_of((int64_t)value->raw)
                                                             : int128_of_unsigned(value->raw);
    bool fits = int128_multiply(scaled, int128_of(scale->factor), &scaled) &&
                int128_add(scaled, scale->offset, &scaled);
    assert(fits);
    (void)fits;
    return scaled;
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

static EDGE_NOINLINE size_t float_text(const struct dbc_value *value, char *text)
{
    double number = raw_number(value);
    return value->signal->length_bits == 64 ? decimal_format_double(number, text)
                                            : decimal_format_float((float)number, text);
}

/* The number without its scale; 0 for a float that is no finite number. */
static size_t unscaled_text(const struct dbc_value *value, char *text)
{
    switch (value->signal->type) {
    case DBC_UNSIGNED:
        return decimal_format_u64(value->raw, text);
    case DBC_SIGNED:
        return decimal_format_i64((int64_t)value->raw, 0, text);
    case DBC_FLOAT:
        return float_text(value, text);
    case DBC_WIDE:
        return 0;
    }
    return 0;
}

/* A float whose text would not tell its bits has them, or its sign, told. */
static EDGE_NOINLINE size_t raw_float_text(const struct dbc_value *value, char *text)
{
    static const char minus_zero[] = "-0.0";
    double number = raw_number(value);
    if (!isfinite(number)) {
        return decimal_format_u64(value->raw, text);
    }
    if (number == 0 && signbit(number)) {
        memcpy(text, minus_zero, sizeof(minus_zero));
        return sizeof(minus_zero) - 1;
    }
    return float_text(value, text);
}

size_t dbc_value_raw_text(const struct dbc_value *value, char text[DBC_VALUE_TEXT_MAX])
{
    return value->signal->type == DBC_FLOAT ? raw_float_text(value, text)
                                            : unscaled_text(value, text);
}

static EDGE_NOINLINE size_t large_text(const struct dbc_value *value, char *text)
{
    return decimal_format(large_scaled(value), value->signal->scale.exponent, text);
}

static EDGE_NOINLINE size_t scaled_float_text(const struct dbc_value *value, char *text)
{
    const struct dbc_scale *scale = &value->signal->scale;
    return decimal_format_double(raw_number(value) * scale->multiplier + scale->addend, text);
}

size_t dbc_value_text(const struct dbc_value *value, char text[DBC_VALUE_TEXT_MAX])
{
    const struct dbc_scale *scale = &value->signal->scale;
    switch (scale->kind) {
    case DBC_SCALE_IDENTITY:
        return unscaled_text(value, text);
    case DBC_SCALE_INT64:
        return decimal_format_i64(small_scaled(value), scale->exponent, text);
    case DBC_SCALE_INT128:
        return large_text(value, text);
    case DBC_SCALE_DOUBLE:
        return scaled_float_text(value, text);
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
        return decimal_i64_to_double(small_scaled(value), scale->exponent);
    case DBC_SCALE_INT128: {
        struct decimal exact = {large_scaled(value), scale->exponent};
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

size_t dbc_value_wide_text(const struct dbc_value *value, char *text)
{
    return dbc_wide_text(value->signal, value->payload, text);
}

#include "edge-gateway/dbc/dbc_compile.h"
#include "edge-gateway/dbc/decimal_integer.h"
#include "edge-gateway/dbc/int128_double.h"

#include <math.h>

#define WORD_BITS      64u
#define EXPONENT_MIN   (-40)
#define FACTOR_MAX     (INT64_C(1) << 62)
#define SUM_MAX_DOUBLE 1.7e38 /* just below 2^127 */
#define RAW_MAX        1e30   /* beyond every raw value */

/* Where a field's bits lie in the payload; see dbc_field.h. */
static void prepare_layout(const struct dbc_signal *signal, struct dbc_field *field)
{
    unsigned start = signal->start_bit;
    unsigned length = signal->length_bits;
    field->big_endian = signal->big_endian;
    if (signal->big_endian) {
        /* Count bits as they are sent: byte by byte, each from its most significant bit. */
        start = start / 8 * 8 + (7 - start % 8);
    }
    unsigned in_byte = start % 8;
    field->first_byte = (uint16_t)(start / 8);
    field->end_byte = (uint16_t)((start + length - 1) / 8 + 1);
    if (length > WORD_BITS) {
        field->shift = (uint8_t)in_byte;
        return;
    }
    field->mask = length == WORD_BITS ? UINT64_MAX : (UINT64_C(1) << length) - 1;
    field->spill_bits = (uint8_t)(in_byte + length > WORD_BITS ? in_byte + length - WORD_BITS : 0);
    if (!signal->big_endian) {
        field->shift = (uint8_t)in_byte;
    } else {
        field->shift = (uint8_t)(field->spill_bits > 0 ? 0 : WORD_BITS - in_byte - length);
    }
}

static void prepare_sign(const struct dbc_signal *signal, struct dbc_field *field)
{
    if (signal->type == DBC_SIGNED) {
        field->sign = UINT64_C(1) << (signal->length_bits - 1);
        field->bias = UINT64_C(1) << 63;
    }
}

/* Smallest and largest raw value of the type. */
static void raw_limits(const struct dbc_signal *signal, struct int128 *ret_low,
                       struct int128 *ret_high)
{
    uint64_t mask = signal->field.mask;
    bool is_signed = signal->type == DBC_SIGNED;
    *ret_low = is_signed ? int128_of(-(int64_t)(mask / 2) - 1) : int128_of(0);
    *ret_high = int128_of_unsigned(is_signed ? mask / 2 : mask);
}

/* Physical values of integers are finite: what would not be has no scale. */
static void check_scale(struct dbc_draft_signal *draft, const struct dbc_report *report)
{
    struct dbc_signal *signal = &draft->signal;
    double largest = ldexp(fabs(decimal_to_double(&signal->factor)), signal->length_bits) +
                     fabs(decimal_to_double(&signal->offset));
    if ((signal->type == DBC_UNSIGNED || signal->type == DBC_SIGNED) && !isfinite(largest)) {
        dbc_report_warn(report, draft->at,
                        "factor and offset of signal '%s' are too large: (1,0) is assumed",
                        signal->name);
        signal->factor = decimal_of(1, 0);
        signal->offset = decimal_of(0, 0);
    }
}

static void prepare_scale(const struct dbc_signal *signal, struct dbc_scale *scale)
{
    const struct decimal *factor = &signal->factor;
    const struct decimal *offset = &signal->offset;
    scale->multiplier = decimal_to_double(factor);
    scale->addend = decimal_to_double(offset);
    if (decimal_is_one(factor) && int128_is_zero(offset->mantissa)) {
        scale->kind = DBC_SCALE_IDENTITY;
        return;
    }
    scale->kind = DBC_SCALE_DOUBLE;
    int exponent = factor->exponent;
    if (!int128_is_zero(offset->mantissa) &&
        (int128_is_zero(factor->mantissa) || offset->exponent < exponent)) {
        exponent = offset->exponent;
    }
    exponent = exponent > 0 ? 0 : exponent;
    int64_t f;
    struct int128 o;
    if (signal->type == DBC_FLOAT || signal->type == DBC_WIDE || exponent < EXPONENT_MIN ||
        !decimal_to_i64(factor, exponent, &f) || !decimal_rescale(offset, exponent, &o) ||
        f > FACTOR_MAX || f < -FACTOR_MAX) {
        return;
    }
    double largest = fabs((double)f) * ldexp(1.0, signal->length_bits) + fabs(int128_to_double(o));
    if (largest < SUM_MAX_DOUBLE) {
        scale->kind = largest < (double)INT64_MAX / 2 ? DBC_SCALE_INT64 : DBC_SCALE_INT128;
        scale->factor = f;
        scale->offset = o;
        scale->exponent = exponent;
    }
}

/* False: the quotient does not fit. */
static bool floor_divide(struct int128 a, struct int128 b, struct int128 *ret)
{
    struct int128 quotient;
    struct int128 rest;
    int128_divide(a, b, &quotient, &rest);
    bool down = !int128_is_zero(rest) && int128_is_negative(a) != int128_is_negative(b);
    return int128_subtract(quotient, int128_of(down ? 1 : 0), ret);
}

/* The raw value whose physical value is `limit`, rounded into the range: down or up. */
static bool exact_bound(const struct dbc_signal *signal, const struct decimal *limit, bool up,
                        struct int128 *ret)
{
    int exponent =
        limit->exponent < signal->factor.exponent ? limit->exponent : signal->factor.exponent;
    exponent = signal->offset.exponent < exponent ? signal->offset.exponent : exponent;
    struct int128 l;
    struct int128 f;
    struct int128 o;
    struct int128 distance;
    struct int128 back;
    if (!decimal_rescale(limit, exponent, &l) || !decimal_rescale(&signal->factor, exponent, &f) ||
        !decimal_rescale(&signal->offset, exponent, &o) || int128_is_zero(f) ||
        !int128_subtract(l, o, &distance) || !int128_subtract(o, l, &back)) {
        return false;
    }
    return up ? floor_divide(back, f, &back) && int128_subtract(int128_of(0), back, ret)
              : floor_divide(distance, f, ret);
}

static bool raw_bound(const struct dbc_signal *signal, const struct decimal *limit, bool up,
                      struct int128 *ret)
{
    if (exact_bound(signal, limit, up, ret)) {
        return true;
    }
    double raw = (decimal_to_double(limit) - signal->scale.addend) / signal->scale.multiplier;
    if (!isfinite(raw)) {
        return false;
    }
    raw = up ? ceil(raw) : floor(raw);
    *ret = int128_of_double(fmin(fmax(raw, -RAW_MAX), RAW_MAX));
    return true;
}

static void prepare_range(struct dbc_draft_signal *draft, const struct dbc_report *report)
{
    struct dbc_signal *signal = &draft->signal;
    struct dbc_field *field = &signal->field;
    field->range_span = UINT64_MAX;
    signal->has_range = decimal_to_double(&signal->minimum) < decimal_to_double(&signal->maximum);
    if (!signal->has_range || signal->type == DBC_FLOAT || signal->type == DBC_WIDE) {
        return;
    }
    bool falling = int128_is_negative(signal->factor.mantissa);
    struct int128 low;
    struct int128 high;
    struct int128 type_low;
    struct int128 type_high;
    raw_limits(signal, &type_low, &type_high);
    if (!raw_bound(signal, falling ? &signal->maximum : &signal->minimum, true, &low) ||
        !raw_bound(signal, falling ? &signal->minimum : &signal->maximum, false, &high)) {
        return;
    }
    low = int128_compare(low, type_low) < 0 ? type_low : low;
    high = int128_compare(high, type_high) > 0 ? type_high : high;
    if (int128_compare(low, high) > 0) {
        dbc_report_warn(report, draft->at, "no value of signal '%s' lies in its range: ignored",
                        signal->name);
        signal->has_range = false;
        return;
    }
    field->range_low = low.low ^ field->bias;
    field->range_span = high.low - low.low; /* at most 2^64 - 1 */
}

static bool any_not_available(const struct dbc_signal *signal)
{
    for (uint32_t i = 0; i < signal->label_count; i++) {
        if (signal->labels[i].not_available) {
            return true;
        }
    }
    return false;
}

void dbc_compile_signal(struct dbc_draft_signal *draft, const struct dbc_report *report)
{
    struct dbc_signal *signal = &draft->signal;
    prepare_layout(signal, &signal->field);
    prepare_sign(signal, &signal->field);
    check_scale(draft, report);
    prepare_scale(signal, &signal->scale);
    prepare_range(draft, report);
    signal->field.plain =
        (signal->type == DBC_UNSIGNED || signal->type == DBC_SIGNED) && !any_not_available(signal);
}

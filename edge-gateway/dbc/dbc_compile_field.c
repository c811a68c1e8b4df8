#include "edge-gateway/dbc/dbc_compile.h"

#include <math.h>

#define WORD_BITS      64u
#define EXPONENT_MIN   (-40)
#define FACTOR_MAX     ((__int128)1 << 62)
#define SUM_MAX_DOUBLE 1.7e38 /* just below 2^127 */

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
static void raw_limits(const struct dbc_signal *signal, __int128 *ret_low, __int128 *ret_high)
{
    __int128 values = (__int128)1 << signal->length_bits;
    *ret_low = signal->type == DBC_SIGNED ? -(values / 2) : 0;
    *ret_high = *ret_low + values - 1;
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
        signal->factor = (struct decimal){1, 0};
        signal->offset = (struct decimal){0, 0};
    }
}

static void prepare_scale(const struct dbc_signal *signal, struct dbc_scale *scale)
{
    const struct decimal *factor = &signal->factor;
    const struct decimal *offset = &signal->offset;
    scale->multiplier = decimal_to_double(factor);
    scale->addend = decimal_to_double(offset);
    if (factor->mantissa == 1 && factor->exponent == 0 && offset->mantissa == 0) {
        scale->kind = DBC_SCALE_IDENTITY;
        return;
    }
    scale->kind = DBC_SCALE_DOUBLE;
    int exponent = factor->exponent;
    if (offset->mantissa != 0 && (factor->mantissa == 0 || offset->exponent < exponent)) {
        exponent = offset->exponent;
    }
    exponent = exponent > 0 ? 0 : exponent;
    __int128 f;
    __int128 o;
    if (signal->type == DBC_FLOAT || signal->type == DBC_WIDE || exponent < EXPONENT_MIN ||
        !decimal_rescale(factor, exponent, &f) || !decimal_rescale(offset, exponent, &o) ||
        f > FACTOR_MAX || f < -FACTOR_MAX) {
        return;
    }
    double largest = fabs((double)f) * ldexp(1.0, signal->length_bits) + fabs((double)o);
    if (largest < SUM_MAX_DOUBLE) {
        scale->kind = largest < (double)INT64_MAX / 2 ? DBC_SCALE_INT64 : DBC_SCALE_INT128;
        scale->factor = (int64_t)f;
        scale->offset = o;
        scale->exponent = exponent;
    }
}

static __int128 floor_divide(__int128 a, __int128 b)
{
    __int128 quotient = a / b;
    return a % b != 0 && ((a < 0) != (b < 0)) ? quotient - 1 : quotient;
}

/* The raw value whose physical value is `limit`, rounded into the range: down or up. */
static bool exact_bound(const struct dbc_signal *signal, const struct decimal *limit, bool up,
                        __int128 *ret)
{
    int exponent =
        limit->exponent < signal->factor.exponent ? limit->exponent : signal->factor.exponent;
    exponent = signal->offset.exponent < exponent ? signal->offset.exponent : exponent;
    __int128 l;
    __int128 f;
    __int128 o;
    __int128 distance;
    __int128 back;
    if (!decimal_rescale(limit, exponent, &l) || !decimal_rescale(&signal->factor, exponent, &f) ||
        !decimal_rescale(&signal->offset, exponent, &o) || f == 0 ||
        __builtin_sub_overflow(l, o, &distance) || __builtin_sub_overflow(o, l, &back)) {
        return false;
    }
    *ret = up ? -floor_divide(back, f) : floor_divide(distance, f);
    return true;
}

static bool raw_bound(const struct dbc_signal *signal, const struct decimal *limit, bool up,
                      __int128 *ret)
{
    if (exact_bound(signal, limit, up, ret)) {
        return true;
    }
    double raw = (decimal_to_double(limit) - signal->scale.addend) / signal->scale.multiplier;
    if (!isfinite(raw)) {
        return false;
    }
    raw = up ? ceil(raw) : floor(raw);
    *ret = raw > 1e30 ? (__int128)1e30 : raw < -1e30 ? -(__int128)1e30 : (__int128)raw;
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
    bool falling = signal->factor.mantissa < 0;
    __int128 low;
    __int128 high;
    __int128 type_low;
    __int128 type_high;
    raw_limits(signal, &type_low, &type_high);
    if (!raw_bound(signal, falling ? &signal->maximum : &signal->minimum, true, &low) ||
        !raw_bound(signal, falling ? &signal->minimum : &signal->maximum, false, &high)) {
        return;
    }
    low = low < type_low ? type_low : low;
    high = high > type_high ? type_high : high;
    if (low > high) {
        dbc_report_warn(report, draft->at, "no value of signal '%s' lies in its range: ignored",
                        signal->name);
        signal->has_range = false;
        return;
    }
    field->range_low = (uint64_t)low ^ field->bias;
    field->range_span = (uint64_t)(high - low);
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

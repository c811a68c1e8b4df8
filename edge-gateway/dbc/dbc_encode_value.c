#include "edge-gateway/dbc/dbc_encode_value.h"

#include "edge-gateway/dbc/dbc_bits.h"
#include "edge-gateway/dbc/dbc_encode.h"
#include "edge-gateway/dbc/dbc_float.h"
#include "edge-gateway/dbc/dbc_labels.h"
#include "edge-gateway/dbc/decimal_integer.h"
#include "edge-gateway/dbc/int128_double.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define STEP_TOLERANCE 1e-6 /* of one step: what arithmetic in doubles leaves behind */
#define STEPS_MAX      1e30 /* far beyond 64 bits, and safe to convert */

/* Whether the bits hold the number; for labels and raw values nothing else matters. */
static enum dbc_encode_result fit_bits(const struct dbc_signal *signal, struct int128 number,
                                       uint64_t *ret_raw)
{
    uint64_t mask = signal->field.mask;
    int64_t value = 0;
    bool fits = signal->type == DBC_SIGNED
                    ? int128_to_i64(number, &value) && value >= -(int64_t)(mask / 2) - 1 &&
                          value <= (int64_t)(mask / 2)
                    : number.high == 0 && number.low <= mask;
    if (!fits) {
        return DBC_ENCODE_OUT_OF_RANGE;
    }
    *ret_raw = number.low;
    return DBC_ENCODE_OK;
}

static bool in_raw_range(const struct dbc_field *field, uint64_t raw)
{
    return (raw ^ field->bias) - field->range_low <= field->range_span;
}

/* (value - offset) / factor when that is an integer. */
static bool divide_exactly(const struct dbc_signal *signal, const struct decimal *value,
                           struct int128 *ret)
{
    const struct dbc_scale *scale = &signal->scale;
    if (scale->kind == DBC_SCALE_IDENTITY) {
        return decimal_rescale(value, 0, ret);
    }
    struct int128 number;
    struct int128 negative; /* exists: else a factor of -1 could not divide */
    struct int128 steps;
    struct int128 rest;
    if (scale->kind == DBC_SCALE_DOUBLE || scale->factor == 0 ||
        !decimal_rescale(value, scale->exponent, &number) ||
        !int128_subtract(number, scale->offset, &number) ||
        !int128_subtract(int128_of(0), number, &negative)) {
        return false;
    }
    int128_divide(number, int128_of(scale->factor), &steps, &rest);
    if (!int128_is_zero(rest)) {
        return false;
    }
    *ret = steps;
    return true;
}

/*
 * The nearest step, when the distance is only what doubles could not tell. Doubles, not more: a
 * value that is not on the grid has been through double arithmetic, and its inverse leads back.
 */
static enum dbc_encode_result divide_nearly(const struct dbc_signal *signal, double number,
                                            struct int128 *ret)
{
    bool identity = signal->scale.kind == DBC_SCALE_IDENTITY;
    double factor = identity ? 1 : signal->scale.multiplier;
    double offset = identity ? 0 : signal->scale.addend;
    if (factor == 0) {
        *ret = int128_of(0);
        return number == offset ? DBC_ENCODE_OK : DBC_ENCODE_RESOLUTION;
    }
    double steps = (number - offset) / factor;
    if (!(fabs(steps) < STEPS_MAX)) {
        return DBC_ENCODE_OUT_OF_RANGE;
    }
    double nearest = round(steps);
    double lost = (fabs(number) + fabs(offset)) / fabs(factor) * DBL_EPSILON;
    *ret = int128_of_double(nearest);
    return fabs(steps - nearest) <= STEP_TOLERANCE + lost ? DBC_ENCODE_OK : DBC_ENCODE_RESOLUTION;
}

static enum dbc_encode_result check_integer(const struct dbc_signal *signal, struct int128 number,
                                            bool any_value, uint64_t *ret_raw)
{
    uint64_t raw;
    enum dbc_encode_result result = fit_bits(signal, number, &raw);
    if (result == DBC_ENCODE_OK && !any_value && !in_raw_range(&signal->field, raw)) {
        return DBC_ENCODE_OUT_OF_RANGE;
    }
    if (result == DBC_ENCODE_OK) {
        *ret_raw = raw;
    }
    return result;
}

static enum dbc_encode_result encode_exact(const struct dbc_signal *signal,
                                           const struct decimal *value, bool any_value,
                                           uint64_t *ret_raw)
{
    struct int128 number;
    enum dbc_encode_result result = DBC_ENCODE_OK;
    if (!divide_exactly(signal, value, &number)) {
        result = divide_nearly(signal, decimal_to_double(value), &number);
    }
    return result == DBC_ENCODE_OK ? check_integer(signal, number, any_value, ret_raw) : result;
}

/*
 * Up to 15 digits a double is as good as the decimal that made it. With more it is the result of
 * arithmetic, or a number too large for decimals: then doubles lead back.
 */
static enum dbc_encode_result encode_double(const struct dbc_signal *signal, double value,
                                            bool any_value, uint64_t *ret_raw)
{
    const int64_t exact_max = 1000000000000000; /* 10^15 */
    struct decimal exact;
    struct int128 number;
    int64_t digits;
    if (!decimal_from_double(value, &exact)) {
        return DBC_ENCODE_NOT_A_NUMBER;
    }
    if (int128_to_i64(exact.mantissa, &digits) && digits > -exact_max && digits < exact_max) {
        return encode_exact(signal, &exact, any_value, ret_raw);
    }
    enum dbc_encode_result result = divide_nearly(signal, value, &number);
    return result == DBC_ENCODE_OK ? check_integer(signal, number, any_value, ret_raw) : result;
}

/* A number without its scale to float bits; what becomes infinite does not fit. */
static enum dbc_encode_result float_bits(const struct dbc_signal *signal, double number,
                                         uint64_t *ret_raw)
{
    uint64_t raw = dbc_float_to_raw(number, signal->length_bits);
    if (isfinite(number) && !isfinite(dbc_float_from_raw(raw, signal->length_bits))) {
        return DBC_ENCODE_OUT_OF_RANGE;
    }
    *ret_raw = raw;
    return DBC_ENCODE_OK;
}

static enum dbc_encode_result encode_float(const struct dbc_signal *signal, double value,
                                           bool any_value, uint64_t *ret_raw)
{
    bool outside = signal->has_range && (value < decimal_to_double(&signal->minimum) ||
                                         value > decimal_to_double(&signal->maximum));
    if (outside && !any_value) {
        return DBC_ENCODE_OUT_OF_RANGE;
    }
    if (signal->scale.kind == DBC_SCALE_IDENTITY || isnan(value)) {
        return float_bits(signal, value, ret_raw);
    }
    if (signal->scale.multiplier == 0) {
        return value == signal->scale.addend ? float_bits(signal, 0, ret_raw)
                                             : DBC_ENCODE_RESOLUTION;
    }
    double number = (value - signal->scale.addend) / signal->scale.multiplier;
    return isfinite(value) && !isfinite(number) ? DBC_ENCODE_OUT_OF_RANGE
                                                : float_bits(signal, number, ret_raw);
}

static enum dbc_encode_result encode_unscaled(const struct dbc_signal *signal,
                                              const struct decimal *number, uint64_t *ret_raw)
{
    struct int128 whole;
    if (signal->type == DBC_FLOAT) {
        return float_bits(signal, decimal_to_double(number), ret_raw);
    }
    return decimal_rescale(number, 0, &whole) ? fit_bits(signal, whole, ret_raw)
                                              : DBC_ENCODE_RESOLUTION;
}

static enum dbc_encode_result encode_label(const struct dbc_signal *signal, const char *text,
                                           uint64_t *ret_raw)
{
    const struct dbc_label *label = dbc_find_label_text(signal, text, strlen(text));
    if (label == NULL) {
        return DBC_ENCODE_UNKNOWN_LABEL;
    }
    if (signal->type == DBC_FLOAT) {
        return float_bits(signal, (double)label->raw, ret_raw);
    }
    bool large = signal->type == DBC_UNSIGNED && signal->length_bits == 64;
    return fit_bits(
        signal, large ? int128_of_unsigned((uint64_t)label->raw) : int128_of(label->raw), ret_raw);
}

static enum dbc_encode_result encode_digits(const struct dbc_signal *signal,
                                            const struct dbc_input *input, uint64_t *ret_raw)
{
    struct decimal number;
    return decimal_parse(input->digits, input->digit_count, &number) == 0
               ? encode_unscaled(signal, &number, ret_raw)
               : DBC_ENCODE_NOT_A_NUMBER;
}

static uint64_t sign_extended(const struct dbc_signal *signal, uint64_t bits)
{
    const struct dbc_field *field = &signal->field;
    return ((bits & field->mask) ^ field->sign) - field->sign;
}

static enum dbc_encode_result encode_bits(const struct dbc_signal *signal, uint64_t bits,
                                          uint64_t *ret_raw)
{
    uint64_t raw = sign_extended(signal, bits);
    if (bits != raw && bits != (raw & signal->field.mask)) {
        return DBC_ENCODE_OUT_OF_RANGE;
    }
    *ret_raw = raw;
    return DBC_ENCODE_OK;
}

static uint64_t bits_of_payload(const struct dbc_signal *signal, const uint8_t *payload)
{
    uint64_t bits = 0;
    for (unsigned i = signal->length_bits; i-- > 0;) {
        bits = bits << 1 | (dbc_bits_get(signal, i, payload) ? 1 : 0);
    }
    return sign_extended(signal, bits);
}

enum dbc_encode_result dbc_encode_raw(const struct dbc_signal *signal,
                                      const struct dbc_input *input, bool any_value,
                                      uint64_t *ret_raw)
{
    if (signal->type == DBC_WIDE) {
        return DBC_ENCODE_NO_ROOM;
    }
    switch (input->kind) {
    case DBC_INPUT_DECIMAL:
        return signal->type == DBC_FLOAT
                   ? encode_float(signal, decimal_to_double(&input->decimal), any_value, ret_raw)
                   : encode_exact(signal, &input->decimal, any_value, ret_raw);
    case DBC_INPUT_NUMBER:
        return signal->type == DBC_FLOAT ? encode_float(signal, input->number, any_value, ret_raw)
                                         : encode_double(signal, input->number, any_value, ret_raw);
    case DBC_INPUT_RAW:
        return encode_unscaled(signal, &input->decimal, ret_raw);
    case DBC_INPUT_LABEL:
        return encode_label(signal, input->label, ret_raw);
    case DBC_INPUT_DIGITS:
        return encode_digits(signal, input, ret_raw);
    case DBC_INPUT_BITS:
        return encode_bits(signal, input->bits, ret_raw);
    case DBC_INPUT_PAYLOAD:
        *ret_raw = bits_of_payload(signal, input->payload);
        return DBC_ENCODE_OK;
    }
    return DBC_ENCODE_NOT_A_NUMBER;
}

/* Zero, or the end of the range that is nearest to it. */
static uint64_t nearest_to_zero(const struct dbc_signal *signal)
{
    const struct dbc_field *field = &signal->field;
    if (in_raw_range(field, 0)) {
        return 0;
    }
    uint64_t zero = field->bias;
    uint64_t nearest =
        zero < field->range_low ? field->range_low : field->range_low + field->range_span;
    return nearest ^ field->bias;
}

static uint64_t float_start(const struct dbc_signal *signal)
{
    double number = 0;
    uint64_t raw = 0;
    if (signal->has_range) {
        double low = decimal_to_double(&signal->minimum);
        double high = decimal_to_double(&signal->maximum);
        number = fmin(fmax(0, low), high);
    }
    return encode_float(signal, number, true, &raw) == DBC_ENCODE_OK ? raw : 0;
}

uint64_t dbc_encode_start(const struct dbc_signal *signal)
{
    uint64_t raw;
    if (signal->type == DBC_WIDE) {
        return 0;
    }
    if (signal->has_start && encode_unscaled(signal, &signal->start, &raw) == DBC_ENCODE_OK) {
        return raw;
    }
    return signal->type == DBC_FLOAT ? float_start(signal) : nearest_to_zero(signal);
}

#include "edge-gateway/dbc/dbc_wide.h"

#include "edge-gateway/dbc/dbc_bits.h"
#include "edge-gateway/dbc/dbc_decode.h"
#include "edge-gateway/dbc/decimal_integer.h"

#include <string.h>

#define LIMBS_MAX (DBC_PAYLOAD_MAX_BYTES / 4)

/* A natural number in limbs of 32 bits, the least significant first. */
struct natural {
    uint32_t limbs[LIMBS_MAX];
    size_t used;
};

size_t dbc_wide_text(const struct dbc_signal *signal, const uint8_t *payload, char *text)
{
    const uint32_t chunk = 1000000000; /* nine digits per limb, least significant limb first */
    uint32_t limbs[DBC_WIDE_VALUE_TEXT_MAX / 9 + 1] = {0};
    size_t used = 1;
    for (unsigned i = signal->length_bits; i-- > 0;) {
        uint32_t carry = dbc_bits_get(signal, i, payload) ? 1 : 0;
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

/* number x 10 + digit; false when it becomes larger than every payload. */
static bool append_digit(struct natural *number, uint32_t digit)
{
    uint64_t carry = digit;
    for (size_t i = 0; i < number->used; i++) {
        carry += (uint64_t)number->limbs[i] * 10;
        number->limbs[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry != 0 && number->used == LIMBS_MAX) {
        return false;
    }
    if (carry != 0) {
        number->limbs[number->used++] = (uint32_t)carry;
    }
    return true;
}

static bool has_bit(const struct natural *number, size_t i)
{
    return i / 32 < number->used && (number->limbs[i / 32] >> i % 32 & 1) != 0;
}

static enum dbc_encode_result put_digits(const struct dbc_signal *signal, const char *digits,
                                         size_t count, uint8_t *payload)
{
    struct natural number = {.used = 0};
    for (size_t i = 0; i < count; i++) {
        if (digits[i] < '0' || digits[i] > '9') {
            return digits[i] == '-' ? DBC_ENCODE_OUT_OF_RANGE : DBC_ENCODE_NOT_A_NUMBER;
        }
        if (!append_digit(&number, (uint32_t)(digits[i] - '0'))) {
            return DBC_ENCODE_OUT_OF_RANGE;
        }
    }
    for (size_t i = signal->length_bits; i < number.used * 32; i++) {
        if (has_bit(&number, i)) {
            return DBC_ENCODE_OUT_OF_RANGE;
        }
    }
    for (unsigned i = 0; i < signal->length_bits; i++) {
        dbc_bits_set(signal, i, has_bit(&number, i), payload);
    }
    return DBC_ENCODE_OK;
}

static enum dbc_encode_result put_decimal(const struct dbc_signal *signal,
                                          const struct decimal *value, uint8_t *payload)
{
    char digits[DECIMAL_TEXT_MAX];
    struct int128 whole;
    if (!decimal_rescale(value, 0, &whole)) {
        return value->exponent < 0 ? DBC_ENCODE_RESOLUTION : DBC_ENCODE_OUT_OF_RANGE;
    }
    return put_digits(signal, digits, decimal_format(whole, 0, digits), payload);
}

static enum dbc_encode_result put_double(const struct dbc_signal *signal, double value,
                                         uint8_t *payload)
{
    struct decimal exact;
    return decimal_from_double(value, &exact) ? put_decimal(signal, &exact, payload)
                                              : DBC_ENCODE_NOT_A_NUMBER;
}

enum dbc_encode_result dbc_wide_put(const struct dbc_signal *signal, const struct dbc_input *input,
                                    uint8_t *payload)
{
    char digits[DECIMAL_TEXT_MAX];
    switch (input->kind) {
    case DBC_INPUT_DECIMAL:
    case DBC_INPUT_RAW:
        return put_decimal(signal, &input->decimal, payload);
    case DBC_INPUT_NUMBER:
        return put_double(signal, input->number, payload);
    case DBC_INPUT_LABEL:
        return DBC_ENCODE_UNKNOWN_LABEL;
    case DBC_INPUT_DIGITS:
        return put_digits(signal, input->digits, input->digit_count, payload);
    case DBC_INPUT_BITS:
        return put_digits(signal, digits, decimal_format_u64(input->bits, digits), payload);
    case DBC_INPUT_PAYLOAD:
        for (unsigned i = 0; i < signal->length_bits; i++) {
            dbc_bits_set(signal, i, dbc_bits_get(signal, i, input->payload), payload);
        }
        return DBC_ENCODE_OK;
    }
    return DBC_ENCODE_NOT_A_NUMBER;
}

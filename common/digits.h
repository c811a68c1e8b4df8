/*
 * Eight digits at a time, without a branch for each: text to number and number to text. A text of
 * eight characters is one integer whose lowest byte is the first character. Pure.
 */
#ifndef EDGE_COMMON_DIGITS_H
#define EDGE_COMMON_DIGITS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define DIGITS_LENGTH 8
#define DIGITS_LIMIT  100000000u /* the first number that has more digits */

/* The same byte eight times. */
#define DIGITS_EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

static inline uint64_t digits_load(const char *at)
{
    uint64_t text;
    memcpy(&text, at, sizeof(text));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    text = __builtin_bswap64(text);
#endif
    return text;
}

static inline void digits_store(char *at, uint64_t text)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    text = __builtin_bswap64(text);
#endif
    memcpy(at, &text, sizeof(text));
}

/* The lower four characters. */
static inline void digits_store_four(char *at, uint32_t text)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    text = __builtin_bswap32(text);
#endif
    memcpy(at, &text, sizeof(text));
}

/* False if one of the eight characters is no decimal digit. */
static inline bool digits_parse(uint64_t text, uint32_t *ret)
{
    uint64_t digits = text ^ DIGITS_EACH('0');
    if (((digits | (digits + DIGITS_EACH(6))) & DIGITS_EACH(0xF0)) != 0) {
        return false;
    }
    /* Neighbours become pairs, pairs fours, fours the eight. */
    digits = (digits * 10 + (digits >> 8)) & UINT64_C(0x00FF00FF00FF00FF);
    digits = (digits * 100 + (digits >> 16)) & UINT64_C(0x0000FFFF0000FFFF);
    *ret = (uint32_t)(digits * 10000 + (digits >> 32));
    return true;
}

/* False if one of the eight characters is no hexadecimal digit; the first is the highest. */
static inline bool digits_parse_hex(uint64_t text, uint32_t *ret)
{
    uint64_t letters = text >> 6 & DIGITS_EACH(1); /* one where bit 6 is set, as in 'A' and 'a' */
    uint64_t values = (text & DIGITS_EACH(0x0F)) + letters * 9;
    /* '0' to '9' begin with 3; 'A' to 'F' with 4 or, small ones, 6. */
    uint64_t wrong =
        (text & DIGITS_EACH(0xF0) & ~(letters << 5)) ^ (DIGITS_EACH(0x30) + letters * 0x10);
    /* A letter is 10 to 15, a digit less than 10: adding 6 reaches bit 4 for a letter alone. */
    wrong |= values & DIGITS_EACH(0xF0);
    wrong |= ((values + DIGITS_EACH(6)) >> 4 & DIGITS_EACH(1)) ^ letters;
    if (wrong != 0) {
        return false;
    }
    values = (values << 4 | values >> 8) & UINT64_C(0x00FF00FF00FF00FF);
    values = (values << 8 | values >> 16) & UINT64_C(0x0000FFFF0000FFFF);
    *ret = (uint32_t)(values << 16 | values >> 32);
    return true;
}

/* The values of the eight decimal digits of a number below DIGITS_LIMIT, a byte each; adding
 * DIGITS_EACH('0') makes them text. */
static inline uint64_t digits_of(uint32_t number)
{
    /* Halves, then pairs, then digits, each by one multiplication in place of a division. */
    uint64_t fours = number / 10000 | (uint64_t)(number % 10000) << 32;
    uint64_t hundreds = (fours * 10486 >> 20) & UINT64_C(0x0000007F0000007F);
    uint64_t pairs = hundreds | (fours - hundreds * 100) << 16;
    uint64_t tens = (pairs * 103 >> 10) & UINT64_C(0x000F000F000F000F);
    return tens | (pairs - tens * 10) << 8;
}

#endif

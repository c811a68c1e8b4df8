/*
 * Decimal numbers of up to eight digits to text: what nearly every value of a signal is. decimal.h
 * has the others and decides. Pure.
 */
#ifndef EDGE_GATEWAY_DBC_SHORT_DECIMAL_H
#define EDGE_GATEWAY_DBC_SHORT_DECIMAL_H

#include <stddef.h>
#include <stdint.h>

#define SHORT_DECIMAL_DECIMALS_MAX 7
#define SHORT_DECIMAL_ROOM_BYTES   20 /* bytes behind the text are written, too */

/*
 * `number` below 10^8 as a JSON number with `decimals` of its digits behind the point, without
 * zeros at their end, NUL-terminated; `text` has SHORT_DECIMAL_ROOM_BYTES. Returns the length.
 */
size_t short_decimal_format(uint32_t number, unsigned decimals, char *text);

#endif

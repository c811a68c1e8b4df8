/* The text of a JSON number: check it, read it, make it. Independent of the locale only as long as
 * the process stays in the "C" locale, which both daemons do: they never call setlocale(). */
#ifndef EDGE_TOPICS_JSON_NUMBER_H
#define EDGE_TOPICS_JSON_NUMBER_H

#include "topics/attributes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_NUMBER_TEXT_SIZE 32 /* room for any number made here, with NUL */

/* RFC 8259, section 6, from end to end: no sign but '-', no leading zero, no bare point. */
bool json_number_is_valid(const char *text, size_t length);

/* -EINVAL: not a JSON number; -ERANGE: longer than 64 characters, or not finite as a double. */
TOPICS_MUST_CHECK int json_number_parse(const char *text, size_t length, double *ret);

/* Each returns the length; not NUL-terminated. */
size_t json_number_from_u64(char text[JSON_NUMBER_TEXT_SIZE], uint64_t value);
size_t json_number_from_i64(char text[JSON_NUMBER_TEXT_SIZE], int64_t value);
size_t json_number_from_time_us(char text[JSON_NUMBER_TEXT_SIZE], int64_t us);

/* `value` is finite. */
size_t json_number_from_double(char text[JSON_NUMBER_TEXT_SIZE], double value);

#endif

/* Well-formed UTF-8 as in The Unicode Standard 15.0, table 3-7: no overlong form, no surrogate. */
#ifndef EDGE_TOPICS_UTF8_H
#define EDGE_TOPICS_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the character that `text` starts with: 1 to 4, or 0 if it is not well formed within
 * `length` bytes (so also for length 0). */
size_t utf8_char_bytes(const char *text, size_t length);

/* Well formed from end to end and without control characters (U+0000 to U+001F, U+007F). */
bool utf8_is_printable(const char *text, size_t length);

#endif

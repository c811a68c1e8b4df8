/*
 * DBC files are Windows-1252 by tradition and UTF-8 in fact. Whatever comes in, UTF-8 goes out.
 */
#ifndef EDGE_GATEWAY_DBC_TEXT_ENCODING_H
#define EDGE_GATEWAY_DBC_TEXT_ENCODING_H

#include "common/attributes.h"

#include <stdbool.h>
#include <stddef.h>

enum text_encoding {
    TEXT_ENCODING_UTF8,
    TEXT_ENCODING_CP1252, /* at least one line was not UTF-8 */
    TEXT_ENCODING_UTF16   /* has a UTF-16 byte order mark: not converted */
};

/* Whether the span is well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates). */
bool text_is_utf8(const char *text, size_t length);

/* The length of as many whole characters of a UTF-8 text as fit in `max_bytes`. */
size_t text_cut(const char *text, size_t length, size_t max_bytes);

struct text_utf8 {
    const char *text; /* not terminated; NULL for UTF-16 */
    size_t length;
    char *owned; /* the caller frees it; NULL when `text` points into what was given */
    enum text_encoding encoding;
};

/*
 * The text without its byte order mark; each line that is not UTF-8 is read as Windows-1252, bytes
 * which that leaves undefined become U+FFFD, NUL becomes a space. Copies only where something
 * changes. 0 or -ENOMEM.
 */
EDGE_MUST_CHECK int text_to_utf8(const char *text, size_t length, struct text_utf8 *ret);

#endif

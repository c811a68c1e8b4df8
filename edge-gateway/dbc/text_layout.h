/*
 * UTF-8 text in columns of a fixed width. Every character counts as one column. Pure.
 */
#ifndef EDGE_GATEWAY_DBC_TEXT_LAYOUT_H
#define EDGE_GATEWAY_DBC_TEXT_LAYOUT_H

#include "common/buf.h"

#include <stddef.h>

/* Columns that a text takes. */
size_t text_columns(const char *text);

/* The same text `count` times. */
void text_put_repeated(struct buf *out, const char *text, size_t count);

/* Exactly `columns` wide: cut with an ellipsis, or filled up with blanks behind. */
void text_put_fitted(struct buf *out, const char *text, size_t columns);

/*
 * A paragraph: words between white space, broken into lines of at most `columns` where no word is
 * longer, each after `indent` blanks. An empty text puts nothing.
 */
void text_put_wrapped(struct buf *out, const char *text, size_t indent, size_t columns);

#endif

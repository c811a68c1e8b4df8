/*
 * ${NAME} in a text becomes the value of an environment variable. Pure: the environment is an
 * argument.
 *
 *   ${NAME}         the value; unset is an error
 *   ${NAME:-text}   the value, or `text` (up to the next '}') if unset or empty
 *   $$              a dollar sign; a '$' before anything else stays as it is
 */
#ifndef EDGE_COMMON_EXPAND_H
#define EDGE_COMMON_EXPAND_H

#include "common/attributes.h"
#include "common/buf.h"

/* NULL if unset; getenv() fits. */
typedef char *(*expand_lookup_fn)(const char *name);

/* Appends the expanded text to `out`. 0, or -EINVAL with the reason in `why`. */
EDGE_MUST_CHECK int expand_text(const char *text, expand_lookup_fn lookup, struct buf *out,
                                struct buf *why);

#endif

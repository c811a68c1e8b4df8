/*
 * Bounded names: what a thing is called in the configuration. A name that does not fit is refused,
 * never cut, because two cut names could become equal.
 */
#ifndef EDGE_AUTOMATION_INPUT_NAME_H
#define EDGE_AUTOMATION_INPUT_NAME_H

#include "common/attributes.h"

#include <stddef.h>

#define NAME_SIZE 64 /* bytes of an id with its NUL */

/* Copies `text` with its NUL into `size` bytes. -EINVAL when it is NULL or empty, -ENAMETOOLONG
 * when it does not fit; `ret` is untouched then. */
EDGE_MUST_CHECK int name_copy(const char *text, size_t size, char *ret);

#endif

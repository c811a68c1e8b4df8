/* Reads a whole small file. */
#ifndef EDGE_COMMON_FILE_H
#define EDGE_COMMON_FILE_H

#include "common/attributes.h"
#include "common/buf.h"

#include <stddef.h>
#include <sys/types.h>

/* Appends the file to `out`. 0, -EFBIG (more than max_bytes), -ENOMEM, or -errno of open and read.
 * ret_mode (may be NULL): permissions as in stat(). */
EDGE_MUST_CHECK int file_read(const char *path, size_t max_bytes, struct buf *out,
                              mode_t *ret_mode);

#endif

/*
 * A password or token that stands in a file of its own instead of the configuration.
 */
#ifndef EDGE_COMMON_SECRET_H
#define EDGE_COMMON_SECRET_H

#include "common/attributes.h"
#include "common/buf.h"

#include <stdbool.h>

#define SECRET_MAX_BYTES 4096

/* The path behind "file:"; NULL if the text is the secret itself. */
const char *secret_path(const char *text);

/* Appends the file's text without its final newline. 0, -EFBIG (more than SECRET_MAX_BYTES),
 * -ENODATA (empty), -EILSEQ (a NUL byte inside) or another -errno. *ret_exposed: everybody on this
 * machine may read it. */
EDGE_MUST_CHECK int secret_read(const char *path, struct buf *out, bool *ret_exposed);

/* Appends what such an error means: "cannot be read: Permission denied". */
void secret_explain(int error, struct buf *out);

#endif

/* Everything that is wrong, as one text: for who asked for it from afar. */
#ifndef EDGE_COMMON_DIAGNOSTICS_LIST_H
#define EDGE_COMMON_DIAGNOSTICS_LIST_H

#include "common/buf.h"
#include "common/diagnostics.h"

#include <stddef.h>

/* Each error in a line of its own; what has no room in `max_bytes` is counted. */
void diagnostics_list(const struct diagnostics *d, size_t max_bytes, struct buf *mistakes);

#endif

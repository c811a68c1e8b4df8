/* `edge-gateway decode` or `catalog` as a child: what DBC files say is known there. The program is
 * looked for beside our own, then in PATH. */
#ifndef EDGE_AUTOMATION_NODE_APP_DECODER_H
#define EDGE_AUTOMATION_NODE_APP_DECODER_H

#include "common/attributes.h"

#include <stddef.h>
#include <sys/types.h>

struct decoder {
    pid_t pid;
    int fd; /* its output; closed by decoder_end() */
};

/* 0 or -errno; complains on stderr. `log` may be NULL. All text is borrowed during the call. */
EDGE_MUST_CHECK int decoder_start(const char *command, const char *const *dbcs, size_t dbc_count,
                                  const char *log, struct decoder *ret);
/* 0, or -EIO when it did not end well: it has said why on stderr. */
EDGE_MUST_CHECK int decoder_end(struct decoder *decoder);

#endif

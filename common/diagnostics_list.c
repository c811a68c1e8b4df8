#include "common/diagnostics_list.h"

#include <string.h>

#define MORE_BYTES 64 /* for how many more mistakes there are */

void diagnostics_list(const struct diagnostics *d, size_t max_bytes, struct buf *mistakes)
{
    char line[DIAGNOSTIC_MESSAGE_MAX_BYTES + 512];
    size_t left = diagnostics_count(d, SEVERITY_ERROR);
    for (size_t i = 0; i < diagnostics_kept(d); i++) {
        const struct diagnostic *diagnostic = diagnostics_at(d, i);
        if (diagnostic->severity != SEVERITY_ERROR) {
            continue;
        }
        (void)diagnostic_format(diagnostic, line, sizeof(line));
        if (mistakes->length + strlen(line) + MORE_BYTES > max_bytes) {
            break;
        }
        buf_printf(mistakes, "%s%s", mistakes->length > 0 ? "\n" : "", line);
        left--;
    }
    if (left > 0) {
        buf_printf(mistakes, "\n... and %zu more", left);
    }
}

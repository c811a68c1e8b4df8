/* What became of a reload. */
#ifndef EDGE_GATEWAY_APP_RELOAD_OUTCOME_H
#define EDGE_GATEWAY_APP_RELOAD_OUTCOME_H

#include "edge-gateway/app/reload_changes.h"

#define RELOAD_ERROR_BYTES (16 * 1024)

/* {0}: done, and nothing changed. */
struct reload_outcome {
    char *error; /* everything that is wrong, at most RELOAD_ERROR_BYTES; NULL: it was done */
    struct reload_changes changes;
};

void reload_outcome_deinit(struct reload_outcome *outcome);

#endif

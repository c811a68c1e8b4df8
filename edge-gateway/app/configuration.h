/*
 * A configuration in force, with its plan: kept for as long as anybody reads it. After a reload
 * that may still be an answer that is being made, or the writer of the frame log. It may be held
 * and released in any thread; what is prepared is of the loop's.
 */
#ifndef EDGE_GATEWAY_APP_CONFIGURATION_H
#define EDGE_GATEWAY_APP_CONFIGURATION_H

#include "common/attributes.h"
#include "edge-gateway/app/load.h"
#include "edge-gateway/app/prepared.h"

#include <stdatomic.h>

struct configuration {
    struct loaded loaded;
    struct prepared prepared; /* until it is announced */
    atomic_uint users;
};

/* With one user, the caller; takes both, which are empty then. 0 or -ENOMEM. */
EDGE_MUST_CHECK int configuration_new(struct loaded *take, struct prepared *take_too,
                                      struct configuration **ret);

/* One more user; NULL stays NULL. */
struct configuration *configuration_hold(struct configuration *configuration);
/* Frees it with the last one. Accepts NULL. */
void configuration_release(struct configuration *configuration);

#endif

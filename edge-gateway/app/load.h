/* The configuration of `run` and `check`: from the command line to a plan, every mistake on stderr.
 */
#ifndef EDGE_GATEWAY_APP_LOAD_H
#define EDGE_GATEWAY_APP_LOAD_H

#include "common/cli.h"
#include "edge-gateway/app/plan.h"

struct loaded {
    struct config *config;
    struct gateway_plan *plan;
    size_t warnings;
};

/* The same in any thread, with every mistake in `d`: 0 or -errno; -EINVAL: they are in `d`. */
EDGE_MUST_CHECK int load_quietly(const struct cli_config_options *options, struct diagnostics *d,
                                 struct loaded *ret);

/* EXIT_SUCCESS, or EXIT_FAULT with nothing loaded. */
EDGE_MUST_CHECK int load_gateway(const struct cli_config_options *options, struct loaded *ret);
void load_free(struct loaded *loaded);

#endif

/* A configuration from the command line to a plan, every mistake on stderr. */
#ifndef EDGE_AUTOMATION_NODE_APP_LOAD_H
#define EDGE_AUTOMATION_NODE_APP_LOAD_H

#include "automation-node/app/node_plan.h"
#include "common/attributes.h"
#include "common/buf.h"
#include "common/cli.h"

struct loaded {
    struct config *config;
    struct node_plan *plan;
};

/* EXIT_SUCCESS, or EXIT_FAULT with nothing loaded. `mistakes`: a line for each goes there, too, at
 * most RELOAD_ERROR_BYTES; NULL = nobody asks for them beyond standard error. */
EDGE_MUST_CHECK int node_load(const struct cli_config_options *options, struct buf *mistakes,
                              struct loaded *ret);
void node_load_free(struct loaded *loaded);

#endif

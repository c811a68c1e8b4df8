/* Why a device is what it is, as the answer to `explain`: from the reading through the decision to
 * the command, and what would change it. */
#ifndef EDGE_AUTOMATION_NODE_APP_EXPLANATION_H
#define EDGE_AUTOMATION_NODE_APP_EXPLANATION_H

#include "automation-node/app/node_plan.h"
#include "automation-node/engine/engine.h"
#include "common/attributes.h"
#include "common/loop.h"
#include "topics/json_writer.h"

/* What answers look at. */
struct witness {
    const struct loop *loop;
    const struct node_plan *plan;
    const struct engine *engine;
};

/* The members of `data`. 0 or -ENOMEM. */
EDGE_MUST_CHECK int explanation_write(const struct witness *witness, size_t device,
                                      struct json_writer *w);

#endif

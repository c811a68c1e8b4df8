/* The running automation node: readings and wishes in, the engine, commands and states out. The one
 * place that knows all. */
#ifndef EDGE_AUTOMATION_NODE_APP_NODE_H
#define EDGE_AUTOMATION_NODE_APP_NODE_H

#include "automation-node/app/node_plan.h"
#include "common/attributes.h"
#include "common/config.h"
#include "common/loop.h"

struct build_facts;
struct node;

#define NODE_ERROR_SIZE 512

/* 0 or -errno, with one line in the log that says what could not be had. `plan` and `config` are
 * borrowed. */
EDGE_MUST_CHECK int node_new(struct loop *loop, const struct config *config,
                             const struct node_plan *plan, struct node **ret);
void node_free(struct node *node);

/* A new configuration takes the place of the old one, which may be freed afterwards: what is
 * configured as it was goes on as if nothing had happened, the connection too. 0; or -errno, and
 * `reterr`, of NODE_ERROR_SIZE bytes, says why: the old node goes on. Between two iterations of the
 * loop. */
EDGE_MUST_CHECK int node_replace(struct node **node, const struct config *config,
                                 const struct node_plan *plan, char *reterr);

/* How this program was built, for who asks; static. */
void node_know_build(struct node *node, const struct build_facts *build);

/* Who is told when somebody asks for a reload over MQTT, from within the node, which must not be
 * replaced then; whoever takes its place goes on with that. */
void node_on_reload(struct node *node, void (*reload)(void *context), void *context);

/* The reload that was asked for is done, or not, and why: whoever asked is told. */
void node_answer_reload(struct node *node, const char *error);

/* Who is told, from within the node, when it begins to lead its group or no longer does:
 * node_turn() is to follow, between two iterations of the loop. */
void node_on_turn(struct node *node, void (*turn)(void *context), void *context);

/* Another node takes its place, which leads, or follows, as it is now. 0; or -errno, and `reterr`
 * says why: then it neither leads nor follows well, and should be started anew. */
EDGE_MUST_CHECK int node_turn(struct node **node, char *reterr);

/* Connects; from here on the loop does the work. */
void node_start(struct node *node);

/* A part that has had work for minutes and does not move, in words; NULL: none. */
const char *node_stuck_part(struct node *node);

/* Says goodbye to the broker, then stops the loop with result 0; bounded in time. */
void node_stop(struct node *node);

#endif

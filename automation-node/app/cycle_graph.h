/*
 * Things that lead to each other, and whether they lead back to themselves. Nodes are numbers from
 * 0 on. Pure; used once per check, so that memory is taken as needed.
 */
#ifndef EDGE_AUTOMATION_NODE_APP_CYCLE_GRAPH_H
#define EDGE_AUTOMATION_NODE_APP_CYCLE_GRAPH_H

#include "common/attributes.h"

#include <stddef.h>

struct cycle_graph;

/* 0 or -ENOMEM. */
EDGE_MUST_CHECK int cycle_graph_new(size_t node_count, struct cycle_graph **ret);
void cycle_graph_free(struct cycle_graph *graph);

/* `from` leads to `to`. 0 or -ENOMEM. */
EDGE_MUST_CHECK int cycle_graph_add(struct cycle_graph *graph, size_t from, size_t to);

/* A cycle: each node leads to the next one, and the last one to the first. Each is in it once. */
typedef void (*cycle_graph_found_fn)(void *context, const size_t *nodes, size_t count);

/* Calls back with one cycle of each group of nodes that all lead to each other (strongly connected
 * component): the shortest one of at least `min_count` nodes through the lowest node that has one.
 * 0 or -ENOMEM. */
EDGE_MUST_CHECK int cycle_graph_each(const struct cycle_graph *graph, size_t min_count,
                                     cycle_graph_found_fn found, void *context);

#endif

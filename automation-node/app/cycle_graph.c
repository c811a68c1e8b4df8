#include "automation-node/app/cycle_graph.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define NOWHERE SIZE_MAX

struct edge {
    size_t from;
    size_t to;
};

struct cycle_graph {
    size_t node_count;
    struct edge *edges;
    size_t edge_count;
    size_t capacity;
};

int cycle_graph_new(size_t node_count, struct cycle_graph **ret)
{
    struct cycle_graph *graph = calloc(1, sizeof(*graph));
    if (graph == NULL) {
        return -ENOMEM;
    }
    graph->node_count = node_count;
    *ret = graph;
    return 0;
}

void cycle_graph_free(struct cycle_graph *graph)
{
    if (graph != NULL) {
        free(graph->edges);
        free(graph);
    }
}

int cycle_graph_add(struct cycle_graph *graph, size_t from, size_t to)
{
    if (graph->edge_count == graph->capacity) {
        size_t capacity = graph->capacity > 0 ? graph->capacity * 2 : 64;
        struct edge *grown = reallocarray(graph->edges, capacity, sizeof(*grown));
        if (grown == NULL) {
            return -ENOMEM;
        }
        graph->edges = grown;
        graph->capacity = capacity;
    }
    graph->edges[graph->edge_count++] = (struct edge){from, to};
    return 0;
}

/* ---- neighbours -------------------------------------------------------------------------- */

/* Those that a node leads to, or, the other way round, those that lead to it: from `first[node]` to
 * before `first[node + 1]`. */
struct adjacency {
    size_t *first;
    size_t *nodes;
};

static size_t end_of(const struct edge *edge, bool backward)
{
    return backward ? edge->from : edge->to;
}

static size_t start_of(const struct edge *edge, bool backward)
{
    return backward ? edge->to : edge->from;
}

static int list_neighbours(const struct cycle_graph *graph, bool backward, struct adjacency *ret)
{
    ret->first = calloc(graph->node_count + 2, sizeof(*ret->first));
    ret->nodes = calloc(graph->edge_count + 1, sizeof(*ret->nodes));
    if (ret->first == NULL || ret->nodes == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < graph->edge_count; i++) {
        ret->first[start_of(&graph->edges[i], backward) + 2]++;
    }
    for (size_t i = 2; i < graph->node_count + 2; i++) {
        ret->first[i] += ret->first[i - 1];
    }
    /* Where the next one of a node goes is where those of the next node begin in the end. */
    for (size_t i = 0; i < graph->edge_count; i++) {
        size_t node = start_of(&graph->edges[i], backward);
        ret->nodes[ret->first[node + 1]++] = end_of(&graph->edges[i], backward);
    }
    return 0;
}

/* ---- searching --------------------------------------------------------------------------- */

struct search {
    size_t node_count;
    struct adjacency forward;
    struct adjacency backward;
    bool *leads_on; /* by node: it may be in a cycle */
    bool *told;     /* by node: its group was told */
    bool *returns;  /* by node: leads to the start */
    size_t *parent; /* by node: on the shortest way from the start; NOWHERE = not reached */
    size_t *steps;  /* by node: of that way */
    size_t *queue;
};

static void search_deinit(struct search *s)
{
    free(s->forward.first);
    free(s->forward.nodes);
    free(s->backward.first);
    free(s->backward.nodes);
    free(s->leads_on);
    free(s->told);
    free(s->returns);
    free(s->parent);
    free(s->steps);
    free(s->queue);
}

static int search_init(struct search *s, const struct cycle_graph *graph)
{
    size_t count = graph->node_count + 1;
    *s = (struct search){.node_count = graph->node_count,
                         .leads_on = calloc(count, sizeof(*s->leads_on)),
                         .told = calloc(count, sizeof(*s->told)),
                         .returns = calloc(count, sizeof(*s->returns)),
                         .parent = calloc(count, sizeof(*s->parent)),
                         .steps = calloc(count, sizeof(*s->steps)),
                         .queue = calloc(count, sizeof(*s->queue))};
    if (s->leads_on == NULL || s->told == NULL || s->returns == NULL || s->parent == NULL ||
        s->steps == NULL || s->queue == NULL) {
        return -ENOMEM;
    }
    int r = list_neighbours(graph, false, &s->forward);
    return r == 0 ? list_neighbours(graph, true, &s->backward) : r;
}

/* Takes away, again and again, what nothing leads to: that is in no cycle. Most is. */
static void peel(struct search *s)
{
    size_t *left = s->steps; /* by node: how many still lead to it */
    size_t queued = 0;
    for (size_t i = 0; i < s->node_count; i++) {
        left[i] = s->backward.first[i + 1] - s->backward.first[i];
        s->leads_on[i] = left[i] > 0;
        if (left[i] == 0) {
            s->queue[queued++] = i;
        }
    }
    for (size_t at = 0; at < queued; at++) {
        size_t node = s->queue[at];
        for (size_t i = s->forward.first[node]; i < s->forward.first[node + 1]; i++) {
            size_t next = s->forward.nodes[i];
            if (--left[next] == 0) {
                s->leads_on[next] = false;
                s->queue[queued++] = next;
            }
        }
    }
}

/* The shortest ways from the start to everything else. */
static void walk_on(struct search *s, size_t start)
{
    size_t queued = 1;
    for (size_t i = 0; i < s->node_count; i++) {
        s->parent[i] = NOWHERE;
    }
    s->parent[start] = start;
    s->steps[start] = 0;
    s->queue[0] = start;
    for (size_t at = 0; at < queued; at++) {
        size_t node = s->queue[at];
        for (size_t i = s->forward.first[node]; i < s->forward.first[node + 1]; i++) {
            size_t next = s->forward.nodes[i];
            if (s->leads_on[next] && s->parent[next] == NOWHERE) {
                s->parent[next] = node;
                s->steps[next] = s->steps[node] + 1;
                s->queue[queued++] = next;
            }
        }
    }
}

/* What leads to the start, and is reached from it: its group, which was told now. */
static void tell_group(struct search *s, size_t start)
{
    size_t queued = 1;
    memset(s->returns, 0, s->node_count * sizeof(*s->returns));
    s->returns[start] = true;
    s->queue[0] = start;
    for (size_t at = 0; at < queued; at++) {
        size_t node = s->queue[at];
        s->told[node] = true;
        for (size_t i = s->backward.first[node]; i < s->backward.first[node + 1]; i++) {
            size_t previous = s->backward.nodes[i];
            if (!s->returns[previous] && s->parent[previous] != NOWHERE) {
                s->returns[previous] = true;
                s->queue[queued++] = previous;
            }
        }
    }
}

/* The last node of the shortest cycle that is long enough; NOWHERE if there is none. */
static size_t find_last(const struct search *s, size_t start, size_t min_count)
{
    size_t last = NOWHERE;
    for (size_t i = s->backward.first[start]; i < s->backward.first[start + 1]; i++) {
        size_t node = s->backward.nodes[i];
        if (s->parent[node] != NOWHERE && s->steps[node] + 1 >= min_count &&
            (last == NOWHERE || s->steps[node] < s->steps[last])) {
            last = node;
        }
    }
    return last;
}

static void report(const struct search *s, size_t last, cycle_graph_found_fn found, void *context)
{
    size_t count = s->steps[last] + 1;
    for (size_t i = count, node = last; i > 0; node = s->parent[node]) {
        s->queue[--i] = node;
    }
    found(context, s->queue, count);
}

int cycle_graph_each(const struct cycle_graph *graph, size_t min_count, cycle_graph_found_fn found,
                     void *context)
{
    struct search s;
    int r = search_init(&s, graph);
    if (r == 0) {
        peel(&s);
    }
    for (size_t start = 0; r == 0 && start < s.node_count; start++) {
        if (!s.leads_on[start] || s.told[start]) {
            continue;
        }
        walk_on(&s, start);
        size_t last = find_last(&s, start, min_count);
        if (last != NOWHERE) {
            report(&s, last, found, context);
            tell_group(&s, start);
        }
    }
    search_deinit(&s);
    return r;
}

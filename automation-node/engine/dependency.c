#include "automation-node/engine/dependency.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

/* The dependants of input i are dependants[starts[i]] up to dependants[starts[i + 1]]. */
struct dependency {
    struct dependant *dependants;
    size_t *starts;
    size_t input_count;
};

static void count_starts(struct dependency *dependency, const struct dependency_edge *edges,
                         size_t edge_count)
{
    for (size_t i = 0; i < edge_count; i++) {
        assert(edges[i].input < dependency->input_count);
        dependency->starts[edges[i].input + 1]++;
    }
    for (size_t i = 0; i < dependency->input_count; i++) {
        dependency->starts[i + 1] += dependency->starts[i];
    }
}

/* Uses starts[i] as the cursor of input i, which leaves it one input too far; then shifts back. */
static void place(struct dependency *dependency, const struct dependency_edge *edges,
                  size_t edge_count)
{
    for (size_t i = 0; i < edge_count; i++) {
        dependency->dependants[dependency->starts[edges[i].input]++] = edges[i].dependant;
    }
    for (size_t i = dependency->input_count; i > 0; i--) {
        dependency->starts[i] = dependency->starts[i - 1];
    }
    dependency->starts[0] = 0;
}

int dependency_new(const struct dependency_edge *edges, size_t edge_count, size_t input_count,
                   struct dependency **ret)
{
    struct dependency *dependency = calloc(1, sizeof(*dependency));
    if (dependency == NULL) {
        return -ENOMEM;
    }
    dependency->input_count = input_count;
    dependency->starts = calloc(input_count + 1, sizeof(*dependency->starts));
    dependency->dependants = calloc(edge_count + 1, sizeof(*dependency->dependants));
    if (dependency->starts == NULL || dependency->dependants == NULL) {
        dependency_free(dependency);
        return -ENOMEM;
    }
    count_starts(dependency, edges, edge_count);
    place(dependency, edges, edge_count);
    *ret = dependency;
    return 0;
}

void dependency_free(struct dependency *dependency)
{
    if (dependency != NULL) {
        free(dependency->dependants);
        free(dependency->starts);
        free(dependency);
    }
}

const struct dependant *dependency_of(const struct dependency *dependency, size_t input,
                                      size_t *ret_count)
{
    assert(input < dependency->input_count);
    *ret_count = dependency->starts[input + 1] - dependency->starts[input];
    return &dependency->dependants[dependency->starts[input]];
}

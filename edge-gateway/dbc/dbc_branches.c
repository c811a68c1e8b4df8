#include "edge-gateway/dbc/dbc_branches.h"

#include "edge-gateway/dbc/dbc_select.h"

#include <errno.h>
#include <stdlib.h>

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static bool hangs_on(const struct dbc_signal *signal, const struct dbc_signal *selector)
{
    return signal->multiplexed && signal->selector == selector->index;
}

static size_t count_ranges(const struct dbc_message *message, const struct dbc_signal *selector)
{
    size_t count = 0;
    for (uint16_t i = 0; i < message->signal_count; i++) {
        count += hangs_on(&message->signals[i], selector) ? message->signals[i].range_count : 0;
    }
    return count;
}

/* The values where the set of selected signals may change, sorted, each once. */
static size_t collect_edges(const struct dbc_message *message, const struct dbc_signal *selector,
                            uint64_t *edges)
{
    size_t count = 0;
    for (uint16_t i = 0; i < message->signal_count; i++) {
        const struct dbc_signal *signal = &message->signals[i];
        for (uint16_t k = 0; k < signal->range_count && hangs_on(signal, selector); k++) {
            edges[count++] = signal->ranges[k].first;
            if (signal->ranges[k].last < UINT64_MAX) {
                edges[count++] = signal->ranges[k].last + 1;
            }
        }
    }
    qsort(edges, count, sizeof(*edges), compare);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || edges[kept - 1] != edges[i]) {
            edges[kept++] = edges[i];
        }
    }
    return kept;
}

/* Which signals two values select: the same, or different ones; and whether there are any. */
static bool same_signals(const struct dbc_message *message, const struct dbc_signal *selector,
                         uint64_t a, uint64_t b, bool *ret_any)
{
    *ret_any = false;
    for (uint16_t i = 0; i < message->signal_count; i++) {
        const struct dbc_signal *signal = &message->signals[i];
        if (!hangs_on(signal, selector)) {
            continue;
        }
        bool selected = dbc_selected_by(signal, a);
        if (selected != dbc_selected_by(signal, b)) {
            return false;
        }
        *ret_any = *ret_any || selected;
    }
    return true;
}

static struct dbc_branch *branch_of(const struct dbc_message *message, uint64_t value,
                                    const struct dbc_signal *selector,
                                    struct dbc_branches *branches)
{
    bool any;
    for (size_t i = 0; i < branches->count; i++) {
        struct dbc_branch *branch = &branches->list[i];
        if (same_signals(message, selector, branch->ranges[0].first, value, &any)) {
            return branch;
        }
    }
    (void)same_signals(message, selector, value, value, &any);
    return any ? &branches->list[branches->count] : NULL;
}

static int add_range(struct dbc_branch *branch, struct dbc_range range)
{
    if (branch->range_count > 0 &&
        branch->ranges[branch->range_count - 1].last + 1 == range.first) {
        branch->ranges[branch->range_count - 1].last = range.last;
        return 0;
    }
    struct dbc_range *grown = reallocarray(branch->ranges, branch->range_count + 1, sizeof(*grown));
    if (grown == NULL) {
        return -ENOMEM;
    }
    grown[branch->range_count++] = range;
    branch->ranges = grown;
    return 0;
}

static int fill(const struct dbc_message *message, const struct dbc_signal *selector,
                const uint64_t *edges, size_t count, struct dbc_branches *branches)
{
    for (size_t i = 0; i < count; i++) {
        struct dbc_range range = {edges[i], i + 1 < count ? edges[i + 1] - 1 : UINT64_MAX};
        struct dbc_branch *branch = branch_of(message, range.first, selector, branches);
        if (branch == NULL) {
            continue; /* nothing hangs on these values */
        }
        branches->count += branch == &branches->list[branches->count] ? 1 : 0;
        branch->selector = selector;
        int r = add_range(branch, range);
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

int dbc_branches_init(const struct dbc_message *message, const struct dbc_signal *selector,
                      struct dbc_branches *ret)
{
    size_t most = 2 * count_ranges(message, selector) + 1;
    struct dbc_branches branches = {calloc(most, sizeof(*branches.list)), 0};
    uint64_t *edges = calloc(most, sizeof(*edges));
    int r = branches.list != NULL && edges != NULL ? 0 : -ENOMEM;
    if (r == 0) {
        r = fill(message, selector, edges, collect_edges(message, selector, edges), &branches);
    }
    free(edges);
    if (r < 0) {
        dbc_branches_deinit(&branches);
        return r;
    }
    *ret = branches;
    return 0;
}

void dbc_branches_deinit(struct dbc_branches *branches)
{
    for (size_t i = 0; i < branches->count; i++) {
        free(branches->list[i].ranges);
    }
    free(branches->list);
    *branches = (struct dbc_branches){NULL, 0};
}

bool dbc_branch_selects(const struct dbc_branch *branch, const struct dbc_signal *signal)
{
    return hangs_on(signal, branch->selector) && dbc_selected_by(signal, branch->ranges[0].first);
}

/*
 * The branches of a multiplexed message: for one multiplexor, the values that select the same
 * signals. For showing a message to people; the decoder needs no such list. Pure.
 */
#ifndef EDGE_GATEWAY_DBC_DBC_BRANCHES_H
#define EDGE_GATEWAY_DBC_DBC_BRANCHES_H

#include "common/attributes.h"
#include "edge-gateway/dbc/dbc.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dbc_branch {
    const struct dbc_signal *selector;
    struct dbc_range *ranges; /* its values, in rising order */
    size_t range_count;
};

struct dbc_branches {
    struct dbc_branch *list; /* in the order of their first values */
    size_t count;
};

/* 0 or -ENOMEM; dbc_branches_deinit() frees. */
EDGE_MUST_CHECK int dbc_branches_init(const struct dbc_message *message,
                                      const struct dbc_signal *selector, struct dbc_branches *ret);
void dbc_branches_deinit(struct dbc_branches *branches);

/* Whether the branch's values switch the signal on. */
bool dbc_branch_selects(const struct dbc_branch *branch, const struct dbc_signal *signal);

#endif

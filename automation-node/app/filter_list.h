/* The topic filters that a node has subscribed to, each once. */
#ifndef EDGE_AUTOMATION_NODE_APP_FILTER_LIST_H
#define EDGE_AUTOMATION_NODE_APP_FILTER_LIST_H

#include "common/attributes.h"

#include <stdbool.h>
#include <stddef.h>

/* Read the fields. {0} is an empty list. */
struct filter_list {
    char **filters;
    size_t count;
};

void filter_list_deinit(struct filter_list *list);
bool filter_list_has(const struct filter_list *list, const char *filter);

/* Copied. 0 or -ENOMEM. */
EDGE_MUST_CHECK int filter_list_add(struct filter_list *list, const char *filter);

#endif

#include "automation-node/app/filter_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void filter_list_deinit(struct filter_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->filters[i]);
    }
    free(list->filters);
    *list = (struct filter_list){0};
}

bool filter_list_has(const struct filter_list *list, const char *filter)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->filters[i], filter) == 0) {
            return true;
        }
    }
    return false;
}

int filter_list_add(struct filter_list *list, const char *filter)
{
    char **filters = reallocarray(list->filters, list->count + 1, sizeof(char *));
    if (filters == NULL) {
        return -ENOMEM;
    }
    list->filters = filters;
    filters[list->count] = strdup(filter);
    if (filters[list->count] == NULL) {
        return -ENOMEM;
    }
    list->count++;
    return 0;
}

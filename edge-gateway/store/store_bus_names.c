#include "edge-gateway/store/store_bus_names.h"

#include <string.h>

size_t store_bus_names_find(const struct store_bus_names *names, const char *name)
{
    size_t id = 0;
    while (id < STORE_BUSES_MAX && !(names->is_taken[id] && strcmp(names->names[id], name) == 0)) {
        id++;
    }
    return id;
}

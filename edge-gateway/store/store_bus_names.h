/* The buses that a log knows: names of configurations that were, by the log's ids. Plain values. */
#ifndef EDGE_GATEWAY_STORE_STORE_BUS_NAMES_H
#define EDGE_GATEWAY_STORE_STORE_BUS_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#define STORE_BUSES_MAX      256
#define STORE_BUS_NAME_BYTES 65 /* with its NUL; a configured one fits */

struct store_bus_names {
    bool is_taken[STORE_BUSES_MAX];
    char names[STORE_BUSES_MAX][STORE_BUS_NAME_BYTES];
};

/* The id of a name; STORE_BUSES_MAX: there is no such name. */
size_t store_bus_names_find(const struct store_bus_names *names, const char *name);

#endif

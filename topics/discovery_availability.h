/* When what Home Assistant shows is there. */
#ifndef EDGE_TOPICS_DISCOVERY_AVAILABILITY_H
#define EDGE_TOPICS_DISCOVERY_AVAILABILITY_H

#include <stddef.h>

/* Where it is told that something is there. */
struct discovery_availability {
    const char *topic;
    const char *template; /* that gives online or offline; NULL = the payload is one of the two */
};

#define DISCOVERY_AVAILABILITY_MAX 3

/* All of them must say so. */
struct discovery_availabilities {
    struct discovery_availability items[DISCOVERY_AVAILABILITY_MAX];
    size_t count;
};

#endif

/* The configuration of `run` and `check`: from the command line to a plan, every mistake on stderr.
 */
#ifndef EDGE_GATEWAY_APP_LOAD_H
#define EDGE_GATEWAY_APP_LOAD_H

#include "edge-gateway/app/plan.h"

struct loaded {
    struct config *config; /* NULL: nothing to do (--help) */
    struct gateway_plan *plan;
    size_t warnings;
    bool print;  /* --print */
    bool strict; /* --strict */
};

/* `name` and `summary` are for --help. The exit status: EXIT_SUCCESS, EXIT_FAULT or EXIT_USAGE. */
int load_from_arguments(int argc, char **argv, const char *name, const char *summary,
                        struct loaded *ret);
void load_free(struct loaded *loaded);

#endif

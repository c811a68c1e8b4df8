/* The plan of a configuration that a target is written with: it must load. */
#ifndef EDGE_TESTS_FUZZ_NODE_PLAN_H
#define EDGE_TESTS_FUZZ_NODE_PLAN_H

#include "automation-node/app/node_config.h"
#include "automation-node/app/node_plan.h"
#include "tests/fuzz/fuzz.h"

/* Ends the run where it does not, with what is wrong. Both outlive all inputs. */
static inline void fuzz_node_plan(const char *configuration, struct config **ret_config,
                                  struct node_plan **ret)
{
    struct diagnostics *d = diagnostics_new(0);
    const struct config_text text = {"node.yaml", configuration, strlen(configuration)};
    if (config_load_text(&text, &node_config_schema, d, ret_config) != 0 ||
        node_plan_new(*ret_config, d, ret) != 0) {
        for (size_t i = 0; i < diagnostics_kept(d); i++) {
            (void)fprintf(stderr, "%u: %s\n", diagnostics_at(d, i)->line,
                          diagnostics_at(d, i)->message);
        }
        abort();
    }
    diagnostics_free(d);
}

#endif

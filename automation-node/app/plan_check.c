#include "automation-node/app/plan_check.h"

#include "automation-node/app/plan_check_parts.h"

#include <errno.h>
#include <stdlib.h>

int plan_check(const struct config *config, const struct node_plan *plan,
               const struct signal_source *source, struct diagnostics *d)
{
    size_t count = plan->engine.input_count;
    struct plan_checker checker = {.config = config,
                                   .plan = plan,
                                   .root = plan->config,
                                   .source = source,
                                   .d = d,
                                   .ranges = calloc(count + 1, sizeof(*checker.ranges)),
                                   .labels = calloc(count + 1, sizeof(*checker.labels))};
    int r =
        checker.ranges != NULL && checker.labels != NULL ? plan_check_signals(&checker) : -ENOMEM;
    if (r == 0) {
        plan_check_logic(&checker);
        r = plan_check_cycles(&checker);
    }
    for (size_t i = 0; checker.labels != NULL && i < count; i++) {
        free(checker.labels[i]);
    }
    free(checker.labels);
    free(checker.ranges);
    return r;
}

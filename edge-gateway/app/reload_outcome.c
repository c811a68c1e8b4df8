#include "edge-gateway/app/reload_outcome.h"

#include <stdlib.h>

void reload_outcome_deinit(struct reload_outcome *outcome)
{
    free(outcome->error);
    reload_changes_deinit(&outcome->changes);
    *outcome = (struct reload_outcome){0};
}

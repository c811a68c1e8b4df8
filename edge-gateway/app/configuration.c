#include "edge-gateway/app/configuration.h"

#include <errno.h>
#include <stdlib.h>

int configuration_new(struct loaded *take, struct prepared *take_too, struct configuration **ret)
{
    struct configuration *configuration = calloc(1, sizeof(*configuration));
    if (configuration == NULL) {
        return -ENOMEM;
    }
    configuration->loaded = *take;
    configuration->prepared = *take_too;
    atomic_init(&configuration->users, 1);
    *take = (struct loaded){0};
    *take_too = (struct prepared){0};
    *ret = configuration;
    return 0;
}

struct configuration *configuration_hold(struct configuration *configuration)
{
    if (configuration != NULL) {
        atomic_fetch_add(&configuration->users, 1);
    }
    return configuration;
}

void configuration_release(struct configuration *configuration)
{
    if (configuration != NULL && atomic_fetch_sub(&configuration->users, 1) == 1) {
        prepared_deinit(&configuration->prepared);
        load_free(&configuration->loaded);
        free(configuration);
    }
}

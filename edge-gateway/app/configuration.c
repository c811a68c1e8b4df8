#include "edge-gateway/app/configuration.h"

#include <errno.h>
#include <stdlib.h>

int configuration_new(struct loaded *take, struct configuration **ret)
{
    struct configuration *configuration = calloc(1, sizeof(*configuration));
    if (configuration == NULL) {
        return -ENOMEM;
    }
    configuration->loaded = *take;
    configuration->users = 1;
    *take = (struct loaded){0};
    *ret = configuration;
    return 0;
}

struct configuration *configuration_hold(struct configuration *configuration)
{
    if (configuration != NULL) {
        configuration->users++;
    }
    return configuration;
}

void configuration_release(struct configuration *configuration)
{
    if (configuration != NULL && --configuration->users == 0) {
        load_free(&configuration->loaded);
        free(configuration);
    }
}

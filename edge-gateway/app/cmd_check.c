#include "edge-gateway/app/commands.h"

#include "edge-gateway/app/load.h"

#include <stdio.h>
#include <stdlib.h>

static void print_summary(const struct loaded *loaded)
{
    size_t messages = 0;
    for (size_t i = 0; i < loaded->plan->config->bus_count; i++) {
        messages += loaded->plan->buses[i].message_count;
    }
    (void)printf("ok: %zu bus%s, %zu messages, %zu warning%s\n", loaded->plan->config->bus_count,
                 loaded->plan->config->bus_count == 1 ? "" : "es", messages, loaded->warnings,
                 loaded->warnings == 1 ? "" : "s");
}

int cmd_check(int argc, char **argv)
{
    struct cli_config_options options;
    struct loaded loaded;
    int status;
    if (!cli_config_parse(argc, argv, "edge-gateway check", &options, &status)) {
        return status;
    }
    status = load_gateway(&options, &loaded);
    if (status != EXIT_SUCCESS) {
        return status;
    }
    if (options.print) {
        status = cli_print_config(loaded.config);
    } else {
        print_summary(&loaded);
    }
    load_free(&loaded);
    return status;
}

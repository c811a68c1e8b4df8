#include "edge-gateway/app/commands.h"

#include "edge-gateway/app/load.h"

#include <stdio.h>
#include <stdlib.h>

#define PRINT_MAX_BYTES (4u << 20)

static int print_config(const struct config *config)
{
    struct buf out;
    buf_init(&out, PRINT_MAX_BYTES);
    config_print(config, &out);
    bool ok = buf_ok(&out) && fwrite(out.data, 1, out.length, stdout) == out.length;
    buf_deinit(&out);
    return ok ? EXIT_SUCCESS : EXIT_FAULT;
}

int cmd_check(int argc, char **argv)
{
    struct loaded loaded;
    int status = load_from_arguments(
        argc, argv, "check",
        "Checks the configuration and its DBC files; needs neither broker nor bus.", &loaded);
    if (status != EXIT_SUCCESS || loaded.config == NULL) {
        return status;
    }
    if (loaded.print) {
        status = print_config(loaded.config);
    } else {
        size_t messages = 0;
        for (size_t i = 0; i < loaded.plan->config->bus_count; i++) {
            messages += loaded.plan->buses[i].message_count;
        }
        (void)printf("ok: %zu bus%s, %zu messages, %zu warning%s\n", loaded.plan->config->bus_count,
                     loaded.plan->config->bus_count == 1 ? "" : "es", messages, loaded.warnings,
                     loaded.warnings == 1 ? "" : "s");
    }
    load_free(&loaded);
    return status;
}

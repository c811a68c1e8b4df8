#include "edge-gateway/app/load.h"

#include "common/cli.h"

#include <stdlib.h>

static int load_file(const char *path, struct diagnostics *d, struct loaded *loaded)
{
    int r = config_load_file(path, &gateway_config_schema, d, &loaded->config);
    return r == 0 ? plan_new(loaded->config, d, &loaded->plan) : r;
}

int load_gateway(const struct cli_config_options *options, struct loaded *ret)
{
    struct loaded loaded = {0};
    struct diagnostics *d = diagnostics_new(0);
    if (d == NULL) {
        return EXIT_FAULT;
    }
    if (options->strict) {
        diagnostics_make_strict(d);
    }
    int r = load_file(options->path, d, &loaded);
    cli_print_diagnostics(d);
    loaded.warnings = diagnostics_count(d, SEVERITY_WARNING);
    bool faulty = r < 0 || diagnostics_count(d, SEVERITY_ERROR) > 0;
    diagnostics_free(d);
    if (faulty) {
        load_free(&loaded);
        return EXIT_FAULT;
    }
    *ret = loaded;
    return EXIT_SUCCESS;
}

void load_free(struct loaded *loaded)
{
    plan_free(loaded->plan);
    config_free(loaded->config);
    *loaded = (struct loaded){0};
}

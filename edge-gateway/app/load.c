#include "edge-gateway/app/load.h"

#include "common/cli.h"

#include <errno.h>
#include <stdlib.h>

int load_quietly(const struct cli_config_options *options, struct diagnostics *d,
                 struct loaded *ret)
{
    struct loaded loaded = {0};
    if (options->strict) {
        diagnostics_make_strict(d);
    }
    int r = config_load_file(options->path, &gateway_config_schema, d, &loaded.config);
    if (r == 0) {
        r = plan_new(loaded.config, d, &loaded.plan);
    }
    loaded.warnings = diagnostics_count(d, SEVERITY_WARNING);
    if (r == 0 && diagnostics_count(d, SEVERITY_ERROR) > 0) {
        r = -EINVAL;
    }
    if (r < 0) {
        load_free(&loaded);
        return r;
    }
    *ret = loaded;
    return 0;
}

int load_gateway(const struct cli_config_options *options, struct loaded *ret)
{
    struct diagnostics *d = diagnostics_new(0);
    int r = d != NULL ? load_quietly(options, d, ret) : -ENOMEM;
    cli_print_loaded(d, options->path, r);
    diagnostics_free(d);
    return r == 0 ? EXIT_SUCCESS : EXIT_FAULT;
}

void load_free(struct loaded *loaded)
{
    plan_free(loaded->plan);
    config_free(loaded->config);
    *loaded = (struct loaded){0};
}

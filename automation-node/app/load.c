#include "automation-node/app/load.h"

#include "automation-node/app/reload_answer.h"
#include "common/diagnostics_list.h"

#include <errno.h>
#include <stdlib.h>

void node_load_free(struct loaded *loaded)
{
    node_plan_free(loaded->plan);
    config_free(loaded->config);
}

int node_load(const struct cli_config_options *options, struct buf *mistakes, struct loaded *ret)
{
    struct loaded loaded = {0};
    struct diagnostics *d = diagnostics_new(0);
    if (d == NULL) {
        return cli_fault(options->path, -ENOMEM);
    }
    if (options->strict) {
        diagnostics_make_strict(d);
    }
    int r = config_load_file(options->path, &node_config_schema, d, &loaded.config);
    if (r == 0) {
        r = node_plan_new(loaded.config, d, &loaded.plan);
    }
    cli_print_loaded(d, options->path, r);
    bool faulty = r < 0 || diagnostics_count(d, SEVERITY_ERROR) > 0;
    if (mistakes != NULL) {
        diagnostics_list(d, RELOAD_ERROR_BYTES, mistakes);
    }
    diagnostics_free(d);
    if (faulty) {
        node_load_free(&loaded);
        return EXIT_FAULT;
    }
    *ret = loaded;
    return EXIT_SUCCESS;
}

#include "automation-node/app/load.h"

#include "automation-node/app/reload_answer.h"

#include <stdlib.h>
#include <string.h>

#define MORE_BYTES 64 /* for how many more mistakes there are */

void node_load_free(struct loaded *loaded)
{
    node_plan_free(loaded->plan);
    config_free(loaded->config);
}

/* Every mistake in a line of its own; what has no room is counted. */
static void list_mistakes(const struct diagnostics *d, struct buf *mistakes)
{
    char line[DIAGNOSTIC_MESSAGE_MAX_BYTES + 512];
    size_t left = diagnostics_count(d, SEVERITY_ERROR);
    for (size_t i = 0; i < diagnostics_kept(d); i++) {
        const struct diagnostic *diagnostic = diagnostics_at(d, i);
        if (diagnostic->severity != SEVERITY_ERROR) {
            continue;
        }
        (void)diagnostic_format(diagnostic, line, sizeof(line));
        if (mistakes->length + strlen(line) + MORE_BYTES > RELOAD_ERROR_BYTES) {
            break;
        }
        buf_printf(mistakes, "%s%s", mistakes->length > 0 ? "\n" : "", line);
        left--;
    }
    if (left > 0) {
        buf_printf(mistakes, "\n... and %zu more", left);
    }
}

int node_load(const struct cli_config_options *options, struct buf *mistakes, struct loaded *ret)
{
    struct loaded loaded = {0};
    struct diagnostics *d = diagnostics_new(0);
    if (d == NULL) {
        return EXIT_FAULT;
    }
    if (options->strict) {
        diagnostics_make_strict(d);
    }
    int r = config_load_file(options->path, &node_config_schema, d, &loaded.config);
    if (r == 0) {
        r = node_plan_new(loaded.config, d, &loaded.plan);
    }
    cli_print_diagnostics(d);
    bool faulty = r < 0 || diagnostics_count(d, SEVERITY_ERROR) > 0;
    if (mistakes != NULL) {
        list_mistakes(d, mistakes);
    }
    diagnostics_free(d);
    if (faulty) {
        node_load_free(&loaded);
        return EXIT_FAULT;
    }
    *ret = loaded;
    return EXIT_SUCCESS;
}

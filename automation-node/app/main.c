#include "automation-node/app/node.h"
#include "common/cli.h"
#include "common/daemon.h"
#include "common/log.h"

#include <stdio.h>
#include <stdlib.h>

struct loaded {
    struct config *config;
    struct node_plan *plan;
    size_t warnings;
};

static void unload(struct loaded *loaded)
{
    node_plan_free(loaded->plan);
    config_free(loaded->config);
}

static int load(const struct cli_config_options *options, struct loaded *ret)
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
    loaded.warnings = diagnostics_count(d, SEVERITY_WARNING);
    bool faulty = r < 0 || diagnostics_count(d, SEVERITY_ERROR) > 0;
    diagnostics_free(d);
    if (faulty) {
        unload(&loaded);
        return EXIT_FAULT;
    }
    *ret = loaded;
    return EXIT_SUCCESS;
}

static void stop_node(void *context)
{
    node_stop(context);
}

static int run_node(struct loop *loop, const struct loaded *loaded)
{
    struct node *node = NULL;
    int r = node_new(loop, loaded->config, loaded->plan, &node);
    if (r == 0) {
        node_start(node);
        log_info("node", "automation-node %s runs as %s/%s", EDGE_VERSION,
                 loaded->plan->config->site, loaded->plan->config->node);
        r = daemon_run(loop, "node", stop_node, node);
    }
    node_free(node);
    return r;
}

static int cmd_run(int argc, char **argv)
{
    struct cli_config_options options;
    struct loaded loaded;
    int status;
    if (!cli_config_parse(argc, argv, "automation-node run", &options, &status)) {
        return status;
    }
    status = load(&options, &loaded);
    if (status != EXIT_SUCCESS) {
        return status;
    }
    log_configure(NULL, loaded.plan->config->log.format, loaded.plan->config->log.level);
    struct loop *loop = NULL;
    int r = loop_new(&loop);
    if (r == 0) {
        r = run_node(loop, &loaded);
    }
    loop_free(loop);
    unload(&loaded);
    return r < 0 ? EXIT_FAULT : EXIT_SUCCESS;
}

static int cmd_check(int argc, char **argv)
{
    struct cli_config_options options;
    struct loaded loaded;
    int status;
    if (!cli_config_parse(argc, argv, "automation-node check", &options, &status)) {
        return status;
    }
    status = load(&options, &loaded);
    if (status != EXIT_SUCCESS) {
        return status;
    }
    if (options.print) {
        status = cli_print_config(loaded.config);
    } else {
        const struct node_config *config = loaded.plan->config;
        (void)printf("ok: %zu inputs, %zu devices, %zu thermostats, %zu rules, %zu warnings\n",
                     config->input_count, config->device_count, config->thermostat_count,
                     config->rule_count, loaded.warnings);
    }
    unload(&loaded);
    return status;
}

static const struct cli_command commands[] = {
    {"run", "the daemon", cmd_run},
    {"check", "validate a configuration", cmd_check},
};

int main(int argc, char **argv)
{
    const struct cli_program program = {"automation-node", commands,
                                        sizeof(commands) / sizeof(commands[0])};
    return cli_main(&program, argc, argv);
}

#include "automation-node/app/cmd_check.h"
#include "automation-node/app/cmd_simulate.h"
#include "automation-node/app/node.h"
#include "automation-node/app/rule_test.h"
#include "common/cli.h"
#include "common/daemon.h"
#include "common/log.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct loaded {
    struct config *config;
    struct node_plan *plan;
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
    bool faulty = r < 0 || diagnostics_count(d, SEVERITY_ERROR) > 0;
    diagnostics_free(d);
    if (faulty) {
        unload(&loaded);
        return EXIT_FAULT;
    }
    *ret = loaded;
    return EXIT_SUCCESS;
}

struct running {
    const struct cli_config_options *options;
    struct loaded loaded;
    struct node *node;
    bool stopping;
};

static void stop_node(void *context)
{
    struct running *running = context;
    running->stopping = true;
    node_stop(running->node);
}

static const char *stuck_part(void *context)
{
    struct running *running = context;
    return node_stuck_part(running->node);
}

static void configure_log(const struct loaded *loaded)
{
    log_configure(NULL, loaded->plan->config->log.format, loaded->plan->config->log.level);
}

static void on_reload(void *context, int signal_number)
{
    struct running *running = context;
    struct loaded loaded;
    (void)signal_number;
    if (running->stopping) {
        return;
    }
    log_info("node", "reloading %s", running->options->path);
    if (load(running->options, &loaded) != EXIT_SUCCESS) {
        log_error("node", "the configuration has errors, the node goes on with the old one");
        return;
    }
    if (node_replace(&running->node, loaded.config, loaded.plan) < 0) {
        log_error("node", "not reloaded, the node goes on with the old configuration");
        unload(&loaded);
        return;
    }
    unload(&running->loaded);
    running->loaded = loaded;
    configure_log(&running->loaded);
}

static int run_node(struct loop *loop, struct running *running)
{
    const struct loaded *loaded = &running->loaded;
    int r = loop_on_signal(loop, SIGHUP, on_reload, running);
    if (r == 0) {
        r = node_new(loop, loaded->config, loaded->plan, &running->node);
    }
    if (r == 0) {
        node_start(running->node);
        log_info("node", "automation-node %s runs as %s/%s", EDGE_VERSION,
                 loaded->plan->config->site, loaded->plan->config->node);
        const struct daemon_handler handler = {stop_node, stuck_part, running};
        r = daemon_run(loop, "node", &handler);
    }
    node_free(running->node);
    return r;
}

static int cmd_run(int argc, char **argv)
{
    struct cli_config_options options;
    struct running running = {.options = &options};
    int status;
    if (!cli_config_parse(argc, argv, "automation-node run", &options, &status)) {
        return status;
    }
    status = load(&options, &running.loaded);
    if (status != EXIT_SUCCESS) {
        return status;
    }
    configure_log(&running.loaded);
    struct loop *loop = NULL;
    int r = loop_new(&loop);
    if (r == 0) {
        r = run_node(loop, &running);
    }
    loop_free(loop);
    unload(&running.loaded);
    return r < 0 ? EXIT_FAULT : EXIT_SUCCESS;
}

static void print_test_help(FILE *to)
{
    (void)fprintf(to,
                  "usage: automation-node test FILE...\n\n"
                  "Runs rule tests in virtual time. A file has one statement per line:\n\n"
                  "  config FILE                        the configuration, first of all\n"
                  "  start 2026-11-26 05:59             sets the clock\n"
                  "  +10min ...   06:30 ...             time passes, then the statement\n"
                  "  INPUT VALUE | silent | bad | stale what an input shows from now on\n"
                  "  wish DEVICE VALUE [for 10min]      a person's wish; VALUE may be nothing\n"
                  "  rule NAME enable | disable | run\n"
                  "  message TOPIC PAYLOAD              triggers rules\n"
                  "  alarm NAME ack | reset | ...       what a person does, as on its topic\n"
                  "  DEVICE stuck | obeys               what a device does about commands\n"
                  "  expect DEVICE VALUE [because SOURCE]\n"
                  "  expect rule NAME runs NUMBER\n"
                  "  expect alarm NAME STATE            normal, active_unack, ...\n"
                  "  expect message TOPIC               one at least since the last such line\n");
}

static int cmd_test(int argc, char **argv)
{
    size_t expectations = 0;
    bool failed = false;
    if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        print_test_help(stdout);
        return EXIT_SUCCESS;
    }
    if (argc < 2 || argv[1][0] == '-') {
        print_test_help(stderr);
        return EXIT_USAGE;
    }
    for (int i = 1; i < argc; i++) {
        struct diagnostics *d = diagnostics_new(0);
        if (d == NULL) {
            return EXIT_FAULT;
        }
        struct rule_test_result result;
        int r = rule_test_run(argv[i], d, &result);
        cli_print_diagnostics(d);
        diagnostics_free(d);
        expectations += result.expectations;
        failed = failed || r < 0 || result.failures > 0;
    }
    if (!failed) {
        (void)printf("ok: %d files, %zu expectations\n", argc - 1, expectations);
    }
    return failed ? EXIT_FAULT : EXIT_SUCCESS;
}

static const struct cli_command commands[] = {
    {"run", "the daemon", cmd_run},
    {"check", "validate a configuration", cmd_check},
    {"test", "run rule tests in virtual time", cmd_test},
    {"simulate", "run the rules over recorded days", cmd_simulate},
};

int main(int argc, char **argv)
{
    const struct cli_program program = {"automation-node", commands,
                                        sizeof(commands) / sizeof(commands[0])};
    return cli_main(&program, argc, argv);
}

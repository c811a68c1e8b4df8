#include "edge-gateway/app/commands.h"

#include "common/build_facts.h"
#include "common/clock.h"
#include "common/daemon.h"
#include "common/log.h"
#include "common/worker.h"
#include "edge-gateway/app/gateway.h"
#include "edge-gateway/app/load.h"
#include "edge-gateway/app/reload.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

struct running {
    const struct cli_config_options *options;
    struct loop *loop;
    struct gateway *gateway;
    struct reload *reload; /* NULL until the gateway is there */
    struct service_manager manager;
};

static void stop_gateway(void *context)
{
    struct running *running = context;
    reload_free(running->reload);
    running->reload = NULL;
    gateway_stop(running->gateway);
}

static const char *stuck_part(void *context)
{
    struct running *running = context;
    return gateway_stuck_part(running->gateway);
}

static void on_reload(void *context)
{
    struct running *running = context;
    if (running->reload != NULL) {
        reload_ask(running->reload);
    }
}

static void on_hangup(void *context, int signal_number)
{
    (void)signal_number;
    on_reload(context);
}

static int start(struct running *running, struct configuration *configuration)
{
    const struct gateway_config *config = configuration->loaded.plan->config;
    int r = loop_on_signal(running->loop, SIGHUP, on_hangup, running);
    r = r < 0 ? r : gateway_new(running->loop, configuration, &running->gateway);
    r = r < 0 ? r
              : reload_new(running->loop, running->options, &running->manager, running->gateway,
                           &running->reload);
    if (r < 0) {
        return r;
    }
    gateway_on_reload(running->gateway, on_reload, running);
    gateway_know_build(running->gateway, &build_facts);
    r = gateway_start(running->gateway);
    if (r == 0) {
        log_info("gateway", "edge-gateway %s runs as %s/%s", EDGE_VERSION, config->site,
                 config->node);
    }
    return r;
}

static int run(struct running *running, struct configuration *configuration)
{
    int r = loop_new(&running->loop);
    r = r < 0 ? r : start(running, configuration);
    configuration_release(configuration); /* the gateway holds it */
    if (r < 0) {
        log_error("gateway", "not started: %s", worker_error_text(r));
    }
    if (r == 0) {
        const struct daemon_handler handler = {.stop = stop_gateway,
                                               .stuck = stuck_part,
                                               .context = running,
                                               .manager = &running->manager};
        r = daemon_run(running->loop, "gateway", &handler);
    }
    reload_free(running->reload);
    gateway_free(running->gateway);
    loop_free(running->loop);
    return r;
}

int cmd_run(int argc, char **argv)
{
    struct cli_config_options options;
    struct running running = {.options = &options, .manager = {.fd = -1}};
    struct loaded loaded;
    struct prepared prepared = {.catalog = NULL};
    struct configuration *configuration;
    int status;
    if (!cli_config_parse(argc, argv, "edge-gateway run", &options, &status)) {
        return status;
    }
    status = load_gateway(&options, &loaded);
    if (status != EXIT_SUCCESS) {
        return status;
    }
    const struct gateway_config *config = loaded.plan->config;
    log_identify("edge-gateway", config->site, config->node);
    log_config_apply(&config->log);
    if (log_keep(LOG_CONFIG_KEEP_BYTES) < 0) {
        log_warning("log", "no memory for its newest lines: `support` tells none");
    }
    if (prepared_make(loaded.plan, clock_system.realtime_us(NULL), &prepared) < 0 ||
        configuration_new(&loaded, &prepared, &configuration) < 0) {
        prepared_deinit(&prepared);
        load_free(&loaded);
        return cli_fault(options.path, -ENOMEM);
    }
    return run(&running, configuration) < 0 ? EXIT_FAULT : EXIT_SUCCESS;
}

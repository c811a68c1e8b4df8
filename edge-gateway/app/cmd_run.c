#include "edge-gateway/app/commands.h"

#include "common/log.h"
#include "edge-gateway/app/gateway.h"
#include "edge-gateway/app/load.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void on_stop_signal(void *context, int signal_number)
{
    log_info("gateway", "stopping (%s)", strsignal(signal_number));
    gateway_stop(context);
}

static int run_gateway(struct loop *loop, const struct loaded *loaded)
{
    struct gateway *gateway = NULL;
    int r = gateway_new(loop, loaded->config, loaded->plan, &gateway);
    if (r == 0) {
        r = loop_on_signal(loop, SIGTERM, on_stop_signal, gateway);
    }
    if (r == 0) {
        r = loop_on_signal(loop, SIGINT, on_stop_signal, gateway);
    }
    if (r == 0) {
        r = gateway_start(gateway);
    }
    if (r == 0) {
        log_info("gateway", "edge-gateway %s runs as %s/%s", EDGE_VERSION,
                 loaded->plan->config->site, loaded->plan->config->node);
        r = loop_run(loop);
    }
    gateway_free(gateway);
    if (r < 0) {
        log_error("gateway", "stopped: %s", strerror(-r));
    }
    return r;
}

int cmd_run(int argc, char **argv)
{
    struct loaded loaded;
    int status = load_from_arguments(argc, argv, "run", "Runs the gateway until SIGTERM or SIGINT.",
                                     &loaded);
    if (status != EXIT_SUCCESS || loaded.config == NULL) {
        return status;
    }
    const struct log_config *log = &loaded.plan->config->log;
    log_configure(NULL, log->format, log->level);
    struct loop *loop = NULL;
    int r = loop_new(&loop);
    if (r == 0) {
        r = run_gateway(loop, &loaded);
    }
    loop_free(loop);
    load_free(&loaded);
    return r < 0 ? EXIT_FAULT : EXIT_SUCCESS;
}

#include "edge-gateway/app/commands.h"

#include "common/daemon.h"
#include "common/log.h"
#include "edge-gateway/app/gateway.h"
#include "edge-gateway/app/load.h"

#include <stdlib.h>

static void stop_gateway(void *context)
{
    gateway_stop(context);
}

static const char *stuck_part(void *context)
{
    return gateway_stuck_part(context);
}

static int run_gateway(struct loop *loop, const struct loaded *loaded)
{
    struct gateway *gateway = NULL;
    int r = gateway_new(loop, loaded->config, loaded->plan, &gateway);
    if (r == 0) {
        r = gateway_start(gateway);
    }
    if (r == 0) {
        log_info("gateway", "edge-gateway %s runs as %s/%s", EDGE_VERSION,
                 loaded->plan->config->site, loaded->plan->config->node);
        const struct daemon_handler handler = {stop_gateway, stuck_part, gateway};
        r = daemon_run(loop, "gateway", &handler);
    }
    gateway_free(gateway);
    return r;
}

int cmd_run(int argc, char **argv)
{
    struct cli_config_options options;
    struct loaded loaded;
    int status;
    if (!cli_config_parse(argc, argv, "edge-gateway run", &options, &status)) {
        return status;
    }
    status = load_gateway(&options, &loaded);
    if (status != EXIT_SUCCESS) {
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

#include "automation-node/app/cmd_run.h"

#include "automation-node/app/load.h"
#include "automation-node/app/node.h"
#include "automation-node/app/reload_answer.h"
#include "common/buf.h"
#include "common/build_facts.h"
#include "common/cli.h"
#include "common/daemon.h"
#include "common/log.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct running {
    const struct cli_config_options *options;
    struct loop *loop;
    struct timer turn;   /* likewise: the node leads, or no longer does */
    struct timer reload; /* asked for over MQTT: not while the node is at work */
    struct loaded loaded;
    struct node *node;
    bool stopping;
    struct service_manager manager;
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

/* False: the node goes on as it is, and `error` says why. */
static bool replace(struct running *running, struct buf *error)
{
    struct loaded loaded;
    char reason[NODE_ERROR_SIZE];
    if (node_load(running->options, error, &loaded) != EXIT_SUCCESS) {
        log_error("node", "the configuration has errors, the node goes on with the old one");
        return false;
    }
    if (node_replace(&running->node, loaded.config, loaded.plan, reason) < 0) {
        log_error("node", "not reloaded, the node goes on with the old configuration: %s", reason);
        buf_puts(error, reason);
        node_load_free(&loaded);
        return false;
    }
    node_load_free(&running->loaded);
    running->loaded = loaded;
    log_config_apply(&running->loaded.plan->config->log);
    return true;
}

static void reload(struct running *running)
{
    struct buf error;
    if (running->stopping) {
        return;
    }
    service_manager_tell_reloading(&running->manager, loop_now_us(running->loop));
    log_info("node", "reloading %s", running->options->path);
    buf_init(&error, RELOAD_ERROR_BYTES);
    bool done = replace(running, &error);
    const char *why = error.length > 0 && buf_ok(&error) ? error.data : "the log says why";
    node_answer_reload(running->node, done ? NULL : why);
    buf_deinit(&error);
    service_manager_tell(&running->manager, "READY=1");
}

static void on_signal(void *context, int signal_number)
{
    (void)signal_number;
    reload(context);
}

static void on_reload(void *context)
{
    reload(context);
}

static void on_turn(void *context)
{
    struct running *running = context;
    char reason[NODE_ERROR_SIZE];
    if (running->stopping) {
        return; /* it gave the lead away for that */
    }
    if (node_turn(&running->node, reason) < 0) {
        log_error("node", "cannot go on: %s", reason);
        loop_stop(running->loop, -ECANCELED);
    }
}

static void on_turned(void *context)
{
    struct running *running = context;
    loop_timer_after(running->loop, &running->turn, 0);
}

static void on_request(void *context)
{
    struct running *running = context;
    loop_timer_after(running->loop, &running->reload, 0);
}

static int run_node(struct loop *loop, struct running *running)
{
    const struct loaded *loaded = &running->loaded;
    int r = loop_on_signal(loop, SIGHUP, on_signal, running);
    if (r == 0) {
        r = node_new(loop, loaded->config, loaded->plan, &running->node);
    }
    if (r == -ENOMEM) {
        log_error("node", "not started: out of memory");
    }
    if (r == 0) {
        node_on_reload(running->node, on_request, running);
        node_know_build(running->node, &build_facts);
        node_on_turn(running->node, on_turned, running);
        node_start(running->node);
        log_info("node", "automation-node %s runs as %s/%s", EDGE_VERSION,
                 loaded->plan->config->site, loaded->plan->config->node);
        const struct daemon_handler handler = {.stop = stop_node,
                                               .stuck = stuck_part,
                                               .context = running,
                                               .manager = &running->manager};
        r = daemon_run(loop, "node", &handler);
    }
    loop_timer_cancel(loop, &running->reload);
    loop_timer_cancel(loop, &running->turn);
    node_free(running->node);
    return r;
}

int cmd_run(int argc, char **argv)
{
    struct cli_config_options options;
    struct running running = {.options = &options, .manager = {.fd = -1}};
    running.reload = (struct timer){.fn = on_reload, .context = &running};
    running.turn = (struct timer){.fn = on_turn, .context = &running};
    int status;
    if (!cli_config_parse(argc, argv, "automation-node run", &options, &status)) {
        return status;
    }
    status = node_load(&options, NULL, &running.loaded);
    if (status != EXIT_SUCCESS) {
        return status;
    }
    const struct node_config *config = running.loaded.plan->config;
    log_identify("automation-node", config->site, config->node);
    log_config_apply(&config->log);
    if (log_keep(LOG_CONFIG_KEEP_BYTES) < 0) {
        log_warning("log", "no memory for its newest lines: `support` tells none");
    }
    struct loop *loop = NULL;
    int r = loop_new(&loop);
    if (r == 0) {
        running.loop = loop;
        r = run_node(loop, &running);
    } else {
        log_error("node", "not started: %s", strerror(-r));
    }
    loop_free(loop);
    node_load_free(&running.loaded);
    return r < 0 ? EXIT_FAULT : EXIT_SUCCESS;
}

#include "automation-node/app/cmd_run.h"

#include "automation-node/app/node.h"
#include "automation-node/app/reload_answer.h"
#include "common/buf.h"
#include "common/cli.h"
#include "common/daemon.h"
#include "common/log.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define MORE_BYTES 64 /* for how many more mistakes there are */

struct loaded {
    struct config *config;
    struct node_plan *plan;
};

static void unload(struct loaded *loaded)
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

/* `mistakes`: NULL = nobody asks for them beyond standard error. */
static int load(const struct cli_config_options *options, struct buf *mistakes, struct loaded *ret)
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
        unload(&loaded);
        return EXIT_FAULT;
    }
    *ret = loaded;
    return EXIT_SUCCESS;
}

struct running {
    const struct cli_config_options *options;
    struct loop *loop;
    struct timer reload; /* asked for over MQTT: not while the node is at work */
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

/* False: the node goes on as it is, and `error` says why. */
static bool replace(struct running *running, struct buf *error)
{
    struct loaded loaded;
    char reason[NODE_ERROR_SIZE];
    if (load(running->options, error, &loaded) != EXIT_SUCCESS) {
        log_error("node", "the configuration has errors, the node goes on with the old one");
        return false;
    }
    if (node_replace(&running->node, loaded.config, loaded.plan, reason) < 0) {
        log_error("node", "not reloaded, the node goes on with the old configuration: %s", reason);
        buf_puts(error, reason);
        unload(&loaded);
        return false;
    }
    unload(&running->loaded);
    running->loaded = loaded;
    configure_log(&running->loaded);
    return true;
}

static void reload(struct running *running)
{
    struct buf error;
    if (running->stopping) {
        return;
    }
    log_info("node", "reloading %s", running->options->path);
    buf_init(&error, RELOAD_ERROR_BYTES);
    bool done = replace(running, &error);
    const char *why = error.length > 0 && buf_ok(&error) ? error.data : "the log says why";
    node_answer_reload(running->node, done ? NULL : why);
    buf_deinit(&error);
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
    if (r == 0) {
        node_on_reload(running->node, on_request, running);
        node_start(running->node);
        log_info("node", "automation-node %s runs as %s/%s", EDGE_VERSION,
                 loaded->plan->config->site, loaded->plan->config->node);
        const struct daemon_handler handler = {stop_node, stuck_part, running};
        r = daemon_run(loop, "node", &handler);
    }
    loop_timer_cancel(loop, &running->reload);
    node_free(running->node);
    return r;
}

int cmd_run(int argc, char **argv)
{
    struct cli_config_options options;
    struct running running = {.options = &options};
    running.reload = (struct timer){.fn = on_reload, .context = &running};
    int status;
    if (!cli_config_parse(argc, argv, "automation-node run", &options, &status)) {
        return status;
    }
    status = load(&options, NULL, &running.loaded);
    if (status != EXIT_SUCCESS) {
        return status;
    }
    configure_log(&running.loaded);
    struct loop *loop = NULL;
    int r = loop_new(&loop);
    if (r == 0) {
        running.loop = loop;
        r = run_node(loop, &running);
    }
    loop_free(loop);
    unload(&running.loaded);
    return r < 0 ? EXIT_FAULT : EXIT_SUCCESS;
}

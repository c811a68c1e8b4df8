#include "edge-gateway/app/reload.h"

#include "common/diagnostics_list.h"
#include "common/log.h"
#include "common/offload.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_AGAIN_US (200 * US_PER_MS) /* whether a recording has ended */

/* What the thread makes; its own until it is done. */
struct reading {
    struct cli_config_options options;
    char *path; /* of the options */
    struct reload *reload;
    struct diagnostics *d;
    struct loaded loaded;
    struct configuration *before; /* held; in force until this one is */
    int64_t started_us;
    struct prepared prepared;
    struct reload_changes changes;
};

struct reload {
    struct loop *loop;
    const struct cli_config_options *options;
    const struct service_manager *manager;
    struct gateway *gateway;
    struct offload *offload;             /* NULL: nothing is read */
    struct configuration *configuration; /* waits to be taken over; NULL: none */
    struct reload_changes changes;       /* what that changes */
    struct timer timer;                  /* until that is possible, or to begin again */
    bool again;                          /* it was asked for meanwhile */
};

/* In the loop or, if nobody waits for it any more, in the thread. */
static void free_reading(void *context)
{
    struct reading *reading = context;
    diagnostics_free(reading->d);
    reload_changes_deinit(&reading->changes);
    prepared_deinit(&reading->prepared);
    configuration_release(reading->before);
    load_free(&reading->loaded);
    free(reading->path);
    free(reading);
}

/* In the thread. */
static int read_all(void *context)
{
    struct reading *reading = context;
    int r = load_quietly(&reading->options, reading->d, &reading->loaded);
    const struct gateway_plan *plan = reading->loaded.plan;
    r = r < 0 ? r : prepared_make(plan, reading->started_us, &reading->prepared);
    return r < 0 ? r : reload_changes_find(reading->before->loaded.plan, plan, &reading->changes);
}

/* ---- the end ---------------------------------------------------------------------------- */

/* `outcome` is taken. Whoever asked once more meant what the file says by now. */
static void finish(struct reload *reload, struct reload_outcome *outcome)
{
    if (reload->again) {
        reload_outcome_deinit(outcome);
        loop_timer_after(reload->loop, &reload->timer, 0);
        return;
    }
    service_manager_tell(reload->manager, "READY=1");
    gateway_answer_reload(reload->gateway, outcome);
}

static void refuse(struct reload *reload, const char *why)
{
    struct reload_outcome outcome = {.error = strdup(why)};
    finish(reload, &outcome);
}

static void tell_done(const struct reload_changes *changes, int64_t took_us)
{
    log_info("gateway",
             "reloaded: %lu things go on as they were, %zu changed, %zu removed, %zu new; it took "
             "%.1f ms of the loop",
             (unsigned long)changes->kept, reload_changes_count(changes, PAYLOAD_RELOAD_CHANGED),
             reload_changes_count(changes, PAYLOAD_RELOAD_REMOVED),
             reload_changes_count(changes, PAYLOAD_RELOAD_NEW), (double)took_us / US_PER_MS);
}

static void take_over(struct reload *reload)
{
    struct configuration *configuration = reload->configuration;
    struct reload_outcome outcome = {.changes = reload->changes};
    struct buf error;
    buf_init(&error, RELOAD_ERROR_BYTES);
    reload->configuration = NULL;
    reload->changes = (struct reload_changes){0};
    int64_t begun_us = clock_system.monotonic_us(NULL); /* the loop's stands still meanwhile */
    if (gateway_replace(reload->gateway, configuration, &error) < 0) {
        reload_outcome_deinit(&outcome);
        const char *why = buf_ok(&error) ? error.data : "out of memory";
        log_error("gateway", "not reloaded, the gateway goes on with the old configuration: %s",
                  why);
        refuse(reload, why);
    } else {
        log_config_apply(&configuration->loaded.plan->config->log);
        tell_done(&outcome.changes, clock_system.monotonic_us(NULL) - begun_us);
        finish(reload, &outcome);
    }
    buf_deinit(&error);
    configuration_release(configuration);
}

static void take_over_if_possible(struct reload *reload)
{
    if (gateway_can_replace(reload->gateway, reload->configuration)) {
        take_over(reload);
        return;
    }
    loop_timer_after(reload->loop, &reload->timer, LOOK_AGAIN_US);
}

/* ---- reading ---------------------------------------------------------------------------- */

static void refuse_faulty(struct reload *reload, const struct diagnostics *d)
{
    struct buf mistakes;
    buf_init(&mistakes, RELOAD_ERROR_BYTES);
    diagnostics_list(d, RELOAD_ERROR_BYTES, &mistakes);
    log_error("gateway",
              "the configuration has errors, the gateway goes on with the old one: see above");
    refuse(reload, buf_ok(&mistakes) && mistakes.length > 0 ? mistakes.data : "out of memory");
    buf_deinit(&mistakes);
}

static void on_read(void *context, int result)
{
    struct reading *reading = context;
    struct reload *reload = reading->reload;
    reload->offload = NULL;
    cli_print_diagnostics(reading->d);
    int r = result == 0
                ? configuration_new(&reading->loaded, &reading->prepared, &reload->configuration)
                : result;
    if (r == 0) {
        reload->changes = reading->changes;
        reading->changes = (struct reload_changes){0};
        take_over_if_possible(reload);
    } else {
        refuse_faulty(reload, reading->d);
    }
    free_reading(reading);
}

static int read_in_thread(struct reload *reload)
{
    struct reading *reading = calloc(1, sizeof(*reading));
    if (reading == NULL) {
        return -ENOMEM;
    }
    reading->reload = reload;
    reading->before = configuration_hold(gateway_configuration(reload->gateway));
    reading->started_us = gateway_started_us(reload->gateway);
    reading->path = strdup(reload->options->path);
    reading->d = diagnostics_new(0);
    reading->options = *reload->options;
    reading->options.path = reading->path;
    const struct offload_call call = {read_all, on_read, free_reading, reading};
    int r = reading->path != NULL && reading->d != NULL
                ? offload_start(reload->loop, &call, &reload->offload)
                : -ENOMEM;
    if (r < 0) {
        free_reading(reading);
    }
    return r;
}

static void begin(struct reload *reload)
{
    log_info("gateway", "reloading %s", reload->options->path);
    service_manager_tell_reloading(reload->manager, loop_now_us(reload->loop));
    int r = read_in_thread(reload);
    if (r < 0) {
        log_error("gateway", "not reloaded: %s", strerror(-r));
        refuse(reload, strerror(-r));
    }
}

static void on_timer(void *context)
{
    struct reload *reload = context;
    if (reload->configuration != NULL) {
        take_over_if_possible(reload);
    } else {
        reload->again = false;
        begin(reload);
    }
}

void reload_ask(struct reload *reload)
{
    bool is_under_way =
        reload->offload != NULL || reload->configuration != NULL || timer_is_armed(&reload->timer);
    if (is_under_way) {
        reload->again = true;
    } else {
        loop_timer_after(reload->loop, &reload->timer, 0); /* not while the gateway is at work */
    }
}

/* ---- beginning and end ------------------------------------------------------------------ */

int reload_new(struct loop *loop, const struct cli_config_options *options,
               const struct service_manager *manager, struct gateway *gateway, struct reload **ret)
{
    struct reload *reload = calloc(1, sizeof(*reload));
    if (reload == NULL) {
        return -ENOMEM;
    }
    reload->loop = loop;
    reload->options = options;
    reload->manager = manager;
    reload->gateway = gateway;
    reload->timer = (struct timer){.fn = on_timer, .context = reload};
    *ret = reload;
    return 0;
}

void reload_free(struct reload *reload)
{
    if (reload != NULL) {
        loop_timer_cancel(reload->loop, &reload->timer);
        offload_abandon(reload->offload);
        configuration_release(reload->configuration);
        reload_changes_deinit(&reload->changes);
        free(reload);
    }
}
